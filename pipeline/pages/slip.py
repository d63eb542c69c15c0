"""What a report is made of: everything it shows, already counted, in one value."""

from typing import Literal, NamedTuple

import polars as pl

from judges.rubric import Rubric, Text
from judges.verdict import Language
from pipeline.stats.terms import Criterion

MarkName = Literal["verified", "enforced", "declared", "refused", "contradicted"]


class SettingRow(NamedTuple):
    """One field of an arm and how it is known."""

    field: str
    """Dotted, such as `sampling.temperature` or `profile.context_tokens`."""
    value: str
    mark: MarkName
    found: Text | None = None
    """What was shown of it, where that says more than the mark."""
    source: Text | None = None
    """What showed it."""


class CapacityRow(NamedTuple):
    """One row of an extreme: what is asked, what the arm that plays it is, whether it is met."""

    title: Text
    unit: Text | None
    asked: Text
    actual: Text
    mark: MarkName | None
    """How it is known; None where it is not."""
    met: Literal["yes", "no", "not known"]


class ArmSlip(NamedTuple):
    """One arm as the report shows it."""

    role: Literal["hicap", "locap"]
    name: str
    title: Text
    model: str
    family: str
    training: str
    settings: tuple[SettingRow, ...]
    capacity: tuple[CapacityRow, ...] = ()
    """The eight rows of the end it plays; none where it is no model."""
    unmet: Text | None = None
    """What of that end it does not meet, in words."""


class JudgeSlip(NamedTuple):
    """One judge as the report shows it."""

    id: str
    model: str | None
    """None where it only counts."""
    computed: str | None
    family: str | None
    scoring: str
    draws: int
    own_family: tuple[str, ...]
    """Arms of the judge's own family."""


class QuoteSlip(NamedTuple):
    """A quote of a judge; start and end are places in the answer, None where it is not there."""

    text: str
    start: int | None
    end: int | None


class VerdictSlip(NamedTuple):
    """One verdict beside its answer."""

    rubric: str
    judge: str
    draw: int
    score: float | None
    reason: str | None
    rationale: str
    quotes: tuple[QuoteSlip, ...]
    how: str
    expectation: float | None
    probabilities: tuple[float, ...] | None


class HumanSlip(NamedTuple):
    """One person's rating beside its answer."""

    rubric: str
    rater: str
    score: float | None
    comment: str


class AnswerSlip(NamedTuple):
    """One answer with all that was said of it."""

    key: str
    arm: str
    task: str
    task_kind: str | None
    """None where the kind is not known."""
    task_title: Text
    prompt: str
    language: Language
    draw: int
    text: str
    reasoning: str | None
    finish: str
    said: str | None
    language_found: Language | None
    model: str | None
    seconds: float | None
    tokens_out: int | None
    verdicts: tuple[VerdictSlip, ...]
    humans: tuple[HumanSlip, ...]


class QuestionSlip(NamedTuple):
    """One of the four questions that a study ends with, for one arm."""

    arm: str
    question: Text
    answer: Literal["yes", "no", "cannot be said"]
    because: Text
    """What the answer rests on: rubrics with their intervals, or why it cannot be given."""


class LookSlip(NamedTuple):
    """The last look at a wording on one half of the gold."""

    alpha: float | None
    """Of the panel beside people."""
    low: float | None
    high: float | None
    gain: float | None
    """Against the version before, on the same answers; None where there is none."""
    gain_low: float | None
    gain_high: float | None


class Concluded(NamedTuple):
    """What may or may not be said, and of which rubrics."""

    said: Text
    """A sentence; without its full stop where rubrics follow."""
    rubrics: tuple[Text, ...]


class TuningCounts(NamedTuple):
    """How often the halves of a rubric's gold were looked at, whatever the version."""

    looks: int
    """At the tune half."""
    opened: int
    """Times that the lockbox was opened."""
    seen: int
    """Times that a report counted it too; not among those."""


class TuningSlip(NamedTuple):
    """What tuning has seen of a wording of a rubric."""

    rubric: str
    version: int
    against: int | None
    counts: TuningCounts | None
    """None = a wording before today's: they are told with today's."""
    tune: LookSlip | None
    """At this version, as the next."""
    lockbox: LookSlip | None
    optimism: float | None
    """Gain on the tune half less gain in the lockbox."""
    optimism_low: float | None
    optimism_high: float | None


class FailureRow(NamedTuple):
    """Failed calls of one kind."""

    stage: str
    who: str
    kind: str
    calls: int
    message: str
    """Of the last of them."""
    still_owed: int


