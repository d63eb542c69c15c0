"""What is written down of a look at a wording."""

from pipeline import score
from pipeline.ledger import Half, Look, Version
from pipeline.records import now
from pipeline.stats.tuned import Change, Comparison
from pipeline.study import Design
from pipeline.tuning.judged import Spent
from pipeline.tuning.shots import Shots


def looks(
    design: Design,
    version: Version,
    against: Version | None,
    found: dict[Half, Comparison],
    spent: dict[Half, Spent],
    tried: Shots | None,
) -> list[Look]:
    """A line of the ledger for each half that was looked at, and for each demonstration tried."""
    panel = score.panel_identity(design)

    def look(half: Half, one: Comparison, demos: int | None, calls: Spent) -> Look:
        assert one.whole is not None, "judged.compared tells it"
        own = one.whole.standing
        change = one.change or Change(None, None, None, None, one.prompts, None)
        return Look(
            at=now(),
            rubric=version.rubric,
            version=version.number,
            against=None if against is None else against.number,
            study=design.study.name,
            panel=panel,
            half=half,
            demos=demos,
            answers=one.answers,
            prompts=one.prompts,
            alpha=own.alpha,
            low=own.low,
            high=own.high,
            delta=own.delta,
            scores=one.whole.given,
            scores_wanted=one.whole.wanted,
            paired=None if one.before is None else one.after.alpha,
            before=None if one.before is None else one.before.alpha,
            change=change.value,
            change_low=change.low,
            change_high=change.high,
            change_error=change.error,
            calls=calls.asked,
            cost=calls.cost,
        )

    rows = [look(half, one, None, spent[half]) for half, one in found.items()]
    for shot in tried.tried if tried is not None else ():
        rows += [look(half, one, shot.demos, shot.spent) for half, one in shot.halves.items()]
    return rows
