"""Text and numbers as a terminal shows them."""

from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text in columns, the first row as a head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return [lines[0], "  ".join("-" * w for w in widths), *lines[1:]]


def number(value: float | None, sign: bool = False) -> str:
    """Two digits, with a sign where asked; "none" where there is none."""
    if value is None:
        return "none"
    shown = f"{value:+.2f}" if sign else f"{value:.2f}"
    return shown.lstrip("+-") if not shown.strip("+-0.") else shown
