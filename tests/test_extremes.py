"""The eight rows of the two extremes: what is asked, what an arm is, whether it is met."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import extremes
from pipeline.capacity import ROWS, Mark, Profile
from pipeline.extremes import Extreme, Met

HICAP: dict[str, Any] = {
    "parameters_billion": 1000,
    "quantisation": "none",
    "weight_bits": 16,
    "experts": {"total": 128, "active": 10, "size_billion": 7.5},
    "context_tokens": 131072,
    "thinking": {"mode": "unlimited", "seconds": 600},
    "extras": ["attention_sinks", "router_boost", "softmax_tricks"],
    "inference": "tuned",
}
LOCAP: dict[str, Any] = {
    "parameters_billion": 7.6,
    "quantisation": "Q4_0",
    "weight_bits": 4.5,
    "experts": {"total": 0, "active": 0},
    "context_tokens": 8192,
    "thinking": {"mode": "none"},
    "extras": [],
    "inference": "defaults",
}


def met(extreme: Extreme, **changes: Any) -> dict[str, Met]:
    """Which rows of an extreme are met by the profile that meets all of it, with `changes`."""
    base = HICAP if extreme == "hicap" else LOCAP
    profile = Profile.model_validate(base | changes)
    return {x.row: x.met for x in extremes.held(extreme, profile, {})}


@pytest.mark.parametrize("extreme", ["hicap", "locap"])
def test_an_arm_that_is_all_that_is_asked_meets_all_eight(extreme: Extreme) -> None:
    assert list(met(extreme).values()) == ["yes"] * 8


@pytest.mark.parametrize(
    ("extreme", "row", "changes", "said"),
    [
        ("hicap", "parameters", {"parameters_billion": 69.9}, "no"),
        ("hicap", "parameters", {"parameters_billion": None}, "not known"),
        ("locap", "parameters", {"parameters_billion": 1.5}, "no"),
        ("locap", "parameters", {"parameters_billion": 8.5}, "yes"),
        ("hicap", "quantisation", {"quantisation": "fp8", "weight_bits": 8}, "no"),
        ("hicap", "quantisation", {"weight_bits": None}, "yes"),
        ("hicap", "quantisation", {"quantisation": "awq", "weight_bits": None}, "no"),
        ("hicap", "quantisation", {"quantisation": "Q8_0", "weight_bits": 21.97}, "no"),
        ("hicap", "quantisation", {"quantisation": "BF16"}, "yes"),
        ("hicap", "quantisation", {"quantisation": "not published"}, "yes"),
        (
            "hicap",
            "quantisation",
            {"quantisation": "not published", "weight_bits": None},
            "not known",
        ),
        ("locap", "quantisation", {"weight_bits": 5.5}, "no"),
        ("locap", "quantisation", {"quantisation": "awq", "weight_bits": None}, "not known"),
        ("locap", "quantisation", {"quantisation": "none", "weight_bits": None}, "no"),
        ("locap", "quantisation", {"quantisation": "bf16", "weight_bits": None}, "no"),
        (
            "locap",
            "quantisation",
            {"quantisation": "not published", "weight_bits": None},
            "not known",
        ),
        ("hicap", "experts", {"experts": {"total": 128, "active": 8}}, "no"),
        ("hicap", "experts", {"experts": {"total": 128}}, "not known"),
        ("hicap", "experts", {"experts": {"total": 8}}, "no"),
        ("hicap", "experts", {"experts": {"total": 0, "active": 0}}, "no"),
        ("locap", "experts", {"experts": {"total": 2, "active": 1}}, "yes"),
        ("locap", "experts", {"experts": {"total": 2, "active": 2}}, "no"),
        ("locap", "experts", {"experts": {"total": 2}}, "not known"),
        ("locap", "experts", {"experts": {"total": 1, "active": 1}}, "no"),
        ("hicap", "expert_size", {"experts": {"total": 0}}, "no"),
        ("hicap", "expert_size", {"experts": {"size_billion": 1.7}}, "no"),
        ("locap", "expert_size", {"experts": {"total": 2, "size_billion": 3}}, "no"),
        ("hicap", "context", {"context_tokens": 1_000_000}, "no"),
        ("hicap", "context", {"context_tokens": 32768}, "no"),
        ("locap", "context", {"context_tokens": 8193}, "no"),
        ("hicap", "thinking", {"thinking": {"mode": "unlimited"}}, "yes"),
        ("hicap", "thinking", {"thinking": {"mode": "unlimited", "seconds": 60}}, "no"),
        ("hicap", "thinking", {"thinking": {"mode": "capped"}}, "no"),
        ("locap", "thinking", {"thinking": {"mode": "capped", "seconds": 5}}, "yes"),
        ("locap", "thinking", {"thinking": {"mode": "unlimited"}}, "no"),
        ("hicap", "extras", {"extras": None}, "not known"),
        ("hicap", "extras", {"extras": ["attention_sinks"]}, "no"),
        ("locap", "extras", {"extras": ["sliding_window"]}, "no"),
        ("locap", "inference", {"inference": "tuned"}, "no"),
    ],
)
def test_a_row_is_met_by_what_it_asks_and_by_nothing_else(
    extreme: Extreme, row: str, changes: dict[str, Any], said: Met
) -> None:
    found = met(extreme, **changes)
    assert found[row] == said


def test_thinking_that_answers_refute_is_not_met() -> None:
    profile = Profile.model_validate(LOCAP)
    rows = extremes.held("locap", profile, {"thinking.mode": "contradicted"})
    assert [(x.row, x.mark) for x in rows if x.met == "no"] == [("thinking", "contradicted")]


def test_what_is_not_known_borrows_no_mark_from_what_is_known_beside_it() -> None:
    profile = Profile.model_validate(HICAP | {"experts": {"total": 128, "active": 10}})
    marks: dict[str, Mark] = {"experts.total": "declared", "context_tokens": "contradicted"}
    unknown = profile.model_copy(update={"context_tokens": None})
    rows = {x.row: x.mark for x in extremes.held("hicap", unknown, marks)}
    assert rows["expert_size"] is None
    assert rows["experts"] == "declared"
    assert rows["context"] == "contradicted", "something was shown, though no value"


profiles = st.builds(
    lambda **fields: Profile.model_validate(fields),
    parameters_billion=st.none() | st.floats(0.1, 2000),
    quantisation=st.sampled_from(["none", "awq", "Q4_0"]),
    weight_bits=st.none() | st.floats(1, 32),
    experts=st.fixed_dictionaries(
        {
            "total": st.none() | st.integers(0, 512),
            "active": st.none() | st.integers(0, 64),
            "size_billion": st.none() | st.floats(0.01, 50),
        }
    ),
    context_tokens=st.none() | st.integers(1, 2_000_000),
    thinking=st.fixed_dictionaries({"mode": st.sampled_from(["unlimited", "capped", "none"])}),
    extras=st.none() | st.just(()),
    inference=st.sampled_from(["tuned", "defaults"]),
)


@given(profiles)
def test_no_arm_meets_a_row_of_both_ends(profile: Profile) -> None:
    high, low = (extremes.held(x, profile, {}) for x in ("hicap", "locap"))
    assert len(high) == len(low) == 8
    for one, other in zip(high, low, strict=True):
        assert (one.met, other.met) != ("yes", "yes"), one.row


@given(profiles)
def test_the_sentence_counts_every_row_once(profile: Profile) -> None:
    rows = extremes.held("hicap", profile, {})
    said = extremes.unmet("hicap", "big", rows)
    yes = sum(x.met == "yes" for x in rows)
    assert said.en.startswith(f"big meets {yes} of the 8 rows of HiCap.")
    for row in rows:
        for text, title in ((said.en, row.title.en), (said.ru, row.title.ru)):
            assert (title in text) == (row.met != "yes"), (row.row, text)


def test_what_is_asked_in_words_has_the_numbers_that_are_compared() -> None:
    for row in ROWS:
        for asked in (row.hicap, row.locap):
            for text in (asked.said.en, asked.said.ru):
                digits = {float(x.replace(",", ".")) for x in re.findall(r"\d+(?:[.,]\d+)?", text)}
                for _, bounds in asked.ranges:
                    for end in (bounds.low, bounds.high):
                        if end is not None and row.id not in ("context", "experts"):
                            assert end in digits, (row.id, text)
