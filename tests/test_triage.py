"""Where people and panel part, level by level and answer by answer; and the four questions."""

import numpy as np
import polars as pl
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from rated import HUMAN, JUDGE, rated

from judges.rubric import Text
from pipeline import questions, rubrics
from pipeline.findings import CONFUSION, LEVELS, TRIAGE
from pipeline.ratings import panel
from pipeline.stats import confusion, levels, ppi, triage
from pipeline.stats.terms import Criterion
from pipeline.tables import RATINGS

DEPTH = Criterion("depth", Text(en="Depth", ru="Глубина"), "ordinal", (1.0, 2.0, 3.0, 4.0, 5.0))
SCORES = st.lists(st.integers(1, 5).map(float), min_size=1, max_size=5)


def found(*people: list[float | None], judges: list[list[float | None]]) -> pl.DataFrame:
    rows = [rated(HUMAN, f"h{i}", x) for i, x in enumerate(people)]
    rows += [rated(JUDGE, f"j{i}", x) for i, x in enumerate(judges)]
    return triage.items(pl.concat(rows), [DEPTH])


def test_each_kind_names_who_stands_apart() -> None:
    table = found(
        [4, 1, 1, 3, None],
        [4, 5, 3, 3, 2],
        [5, 5, 5, 4, None],
        judges=[[1, 5, 3, 3, 5], [2, 4, 3, 4, 5]],
    )
    assert table.schema == TRIAGE
    rows = {x["response"]: (x["look"], x["size"], x["who"]) for x in table.to_dicts()}
    assert rows == {
        "r000": ("judge wrong", 2.5, "j0, j1"),
        "r001": ("gold suspect", 4.0, "h0"),
        "r002": ("rubric ambiguous", 4.0, None),
    }, "nobody parts on r003, one person rated r004"


def test_one_judge_is_no_panel_of_one_mind() -> None:
    """A judge that says 3 of everything would make suspects of people."""
    (one, two) = (triage.look([1, 3, 3], judges, 2) for judges in ([3], [3, 3]))
    assert one is not None
    assert two is not None
    assert (one.look, two.look) == ("rubric ambiguous", "gold suspect")


@given(people=SCORES, judges=SCORES)
def test_a_finding_does_not_depend_on_the_order_of_raters(
    people: list[float], judges: list[float]
) -> None:
    one = triage.look(people, judges, 2)
    other = triage.look(people[::-1], judges[::-1], 2)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.look, one.size, len(one.who)) == (other.look, other.size, len(other.who))


@given(people=SCORES, judges=SCORES)
def test_where_all_lie_near_one_another_nothing_is_found(
    people: list[float], judges: list[float]
) -> None:
    if max(people + judges) - min(people + judges) < 2:
        assert triage.look(people, judges, 2) is None


def test_confusion_counts_every_person_and_rounds_halves_inwards() -> None:
    ratings = pl.concat(
        [
            rated(HUMAN, "a", [1, 3, 5]),
            rated(HUMAN, "b", [1, 4, None]),
            rated(JUDGE, "j", [1.5, 3.5, 4.4]),
        ]
    )
    table = confusion.by_judge(ratings, [DEPTH])
    assert table.schema == CONFUSION
    assert table.rows() == [
        ("depth", "j", 2.0, 1.0, 2),
        ("depth", "j", 3.0, 3.0, 1),
        ("depth", "j", 3.0, 4.0, 1),
        ("depth", "j", 4.0, 5.0, 1),
    ]
    mean = Criterion("depth", DEPTH.title, "interval", (0.0, 1.0))
    assert confusion.by_judge(ratings, [mean]).is_empty(), "a continuous scale has no levels"


def arms(people: int = 12, lift: float = 1.0) -> pl.DataFrame:
    """Two arms on 20 prompts, of which people rated the first; the high arm stands higher."""
    random = np.random.default_rng(5)
    rows = []
    for arm, base in (("high", 3.6 + lift), ("low", 2.0)):
        quality = base + random.normal(0, 0.4, 20)
        human = [float(x) if i < people else None for i, x in enumerate(quality)]
        judge = [float(x) for x in quality + random.normal(0.5, 0.1, 20)]
        pair = pl.concat([rated(HUMAN, "anna", human), rated(JUDGE, "j", judge)])
        rows.append(pair.with_columns(arm=pl.lit(arm), response=pl.col("response") + arm))
    return pl.concat(rows)


