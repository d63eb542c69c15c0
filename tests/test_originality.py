"""How far an answer is from the common one, and how hard a task came out: counted, not judged."""

import numpy as np
import polars as pl
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import files
from pipeline.findings import DIFFICULTY, ORIGINALITY
from pipeline.stats import difficulty, originality
from pipeline.stats.differences import Arms
from pipeline.tables import RATINGS
from pipeline.tasks import Task

ARMS = Arms("big", "small")
WORDS = st.lists(
    st.sampled_from(["sea", "stone", "камень", "дождь", "и", "well-known"]), max_size=9
)


def texts(*rows: tuple[str, str, str, str, str | None]) -> pl.DataFrame:
    """Rows of prompt, arm, language, text and banal answer."""
    return pl.DataFrame(
        [
            {
                "response": f"r{n}",
                "prompt": prompt,
                "arm": arm,
                "language": language,
                "text": text,
                "banal": banal,
            }
            for n, (prompt, arm, language, text, banal) in enumerate(rows)
        ],
        schema=dict.fromkeys(("response", "prompt", "arm", "language", "text", "banal"), pl.String),
    )


def test_the_same_words_are_near_and_others_far() -> None:
    banal = "The sea is a symbol of freedom."
    found = originality.by_answer(
        texts(
            ("sea", "big", "en", "A grey animal that keeps its own accounts.", banal),
            ("sea", "small", "en", "The sea is a symbol of freedom!", banal),
            ("sea", "small", "en", "The sea: a symbol of freedom and peace.", banal),
            ("rain", "big", "en", "Rain falls.", None),
        )
    )
    assert found.schema == ORIGINALITY
    rows = {x["response"]: x for x in found.to_dicts()}
    assert rows["r1"]["banal"] == pytest.approx(0.0, abs=1e-9)
    assert rows["r0"]["banal"] > 0.9
    assert rows["r0"]["pool"] > rows["r1"]["pool"]
    assert rows["r0"]["nearest"] > rows["r2"]["nearest"]
    assert (rows["r3"]["pool"], rows["r3"]["nearest"], rows["r3"]["banal"]) == (None,) * 3
    assert [rows[x]["others"] for x in ("r0", "r3")] == [2, 0]


def test_russian_endings_do_not_part_the_same_words() -> None:
    one, other = originality.grams("глубокое озеро"), originality.grams("глубоких озёр")
    assert one.keys() & other.keys() >= {"глубо"}


@given(one=WORDS, other=WORDS)
@settings(deadline=None)
def test_a_distance_lies_between_0_and_1_and_is_the_same_both_ways(
    one: list[str], other: list[str]
) -> None:
    three = [" ".join(one), " ".join(other), " ".join(one)]
    found = originality.distances(three, " ".join(one), {}, 1.0)
    assert found[0].pool == pytest.approx(found[2].pool)
    assert found[0].nearest == pytest.approx(0.0, abs=1e-9) if one else True
    alone = originality.distances(three[:2], None, {}, 1.0)
    assert [x.pool for x in alone] == [None, None], "one other answer is no pool"
    for each in found:
        assert each.pool is not None
        assert -1e-9 <= each.pool <= 1 + 1e-9
    if one:
        assert found[0].banal == pytest.approx(0.0, abs=1e-9)


def test_languages_are_never_compared() -> None:
    found = originality.by_answer(
        texts(
            ("sea", "big", "en", "The sea.", None),
            ("sea", "big", "ru", "Море.", None),
            ("sea", "small", "ru", "Море и небо.", None),
            ("sea", "small", "ru", "Море и снова море.", None),
        )
    )
    assert found.filter(language="en")["others"].to_list() == [0]
    assert found.filter(language="ru")["pool"].null_count() == 0


