"""The headline picture: what it is counted from, and which sentence it supports."""

import hashlib
import json
import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import Project
from fake_server import FakeServer, completion, is_verdict_request, verdict
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as some
from people import go, rated
from test_benchmarks import bench, sum_of
from test_report import make_slip

from judges.rubric import Text
from pipeline import audit, findings
from pipeline.pages import gap_plot, report
from pipeline.pages import headline as page
from pipeline.stats import benchmarks, headline, standardised, structure
from pipeline.stats.differences import Arms
from pipeline.tables import RATINGS

ARMS = Arms("big", "small")
BOUND = 0.2


# --- the unit


@given(some.arrays(np.float64, (2, 12), elements=st.integers(0, 5).map(float)))
def test_the_unit_does_not_matter(scores: np.ndarray) -> None:
    """Levels from 0 to 5 or from 0 to 50: the same picture."""
    high, low = scores
    one, ten = (standardised.spread(k * high, k * low) for k in (1, 10))
    if one.deviation is None:
        assert ten.deviation is None
        return
    gap = high - low
    error = float(gap.std(ddof=1)) / 12**0.5
    small, large = (
        standardised.standardise(k * float(gap.mean()), k * error, 11, x)
        for k, x in ((1, one), (10, ten))
    )
    assert small.value == pytest.approx(large.value)
    assert small.low_90 == pytest.approx(large.low_90)


def test_a_published_d_av_is_found() -> None:
    """Means 3 and 2, deviations 1 and 2: 1 / sqrt(2.5), times Hedges' factor of 3 freedoms."""
    high, low = np.array([2.0, 3, 4, 3]), np.array([1.0, 2, 3, 2])
    beside = standardised.spread(high, low)
    assert beside.deviation == pytest.approx((2 / 3) ** 0.5)
    found = standardised.standardise(1.0, 0.5, 3, beside)
    assert found.value == pytest.approx((1 - 3 / 11) / (2 / 3) ** 0.5)
    assert found.low < found.low_90 < found.value < found.high_90 < found.high


def test_without_spread_there_is_no_unit() -> None:
    flat = standardised.spread(np.ones(9), np.ones(9))
    assert flat.deviation is None
    assert standardised.standardise(0.0, 0.1, 8, flat) == standardised.NOTHING


def test_the_interval_of_a_gap_on_items_covers_it() -> None:
    """300 draws of 100 items, three in four right beside one in two: 95 of 100 intervals hold d."""
    random = np.random.default_rng(7)
    true = 0.25 / ((0.75 * 0.25 + 0.25) / 2) ** 0.5
    hits = 0
    for _ in range(300):
        skill = random.random(100)
        high, low = ((skill + random.random(100)) / 2 < x for x in (0.6465, 0.5))
        gap = benchmarks.paired(high.astype(float) - low)
        assert gap is not None
        beside = standardised.spread(high.astype(float), low.astype(float))
        found = standardised.standardise(gap.value, gap.error, gap.freedom, beside, gap.centre)
        hits += found.low <= true <= found.high
    assert 275 <= hits <= 298


def test_no_discordant_item_is_no_certainty() -> None:
    found = benchmarks.paired(np.zeros(40))
    assert found is not None
    assert found.value == 0
    assert 0.05 < found.high < 0.1


def test_wilson_and_guessing() -> None:
    found = benchmarks.wilson(0, 10)
    assert (found.low, round(found.high, 4)) == (0, 0.2775)  # Newcombe 1998, table I
    assert benchmarks.corrected(0.25, 0.25) == 0
    assert benchmarks.corrected(None, 0.25) is None
    assert benchmarks.percentile(0.5, []) is None


# --- structure


def test_structure_sees_form_and_not_words() -> None:
    plain = "The lamp went out. It was late. We sat in the dark and said no word at all."
    other = "The moon came up. He ran fast. They fell in the grass and ate one pear in peace."
    same = [structure.measure(x, "en") for x in (plain, other)]
    assert same[0] == pytest.approx(same[1])
    listed = "# Plan\n\n- The lamp went out.\n- It was late.\n\nTherefore we sat."
    assert structure.measure(listed, "en").lists == 0.75
    assert structure.measure(listed, "en").connectives > 0
    assert structure.measure("…", "en") == (None, None, None, None)


