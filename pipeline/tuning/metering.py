"""A budget of calls and dollars for a search that may ask as long as it finds something."""

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pipeline.costs import cost_of, tokens_estimated, total, worst_cost
from pipeline.work import STOPPING, Purse

if TYPE_CHECKING:
    from pipeline.models.catalogue import Model
    from pipeline.models.metered import Tokens

_OTHERWISE = 20
"""How many faults in a row end the search, of kinds that do not stop a study's endpoint."""
_FRAME_TOKENS = 60
"""What a provider's own frame around the messages may take."""


class Budget(NamedTuple):
    """The most that may be spent."""

    calls: int
    """Requests to models, retries included."""
    dollars: float | None = None
    """US dollars; None = no limit. Needs the models' prices, and a limit on their replies."""


class EndedError(Exception):
    """No request may be made any more."""


class Meter:
    """What was asked and spent; once a limit is met, nothing is let through any more."""

    def __init__(self, budget: Budget) -> None:
        """Nothing is spent yet."""
        self.budget = budget
        self.calls = 0
        self.failed: Counter[str] = Counter()
        """Requests that brought nothing of use, by kind of fault."""
        self.ended: str | None = None
        """Why nothing more may be asked; None while it may."""
        self._costs: list[float | None] = []
        self._purse = Purse(budget.dollars, 0.0)
        self._row: Counter[tuple[str, str]] = Counter()

    @property
    def left(self) -> int:
        """Calls that may still be made."""
        return 0 if self.ended else self.budget.calls - self.calls

    @property
    def cost(self) -> float | None:
        """US dollars of all replies; None where any of them is not known."""
        return total(self._costs)

    def end(self, why: str) -> None:
        """Let nothing more through; the first reason stands."""
        self.ended = self.ended or why

    async def open(self, model: "Model", prompt: str, most_tokens: int | None) -> float:
        """The dollars held for one request.

        Raises:
            EndedError: a limit is met, or this request might break it.
        """
        if self.calls >= self.budget.calls:
            self.end(f"the budget of {self.budget.calls} calls is used up")
        if self.ended:
            raise EndedError(self.ended)
        self.calls += 1
        if self._purse.budget is None:
            return 0.0
        worst = worst_cost(model.price, tokens_estimated(prompt) + _FRAME_TOKENS, most_tokens)
        assert worst is not None, "prices and limits are checked before the first call"
        if not await self._purse.hold(worst):
            self.calls -= 1
            self.end(self._purse.why)
            raise EndedError(self._purse.why)
        return worst

    async def close(
        self, model: "Model", held: float, took: "Tokens | None", fault: str | None
    ) -> None:
        """The request is over; one that brought no reply cost nothing."""
        if fault is not None:
            self.failed[fault] += 1
        cost: float | None = 0.0
        if took is not None:
            cost = cost_of(model.price, took.given, took.written)
            self._costs.append(cost)
        if self._purse.budget is None:
            return
        if cost is None:
            self._purse.stop(f"{model.id} does not say how many tokens it took")
            self.end(self._purse.why)
        await self._purse.settle(held, held if cost is None else cost)

    def useless(self, who: str, kind: str, message: str, replied: bool) -> None:
        """A question came to nothing: too many of a kind in a row end it all, as in a study.

        `replied` says that the fault is in a reply: it was not counted with its request.
        """
        self.failed[kind] += replied
        self._row[who, kind] += 1
        if self._row[who, kind] >= STOPPING.get(kind, _OTHERWISE):
            self.end(f"{who} stopped: {kind}: {message}")

    def useful(self, who: str) -> None:
        """A question was answered: faults before it no longer count as in a row."""
        for place in [x for x in self._row if x[0] == who]:
            del self._row[place]
