import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rated import HUMAN, ITEMS, JUDGE, LLM, gold, rated, scores

from pipeline.findings import ALT_TESTS
from pipeline.stats import alpha, alt_test
from pipeline.stats.alpha import Floats
from pipeline.stats.alt_test import Rules

PEOPLE = np.array([scores(row) for row in ITEMS], float)
JUDGED = np.array(scores(LLM), float)


# --- numbers from R and from the authors' code --------------------------------------------------


@pytest.mark.parametrize(
    ("epsilon", "p", "adjusted", "rate"),
    [
        (
            0.0,
            [0.05486066845544, 0.09155294582262, 0.02914265446074],
            [0.1508668382525, 0.1678470673415, 0.1508668382525],
            0.0,
        ),
        (
            0.1,
            [0.005117171766392, 0.0156019738733, 0.003051862659792],
            [0.01407222235758, 0.02860361876771, 0.01407222235758],
            1.0,
        ),
        (
            0.2,
            [0.0002800797355388, 0.001728170542219, 0.0002159138247659],
            [0.0007702192727317, 0.003168312660735, 0.0007702192727317],
            1.0,
        ),
    ],
)
def test_reference_alt_test(
    epsilon: float, p: list[float], adjusted: list[float], rate: float
) -> None:
    found = alt_test.compare(JUDGED, PEOPLE, [epsilon] * 3, "ordinal")
    assert [person.p for person in found.people] == pytest.approx(p, abs=1e-9)
    assert [person.p_adjusted for person in found.people] == pytest.approx(adjusted, abs=1e-9)
    advantage = [0.8974358974359, 0.8205128205128, 0.8717948717949]
    assert [person.advantage for person in found.people] == pytest.approx(advantage, abs=1e-9)
    assert found.advantage == pytest.approx(0.8632478632479, abs=1e-9)
    assert found.winning_rate == rate
    assert found.passes == (rate >= 0.5)
    # 2 of 3 are needed: the test passes from the second smallest adjusted p on
    assert found.p == pytest.approx(sorted(adjusted)[1], abs=1e-9)


# --- one answer at a time ----------------------------------------------------------------------


def wins(judge: Floats, people: Floats, row: int, metric: str) -> list[float]:
    """d of each answer, word for word."""

    def score(x: float, others: Floats) -> float:
        if metric == "nominal":
            return float(np.mean(others == x))
        return -float(np.sqrt(np.mean((others - x) ** 2)))

    found = []
    for item in range(people.shape[1]):
        others = np.delete(people[:, item], row)
        others = others[~np.isnan(others)]
        own, judged = people[row, item], judge[item]
        if np.isnan(own) or np.isnan(judged) or not len(others):
            continue
        one, two = score(own, others), score(judged, others)
        found.append(float(one >= two) - float(two >= one))
    return found


@pytest.mark.parametrize("metric", ["ordinal", "nominal", "interval"])
def test_differences_are_those_of_the_definition(metric: str) -> None:
    random = np.random.default_rng(8)
    people = random.integers(1, 4, (5, 90)).astype(float)
    people[random.random(people.shape) < 0.4] = np.nan
    judge = random.integers(1, 4, 90).astype(float)
    judge[:7] = np.nan
    found = alt_test.compare(judge, people, [0.2] * 5, metric, Rules(least_items=1))
    assert len(found.people) == 5
    for person in found.people:
        d = wins(judge, people, person.row, metric)
        assert person.items == len(d)
        assert person.difference == pytest.approx(np.mean(d), abs=1e-9)


def test_each_person_is_held_to_the_epsilon_of_their_class() -> None:
    forgiving = alt_test.compare(JUDGED, PEOPLE, [0.2, 0.0, 0.2], "ordinal")
    assert [person.epsilon for person in forgiving.people] == [0.2, 0.0, 0.2]
    assert forgiving.people[0].p == pytest.approx(0.0002800797355388, abs=1e-9)
    assert forgiving.people[1].p == pytest.approx(0.09155294582262, abs=1e-9)
    assert forgiving.winning_rate == pytest.approx(2 / 3)


# --- properties --------------------------------------------------------------------------------

levels = st.sampled_from([1.0, 2.0, 3.0, np.nan])
quick = settings(deadline=None, max_examples=40)


@st.composite
def tables(draw: st.DrawFn) -> Floats:
    cells = draw(st.lists(levels, min_size=4 * 12, max_size=4 * 12))
    return np.array(cells).reshape(4, 12)


@given(values=tables(), order=st.permutations(range(3)))
@quick
def test_the_order_of_people_changes_nothing(values: Floats, order: list[int]) -> None:
    rules = Rules(least_items=3)
    one = alt_test.compare(values[0], values[1:], [0.1] * 3, "ordinal", rules)
    two = alt_test.compare(values[0], values[1:][order], [0.1] * 3, "ordinal", rules)
    assert (one.reason, one.passes) == (two.reason, two.passes)
    assert one.p == pytest.approx(two.p, abs=1e-12)


