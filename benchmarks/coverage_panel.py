"""How often each kind of judge is called usable, and how far delta is off: simulated, seeded.

Run from the project folder, minutes on two cores:

    python benchmarks/coverage_panel.py [seeds]
"""

import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from pipeline.stats import adjust, alpha, conditions, delta, panel_verdict
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.conditions import Case
from pipeline.stats.thresholds import Thresholds

ITEMS, PEOPLE, RUBRICS = 150, 3, 7
NOISE = 1.015
"""Beside a latent quality of variance 1, this noise gives people an ordinal alpha of .45."""
LIMITS = Thresholds()


def scores(random: np.random.Generator, quality: Floats, raters: int, noise: float) -> Floats:
    """Levels 1 to 5 by raters who see the quality through noise."""
    seen = quality + random.normal(0, noise, (raters, len(quality)))
    return np.asarray(np.clip(np.round(3 + seen), 1, 5))


def judges(random: np.random.Generator, quality: Floats) -> dict[str, Floats]:
    """One judge of each kind."""
    one, two, three = scores(random, quality, 3, NOISE)
    uniform = random.integers(1, 6, len(quality)).astype(float)
    return {
        "equal to a person": one,
        "panel of three such": np.median([one, two, three], axis=0),
        "clearly worse (noise x 2.5)": scores(random, quality, 1, 2.5 * NOISE)[0],
        "harsher by a level": np.maximum(one - 1, 1),
        "random, uniform": uniform,
        "random, with people's levels": random.permutation(two),
        "constant": np.full(len(quality), 3.0),
        "constant, at the end": np.full(len(quality), 5.0),
    }


def case(
    judge: Floats, people: Floats, words: Floats, prompts: Codes, rater_class: str = "expert"
) -> Case:
    """A rubric with people of one class and one judge that only counts."""
    return Case(judge, people, [rater_class] * len(people), words[None], prompts, "ordinal")


