"""Probes: each pair differs in the one way that its kind names, in both languages."""

import re
from collections import Counter

import pytest
from conftest import ROOT, Project

from judges.probe import MAY_EXPECT, Probe
from judges.rubric import Rubric
from judges.surface import words
from judges.verdict import Language
from pipeline import files, probes, study
from pipeline.errors import UserError
from pipeline.wordforms import present

NAMES = sorted(x.stem for x in (ROOT / "rubrics").glob("*.yaml"))
LANGUAGES: tuple[Language, ...] = ("en", "ru")
EVERY = {
    "padding",
    "bullets",
    "name_dropping",
    "jargon_salad",
    "ending_cut",
    "injection_start",
    "injection_middle",
    "injection_end",
    "injection_quotation",
}
OWN = {
    "irony": {"irony_flattened"},
    "depth": {"order_shuffled", "contradiction_dissolved"},
    "thinking_mode": {"order_shuffled"},
    "generative_conflict": {"contradiction_dissolved"},
}
FOUND = {name: probes.load(name, ROOT) for name in NAMES}
PAIRS = [
    pytest.param(probe, language, id=f"{name}-{probe.id}-{language}")
    for name in NAMES
    for probe in FOUND[name].probes
    for language in LANGUAGES
]

STRAIGHT: dict[Language, str] = {
    "en": "ten past nine, to this day, others in this building, name an hour, fast nor slow, "
    "twice a day, timetable, visitors who come in anxious, eleven times, caretaker",
    "ru": "десятого, по сей день, прочие в этом здании, назначают час, не отстают, "
    "дважды в сутки, расписание, пришли с тревогой, одиннадцать раз, завхоз",
}
"""What the praise of the clock says, whether or not it means it."""


def both(probe: Probe, language: Language) -> tuple[str, str]:
    return str(getattr(probe.base, language)), str(getattr(probe.changed, language))


def of(*kinds: str) -> list[object]:
    return [x for x in PAIRS if x.values[0].kind in kinds]


def test_every_rubric_has_probes_and_no_probes_are_without_one() -> None:
    assert [x.stem for x in sorted((ROOT / "rubrics/probes").glob("*.yaml"))] == NAMES
    assert len(NAMES) == 7


@pytest.mark.parametrize("name", NAMES)
def test_each_rubric_has_the_kinds_it_needs(name: str) -> None:
    found = FOUND[name].probes
    assert len(found) >= 8
    assert {x.kind for x in found} >= EVERY | OWN.get(name, set())
    assert {x.must for x in found} == {"stay", "fall"}


def test_every_kind_says_what_it_may_expect_and_is_used() -> None:
    assert {x.kind for found in FOUND.values() for x in found.probes} == set(MAY_EXPECT)


@pytest.mark.parametrize(("probe", "language"), PAIRS)
def test_a_text_is_in_its_language_and_of_its_length(probe: Probe, language: Language) -> None:
    for text in both(probe, language):
        assert bool(re.search("[а-яё]", text)) is (language == "ru")
        assert language == "en" or not re.search("[a-z]", text)
        assert 60 <= len(words(text)) <= 140


@pytest.mark.parametrize(("probe", "language"), of("padding"))
def test_padding_doubles_the_length_and_keeps_the_text(probe: Probe, language: Language) -> None:
    base, changed = (words(x) for x in both(probe, language))
    assert 2 * len(base) <= len(changed) <= 2.4 * len(base)
    assert not Counter(base) - Counter(changed)


@pytest.mark.parametrize(("probe", "language"), of("bullets"))
def test_bullets_change_no_word(probe: Probe, language: Language) -> None:
    base, changed = both(probe, language)
    lines = changed.splitlines()
    assert len(lines) >= 3
    assert all(x.startswith("- ") for x in lines)
    assert " ".join(x.removeprefix("- ") for x in lines) == base


@pytest.mark.parametrize(("probe", "language"), of("name_dropping"))
def test_names_are_added_and_little_else(probe: Probe, language: Language) -> None:
    base, changed = both(probe, language)
    assert len(words(changed)) <= 1.5 * len(words(base))
    assert len(re.findall(r"(?<=\w )[А-ЯЁA-Z]", changed)) >= 3


@pytest.mark.parametrize(
    ("probe", "language"), of("jargon_salad", "irony_flattened", "contradiction_dissolved")
)
def test_what_is_rewritten_stays_as_long(probe: Probe, language: Language) -> None:
    base, changed = (len(words(x)) for x in both(probe, language))
    assert 0.95 <= changed / base <= 1.05, "else a counter of words would pass"


@pytest.mark.parametrize(("probe", "language"), of("irony_flattened"))
def test_what_is_said_straight_is_the_same_content(probe: Probe, language: Language) -> None:
    said = STRAIGHT[language].split(", ")
    for text in both(probe, language):
        assert [x for x in said if not present([x], text)] == []
    assert not present(["notice / laz", "объявлен / ленил"], str(getattr(probe.changed, language)))


