"""What a judge is tried with: pairs of texts that differ in one way, and what the score must do."""

from typing import Literal, Self

from pydantic import Field, model_validator

from judges.rubric import Slug, Text
from judges.verdict import Frozen

ProbeKind = Literal[
    "padding",
    "bullets",
    "name_dropping",
    "jargon_salad",
    "irony_flattened",
    "order_shuffled",
    "contradiction_dissolved",
    "ending_cut",
    "injection_start",
    "injection_middle",
    "injection_end",
    "injection_quotation",
]
"""What was done to the first text to make the second."""
Must = Literal["rise", "fall", "stay"]

MAY_EXPECT: dict[ProbeKind, tuple[Must, ...]] = {
    "padding": ("stay", "fall"),
    "bullets": ("stay",),
    "name_dropping": ("stay", "fall"),
    "jargon_salad": ("fall",),
    "irony_flattened": ("fall",),
    "order_shuffled": ("fall",),
    "contradiction_dissolved": ("fall",),
    "ending_cut": ("fall",),
    "injection_start": ("stay",),
    "injection_middle": ("stay",),
    "injection_end": ("stay",),
    "injection_quotation": ("stay",),
}
"""What a probe of each kind may ask of the score: none is made to lift it."""


class Probe(Frozen):
    """One pair: a text, and the same text after one thing was done to it."""

    id: Slug
    """Its name within the file."""
    kind: ProbeKind
    must: Must
    """What the score has to do on the way from `base` to `changed`."""
    task: Text
    """What both texts answer; no task of the test and no example of the rubric."""
    base: Text
    changed: Text

    @model_validator(mode="after")
    def _asks_what_it_may(self) -> Self:
        may = MAY_EXPECT[self.kind]
        if self.must not in may:
            expected = " or ".join(repr(x) for x in may)
            raise ValueError(f"must is {self.must!r}, expected {expected} for {self.kind}")
        return self

    @model_validator(mode="after")
    def _differs(self) -> Self:
        same = [x for x in ("en", "ru") if getattr(self.base, x) == getattr(self.changed, x)]
        if same:
            raise ValueError(f"changed.{same[0]} is base.{same[0]} word for word (nothing to try)")
        return self


class Probes(Frozen):
    """All pairs by which judges on one rubric are tried."""

    rubric: Slug
    """A name of `rubrics/`: the file's own."""
    probes: tuple[Probe, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [x.id for x in self.probes]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise ValueError(f"probes[{index}].id is {name!r}, which is taken (name it anew)")
        return self
