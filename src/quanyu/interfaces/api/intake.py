"""POST /v1/events: the hot route, decoded by hand."""

from typing import TYPE_CHECKING

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from quanyu.errors import BadInput
from quanyu.events.bodies import Unusable
from quanyu.events.service import Receipt, receipt_of
from quanyu.interfaces.api.auth import authenticated
from quanyu.interfaces.api.landing import landing
from quanyu.interfaces.api.problems import Problem
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
