"""The same wrong answer fails in both languages, and a word that only looks alike harms none."""

from typing import Any

import pytest
from conftest import ROOT

from pipeline import files
from pipeline.tasks import Task, checks
from pipeline.wordforms import present

WRONG = [
    # task, check, English, Russian: a banned word in a form, or a distractor beside the detail
    ("better_toasts", "avoids", "She lied, and kindly.", "Она солгала, и по-доброму."),
    ("better_toasts", "avoids", "It was no deception.", "Это был не самообман."),
    ("better_toasts", "avoids", "An untruth that held.", "Неправда, которая держалась."),
    ("better_toasts", "avoids", "Lying for love.", "Лжи здесь нет."),
    ("blank_line", "avoids", "A kind of mistrust.", "Своего рода недоверие."),
    ("blank_line", "avoids", "Out of disrespect.", "Из неуважения."),
    ("blank_line", "avoids", "He draws his boundaries.", "Он чертит свои границы."),
    ("bus_that_did_not_come", "avoids", "I was not joking.", "Я не пошутил."),
    ("bus_that_did_not_come", "avoids", "No joke.", "Я шучу, он вышучивал."),
    ("bus_that_did_not_come", "avoids", "Nothing insincere in it.", "Ничего неискреннего нет."),
    ("bus_that_did_not_come", "avoids", "An ironic reading.", "Ироничное прочтение."),
    ("bus_that_did_not_come", "avoids", "It would be dishonest.", "Это было бы нечестно."),
    ("crossed_out_name", "avoids", "It is unforgivable.", "Это непростительно."),
    ("crossed_out_name", "avoids", "I make no apologies.", "Я не извиняюсь."),
    ("crossed_out_name", "avoids", "You forgave them.", "Я прощён не буду."),
    ("crossed_out_name", "avoids", "Thankless work.", "Неблагодарная работа."),
    ("forty_one_years", "avoids", "Every little helps.", "Капля камень точит."),
    ("forty_one_years", "avoids", "We'll never know.", "Кто знает, что было бы."),
    ("glove_on_fence", "avoids", "It was lost here.", "Её здесь потеряли."),
    ("glove_on_fence", "avoids", "A small loss.", "Маленькая потеря."),
    ("glove_on_fence", "avoids", "Losing it was easy.", "Затерялась она легко."),
    ("glove_on_fence", "avoids", "No landowner minds.", "Она бесхозяйная."),
    ("glove_on_fence", "avoids", "It belonged to a child.", "Принадлежала ребёнку."),
    ("house_museum", "avoids", "Quite unoriginal.", "Совсем неоригинально."),
    ("house_museum", "avoids", "The authenticity of it.", "Его подлинность."),
    ("house_museum", "avoids", "Genuinely his.", "По-настоящему его."),
    ("late_book", "avoids", "Dishonestly kept.", "Нечестно оставлена."),
    ("late_book", "avoids", "A conscientious man.", "Бессовестный человек."),
    ("meter_reader_legend", "avoids", "A lone door.", "Дверь одиночки."),
    ("meter_reader_legend", "avoids", "An immemorial knock.", "Беспамятный стук."),
    ("meter_reader_legend", "avoids", "A sign of remembrance.", "Знак напоминания."),
    ("one_plaque", "avoids", "However, he did.", "Однако он донёс."),
    ("pale_rectangle", "avoids", "The absent picture.", "Отсутствующая картина."),
    ("pale_rectangle", "avoids", "A memorial of light.", "Памятник свету."),
    ("recorded_apology", "avoids", "Insincerely said.", "Неискренне сказано."),
    ("recorded_apology", "avoids", "An informal voice.", "Неформальный голос."),
    ("recorded_apology", "avoids", "Impolitely silent.", "Невежливо молчит."),
    ("snow_in_june", "avoids", "Snow in their hearts.", "Снег в их сердцах."),
    ("three_and_not_fourth", "avoids", "It is impossible.", "Это невозможно."),
    ("three_and_not_fourth", "avoids", "Hopelessly ready.", "Безнадёжно готова."),
    ("three_and_not_fourth", "avoids", "They were hoping.", "Они надеялись."),
    ("three_and_not_fourth", "avoids", "Hopeful.", "Это обнадёживает."),
    ("three_and_not_fourth", "avoids", "Still unused.", "Пока неиспользованная."),
    ("to_be", "avoids", "As Heidegger says.", "Как говорит Хайдеггер."),
    ("trade_of_forgiving", "avoids", "He is unburdened.", "Он не обременён."),
    ("trade_of_forgiving", "avoids", "Without resentment.", "Без обиды."),
    ("trade_of_forgiving", "avoids", "He lets the rope go.", "Отпускает."),
    ("trade_of_forgiving", "avoids", "Let your anger go.", "Отпустите гнев."),
    *(
        ("to_be", "avoids", f"As {en} says.", f"Как говорит {ru}.")
        for en, ru in (
            ("Leibniz", "Лейбниц"),
            ("Nietzsche", "Ницше"),
            ("Wittgenstein", "Витгенштейн"),
            ("Aquinas", "Фома Аквинский"),
            ("Hume", "Юм"),
            ("Deleuze", "Делёз"),
            ("Laozi", "Лао-цзы"),
            ("Schopenhauer", "Шопенгауэр"),
        )
    ),
    ("trade_of_forgiving", "avoids", "She let it go.", "Она его отпустила."),
    ("waking_lullaby", "avoids", "Angels keep you.", "Ангелы хранят тебя."),
    ("waking_lullaby", "uses", "Rest in your shoes.", "Спина в тепле, башмаки тут."),
    ("border_at_lunch", "uses", "A coward and his soup.", "Корова и её супруг."),
    ("snow_in_june", "uses", "Snow, and dryly said.", "Снег и сухарь."),
    ("tirn", "uses", "A word.", "Слово."),
    ("five_concepts", "uses", "Sourdough and zugzwang.", "Закваска и цугцванг."),
    ("nine_chairs", "planted", "The heron, and not the hare.", "Цапля, а не заяц."),
    ("nine_chairs", "planted", "Between heron and hares.", "Цапля спорила с зайцем."),
    ("nine_chairs", "planted", "The heron or the wheel.", "Цапля или колесо."),
    ("nine_chairs", "planted", "The heron by the wheels.", "Цапля под колёсами."),
    ("nine_chairs", "planted", "The heron by the sieve.", "Цапля возле решета."),
    ("nine_chairs", "planted", "The heron, or a beetle.", "Цапля или жук."),
    ("heavy_pound", "planted", "With brick and with soap.", "Кирпичом и мылом."),
    ("heavy_pound", "planted", "With soapy brick dust.", "Мыльным кирпичом."),
    ("heavy_pound", "planted", "With brick and vinegar.", "Кирпичом и уксусом."),
    ("heavy_pound", "planted", "With brick, once with chalk.", "Кирпичом, прежде мелом."),
    ("salt_clock", "planted", "The barley, or the blue.", "Ячмень или синяя."),
    ("salt_clock", "planted", "Barley and the grease.", "Ячмень и немного сала."),
    ("salt_clock", "planted", "Barley, not the goose.", "Ячмень, а не сало."),
    ("salt_clock", "planted", "Barley, not the hook.", "Ячмень, а не крючок."),
    ("salt_clock", "planted", "Barley beside blue paint.", "Ячмень при синей краске."),
    ("salt_clock", "planted", "Barley, and the felt.", "Ячмень и войлок."),
    ("salt_clock", "planted", "Barley, or quicksilver.", "Ячмень или ртуть."),
    ("salt_clock", "planted", "Barley, with whale oil.", "Ячмень с ворванью."),
    ("fire_in_july", "planted", "In the pike, or the bust.", "В щуке или в бюсте."),
    ("fire_in_july", "planted", "The dentist or the chemist.", "Дантист или аптекарь."),
    ("first_child", "planted", "After the tug it held a bull.", "После перетягивания держал быка."),
    ("first_child", "planted", "A tug, and the new bell.", "Перетягивал с новым колоколом."),
    ("flattering_glass", "planted", "Swallow, or fish.", "Ласточка или рыба."),
    ("flattering_glass", "planted", "Swallow, or bell.", "Ласточка или колокол."),
    ("green_buoy", "planted", "The regatta and the bishop.", "Ради регаты и епископа."),
    ("what_father_left", "planted", "A concertina, or a zither.", "Концертину или цитру."),
    ("fog_bell", "planted", "25 times.", "25 раз."),
    ("fog_bell", "planted", "0 or 25 times.", "0 или 25 раз."),
    ("fog_bell", "planted", "Twenty-five times, or 0.", "Двадцать пять раз, если не 0."),
    ("fog_bell", "planted", "0.3 times a minute.", "0,3 раза в минуту."),
    ("fog_bell", "planted", "25 times. Or 0.", "Двадцать пять. Или 0."),
    ("fire_in_july", "planted", "Not inside the pike but in the stove.", "Не в щуке, а в печи."),
    ("unasked_papers", "planted", "From 1962, not 1961.", "С 1962-го, а не 1961-го."),
    ("unasked_papers", "planted", "From 1962 or 1961.", "С 1962 или с 1961 года."),
    ("first_child", "planted", "It was used to tug the ferry.", "Им перетягивали паром."),
    ("what_father_left", "planted", "A concertina, No. 14.", "Концертину, № 14."),
    ("what_father_left", "planted", "A concertina.", "Концертину."),
    (
        "what_father_left",
        "planted",
        "No. 12 or No. 10: a concertina.",
        "№ 12 или № 10, концертина.",
    ),
    ("green_buoy", "planted", "The cable to the island, or the regatta.", "Остров или регата."),
    ("unasked_papers", "planted", "From 1841 or 1961.", "С 1841 или с 1961 года."),
]
CASES = {
    "nine_chairs": """чертополох чертополоха чертополоху чертополохом чертополохе груша груши
    груше грушу грушей груш жук жука жуку жуком жуке якорь якоря якорю
    якорем якоре заяц зайца зайцу зайцем зайце половник половника
    половнику половником половнике колесо колеса колесу колесом колесе
    решето решета решету решетом решете""",
    "heavy_pound": "мылом уксус уксуса уксусу уксусом уксусе мелом мел",
    "salt_clock": """сало сала салу салом сале гусиное гусиного крюк крюка крюку крюком крюке
    синяя синей синюю краска краски краску краской войлок войлока
    войлоку войлоком войлоке ртуть ртути ртутью ворвань ворвани ворванью верёвка верёвки верёвку
    верёвкой верёвок замок замка замку замком замке""",
    "fire_in_july": """подставка подставки подставку подставке подставкой бюст бюста бюсту
    бюстом бюсте маятник маятника маятнику маятником маятнике""",
    "first_child": """бык быка быку быком быке новый_колокол нового_колокола новому_колоколу
    новым_колоколом новом_колоколе""",
    "flattering_glass": """якорь якоря якорю якорем якоре рыба рыбы рыбу рыбе рыбой колокол
    колокола колоколу колоколом колоколе""",
    "green_buoy": """епископ епископа епископу епископом епископе остров острова острову
    островом острове""",
    "what_father_left": """мандолина мандолины мандолину мандолине мандолиной флейта флейты флейту
    флейте флейтой цитра цитры цитру цитре цитрой""",
}
"""The distractors in every case."""
RIGHT = [
    ("better_toasts", "avoids", "A lieutenant relied on it.", "Оправдание лежало рядом."),
    ("blank_line", "avoids", "Each in its respective place.", "Довершите ограничение."),
    ("bus_that_did_not_come", "avoids", "An iron bench.", "Дети пишут и машут."),
    ("crossed_out_name", "avoids", "The field lies open.", "Простирается поле благодаря реке."),
    ("glove_on_fence", "avoids", "Close to the downer cow.", "Сказали матерям."),
    ("house_museum", "avoids", "The origin of species.", "Настоятель молчит."),
    ("late_book", "avoids", "Conscious of it.", "Участник совместной жизни."),
    ("meter_reader_legend", "avoids", "The stone clone.", "Одинаково; помножить; поминутно."),
    ("three_and_not_fourth", "avoids", "A shop and a used coat.", "Надёжная возня."),
    ("to_be", "avoids", "The stone, with humour, unlocked.", "Камень; юмор, локоть."),
    ("trade_of_forgiving", "avoids", "She represents it.", "Беременная идёт пустырём."),
    ("waking_lullaby", "uses", "Sleep by your shoes.", "Спи, башмаки тут."),
    ("nine_chairs", "planted", "Heron: pearls, a hard share.", "Цапля: решётка, жужжание."),
    ("heavy_pound", "planted", "Brick dust.", "Толчёным кирпичом; Мина мыла пол."),
    ("salt_clock", "planted", "Barley; she felt it first.", "Ячмень; синтез; окрик."),
    ("fire_in_july", "planted", "Pike; a bustling street.", "Щука; бюджет."),
    ("first_child", "planted", "A tug of war; a bulletin.", "Перетягивание; бычок."),
    ("flattering_glass", "planted", "The swallow; a fisherman.", "Ласточкой; рыбак."),
    ("fog_bell", "planted", "0 times since then.", "0 раз с тех пор."),
    ("fog_bell", "planted", "0. It would be 25 if wound.", "0. Было бы 25, будь он заведён."),
    ("unasked_papers", "planted", "Not before 1961.", "Не раньше 1961 года."),
    ("unasked_papers", "planted", "From 1961. By 1962 it burns.", "С 1961. В 1962 сожгут."),
    ("green_buoy", "planted", "For the regatta. The island sees it.", "Для регаты. Остров видит."),
    ("what_father_left", "planted", "A concertina, No. 12.", "Концертину, № 12."),
    ("unasked_papers", "planted", "From 1961 on.", "С 1961 года."),
]


