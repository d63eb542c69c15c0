"""What the YAML of a study made from a table of ratings may say."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from judges.rubric import Prose, Slug, Text
from judges.verdict import Frozen, Language
from pipeline import files
from pipeline.gold import RaterClass
from pipeline.stats.differences import Arms
from pipeline.stats.terms import Criterion, Terms
from pipeline.stats.thresholds import Target, Thresholds

Kind = Literal["human", "judge", "computed"]
"""`computed`: a judge that only counts, the floor for the others."""
Number = Annotated[float, Field(allow_inf_nan=False)]


class Columns(Frozen):
    """Which column of the table holds what; a row is one score by one rater."""

    item: Prose
    """Which answer was rated."""
    rater: Prose
    score: Prose | None = None
    criterion: Prose | None = None
    """On what it was rated. Without it the table has one criterion, or `scores`."""
    scores: tuple[Prose, ...] = ()
    """In place of score and criterion: columns that each hold the scores on one criterion."""
    prompt: Prose | None = None
    """The task that an answer is to; without it every answer is taken for a task of its own."""
    system: Prose | None = None
    """Who wrote the answer."""
    kind: Prose | None = None
    """Whether the rater is a person or a judge; without it all are people."""
    rater_class: Prose | None = Field(None, alias="class")
    """expert, skilled or crowd."""
    language: Prose | None = None
    draw: Prose | None = None
    """Of a judge that was asked several times."""
    order: Prose | None = None
    """At which place the rater was shown the answer: 1, 2 ..."""
    finish: Prose | None = None
    """What became of the answer: complete, truncated, refused, empty or overflow (did not fit the
    window); without it all are complete."""
    task: Prose | None = None
    """The text of the task, to read."""
    text: Prose | None = None
    """The text of the answer, to read and to count words in."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.score is None) == (not self.scores):
            raise ValueError("columns needs either `score` or `scores`, and not both")
        if self.scores and self.criterion:
            raise ValueError("columns.scores names the criteria itself: leave out `criterion`")
        return self


class Scale(Frozen):
    """The scale of one criterion, or of all; a criterion that names none has that of all."""

    title: Text | None = None
    metric: Literal["ordinal", "nominal", "interval"] = "ordinal"
    levels: tuple[Number, ...] = ()
    """Worst to best."""
    between: tuple[Number, Number] | None = None
    """In place of levels: the ends of a continuous scale; its metric is interval."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.levels and self.between is not None:
            raise ValueError("a scale has either `levels` or `between`, and not both")
        values = self.levels or self.between or ()
        if (values and len(values) < 2) or any(a >= b for a, b in pairwise(values)):
            raise ValueError("a scale runs from worst to best in rising numbers, two at least")
        if self.between is not None and self.metric != "interval":
            raise ValueError("a scale that is `between` two ends has the metric interval")
        return self

    @property
    def bare(self) -> bool:
        """Whether it names no scores at all."""
        return not self.levels and self.between is None

    def criterion(self, name: str, common: "Scale | None") -> Criterion:
        """The criterion of this name on this scale, or where it names none on the common one."""
        used = common if self.bare and common is not None else self
        title = self.title or Text(en=name, ru=name)
        values = tuple(float(x) for x in used.levels or used.between or ())
        return Criterion(name, title, used.metric, values)


class Machine(Frozen):
    """A simulated judge: score = 3 + slope (quality - 3) + offset + favour + noise, rounded."""

    id: Slug
    computed: StrictBool = False
    slope: Number = 1.0
    """Below 1 its scale is compressed; 0 is a judge that sees nothing."""
    offset: Number = 0.0
    favour: Number = 0.0
    """Added to answers of the high arm: a bias."""
    noise: Annotated[float, Field(ge=0, le=5)] = 1.0
    missing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of answers to which it gives no score."""
    draws: Annotated[StrictInt, Field(ge=1, le=5)] = 1
    drift: Number = 0.0
    """Added from the first answer it is shown to the last: a judge that grows milder, or harsher.
    The order is drawn for each judge; without drift nobody notes it."""
    strays: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of its scores that are no level at all: one above the highest."""
    family: Literal["high", "low"] | None = None
    """The arm whose family it is of."""


class Simulated(Frozen):
    """One simulated rubric: how people see quality, and what each judge makes of it."""

    id: Slug
    title: Text
    gap: Number
    """Of the true quality, high - low, in levels."""
    noise: Annotated[float, Field(ge=0, le=5)]
    """Of one person about the true quality, in levels."""
    judges: tuple[Machine, ...] = Field(min_length=1)
    rated: Annotated[StrictInt, Field(ge=0)]
    """Prompts that people rate, in both arms; the judges score all."""
    people: Annotated[StrictInt, Field(ge=1, le=20)] = 3


class Simulation(Frozen):
    """Ratings drawn from a seed: no person and no model."""

    seed: StrictInt
    prompts: Annotated[StrictInt, Field(ge=1, le=5000)]
    languages: tuple[Language, ...] = Field(("en",), min_length=1)
    """Every prompt is asked in each."""
    refused: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of the low arm's answers that are refusals, which nobody scores."""
    truncated: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of the low arm's answers that are cut off, and scored as they stand."""
    rubrics: tuple[Simulated, ...] = Field(min_length=1)