def test_a_structure_that_never_varies_has_no_score() -> None:
    rows = [
        {"response": f"{n}", "prompt": "p", "arm": "big", "language": "ru", "text": "Туман лёг."}
        for n in range(4)
    ]
    assert structure.by_answer(pl.DataFrame(rows))["score"].null_count() == 4


# --- planted


def marks(high: str, low: str) -> pl.DataFrame:
    """One benchmark; a sign per item: + the arm has it right, - wrong, ? it cannot be read."""
    rows = [
        {
            **dict.fromkeys(findings.MARKS),
            "arm": arm,
            "benchmark": "sums",
            "item": f"i{n:03}",
            "language": "en",
            "form": "plain",
            "mark": {"+": "right", "-": "wrong", "?": "unreadable"}[x],
        }
        for arm, row in zip(ARMS, (high, low), strict=True)
        for n, x in enumerate(row)
    ]
    return pl.DataFrame(rows, schema=findings.MARKS)


def rubric(gap: float, error: float, name: str = "depth") -> dict[str, Any]:
    return {
        **dict.fromkeys(findings.CORRECTED),
        "rubric": name,
        "answers": "judged",
        "gap": gap,
        "error": error,
        "freedom": 28.0,
        "gold_prompts": 30,
    }


def people(name: str = "depth") -> pl.DataFrame:
    """Scores whose deviation within an arm is about one."""
    rows = [
        {
            **dict.fromkeys(RATINGS),
            "response": f"{arm}{n}",
            "prompt": f"p{n}",
            "arm": arm,
            "rubric": name,
            "rater": "anna",
            "kind": "human",
            "score": float(n % 3 * 1.25 + 1),
        }
        for arm in ARMS
        for n in range(30)
    ]
    return pl.DataFrame(rows, schema=RATINGS)


def drawn(
    items: pl.DataFrame,
    *rows: dict[str, Any],
    bound: float = BOUND,
    chance: float = 0.0,
    **unusable: str,
) -> Any:
    """The picture of these benchmarks and rubrics; `chance` is what guessing gets right."""
    corrected = pl.DataFrame(list(rows), schema=findings.CORRECTED)
    ratings = pl.concat([people(x["rubric"]) for x in rows] or [people().clear()])
    structured = pl.DataFrame(schema=findings.STRUCTURE)
    sources = headline.Sources(ARMS, items, scored(items, chance), corrected, ratings, structured)
    return headline.picture(sources, unusable, bound)


def scored(items: pl.DataFrame, chance: float) -> pl.DataFrame:
    """BENCHMARKS of these marks."""
    return benchmarks.by_form(items, dict.fromkeys(items["benchmark"], chance), {})


def told(found: pl.DataFrame, *names: str) -> list[Text]:
    """What the page says of a picture, benchmarks being called by their names."""
    called = {x: Text(en=x, ru=x) for x in names or ("sums",)}
    return page.sentences(make_slip(headline=found)._replace(benchmark_titles=called))


SAME = ("+" * 45 + "-" * 15) * 2
WORSE = ("+" * 15 + "-" * 45) * 2
FEW = ("+-" * 10, "+-" * 9 + "-+")
"""Two discordant items of twenty: too few to tell."""


@pytest.mark.parametrize(
    ("high", "low", "gap", "error", "says"),
    [
        (SAME, SAME, 1.0, 0.15, "illusion"),
        (SAME, SAME, -1.0, 0.15, "illusion"),
        (SAME, SAME, 0.0, 0.05, "same"),
        (SAME, SAME, 0.2, 0.3, "quiet"),
        (SAME, WORSE, 1.0, 0.15, "both"),
        (WORSE, SAME, 1.0, 0.15, "opposed"),
        (SAME, WORSE, 0.1, 0.3, "benchmarks"),
        (*FEW, 1.0, 0.15, "creative"),
        (*FEW, 0.1, 0.3, "open"),
    ],
)
def test_each_state_has_its_sentence(
    high: str, low: str, gap: float, error: float, says: str
) -> None:
    found = drawn(marks(high, low), rubric(gap, error))
    slip = make_slip(headline=found)._replace(benchmark_titles={"sums": make_slip().title})
    first = page.sentences(slip)[0]
    start = page.WORDS[f"headline_says_{says}"].en.split("{")[0]
    assert first.en.startswith(start), found.select("group", "value", "low_90", "high_90", "stands")
    assert ("illusion" in first.en) == (says == "illusion")
    assert ("иллюзия" in first.ru) == (says == "illusion")


