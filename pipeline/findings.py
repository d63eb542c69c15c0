"""The tables that the statistics give back: every column is spelled here, once."""

import polars as pl

from pipeline.tables import RATINGS

DELTAS = pl.Schema(
    {
        "rubric": pl.String,
        "comparison": pl.String,  # judge-human | panel-human | left-out-human | ceiling | floor
        "rater": pl.String,  # who stands beside people; null in the ceiling: one more person
        "yardstick": pl.String,  # humans, or in the floor the judge that only counts
        "metric": pl.String,
        "alpha": pl.Float64,  # mean over people h of alpha({rater, h})
        "yardstick_alpha": pl.Float64,  # of the same answers
        "delta": pl.Float64,  # alpha - yardstick_alpha; null + note where it is not defined
        "low": pl.Float64,  # 90% interval of delta, jackknife over prompts
        "high": pl.Float64,
        "low_95": pl.Float64,
        "high_95": pl.Float64,
        "error": pl.Float64,  # standard error of delta
        "units": pl.Int64,  # answers that the rater and somebody else scored
        "prompts": pl.Int64,
        "people": pl.Int64,  # who scored one of them, the rater aside
        "note": pl.String,
    }
)
"""One row per rubric and rater beside people, each person left out as if a judge among them."""

PAIRWISE = pl.Schema(
    {
        "rubric": pl.String,
        "comparison": pl.String,  # humans | judge-human | panel-human
        "rater": pl.String,  # null among humans
        "ac2": pl.Float64,  # Gwet's AC2, quadratic weights
        "kappa": pl.Float64,  # Cohen's kappa, quadratic weights
        "tau_b": pl.Float64,
        "spearman": pl.Float64,
        "bias": pl.Float64,  # mean(rater - person), in levels; null among humans
        "pairs": pl.Int64,  # pairs of raters of which this is the mean
        "note": pl.String,  # what is not defined, and why
    }
)
"""One row per rubric for people among themselves, and one for each judge beside them."""

ALT_TESTS = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,
        "winning_rate": pl.Float64,  # omega; null + note with fewer than 3 eligible people
        "passes": pl.Boolean,
        "p": pl.Float64,  # the smallest level at which the test would pass
        "advantage": pl.Float64,  # mean over people of the share of items the judge wins or ties
        "people": pl.Int64,  # eligible: with enough items
        "items": pl.Int64,  # over all eligible people
        "note": pl.String,
    }
)
"""One row per rubric and judge: the alternative annotator test."""

VERDICTS = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,  # the panel, or a judge tried as if it were one
        "verdict": pl.String,  # usable | rank-only | undecided | not usable
        "decided_by": pl.String,  # the conditions that decide it; if usable, the tightest one
        "strong": pl.Boolean,  # people agree beyond the second bound as well
        "p": pl.Float64,  # the largest of the conditions' one-sided p; null where one has none
        "p_holm": pl.Float64,  # Holm over the rubrics of the rater
        "usable_holm": pl.Boolean,  # usable, and p_holm within the level
        "prompts": pl.Int64,  # prompts that people rated
        "people_each": pl.Float64,  # people per answer that at least two rated
        "prompts_needed": pl.Int64,  # where undecided and if the values stay: prompts that decide
        "people_needed": pl.Int64,  # and people per answer
        "missing": pl.Int64,  # answers rated by people to which the rater gave no score
        "off_scale": pl.Int64,  # scores beyond the rubric's levels, used as they are
        "note": pl.String,
    }
)
"""One row per rubric and rater: may the panel's own score, or a judge's, be believed."""

CONDITIONS = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,
        "condition": pl.String,  # human-alpha | delta | alternative-annotator | floor | arm-bias
        "value": pl.Float64,  # ... | rank
        "low": pl.Float64,
        "high": pl.Float64,
        "level": pl.Float64,  # of the interval
        "bound": pl.Float64,
        "state": pl.String,  # holds | fails | straddles | untested | unmeasured
        "p": pl.Float64,  # one-sided
        "prompts_needed": pl.Int64,  # where it straddles and if the value stays
        "note": pl.String,
    }
)
"""One row per rubric and condition of its verdict."""

ANSWERS = pl.Schema(
    {
        "response": pl.String,
        "prompt": pl.String,
        "task_kind": pl.String,
        "language": pl.String,
        "arm": pl.String,
        "draw": pl.Int64,
        "finish": pl.String,  # complete | truncated | refused | empty | overflow; null = owed
        "words": pl.Int64,  # length of the answer; null = there is none, or no text was kept
    }
)
"""One row per answer that was asked for, judged or not."""

