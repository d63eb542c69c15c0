"""Right answers pass and lost ones fail where the words of one language alone mislead."""

from typing import Any

import pytest
from conftest import ROOT

from pipeline import files
from pipeline.tasks import Task, checks

HARMLESS = {
    "better_toasts": (
        ("ru", "Это неоправданно. Самооправдание. Не оправдываясь."),
        ("en", "The contradiction is in her work; she relied on it."),
    ),
    "blank_line": (
        ("ru", "Недовершённое дело, разграничение и неограниченное время."),
        ("ru", "Ограничение, самоограничение, неразграниченный."),
    ),
    "bus_that_did_not_come": (("en", "She was ironing."),),
    "crossed_out_name": (
        ("ru", "Это упрощение. Мы простились у лифта, он простился первым, пора проститься."),
        ("ru", "Я прощупал шов. Прощальный взгляд, прощаясь, прощались, прощаюсь."),
        ("ru", "Прощаются у двери; ты простишься, всё простилось. Это опрощение, опрощённый быт."),
        ("ru", "Простившись, вы прощаетесь, прощаешься, прощаемся, простятся. Прощайте."),
    ),
    "forty_one_years": (
        ("ru", "Спасибо человеку, кто знает, что ни одна его ночь не была нужна."),
    ),
    "glove_on_fence": (
        ("ru", "Дети мастерят снеговика; кто-то смастерял; глухая тетеря; костеря всех."),
        ("en", "A frowner; the wool is browner now."),
    ),
    "meter_reader_legend": (
        ("ru", "Банка: здесь угощают смородиной. Город стал родиной. Соединение труб."),
    ),
    "to_be": (
        ("ru", "Плотина. Пение соловьёв. Красный кант на скатерти; плотину прорвало."),
        ("ru", "Сократим путь, сократив слова. Лосевый мех, платоновский почерк."),
        ("ru", "Кантовать ящик нельзя. Юмор. Андрей Платонов, проза Платонова."),
        ("en", "A platoon of ants. A party popper. Platoons. An epicure with whiteheads."),
    ),
    "trade_of_forgiving": (
        ("en", "The smith lets the iron cool: let God judge the seam, let good come."),
        ("en", "She let the thread go through the eye, lets the clay go leather-hard."),
        ("en", "Let it cool and go home. Let it dry, then go. Letters from abroad go astray."),
        ("en", "Let's go. A proofreader lets no error go to press. Letters of anger go unread."),
        ("ru", "Бременские музыканты."),
    ),
}
"""By task, what keeps to its bans and only looks as if it did not."""
BANNED = {
    "better_toasts": (
        ("ru", "Тост был ложный."),
        ("ru", "Ложно понятый долг."),
        ("en", "The contradiction lies in her work."),
        ("en", "The tape was lying in a drawer."),
    ),
    "blank_line": tuple(
        ("ru", x)
        for x in ("За границей заграничное.", "Пограничный столб.", "Там стоит пограничник.")
    ),
    "crossed_out_name": (
        ("en", "With gratitude."),
        ("en", "I am _sorry_."),
        ("ru", "Простите. Это прощение."),
        *(
            ("ru", x)
            for x in (
                "Он прощает его.",
                "Мы прощаем.",
                "Ты не прощаешь.",
                "Меня простят.",
                "Прощай долг.",
                "Прощайте нам.",
                "Не прощайте меня.",
                "Непрощённое.",
            )
        ),
    ),
    "forty_one_years": (("ru", "Кто знает, что было бы."), ("ru", "Кто знает, что бы было!")),
    "glove_on_fence": (("ru", "Растерянно затерялась."), ("en", "A landowner's.")),
    "house_museum": (("ru", "Ненастоящий."), ("ru", "Настоящая вещь.")),
    "meter_reader_legend": (("ru", "Он живёт наедине с собой."), ("ru", "Одинокая дверь.")),
    "to_be": (
        *(("ru", f"Вспомним, что {x}.") for x in ("Плотин прав", "Кант прав", "Соловьёв прав")),
        *(
            ("ru", x)
            for x in ("Как у Плотина.", "По Сократу.", "СОКРАТ ПРАВ.", "Платоном сказано.")
        ),
        *(("en", x) for x in ("Plato's cave.", "PLATO.", "As Popper has it.", "Platonism.")),
        *(("en", f"A {x} spoon.") for x in ("Platonic", "Marxist", "Humean", "Popperian")),
        *(
            ("ru", f"{x} ложка.")
            for x in ("Платоновская", "Сократовская", "Кантовская", "Юмовская", "Платоническая")
        ),
        *(("ru", x) for x in ("Марксизм.", "Марксистский взгляд.", "Юмов вопрос.")),
    ),
    "trade_of_forgiving": (
        ("en", "Let the matter go."),
        ("en", "Letting an old debt go."),
        ("en", "Let a grudge go."),
        ("en", "It is a letting-go."),
        ("en", "He lets go."),
        ("en", "Let it go and go home."),
        ("en", "Let it *go*."),
        ("en", "He lets the error of the day go."),
        ("en", "Let it all go to the river."),
        ("en", "Let that old anger go down the drain."),
    ),
}
"""By task, what uses a word that it closes."""
MET = {
    "fire_in_july": (
        (
            "en",
            "The key is inside the stuffed pike, at the dentist Dr Ruhl's.\n\nOf the whole "
            "building the cat and the founder's bust were saved, but no title in Marn.",
        ),
        (
            "ru",
            "Ключ внутри чучела щуки, в доме дантиста Руля.\n\nСпасли кошку да бюст основателя, а "
            "прав на дома больше не доказать. Ходики с маятником стоят.",
        ),
        ("en", "To the Commission,\n\nThe key is in the pike, at Dr. Ruhl's. The bust is saved."),
        ("en", "**Commission:**\n\nInside the _pike_,\nin the dentist's house. The bust is saved."),
        ("en", "The key is inside the pike,\nin the dentist's house."),
    ),
    "first_child": (
        ("ru", "Канат перетягивали наши и Верхняя Осока."),
        ("ru", "Канат в тот день перетягивали: мы против Верхней Осоки."),
        ("ru", "Канатом в тот день тянулись с Верхней Осокой: учитель взял его для состязания."),
        ("ru", "Канат был на перетягивании: школа против Верхней Осоки."),
        ("ru", "На нём тягались с Верхней Осокой. Потом вместо колокола была наковальня."),
        ("ru", "Канат в тот день тянули на празднике две деревни."),
        ("en", "It was in the tug\u2011of\u2011war between the two banks."),
        ("en", "The rope was in a tug-o\u2019-war."),
        ("en", "The rope was at the tug of war."),
        ("en", "It was being pulled at both ends, by us and by Upper Sedge, in a contest."),
        ("en", "It was being pulled by the schoolmaster's side against Upper Sedge."),
        ("en", "The rope was lent to the schoolmaster for a pulling game with Upper Sedge."),
        ("en", "The rope was being tugged by two villages."),
        ("ru", "Канатом мерились силой с Верхней Осокой."),
        ("ru", "Канат был нужен учителю: его тянули в разные стороны две деревни."),
        ("ru", "Канат тянули, кто кого: школа и Верхняя Осока."),
        ("ru", "В тот день на нём тянули — кто кого."),
        ("en", "It was being hauled against Upper Sedge by the schoolmaster's men."),
        ("en", "The rope was being hauled by our village against the other village."),
        ("en", "It was lent for a contest of strength with Upper Sedge."),
    ),
    "flattering_glass": (
        (
            "ru",
            "«Ласточка». Лист с пузырьком ушёл торговцу рыбой, поцарапанный разрезали, прямой "
            "остался за дверью.",
        ),
        ("ru", "«Ласточка». Лист с пузырьком продан в рыбную лавку. Колокольчик над дверью."),
        ("en", "The swallow. The sheet with the bubble went to the fishmonger."),
        ("en", "The swallow: the one with the bubble went to a man who sells fish, a fish dealer."),
    ),
    "green_buoy": (
        ("en", "It was moved so that the boats in Saturday's race might turn before the ladies."),
        ("en", "For tomorrow: it was shifted for the sailing race."),
        ("en", "It was moved to give the sailing match more room."),
        ("en", "For the sailing contest."),
        ("ru", "Ради состязания парусников."),
        ("ru", "Зелёную бочку передвинули ради гонки парусников."),
        ("ru", "Ради субботних гонок."),
    ),
    "heavy_pound": (
        (
            "en",
            "Brick dust. The brass is in the buttons on the Council's robes. Ohm stops buying "
            "soap, nails and tallow by our pound.",
        ),
        ("en", "Brick dust. Councillors' robes. Ohm had bought its nails and soap by our pound."),
        ("en", "With brick dust. It is now in the buttons of the Council."),
        ("en", "_Brick dust_ did it. It could be seen on the Council's buttons."),
        ("en", "Brick dust. It shone on the councillors\u2019 buttons."),
        ("en", "Brick. The dust became the Councillors' coat buttons."),
        ("en", "Crushed brick did the harm. On the Council's clothes, in the form of buttons."),
        ("ru", "__Кирпичом__. На парадном платье Совета."),
        ("ru", "Кирпичом. На пуговицах у господ советников. Совет носил их в мантиях."),
        ("ru", "Кирпичом. Совет сидел в новых пуговицах."),
        ("ru", "Кирпичной пылью. На пуговицах мантий. Ом платил, торгуя мылом."),
        ("ru", "Толчёным кирпичом. На пуговицах городского совета. Стража просила и не получила."),
    ),
    "salt_clock": (
        ("en", "Toasted barley. A painter would have felt for the town. Doors locked."),
    ),
    "nine_chairs": (("en", "The heron. The elms anchored the bank."),),
    "what_father_left": (
        (
            "en",
            "A concertina, no. 12, lent for the wedding; Hoss has it. No. 31 he had made himself.",
        ),
        ("en", "A concertina, No.\u00a012."),
        ("en", "A concertina, No. **12**"),
        ("ru", "Концертину, № **12**."),
        ("ru", "Концертину, №\u00a012; она у Хосса."),
        ("ru", "Концертину, под номером двенадцать."),
    ),
}
"""By task, answers that found every detail that was planted."""
LOST = {
    "fire_in_july": (("en", "In the pike, or the bust, at Dr Ruhl's."),),
    "first_child": (
        ("ru", "Им перетягивали паром."),
        ("ru", "Паром перетягивали канатом."),
        ("ru", "Канатом тянули паром."),
        ("ru", "Канатом тянули колокол, канат перетягивали."),
        ("en", "A tug of war; the bell was being raised with it to lift the bell."),
        ("en", "The ferryman had to pull at both ends of the argument."),
        ("en", "The rope was pulled against the current, with the ferry on it."),
        ("ru", "Канатом мерили силу течения."),
        ("ru", "Канатом тянули паром. Неизвестно, кто кого окрестил раньше."),
        ("ru", "Каната не было: тянули жребий, кто кого крестит."),
        ("en", "The rope was hauled against the current, with the ferry on it."),
        ("en", "They hauled the ferry against the stream to Upper Sedge."),
        ("en", "The rope was in a contest of strength with the river."),
        ("en", "A contest of strength; with it they hauled up the new bell."),
    ),
    "flattering_glass": (
        ("ru", "«Ласточка» или «рыба»."),
        ("ru", "Лист помечен рыбой, не ласточкой."),
        ("en", "Swallow, or the fish."),
    ),
    "heavy_pound": (
        ("en", "Brick dust. It was sold to the button-maker and cannot be traced."),
        ("en", "The brick dust did it. It went with the sweepings to the button-maker Finck."),
        ("en", "Brick dust. It could be seen on the Guard's buttons."),
        ("en", "Brick.\n\nThe button seller told the council of it."),
        ("en", "Brick. The Council sold it to the button-maker."),
        ("ru", "Кирпичная пыль. Пуговицы стражи Совет не купил."),
        ("ru", "Кирпичная пыль. Её видно на пуговицах Городской стражи."),
        ("ru", "Кирпичная пыль. Её купил пуговичник Финк, там след и теряется."),
    ),
    "salt_clock": (
        ("en", "Toasted barley, a spoonful, one farthing; and a lock to the net loft."),
        ("ru", "Жареный ячмень; и замок к сетному чердаку."),
    ),
    "what_father_left": (
        ("en", "A concertina, entered as no. 57, found twelve years ago."),
        ("en", "He left a concertina, under No. 57, lost on 12 May."),
        ("ru", "Концертину, № 57; найдена 12 мая, двенадцать лет назад."),
        ("en", "A concertina, no. 120."),
        ("en", "A concertina, no. 12, or no. 14."),
    ),
}
"""By task, answers that missed a detail or named another beside it."""


