"""Limits that differ between the languages, tasks that are nearly one, and what is not loaded."""

from typing import Any

import pytest
from conftest import ROOT, Project

from pipeline import cli, files, orders, taskcheck
from pipeline.tasks import Task

TEXT = {
    "en": "Say what the grey stone by the road keeps silent about. At most 90 words.",
    "ru": "Скажите, о чём молчит серый камень у дороги. Не больше 90 слов.",
}
STONE = {
    "id": "stone",
    "kind": "creative",
    "title": {"en": "Stone", "ru": "Камень"},
    "text": TEXT,
    "constraints": {"words_at_most": 90},
}


def faults(**more: Any) -> list[str]:
    return taskcheck.limits(Task.model_validate(STONE | more))


@pytest.mark.parametrize(
    ("en", "ru", "said"),
    [
        ("At least five silences", "Не меньше шести молчаний", "text.ru lacks 5, at least 5"),
        ("Not fewer than five", "Не больше пяти", "text.ru lacks at least 5"),
        ("Six lots", "Семь лотов", "text.en lacks 7"),
        ("Twenty-five lots", "Двадцать лотов", "text.ru lacks 25"),
        ("One sentence", "Две фразы", "text.ru lacks 1 sentences"),
        ("Exactly 3 sentences", "Три предложения", "text.ru lacks exactly 3 sentences"),
    ],
)
def test_numbers_that_one_language_alone_states_are_named(en: str, ru: str, said: str) -> None:
    found = taskcheck.numbered(Task.model_validate(STONE | texts(en, ru)))
    assert any(said in x for x in found), found


@pytest.mark.parametrize(
    ("en", "ru"),
    [
        ("Not fewer than five", "Не меньше пяти"),
        ("Six lots", "6 лотов"),
        ("A boy of twelve", "Двенадцатилетний"),
        ("One sentence", "Одна фраза"),
        ("Exactly 3 sentences", "Ровно три предложения"),
        ("A family of five", "Семью из пяти человек"),
    ],
)
def test_one_number_in_digits_and_in_words_is_one(en: str, ru: str) -> None:
    assert taskcheck.numbered(Task.model_validate(STONE | texts(en, ru))) == []


def test_a_task_that_says_what_it_checks_is_well() -> None:
    assert faults() == []


def texts(en: str, ru: str) -> dict[str, Any]:
    return {"text": {"en": f"A stone. {en}.", "ru": f"Камень. {ru}."}}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            texts("At most 90 words", "Не больше 80 слов"),
            "text.ru asks for at most 80 words, constraints for at most 90 words",
        ),
        (
            texts("At most 90 words", "Не меньше 90 слов"),
            "text.ru asks for at least 90 words, constraints for at most 90 words",
        ),
        (
            texts("At least 90 words", "Не менее 90 слов"),
            "text.en asks for at least 90 words, constraints for at most 90 words",
        ),
        (
            texts("Up to 90 words", "90 слов"),
            "text.ru asks for about 90 words, constraints for at most 90 words",
        ),
        (
            {"constraints": {"words_at_most": 70}},
            "text.en asks for at most 90 words, constraints for at most 70 words",
        ),
        ({"constraints": None}, "text.ru asks for at most 90 words, constraints for nothing"),
        (
            texts("Speak", "Говорите"),
            "text.en asks for nothing, constraints for at most 90 words",
        ),
        (
            {"then": {"en": "And then? At most 50 words.", "ru": "А потом? Не больше 50 слов."}},
            "then.en asks for at most 50 words, then_constraints for nothing",
        ),
        (
            {
                "then": {"en": "And then? At most 50 words.", "ru": "А потом? До 60 слов."},
                "then_constraints": {"words_at_most": 50},
            },
            "then.ru asks for at most 60 words, then_constraints for at most 50 words",
        ),
    ],
)
def test_limits_that_differ_are_named(more: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(**more)), faults(**more)


@pytest.mark.parametrize(
    ("en", "ru"),
    [
        ("At most 90 words", "Не больше 90 слов"),
        ("No more than 90 words", "Не более 90 слов"),
        ("Up to 90 words", "До 90 слов"),
        ("Within 90 words", "Самое большее 90 слов"),
    ],
)
def test_the_ways_to_say_one_limit_are_one(en: str, ru: str) -> None:
    assert faults(**texts(en, ru)) == []
    assert (
        faults(
            **texts("From 60 to 90 words", "От 60 до 90 слов"),
            constraints={"words_at_most": 90, "words_at_least": 60},
        )
        == []
    )