class Slip(NamedTuple):
    """Everything a report shows."""

    name: str
    title: Text
    about: Text | None
    banner: tuple[Text, ...]
    """What must be said before anything else, such as that the texts are written."""
    warnings: tuple[Text, ...]
    """What a reader must know to believe the figures."""
    conclusion: tuple[Concluded, ...]
    """What may and what may not be concluded, in plain sentences."""
    questions: tuple[QuestionSlip, ...]
    """What the study ends with; none where no arms are compared."""
    simulated: bool
    """Whether raters and judges are simulated: then every heading says so."""
    arms: tuple[ArmSlip, ...]
    """The high end first; none where all that is known are ratings."""
    judges: tuple[JudgeSlip, ...]
    criteria: tuple[Criterion, ...]
    """The rubrics as every figure knows them."""
    rubrics: tuple[Rubric, ...]
    """The rubrics as judges and people read them; none where only their names are known."""
    ratings: pl.DataFrame
    """Schema `tables.RATINGS`."""
    agreement: pl.DataFrame
    """Schema `tables.AGREEMENT`."""
    strata: pl.DataFrame
    """Schema `findings.STRATA`."""
    gaps: pl.DataFrame
    """Schema `tables.GAPS`."""
    panel_verdicts: pl.DataFrame
    """Schema `findings.VERDICTS`, of the panel; empty where nobody rated."""
    judge_verdicts: pl.DataFrame
    """Schema `findings.VERDICTS`, of each judge of the panel as if it were the panel."""
    conditions: pl.DataFrame
    """Schema `findings.CONDITIONS`, of the panel and of its judges."""
    deltas: pl.DataFrame
    """Schema `findings.DELTAS`."""
    corrected: pl.DataFrame
    """Schema `findings.CORRECTED`: the gap on the human scale; see `hidden_gaps`."""
    alternatives: pl.DataFrame
    """Schema `findings.ALT_TESTS`."""
    pairwise: pl.DataFrame
    """Schema `findings.PAIRWISE`."""
    bias: pl.DataFrame
    """Schema `findings.BIAS`."""
    levels: pl.DataFrame
    """Schema `findings.LEVELS`; shown where the rubric's gap may be shown."""
    calibration: pl.DataFrame
    """Schema `findings.CALIBRATION`."""
    calibrated: pl.DataFrame
    """Schema `findings.CALIBRATED`."""
    compression: pl.DataFrame
    """Schema `findings.COMPRESSION`."""
    independence: pl.DataFrame
    """Schema `findings.INDEPENDENCE`."""
    contribution: pl.DataFrame
    """Schema `findings.CONTRIBUTION`."""
    confusion: pl.DataFrame
    """Schema `findings.CONFUSION`."""
    triage: pl.DataFrame
    """Schema `findings.TRIAGE`."""
    repeatability: pl.DataFrame
    """Schema `findings.REPEATABILITY`."""
    own_family: pl.DataFrame
    """Schema `findings.OWN_FAMILY`; empty where no judge is of an arm's family."""
    repetition: pl.DataFrame
    """Schema `findings.REPETITION`."""
    originality: pl.DataFrame
    """Schema `findings.ORIGINALITY`."""
    difficulty: pl.DataFrame
    """Schema `findings.DIFFICULTY`."""
    landscape: pl.DataFrame
    """Schema `findings.LANDSCAPE`; empty where the study does not ask for it, as the next two."""
    landscape_gaps: pl.DataFrame
    """Schema `findings.LANDSCAPE_GAPS`."""
    divergence: pl.DataFrame
    """Schema `findings.DIVERGENCE`."""
    outdated: dict[str, Text]
    """Rubrics that people rated and the panel is not calibrated on, and why; titles say so."""
    hidden_gaps: dict[str, Text]
    """Rubrics whose gap on the human scale may not be shown, and why."""
    completion: pl.DataFrame
    """Schema `tables.COMPLETION`."""
    checks: pl.DataFrame
    """Schema `tables.CHECKS`; empty where no task sets anything that code can tell."""
    costs: pl.DataFrame
    """Schema `tables.COSTS`."""
    effects: pl.DataFrame
    """Schema `findings.EFFECTS`; empty where the study has no ladder."""
    causes: pl.DataFrame
    """Schema `findings.CAUSES`; empty as `effects`."""
    crossings: pl.DataFrame
    """Schema `findings.CROSSINGS`."""
    known_groups: pl.DataFrame
    """Schema `findings.KNOWN_GROUPS`."""
    benchmarks: pl.DataFrame
    """Schema `findings.BENCHMARKS`; empty where the study asks none."""
    benchmark_gaps: pl.DataFrame
    """Schema `findings.BENCHMARK_GAPS`."""
    benchmark_effects: pl.DataFrame
    """Schema `findings.BENCHMARK_EFFECTS`; empty where no ladder is asked any."""
    benchmark_titles: dict[str, Text]
    headline: pl.DataFrame
    """Schema `findings.HEADLINE`; empty where no arms are compared."""
    equivalence: float
    """The bound within which a standardised gap counts as none."""
    failures: tuple[FailureRow, ...]
    tuning: tuple[TuningSlip, ...]
    """Of the rubrics that were tuned."""
    answers: tuple[AnswerSlip, ...]
    owed: int
    """Calls still owed: above 0, every figure is partial."""
    facts: tuple[tuple[str, str], ...]
    """Versions, times and digests, for the foot of the page."""

    @property
    def pair(self) -> tuple[str, str] | None:
        """The two arms or systems whose gap is asked for, the high one first."""
        if self.arms:
            return self.arms[0].name, self.arms[1].name
        for table in (self.gaps, self.corrected):
            if table.height:
                return str(table["high_arm"][0]), str(table["low_arm"][0])
        return None