def test_arms_are_set_side_by_side_by_task() -> None:
    found = pl.DataFrame(
        [
            {
                "response": f"{p}{arm}",
                "prompt": f"p{p}",
                "language": "en",
                "arm": arm,
                "pool": value,
                "nearest": value,
                "banal": None,
                "others": 1,
            }
            for p in range(5)
            for arm, value in (("big", 0.6 + 0.01 * p), ("small", 0.4))
        ],
        schema=ORIGINALITY,
    )
    pool, nearest, banal = originality.gaps(found, ARMS)
    assert pool.gap == pytest.approx(0.22)
    assert pool.gap_low is not None
    assert pool.gap_low < 0.22
    assert (nearest.measure, nearest.prompts) == ("nearest", 5)
    assert (banal.prompts, banal.gap) == (0, None)


def scored(
    prompt: str, arm: str, rater: str, kind: str, rubric: str, score: float
) -> dict[str, object]:
    base = dict.fromkeys(RATINGS.names())
    return {
        **base,
        "response": f"{prompt}-{arm}",
        "prompt": prompt,
        "task_kind": "irony",
        "arm": arm,
        "rubric": rubric,
        "rater": rater,
        "kind": kind,
        "score": score,
    }


def test_difficulty_is_the_share_of_the_scale_that_answers_lack() -> None:
    rows = [
        scored(prompt, arm, rater, kind, rubric, score)
        for prompt, shares in (("easy", (1.0, 0.75)), ("hard", (0.5, 0.0)))
        for arm, share in zip(ARMS, shares, strict=True)
        for rubric, (low, high) in (("depth", (1, 5)), ("yes", (0, 1)))
        for rater, kind in (("ann", "human"), ("panel", "panel"), ("gpt", "judge"))
        for score in [low + share * (high - low)]
        if not (prompt == "easy" and kind == "human")
    ]
    ends = {"depth": (1.0, 5.0), "yes": (0.0, 1.0)}
    found = difficulty.by_task(pl.DataFrame(rows, schema=RATINGS), ends, ARMS)
    assert found.schema == DIFFICULTY
    by = {(x["prompt"], x["by"]): x for x in found.to_dicts()}
    assert by["easy", "panel"]["difficulty"] == pytest.approx(0.125)
    assert by["hard", "panel"]["difficulty"] == pytest.approx(0.75)
    assert by["hard", "people"]["spread"] == pytest.approx(0.5)
    strange = [scored("easy", ARMS[0], "panel", "panel", "depth", score) for score in (-40.0, 90.0)]
    again = difficulty.by_task(pl.DataFrame([*rows, *strange], schema=RATINGS), ends, ARMS)
    assert again.equals(found), "a score off the scale has no share of it"
    assert ("easy", "people") not in by, "nobody rated it"
    assert by["hard", "panel"]["low"] is None
    assert "2 of 3 answers needed" in by["hard", "panel"]["note"]
    assert all("rubrics" not in (x["note"] or "") for x in found.to_dicts())
    fewer = [x for x in rows if not (x["prompt"] == "easy" and x["rubric"] == "yes")]
    partly = difficulty.by_task(pl.DataFrame(fewer, schema=RATINGS), ends, ARMS)
    said = {(x["prompt"], x["by"]): (x["rubrics"], x["note"]) for x in partly.to_dicts()}
    assert "on 1 of 2 rubrics: compare with the like only" in said["easy", "panel"][1]
    assert said["hard", "panel"][0] == 2
    assert "rubrics" not in said["hard", "panel"][1]
    names = found.filter(by="panel")["prompt"].to_list()
    assert names == ["hard", "easy"], "the hardest first"


def test_no_task_says_how_hard_it_is() -> None:
    assert "difficulty" not in Task.model_fields
    for path in sorted((ROOT / "data/tasks").glob("*.yaml")):
        data = files.parse(path, ROOT).data
        assert isinstance(data, dict)
        assert "difficulty" not in data, path


def test_a_shuffled_pool_gives_the_same_distances() -> None:
    random = np.random.default_rng(3)
    words = ["sea", "stone", "rain", "grey", "keeps", "own"]
    rows = [
        (f"p{n % 3}", "big", "en", " ".join(random.choice(words, 6)), "the sea keeps its own")
        for n in range(12)
    ]
    table = texts(*rows)
    found = originality.by_answer(table)
    assert originality.by_answer(table.sample(fraction=1, shuffle=True, seed=1)).equals(found)
