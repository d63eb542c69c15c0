"""The report of a study: one HTML file that needs nothing else."""

import base64
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from judges.rubric import Text
from pipeline.pages import belief, numerals, plots, views
from pipeline.pages.notes import note
from pipeline.pages.payload import pack
from pipeline.pages.slip import Slip
from pipeline.pages.words import WORDS
from pipeline.stats.terms import Criterion

TEMPLATES = Path(__file__).parent / "templates"

SCRIPTS = ("page", "text", "book", "leaf", "shelf", "reader")
"""In this order they are one script."""


class Picture(NamedTuple):
    """One rubric's picture; None where there is nothing to draw."""

    rubric: Criterion
    svg: Markup | None
    remark: Text | None = None
    """What must be said beside it."""


def render(slip: Slip) -> str:
    """The whole page as HTML: the same bytes for the same slip."""
    script = "".join(_source(f"{name}.js") for name in SCRIPTS)
    page = _environment().get_template("report.html.j2")
    html = page.render(
        slip=slip,
        words=WORDS,
        style=Markup(_source("report.css") + _source("reader.css")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        titles=views.titles(slip.criteria),
        forest=plots.forest(belief.shown_gaps(slip), views.titles(slip.criteria)),
        gap_pictures=_gap_pictures(slip),
        alpha_pictures=_alpha_pictures(slip),
        data=pack(slip),
    )
    # A lone surrogate, which no file can hold, becomes a question mark.
    return html.encode("utf-8", "replace").decode()


def _environment() -> Environment:
    """The templates, with what they call; every value is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown: dict[str, Any] = {"note": note, "belief": belief, "views": views, "numerals": numerals}
    made.globals.update(shown)
    return made


def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _gap_pictures(slip: Slip) -> list[Picture]:
    return [
        Picture(
            rubric,
            plots.gap(views.rows(slip.gaps, rubric.id), rubric),
            belief.withheld(slip, rubric.id),
        )
        for rubric in slip.criteria
    ]


def _alpha_pictures(slip: Slip) -> list[Picture]:
    floor = views.floor(slip)
    low = plots.left_end(views.rows(slip.agreement))
    return [
        Picture(
            rubric, plots.agreement(views.beside_people(slip, rubric.id), floor, low, rubric.id)
        )
        for rubric in slip.criteria
    ]
