"""The pictures of the report, one small SVG per rubric, coloured and worded by the page."""

import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from judges.rubric import Text
from pipeline.pages.numerals import fill, named, number
from pipeline.pages.standing import Standing, drawn
from pipeline.pages.svg import COLOURS, Labels, inlined
from pipeline.pages.words import WORDS
from pipeline.stats.terms import Criterion

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = dict[str, Any]

_WIDTH, _ROW, _FOOT, _SIZE = 360, 18, 34, 11
"""Points, which the page stretches together: width, a row's height, the axis, the letters."""


def gap(rows: Sequence[Row], rubric: Criterion, name: str) -> Markup | None:
    """The gap of one rubric, all tasks first, then each kind; None where it has none.

    `rows` are those of tables.GAPS on `rubric`, `name` what its caption is called by.
    """
    shown = sorted(
        (row for row in rows if row["gap"] is not None), key=lambda row: row["task_kind"] or ""
    )
    if not shown:
        return None
    labels = Labels()
    figure, axes = _canvas(len(shown), left=112, right=46)
    first, last = rubric.scale[0], rubric.scale[-1]
    room = (last - first) / 16
    axes.set_xlim(first - room, last + room)
    _ticks(axes, rubric.scale, [f"{level:g}" for level in rubric.scale], labels)
    if rubric.ends is not None:
        # Under its tick, so that a long name takes room beside the axis and not of the other one.
        for end_name, level in zip(rubric.ends, (first, last), strict=True):
            end = labels.token(_short(end_name, 20))
            _write(axes, level, len(shown) + 0.95, end, "center", colour="muted", across=False)
    for y, row in enumerate(shown):
        whole = row["task_kind"] is None
        kind = WORDS["all_kinds"] if whole else named("kind", row["task_kind"])
        weight, size = ("bold", 6.5) if whole else ("normal", 4.0)
        axes.plot(
            (row["low"], row["high"]),
            (y, y),
            color=COLOURS["ink" if whole else "muted"],
            linewidth=2.4 if whole else 1.0,
            solid_capstyle="butt",
        )
        _dot(axes, row["low"], y, "low", size + 3, "paper")
        _dot(axes, row["high"], y, "high", size, "high")
        _write(axes, None, y, labels.token(_short(kind)), "right", weight)
        said = number(row["gap"], 2, signed=True)
        _write(axes, 1.03, y, labels.token(said), "left", weight)
    return _svg(figure, labels, f"gap-{name}")


def agreement(found: Sequence[Standing], low: float, name: str) -> Markup | None:
    """The alphas of one rubric with their intervals, people first; None where none is defined.

    `found` are those of `standing.standings`, `low` the left end of the axis, which all rubrics
    share. A band is the interval of people among themselves, a line what one more of them reaches.
    """
    shown = drawn(found)
    if not shown:
        return None
    labels = Labels()
    figure, axes = _canvas(len(shown), left=112, right=84)
    axes.set_xlim(low, 1.04)
    ticks = [x / 2 for x in range(int(low * 2), 3)]
    _ticks(axes, ticks, [labels.token(number(x, 1)) for x in ticks], labels)
    axes.axvline(0, color=COLOURS["muted"], linewidth=0.9, zorder=1)
    for each in found:
        if each.kind == "people" and each.low is not None and each.high is not None:
            ends = (max(each.low, low), each.high)
            axes.axvspan(*ends, facecolor=COLOURS["band"], edgecolor="none", zorder=-1)
        if each.kind == "ceiling" and each.alpha is not None:
            axes.axvline(max(each.alpha, low), color=COLOURS["high"], linewidth=1.2, zorder=1)
    for y, each in enumerate(shown):
        before = len(axes.lines), len(axes.texts)
        _standing(axes, y, each, low, labels)
        if each.judge is not None:
            for artist in (*axes.lines[before[0] :], *axes.texts[before[1] :]):
                artist.set_gid(labels.about(each.judge))
    return _svg(figure, labels, f"agreement-{name}")


def _standing(axes: "Axes", y: int, each: Standing, low: float, labels: Labels) -> None:
    """One row: a thin line for the interval of alpha, a heavy one for that of delta."""
    assert each.alpha is not None
    people = each.kind == "people"
    weight = "bold" if people else "normal"
    lines = [(each.low, each.high, "muted", 1.0)]
    if each.yardstick is not None and each.delta_low is not None and each.delta_high is not None:
        at = each.yardstick
        lines.append((at + each.delta_low, at + each.delta_high, "ink", 2.6))
        _dot(axes, max(at, low), y, "high", 7.0, "high", "|")
    for start, end, colour, width in lines:
        if start is not None and end is not None:
            ends = (min(max(start, low), 1.04), min(max(end, low), 1.04))
            axes.plot(ends, (y, y), color=COLOURS[colour], lw=width, solid_capstyle="butt")
    marker, size, fill = _MARKERS[each.kind]
    _dot(axes, max(each.alpha, low), y, "ink", size, fill, marker)
    _write(axes, None, y, labels.token(_middle(each.name)), "right", weight)
    _write(axes, 1.03, y, labels.token(_alpha(each)), "left", weight)


def _alpha(each: Standing) -> Text:
    """alpha, and delta where there is one."""
    value = number(each.alpha)
    if each.delta is None:
        return value
    delta = number(each.delta, 2, signed=True)
    return Text(en=f"{value.en} ({delta.en})", ru=f"{value.ru} ({delta.ru})")


