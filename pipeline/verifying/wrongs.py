"""What is said of a contradiction: where, what is declared, what was found, what would be right."""

from collections.abc import Iterable

from pipeline.arms import Arm, cuts_to
from pipeline.models.catalogue import answers
from pipeline.models.showing import SOURCES
from pipeline.verifying.compare import TRAINED, Check

_WINDOW = "window."
"""How the facts of `pipeline.models.window` begin."""


def lines(arm: Arm, found: Iterable[Check]) -> list[str]:
    """A line for each contradiction: where, what is declared, what was found, what would be right.

    A profile's line stands for the catalogue's too where both say the same, and the first field of
    which one count tells stands for the others.
    """
    wrong = [x for x in found if not x.agrees]
    once = {x.words.en: x for x in reversed(wrong) if x.words is not None}
    wrong = [x for x in wrong if x.words is None or once[x.words.en] is x]
    said = {(x.field.partition(".")[2], x.declared) for x in wrong if x.field.startswith("profile")}
    return [
        _fault(arm, x)
        for x in wrong
        if x.field.startswith("profile") or (x.field.partition(".")[2], x.declared) not in said
    ]


def _fault(arm: Arm, check: Check) -> str:
    room, _, name = check.field.partition(".")
    where = f"data/models.yaml: {arm.model.id}" if room == "model" else f"arm {arm.name}: {room}"
    seen = f" (seen {_minute(check.at)}; `antipode verify` looks again)" if check.at else ""
    said = f"{where}: {name} is {check.declared!r}, but {_seen(arm, check)}{seen}"
    renamed = check.fact in ("name", "replied")
    begin = (
        f"; the answers that are stored are {'then ' * renamed}not this arm's, so begin a run of "
        "its own: another name for the study, or its folder put away"
        if check.source == "answers" and check.final and check.fact != "filled"
        else ""
    )
    right = _right_name(arm, check) if renamed else _right(arm, check)
    return f"{said}; {right}{begin}"


def _right_name(arm: Arm, check: Check) -> str:
    """What would be right where a server answers under a name that is not the entry's."""
    others = [x for x in str(check.found).split(", ") if not answers(arm.model, x)]
    if len(others) > 1:
        return "name one model alone, by its full name: an alias may stand for several"
    return (
        f"if that is the model that is meant, write `answers_as: {others[0]}` beside its name, "
        "which asks nothing again; if it is another, name or start the one that is meant"
    )


def _minute(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


def _seen(arm: Arm, check: Check) -> str:
    """What was found, and where."""
    there = arm.model.base_url or arm.model.file or f"the {arm.model.provider} API"
    if check.fact.startswith(_WINDOW) or check.fact == TRAINED:
        return f"{there} {check.shown.en}"
    if check.fact == "replied":
        return f"{there} answered as {check.found!r}"
    if check.fact == "root":
        return f"{there} has loaded {check.found!r}"
    if check.words is not None:
        return check.words.en
    shown = check.shown.en if check.fact == "sliding_window" else repr(check.found)
    verb = "show" if check.source == "answers" else "shows"
    return f"{SOURCES[check.source].en} ({there}) {verb} {shown}"


def _right(arm: Arm, check: Check) -> str:
    """What would be right."""
    if check.fact == "thought":
        return "write the mode that it has, or change what is sent of thinking (effort)"
    if check.fact == "filled":
        return _right_window(arm, int(check.found))
    if check.fact == "cut":
        return "raise sampling.max_tokens, or write that it is capped"
    if check.fact == "picked":
        return "take a model that names one when it is asked to pick, or leave knobs.candidates out"
    if check.fact == "spent":
        return "serve it so that the cap holds, or declare what it does and send no cap"
    if check.fact == "experts.differ":
        return f"serve it so that {check.declared} work on every token"
    write = f"write {check.found!r}"
    if check.fact == TRAINED:
        return f"{write} or fewer, or take a model made for more"
    if check.fact.startswith(_WINDOW):
        write = "declare the window it has"
    elif check.fact == "sliding_window":
        write = "write so"
    right = (
        f"take the file that is {check.declared}"
        if arm.model.provider == "gguf"
        else f"start the server with {check.declared}"
    )
    return f"{write}, or {right}"


def _right_window(arm: Arm, filled: int) -> str:
    """What would be right where a task was cut by an estimate that is too low for its tokeniser."""
    cut, reply = arm.knobs.window_tokens or 0, arm.sampling.max_tokens or 0
    meant, ratio = arm.profile.context_tokens or cut, (filled - reply) / (cut - reply)
    lower = reply + int((meant - reply) / ratio)
    ways = {
        f"declare what it is by profile.context_tokens {filled}": cuts_to(filled, cut),
        f"cut to {meant} by knobs.window_tokens {lower}, with profile.context_tokens {meant}": (
            cuts_to(meant, lower)
        ),
    }
    open_ones = [x for x, there in ways.items() if there]
    right = ", or ".join(open_ones or ["no estimate cuts to it: leave knobs.window_tokens out"])
    return f"its tokeniser makes {ratio:.2f} tokens of one that is estimated: {right}"
