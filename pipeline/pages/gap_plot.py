"""The headline picture: three groups of standardised gaps on one axis."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from judges.rubric import Text
from pipeline.pages.numerals import number
from pipeline.pages.plots import Row, _canvas, _dot, _estimate, _short, _svg, _ticks, _write
from pipeline.pages.svg import COLOURS, Labels
from pipeline.pages.words import WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS = {"benchmark": ("s", "ink"), "rubric": ("o", "high"), "structure": ("D", "muted")}
"""Form and colour of each group."""
_LEFT, _RIGHT, _WIDTH = 178, 128, 520
_FARTHEST = 6.0
"""Standard deviations at which the axis ends, however far an interval goes; a value is shown."""


def draw(rows: Sequence[Row], names: Mapping[tuple[str, str], Text], bound: float) -> Markup | None:
    """The picture; None where there is nothing to draw.

    `rows` are rows of findings.HEADLINE that have a value, in the order of their groups; `names`
    what each is called, by group and name; `bound` the half width of the band of equivalence.
    """
    if not rows:
        return None
    labels = Labels()
    groups = list(dict.fromkeys(row["group"] for row in rows))
    figure, axes = _canvas(len(rows) + len(groups), left=_LEFT, right=_RIGHT, width=_WIDTH)
    low, high = _ends(rows, bound)
    axes.set_xlim(low, high)
    step = max(0.5, math.ceil((high - low) / 6 * 2) / 2)
    ticks = [x * step for x in range(math.ceil(low / step), math.floor(high / step) + 1)]
    _ticks(axes, ticks, [labels.token(number(x, 1, signed=True)) for x in ticks], labels)
    axes.axvspan(-bound, bound, facecolor=COLOURS["band"], edgecolor="none", zorder=-1)
    axes.axvline(0, color=COLOURS["ink"], linewidth=1.1, zorder=1)
    y = 0
    for group in groups:
        # As far left as the names of the rows begin, in shares of the axis.
        start = -_LEFT / (_WIDTH - _LEFT - _RIGHT)
        said = labels.token(WORDS[f"headline_{group}"])
        _write(axes, start, y, said, "left", "bold", "muted")
        for row in (x for x in rows if x["group"] == group):
            y += 1
            _line(axes, y, row, (low, high))
            name = _short(names[group, row["name"]], 24)
            _write(axes, None, y, labels.token(name), "right")
            said = labels.token(_estimate({**row, "gap": row["value"]}))
            _write(axes, 1.03, y, said, "left", "bold")
        y += 1
    return _svg(figure, labels, "headline-gap")


def _ends(rows: Sequence[Row], bound: float) -> tuple[float, float]:
    values = [row["value"] for row in rows]
    every = [*values, *(row[x] for row in rows for x in ("low", "high") if row[x] is not None)]
    low, high = min(-2 * bound, *every), max(2 * bound, *every)
    return (
        min(max(-_FARTHEST, low - 0.1), min(values) - 0.1),
        max(min(_FARTHEST, high + 0.1), max(values) + 0.1),
    )


def _line(axes: "Axes", y: int, row: Row, ends: tuple[float, float]) -> None:
    """One row: its two intervals, an arrow where the axis cuts one off, and its mark."""
    marker, colour = _MARKS[row["group"]]

    def within(x: float) -> float:
        return min(max(x, ends[0]), ends[1])

    if row["low"] is not None and row["low"] < ends[0]:
        _dot(axes, ends[0], y, colour, 5.0, colour, "<")
    if row["high"] is not None and row["high"] > ends[1]:
        _dot(axes, ends[1], y, colour, 5.0, colour, ">")
    for start, end, width in (("low", "high", 1.1), ("low_90", "high_90", 2.8)):
        if row[start] is not None and row[end] is not None:
            span = (within(row[start]), within(row[end]))
            axes.plot(span, (y, y), color=COLOURS[colour], lw=width, solid_capstyle="butt")
    _dot(axes, row["value"], y, colour, 6.0, colour, marker)
