"""The server of the rating page: each person sees and writes their own items, and nothing else."""

import hashlib
import hmac
from typing import Annotated, Self, TypeVar
from urllib.parse import parse_qs

from pydantic import Field, StrictInt, ValidationError, model_validator
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from judges.verdict import Frozen, Language
from pipeline.pages import rate
from pipeline.rating import owner
from pipeline.rating.desk import Desk, Refused
from pipeline.rating.form import LONGEST_COMMENT, Calling, Key, Reason, Standing
from pipeline.rating.limits import GUESSES, SAVES, Limits
from pipeline.rating.shelf import Conflict, Rater, Score

COOKIE, OWNER = "antipode_rater", "antipode_owner"
LARGEST_BODY = 64 * 1024
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_CLOSED = {
    "en": "The rubric has been reworded since: these items are closed, and what you saved stays.",
    "ru": "Рубрику с тех пор переписали: эти вопросы закрыты, а всё сохранённое остаётся.",
}


class Save(Frozen):
    """What the page sends of one item."""

    id: Key
    score: StrictInt | None
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""
    reason: Reason | None = None
    seconds: Annotated[float, Field(ge=0, le=7 * 24 * 3600)]
    revision: Annotated[StrictInt, Field(ge=0)]
    """That the page knows; 0 = none."""

    @model_validator(mode="after")
    def _score_or_reason(self) -> Self:
        if (self.score is None) == (self.reason is None):
            raise ValueError("there is either a score or a reason why there is none")
        return self


class Hello(Frozen):
    """What a person says of themselves on the first screen."""

    rater_class: Calling | Standing
    language: Language


def app(desk: Desk, hosts: frozenset[str], secure: bool) -> Starlette:
    """The application; `hosts` are the names it answers to, `secure` whether TLS is around it."""
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
        exception_handlers={HTTPException: _refusal},
    )
    made.state.desk, made.state.limits = desk, Limits()
    made.state.hosts, made.state.secure = hosts, secure
    return made


def csrf_of(token: str) -> str:
    """The token against forged requests: only who knows the person's own token can make it."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def _desk(request: Request) -> Desk:
    """The desk, once the request is known to be meant for this server."""
    if request.headers.get("host", "").lower() not in request.app.state.hosts:
        raise HTTPException(421, "this server is called otherwise")
    desk: Desk = request.app.state.desk
    return desk


async def _enter(request: Request) -> Response:
    """An invitation: the token goes into a cookie and out of the address."""
    desk, token = _desk(request), str(request.path_params["token"])
    await _whose(request, desk, token)
    return _with_cookie(request, "/rate", COOKIE, token)


async def _enter_owner(request: Request) -> Response:
    desk, token = _desk(request), str(request.path_params["token"])
    if not desk.is_owner(token):
        _guessed(request)
    return _with_cookie(request, "/owner", OWNER, token)


def _with_cookie(request: Request, to: str, name: str, token: str) -> Response:
    response = RedirectResponse(to, 303, headers=_HEADERS)
    response.set_cookie(
        name, token, httponly=True, samesite="lax", secure=request.app.state.secure, path="/"
    )
    return response


async def _whose(request: Request, desk: Desk, token: str) -> Rater:
    rater = await run_in_threadpool(desk.shelf.whose, token)
    if rater is None or rater.handout != desk.handout.id:
        _guessed(request)
    assert rater is not None
    return rater


def _guessed(request: Request) -> None:
    """Refuse a token that is nobody's: slowly, so that guessing gets nowhere."""
    address = request.client.host if request.client else ""
    if not request.app.state.limits.allow("guess", address, GUESSES):
        raise HTTPException(429, "too many wrong invitations; wait a minute")
    raise HTTPException(403, "this invitation is not known")


async def _rater(request: Request, desk: Desk) -> Rater:
    token = request.cookies.get(COOKIE)
    if not token:
        raise HTTPException(403, "open the page by your invitation")
    return await _whose(request, desk, token)


async def _page(request: Request) -> Response:
    desk = _desk(request)
    rater = await _rater(request, desk)
    form = await run_in_threadpool(desk.form, rater, csrf_of(request.cookies[COOKIE]))
    return HTMLResponse(await run_in_threadpool(rate.render, form), headers=_HEADERS)


async def _saved(request: Request) -> Response:
    desk = _desk(request)
    rater = await _rater(request, desk)
    found = await run_in_threadpool(desk.saved, rater)
    return JSONResponse({"saved": [x.model_dump() for x in found]}, headers=_HEADERS)


