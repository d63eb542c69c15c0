"""The server of the rating page: each person sees and writes their own items, and nothing else."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Self, TypeVar
from urllib.parse import parse_qs

from anyio.to_thread import current_default_thread_limiter
from pydantic import AfterValidator, Field, StrictInt, ValidationError, model_validator
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from judges.verdict import Frozen, Language
from pipeline.errors import UserError
from pipeline.pages import rate
from pipeline.rating import gate, owner
from pipeline.rating.address import Names
from pipeline.rating.desk import Desk, Refused
from pipeline.rating.form import (
    LONGEST_COMMENT,
    Calling,
    Closure,
    Key,
    Reason,
    Seconds,
    Standing,
    whole_json,
)
from pipeline.rating.gate import COOKIE, HEADERS, OWNER, csrf_of, desk_of, owned
from pipeline.rating.limits import LOOKS, SAVES, Limits
from pipeline.rating.shelf import CONNECTIONS, Conflict, Gone, Rater, Score, Unable, Write, cause
from pipeline.rating.writing import Writer

_LOG = logging.getLogger("uvicorn.error")


class Save(Frozen):
    """What the page sends of one item."""

    id: Key
    score: StrictInt | None
    # PostgreSQL holds no text with a zero character in it.
    comment: Annotated[
        str, Field(max_length=LONGEST_COMMENT), AfterValidator(lambda x: x.replace("\0", "\ufffd"))
    ] = ""
    reason: Reason | None = None
    seconds: Seconds
    revision: Annotated[StrictInt, Field(ge=0, lt=2**31 - 1)]
    """That the page knows; 0 = none."""

    @model_validator(mode="after")
    def _score_or_reason(self) -> Self:
        if (self.score is None) == (self.reason is None):
            raise ValueError("there is either a score or a reason why there is none")
        return self


class Hello(Frozen):
    """What a person says of themselves on the first screen."""

    rater_class: Calling | Standing | None = None
    """None = they have said it before, on this device or another."""
    language: Language


Application = Starlette


def app(desk: Desk, names: Names) -> Application:
    """The application; `names` are those it answers to."""
    made = Starlette(
        routes=[
            Route("/r/{token}", _enter),
            Route("/rate", _page),
            Route("/api/save", _save, methods=["POST"]),
            Route("/api/hello", _hello, methods=["POST"]),
            Route("/api/saved", _saved),
            Route("/owner/{token}", _enter_owner),
            Route("/owner", _owner),
            Route("/owner-ratings.{kind}", _download),
            Route("/owner-forget", _ask_forget),
            Route("/owner-forget", _forget, methods=["POST"]),
        ],
        exception_handlers={
            HTTPException: gate.refusal,
            UserError: gate.faulty,
            **dict.fromkeys(Unable, gate.unable),
        },
        lifespan=_lifespan,
    )
    made.state.desk, made.state.names, made.state.limits = desk, names, Limits()
    made.state.writer = Writer(desk.shelf)
    return made


@asynccontextmanager
async def _lifespan(made: Starlette) -> AsyncIterator[None]:
    """Ready before the first request, and all saved after the last."""
    # More threads than connections would wait for one another, and for the interpreter.
    current_default_thread_limiter().total_tokens = CONNECTIONS
    await run_in_threadpool(made.state.desk.shelf.whose, "")
    yield
    await run_in_threadpool(made.state.writer.close)


async def _enter(request: Request) -> Response:
    return await gate.entered(request, desk_of(request))


async def _enter_owner(request: Request) -> Response:
    return await gate.entered_as_owner(request, desk_of(request))


async def _page(request: Request) -> Response:
    desk = desk_of(request)
    rater = await _looking(request, desk)
    form = await run_in_threadpool(desk.form, rater, csrf_of(gate.held(request, desk, COOKIE)))
    return HTMLResponse(await run_in_threadpool(rate.render, form), headers=HEADERS)


async def _saved(request: Request) -> Response:
    desk = desk_of(request)
    rater = await _looking(request, desk)
    found = await run_in_threadpool(desk.saved, rater)
    return JSONResponse({"saved": [x.model_dump() for x in found]}, headers=HEADERS)


async def _looking(request: Request, desk: Desk) -> Rater:
    """Who asks, if not too often."""
    rater = await gate.rater(request, desk)
    gate.check_often(request, "look", rater.rater, LOOKS)
    return rater


async def _save(request: Request) -> Response:
    desk = desk_of(request)
    rater, sent = await _said(request, desk, Save)
    gate.check_often(request, "save", rater.rater, SAVES)
    said = Score(sent.score, sent.comment, sent.reason, sent.seconds)
    refused = desk.refuses(rater, sent.id, said)
    if isinstance(refused, Refused):
        return JSONResponse({"error": refused.said}, refused.status, headers=HEADERS)
    if isinstance(refused, Closure):
        return JSONResponse({"closed": refused.model_dump()}, 410, headers=HEADERS)
    waited = request.app.state.writer.save(Write(rater, sent.id, sent.revision, said))
    try:
        found = await asyncio.wrap_future(waited)
    except Unable as error:  # the page keeps it and tries again; its owner must mend it
        _LOG.error("a rating cannot be saved: %s", cause(error))
        raise HTTPException(503, "it cannot be saved now") from None
    if isinstance(found, Gone):  # between the first bytes of the request and the last
        raise HTTPException(403, "unknown")
    if isinstance(found, Conflict):
        newer = found.saved
        theirs = {"revision": newer.revision, "saved": newer.model_dump()}
        return JSONResponse(theirs, 409, headers=HEADERS)
    return JSONResponse({"revision": found.revision}, headers=HEADERS)


async def _hello(request: Request) -> Response:
    desk = desk_of(request)
    rater, sent = await _said(request, desk, Hello)
    gate.check_often(request, "look", rater.rater, LOOKS)
    await run_in_threadpool(desk.introduce, rater, sent.rater_class, sent.language)
    return JSONResponse({}, headers=HEADERS)


M = TypeVar("M", Save, Hello)


async def _said(request: Request, desk: Desk, model: type[M]) -> tuple[Rater, M]:
    """Who sends, and what: JSON of the page itself, and no form of another site."""
    rater = await gate.rater(request, desk)
    gate.check_forged(request, request.headers.get("x-csrf-token", ""), COOKIE)
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415, "expected application/json")
    try:
        return rater, model.model_validate_json(whole_json(await gate.body(request)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(x) for x in first["loc"])
        raise HTTPException(422, f"{where or 'body'}: {first['msg']}") from None


async def _owner(request: Request) -> Response:
    desk = owned(request)
    csrf = csrf_of(gate.held(request, desk, OWNER))
    html = await run_in_threadpool(owner.render, desk, _language(request), csrf)
    return HTMLResponse(html, headers=HEADERS)


async def _ask_forget(request: Request) -> Response:
    """Asked on a page of its own: one that reads itself anew would lose what is typed."""
    desk, rater = owned(request), request.query_params.get("rater", "")
    if rater not in await run_in_threadpool(_invited, desk):
        raise HTTPException(404, "nobody")
    csrf = csrf_of(gate.held(request, desk, OWNER))
    # Without a referrer a form is sent with no origin, and so would be refused.
    headers = HEADERS | {"Referrer-Policy": "same-origin"}
    return HTMLResponse(owner.forgetting(desk, rater, _language(request), csrf), headers=headers)


def _language(request: Request) -> Language:
    """The one asked for, else the browser's."""
    asked = request.query_params.get("language") or request.headers.get("Accept-Language", "")
    return "ru" if asked.lower().startswith("ru") else "en"


