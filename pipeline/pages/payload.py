"""What the reader of answers works from: one JSON text, deflated, in base64."""

import base64
import json
import zlib
from collections.abc import Sequence
from itertools import accumulate
from operator import attrgetter
from typing import Any

import polars as pl

from judges.rubric import Text
from pipeline.pages.slip import AnswerSlip, QuoteSlip, Slip, VerdictSlip
from pipeline.pages.words import WORDS

Json = dict[str, Any]

_SHARED = (
    "simulated",
    "hicap",
    "locap",
    "kind_",
    "in_",
    "how_",
    "reader_",
    "floor",
    "own_family",
    "none",
)
_FINISH = ("complete", "truncated", "refused", "empty", "overflow")


def pack(slip: Slip) -> str:
    """The reader's data as the page carries them; equal slips give equal text."""
    plain = json.dumps(reader_data(slip), ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(plain.encode("utf-8", "replace"), 6)).decode()


def unpack(packed: str) -> Any:
    """What `pack` put in: the page's own script does the same."""
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def reader_data(slip: Slip) -> Json:
    """Everything the reader shows. A text is [en, ru]; what is empty is left out of an answer."""
    prompts: dict[str, int] = {}
    panel = panel_scores(slip.ratings)
    calibrated = calibrated_scores(slip.calibrated)
    names = {x.id: [[y.level, _pair(y.name)] for y in x.levels] for x in slip.rubrics}
    words = {
        key: _pair(text) for key, text in WORDS.items() if key.startswith(_SHARED) or key in _FINISH
    }
    if not slip.arms:
        words["reader_empty"] = words["reader_no_texts"]
    return {
        "simulated": slip.simulated,
        "words": words,
        "arms": [
            {"name": arm.name, "role": arm.role, "title": _pair(arm.title)} for arm in slip.arms
        ],
        "rubrics": [
            {
                "id": rubric.id,
                "title": _pair(rubric.title),
                "levels": names.get(rubric.id, []),
            }
            for rubric in slip.criteria
        ],
        "judges": [
            {"id": x.id, "floor": x.computed is not None, "own": x.own_family, "draws": x.draws}
            for x in slip.judges
        ],
        "tasks": {
            answer.task: {"title": _pair(answer.task_title), "kind": answer.task_kind}
            for answer in slip.answers
        },
        "answers": [
            _answer(x, prompts, panel.get(x.key, {}), calibrated.get(x.key)) for x in slip.answers
        ],
        "prompts": list(prompts),
    }


def panel_scores(ratings: pl.DataFrame) -> dict[str, dict[str, list[float | None]]]:
    """Per answer and rubric what the panel gave: median, mean, lowest and highest judge.

    The panel is its judging models; where there are none, the judges that only count.
    """
    judging, score = ratings.filter(pl.col("kind") == "judge"), pl.col("score")
    if not judging["computed"].all():
        judging = judging.filter(~pl.col("computed"))
    judging = judging.drop_nulls("score").sort("response", "rubric", "rater")
    counted = judging.group_by("response", "rubric").agg(
        score.mean().alias("mean"), score.min().alias("low"), score.max().alias("high")
    )
    medians = ratings.filter(pl.col("kind") == "panel").select("response", "rubric", "score")
    found: dict[str, dict[str, list[float | None]]] = {}
    joined = medians.join(counted, on=["response", "rubric"], how="inner")
    for row in joined.sort("response", "rubric").iter_rows(named=True):
        four = [row["score"], row["mean"], row["low"], row["high"]]
        found.setdefault(row["response"], {})[row["rubric"]] = [
            None if x is None else round(x, 4) for x in four
        ]
    return found


def calibrated_scores(table: pl.DataFrame) -> dict[str, dict[str, list[float | None]]]:
    """Per answer and rubric what people would say: the score and its interval's two ends."""
    found: dict[str, dict[str, list[float | None]]] = {}
    for row in table.drop_nulls("calibrated").iter_rows(named=True):
        three = [row["calibrated"], row["low"], row["high"]]
        found.setdefault(row["response"], {})[row["rubric"]] = [
            None if x is None else round(x, 3) for x in three
        ]
    return found


def _answer(
    answer: AnswerSlip, prompts: dict[str, int], panel: Json, calibrated: Json | None
) -> Json:
    places = _utf16(answer.text)
    more = {"calibrated": calibrated} if calibrated else {}
    return {
        **more,
        **_told(answer, "key", "arm", "task", "language", "draw", "text", "reasoning", "finish"),
        **_told(answer, "said", "model", "seconds"),
        "found": answer.language_found,
        "tokens": answer.tokens_out,
        "prompt": prompts.setdefault(answer.prompt, len(prompts)),
        "panel": panel,
        "verdicts": [_verdict(verdict, places) for verdict in answer.verdicts],
        "humans": [x._asdict() for x in answer.humans],
    }


def _verdict(verdict: VerdictSlip, places: Sequence[int] | None) -> Json:
    told = _told(verdict, "rubric", "judge", "draw", "score", "reason", "rationale", "how")
    told |= _told(verdict, "expectation", "probabilities")
    if verdict.quotes:
        told["quotes"] = [_quote(quote, places) for quote in verdict.quotes]
    return told


def _quote(quote: QuoteSlip, places: Sequence[int] | None) -> list[str | int]:
    """[text, start, end], or [text] where it is not in the answer."""
    if quote.start is None or quote.end is None:
        return [quote.text]
    if places is None:
        return [quote.text, quote.start, quote.end]
    return [quote.text, places[quote.start], places[quote.end]]


def _utf16(text: str) -> list[int] | None:
    """Where each character begins as scripts count; None where they count as Python does."""
    if text.isascii() or max(text) <= "\uffff":
        return None
    return list(accumulate((1 + (sign > "\uffff") for sign in text), initial=0))


def _told(record: AnswerSlip | VerdictSlip, *names: str) -> Json:
    told = zip(names, attrgetter(*names)(record), strict=True)
    return {name: value for name, value in told if value is not None and value != ""}


def _pair(text: Text) -> list[str]:
    return [text.en, text.ru]
