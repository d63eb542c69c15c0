"""Who may come in: which requests are meant for this server, from whom, and how often."""

import hashlib
import hmac
import logging
from typing import NoReturn
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from pipeline.pages import refused
from pipeline.rating.desk import Desk
from pipeline.rating.limits import GUESSES, LOOKS, Rate
from pipeline.rating.shelf import Rater, cause

_LOG = logging.getLogger("uvicorn.error")
COOKIE, OWNER = "antipode_rater", "antipode_owner"
"""Of a study, with its mark behind them: ports of one machine share their cookies."""
LARGEST_BODY = 64 * 1024
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def csrf_of(token: str) -> str:
    """The token against forged requests: only who knows the person's own token can make it."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def desk_of(request: Request) -> Desk:
    """The desk, once the request is known to be meant for this server."""
    authority = request.headers.get("host", "")
    if not request.app.state.names.hold(authority, request.scope.get("server")):
        raise HTTPException(421, "elsewhere")
    desk: Desk = request.app.state.desk
    return desk


def is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS, to this server or to one before it."""
    behind: bool = request.app.state.names.is_behind_tls(request.headers.get("host", ""))
    return request.url.scheme == "https" or behind


async def entered(request: Request, desk: Desk) -> Response:
    """An invitation: the token goes into a cookie and out of the address."""
    token = str(request.path_params["token"])
    _check_guesses(request)
    found = await _whose(desk, token)
    if found is None:
        guessed(request, "unknown")
    check_often(request, "look", found.rater, LOOKS)
    return _with_cookie(request, "/rate", named(desk, COOKIE), token)


async def entered_as_owner(request: Request, desk: Desk) -> Response:
    """The owner's link: the same."""
    token = str(request.path_params["token"])
    _check_guesses(request)
    if not desk.is_owner(token):
        guessed(request, "unknown")
    return _with_cookie(request, "/owner", named(desk, OWNER), token)


def _with_cookie(request: Request, to: str, name: str, token: str) -> Response:
    response = RedirectResponse(to, 303, headers=HEADERS)
    response.set_cookie(
        name, token, httponly=True, samesite="lax", secure=is_secure(request), path="/"
    )
    return response


def named(desk: Desk, cookie: str) -> str:
    """The cookie's name for this study."""
    return f"{cookie}_{desk.mark}"


def held(request: Request, desk: Desk, cookie: str) -> str:
    """The token that the browser holds; empty where it has none."""
    return request.cookies.get(named(desk, cookie), "")


async def rater(request: Request, desk: Desk) -> Rater:
    """Who asks, by the cookie."""
    token = held(request, desk, COOKIE)
    if not token:
        raise HTTPException(403, "uninvited")
    found = await _whose(desk, token)
    return guessed(request, "unknown") if found is None else found


async def _whose(desk: Desk, token: str) -> Rater | None:
    def look() -> Rater | None:
        found = desk.shelf.whose(token)
        return None if found is None or desk.handout(found) is None else found

    return await run_in_threadpool(look)


def owned(request: Request) -> Desk:
    """The desk, where it is the owner who asks."""
    desk = desk_of(request)
    token = held(request, desk, OWNER)
    if not token:
        raise HTTPException(403, "not_owner")
    if not desk.is_owner(token):
        guessed(request, "not_owner")
    check_often(request, "look", OWNER, LOOKS)
    return desk


def check_often(request: Request, what: str, who: str, rate: Rate) -> None:
    """Take one from the bucket of `who`, who is known by now; refuse where it is empty."""
    if not request.app.state.limits.allow(what, who, rate):
        raise HTTPException(429, "often")


def guessed(request: Request, said: str) -> NoReturn:
    """Refuse a token that is nobody's, and count it."""
    _check_guesses(request)
    request.app.state.limits.allow("guess", _address(request), GUESSES)
    raise HTTPException(403, said)


def _check_guesses(request: Request) -> None:
    """Look at no further link from where too many wrong ones came.

    A right cookie is let in all the same: a neighbour's guesses must not stop anybody's saves.
    """
    if request.app.state.limits.is_empty("guess", _address(request), GUESSES):
        raise HTTPException(429, "guesses")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def check_forged(request: Request, sent: str, cookie: str) -> None:
    """Refuse what another site made a browser send."""
    origin = request.headers.get("origin")
    if origin is not None:
        try:
            scheme, authority, *rest = urlsplit(origin)
        except ValueError:
            raise HTTPException(403, "foreign") from None
        ours = request.app.state.names.hold(authority, request.scope.get("server"))
        if scheme not in ("http", "https") or any(rest) or not ours:
            raise HTTPException(403, "foreign")
    token = held(request, request.app.state.desk, cookie)
    if not hmac.compare_digest(sent.encode(), csrf_of(token).encode()):
        raise HTTPException(403, "foreign")


async def body(request: Request) -> bytes:
    """The body, as far as one may be long."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise HTTPException(413, f"at most {LARGEST_BODY} bytes")
        parts.append(part)
    return b"".join(parts)


async def refusal(request: Request, error: Exception) -> Response:
    """A refusal: a page in both languages for people, one line for the page's script."""
    assert isinstance(error, HTTPException)
    said = "nothing" if error.status_code == 404 and error.detail == "Not Found" else error.detail
    if request.url.path.startswith("/api/"):
        known = refused.REFUSALS.get(said)
        body = {"error": said if known is None else known.en}
        return JSONResponse(body, error.status_code, headers=HEADERS)
    return HTMLResponse(refused.render(said), error.status_code, headers=HEADERS)


async def faulty(request: Request, error: Exception) -> Response:
    """The owner's page cannot be made: which file of the project must be mended."""
    return HTMLResponse(refused.render(str(error)), 500, headers=HEADERS)


async def unable(request: Request, error: Exception) -> Response:
    """The database cannot be used now; the page's script asks again by itself."""
    _LOG.error("the database cannot be used: %s", cause(error))
    return await refusal(request, HTTPException(503, "away"))