@given(values=tables(), epsilon=st.floats(0, 0.5), more=st.floats(0, 0.4))
@quick
def test_more_forgiveness_never_hurts(values: Floats, epsilon: float, more: float) -> None:
    rules = Rules(least_items=3)
    strict = alt_test.compare(values[0], values[1:], [epsilon] * 3, "ordinal", rules)
    mild = alt_test.compare(values[0], values[1:], [epsilon + more] * 3, "ordinal", rules)
    assert (strict.p is None) == (mild.p is None)
    if strict.p is not None and mild.p is not None:
        assert mild.p <= strict.p + 1e-12


# --- edges -------------------------------------------------------------------------------------


def test_too_few_people_or_items_is_null_with_a_reason() -> None:
    two = alt_test.compare(JUDGED, PEOPLE[:2], [0.1] * 2, "ordinal")
    assert (two.winning_rate, two.passes, two.p) == (None, None, None)
    assert two.reason == "2 people with at least 30 shared items, 3 needed"
    short = alt_test.compare(JUDGED[:29], PEOPLE[:, :29], [0.1] * 3, "ordinal")
    assert short.reason == "0 people with at least 30 shared items, 3 needed"
    silent = alt_test.compare(np.full(40, np.nan), PEOPLE, [0.1] * 3, "ordinal")
    assert silent.reason == short.reason
    assert alt_test.compare(JUDGED, PEOPLE[:0], [], "ordinal").passes is None


def test_answers_of_one_person_only_do_not_count() -> None:
    alone = np.hstack((PEOPLE, np.full((3, 5), np.nan)))
    alone[0, 40:] = 1.0
    found = alt_test.compare(np.append(JUDGED, [5.0] * 5), alone, [0.1] * 3, "ordinal")
    assert found.people == alt_test.compare(JUDGED, PEOPLE, [0.1] * 3, "ordinal").people


def test_a_judge_that_never_differs_from_people_has_p_of_nought_and_a_far_one_of_one() -> None:
    same = np.tile([1.0, 2, 3, 4], (3, 10))
    equal = alt_test.compare(same[0], same, [0.1] * 3, "ordinal")
    assert (equal.winning_rate, equal.p, equal.worse_rate) == (1.0, 0.0, 0.0)
    far = alt_test.compare(same[0] + 5, same, [0.1] * 3, "ordinal")
    assert (far.winning_rate, far.passes, far.p, far.worse_rate) == (0.0, False, 1.0, 1.0)


def test_noise_is_worse_than_people() -> None:
    random = np.random.default_rng(3)
    truth = random.normal(3, 1, 300)
    people = np.clip(np.round(truth + random.normal(0, 0.6, (3, 300))), 1, 5)
    noise = random.integers(1, 6, 300).astype(float)
    found = alt_test.compare(noise, people, [0.2] * 3, "ordinal")
    assert (found.winning_rate, found.worse_rate) == (0.0, 1.0)


# --- the table ---------------------------------------------------------------------------------


def test_table_takes_epsilon_from_the_class_of_each_person() -> None:
    raters = [rated(HUMAN, f"h{i}", scores(row)) for i, row in enumerate(ITEMS)]
    raters.append(rated(JUDGE, "llm", scores(LLM)))
    ratings = pl.concat(raters)
    expert = ratings.with_columns(
        rater_class=pl.when(kind=HUMAN).then(pl.lit("expert")),
    )
    crowd_row, expert_row = (
        alt_test.by_rubric(table, {"depth": "ordinal"}).row(0, named=True)
        for table in (ratings, expert)
    )
    assert crowd_row["p"] == pytest.approx(0.01407222235758, abs=1e-9)
    assert expert_row["p"] == pytest.approx(0.0007702192727317, abs=1e-9)
    assert (expert_row["people"], expert_row["items"], expert_row["note"]) == (3, 117, None)
    assert alt_test.by_rubric(ratings, {"depth": "ordinal"}).schema == ALT_TESTS


def test_a_person_of_two_classes_is_refused_and_one_of_none_is_crowd() -> None:
    ann = rated(HUMAN, "ann", [1.0, 2.0])
    grid = alpha.pivot(ann)
    assert alt_test.classes(ann.with_columns(rater_class=pl.lit(None, pl.String)), grid) == (
        "crowd",
    )
    both = ann.with_columns(rater_class=pl.Series(["crowd", "expert"]))
    with pytest.raises(ValueError, match=r"'ann' has the classes \['crowd', 'expert'\]"):
        alt_test.classes(both, grid)


def test_ttcw_has_too_few_experts_with_thirty_stories() -> None:
    ratings, measured = gold("ttcw")
    found = alt_test.by_rubric(ratings, dict.fromkeys(measured["criterion"], "nominal"))
    assert found.height == 14 * 8
    assert found["passes"].null_count() == found.height
    assert found["note"].unique().to_list() == ["1 people with at least 30 shared items, 3 needed"]