async def _download(request: Request) -> Response:
    desk, kind = owned(request), str(request.path_params["kind"])
    if kind not in ("csv", "parquet"):
        raise HTTPException(404, "there is ratings.csv and ratings.parquet")
    data = await run_in_threadpool(owner.download, desk, kind)
    name = f"{desk.design.study.name}.{kind}"
    types = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
    given = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=types[kind], headers=HEADERS | given)


async def _forget(request: Request) -> Response:
    desk = owned(request)
    sent = parse_qs((await gate.body(request)).decode("utf-8", "replace"))
    gate.check_forged(request, sent.get("csrf", [""])[0], OWNER)
    rater = sent.get("rater", [""])[0]
    if rater not in await run_in_threadpool(_invited, desk):
        raise HTTPException(404, "nobody")
    if sent.get("sure", [""])[0].strip() != rater:
        raise HTTPException(422, "unsure")
    try:
        await run_in_threadpool(desk.forget, rater)
    except (OSError, *Unable) as error:
        _LOG.error("%s cannot be deleted: %s", rater, cause(error))
        raise HTTPException(503, "undeleted") from None
    return RedirectResponse(f"/owner?language={_language(request)}", 303, headers=HEADERS)


def _invited(desk: Desk) -> set[str]:
    """Whose ratings there may be: with a link, or in a file that comes back."""
    return {x for _, raters in desk.people() for x in raters}