def test_an_arms_level_is_that_of_people_corrected_by_the_panel() -> None:
    ratings = arms()
    table = levels.by_arm(ratings, ["high", "low"])
    assert table.schema == LEVELS
    row = table.row(0, named=True)
    own = ratings.filter(arm="high").drop_nulls("score")
    people = own.filter(kind=HUMAN).sort("prompt")["score"].to_numpy()
    judge = own.filter(kind=JUDGE).sort("prompt")["score"].to_numpy()
    expected = ppi.mean(people, judge[:12], judge[12:])
    assert (row["level"], row["low"], row["high"]) == (
        expected.value,
        expected.low,
        expected.high,
    )
    assert expected.weight > 0
    few = levels.by_arm(arms(people=9), ["high"]).row(0, named=True)
    assert (few["level"], few["note"]) == (None, "9 of 10 prompts needed that people rated")


def test_a_question_is_answered_from_people_or_not_at_all() -> None:
    table = levels.by_arm(arms(), ["high", "low"])
    hidden: dict[str, Text] = {}
    said = questions.answers(table, [DEPTH], ["high", "low"], hidden)
    by = {(x.arm, x.question.en): x for x in said}
    assert len(said) == 8
    assert by["high", "Can it hold a complex idea?"].answer == "yes"
    assert by["low", "Can it hold a complex idea?"].answer == "no"
    assert "Depth: 4." in by["high", "Can it hold a complex idea?"].because.en
    assert "Глубина: 4," in by["high", "Can it hold a complex idea?"].because.ru
    assert by["high", "Can it ask itself questions?"].answer == "cannot be said"
    unbelieved = questions.answers(table, [DEPTH], ["high"], {"depth": DEPTH.title})
    assert {x.answer for x in unbelieved} == {"cannot be said"}
    near = questions.answers(levels.by_arm(arms(lift=-0.6), ["high"]), [DEPTH], ["high"], hidden)
    assert {x.answer for x in near} == {"cannot be said"}, "the interval holds the middle"


def test_a_question_that_cannot_be_answered_says_what_it_lacks_in_the_readers_words() -> None:
    def because(people: int, question: str) -> Text:
        said = questions.answers(
            levels.by_arm(arms(people=people), ["high"]), [DEPTH], ["high"], {}
        )
        return next(x.because for x in said if x.question.en == question)

    assert (
        because(0, "Can it hold a complex idea?").en == "Depth: nobody has rated the arm's answers"
    )
    assert because(0, "Can it hold a complex idea?").ru.endswith("ответов модели никто не оценивал")
    assert because(9, "Can it hold a complex idea?").en == "Depth: people have rated too few tasks"
    lacking = because(12, "Does it create something new?")
    assert lacking.en.endswith("rubrics: Ontological branching, Cognitive leap")
    assert lacking.ru.endswith("вопроса: Онтологическое ветвление, Когнитивный скачок")


def test_the_questions_call_rubrics_as_their_files_do() -> None:
    assert set(questions.TITLES) == {y for x in questions.QUESTIONS for y in x.rubrics}
    for name, title in questions.TITLES.items():
        assert rubrics.load(ROOT / f"rubrics/{name}.yaml", ROOT).title == title


def test_the_panel_helper_makes_one_row_per_answer() -> None:
    judges = pl.concat([rated(JUDGE, "a", [1, 2]), rated(JUDGE, "b", [3, None])])
    assert panel(judges).sort("response")["score"].to_list() == [2.0, 2.0]


@pytest.mark.parametrize("levels", [(0.0, 0.25, 0.5, 0.75, 1.0), (10.0, 20.0, 40.0), (1.0, 2.0)])
def test_confusion_knows_the_levels_of_its_scale(levels: tuple[float, ...]) -> None:
    rows = [
        dict.fromkeys(RATINGS.names())
        | {"response": f"r{n}", "rubric": "odd", "rater": rater, "kind": kind, "score": level}
        for n, level in enumerate(levels * 3)
        for rater, kind in (("anna", "human"), ("one", "judge"))
    ]
    between = (levels[0] + levels[1]) / 2
    rows[1]["score"] = between
    one = Criterion("odd", Text(en="odd", ru="odd"), "ordinal", levels)
    found = confusion.by_judge(pl.DataFrame(rows, schema=RATINGS), [one])
    given = set(found["judge_score"]) | set(found["human_score"])
    assert given == set(levels), "every score is one of the levels"
    same = found.filter(pl.col("judge_score") == pl.col("human_score"))["pairs"].sum()
    assert same >= len(rows) / 2 - 1
