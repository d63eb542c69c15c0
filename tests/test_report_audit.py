"""The sections of the report by which a panel is audited."""

import re
from functools import cache

import numpy as np
import polars as pl
import pytest
from test_report import SAFE, Seen, answer, filled, judged_slip, make_slip, rubric

from judges.rubric import Text
from pipeline import findings, judgement, tables
from pipeline.pages import audits, boards, notes, partings, payload, plots, report, standing, views
from pipeline.pages.slip import JudgeSlip, QuestionSlip, Slip
from pipeline.pages.words import WORDS
from pipeline.stats import (
    agreement,
    alt_test,
    bias,
    calibrate,
    contribution,
    independence,
    levels,
    pairwise,
    repeatability,
)
from pipeline.stats.differences import Arms
from pipeline.stats.terms import Criterion, Terms
from pipeline.stats.thresholds import Thresholds

ODD = f"gemma@0@ {SAFE}"
"""A judge, and a criterion, whose name nobody vouches for."""
CRITERIA = (
    Criterion("depth", Text(en="Depth", ru="Глубина"), "ordinal", (1.0, 2.0, 3.0, 4.0, 5.0)),
    Criterion(ODD, Text(en="Odd one", ru="Странная"), "interval", (0.0, 10.0)),
    Criterion("unrated", Text(en="Unrated", ru="Без людей"), "ordinal", (1.0, 2.0, 3.0)),
)
TASKS = 14


def rows_of(key: str, place: dict, scores: dict[str, tuple[str, float | None]]) -> list[dict]:
    return [
        {
            "response": key,
            "draw": 0,
            **place,
            "rater": who,
            "kind": kind,
            "rater_class": "skilled" if kind == "human" else None,
            "computed": who == "length" if kind == "judge" else None,
            "score": score,
            "reason": None if score is not None else "the judge abstained",
        }
        for who, (kind, score) in scores.items()
    ]


def simulated() -> tuple[pl.DataFrame, pl.DataFrame]:
    """RATINGS of people and judges with a seed, and the draws of one judge."""
    random = np.random.default_rng(5)
    ratings, draws = [], []
    for task in range(TASKS):
        for language in ("en", "ru"):
            for arm in ("big", "small"):
                key = f"{task}/{language} {arm}"
                quality = random.normal(3.4 if arm == "big" else 2.6, 0.9)
                for criterion in CRITERIA:
                    place = {"prompt": f"t{task}", "task_kind": "irony", "language": language}
                    place |= {"arm": arm, "rubric": criterion.id}
                    ends = criterion.scale[0], criterion.scale[-1]

                    def near(spread: float, quality=quality, ends=ends) -> float:
                        said = round(float(quality + random.normal(0, spread)))
                        return float(np.clip(said, *ends))

                    scores = {"anna": ("human", near(0.5)), "boris": ("human", near(0.6))}
                    scores |= {"chen": ("human", near(1.8))}
                    if criterion.id == "unrated":
                        scores = {}
                    judged = [near(0.5), near(1.5)]
                    scores |= {ODD: ("judge", judged[0]), "qwen": ("judge", judged[1])}
                    scores |= {"length": ("judge", 3.0)}
                    scores |= {"panel": ("panel", float(np.median(judged)))}
                    ratings += rows_of(key, place, scores)
                    for draw in (0, 1):
                        own = rows_of(key, place, {ODD: ("judge", near(0.5))})
                        draws += [{**row, "judge_draw": draw} for row in own]
    return pl.DataFrame(ratings, schema=tables.RATINGS), pl.DataFrame(draws, schema=findings.DRAWS)


QUESTIONS = tuple(
    QuestionSlip(arm, Text(en=f"Is it fit? {SAFE}", ru="Годится?"), said, because)
    for arm, said, because in (
        ("big", "yes", Text(en="Depth: 3.40 [3.10, 3.70]", ru="Глубина: 3,40 [3,10; 3,70]")),
        ("small", "cannot be said", Text(en="too few", ru="мало")),
    )
)
KEYS = [f"{task}/{language} {arm}" for task in (0, 1) for language in ("en", "ru")
        for arm in ("big", "small")]  # fmt: skip


