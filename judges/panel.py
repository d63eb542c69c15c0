"""Who judges: the panel and its judges, as a YAML file names them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from judges.rubric import Slug, Text
from judges.sampling import Sampling
from judges.verdict import Frozen

Measure = Literal["length", "lexical_diversity", "self_reference"]
"""What a computed judge counts; see `judges.surface`."""


class Judge(Frozen):
    """One judge: a model that is asked, or a measure that is computed from the text alone."""

    id: Slug
    model: Slug | None = None
    """A name of `data/models.yaml`."""
    computed: Measure | None = None
    """A text measure in place of a model: the floor that every model must beat."""
    scoring: Literal["stated", "measured"] = "stated"
    """Take the level the model writes, or the mean level under its token probabilities."""
    draws: Annotated[StrictInt, Field(ge=1, le=20)] = 1
    """Verdicts asked per item and rubric."""
    demos: Annotated[StrictInt, Field(ge=0, le=32)] = 0
    """Answers with people's scores that it is shown before it judges; they come from the half of
    the gold that rubrics are tuned on, never from the task of the answer that it judges."""
    sampling: Sampling = Sampling()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.model is None) == (self.computed is None):
            raise ValueError(f"judge {self.id!r} needs either `model` or `computed`, and not both")
        told = self.draws != 1 or self.sampling.told() or self.scoring != "stated" or self.demos
        if self.computed and told:
            raise ValueError(
                f"judge {self.id!r} is computed: draws, scoring, demos and sampling have no "
                "meaning for it"
            )
        return self


class Panel(Frozen):
    """The judges that score every answer of a study."""

    id: Slug
    title: Text | None = None
    judges: tuple[Judge, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _judges_differ(self) -> Self:
        ids = [judge.id for judge in self.judges]
        for judge_id in sorted({x for x in ids if ids.count(x) > 1}):
            raise ValueError(f"two judges are called {judge_id!r}; every judge needs its own id")
        if "panel" in ids:
            raise ValueError("a judge cannot be called 'panel': that is the name of their median")
        seen: dict[str, str] = {}
        for judge in self.judges:
            body = judge.model_dump_json(exclude={"id", "draws"})
            if body in seen:
                raise ValueError(
                    f"judges {seen[body]!r} and {judge.id!r} are the same model with the same "
                    "settings: one voice would count twice (`draws` asks one judge more often)"
                )
            seen[body] = judge.id
        return self
