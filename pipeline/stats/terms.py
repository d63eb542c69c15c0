"""On what terms ratings are read: the rubrics' scales, the arms, the bounds of a verdict."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from judges.rubric import Text
from pipeline.stats.differences import Arms
from pipeline.stats.thresholds import Thresholds


class Criterion(NamedTuple):
    """What a rubric is to the statistics; a published criterion may have no other text."""

    id: str
    title: Text
    metric: str
    """nominal | ordinal | interval."""
    scale: tuple[float, ...]
    """Its levels, worst to best; of a continuous scale the two ends."""
    ends: tuple[Text, Text] | None = None
    """The worst and the best level in words, where they have any."""

    @property
    def stepped(self) -> bool:
        """Whether it has levels, and not only two ends."""
        return self.metric != "interval" or len(self.scale) > 2

    @property
    def unit(self) -> float:
        """A level: a quarter of the scale, as on one of five, whatever the scale is counted in."""
        return (self.scale[-1] - self.scale[0]) / 4

    @property
    def far(self) -> float:
        """From how far apart two scores are plainly different: half the scale."""
        return (self.scale[-1] - self.scale[0]) / 2


class Terms(NamedTuple):
    """All that the statistics must know of a study beside its ratings."""

    criteria: tuple[Criterion, ...]
    arms: Arms | None
    """None where no two arms are to be compared."""
    own: Mapping[str, list[str]]
    """Per judge the arms of its own family; a judge that is not named has none."""
    limits: Thresholds
    places: bool = False
    """Whether a human rater is a place in a table and not always one person."""

    @property
    def metrics(self) -> dict[str, str]:
        """The metric of each rubric."""
        return {x.id: x.metric for x in self.criteria}

    @property
    def scales(self) -> dict[str, tuple[float, ...]]:
        """The levels of each rubric."""
        return {x.id: x.scale for x in self.criteria}

    @property
    def ends(self) -> dict[str, tuple[float, float]]:
        """The worst and the best level of each rubric."""
        return {x.id: (x.scale[0], x.scale[-1]) for x in self.criteria}

    def marked(self, uncalibrated: Collection[str]) -> "Terms":
        """The same, with `uncalibrated` rubrics named so, wherever their titles stand."""

        def marked(one: Criterion) -> Criterion:
            en, ru = f"{one.title.en} (uncalibrated)", f"{one.title.ru} (не откалибрована)"
            return one._replace(title=Text(en=en, ru=ru)) if one.id in uncalibrated else one

        return self._replace(criteria=tuple(marked(x) for x in self.criteria))

    @property
    def kin(self) -> tuple[str, ...]:
        """The judges of either arm's own family."""
        return tuple(x for x, arms in self.own.items() if set(arms) & set(self.arms or ()))