@pytest.mark.parametrize(
    ("name", "en", "ru", "said"),
    [
        ("avoids", ["grey"], ["дорог"], None),
        ("avoids", ["*rey / blue"], ["*орог"], None),
        ("uses", ["=greys"], ["дорог"], "constraints.uses.en has '=greys'"),
        ("uses", ["grey"], ["=дорога"], "constraints.uses.ru has '=дорога'"),
        ("avoids", ["honest"], ["честн"], "constraints.avoids.ru has 'честн'"),
    ],
)
def test_a_word_that_the_text_does_not_name_is_named(
    name: str, en: list[str], ru: list[str], said: str | None
) -> None:
    limits = {"words_at_most": 90, name: {"en": en, "ru": ru}}
    found = taskcheck.named(Task.model_validate(STONE | {"constraints": limits}))
    assert bool(found) == (said is not None)
    assert said is None or any(said in x for x in found), found


def test_a_second_turn_may_name_what_the_constraints_ban() -> None:
    then = {"en": "Say it without grey.", "ru": "Скажите это без слова «гранит»."}
    for field in ("constraints", "then_constraints"):
        bans = {"avoids": {"en": ["grey"], "ru": ["гранит"]}}
        task = Task.model_validate(STONE | {"then": then, field: bans})
        assert taskcheck.named(task) == []


def ordered(en: str, ru: str, **more: Any) -> list[str]:
    return orders.faults(Task.model_validate(STONE | texts(en, ru) | more), taskcheck.LANGUAGES)


CLOSED = {"avoids": {"en": ["grey"], "ru": ["сер"]}}


@pytest.mark.parametrize(
    ("en", "ru", "said"),
    [
        ('Without the words "grey", "but"', "Без слов «серый», «но»", "text.en closes or demands"),
        (
            'Without "grey", "but"',
            "Без слова «серый»",
            "unlike numbers of words (en: 'grey', 'but'",
        ),
        ('Without "grey"', "Без слов «серый», «но»", "text.ru closes or demands 'но'"),
        ('The words "grey" and "old" must stand', "Слово «серый» должно стоять", "en closes"),
        ('Use no form of the words "grey"', "Серое", "(en: 'grey'; ru: none)"),
        ('Do not use "grey" or "but"', "Серое", "text.en closes or demands 'but'"),
        ('Never write "grey"', "Серое", "(en: 'grey'; ru: none)"),
        ('Use neither "grey" nor "but"', "Серое", "text.en closes or demands 'but'"),
        ('The word "grey" is banned', "Серое", "(en: 'grey'; ru: none)"),
        ('Use "snow" and "dry"', "Снег", "text.en closes or demands 'dry'"),
        ("Grey", "Не используйте слово «серый»", "(en: none; ru: 'серый')"),
        ("Grey", "Избегайте слов «серый» и «но»", "text.ru closes or demands 'но'"),
        ("Grey", "Слово «серый» запрещено", "(en: none; ru: 'серый')"),
        ("Grey", "Употребите слово «снег»", "text.ru closes or demands 'снег'"),
        ("Grey", "Обойдитесь без глаголов «быть» и «стать»", "closes or demands 'стать'"),
        ("Begin with a date", "Дата", "text.ru orders no beginning"),
        ("Begin by naming it", "Дата", "text.ru orders no beginning"),
        ("A date", "Начните со стула", "text.en orders no beginning"),
        ("A date", "Закончите датой", "text.en orders no end"),
    ],
)
def test_what_one_language_alone_orders_is_named(en: str, ru: str, said: str) -> None:
    found = ordered(en, ru, constraints=CLOSED)
    assert any(said in x for x in found), found


@pytest.mark.parametrize(
    ("en", "ru"),
    [
        ('Without the words "grey" ("greyish" too)', "Обойдитесь без «серого»"),
        ('The words "grey" are closed to you', "Слово «серый» для вас закрыто"),
        ('Begin with a stone. Leave out "grey"', "Начните с камня. Без слова «серый»"),
        ('Never use the word "grey". Begin by it', "Не пишите «серый». Начните со стола"),
        ('A user "A" has "B" on his door', "Пользователь: на двери есть «Б»"),
        ('A sign said: "Without grey." "It cannot be" is no answer', "«Этого нельзя» — не ответ"),
        ('Rethink the word "stone", and without thinking, "wall"', "Переосмыслите слово «камень»"),
    ],
)
def test_orders_that_both_languages_give_are_well(en: str, ru: str) -> None:
    assert ordered(en, ru, constraints=CLOSED) == []


