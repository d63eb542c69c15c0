"""What serving an arm takes, in lines: memory, the cards that hold it, and how fast it may be."""

from typing import NamedTuple

from pipeline.arms import Arm
from pipeline.serving import memory, throughput
from pipeline.serving.cards import CARDS, COUNTS, GIB, Card
from pipeline.serving.memory import Fit
from pipeline.serving.throughput import Range


class Estimate(NamedTuple):
    """One kind of card: the fewest of them, and the speed on those."""

    card: Card
    fit: Fit | None
    """None = more than 8 are needed, or memory is not known."""
    answers: int
    """Written at once: what the catalogue allows, and the cards hold."""
    alone: Range
    together: Range
    prompts: Range


def of(arm: Arm, card: Card) -> Estimate:
    """The estimate for as few cards of this kind as hold the weights and one whole window."""
    fit, unknown = memory.smallest(arm, card), Range(None, None, "it does not fit")
    if fit is None:
        return Estimate(card, None, 0, unknown, unknown, unknown)
    tokens, answers = typical_tokens(arm), _answers(arm, fit)
    return Estimate(
        card,
        fit,
        answers,
        throughput.decode(arm, fit, 1, tokens),
        throughput.decode(arm, fit, answers, tokens),
        throughput.prefill(arm, fit),
    )


def typical_tokens(arm: Arm) -> int:
    """The context that an answer has midway: half its longest, or half the window where unset."""
    return max(1, (arm.sampling.max_tokens or memory.window(arm) or 2) // 2)


def _answers(arm: Arm, fit: Fit) -> int:
    """Answers at once: concurrency, --max-num-seqs and memory together."""
    serving, one = arm.model.serving, memory.token(arm, fit.cards).value
    assert one is not None
    room = int(fit.free // (one * memory.held(arm, typical_tokens(arm))))
    allowed = serving.sequences if serving is not None and serving.sequences else room
    return max(1, min(arm.model.limits.concurrency, allowed, room))


def lines(arm: Arm, cards: int | None = None) -> list[str]:
    """Memory and a table of cards, in words; what is not known is said with its reason.

    `cards` is how many the command is for; None = no number of cards holds it, or is known to.
    """
    loaded, one, window = memory.weights(arm), memory.token(arm, cards or 1), memory.window(arm)
    missing = [x.why for x in (loaded, one) if x.value is None]
    if window is None:
        missing.append(f"data/models.yaml: {arm.model.id}: context_tokens is not given")
    if loaded.value is None or one.value is None or window is None:
        return [f"memory is not known: {'; '.join(missing)}"]
    share = (arm.model.serving.memory_share if arm.model.serving else None) or memory.SHARE
    found = [of(arm, card) for card in CARDS]
    over = [x.card.name for x in found if x.fit is None]
    return [
        f"weights {loaded.value / GIB:.1f} GiB; keys and values {one.value / 1024:.0f} KiB a "
        f"token{f' on {cards} cards' if cards is not None and cards > 1 else ''}, "
        f"{one.value * memory.held(arm, window) / GIB:.1f} GiB for a window of {window}",
        f"fewest cards, {share:g} of each taken and {memory.OVERHEAD / GIB:g} GiB of that kept "
        f"free; tokens/s where answers have {typical_tokens(arm)} tokens of context:",
        *(f"  {_row(x, x.fit)}" for x in found if x.fit is not None),
        *([f"  not on {COUNTS[-1]}: {', '.join(over)}"] if over else []),
        f"a rough range: {throughput.REACHED[0]} to {throughput.REACHED[1]} of what bandwidth and "
        "compute allow (docs/capacity.md)",
        *_uncounted(arm),
    ]


def _row(found: Estimate, fit: Fit) -> str:
    return (
        f"{fit.cards} x {found.card.name.ljust(10)} "
        f"{_counted(fit.windows, 'whole window')} at once; "
        f"writes {_range(found.alone)} alone, {_range(found.together)} in "
        f"{_counted(found.answers, 'answer')}; "
        f"reads {_range(found.prompts)}"
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _range(found: Range) -> str:
    if found.low is None or found.high is None:
        return f"(not known: {found.why})"
    return f"{_round(found.low)}-{_round(found.high)}"


def _round(value: float) -> str:
    """Two digits: more would claim to know more."""
    return f"{float(f'{value:.2g}'):.0f}" if value >= 1 else f"{value:.2g}"


def _uncounted(arm: Arm) -> list[str]:
    speculative = arm.model.serving.speculative if arm.model.serving is not None else None
    if speculative is None or speculative.model is None:
        return []
    return [f"not counted: {speculative.model}, which guesses ahead, and what it speeds up"]
