"""The templates that every page is made from."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """The templates, every value escaped and none that is lacking taken for nothing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["coded"] = coded
    return made


def coded(said: str) -> Markup:
    """`said` escaped, with what stands between backticks set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(said))))


@cache
def template(name: str) -> Template:
    """One template, read once: fifty people may open its page in one second."""
    return environment().get_template(name)


def source(name: str) -> str:
    """A file beside the templates, as it stands."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def hashed(text: str) -> str:
    """What a page's Content-Security-Policy says of its own style or script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
