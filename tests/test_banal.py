"""The banal answers of the tasks: whole, within the limits, and without the right reading."""

import json
from typing import Any

import pytest
from conftest import ROOT, Project
from fake_server import FakeServer
from people import go

from judges import surface
from pipeline import files
from pipeline.tasks import TURN, Task, checks
from pipeline.wordforms import present

TASKS = {x.stem: files.load(x, Task, ROOT) for x in sorted((ROOT / "data/tasks").glob("*.yaml"))}
BOTH = [(name, language) for name in TASKS for language in ("en", "ru")]
RIGHT = {
    "bus_that_did_not_come": (("grateful", "thank", "gift", "night"), ("благодар", "подар", "ноч")),
    "clever_bench": (
        ("count", "gossip", "two families"),
        ("счита", "сочт", "пересуд", "две семьи"),
    ),
    "dripping_tap": (("love", "sleep", "afraid", "fear"), ("люб", "усну", "спать", "страш")),
    "exemplary_minutes": (("mock", "testimon", "paper", "disarm"), ("насмеш", "бумаг", "обезоруж")),
    "grateful_essay": (("let him be", "spared", "sincer"), ("не трога", "пощад", "всерьёз")),
    "hearing_aid_review": (("overhear", "how long", "secret"), ("подслуш", "осталось", "тайн")),
    "house_museum": (("really", "the only", "his own"), ("вправду", "единствен", "собственн")),
    "night_apology": (("complain", "reproach", "torment"), ("жалоб", "упрёк", "мучен", "ирони")),
    "praise_letter": (("rid of", "declin", "charge"), ("избав", "сбыть", "отказ", "обвин")),
    "second_part": (("refus", "reject", "mock"), ("отказ", "отверг", "насмеш")),
}
"""Words of the reading that is right; whoever reads literally has no use for them."""


def said(name: str, language: Any) -> str:
    answer = TASKS[name].banal_answer
    assert answer is not None, name
    return str(getattr(answer, language))


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_every_task_has_a_banal_answer_that_keeps_to_what_the_task_sets(
    name: str, language: Any
) -> None:
    task, answer = TASKS[name], said(name, language)
    most = 125 if task.then is None else 150
    assert 55 <= len(surface.words(answer)) <= most, "short, and still an answer"
    assert answer.count(TURN) == (task.then is not None)
    told = [x for x in checks(task, language, answer) if x.name != "planted"]
    assert all(x.met for x in told), told


def test_no_answer_is_its_description_or_that_of_another_task() -> None:
    for name, language in BOTH:
        assert said(name, language) != str(getattr(TASKS[name].banal, language))
    for language in ("en", "ru"):
        assert len({said(name, language) for name in TASKS}) == len(TASKS)


def test_no_literal_answer_to_an_irony_task_holds_the_right_reading() -> None:
    assert {x.id for x in TASKS.values() if x.kind == "irony"} == RIGHT.keys()
    for name, words in RIGHT.items():
        for language, told in zip(("en", "ru"), words, strict=True):
            assert not present(told, said(name, language)), name


def test_a_word_of_the_right_reading_would_be_seen() -> None:
    """The description for people names it in most of the tasks: that is why it is no yardstick."""
    seen = [
        name
        for name, words in RIGHT.items()
        for language, told in zip(("en", "ru"), words, strict=True)
        if present(told, str(getattr(TASKS[name].banal, language)))
    ]
    assert len(seen) >= 12
    assert len(set(seen)) >= 7


def test_the_distance_is_measured_to_the_answer_and_not_to_its_description(
    served: Project, server: FakeServer
) -> None:
    served.study()
    go(served)
    told = [json.loads(x) for x in served.lines("responses")]
    answer = next(x["text"] for x in told if x["arm"] == "high")
    both = {"en": "A description of something else.", "ru": "Описание чего-то другого."}
    served.task(
        "stone",
        "What does the stone think?",
        "О чём думает камень?",
        banal=both,
        banal_answer={"en": answer, "ru": "Камень."},
    )
    result = go(served)
    assert result.asked == 0, "no record hangs on it"
    found = result.derived.originality.filter(arm="high")
    assert found["banal"].to_list() == [pytest.approx(0.0, abs=1e-9)]


def test_the_language_of_a_text_is_that_of_most_letters_and_not_of_most_words() -> None:
    assert surface.language_of("достопримечательность is a b c") == "ru"
    assert surface.language_of("а и у о э unpronounceable") == "en"
    assert surface.language_of("Аб, aB!") is None
