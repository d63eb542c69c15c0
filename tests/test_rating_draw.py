"""Who is shown what: balanced, both arms by the same person, never in a row, from a seed."""

from collections import Counter
from itertools import combinations, pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rating import draw
from pipeline.rating.draw import Assignment

RUBRICS = ("depth", "irony", "meta_reflection")


def plan(
    prompts: int, people: int = 3, languages: int = 2, fully: int | None = None
) -> pl.DataFrame:
    """Both arms of each prompt in each language; `fully` prompts get three people, others one."""
    return pl.DataFrame(
        [
            {
                "prompt": f"p{p:03}",
                "response": f"p{p:03}-{language}-{arm}",
                "raters": people if fully is None or p < fully else 1,
            }
            for p in range(prompts)
            for language in range(languages)
            for arm in ("high", "low")
        ]
    )


def prompts_of(one: Assignment) -> set[str]:
    return {x.prompt for x in one.visits}


def test_every_prompt_has_its_people_and_they_see_all_of_it() -> None:
    found = draw.assign(plan(20, fully=12), ["a", "b", "c", "d", "e"], RUBRICS, seed=1)
    for p in range(20):
        own = [x for x in found if f"p{p:03}" in prompts_of(x)]
        assert len(own) == (3 if p < 12 else 1)
        for one in own:
            seen = {x.response for x in one.visits if x.prompt == f"p{p:03}"}
            assert len(seen) == 4, "both arms, both languages"
    assert all(set(x.rubrics) == set(RUBRICS) for one in found for x in one.visits)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("prompts", "people", "least", "most"),
    [
        (35, 7, 5, 5),  # 35 prompts x 3 pairs over 21 pairs of people
        (26, 13, 1, 1),
        (40, 10, 2, 3),
    ],
)
def test_any_two_people_meet_as_often_as_any_others(
    prompts: int, people: int, least: int, most: int, seed: int
) -> None:
    raters = [f"r{n}" for n in range(people)]
    found = draw.assign(plan(prompts), raters, RUBRICS, seed=seed, repeats=0)
    load = [len(x.visits) for x in found]
    assert max(load) - min(load) <= 4, "one prompt at most"
    assert set(Counter(y.response for x in found for y in x.visits).values()) == {3}
    shared = [len(prompts_of(x) & prompts_of(y)) for x, y in combinations(found, 2)]
    assert (min(shared), max(shared)) == (least, most)


def test_swaps_give_nobody_what_they_cannot_read_or_had() -> None:
    raters = [f"r{n}" for n in range(9)]
    table = plan(30)
    reads = {x: {y for y in table["response"] if "-0-" in y} for x in raters[:4]}
    had = [(x, y, z) for x in raters[3:6] for y in table["response"][:40] for z in RUBRICS]
    found = draw.assign(table, raters, RUBRICS, seed=1, repeats=0, reads=reads, given=had)
    for one in found:
        own = {x.response for x in one.visits}
        assert own <= reads.get(one.rater, own)
        assert not own & {y for x, y, _ in had if x == one.rater}
    has = Counter(x.response for one in found for x in one.visits)
    has.update(y for _, y, rubric in had if rubric == RUBRICS[0])
    assert set(has.values()) == {3}


@given(
    prompts=st.integers(2, 12),
    languages=st.integers(1, 2),
    raters=st.integers(1, 6),
    seed=st.integers(0, 999),
)
@settings(deadline=None, max_examples=60)
def test_no_two_answers_to_one_prompt_follow_each_other(
    prompts: int, languages: int, raters: int, seed: int
) -> None:
    names = [f"r{n}" for n in range(raters)]
    found = draw.assign(plan(prompts, languages=languages), names, RUBRICS, seed)
    assert found == draw.assign(plan(prompts, languages=languages), names, RUBRICS, seed)
    for one in found:
        own = prompts_of(one)
        if len(own) >= 2:
            assert all(x.prompt != y.prompt for x, y in pairwise(one.visits)), "repeats too"
        first = [x.response for x in one.visits if not x.again]
        assert len(first) == len(set(first)) == len(own) * 2 * languages