def test_a_word_slipped_into_one_text_of_a_plaque_is_found() -> None:
    found = shipped("one_plaque") | {"id": "one_plaque"}
    bans = files.load(ROOT / "data/tasks/one_plaque.yaml", Task, ROOT).constraints
    assert bans is not None
    text = found["text"]["en"].replace(
        '"nevertheless".', '"nevertheless", "although", "but". Begin with a date.'
    )
    assert text != found["text"]["en"]
    told = orders.faults(
        Task.model_validate(
            STONE
            | found
            | {"text": found["text"] | {"en": text}, "constraints": bans.model_dump(mode="json")}
        ),
        taskcheck.LANGUAGES,
    )
    assert [x.split(": ", 1)[1][:40] for x in told] == [
        "text.en closes or demands 'although', of",
        "text.en closes or demands 'but', of whic",
        "text closes or demands unlike numbers of",
        "text.ru orders no beginning, the other d",
    ]


def test_a_ban_put_into_one_language_of_a_task_without_bans_is_found() -> None:
    task = files.load(ROOT / "data/tasks/museum_label.yaml", Task, ROOT)
    said = f'{task.text.en} Do not use "however" or "moreover".'
    changed = task.model_copy(update={"text": task.text.model_copy(update={"en": said})})
    assert orders.faults(task, taskcheck.LANGUAGES) == []
    found = orders.faults(changed, taskcheck.LANGUAGES)
    assert [x.split(": ", 1)[1][:36] for x in found] == [
        "text.en closes or demands 'however',",
        "text.en closes or demands 'moreover'",
        "text closes or demands unlike number",
    ]


def two(one: dict[str, Any], other: dict[str, Any]) -> list[tuple[str, str, str]]:
    tasks = [Task.model_validate(STONE | {"id": x, **y}) for x, y in (("a", one), ("b", other))]
    return [(x.language, x.what, f"{x.share:.2f}") for x in taskcheck.alike(tasks)]


def test_two_tasks_that_are_nearly_one_are_named_once_per_language() -> None:
    other = {
        "text": {
            "en": "Say what the grey stone by the road keeps silent about now. At most 90 words.",
            "ru": "Совсем другое: перечислите всё, что вы забыли. Не больше 90 слов.",
        },
    }
    assert two({}, other) == [("en", "what is asked", "1.00")]


def shipped(name: str) -> dict[str, Any]:
    found = files.load(ROOT / "data/tasks" / f"{name}.yaml", Task, ROOT).model_dump(mode="json")
    return {x: found[x] for x in ("text", "then") if found[x] is not None}


@pytest.mark.parametrize("name", ["eleven_minutes", "whose_vase", "soup_is_yours", "to_be"])
def test_a_copy_with_every_fourth_word_replaced_is_found(name: str) -> None:
    def reworded(text: str) -> str:
        return " ".join("ничто" if n % 4 == 3 else x for n, x in enumerate(text.split()))

    one = shipped(name)
    other = {x: {y: reworded(text) for y, text in both.items()} for x, both in one.items()}
    assert [x[:2] for x in two(one, other)] == [("en", "what is asked"), ("ru", "what is asked")]


def test_a_question_copied_onto_another_text_is_found() -> None:
    one, other = (texts_of(name) for name in ("night_watch", "lost_property"))
    asked = shipped("what_father_left")
    assert [x[1] for x in two(asked | one, asked | other)] == ["what is asked"] * 2
    fire = shipped("fire_in_july")
    assert [x[1] for x in two(asked | one, fire | one)] == ["what is to be read"] * 2


def texts_of(name: str) -> dict[str, Any]:
    folder = ROOT / "data/texts"
    return {"reads": {x: (folder / f"{name}.{x}.txt").read_text("utf-8") for x in ("en", "ru")}}


def test_a_common_limit_makes_no_two_tasks_alike() -> None:
    short = {"text": {"en": "Sea? At most 90 words.", "ru": "Море? Не больше 90 слов."}}
    other = {"text": {"en": "Fog? At most 90 words.", "ru": "Туман? Не больше 90 слов."}}
    assert two(short, other) == []


def test_the_shipped_tasks_are_well() -> None:
    found = taskcheck.check(ROOT)
    assert found.faults == ()
    assert len(found.rows) == len(list((ROOT / "data/tasks").glob("*.yaml")))


def test_the_command_exits_2_and_names_file_and_fault(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / "data/studies").mkdir(parents=True, exist_ok=True)
    project.task("stone", "Stone? At most 90 words.", "Камень? Не больше 80 слов.")
    (project.root / "data/tasks/broken.yaml").write_text("id: broken\n", encoding="utf-8")
    monkeypatch.chdir(project.root)
    assert cli.main(["tasks", "check"]) == 2
    shown = capsys.readouterr()
    assert "1 tasks, 0 of them core" in shown.out
    assert "data/tasks/broken.yaml:1: field 'kind' is missing" in shown.err
    assert "data/tasks/stone.yaml: text.ru asks for at most 80 words" in shown.err