@cache
def audited_slip(arms: bool = True) -> Slip:
    """Everything is rated and judged, but one rubric by no person; texts of a few answers."""
    ratings, draws = simulated()
    own = {"qwen": ["big"]} if arms else {}
    terms = Terms(CRITERIA, Arms("big", "small") if arms else None, own, Thresholds())
    answers = ratings.unique("response", maintain_order=True).with_columns(
        finish=pl.lit("complete"), words=pl.int_range(pl.len()) % 7 + 60
    )
    judged = judgement.of(terms, ratings, answers.select(list(findings.ANSWERS)))
    loops = {"arm": "big", "language": "ru", "answers": 28, "loops": 3, "loop_words": 123}
    plain = make_slip(
        judges=(
            JudgeSlip(ODD, "maker/gemma", None, "gemma", "stated", 2, ()),
            JudgeSlip("qwen", "maker/qwen", None, "qwen", "stated", 1, ("big",)),
            JudgeSlip("length", None, "length", None, "stated", 1, ()),
        ),
        criteria=CRITERIA,
        rubrics=(rubric("depth", "Depth", "Глубина"),),
        ratings=ratings,
        agreement=agreement.by_rubric(ratings, terms.metrics),
        strata=agreement.by_stratum(ratings, terms.metrics),
        questions=QUESTIONS,
        repetition=filled(findings.REPETITION, loops),
        answers=tuple(
            answer(key, key.split()[1], language=key[2:4], task=key[0], draw=0) for key in KEYS
        ),
        hidden_gaps={"unrated": Text(en="nobody rated it", ru="никто не оценил")},
    )
    unrated = judgement.unrated(terms, ratings, draws)
    return plain._replace(**judged._asdict(), **unrated._asdict())


@pytest.fixture(scope="module")
def html() -> str:
    return report.render(audited_slip())


@pytest.fixture(scope="module")
def seen(html: str) -> Seen:
    return Seen(html)


def cells(html: str, table: str) -> list[list[str]]:
    """The rows of a table as English text; a heading that spans rows stands in the first."""
    part = html[html.index(f'<table id="{table}"') :]
    part = re.sub(r'<span class="l-ru".*?</span>', "", part[: part.index("</table>")], flags=re.S)
    found = re.findall(r"<tr.*?</tr>", part[part.index("</thead>") :], re.S)
    text = [re.findall(r"<t[hd].*?</t[hd]>", row, re.S) for row in found]
    return [[" ".join(re.sub("<[^>]*>", "", x).split()) for x in row] for row in text]


def test_names_that_nobody_vouches_for_stay_text(html, seen):
    assert "<img" not in html
    assert "alert(1)</script>" not in html
    assert [tag for tag, _ in seen.tags].count("script") == 2
    assert {a["data-judge"] for _, a in seen.tags if "data-judge" in a} == {ODD, "qwen", "length"}
    assert {a["data-rubric"] for _, a in seen.tags if "data-rubric" in a} == {
        "depth", ODD, "unrated"
    }  # fmt: skip


def test_every_element_has_a_name_of_its_own_and_every_label_is_there(seen):
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    markers = [x for x in ids if re.fullmatch(r"[mp][0-9a-f]{10}", x)]
    named = [x for x in ids if x not in markers]
    assert sorted(named) == sorted(set(named))
    labels = {attrs["aria-labelledby"] for _, attrs in seen.tags if "aria-labelledby" in attrs}
    assert labels <= set(named)
    places = {a["href"] for tag, a in seen.tags if tag == "a" and a["href"][1:8] != "answer-"}
    assert places <= {f"#{x}" for x in named}


def test_a_criterion_may_be_called_anything():
    odd = [Criterion(x, WORDS["gap"], "ordinal", (1.0, 2.0)) for x in ("a b", "a-b", "глубина", "")]
    assert list(views.handles(odd).values()) == ["rubric-0", "a-b", "глубина", "rubric-3"]