DRAWS = pl.Schema([*RATINGS.items(), ("judge_draw", pl.Int64)])
"""RATINGS of judges before their draws are averaged: one row per draw of a verdict."""

STRATA = pl.Schema(
    {
        "rubric": pl.String,
        "stratum": pl.String,  # arm | language
        "value": pl.String,  # which one
        "comparison": pl.String,  # humans | judge-human
        "rater": pl.String,  # a judge, or "panel"; null = people among themselves
        "alpha": pl.Float64,
        "low": pl.Float64,  # 95% interval over prompts
        "high": pl.Float64,
        "units": pl.Int64,
        "prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per rubric, arm or language, and rater: agreement on the answers of that one alone."""

ORDER = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,
        "response": pl.String,
        "order": pl.Float64,  # at which place it was shown: 1, 2 ...; mean over draws
    }
)
"""One row per judge's answer and rubric where the place is known."""

CORRECTED = pl.Schema(
    {
        "rubric": pl.String,
        "answers": pl.String,  # judged | complete | lowest | worst | best: see stats/corrected.py
        "high_arm": pl.String,
        "low_arm": pl.String,
        "gap": pl.Float64,  # high - low on the human scale, in the rubric's levels
        "low": pl.Float64,  # 95% interval
        "high": pl.Float64,
        "error": pl.Float64,  # standard error
        "freedom": pl.Float64,  # degrees of freedom of Student's t
        "p": pl.Float64,  # two-sided, of no gap; one per rubric, not yet adjusted
        "gold_prompts": pl.Int64,  # prompts that people rated in both arms
        "other_prompts": pl.Int64,  # prompts that only the panel scored in both arms
        "weight": pl.Float64,  # lambda: how far the panel was used; 0 = people alone
        "saved": pl.Float64,  # share of the variance of the people-only gap that the panel saved
        "people_only": pl.Float64,  # the gap of the gold prompts as people alone see it
        "judges_only": pl.Float64,  # uncorrected, judges only; no interval on the human scale
        "cliffs_delta": pl.Float64,  # paired: share of gold prompts with high > low less high < low
        "note": pl.String,
    }
)
"""One row per rubric and choice of answers."""

BIAS = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,  # a judge, or "panel" (mean of its judges), or "judges" (all stacked)
        "factor": pl.String,  # log length | arm | language | order | own family
        "contrast": pl.String,  # what a coefficient of one stands for
        "adjusted": pl.Boolean,  # beside the other factors (true) or alone (false)
        "coefficient": pl.Float64,  # in levels of the people's scale
        "low": pl.Float64,  # 95% interval
        "high": pl.Float64,
        "error": pl.Float64,
        "freedom": pl.Float64,
        "p": pl.Float64,  # two-sided, of no bias
        "p_adjusted": pl.Float64,  # Benjamini-Hochberg over all factors alone, and own families
        "method": pl.String,  # HC3 | CR2 (by prompt)
        "slope": pl.Float64,  # b: levels of the judge per level of the people
        "reliability": pl.Float64,  # of the people's mean
        "answers": pl.Int64,
        "prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per rubric, rater and factor."""

REPEATABILITY = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,
        "metric": pl.String,
        "alpha": pl.Float64,  # of the judge with itself, each draw a rater
        "low": pl.Float64,
        "high": pl.Float64,
        "same": pl.Float64,  # share of the answers on which all its draws agree exactly
        "draws": pl.Int64,
        "answers": pl.Int64,  # with at least two draws that have a score
        "note": pl.String,
    }
)
"""One row per rubric and judge."""

COMPRESSION = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,
        "spread": pl.Float64,  # standard deviation of its scores on answers people rated
        "people": pl.Float64,  # that of one person on the same answers
        "ratio": pl.Float64,  # spread / people; below 1: a narrower scale than people use
        "low": pl.Float64,  # 95% interval
        "high": pl.Float64,
        "levels": pl.Int64,  # different scores given
        "commonest": pl.Float64,  # share of its most common score
        "answers": pl.Int64,
        "note": pl.String,
    }
)
"""One row per rubric and judge."""