def test_an_open_benchmark_says_how_many_items_would_do() -> None:
    found = drawn(marks(*FEW), rubric(1.0, 0.15))
    slip = make_slip(headline=found)._replace(benchmark_titles={"sums": make_slip().title})
    first = page.sentences(slip)[0].en
    assert re.search(r"it would take about \d+ items", first), first


def test_a_rubric_that_is_not_usable_is_named_and_not_drawn() -> None:
    found = drawn(
        marks(SAME, SAME), rubric(1.0, 0.15), rubric(1.0, 0.15, "irony"), irony="undecided"
    )
    row = found.filter(name="irony").to_dicts()[0]
    assert (row["value"], row["note"]) == (None, "undecided")
    slip = make_slip(headline=found)._replace(benchmark_titles={"sums": make_slip().title})
    assert [x["name"] for x in page.drawn(slip)] == ["sums", "depth"]
    assert any("undecided" in x.en and "не решено" in x.ru for x in page.undrawn(slip))
    assert "irony" not in page.sentences(slip)[0].en.lower()


def test_one_open_benchmark_forbids_the_illusion() -> None:
    other = marks(*FEW).with_columns(benchmark=pl.lit("exam"))
    found = drawn(pl.concat([marks(SAME, SAME), other]), rubric(1.0, 0.15))
    title = make_slip().title
    slip = make_slip(headline=found)._replace(benchmark_titles={"sums": title, "exam": title})
    assert "illusion" not in page.sentences(slip)[0].en


def test_a_benchmark_that_all_get_right_shows_no_equivalence() -> None:
    found = drawn(marks("+" * 200, "+" * 200), rubric(1.0, 0.15))
    row = found.filter(group="benchmark").to_dicts()[0]
    assert (row["value"], row["stands"]) == (None, None)
    slip = make_slip(headline=found)._replace(benchmark_titles={"sums": make_slip().title})
    said = page.sentences(slip)[0]
    assert said.en.startswith("Whether the benchmark gap predicts the creative gap cannot be said")
    assert any("no spread to measure by" in x.en for x in page.undrawn(slip))


GUESSED = ("+" + "-" * 3) * 500, ("-" * 3 + "+") * 500
"""A quarter right of 2000 items with four options, each on other items."""
UNREAD = ("?" * 98 + "+-") * 20, ("?" * 98 + "-+") * 20


@pytest.mark.parametrize(
    ("signs", "chance", "english", "russian"),
    [
        (
            GUESSED,
            0.25,
            "neither arm is shown to do better than guessing",
            "не показано, что хоть один полюс отвечает лучше, чем наугад",
        ),
        (
            UNREAD,
            0.0,
            "replies that could not be read: 1960 of 2000 of the high end's, 1960 of 2000 of the "
            "low end's",
            "не удалось прочитать ответов: у верхнего полюса 1960 из 2000, у нижнего 1960 из 2000",
        ),
    ],
)
def test_a_benchmark_that_measured_nothing_shows_no_equivalence(
    signs: tuple[str, str], chance: float, english: str, russian: str
) -> None:
    found = drawn(marks(*signs), rubric(1.0, 0.15), chance=chance)
    row = found.filter(group="benchmark").to_dicts()[0]
    assert (row["value"], row["stands"], row["note"]) == (None, None, english)
    assert row["gap"] == 0
    said = told(found)
    assert "the picture lacks a gap on benchmarks" in said[0].en
    assert said[1].en == f"The benchmark “sums” tells nothing: {english}."
    assert said[1].ru == f"Бенчмарк «sums» ни о чём не говорит: {russian}."
    assert not any("quivalent" in x.en or "равноцен" in x.ru for x in said)