class TableStudy(Frozen):
    """A study of which only ratings are known: of published ones, or of simulated ones."""

    name: Slug
    title: Text
    about: Text | None = None
    source: Text | None = None
    """Where the ratings are from, and under what licence; the report names it."""
    columns: Columns | None = None
    simulation: Simulation | None = None
    """In place of columns: ratings made from a seed."""
    only: dict[StrictStr, StrictStr | StrictInt] = Field({})
    """Rows to read: those where each of these columns holds this value."""
    kinds: dict[StrictStr, Kind] = Field(
        {"human": "human", "judge": "judge", "computed": "computed"}
    )
    """What the values of the column `kind` stand for."""
    values: dict[StrictStr, Number] = Field({})
    """Scores that are written as words, such as Yes and No, as numbers."""
    missing: tuple[StrictStr, ...] = ("", "NA", "N/A", "NaN", "nan", "null", "None")
    """What stands for no score."""
    rater_class: RaterClass = "crowd"
    """Of people, where no column says it."""
    language: Language = "en"
    """Of the answers, where no column says it."""
    slots: StrictBool = False
    """Whether a rater is a place in the table (first, second ...) and not always one person."""
    scale: Scale | None = None
    """Of every criterion that `criteria` does not name."""
    criteria: dict[Prose, Scale] = Field({})
    high: Prose | None = None
    """The system whose gap over `low` is asked for."""
    low: Prose | None = None
    own: dict[StrictStr, tuple[StrictStr, ...]] = Field({})
    """Per judge the systems of its own family."""
    target: Target | None = None
    """How much gold was wanted: until it is there, what the report says is labelled interim."""
    thresholds: Thresholds = Thresholds()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.columns is None) == (self.simulation is None):
            raise ValueError("a study of ratings needs either `columns` or `simulation`")
        if (self.high is None) != (self.low is None):
            raise ValueError("`high` and `low` stand together, or neither")
        if self.high is not None and self.high == self.low:
            raise ValueError(f"high and low are both {self.high!r}: nothing to compare")
        if self.columns is not None and self.scale is None and not self.criteria:
            raise ValueError(
                "`scale` (of all criteria) or `criteria` must say what scores there are"
            )
        bare = [name for name, scale in self.criteria.items() if scale.bare]
        if self.scale is not None and self.scale.bare:
            raise ValueError("`scale` needs `levels` or `between`")
        if bare and self.scale is None:
            raise ValueError(
                f"criteria.{bare[0]} names no `levels`, and there is no common `scale`"
            )
        if self.simulation is not None and (self.scale or self.criteria or self.high):
            raise ValueError(
                "a simulation has its own arms and scales: leave out scale, criteria, high"
            )
        return self

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        """What tells judges from people needs a column: else judges' scores would be people's."""
        if self.columns is None or self.columns.kind is not None:
            return self
        for name in ("kinds", "own"):
            if name in self.model_fields_set:
                raise ValueError(
                    f"`{name}` tells of judges, but `columns` names no `kind`, so that all raters "
                    f"are people; add columns.kind, or leave out `{name}`"
                )
        return self

    @property
    def arms(self) -> Arms | None:
        """The two systems that are compared."""
        if self.simulation is not None:
            return Arms("high", "low")
        return None if self.high is None or self.low is None else Arms(self.high, self.low)

    def terms(self, criteria: tuple[str, ...]) -> Terms:
        """The terms on which ratings on these criteria are read."""
        if self.simulation is not None:
            levels = (1.0, 2.0, 3.0, 4.0, 5.0)
            found = [Criterion(x.id, x.title, "ordinal", levels) for x in self.simulation.rubrics]
        else:
            scales = {x: self.criteria.get(x, self.scale) for x in criteria}
            found = [
                scale.criterion(x, self.scale) for x, scale in scales.items() if scale is not None
            ]
        own = {judge: list(systems) for judge, systems in self.own.items()}
        if self.simulation is not None:
            machines = (judge for rubric in self.simulation.rubrics for judge in rubric.judges)
            own = {x.id: [x.family] for x in machines if x.family is not None}
        return Terms(tuple(found), self.arms, own, self.thresholds, self.slots)


def is_one(name: str, root: Path) -> bool:
    """Whether the study of this name is one of ratings."""
    path = root / "data" / "studies" / f"{name}.yaml"
    if not path.exists():
        return False
    data = files.parse(path, root).data
    return isinstance(data, dict) and bool(data.keys() & {"columns", "simulation"})