def test_the_report_ends_with_the_four_questions(html):
    assert cells(html, "questions-table")[1:] == [["small", "? cannot be said", "too few"]]
    first = cells(html, "questions-table")[0]
    assert first[1:] == ["big", "✓ yes", "Depth: 3.40 [3.10, 3.70]"]
    last = html.rindex("<section")
    assert last < html.index('id="questions-table"') < html.index("</main>")
    assert '<li><a href="#questions">' in html
    assert "questions-table" not in report.render(make_slip())


def test_a_leaderboard_is_sorted_by_delta_and_people_stand_in_it(html):
    slip = audited_slip()
    rows = standing.board(slip, "depth")
    deltas = [x.delta for x in rows if x.delta is not None]
    assert deltas == sorted(deltas, reverse=True)
    assert {x.kind for x in rows} == {"ceiling", "person", "panel", "model", "counting"}
    assert sum(x.kind == "person" for x in rows) == 3
    shown = cells(html, "board-depth")
    assert [row[0].split()[0] for row in shown] == [x.name.en.split()[0] for x in rows]
    panel = next(x for x in rows if x.kind == "panel")
    row = next(row for row in shown if row[0] == "panel")
    assert row[1:4] == [f"{panel.alpha:.2f}", f"{panel.yardstick:.2f}",
                        f"{panel.delta:+.2f}".replace("-", "−")]  # fmt: skip
    test = slip.alternatives.filter(rubric="depth", rater="panel").to_dicts()[0]
    if test["passes"] is None:
        assert row[6] == "cannot be said"
        assert "30 shared items" in row[8]
    else:
        assert row[6] == ("yes" if test["passes"] else "no")
    anna = next(row for row in shown if row[0].startswith("anna"))
    assert anna[5:7] == ["–", "–"]


def test_what_has_no_delta_comes_last_with_its_reason():
    slip = audited_slip()
    judge = pl.col("rater") == "qwen"
    undone = {x: pl.when(judge).then(None).otherwise(x).alias(x) for x in ("delta", "low", "high")}
    note = pl.when(judge).then(pl.lit("nobody to meet")).otherwise("note").alias("note")
    lacking = slip._replace(deltas=slip.deltas.with_columns(*undone.values(), note))
    assert standing.board(lacking, "depth")[-1].who == "qwen"
    last = cells(report.render(lacking), "board-depth")[-1]
    assert last[3:5] == ["–", "–"]
    assert "nobody to meet" in last[8]
    assert "сравнивать не с кем" in report.render(lacking)


def test_a_rubric_that_nobody_rated_has_reasons_and_no_leaderboard(html, seen):
    assert standing.board(audited_slip(), "unrated") == []
    assert "board-unrated" not in html
    assert "people among themselves (Unrated)" in seen.said
    assert "people among themselves (Depth)" not in seen.said


def test_the_picture_has_everyone_and_marks_what_is_about_a_judge(html):
    picture = re.search(r'<svg[^>]*"agreement-depth-title".*?</svg>', html, re.S)[0]
    text = re.sub("<[^>]*>", "\n", picture)
    for name in ("people", "anna", "boris", "chen", "panel", "qwen", "length"):
        assert f"\n{name}\n" in text
    assert picture.count('data-judge="qwen"') == picture.count('data-judge="length"') > 2
    assert "var(--band)" in picture
    assert "about-" not in picture
    odd = html[html.index('id="agreement-rubric-1-title"') :]
    assert "(" in re.sub("<[^>]*>", "", odd[: odd.index("</svg>")])


def test_of_many_people_a_picture_shows_the_busiest():
    many = [
        standing.Standing("person", f"p{i:02}", 0.5, delta=0.0, answers=i) for i in range(1, 21)
    ]
    ceiling = standing.Standing("ceiling", None, 0.6)
    assert {x.who for x in standing.drawn([ceiling, *many])} == {f"p{i:02}" for i in range(9, 21)}
    assert standing.undrawn(many).en.startswith("People in the picture: the 12 of 20")
    assert standing.undrawn(many[:12]) is None
    assert plots.agreement([ceiling], -0.5, "x") is None