def named(task: str) -> Task:
    return files.load(ROOT / "data" / "tasks" / f"{task}.yaml", Task, ROOT)


def told(task: str, check: str, language: Any, answer: str) -> list[bool | None]:
    """Of several planted details the first is meant, or all: a distractor spoils its own only."""
    return [x.met for x in checks(named(task), language, answer) if x.name == check]


@pytest.mark.parametrize(("task", "check", "en", "ru"), WRONG)
def test_the_same_wrong_answer_fails_in_both_languages(
    task: str, check: str, en: str, ru: str
) -> None:
    assert False in told(task, check, "en", en), en
    assert False in told(task, check, "ru", ru), ru


@pytest.mark.parametrize("task", CASES)
def test_a_distractor_is_known_in_every_case(task: str) -> None:
    found = named(task).planted[0]
    assert found.wrong is not None
    words = [x.replace("_", " ") for x in CASES[task].split()]
    for word in words:
        assert present(found.wrong.ru, f"Ответ: {word}."), word
    for word in found.wrong.ru:
        assert present([word], ", ".join(words)), word


@pytest.mark.parametrize(("task", "check", "en", "ru"), RIGHT)
def test_a_word_that_only_looks_alike_does_no_harm(task: str, check: str, en: str, ru: str) -> None:
    assert told(task, check, "en", en)[0] is True, en
    assert told(task, check, "ru", ru)[0] is True, ru


def test_the_number_in_the_register_is_asked_for_and_checked() -> None:
    for language, answer in (("en", "A concertina, No. 12."), ("ru", "Концертину, номер 12.")):
        assert told("what_father_left", "planted", language, answer) == [True, True]


def test_every_ban_and_every_distractor_of_the_tasks_is_tried() -> None:
    tried = {(x[0], x[1]) for x in WRONG}
    for path in sorted((ROOT / "data/tasks").glob("*.yaml")):
        task = named(path.stem)
        for name in ("uses", "avoids"):
            if task.constraints is not None and getattr(task.constraints, name) is not None:
                assert (task.id, name) in tried, (task.id, name)
        assert not task.planted or (task.id, "planted") in tried, task.id