async def _save(request: Request) -> Response:
    desk = _desk(request)
    rater, sent = await _said(request, desk, Save)
    if not request.app.state.limits.allow("save", rater.rater, SAVES):
        raise HTTPException(429, "slow down")
    said = Score(sent.score, sent.comment, sent.reason, sent.seconds)
    found = await run_in_threadpool(desk.save, rater, sent.id, sent.revision, said)
    if isinstance(found, Refused):
        told = {"said": _CLOSED} if found.status == 410 else {"error": found.said}
        return JSONResponse(told, found.status, headers=_HEADERS)
    if isinstance(found, Conflict):
        newer = found.saved
        theirs = {"revision": newer.revision, "saved": newer.model_dump()}
        return JSONResponse(theirs, 409, headers=_HEADERS)
    return JSONResponse({"revision": found.revision}, headers=_HEADERS)


async def _hello(request: Request) -> Response:
    desk = _desk(request)
    rater, sent = await _said(request, desk, Hello)
    await run_in_threadpool(desk.introduce, rater, sent.rater_class, sent.language)
    return JSONResponse({}, headers=_HEADERS)


M = TypeVar("M", Save, Hello)


async def _said(request: Request, desk: Desk, model: type[M]) -> tuple[Rater, M]:
    """Who sends, and what: JSON of the page itself, and no form of another site."""
    rater = await _rater(request, desk)
    _check_forged(request, request.headers.get("x-csrf-token", ""), COOKIE)
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415, "expected application/json")
    try:
        return rater, model.model_validate_json(await _body(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(x) for x in first["loc"])
        raise HTTPException(422, f"{where or 'body'}: {first['msg']}") from None


def _check_forged(request: Request, sent: str, cookie: str) -> None:
    """Refuse what another site made a browser send."""
    origin = request.headers.get("origin")
    scheme = "https" if request.app.state.secure else "http"
    if origin is not None and origin.lower() not in {
        f"{scheme}://{host}" for host in request.app.state.hosts
    }:
        raise HTTPException(403, "sent from another site")
    token = request.cookies.get(cookie, "")
    if not hmac.compare_digest(sent.encode(), csrf_of(token).encode()):
        raise HTTPException(403, "not sent from this page; open it again by your invitation")


async def _body(request: Request) -> bytes:
    """The body, as far as one may be long."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise HTTPException(413, f"at most {LARGEST_BODY} bytes")
        parts.append(part)
    return b"".join(parts)


async def _owner(request: Request) -> Response:
    desk = _owned(request)
    csrf = csrf_of(request.cookies[OWNER])
    html = await run_in_threadpool(owner.render, desk, _language(request), csrf)
    return HTMLResponse(html, headers=_HEADERS | {"Refresh": "15"})


async def _ask_forget(request: Request) -> Response:
    """Asked on a page of its own: one that reads itself anew would lose what is typed."""
    desk, rater = _owned(request), request.query_params.get("rater", "")
    if rater not in desk.handout.raters:
        raise HTTPException(404, "nobody by that name was invited")
    csrf = csrf_of(request.cookies[OWNER])
    # Without a referrer a form is sent with no origin, and so would be refused.
    headers = _HEADERS | {"Referrer-Policy": "same-origin"}
    return HTMLResponse(owner.forgetting(desk, rater, _language(request), csrf), headers=headers)


def _language(request: Request) -> Language:
    """The one asked for, else the browser's."""
    asked = request.query_params.get("language") or request.headers.get("Accept-Language", "")
    return "ru" if asked.lower().startswith("ru") else "en"


def _owned(request: Request) -> Desk:
    desk = _desk(request)
    if not desk.is_owner(request.cookies.get(OWNER, "")):
        raise HTTPException(403, "open this page by the owner's link")
    return desk


async def _download(request: Request) -> Response:
    desk, kind = _owned(request), str(request.path_params["kind"])
    if kind not in ("csv", "parquet"):
        raise HTTPException(404, "there is ratings.csv and ratings.parquet")
    data = await run_in_threadpool(owner.download, desk, kind)
    name = f"{desk.design.study.name}.{kind}"
    types = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
    given = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=types[kind], headers=_HEADERS | given)


async def _forget(request: Request) -> Response:
    desk = _owned(request)
    sent = parse_qs((await _body(request)).decode("utf-8", "replace"))
    _check_forged(request, sent.get("csrf", [""])[0], OWNER)
    rater = sent.get("rater", [""])[0]
    if rater not in desk.handout.raters or sent.get("sure", [""])[0] != rater:
        raise HTTPException(422, "type the person's name to delete all they wrote")
    await run_in_threadpool(desk.forget, rater)
    return RedirectResponse("/owner", 303, headers=_HEADERS)


async def _refusal(_: Request, error: Exception) -> Response:
    """A refusal in one line; nothing of the request comes back."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=_HEADERS)