INDEPENDENCE = pl.Schema(
    {
        "rubric": pl.String,
        "judges": pl.Int64,
        "effective": pl.Float64,  # as many judges with independent errors would do as well
        "low": pl.Float64,  # 95% interval
        "high": pl.Float64,
        "correlation": pl.Float64,  # mean correlation of two judges' errors
        "answers": pl.Int64,
        "prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per rubric."""

CONTRIBUTION = pl.Schema(
    {
        "rubric": pl.String,
        "judge": pl.String,
        "alpha_with": pl.Float64,  # the panel's median beside people, all judges
        "alpha_without": pl.Float64,  # without this one
        "added": pl.Float64,  # the difference; below 0: the panel is better without it
        "low": pl.Float64,  # 90% interval
        "high": pl.Float64,
        "error_with": pl.Float64,  # standard error of the corrected gap, all judges
        "error_without": pl.Float64,
        "note": pl.String,
    }
)
"""One row per rubric and judge of the panel."""

OWN_FAMILY = pl.Schema(
    {
        "rubric": pl.String,
        "judges": pl.String,  # those of an arm's own family, left out
        "gap_with": pl.Float64,  # uncorrected, all judges
        "gap_without": pl.Float64,  # uncorrected, independent judges only
        "difference": pl.Float64,  # with - without
        "low": pl.Float64,  # 95% interval over prompts
        "high": pl.Float64,
        "prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per rubric."""

CALIBRATION = pl.Schema(
    {
        "rubric": pl.String,
        "map": pl.String,  # affine | ordinal | ridge
        "intercept": pl.Float64,  # of the affine map; null for the others
        "slope": pl.Float64,  # of the affine map, shrunk; null for the others
        "error": pl.Float64,  # root mean square against the people's mean, out of fold by prompt
        "raw_error": pl.Float64,  # of the panel's own score
        "constant_error": pl.Float64,  # of the people's mean of the other folds
        "gold": pl.Int64,  # answers with people's and the panel's scores
        "prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per rubric."""

CALIBRATED = pl.Schema(
    {
        "rubric": pl.String,
        "response": pl.String,
        "panel": pl.Float64,  # mean of its judges
        "calibrated": pl.Float64,  # what people would be expected to say; null where no map is
        "low": pl.Float64,  # 95% interval of the mean that as many people would give
        "high": pl.Float64,
    }
)
"""One row per rubric and answer that the panel scored."""

LEVELS = pl.Schema(
    {
        "rubric": pl.String,
        "arm": pl.String,
        "level": pl.Float64,  # mean over prompts on the human scale
        "low": pl.Float64,  # 95% interval
        "high": pl.Float64,
        "gold_prompts": pl.Int64,  # prompts that people rated in this arm
        "other_prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per rubric and arm."""

CONFUSION = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,  # a judge, or the panel
        "judge_score": pl.Float64,  # to the nearest level
        "human_score": pl.Float64,
        "pairs": pl.Int64,  # answer x person
    }
)
"""One row per rubric, judge and pair of levels that occurs."""

TRIAGE = pl.Schema(
    {
        "rubric": pl.String,
        "prompt": pl.String,
        "language": pl.String,
        "arm": pl.String,
        "response": pl.String,
        "look": pl.String,  # rubric ambiguous | judge wrong | gold suspect
        "size": pl.Float64,  # how far apart, in levels
        "who": pl.String,  # the judges, or the one person, that stand apart; null = nobody alone
        "people": pl.Float64,  # their median
        "people_low": pl.Float64,
        "people_high": pl.Float64,
        "panel": pl.Float64,  # the median of its judges
        "panel_low": pl.Float64,
        "panel_high": pl.Float64,
    }
)
"""One row per rubric and answer on which people and panel part: see stats/triage.py."""

REPETITION = pl.Schema(
    {
        "arm": pl.String,
        "language": pl.String,
        "answers": pl.Int64,
        "loops": pl.Int64,  # answers that end in one phrase said three times or more
        "loop_words": pl.Int64,  # words of these loops
        "longest": pl.Float64,  # median of the longest span that stands in an answer twice, words
        "distinct": pl.Float64,  # median share of different words
        "distinct_pairs": pl.Float64,  # median share of different pairs of neighbours
    }
)
"""One row per arm and language; empty where no text is kept."""

ORIGINALITY = pl.Schema(
    {
        "response": pl.String,
        "prompt": pl.String,
        "language": pl.String,
        "arm": pl.String,
        "pool": pl.Float64,  # mean distance to the others to its task, 0 to 1; null: under two
        "nearest": pl.Float64,  # to the nearest of them
        "banal": pl.Float64,  # to the task's banal answer; null = it has none
        "others": pl.Int64,
    }
)
"""One row per answer; empty where no text is kept: see stats/originality.py."""

LANDSCAPE = pl.Schema(
    {
        "measure": pl.String,  # entropy_own | entropy_same | distinct_1 .. distinct_3 | spread
        "arm": pl.String,
        "language": pl.String,  # null = all, each prompt's languages averaged
        "value": pl.Float64,  # mean over prompts; entropies in bits, and the least they can be
        "low": pl.Float64,  # 95% interval over prompts
        "high": pl.Float64,
        "most": pl.Float64,  # mean of the most that the entropies can be; null = exact
        "rest": pl.Float64,  # mean probability of the tokens not shown
        "prompts": pl.Int64,
        "units": pl.Int64,  # tokens, prefixes or answers
        "note": pl.String,
    }
)
"""One row per measure, arm and language (stats/landscape.py); empty where it is not asked for."""

LANDSCAPE_GAPS = pl.Schema(
    {
        "measure": pl.String,
        "high_arm": pl.String,
        "low_arm": pl.String,
        "language": pl.String,  # null = all, each prompt's languages averaged
        "difference": pl.Float64,  # high - low, paired by prompt; of answers: as many, as long
        "low": pl.Float64,  # 95% interval over prompts
        "high": pl.Float64,
        "p": pl.Float64,  # two-sided, of no difference
        "prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per measure, pair of arms and language."""

DIVERGENCE = pl.Schema(
    {
        "high_arm": pl.String,  # P
        "low_arm": pl.String,  # Q
        "language": pl.String,  # null = all, each prompt's languages averaged
        "measure": pl.String,  # forward: KL(P || Q) | backward | shannon | same_top (a share)
        "value": pl.Float64,  # mean over prompts; bits, and the least that it can be
        "low": pl.Float64,  # 95% interval over prompts
        "high": pl.Float64,
        "prompts": pl.Int64,
        "prefixes": pl.Int64,
        "shared": pl.Float64,  # mean share of P on tokens that both arms show
        "note": pl.String,  # also why a pair is not measured
    }
)
"""One row per pair of arms, language and measure: next tokens after the same text."""

DIFFICULTY = pl.Schema(
    {
        "prompt": pl.String,
        "task_kind": pl.String,
        "by": pl.String,  # people | panel
        "difficulty": pl.Float64,  # 1 - mean share of the scale: 0 all at the top, 1 at the bottom
        "low": pl.Float64,  # 95% interval over the task's answers
        "high": pl.Float64,
        "spread": pl.Float64,  # mean share of the high arm less that of the low one
        "answers": pl.Int64,
        "rubrics": pl.Int64,
        "note": pl.String,
    }
)
"""One row per task and who scored it, the hardest first."""

PROBED = pl.Schema(
    {
        "rubric": pl.String,
        "probe": pl.String,
        "kind": pl.String,
        "language": pl.String,
        "rater": pl.String,  # a judge, or the panel
        "must": pl.String,  # rise | fall | stay | not rise
        "base": pl.Float64,
        "changed": pl.Float64,
        "moved": pl.Float64,  # changed - base
        "right": pl.Boolean,  # null = a score is missing
        "left_out": pl.Int64,  # scores of one side only: of the rater, or of the panel's judges
    }
)
"""One row per probe, language and rater."""

SENSITIVITY = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,
        "must": pl.String,  # move: sensitivity | stay: specificity
        "right": pl.Int64,
        "probes": pl.Int64,  # with both scores
        "share": pl.Float64,
        "low": pl.Float64,  # 95% Wilson interval; twins in two languages are one trial
        "high": pl.Float64,
        "missing": pl.Int64,  # probes to which it gave no score on one side or both
        "left_out": pl.Int64,  # scores of one side only: of the rater, or of the panel's judges
    }
)
"""One row per rubric, rater and whether the score must move."""

PARITY = pl.Schema(
    {
        "rubric": pl.String,
        "rater": pl.String,  # a judge, or the panel
        "shift": pl.Float64,  # ru - en of the same answers, in levels
        "low": pl.Float64,  # 95% interval over prompts
        "high": pl.Float64,
        "answers": pl.Int64,
        "prompts": pl.Int64,
        "missing": pl.Int64,  # answers without a score in one of the languages
        "left_out": pl.Int64,  # scores in one language only: the rater's, or the panel's judges'
        "note": pl.String,
    }
)
"""One row per rubric and rater: the same answers judged under the rubric in both languages."""

GOLD_PLAN = pl.Schema(
    {
        "place": pl.Int64,  # rate in this order: stopped anywhere, it is still a random sample
        "prompt": pl.String,
        "language": pl.String,
        "arm": pl.String,
        "draw": pl.Int64,
        "response": pl.String,
        "raters": pl.Int64,
        "probability": pl.Float64,  # that this prompt was drawn among those not yet rated
        "overall": pl.Float64,  # that it is among all prompts drawn so far, this round included
        "answer_probability": pl.Float64,  # that this draw was taken of its arm and language
        "seed": pl.Int64,
    }
)
"""One row per answer to be rated next."""

EFFECTS = pl.Schema(
    {
        "factor": pl.String,
        "start": pl.String,  # hicap | locap: the end it is moved away from
        "level": pl.String,
        "place": pl.Int64,  # among the factor's levels
        "last": pl.Boolean,  # the farthest level, on which the test of a cause rests
        "end": pl.String,
        "arm": pl.String,
        "mark": pl.String,  # how the move is known: as marks of fields; null = not at all
        "way": pl.String,  # up | down: to more of the factor or to less; null = cannot be told
        "thought": pl.Boolean,  # whether thinking was seen to go that way; null = cannot be told
        "reply": pl.Boolean,  # whether the limit of the reply moved along with the window
        "cut": pl.Int64,  # of these, cut otherwise than at the end; null = none is moved
        "asked": pl.Int64,  # prompts put to both arms, each language counted
        "answered": pl.Int64,  # those with an answer in both; the others are in no effect
        "rubric": pl.String,  # null = the mean of the rubrics on which the panel is usable
        "effect": pl.Float64,  # arm - end, in levels of five; null + note where it is not known
        "low": pl.Float64,
        "high": pl.Float64,
        "p": pl.Float64,  # two-sided, of no effect
        "adjusted": pl.Float64,  # Benjamini-Hochberg over the means, the null control aside
        "basis": pl.String,  # people and panel | people | panel
        "gold_prompts": pl.Int64,
        "prompts": pl.Int64,  # on which both arms have a score
        "note": pl.String,
    }
)
"""One row per rung of the ladder and rubric, and one for the mean of the usable ones."""

_MOVED = (
    "start",
    "level",
    "end",
    "arm",
    "mark",
    "way",
    "thought",
    "reply",
    "cut",
    "asked",
    "answered",
)
_OF_STEP = (*_MOVED, "rubric", "effect", "low", "high", "adjusted")
_HOW = ("basis", "gold_prompts", "prompts", "note")
CAUSES = pl.Schema(
    [
        ("cause", pl.Int64),  # 1 to 7
        ("factor", pl.String),
        ("state", pl.String),  # supported | not supported | not tested
        ("because", pl.String),  # why it is so
        *((x, EFFECTS[x]) for x in (*_OF_STEP, *_HOW)),
    ]
)
"""One row per cause, step that tests it (farthest level, from either end) and usable rubric.

The columns from `start` on are those of EFFECTS; a cause that no arm tests has one row, without
them.
"""

CROSSINGS = pl.Schema(
    {
        "start": pl.String,
        "first": pl.String,
        "second": pl.String,
        "rubric": pl.String,  # null = the mean of the usable ones
        "effect": pl.Float64,  # what the second adds to the effect of the first, in levels of five
        "low": pl.Float64,
        "high": pl.Float64,
        "p": pl.Float64,
        "basis": pl.String,  # people and panel | people | panel
        "gold_prompts": pl.Int64,  # of which people rated every arm; of two kinds, the fewer
        "prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per pair of crossed factors and rubric."""

KNOWN_GROUPS = pl.Schema(
    {
        "rubric": pl.String,
        "gap": pl.Float64,  # high end - low end by the panel's mean, in levels of five
        "low": pl.Float64,
        "high": pl.Float64,
        "tells": pl.Boolean,  # whether the interval leaves 0 out; null where there is none
        "adjusted": pl.Float64,  # the same between answers of equal length
        "adjusted_low": pl.Float64,
        "adjusted_high": pl.Float64,
        "prompts": pl.Int64,
        "note": pl.String,
    }
)
"""One row per rubric: does the panel's score on it part the two ends at all?"""

MARKS = pl.Schema(
    {
        "arm": pl.String,
        "benchmark": pl.String,
        "item": pl.String,
        "language": pl.String,
        "form": pl.String,  # plain | shuffled | reworded
        "mark": pl.String,  # right | wrong | unreadable; null = owed
        "finish": pl.String,  # as in ANSWERS
        "reply": pl.String,  # what was said, without thinking; null = owed
        "right": pl.String,  # the right letter or number
    }
)
"""One row per benchmark question and arm."""

BENCHMARKS = pl.Schema(
    {
        "benchmark": pl.String,
        "arm": pl.String,
        "form": pl.String,  # plain | shuffled | reworded | every: right in all its forms
        "language": pl.String,  # null = together: an item's languages are averaged
        "items": pl.Int64,
        "right": pl.Float64,  # items, in parts where an item was asked in two languages
        "unreadable": pl.Int64,  # answers that could not be read: they count as wrong
        "owed": pl.Int64,  # questions; their items are left out
        "accuracy": pl.Float64,
        "low": pl.Float64,  # 95% Wilson interval
        "high": pl.Float64,
        "corrected": pl.Float64,  # (p - c) / (1 - c); null for `every`
        "corrected_low": pl.Float64,
        "corrected_high": pl.Float64,
        "drop": pl.Float64,  # accuracy of the plain form less that of this one, by item
        "drop_low": pl.Float64,  # 95% interval
        "drop_high": pl.Float64,
        "percentile": pl.Float64,  # per cent of the leaderboard below; plain form only
        "note": pl.String,
    }
)
"""One row per benchmark, arm, form and language."""

BENCHMARK_GAPS = pl.Schema(
    {
        "benchmark": pl.String,
        "form": pl.String,
        "high_arm": pl.String,
        "low_arm": pl.String,
        "gap": pl.Float64,  # accuracy high - low, paired by item
        "low": pl.Float64,  # 95% interval, Bonett and Price
        "high": pl.Float64,
        "only_high": pl.Int64,  # items on which the high arm did better
        "only_low": pl.Int64,
        "items": pl.Int64,  # answered by both
        "note": pl.String,
    }
)
"""One row per benchmark and form."""

BENCHMARK_EFFECTS = pl.Schema(
    {
        "factor": pl.String,
        "start": pl.String,  # hicap | locap: the end it is moved away from
        "level": pl.String,
        "end": pl.String,
        "arm": pl.String,
        "benchmark": pl.String,
        "form": pl.String,
        "effect": pl.Float64,  # accuracy arm - end, paired by item
        "low": pl.Float64,  # 95% interval, Bonett and Price
        "high": pl.Float64,
        "only_arm": pl.Int64,  # items on which the arm did better
        "only_end": pl.Int64,
        "items": pl.Int64,  # answered by both
        "note": pl.String,
    }
)
"""One row per rung of the ladder, benchmark and form; none where it is put to the ends alone."""

STRUCTURE = pl.Schema(
    {
        "response": pl.String,
        "prompt": pl.String,
        "arm": pl.String,
        "language": pl.String,
        "paragraphs": pl.Float64,  # per 100 words
        "variety": pl.Float64,  # of the sentences' lengths: deviation over mean
        "lists": pl.Float64,  # share of lines that are list items or headings
        "connectives": pl.Float64,  # per 100 words
        "score": pl.Float64,  # mean of the four, each standardised in its language
    }
)
"""One row per answer; empty where no text is kept: see stats/structure.py."""

HEADLINE = pl.Schema(
    {
        "group": pl.String,  # benchmark | rubric | structure
        "name": pl.String,
        "gap": pl.Float64,  # high - low in its own unit: accuracy, levels, score
        "deviation": pl.Float64,  # within the arms, over items or prompts: the unit of what follows
        "value": pl.Float64,  # the standardised gap; null + note where it is not drawn
        "error": pl.Float64,
        "low": pl.Float64,  # 95% interval
        "high": pl.Float64,
        "low_90": pl.Float64,  # 90% interval, which decides on equivalence
        "high_90": pl.Float64,
        "freedom": pl.Float64,
        "p": pl.Float64,  # two-sided, of no gap
        "p_holm": pl.Float64,  # Holm over the rows of the group
        "prompts": pl.Int64,  # or items, over which the deviation is taken
        "stands": pl.String,  # equivalent | apart | open
        "beyond": pl.Float64,  # of a rubric: value less the mean value of the benchmarks
        "beyond_low": pl.Float64,  # 95% over all rubrics together (Bonferroni)
        "beyond_high": pl.Float64,
        "note": pl.String,
    }
)
"""One row per benchmark, rubric and the structure: the picture that answers the study."""
