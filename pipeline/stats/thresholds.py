"""Where the bounds of a verdict lie, and how much gold is wanted; a study's YAML may set them."""

from pydantic import BaseModel, ConfigDict, Field


class Epsilon(BaseModel):
    """What a judge is forgiven beside a person of each class, as it costs less."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expert: float = Field(0.2, ge=0, lt=1)
    skilled: float = Field(0.15, ge=0, lt=1)
    crowd: float = Field(0.1, ge=0, lt=1)

    def of(self, rater_class: str) -> float:
        """The number of a class; one that is not named counts as crowd, the strictest."""
        return {"expert": self.expert, "skilled": self.skilled}.get(rater_class, self.crowd)


class Thresholds(BaseModel):
    """The bounds of a verdict on a panel, chosen by simulation with 3 raters and 150 items."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    human_alpha: float = Field(0.2, ge=0, lt=1)
    """The lower 95% bound of the people's alpha must lie above this."""
    strong_alpha: float = Field(0.4, ge=0, lt=1)
    """Above this the agreement of the people is called strong."""
    delta: float = Field(-0.15, ge=-1, lt=1)
    """The lower 90% bound of delta must lie above this."""
    rank: float = Field(-0.15, ge=-1, lt=1)
    """The same for tau-b beside people less tau-b of people: enough to rank with."""
    floor: float = Field(0.0, ge=-1, lt=1)
    """The lower 90% bound of the panel's lead over word counts must lie above this."""
    arm_bias: float = Field(0.5, gt=0)
    """In levels of a five-level scale, quarters of its width: the interval of the bias towards an
    arm may not lie wholly beyond it."""
    epsilon: Epsilon = Epsilon()
    winning_rate: float = Field(0.5, gt=0, le=1)
    """Share of the people whom the judge must match in the alternative annotator test."""
    items_per_person: int = Field(30, ge=2)
    """Shared answers from which a person is eligible for that test."""
    level: float = Field(0.05, gt=0, lt=1)
    """Of the alternative annotator test, and of Holm's correction over rubrics."""
    equivalence: float = Field(0.2, gt=0, lt=2)
    """In standard deviations: arms whose 90% interval lies within it count as equivalent."""


class Target(BaseModel):
    """How well people's ratings are to tell, fixed before they are made; half an interval each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alpha: float = Field(0.1, gt=0, lt=1)
    """Of people's agreement among themselves, 95%."""
    gap: float = Field(0.3, gt=0)
    """Of the gap on the human scale, in levels of a five-level scale, 95%."""
