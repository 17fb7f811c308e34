"""POST /v1/events: the hot route, decoded by hand."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from quanyu.errors import BadInput, QuanyuError
from quanyu.events.bodies import Unusable
from quanyu.events.service import Receipt, receipt_of
from quanyu.interfaces.api.auth import authenticated
from quanyu.interfaces.api.landing import landing
from quanyu.interfaces.api.problems import Problem, of_failure
from quanyu.interfaces.api.uploads import allowance, body_of

if TYPE_CHECKING:
    from quanyu.wiring import Engine

PATH = "/v1/events"
JSON_FORMS = {"application/json", "application/x-ndjson", "application/ndjson", "text/plain"}
UNSAID_FORMS = {"", "application/octet-stream", "application/x-www-form-urlencoded"}
"""What clients send when nobody told them: `curl -d` calls everything a form."""
FORMS = JSON_FORMS | UNSAID_FORMS
LARGE_BYTES = 256 * 1024
"""A body above this is read in a thread: it would keep other callers waiting for over 10 ms."""

_encode = msgspec.json.Encoder().encode
Door = Callable[[Request], Awaitable[Response]]


class HotDoor:
    """Middleware that answers the hot POST routes by itself: routing, dependency solving and the
    rest of the framework take a fifth of the time of a request. The routers have the same doors,
    documented."""

    def __init__(self, app: ASGIApp, doors: Mapping[str, Door]) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, *channel: Any) -> None:
        receive, send = channel
        door = self._doors.get(scope["path"]) if scope["type"] == "http" else None
        if door is None or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            response = await door(Request(scope, receive))
        except (Problem, QuanyuError) as error:
            response = of_failure(error)
        except ClientDisconnect:
            return
        await response(scope, receive, send)


async def take_events(request: Request) -> Response:
    """JSON array or one JSON object per line, also gzip. Answers when the events are durable.

    Each event is judged by itself: what is refused is named in `refusals` by its index, kept in
    quarantine, and does not hold up the others. Sending an event again changes nothing.
    """
    merchant = await authenticated(request, "events:write")
    if (form := form_of(request)) not in FORMS:
        mend = "send application/json or application/x-ndjson"
        raise Problem(415, "bad_content_type", f"{form[:80]} is not read here", mend=mend)
    engine: Engine = request.app.state.quanyu
    with allowance(request).room() as room:
        body = await body_of(request, room, bytes_max=engine.settings.body_bytes_max)
        if len(body) > LARGE_BYTES:
            pending = await run_in_threadpool(engine.events.submit, merchant, body)
        else:
            pending = engine.events.submit(merchant, body)
    if isinstance(pending, Unusable):
        raise unusable(pending)
    appended = await landing(request.app.state).of(pending.done)
    return answer(receipt_of(pending.taken, appended))


def form_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def unusable(body: Unusable) -> BadInput:
    return BadInput("body", f"byte {body.position}: {body.mend}")


def answer(receipt: Receipt) -> Response:
    return Response(_encode(receipt.as_json()), media_type="application/json")