def forest(rows: Sequence[Row], titles: Mapping[str, Text], name: str) -> Markup | None:
    """Differences with their intervals, a row per rubric; None where none is.

    `rows` are rows of findings.CORRECTED that have a gap, or others of that form; `titles` those of
    the rubrics; `name` is the picture's.
    """
    if not rows:
        return None
    labels = Labels()
    figure, axes = _canvas(len(rows), left=172, right=146, width=518)
    ends = [0.0, *(row[x] for row in rows for x in ("gap", "low", "high") if row[x] is not None)]
    low, high = math.floor(min(ends)), max(math.ceil(max(ends)), 1)
    axes.set_xlim(low - 0.1, high + 0.1)
    step = -(-(high - low) // 6)
    ticks = list(range(-(-low // step) * step, high + 1, step))
    _ticks(axes, ticks, [labels.token(number(x, 0, signed=True)) for x in ticks], labels)
    axes.axvline(0, color=COLOURS["ink"], linewidth=1.1, zorder=1)
    for y, row in enumerate(rows):
        if row["low"] is not None and row["high"] is not None:
            span = (row["low"], row["high"])
            axes.plot(span, (y, y), color=COLOURS["high"], linewidth=1.8, solid_capstyle="butt")
        _dot(axes, row["gap"], y, "high", 6.5, "high")
        _write(axes, None, y, labels.token(_middle(titles[row["rubric"]], 22)), "right")
        _write(axes, 1.03, y, labels.token(_estimate(row)), "left", "bold")
    return _svg(figure, labels, name)


def left_end(found: Sequence[Standing]) -> float:
    """Where the axis of alphas begins so that what is drawn fits: -1 or -.5."""
    lowest = min((x for each in found for x in (each.low, each.alpha) if x is not None), default=0)
    return -1.0 if lowest < -0.5 else -0.5


_MARKERS = {
    "people": ("D", 5.5, "ink"),
    "person": ("D", 4.0, "paper"),
    "panel": ("o", 7.0, "ink"),
    "model": ("o", 4.5, "ink"),
    "counting": ("s", 4.5, "paper"),
}
"""Form, size and filling of the marks of `standing.Kind`."""


def _estimate(row: Row) -> Text:
    """A gap with its interval; it has none where it is the same on every task."""
    value, low, high = (number(row[x], 2, signed=x == "gap") for x in ("gap", "low", "high"))
    if row["low"] is None or row["high"] is None:
        return fill("alike_drawn", value=value)
    return Text(en=f"{value.en} [{low.en}, {high.en}]", ru=f"{value.ru} [{low.ru}; {high.ru}]")


def _short(text: Text, most: int = 17) -> Text:
    def cut(said: str) -> str:
        return said if len(said) <= most else f"{said[: most - 1]}…"

    return Text(en=cut(text.en), ru=cut(text.ru))


def _middle(text: Text, most: int = 17) -> Text:
    """The beginning and the end of a name that is too long: raters often differ at its end."""

    def cut(said: str) -> str:
        if len(said) <= most:
            return said
        return f"{said[: most // 2]}…{said[-(most // 2) :]}"

    return Text(en=cut(text.en), ru=cut(text.ru))


def _canvas(rows: int, left: int, right: int, width: int = _WIDTH) -> "tuple[Figure, Axes]":
    """An empty picture with room for `rows` rows and for words at both sides of them."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    height = rows * _ROW + _FOOT
    figure = Figure(figsize=(width / 72, height / 72))
    FigureCanvasSVG(figure)
    figure.patch.set_visible(False)
    axes = figure.add_axes(
        (left / width, _FOOT / height, (width - left - right) / width, rows * _ROW / height)
    )
    axes.set_ylim(rows - 0.5, -0.5)
    axes.patch.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.set_yticks([])
    return figure, axes


def _ticks(axes: "Axes", places: Sequence[float], said: Sequence[str], labels: Labels) -> None:
    """Upright hairlines at `places`, with what is said of each beneath."""
    axes.set_xticks([])
    rows = axes.get_ylim()[0] + 0.5
    for place, text in zip(places, said, strict=True):
        axes.axvline(place, color=COLOURS["rule"], linewidth=0.8, zorder=0)
        _write(axes, place, rows + 0.1, text, "center", colour="muted", across=False)


def _dot(
    axes: "Axes", x: float, y: float, edge: str, size: float, fill: str, marker: str = "o"
) -> None:
    axes.plot(
        [x],
        [y],
        linestyle="none",
        marker=marker,
        markersize=size,
        markerfacecolor=COLOURS[fill],
        markeredgecolor=COLOURS[edge],
        markeredgewidth=1.4,
        zorder=3,
        clip_on=False,
    )


def _write(
    axes: "Axes",
    x: float | None,
    y: float,
    token: str,
    align: str,
    weight: str = "normal",
    colour: str = "ink",
    across: bool = True,
) -> None:
    """Set `token` on row y; x is a share of the axes' width (None: left of them), or a value."""
    transform = axes.get_yaxis_transform() if across else axes.transData
    axes.text(
        -0.04 if x is None else x,
        y + 0.2,
        token,
        transform=transform,
        ha=align,
        va="baseline",
        fontsize=_SIZE,
        fontweight=weight,
        color=COLOURS[colour],
        parse_math=False,
        clip_on=False,
    )


def _svg(figure: "Figure", labels: Labels, name: str) -> Markup:
    """The picture as markup to stand inside a page: same bytes for the same picture."""
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(out, format="svg", metadata=nothing)
    return inlined(out.getvalue(), labels, name)
