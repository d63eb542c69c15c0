"""What the report says of an arm's marks."""

from collections.abc import Iterable

from pipeline.extremes import Held
from pipeline.models.showing import SOURCES
from pipeline.pages.slip import CapacityRow, SettingRow
from pipeline.verifying.marks import Marked


def rows(marked: Iterable[Marked]) -> tuple[SettingRow, ...]:
    """The fields of an arm as the report shows them."""
    return tuple(
        SettingRow(
            x.field,
            x.value,
            x.mark,
            x.found,
            None if x.source is None else SOURCES[x.source],
        )
        for x in marked
    )


def capacity(held: Iterable[Held]) -> tuple[CapacityRow, ...]:
    """The rows of an extreme as the report shows them."""
    return tuple(CapacityRow(x.title, x.unit, x.asked, x.actual, x.mark, x.met) for x in held)