def test_the_floor_is_said_under_the_leaderboard(seen):
    over = standing.over_floor(audited_slip(), "depth")
    assert over is None or boards.over_floor(over).en in seen.said
    row = dict.fromkeys(findings.DELTAS) | {"alpha": 0.5, "yardstick_alpha": 0.25, "delta": 0.25}
    said = boards.over_floor(standing.Floor("length", row | {"low": -0.125, "high": 0.625}))
    assert said.ru == (
        "Панель рядом с лучшим из судей, которые только считают (length): альфа 0,50 против 0,25, "
        "перевес +0,25, 90%-й интервал от −0,12 до +0,62."
    )
    none = boards.over_floor(
        standing.Floor("length", row | {"note": "no interval: 2 of 3 prompts needed"})
    )
    assert "90% interval – (no interval: 2 of 3 tasks needed)" in none.en


def test_more_of_each_judge_is_folded_and_null_has_its_reason(html, seen):
    rows = {row[0]: row for row in cells(html, "measures-depth")}
    assert list(rows)[:2] == ["people", "panel"]
    bias_ = audited_slip().pairwise.filter(rubric="depth", rater="panel")["bias"][0]
    assert rows["panel"][5] == f"{bias_:+.2f}".replace("-", "−")
    assert rows["people"][5] == "–"
    steady = {row[0].split()[0]: row for row in cells(html, "steady-depth")}
    assert steady["gemma@0@"][4] == "2"
    assert "the judge gives one score only" in steady["length"][-1]
    added = {row[0]: row for row in cells(html, "added-depth")}
    own = audited_slip().contribution.filter(rubric="depth", judge="qwen").to_dicts()[0]
    assert len(added) == 2
    assert added["qwen"][1] == f"{own['added']:+.2f}".replace("-", "−")
    assert added["qwen"][5:7] == [f"{own[x]:.3f}" for x in ("error_with", "error_without")]
    effective = audited_slip().independence.filter(rubric="depth").to_dicts()[0]
    assert boards.effective(effective).en in seen.said


def test_confusion_counts_every_pair_and_keeps_what_is_off_the_scale():
    slip = audited_slip()
    for heat in audits.heats(slip, CRITERIA[0]):
        whole = slip.confusion.filter(rubric="depth", rater=heat.rater)["pairs"].sum()
        assert sum(x.pairs for row in heat.cells for x in row if x) == whole == heat.pairs
        for row in heat.cells:
            assert sum(x.share for x in row if x) == pytest.approx(1.0) or not any(row)
    assert [x.rater for x in audits.heats(slip, CRITERIA[0])] == ["panel", ODD, "qwen", "length"]
    assert audits.heats(slip, CRITERIA[1]) == []  # a scale without levels
    row = {"rubric": "depth", "rater": "qwen", "judge_score": 7.0, "human_score": 2.0, "pairs": 3}
    off = slip._replace(confusion=filled(findings.CONFUSION, row))
    heat = audits.heats(off, CRITERIA[0])[0]
    assert heat.levels == (1.0, 2.0, 3.0, 4.0, 5.0, 7.0)
    assert heat.cells[1][5] == audits.Cell(3, 1.0)
    assert heat.same == 0


def test_confusion_is_a_small_table_per_judge(html, seen):
    assert WORDS["confusion_unstepped"].ru in seen.said
    assert WORDS["confusion_none"].en in seen.said  # nobody rated `unrated`
    part = html[html.index('id="heat-depth-1"') :]
    part = part[: part.index("</table>")]
    assert part.count('class="diagonal"') == 5
    numbers = [int(x) for x in re.findall(r'style="--w:[\d.]+">(\d+)</td>', part)]
    assert (
        sum(numbers)
        == audited_slip().confusion.filter(rubric="depth", rater="panel")["pairs"].sum()
    )


def test_bias_says_what_favours_what_or_why_it_cannot_tell():
    slip = audited_slip()
    found = audits.biases(slip, "depth", panel=True)
    assert [(x.name.en, x.factor.ru) for x in found] == [
        ("panel", "длина"), ("panel", "полюс"), ("panel", "язык"), ("all judges", "своё семейство")
    ]  # fmt: skip
    assert [x.contrast.ru for x in found[:3]] == [
        "в 2,72 раза больше слов", "big − small", "русский − английский"
    ]  # fmt: skip
    assert found[1].alone["coefficient"] is not None
    length = next(x for x in audits.biases(slip, "depth", panel=False) if x.rater == "length")
    assert (length.factor.en, length.alone, length.contrast) == ("every factor", None, None)
    assert len(length.notes) == 1
    assert not audits.beyond(length.alone)
    assert audits.beyond({"low": -2.0, "high": -1.0})
    assert not audits.beyond({"low": -2.0, "high": 1.0})