def one_seed(seed: int, per_prompt: int) -> dict[str, tuple[str, str]]:
    """The verdict on each kind of judge, and what decided it."""
    random = np.random.default_rng((20_000 + per_prompt, seed))
    prompts = np.repeat(np.arange(ITEMS // per_prompt), per_prompt)
    shared = random.normal(0, np.sqrt(0.5), ITEMS // per_prompt)[prompts]
    quality = shared + random.normal(0, np.sqrt(0.5), ITEMS)
    people = scores(random, quality, PEOPLE, NOISE)
    words = 0.3 * quality + random.normal(0, 0.95, ITEMS)
    words = np.clip(np.round(3 + words), 1, 5)
    found = {}
    for name, judge in judges(random, quality).items():
        all_of = conditions.evaluate(case(judge, people, words, prompts), LIMITS)
        decision = panel_verdict.decide(all_of)
        found[name] = (decision.verdict, ", ".join(decision.decided_by))
    return found


def seven(seed: int) -> tuple[int, int]:
    """Of seven rubrics with a judge equal to a person: usable, and usable after Holm."""
    random = np.random.default_rng((30_000, seed))
    p, usable = [], []
    for _ in range(RUBRICS):
        quality = random.normal(0, 1, ITEMS)
        people = scores(random, quality, PEOPLE + 1, NOISE)
        words = np.clip(np.round(3 + 0.3 * quality + random.normal(0, 0.95, ITEMS)), 1, 5)
        found = conditions.evaluate(case(people[0], people[1:], words, np.arange(ITEMS)), LIMITS)
        usable.append(panel_verdict.decide(found).verdict == panel_verdict.USABLE)
        p.append(panel_verdict.largest_p(found))
    held = [x is not None and x <= LIMITS.level for x in adjust.holm(p)]
    return sum(usable), sum(u and h for u, h in zip(usable, held, strict=True))


def blocked(seed: int, design: tuple[int, int, int, int]) -> tuple[float, float, bool]:
    """Delta of a judge who is one of the people: mean of pairs, as built, and is 0 covered."""
    groups, per_prompt, raters, each = design
    random = np.random.default_rng((40_000, seed, *design))
    prompts = np.repeat(np.arange(groups), per_prompt)
    quality = random.normal(0, 0.6, groups)[prompts] + random.normal(0, 0.6, len(prompts))
    values = scores(random, quality, raters + 1, 1.0)
    for group in range(groups):
        away = 1 + random.permutation(raters)[each:]
        values[np.ix_(away, prompts == group)] = np.nan
    judge, people = values[0], values[1:]
    found = delta.of_judge(judge, people, prompts, "ordinal")
    alphas = [alpha.point(np.stack((judge, person)), "ordinal").value for person in people]
    of_pairs = float(np.mean([x for x in alphas if x is not None]))
    assert found.value is not None, "the people differ"
    assert found.other is not None, "the people differ"
    covered = found.low is not None and found.high is not None and found.low <= 0 <= found.high
    return of_pairs - found.other, found.value, covered


DESIGNS = ((40, 2, 3, 3), (12, 4, 3, 3), (12, 4, 11, 3), (40, 2, 11, 3), (40, 1, 20, 3))
"""Prompts, answers of each, people in all, people per prompt."""


MARKS = (
    ("equal to a person", 0.70, 1.0),
    ("random, uniform", 0.0, 0.01),
    ("random, with people's levels", 0.0, 0.01),
    ("constant", 0.0, 0.01),
    ("constant, at the end", 0.0, 0.01),
)
"""How often each judge must be called usable at least, and at most."""


def main(seeds: int) -> int:
    """Print all tables; how many marks were missed."""
    missed = 0
    random = np.random.default_rng(1)
    big = scores(random, random.normal(0, 1, 200_000), PEOPLE, NOISE)
    print(f"alpha of the people: {alpha.point(big, 'ordinal').value:.3f}; {seeds} seeds")
    with ProcessPoolExecutor(2) as pool:
        for per_prompt in (1, 3):
            start = time.perf_counter()
            rows = list(
                pool.map(partial(one_seed, per_prompt=per_prompt), range(seeds), chunksize=20)
            )
            print(f"\n{ITEMS} items, {PEOPLE} experts, {per_prompt} answers per prompt")
            for name in rows[0]:
                verdicts = Counter(row[name][0] for row in rows)
                why = Counter(x for row in rows for x in row[name][1].split(", ")).most_common(3)
                shares = ", ".join(f"{v} {n / seeds:.1%}" for v, n in verdicts.most_common())
                print(f"  {name:30} {shares}; decided by {why}")
                share = verdicts[panel_verdict.USABLE] / seeds
                for who, low, high in MARKS:
                    if who == name and not low <= share <= high:
                        missed += 1
                        print(
                            f"    OUTSIDE: usable in {share:.1%}, must be {low:.0%} to {high:.0%}"
                        )
            print(f"  {time.perf_counter() - start:.0f} s")
        start = time.perf_counter()
        counts = np.array(list(pool.map(seven, range(seeds), chunksize=20)))
        one, after = counts.sum(axis=0) / counts.shape[0] / RUBRICS
        print(f"\nequal judge, one of {RUBRICS} rubrics: usable {one:.1%}, after Holm {after:.1%}")
        print(f"  all {RUBRICS} after Holm {(counts[:, 1] == RUBRICS).mean():.1%}")
        print(f"  {time.perf_counter() - start:.0f} s")
        print("\ndelta of a judge who is one of the people (true value 0)")
        for design in DESIGNS:
            found = np.array(
                list(pool.map(partial(blocked, design=design), range(seeds), chunksize=20))
            )
            pairs, built, covered = found.mean(axis=0)
            print(
                f"  prompts, answers, people, each {design}: mean of pairs {pairs:+.3f}, "
                f"as built {built:+.3f}, 90% interval covers {covered:.3f}"
            )
    return missed


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000) > 0)
