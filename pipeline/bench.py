"""The bench of judges: what judging needs to know, whatever is judged."""

from pathlib import Path
from typing import Protocol

from judges.panel import Panel
from judges.rubric import Rubric
from judges.verdict import Language
from pipeline.models.catalogue import Model
from pipeline.tasks import Task


class Bench(Protocol):
    """What judging needs to know, whether of a study or of anything else that is judged."""

    @property
    def root(self) -> Path:
        """The project's folder."""

    @property
    def panel(self) -> Panel:
        """Who judges."""

    @property
    def rubrics(self) -> tuple[Rubric, ...]:
        """On what."""

    @property
    def models(self) -> dict[str, Model]:
        """The models that judges name, by id."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks whose answers may be recorded."""

    @property
    def budget(self) -> float | None:
        """US dollars that all of it may cost."""

    def rubric_language(self, answer: Language) -> Language:
        """The language in which a judge reads a rubric for an answer in that language."""
