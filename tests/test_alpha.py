import time
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.stats import alpha, jackknife
from pipeline.stats.alpha import METRICS, Codes, Floats

GOLD = Path(__file__).resolve().parents[1] / "../shared/gold"

# One string per rater, one digit per unit, "." where nothing was rated. Numbers below: R 4.2.2.
DATA = {
    "krippendorff2011_C": ["123321412...", "1233224125.3", ".3332342251.", "12332441251."],
    "krippendorff2011_A": ["0100000010", "1110010000"],
    "krippendorff2011_B": ["112243335441", "212223335444"],
    "hayes_krippendorff2007": [
        "112.001122.01311211000201001111223222221",
        "1130000.21102311121000302102111122222221",
        "203000222100221123001.30.1012202.2232.21",
        ".13....0.10022...31.103021122..122...12.",
        "2..0001.2....3112..0.0..2.0..20.2.2222.1",
    ],
    "full3x20": ["51322242353543543224", "53322343353553543224", "52232152454553542225"],
    "missing4x20": [
        "5.13324444254452.323",
        "5133.22345555453.23.",
        "51432252.5455454124.",
        "5122215355.55354242.",
    ],
}


def grid(name: str) -> Floats:
    return np.array([[np.nan if x == "." else float(x) for x in row] for row in DATA[name]])


def each_unit(values: Floats) -> Codes:
    return np.arange(values.shape[1])


# --- numbers from R and from print -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("krippendorff2011_C", [0.7434210526316, 0.8153875037549, 0.8491071428571]),
        ("krippendorff2011_A", [0.0952380952381, 0.0952380952381, 0.0952380952381]),
        ("krippendorff2011_B", [0.6919642857143, 0.5980616605617, 0.6202830188679]),
        ("hayes_krippendorff2007", [0.4765095674187, 0.7598291891514, 0.7573782771536]),
        ("full3x20", [0.4805575935437, 0.8345968569849, 0.8390616475723]),
        ("missing4x20", [0.2755426151403, 0.6849673800378, 0.669576748812]),
    ],
)
def test_reference_alpha(name: str, expected: list[float]) -> None:
    values = grid(name)
    table = alpha.pairable(values)
    assert [alpha.point(values, m).value for m in METRICS] == pytest.approx(expected, abs=1e-9)
    assert [alpha.closed_form(table, m) for m in METRICS] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "metric", "expected"),
    [
        ("full3x20", "ordinal", [0.7031817690187, 0.9172898469719]),
        ("full3x20", "interval", [0.7076426622227, 0.9205635291435]),
        # nominal: from the R package krippendorffsalpha 2.0, where every unit has all ratings
        ("full3x20", "nominal", [0.2451398439627, 0.6874070464091]),
        ("missing4x20", "ordinal", [0.4237534664358, 0.8595326883894]),
        ("missing4x20", "interval", [0.4028776994578, 0.851367670562]),
        ("krippendorff2011_C", "ordinal", [-0.007076202737409, 0.9894459277091]),
        ("krippendorff2011_C", "interval", [-0.05001160636628, 0.9943273493942]),
        ("hayes_krippendorff2007", "ordinal", [0.6368327515659, 0.8524304472301]),
        ("hayes_krippendorff2007", "interval", [0.6431369187757, 0.8459032155379]),
    ],
)
def test_reference_eta_jackknife(name: str, metric: str, expected: list[float]) -> None:
    values = grid(name)
    found = jackknife.interval(values, each_unit(values), metric)
    assert found.kind == "eta-jackknife"
    assert found.note is None
    assert [found.low, found.high] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "metric", "error", "bounds", "first"),
    [
        (
            "full3x20",
            "ordinal",
            0.05908437831194,
            [0.7109318319383, 0.9582618820316],
            [0.814724721995, 0.8557583180836, 0.8476592641585, 0.8483876530436, 0.834580069764],
        ),
        (
            "missing4x20",
            "ordinal",
            0.1103648565593,
            [0.4530994204244, 0.9168353396512],
            [0.6482704623756, 0.6436675011071, 0.7077425116883, 0.6926557590607, 0.6854644663379],
        ),
        (
            "full3x20",
            "interval",
            0.05002873773419,
            [0.7343502960829, 0.9437729990616],
            [0.8225602027883, 0.8594730238394, 0.8463347706782, 0.8432, 0.828431372549],
        ),
    ],
)
def test_reference_plain_jackknife(
    name: str, metric: str, error: float, bounds: list[float], first: list[float]
) -> None:
    values = grid(name)
    values = values[:, (~np.isnan(values)).sum(axis=0) >= 2]
    left = jackknife.left_out(values, each_unit(values), values.shape[1], metric)
    assert left.defined.all()
    assert left.value[:5] == pytest.approx(first, abs=1e-9)
    centre = alpha.point(values, metric).value
    assert centre is not None
    found = jackknife.student(centre, left.value)
    assert found.error == pytest.approx(error, abs=1e-9)
    plain = jackknife.plain(centre, left)
    assert [plain.low, plain.high] == pytest.approx(bounds, abs=1e-9)
    assert plain.kind == "jackknife"