def test_the_own_family_stands_with_and_without(html):
    row = audited_slip().own_family.filter(rubric="depth").to_dicts()[0]
    shown = cells(html, "kin")[0]
    assert shown[:2] == ["Depth", "qwen"]
    assert shown[2:5] == [
        f"{row[x]:+.2f}".replace("-", "−") for x in ("gap_with", "gap_without", "difference")
    ]


def triage_rows(count: int, rubric: str, look: str = "judge wrong", **more: object) -> list[dict]:
    return [
        {
            "rubric": rubric,
            "prompt": "t0",
            "language": "en",
            "arm": "big",
            "response": f"{rubric}{i:03}",
            "look": look,
            "size": 4.0 - i / 100,
            "people": 2.0,
            "people_low": 2.0,
            "people_high": 3.0,
            "panel": 4.5,
            "panel_low": 4.0,
            "panel_high": 5.0,
            **more,
        }
        for i in range(count)
    ]


def test_a_long_list_is_cut_and_every_rubric_has_a_share():
    table = filled(findings.TRIAGE, *triage_rows(100, "depth"), *triage_rows(4, "irony", size=2.0))
    wrong = partings.looks(make_slip(triage=table))[1]
    assert (len(wrong.items), wrong.found) == (50, 104)
    rubrics = [x.row["rubric"] for x in wrong.items]
    assert rubrics == ["depth"] * 46 + ["irony"] * 4  # the widest apart first
    said = Seen(report.render(make_slip(triage=table))).said
    assert "Shown: 50 of 104, the widest apart of each rubric; left out: 54." in said
    assert "Показано 50 из 104" in said


def test_an_item_names_the_levels_to_look_at_and_opens_the_answer():
    row = {**triage_rows(1, "depth")[0], "response": KEYS[0], "who": ODD}
    slip = audited_slip()._replace(triage=filled(findings.TRIAGE, row))
    item = partings.looks(slip)[1].items[0]
    assert [x.level for x in item.levels] == [2, 3, 4, 5]
    html = report.render(slip)
    assert partings.address(KEYS[0]) == "#answer-0%2Fen%20big"
    assert f'href="{partings.address(KEYS[0])}"' in html
    assert "people 2 (2 to 3); panel 4.5 (4 to 5)" in Seen(html).said
    assert "панель: 4,5 (от 4 до 5)" in Seen(html).said
    assert "<img" not in html
    assert Seen(html).said.count(WORDS["look_none"].ru) == 2
    elsewhere = slip._replace(triage=filled(findings.TRIAGE, {**row, "response": SAFE}))
    found = Seen(report.render(elsewhere))
    assert not [a for tag, a in found.tags if tag == "a" and a["href"].startswith("#answer-")]
    bare = partings.looks(slip._replace(rubrics=()))[1].items[0]
    assert bare.levels == ()


def test_the_reader_gets_what_people_would_say():
    slip = audited_slip()
    data = payload.reader_data(slip)
    row = slip.calibrated.filter(rubric="depth", response=KEYS[0]).to_dicts()[0]
    three = [round(row[x], 3) for x in ("calibrated", "low", "high")]
    assert data["answers"][0]["calibrated"]["depth"] == three
    assert "unrated" not in data["answers"][0]["calibrated"]
    assert "calibrated" not in payload.reader_data(make_slip())["answers"][0]
    unsure = filled(
        findings.CALIBRATED, {"rubric": "depth", "response": KEYS[0], "calibrated": 3.0}
    )
    assert payload.calibrated_scores(unsure) == {KEYS[0]: {"depth": [3.0, None, None]}}