@given(
    prompts=st.integers(1, 15),
    languages=st.integers(1, 2),
    raters=st.integers(1, 6),
    repeats=st.sampled_from([0.05, 0.2, 0.5]),
    seed=st.integers(0, 999),
)
@settings(deadline=None, max_examples=80)
def test_a_repeat_is_far_behind_its_answer_and_beside_none_of_its_prompt(
    prompts: int, languages: int, raters: int, repeats: float, seed: int
) -> None:
    names = [f"r{n}" for n in range(raters)]
    for one in draw.assign(plan(prompts, languages=languages), names, RUBRICS, seed, repeats):
        seen = [x.response for x in one.visits]
        assert max(Counter(seen).values(), default=0) <= 2, "nothing is asked three times"
        for place, visit in enumerate(one.visits):
            assert visit.again == (visit.response in seen[:place])
            if visit.again:
                assert place - seen.index(visit.response) > draw.APART
                beside = one.visits[max(place - 1, 0) : place + 2]
                assert [x.prompt for x in beside].count(visit.prompt) == 1


def repeated(found: tuple[Assignment, ...]) -> int:
    return sum(x.again for one in found for x in one.visits)


@pytest.mark.parametrize(("prompts", "raters"), [(5, 1), (5, 4), (26, 50), (15, 3)])
def test_a_twentieth_is_repeated_over_all_people_however_little_each_has(
    prompts: int, raters: int
) -> None:
    names = [f"r{n}" for n in range(raters)]
    counts = []
    for seed in range(40):
        found = draw.assign(plan(prompts, languages=1), names, RUBRICS, seed)
        counts.append(repeated(found))
        all_of_it = sum(len(x.visits) for x in found) - counts[-1]
        assert abs(counts[-1] - 0.05 * all_of_it) < 1
    assert sum(counts) / 40 == pytest.approx(0.05 * all_of_it, abs=0.25), "on average exactly"


def test_who_reads_one_language_gets_that_one_and_both_arms_of_it() -> None:
    every = plan(12)
    english = [x for x in every["response"] if "-0-" in x]
    russian = [x for x in every["response"] if "-1-" in x]
    reads = {"anna": english, "boris": russian}
    found = draw.assign(every, ["anna", "boris", "vera", "dora"], RUBRICS, 1, reads=reads)
    seen = {x.rater: {y.response for y in x.visits} for x in found}
    assert seen["anna"] <= set(english)
    assert seen["boris"] <= set(russian)
    people = Counter(y for x in seen.values() for y in x)
    assert set(people.values()) == {3}, "each answer has as many people as wanted"
    for own in seen.values():
        assert Counter(x.rpartition("-")[0] for x in own).most_common()[-1][1] == 2, "both arms"


def test_repeats_come_late_enough_to_be_forgotten() -> None:
    found = draw.assign(plan(15), ["a"], RUBRICS, seed=5)
    (one,) = found
    again = [n for n, x in enumerate(one.visits) if x.again]
    assert len(again) == 3, "of sixty"
    for place in again:
        response = one.visits[place].response
        first = next(n for n, x in enumerate(one.visits) if x.response == response)
        assert place - first > 3
        beside = [one.visits[n].prompt for n in (place - 1, place + 1) if n < len(one.visits)]
        assert one.visits[place].prompt not in beside


def test_each_person_has_an_order_of_their_own_and_a_seed_changes_it() -> None:
    one, other = draw.assign(plan(10), ["a", "b"], RUBRICS, seed=1)
    assert prompts_of(one) == prompts_of(other)
    assert [x.response for x in one.visits] != [x.response for x in other.visits]
    (again, _) = draw.assign(plan(10), ["a", "b"], RUBRICS, seed=2)
    assert again.visits != one.visits
    assert len({x.rubrics for x in one.visits}) > 1, "rubrics come in turn"


@pytest.mark.parametrize("raters", [[], ["a", "a"]])
def test_raters_have_a_name_each(raters: list[str]) -> None:
    with pytest.raises(ValueError, match="expected names, each once"):
        draw.assign(plan(2), raters, RUBRICS, seed=1)


def test_fewer_people_than_wanted_see_everything() -> None:
    found = draw.assign(plan(6, people=3), ["a", "b"], RUBRICS, seed=1)
    assert all(len(prompts_of(x)) == 6 for x in found)


def test_repeats_do_not_pile_up_on_those_who_have_room_for_them() -> None:
    for seed in range(40):
        found = draw.assign(plan(8, languages=1), [f"r{n}" for n in range(20)], RUBRICS, seed)
        for one in found:
            assert sum(x.again for x in one.visits) <= 1, "a twentieth of four answers, rounded up"