def test_a_benchmark_that_told_nothing_stands_beside_one_that_did() -> None:
    other = marks(*UNREAD).with_columns(benchmark=pl.lit("exam"))
    found = drawn(pl.concat([marks(SAME, SAME), other]), rubric(1.0, 0.15))
    assert found.filter(group="benchmark")["stands"].to_list() == ["equivalent", None]
    said = told(found, "sums", "exam")
    assert "illusion" not in said[0].en
    assert ["exam" in x.en for x in said if "tells nothing" in x.en] == [True]


@pytest.mark.parametrize(
    ("high", "low", "stands"),
    [
        (SAME, WORSE, "apart"),  # who is above guessing tells a lot beside who is not
        (SAME, SAME, "equivalent"),
        ("?" * 30 + "+" * 60 + "-" * 30, "?" * 30 + "+" * 60 + "-" * 30, "equivalent"),
        ("?" * 31 + "+" * 60 + "-" * 29, "+" * 60 + "-" * 60, None),  # more than a quarter
    ],
)
def test_one_arm_above_guessing_is_enough_and_both_must_be_read(
    high: str, low: str, stands: str | None
) -> None:
    found = drawn(marks(high, low), rubric(1.0, 0.15), chance=0.25)
    assert found.filter(group="benchmark")["stands"].to_list() == [stands]


def test_what_is_said_of_every_rubric_counts_those_that_could_not_be_measured() -> None:
    found = drawn(
        marks(SAME, SAME), rubric(0.0, 0.05), irony="not usable", metaphor_depth="undecided"
    )
    first, second = told(found)[:2]
    assert "on every rubric that could be measured (1 of 3)" in first.en
    assert "по каждой рубрике, где разрыв измерен (1 из 3)" in first.ru
    assert "on none of the rubrics that could be measured (1 of 3)" in second.en
    assert "ни по одной из рубрик, где он измерен (1 из 3)" in second.ru


def test_whether_the_gaps_differ_is_said_with_its_interval() -> None:
    found = drawn(marks(SAME, SAME), rubric(1.0, 0.15))
    row = found.filter(group="rubric").to_dicts()[0]
    assert row["beyond"] == pytest.approx(row["value"])
    assert row["beyond_low"] > 0
    slip = make_slip(headline=found)._replace(benchmark_titles={"sums": make_slip().title})
    assert "Not here" in page.sentences(slip)[1].en
    far = drawn(marks(SAME, WORSE), rubric(1.0, 0.3))
    slip = slip._replace(headline=far)
    assert "Nothing here shows that it does not" in page.sentences(slip)[1].en


# --- whole studies


def scripted(weak: bool) -> Any:
    """Two arms: equal at sums, or the small one weak; the big one thinks deeper in any case."""

    def reply(body: dict[str, Any]) -> Any:
        prompt = body["messages"][-1]["content"]
        if is_verdict_request(body):
            return verdict(level(prompt))
        small = body.get("max_tokens") == 50
        if re.search("plus|плюс|Add|Прибавьте", prompt):
            n = int(re.search(r"\d+", prompt)[0])
            wrong = n % 4 == 0 or (weak and small and n % 3 < 2)
            return completion(f"{2 * n + wrong}")
        number = re.search(r"(?:stone|камень) (\d+)", prompt)
        assert number is not None
        said = "It listens to the rain" if small else "It doubts that it is a stone"
        return completion(f"{said}, says stone {number[1]}.\n\nSo it goes on.")

    return reply


def level(text: str) -> int:
    """What anyone would give: the big arm's answers stand one level higher, stones differ."""
    answer = text[text.rindex("It ") :]
    number = re.search(r"stone (\d+)", answer)
    assert number is not None
    base = 2 + hashlib.sha256(number[1].encode()).digest()[0] % 3
    return base + ("doubts" in answer)


def three(row: dict[str, str], rater: int) -> int:
    noise = hashlib.sha256(f"{row['response_key']}{rater}".encode()).digest()[0] % 8 == 0
    return min(5, level(row["answer"]) + noise)


def whole(project: Project, server: FakeServer, weak: bool) -> str:
    """The report of a study whose people, judge and arms are scripted."""
    for n in range(24):
        project.task(f"stone_{n}", f"What does stone {n} think?", f"О чём думает камень {n}?")
    (project.root / "data/tasks/stone.yaml").unlink()
    bench(project, lines=[sum_of(n) for n in range(1, 121)])
    server.reply = scripted(weak)
    result = rated(project, three, benchmarks=[{"name": "sums"}])
    assert result.owed == 0
    return result.report.read_text("utf-8")