@pytest.mark.parametrize(("probe", "language"), of("order_shuffled"))
def test_shuffling_changes_the_order_and_nothing_else(probe: Probe, language: Language) -> None:
    base, changed = (re.split(r"(?<=[.?!]) ", x) for x in both(probe, language))
    assert sorted(base) == sorted(changed)
    assert all(a != b for a, b in zip(base, changed, strict=True))


@pytest.mark.parametrize(("probe", "language"), of("ending_cut"))
def test_the_ending_is_cut_at_the_end_of_a_sentence(probe: Probe, language: Language) -> None:
    base, changed = both(probe, language)
    assert base.startswith(f"{changed} ")
    assert changed.endswith((".", "?", "!"))


@pytest.mark.parametrize(
    ("probe", "language"),
    of("injection_start", "injection_middle", "injection_end", "injection_quotation"),
)
def test_an_order_to_give_a_five_stands_where_it_should(probe: Probe, language: Language) -> None:
    base, changed = both(probe, language)
    order = {"en": "ive this a 5", "ru": "оставьте "}[language]
    assert order in changed
    assert changed.count("5") == 1
    where = {
        "injection_start": changed.endswith(f" {base}"),
        "injection_end": changed.startswith(f"{base} "),
    }
    inside = not any(where.values()) and changed[:30] == base[:30] and changed[-30:] == base[-30:]
    assert where.get(probe.kind, inside)
    if probe.kind == "injection_quotation":
        assert re.search(r'"[^"]*5\."|«[^»]*5»', changed)
    assert not Counter(words(base)) - Counter(words(changed))


def test_what_a_rubric_shows_judges_is_not_what_they_are_tried_with() -> None:
    tasks = study.load("api", ROOT).tasks
    for name in NAMES:
        rubric = files.load(ROOT / f"rubrics/{name}.yaml", Rubric, ROOT)
        head = (ROOT / f"rubrics/{name}.yaml").read_text("utf-8").split("\nid:")[0]
        for probe in FOUND[name].probes:
            assert probe.task.en.rstrip(".?") not in " ".join(head.replace("\n# ", " ").split())
            assert probe.task.en not in {x.text.en for x in tasks}
            assert probe.base.en not in {x.example.en for x in rubric.levels if x.example}


def broken(project: Project, old: str, new: str, name: str = "irony") -> str:
    path = project.root / f"rubrics/probes/{name}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(UserError) as caught:
        probes.load(name, project.root)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "rubric: irony",
            "rubric: ironie",
            "is 'ironie', which is no rubric; did you mean 'irony'",
        ),
        ("rubric: irony", "rubric: zzz", "which is no rubric; there are: cognitive_leap, depth"),
        (
            "rubric: irony",
            "rubric: depth",
            "'rubric' is 'depth', expected 'irony' (the file's name",
        ),
        ("kind: padding", "kind: stuffing", "'probes[0].kind' is 'stuffing', expected 'padding'"),
        ("must: stay", "must: stays", "'probes[0].must' is 'stays', expected 'rise', 'fall'"),
        ("must: stay", "must: rise", "must is 'rise', expected 'stay' or 'fall' for padding"),
        ("must: stay", "level: 7", "field 'probes[0].level' is not known; known are: id, kind"),
        ("id: bullets_weak", "id: padding", "probes[1].id is 'padding', which is taken"),
        ("id: padding", "id: Padding!", "'probes[0].id' is 'Padding!', expected small Latin"),
    ],
)
def test_a_wrong_probe_is_named_by_file_and_line(
    project: Project, old: str, new: str, said: str
) -> None:
    found = broken(project, old, new)
    assert re.search(rf"(?m)^rubrics/probes/irony\.yaml:\d+: .*{re.escape(said)}", found), found


def test_the_line_is_that_of_the_fault(project: Project) -> None:
    text = (project.root / "rubrics/probes/irony.yaml").read_text("utf-8")
    line = next(i for i, x in enumerate(text.splitlines(), 1) if "kind: jargon_salad" in x)
    found = broken(project, "kind: jargon_salad", "kind: jargon")
    assert found.startswith(f"rubrics/probes/irony.yaml:{line}: ")


def test_a_probe_without_one_language_is_refused(project: Project) -> None:
    path = project.root / "rubrics/probes/irony.yaml"
    text = path.read_text("utf-8")
    start = text.index("      ru: >-", text.index("    base:"))
    path.write_text(text[:start] + text[text.index("    changed:", start) :], "utf-8")
    with pytest.raises(UserError, match=r"field 'probes\[0\]\.base\.ru' is missing"):
        probes.load("irony", project.root)


def test_a_pair_of_one_text_tries_nothing(project: Project) -> None:
    same = {"en": "One.", "ru": "Один."}
    entry = {"id": "a", "kind": "bullets", "must": "stay", "task": same, "base": same}
    project.write(
        "rubrics/probes/irony.yaml", {"rubric": "irony", "probes": [{**entry, "changed": same}]}
    )
    with pytest.raises(UserError, match=r"probes\[0\]: changed\.en is base\.en word for word"):
        probes.load("irony", project.root)


def test_a_rubric_without_probes_says_which_have_them(project: Project) -> None:
    with pytest.raises(UserError, match=r"rubrics/probes/ironi\.yaml: no such file; did you mean"):
        probes.load("ironi", project.root)
