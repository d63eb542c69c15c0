"""How a drawing of matplotlib becomes part of a page: its words, colours and names."""

import re

from markupsafe import Markup, escape

from judges.rubric import Text

COLOURS = {
    "ink": "#010101",
    "muted": "#010102",
    "rule": "#010103",
    "paper": "#010104",
    "high": "#010105",
    "low": "#010106",
    "band": "#010107",
}
"""Colours to draw with; they turn into the page's own `var(--name)`."""

_DROPPED = re.compile(
    r"<defs>\s*<style.*?</style>\s*</defs>"  # would hold for the whole page
    r"| xmlns(:xlink)?=\"[^\"]*\"| version=\"1\.1\"| (width|height)=\"[\d.]+pt\""
    r"| transform=\"rotate\(-?0 [^\"]*\"| id=\"(?![mp][0-9a-f]{10}\"|about-)[^\"]*\""
    r"| ?font-family: [^;\"]*;?",
    re.DOTALL,
)


class Labels:
    """The words of a picture: matplotlib sets a token, the page gets both languages for it."""

    def __init__(self) -> None:
        """None yet."""
        self._texts: list[Text] = []
        self._judges: list[str] = []

    def token(self, text: Text) -> str:
        """What to draw in place of `text`."""
        self._texts.append(text)
        return f"@{len(self._texts) - 1}@"

    def about(self, judge: str) -> str:
        """What to name a part of the picture that is about a judge, for the filters."""
        self._judges.append(judge)
        return f"about-{len(self._judges) - 1}"

    def put(self, svg: str) -> str:
        """`svg` with every token replaced by its text in both languages, every name by a judge."""
        svg = re.sub(r"@(\d+)@", lambda match: tspans(self._texts[int(match[1])]), svg)
        found = re.compile(r' id="about-(\d+)"')
        return found.sub(lambda x: f' data-judge="{escape(self._judges[int(x[1])])}"', svg)


def tspans(text: Text) -> str:
    """A text inside SVG in both languages; the page shows one of them."""
    if text.en == text.ru:
        return str(escape(text.en))
    pairs = ((x, escape(getattr(text, x))) for x in ("en", "ru"))
    return "".join(f'<tspan class="l-{x}" lang="{x}">{said}</tspan>' for x, said in pairs)


def inlined(drawn: str, labels: Labels, name: str) -> Markup:
    """The drawing as markup to stand in a page, titled by the element `name`-title."""
    svg = _DROPPED.sub("", drawn[drawn.index("<svg") :])
    svg = svg.replace("xlink:href=", "href=")
    svg = svg.replace("<svg", f'<svg class="plot" role="img" aria-labelledby="{name}-title"', 1)
    for colour, drawn_as in COLOURS.items():
        svg = svg.replace(drawn_as, f"var(--{colour})")
    return Markup(labels.put(re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><").strip()))
