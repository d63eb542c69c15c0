"""Money and tokens: what a call cost, what it may cost, and how long a text is about."""

from collections.abc import Iterable
from typing import Any

from pipeline.models.catalogue import Price


def cost_of(price: Price | None, tokens_in: int | None, tokens_out: int | None) -> float | None:
    """US dollars of a call; None where the price or a token count is not known."""
    if price is not None and price.input_per_million == price.output_per_million == 0:
        return 0.0
    if price is None or tokens_in is None or tokens_out is None:
        return None
    return (tokens_in * price.input_per_million + tokens_out * price.output_per_million) / 1e6


def worst_cost(price: Price | None, prompt_tokens: float, most_tokens: int | None) -> float | None:
    """The most that a call can cost; None where its price or its largest reply is not known."""
    if price is None:
        return None
    if most_tokens is None and price.output_per_million > 0:
        return None
    most = most_tokens or 0
    return (prompt_tokens * price.input_per_million + most * price.output_per_million) / 1e6


def unknown_costs(records: Iterable[dict[str, Any]]) -> int:
    """How many stored records were asked of a model and do not say what they cost."""
    return sum(x["call"] is not None and x["call"]["cost"] is None for x in records)


def known_cost(records: Iterable[dict[str, object]]) -> float:
    """US dollars that stored records cost, as far as is known."""
    total = 0.0
    for record in records:
        call = record.get("call") or record
        cost = call.get("cost") if isinstance(call, dict) else None
        total += float(cost) if isinstance(cost, (int, float)) else 0.0
    return total


def tokens_estimated(text: str) -> float:
    """About how many tokens `text` is: 3.5 Latin or 2 other characters each, rounded up in doubt.

    No tokeniser of any model is asked: this is for plans and for judges' windows, and says so.
    """
    latin = len(text.encode("ascii", "ignore"))
    return latin / 3.5 + (len(text) - latin) / 2


def total(values: Iterable[float | None]) -> float | None:
    """The sum; None where any of them is not known, so that unknown never looks like little."""
    given = list(values)
    known = [x for x in given if x is not None]
    return sum(known) if len(known) == len(given) else None