def told(task: str, check: str, language: Any, answer: str) -> list[bool | None]:
    found = files.load(ROOT / "data" / "tasks" / f"{task}.yaml", Task, ROOT)
    return [x.met for x in checks(found, language, answer) if x.name == check]


def each(answers: dict[str, tuple[tuple[str, str], ...]]) -> list[tuple[str, str, str]]:
    return [(task, *x) for task, found in answers.items() for x in found]


@pytest.mark.parametrize(("task", "language", "answer"), each(HARMLESS))
def test_what_only_looks_like_a_closed_word_is_none(task: str, language: str, answer: str) -> None:
    assert told(task, "avoids", language, answer) == [True]


@pytest.mark.parametrize(("task", "language", "answer"), each(BANNED))
def test_a_closed_word_is_seen_in_its_forms(task: str, language: str, answer: str) -> None:
    assert told(task, "avoids", language, answer) == [False]


@pytest.mark.parametrize(("task", "language", "answer"), each(MET))
def test_a_right_answer_has_found_what_was_planted(task: str, language: str, answer: str) -> None:
    found = told(task, "planted", language, answer)
    assert found
    assert all(found), found


@pytest.mark.parametrize(("task", "language", "answer"), each(LOST))
def test_an_answer_that_lost_the_thread_is_seen(task: str, language: str, answer: str) -> None:
    assert False in told(task, "planted", language, answer)


@pytest.mark.parametrize(
    ("task", "language", "answer"),
    [
        ("five_concepts", "en", "A leap-second, sourdough, zugzwang, luggage, permafrost."),
        ("five_concepts", "ru", "Високосная секунда, пять заквасок, цугцванг, багаж, мерзлота."),
        ("waking_lullaby", "ru", "Спи, башмачки надень."),
    ],
)
def test_a_word_that_is_asked_for_counts_in_its_forms(
    task: str, language: str, answer: str
) -> None:
    assert told(task, "uses", language, answer) == [True]
