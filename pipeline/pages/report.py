"""The report of a study: one HTML file that needs nothing else."""

import base64
import hashlib
from typing import Any, NamedTuple

from jinja2 import Environment
from markupsafe import Markup

from judges.rubric import Text
from pipeline.pages import (
    audits,
    belief,
    boards,
    climb,
    gap_plot,
    headline,
    landscapes,
    numerals,
    partings,
    plots,
    standing,
    tasks,
    views,
)
from pipeline.pages.notes import note
from pipeline.pages.payload import pack
from pipeline.pages.slip import Slip
from pipeline.pages.templating import environment, source
from pipeline.pages.words import WORDS
from pipeline.stats.terms import Criterion

SCRIPTS = ("page", "text", "sift", "book", "leaf", "shelf", "reader")
"""In this order they are one script."""

STYLES = ("report", "audit", "reader")


class Picture(NamedTuple):
    """One rubric's picture; None where there is nothing to draw."""

    rubric: Criterion
    svg: Markup | None
    remark: Text | None = None
    """What must be said above it."""
    below: Text | None = None
    """What it leaves out."""


def render(slip: Slip) -> str:
    """The whole page as HTML: the same bytes for the same slip."""
    script = "".join(source(f"{name}.js") for name in SCRIPTS)
    page = _environment().get_template("report.html.j2")
    html = page.render(
        slip=slip,
        words=WORDS,
        style=Markup("".join(source(f"{name}.css") for name in STYLES)),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        titles=views.titles(slip.criteria),
        handles=views.handles(slip.criteria),
        places=views.places(slip),
        forest=plots.forest(belief.shown_gaps(slip), views.titles(slip.criteria), "human-gap"),
        headline_picture=gap_plot.draw(
            headline.drawn(slip), headline.names(slip), slip.equivalence
        ),
        gap_pictures=_gap_pictures(slip),
        alpha_pictures=_alpha_pictures(slip),
        data=pack(slip),
    )
    # A lone surrogate, which no file can hold, becomes a question mark.
    return html.encode("utf-8", "replace").decode()


def _environment() -> Environment:
    """The templates, with what they call; every value is escaped."""
    made = environment()
    modules = (
        audits,
        belief,
        boards,
        climb,
        headline,
        landscapes,
        numerals,
        partings,
        standing,
        tasks,
        views,
    )
    shown: dict[str, Any] = {x.__name__.rpartition(".")[2]: x for x in modules}
    made.globals.update(shown, note=note)
    return made


def _gap_pictures(slip: Slip) -> list[Picture]:
    handles = views.handles(slip.criteria)
    return [
        Picture(
            rubric,
            plots.gap(views.rows(slip.gaps, rubric.id), rubric, handles[rubric.id]),
            belief.withheld(slip, rubric.id),
        )
        for rubric in slip.criteria
    ]


def _alpha_pictures(slip: Slip) -> list[Picture]:
    handles = views.handles(slip.criteria)
    found = {x.id: standing.standings(slip, x.id) for x in slip.criteria}
    low = plots.left_end([each for one in found.values() for each in one])
    return [
        Picture(
            rubric,
            plots.agreement(found[rubric.id], low, handles[rubric.id]),
            below=standing.undrawn(found[rubric.id]),
        )
        for rubric in slip.criteria
    ]