def test_calibration_shows_three_errors_or_a_reason(html):
    rows = cells(html, "calibrations")
    own = audited_slip().calibration.filter(rubric="depth").to_dicts()[0]
    assert rows[0][3:6] == [f"{own[x]:.2f}" for x in ("error", "raw_error", "constant_error")]
    assert rows[2][3:6] == ["–"] * 3
    assert "3 tasks needed" in rows[2][-1]
    line = audits.line({"slope": 0.5, "intercept": -1.25})
    assert (line.en, line.ru) == ("0.50 x −1.25", "0,50 x −1,25")


def test_loops_are_counted_per_arm(html):
    assert cells(html, "repetitions") == [["big", "Russian", "28", "3", "123", "–", "–", "–"]]
    assert 'id="repetitions"' not in report.render(make_slip())


def test_p_is_adjusted_over_the_gaps_that_are_shown():
    slip = judged_slip()
    shown = [{"p": 0.0002}, {"p": 0.3}]
    assert audits.holm(shown) == [0.0004, 0.3]
    rows = cells(report.render(slip), "human-gaps")
    assert [row[3:5] for row in rows] == [["&lt; 0.001", "&lt; 0.001"], ["0.300", "0.300"]]
    close = slip.corrected.with_columns(p=pl.lit(0.02))
    assert [
        row[3:5] for row in cells(report.render(slip._replace(corrected=close)), "human-gaps")
    ] == [["0.020", "0.040"]] * 2


def test_a_level_is_shown_only_where_the_gap_is(html):
    rows = cells(html, "heights-table")
    assert {row[0] for row in rows if len(row) == 7} == {"Depth", "Odd one"}
    assert [row[-6] for row in rows] == ["big", "small"] * 2


def test_every_heading_says_that_it_is_simulated():
    html = report.render(audited_slip()._replace(simulated=True))
    headings = re.findall(r"<h[123][ >].*?</h[123]>", html, re.S)
    assert len(headings) > 25
    for heading in headings:
        assert WORDS["simulated"].en in heading
        assert WORDS["simulated"].ru in heading
    title = re.search(r"<title.*?</title>", html, re.S)[0]
    assert "(simulated)" in title
    assert "(смоделировано)" in title
    seen = Seen(html)
    above = [said for _, said in seen.texts[seen.body : seen.body + 4]]
    assert WORDS["simulated_banner"].en in above
    assert payload.reader_data(audited_slip()._replace(simulated=True))["simulated"]
    assert WORDS["simulated"].ru not in Seen(report.render(audited_slip())).said


def ratings_only() -> Slip:
    """What is known of a published panel: ratings, and the names of its criteria."""
    slip = audited_slip(arms=False)
    nothing = {
        x: getattr(slip, x).clear()
        for x in ("gaps", "completion", "costs", "repetition", "originality", "difficulty")
    }
    return slip._replace(
        arms=(), rubrics=(), answers=(), questions=(), failures=(), hidden_gaps={}, conclusion=(),
        tuning=(),
        **nothing,
    )  # fmt: skip


def test_where_only_ratings_are_known_nothing_is_said_of_arms():
    html = report.render(ratings_only())
    seen = Seen(html)
    assert "3 judges scored 56 answers on 3 rubrics." in seen.said
    assert "56 of the answers also have reference ratings, from 3 raters." in seen.said
    sections = [a["aria-labelledby"] for tag, a in seen.tags if tag == "section"]
    assert sections == [
        "warnings", "belief", "agreement", "confusion", "bias", "triage", "calibration", "judges",
            "reader",
    ]  # fmt: skip
    for absent in ("HiCap", "LoCap", "No call failed", "No model was asked"):
        assert absent not in seen.said
    assert payload.reader_data(ratings_only())["words"]["reader_empty"] == [
        WORDS["reader_no_texts"].en, WORDS["reader_no_texts"].ru
    ]  # fmt: skip
    nobody = ratings_only()._replace(ratings=simulated()[0].filter(pl.col("kind") != "human"))
    assert WORDS["compared_nobody"].ru in views.compared(nobody).ru


