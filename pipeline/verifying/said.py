"""What the report says of an arm's marks and contradictions, in both languages."""

from collections.abc import Iterable

from judges.rubric import Text
from pipeline.extremes import Held
from pipeline.models.showing import SOURCES
from pipeline.pages.slip import CapacityRow, SettingRow
from pipeline.verifying.compare import Check
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


def warnings(arm: str, found: Iterable[Check]) -> Iterable[Text]:
    """One sentence for each field that something contradicts."""
    for check in found:
        if check.agrees:
            continue
        shown, source = check.shown, SOURCES[check.source]
        yield Text(
            en=f"{arm} is not what its files say: {check.field} is declared as "
            f"{check.declared}, but {source.en} show otherwise: {shown.en}.",
            ru=f"{arm} — не то, что сказано в его файлах: {check.field} заявлено как "
            f"{check.declared}, а на деле иначе ({source.ru}): {shown.ru}.",
        )
