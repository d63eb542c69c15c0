"""The page on which a person rates answers: one HTML file that needs nothing else."""

import json
from functools import cache

from jinja2 import Template
from markupsafe import Markup

from pipeline.pages.rate_words import WORDS
from pipeline.pages.templating import hashed, source, template
from pipeline.rating.form import LONGEST_COMMENT, RatingForm

SCRIPTS = ("dom", "keep", "file", "send", "watch", "choose", "screens", "keys", "start")
"""In this order they are one script."""


def render(form: RatingForm) -> str:
    """The whole page as HTML: the same bytes for the same form."""
    template, style, script = _parts()
    return template.render(
        form=form,
        words=WORDS,
        longest=LONGEST_COMMENT,
        style=Markup(style),
        style_hash=hashed(style),
        script=Markup(script),
        script_hash=hashed(script),
        data=Markup(_data(form)),
    )


@cache
def _parts() -> tuple[Template, str, str]:
    """Template, style and script: read once, as fifty people may open the page in one second."""
    script = "".join(source(f"rate_{name}.js") for name in SCRIPTS)
    return template("rate.html.j2"), source("rate.css"), script


def _data(form: RatingForm) -> str:
    """What the script reads, as JSON that cannot end its element."""
    whole = {
        "form": form.model_dump(mode="json"),
        "digest": form.digest,
        "longest": LONGEST_COMMENT,
        "words": {key: text.model_dump() for key, text in WORDS.items()},
    }
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