def test_a_filter_is_there_where_there_is_a_choice(seen):
    filters = views.sifting(audited_slip())
    assert [x for x, _ in filters["judge"]] == [ODD, "qwen", "length"]
    assert [x.ru for _, x in filters["language"]] == ["английский", "русский"]
    assert [a["data-sift"] for _, a in seen.tags if "data-sift" in a] == list(filters)
    assert [x for x, _ in views.sifting(ratings_only())["arm"]] == ["big", "small"]
    one = audited_slip()._replace(criteria=CRITERIA[:1])
    assert "rubric" not in views.sifting(one)


def test_the_notes_of_the_audits_are_known_in_russian():
    ratings, draws = simulated()
    human = pl.col("kind") == "human"
    flat = ratings.with_columns(score=pl.when(human).then("score").otherwise(3.0))
    same = ratings.with_columns(score=pl.when(human).then(3.0).otherwise("score"))
    single = ratings.filter(~human | (pl.col("rater") == "anna"))
    few = ratings.filter(pl.col("prompt").is_in(["t0", "t1"]))
    lone = ratings.filter(~pl.col("rater").is_in(["qwen", "length"]))
    metrics = {x.id: x.metric for x in CRITERIA}
    scales = {x.id: x.scale for x in CRITERIA}
    facts = pl.DataFrame({"response": ratings["response"].unique().sort()}).with_columns(
        words=pl.int_range(pl.len()) + 1
    )
    arms = Arms("big", "small")
    said: set[str] = set()
    for table in (ratings, flat, same, single, few, few.head(9), lone):
        frames = [
            pairwise.by_rubric(table, metrics),
            pairwise.by_rubric(table, dict.fromkeys(metrics, "nominal")),
            bias.by_rubric(table, facts, arms, {"qwen": ["big"]}),
            levels.by_arm(table, ("big", "small")),
            calibrate.by_rubric(table, scales).maps,
            calibrate.by_rubric(table, scales, small="ordinal").maps,
            repeatability.compression(table),
            independence.by_rubric(table),
            contribution.by_judge(table, metrics, arms),
            contribution.own_family(table, arms, {"qwen": ["big"]}),
            contribution.own_family(table, arms, {"qwen": ["big"], ODD: ["big"]}),
            contribution.own_family(table.head(9), arms, {"qwen": ["big"]}),
            alt_test.by_rubric(table, metrics),
        ]
        said |= {
            x for frame in frames for note in frame["note"].drop_nulls() for x in note.split("; ")
        }
    again = repeatability.by_judge(draws.filter(pl.col("judge_draw") == 0), metrics)
    said |= set(again["note"].drop_nulls())
    assert len(said) > 25
    assert [part for part in sorted(said) if notes.note(part).ru == part] == []
    assert not [x for x in said if re.search(r"tau_b|prompt", notes.note(x).en)]


def test_the_page_keeps_its_weight():
    rows = [row for x in ("depth", "irony") for row in triage_rows(2_000, x, "rubric ambiguous")]
    html = report.render(make_slip(triage=filled(findings.TRIAGE, *rows)))
    assert len(html.encode()) - len(report.render(make_slip()).encode()) < 150_000


def test_the_judges_are_ordered_over_all_rubrics_where_all_are_known():
    deltas = [
        ("depth", "judge-human", "able", -0.1),
        ("irony", "judge-human", "able", 0.1),
        ("depth", "judge-human", "worse", -0.5),
        ("irony", "judge-human", "worse", -0.3),
        ("depth", "judge-human", "partly", 0.2),
        ("depth", "panel-human", "panel", 0.1),
        ("irony", "panel-human", "panel", 0.1),
    ]
    table = pl.DataFrame(
        [
            dict.fromkeys(findings.DELTAS) | {"rubric": r, "comparison": c, "rater": w, "delta": d}
            for r, c, w, d in deltas
        ],
        schema=findings.DELTAS,
    )
    slip = make_slip(deltas=table)
    found = boards.overall(slip)
    assert [(x.rater.en, x.mean) for x in found] == [
        ("panel", pytest.approx(0.1)),
        ("able", pytest.approx(0.0)),
        ("worse", pytest.approx(-0.4)),
        ("partly", None),
    ]
    rows = cells(report.render(slip), "overall-table")
    assert [x[1] for x in rows] == ["+0.10", "0.00", "−0.40", "–"]
    assert boards.overall(slip._replace(criteria=slip.criteria[:1])) == []