@pytest.mark.parametrize("weak", [False, True])
def test_a_planted_illusion_is_said_and_only_then(
    served: Project, server: FakeServer, weak: bool
) -> None:
    pytest.importorskip("lm_eval")
    html = whole(served, server, weak)
    run = served.root / "data/runs/trial"
    found = {x["group"]: x for x in pl.read_parquet(run / "headline.parquet").to_dicts()}
    assert found["rubric"]["stands"] == "apart", found["rubric"]
    assert found["benchmark"]["stands"] == ("apart" if weak else "equivalent")
    said = "Equivalent on benchmarks, apart on creative thinking"
    assert (said in html) != weak
    assert ("На бенчмарках полюсы равноценны, в творческом мышлении расходятся" in html) != weak
    assert ("Apart on both: on benchmarks" in html) == weak
    assert 'aria-labelledby="headline-gap-title"' in html
    again = audit.audit(run)
    assert (again.differing, again.missing) == ((), ())


def test_without_benchmarks_the_picture_says_what_it_lacks(
    served: Project, server: FakeServer
) -> None:
    html = go(served).report.read_text("utf-8")
    assert "benchmarks: the study asks none" in html
    assert "бенчмарки: в исследовании их нет" in html
    assert "the picture lacks a gap on benchmarks and a usable rubric" in html


def test_the_picture_is_the_same_bytes_for_the_same_slip() -> None:
    found = drawn(marks(SAME, WORSE), rubric(1.0, 0.15))
    slip = make_slip(headline=found)._replace(benchmark_titles={"sums": make_slip().title})
    one, other = (report.render(slip) for _ in range(2))
    assert one == other
    figure = one[one.index('aria-labelledby="headline-gap-title"') :]
    figure = figure[: figure.index("</svg>")]
    assert "Бенчмарки" in figure
    assert "var(--band)" in figure
    assert json.dumps("NaN") not in one


def test_an_interval_that_the_axis_cuts_off_ends_in_an_arrow() -> None:
    def arrows(gap: float, error: float) -> int:
        found = drawn(marks(SAME, SAME), rubric(gap, error))
        slip = make_slip(headline=found)._replace(benchmark_titles={"sums": make_slip().title})
        svg = str(gap_plot.draw(page.drawn(slip), page.names(slip), BOUND))
        row = found.filter(group="rubric").to_dicts()[0]
        assert f"{row['value']:+.2f} [" in svg.replace("\N{MINUS SIGN}", "-"), "numbers are written"
        # Every mark is defined once: the square of the benchmark, the dot, and an arrow each way.
        return len(set(re.findall(r'<use href="#(m\w+)"', svg))) - 2

    assert arrows(1.0, 0.2) == 0
    assert arrows(4.0, 2.0) == 1
    assert arrows(0.1, 4.0) == 2
    assert arrows(9.0, 0.2) == 1, "the value itself is never off the axis"


def test_a_structure_that_differs_by_as_much_on_every_task_says_so_in_the_picture() -> None:
    rows = [
        dict.fromkeys(findings.STRUCTURE)
        | {"response": f"{arm}{n}", "prompt": f"p{n}", "arm": arm, "score": n % 4 + shift}
        for arm, shift in zip(ARMS, (0.0, 0.0), strict=True)
        for n in range(20)
    ]
    nothing = pl.DataFrame(schema=findings.CORRECTED)
    sources = headline.Sources(
        ARMS,
        marks(SAME, SAME),
        scored(marks(SAME, SAME), 0.0),
        nothing,
        people().clear(),
        pl.DataFrame(rows, schema=findings.STRUCTURE),
    )
    slip = make_slip(headline=headline.picture(sources, {}, BOUND))
    slip = slip._replace(benchmark_titles={"sums": slip.title})
    svg = str(gap_plot.draw(page.drawn(slip), page.names(slip), BOUND))
    assert "0.00 on every task" in svg
    assert "0,00 всюду" in svg