# --- real ratings ------------------------------------------------------------------------------


def gold(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The human ratings of a set, with the columns of RATINGS, and its measured alphas."""
    folder = GOLD / name
    if not folder.is_dir():
        pytest.skip(f"the human ratings of {name} are not here: {folder}")
    ratings = pl.read_parquet(folder / "ratings.parquet").filter(rater_kind="human")
    ratings = ratings.select(
        pl.col("item_id").cast(pl.String).alias("response"),
        pl.col("prompt_id").cast(pl.String).alias("prompt"),
        pl.col("criterion").alias("rubric"),
        pl.col("rater_id").alias("rater"),
        pl.col("rater_kind").alias("kind"),
        pl.lit(None, pl.Boolean).alias("computed"),
        "score",
    )
    return ratings, pl.read_csv(folder / "measured_human_alpha.csv")


def test_ttcw_human_alphas() -> None:
    ratings, measured = gold("ttcw")
    assert measured.height == 14
    for row in measured.iter_rows(named=True):
        table = alpha.pivot(ratings.filter(rubric=row["criterion"]))
        found = alpha.point(table.values, "nominal")
        assert found.value == pytest.approx(row["alpha_nominal"], abs=1e-9)
        assert (found.units, found.raters) == (row["n_items"], row["n_raters"])
        assert found.ratings == row["n_ratings"]
    pooled = ratings.with_columns(pl.concat_str("response", "rubric").alias("response"))
    assert alpha.point(alpha.pivot(pooled).values, "nominal").value == pytest.approx(
        0.4264, abs=5e-5
    )


def test_hanna_human_alphas_and_intervals() -> None:
    ratings, measured = gold("hanna")
    assert measured.height == 6
    kinds = {}
    for row in measured.iter_rows(named=True):
        table = alpha.pivot(ratings.filter(rubric=row["criterion"]))
        for metric in METRICS:
            found = alpha.point(table.values, metric)
            assert found.value == pytest.approx(row[f"alpha_{metric}"], abs=1e-9)
        found_interval = jackknife.interval(table.values, table.prompts, "ordinal")
        assert found_interval.prompts == 96
        assert found_interval.low is not None
        assert found_interval.high is not None
        assert found_interval.low < row["alpha_ordinal"] < found_interval.high
        kinds[row["criterion"]] = found_interval.kind
    assert set(kinds.values()) == {"eta-jackknife"}


def test_judgebench_published_alphas() -> None:
    ratings, measured = gold("judgebench")
    assert measured.height == 13
    for row in measured.iter_rows(named=True):
        chosen = ratings.filter(prompt=row["dataset"], rubric=row["criterion"])
        found = alpha.point(alpha.pivot(chosen).values, row["level"])
        assert found.value == pytest.approx(row["published"], abs=1e-9)


# --- properties --------------------------------------------------------------------------------

SCORES = st.one_of(st.just(np.nan), st.sampled_from([1.0, 2.0, 2.5, 3.0, 4.0]))


@st.composite
def grids(draw: st.DrawFn) -> Floats:
    raters, units = draw(st.integers(1, 5)), draw(st.integers(1, 9))
    cells = draw(st.lists(SCORES, min_size=raters * units, max_size=raters * units))
    return np.array(cells).reshape(raters, units)


metrics = pytest.mark.parametrize("metric", METRICS)
unhurried = settings(deadline=None, max_examples=60)


def close(one: alpha.Alpha, two: alpha.Alpha) -> bool:
    if one.value is None or two.value is None:
        return one == two
    return one.value == pytest.approx(two.value, abs=1e-9) and one[1:] == two[1:]


@metrics
@given(values=grids())
@unhurried
def test_closed_form_is_what_the_package_gives(values: Floats, metric: str) -> None:
    table = alpha.pairable(values)
    assume(len(table.domain) > 1)
    level: Any = metric
    expected = krippendorff.alpha(values[:, table.kept], level_of_measurement=level)
    assert alpha.closed_form(table, metric) == pytest.approx(expected, abs=1e-9)
    assert alpha.point(values, metric).value == pytest.approx(expected, abs=1e-9)


@metrics
@given(scores=st.lists(st.sampled_from([1.0, 2.0, 7.5]), min_size=2, max_size=9))
@unhurried
def test_perfect_agreement_is_one(scores: list[float], metric: str) -> None:
    assume(len(set(scores)) > 1)
    assert alpha.point(np.array([scores] * 3), metric).value == 1.0


@metrics
@given(values=grids(), data=st.data())
@unhurried
def test_the_order_of_raters_and_units_changes_nothing(
    values: Floats, data: st.DataObject, metric: str
) -> None:
    rows = data.draw(st.permutations(range(values.shape[0])))
    columns = data.draw(st.permutations(range(values.shape[1])))
    shuffled = values[rows][:, columns]
    assert close(alpha.point(shuffled, metric), alpha.point(values, metric))


@metrics
@given(values=grids())
@unhurried
def test_what_cannot_be_paired_changes_nothing(values: Floats, metric: str) -> None:
    assume(not np.isnan(values).all())
    silent = np.vstack((values, np.full(values.shape[1], np.nan)))
    lonely = np.hstack((values, np.full((len(values), 1), np.nan)))
    lonely[0, -1] = 9.0
    point = alpha.point(values, metric)
    interval = jackknife.interval(values, each_unit(values), metric)
    for more in (silent, lonely):
        assert close(alpha.point(more, metric), point)
        assert jackknife.interval(more, each_unit(more), metric) == interval


@given(values=grids(), names=st.permutations([1.0, 2.0, 2.5, 3.0, 4.0]))
@unhurried
def test_nominal_alpha_does_not_see_what_values_are_called(
    values: Floats, names: list[float]
) -> None:
    renamed = values.copy()
    for old, new in zip([1.0, 2.0, 2.5, 3.0, 4.0], names, strict=True):
        renamed[values == old] = new
    one, two = alpha.point(values, "nominal"), alpha.point(renamed, "nominal")
    assert (one.value is None) == (two.value is None)
    assert one.value == pytest.approx(two.value, abs=1e-9)


@metrics
@given(values=grids(), data=st.data())
@unhurried
def test_left_out_is_alpha_of_what_is_left(
    values: Floats, data: st.DataObject, metric: str
) -> None:
    units = values.shape[1]
    prompt = np.array(data.draw(st.lists(st.integers(0, 3), min_size=units, max_size=units)))
    left = jackknife.left_out(values, prompt, 4, metric)
    for p in range(4):
        expected = alpha.point(values[:, prompt != p], metric).value
        assert left.defined[p] == (expected is not None)
        assert expected is None or left.value[p] == pytest.approx(expected, abs=1e-9)


def eta_bounds(values: Floats, prompts: Codes, metric: str) -> tuple[float, float]:
    """METHOD section 1 word for word, one pair of ratings at a time."""
    units = [(p, u[~np.isnan(u)]) for p, u in zip(prompts, values.T, strict=True)]
    units = [(p, u) for p, u in units if len(u) >= 2]
    pooled = np.concatenate([u for _, u in units])

    def d(v: float, w: float) -> float:
        low, high = min(v, w), max(v, w)
        between = ((pooled >= low) & (pooled <= high)).sum()
        ends = ((pooled == low).sum() + (pooled == high).sum()) / 2
        return float(
            {"nominal": v != w, "ordinal": (between - ends) ** 2}.get(metric, (v - w) ** 2)
        )

    def eta(kept: list[Floats]) -> float:
        a, n = len(kept), sum(len(u) for u in kept)
        w = [sum(d(x, y) for x in u for y in u) / 2 / (len(u) - 1) for u in kept]
        every = np.concatenate(kept)
        mse, sst = sum(w) / n, sum(d(x, y) for x in every for y in every) / (2 * n)
        return float(np.log((sst - (n - a) * mse) / (a - 1) / mse))

    names = sorted({p for p, _ in units})
    g, a, n = len(names), len(units), len(pooled)
    centre = eta([u for _, u in units])
    deleted = np.array([eta([u for p, u in units if p != name]) for name in names])
    se = np.sqrt((g - 1) / g * ((deleted - deleted.mean()) ** 2).sum())
    t = {12: 2.200985160082949}[g]
    size = (n - sum(len(u) ** 2 for _, u in units) / n) / (a - 1)
    low, high = (np.exp(centre + s * t * se) - 1 for s in (-1, 1))
    return low / (low + size), high / (high + size)


@metrics
def test_eta_jackknife_deletes_whole_prompts_and_freezes_distances(metric: str) -> None:
    random = np.random.default_rng(5)
    truth = random.normal(3, 1, 24)
    values = np.clip(np.round(truth + random.normal(0, 0.8, (4, 24))), 1, 5)
    values[random.random(values.shape) < 0.2] = np.nan
    prompts = np.arange(24) % 12
    found = jackknife.interval(values, prompts, metric)
    assert (found.kind, found.prompts) == ("eta-jackknife", 12)
    expected = eta_bounds(values, prompts, metric)
    assert [found.low, found.high] == pytest.approx(expected, abs=1e-9)


# --- edges -------------------------------------------------------------------------------------

_ = np.nan


@metrics
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.full((3, 4), 2.0), "all ratings are equal (2)"),
        (np.array([[2.0, 2.0, 5.0], [2.0, 2.0, _]]), "all ratings are equal (2)"),
        (np.array([[1.0, 2.0, 3.0]]), "no answer has two ratings"),
        (np.array([[1.0, 2.0, _, _], [_, _, 1.0, 2.0]]), "no answer has two ratings"),
        (np.full((3, 4), _), "nothing is rated"),
        (np.empty((0, 4)), "nothing is rated"),
        (np.empty((3, 0)), "nothing is rated"),
    ],
)
def test_undefined_alpha_is_none_with_a_reason(values: Floats, reason: str, metric: str) -> None:
    found = alpha.point(values, metric)
    assert (found.value, found.reason) == (None, reason)
    interval = jackknife.interval(values, each_unit(values), metric)
    assert (interval.low, interval.high, interval.kind) == (None, None, None)
    assert interval.note == reason


def test_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'ratio' is not known, expected one of \('nominal'"):
        alpha.point(np.eye(2), "ratio")


def test_scores_without_end_are_refused_by_interval_only() -> None:
    values = np.array([[1.0, np.inf, 2.0], [1.0, np.inf, 1.0]])
    with pytest.raises(ValueError, match=r"interval scores reach from 1\.0 to inf"):
        alpha.point(values, "interval")
    assert alpha.point(values, "ordinal").value is not None


@pytest.mark.parametrize("factor", [1e-300, 1e300])
def test_interval_alpha_keeps_its_value_at_any_size_of_unit(factor: float) -> None:
    values = grid("full3x20")
    found = alpha.point(values * factor, "interval").value
    assert found == pytest.approx(alpha.point(values, "interval").value, abs=1e-9)


@metrics
def test_a_hundred_thousand_different_values_take_a_moment(metric: str) -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=(2, 50_000)) + random.normal(size=50_000)
    start = time.perf_counter()
    found = alpha.point(values, metric).value
    interval = jackknife.interval(values, np.arange(50_000) % 2_000, metric)
    assert time.perf_counter() - start < 5  # 0.1 s; the bound only tells it from an explosion
    assert found is not None
    # as names no two of the values agree, whichever prompt is deleted: that tells no error
    assert (interval.low is None) == (metric == "nominal")
    assert interval.low is None or interval.low <= found + 1e-6
    # half of the variance is shared; as names, no two of the values agree
    assert found == pytest.approx(0.0 if metric == "nominal" else 0.5, abs=0.03)


def test_ordinal_left_out_with_too_many_values_keeps_the_ranks_of_the_whole_sample() -> None:
    random = np.random.default_rng(2)
    values = random.normal(size=(2, 2_000)) + random.normal(size=2_000)
    prompt = np.arange(2_000) % 20
    left = jackknife.left_out(values, prompt, 20, "ordinal")
    expected = alpha.point(values[:, prompt != 0], "ordinal").value
    assert left.value[0] == pytest.approx(expected, abs=2e-3)


@metrics
def test_a_thousand_answers_by_ten_raters_on_300_prompts_is_quick(metric: str) -> None:
    random = np.random.default_rng(3)
    truth = random.normal(3, 1, 1_000)
    values = np.clip(np.round(truth + random.normal(0, 1, (10, 1_000))), 1, 5)
    start = time.perf_counter()
    found = jackknife.interval(values, np.arange(1_000) % 300, metric)
    assert time.perf_counter() - start < 1  # 2 ms here
    assert found.kind == "eta-jackknife"


@metrics
def test_fewer_than_three_prompts_have_no_interval(metric: str) -> None:
    values = grid("full3x20")
    found = jackknife.interval(values, each_unit(values) % 2, metric)
    assert (found.low, found.high, found.kind, found.prompts) == (None, None, None, 2)
    assert found.note == "no interval: 2 of 3 prompts needed"


@metrics
def test_perfect_agreement_has_no_interval_for_nothing_tells_its_error(metric: str) -> None:
    scores = [1.0, 2, 3, 1, 2, 3]
    found = jackknife.interval(np.array([scores, scores]), np.arange(6), metric)
    assert (found.low, found.high, found.kind) == (None, None, None)
    assert found.note == jackknife.FLAT
    assert jackknife.p_above(np.array([scores, scores]), np.arange(6), metric, 0.2) is None


def test_opposed_raters_fall_back_to_the_plain_jackknife() -> None:
    values = np.array([[1.0, 5, 1, 5, 2, 4, 1], [5.0, 1, 5, 1, 4, 2, 4]])
    found = jackknife.interval(values, each_unit(values), "interval")
    assert found.kind == "jackknife"
    assert found.low is not None
    assert found.low < -0.5


def test_all_disagreement_in_one_prompt_falls_back_and_is_cut_at_one() -> None:
    values = np.array([[1.0, 2, 3, 1, 2, 3], [1.0, 2, 3, 1, 2, 1]])
    found = jackknife.interval(values, each_unit(values), "ordinal")
    assert (found.kind, found.high) == ("jackknife", 1.0)


@metrics
def test_all_difference_in_one_prompt_has_no_interval(metric: str) -> None:
    values = np.array([[2.0, 2, 2, 2, 5], [2.0, 2, 2, 2, 4]])
    found = jackknife.interval(values, each_unit(values), metric)
    assert found.kind is None
    assert found.note == "no interval: alpha is not defined without 1 of the 5 prompts"
    assert alpha.point(values, metric).value is not None


# --- from a table ------------------------------------------------------------------------------


def ratings(*rows: tuple[str, str, str, float | None]) -> pl.DataFrame:
    """Rows of response, prompt, rater and score; all human."""
    columns = ["response", "prompt", "rater", "score"]
    schema = {**dict.fromkeys(columns[:3], pl.String), "score": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(kind=pl.lit("human"), computed=pl.lit(None, pl.Boolean))


def test_pivot_puts_nan_for_null_and_for_no_row() -> None:
    table = alpha.pivot(
        ratings(("b", "p2", "zoe", 3.0), ("a", "p1", "ann", 1.0), ("b", "p2", "ann", None))
    )
    assert table.raters["rater"].to_list() == ["ann", "zoe"]
    np.testing.assert_array_equal(table.values, [[1.0, _], [_, 3.0]])
    assert table.prompts.tolist() == [0, 1]


def test_pivot_of_no_rows_is_empty() -> None:
    table = alpha.pivot(ratings())
    assert table.values.shape == (0, 0)
    assert alpha.point(table.values, "ordinal").reason == "nothing is rated"


def test_pivot_refuses_a_second_score() -> None:
    with pytest.raises(ValueError, match="rater 'ann' has more than one score for response 'a'"):
        alpha.pivot(ratings(("a", "p", "ann", 1.0), ("a", "p", "ann", 2.0)))


# --- p of an alpha -----------------------------------------------------------------------------


@metrics
@given(values=grids())
@unhurried
def test_p_is_below_a_fortieth_where_the_interval_lies_above_the_bound(
    values: Floats, metric: str
) -> None:
    units = each_unit(values)
    found = jackknife.interval(values, units, metric)
    p = jackknife.p_above(values, units, metric, 0.2)
    assert (p is None) == (found.low is None)
    if p is not None and found.low is not None and abs(found.low - 0.2) > 1e-9:
        assert (p < 0.025) == (found.low > 0.2)


@pytest.mark.parametrize(("name", "kind"), [("full3x20", "eta-jackknife"), ("plain", "jackknife")])
def test_p_at_the_lower_bound_is_a_fortieth(name: str, kind: str) -> None:
    plain = np.array([[1.0, 2, 3, 1, 2, 3, 2, 2], [1.0, 2, 3, 1, 2, 1, 2, 2]])
    values = plain if name == "plain" else grid(name)
    found = jackknife.interval(values, each_unit(values), "ordinal")
    assert found.kind == kind
    assert found.low is not None
    if found.low >= 0:
        p = jackknife.p_above(values, each_unit(values), "ordinal", found.low)
        assert p == pytest.approx(0.025, abs=1e-9)


def test_equal_ratings_have_no_p() -> None:
    assert jackknife.p_above(np.ones((2, 6)), np.arange(6), "nominal", 0.2) is None
