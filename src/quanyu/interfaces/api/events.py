"""Events come in here, and what was refused is looked at and replayed here."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from quanyu.errors import BadInput, NotFound, QuanyuError
from quanyu.events.bodies import Unusable
from quanyu.interfaces.api.auth import authenticated, require
from quanyu.interfaces.api.landing import Landing
from quanyu.interfaces.api.problems import Problem, of_failure
from quanyu.interfaces.api.uploads import Allowance, body_of

if TYPE_CHECKING:
    from quanyu.events.service import Pending, Receipt
    from quanyu.wiring import Engine

JSON_FORMS = {"application/json", "application/x-ndjson", "application/ndjson", "text/plain"}
UNSAID_FORMS = {"", "application/octet-stream", "application/x-www-form-urlencoded"}
"""What clients send when nobody told them: `curl -d` calls everything a form."""
LARGE_BYTES = 256 * 1024
"""A body above this is read in a thread: it would keep other callers waiting for over 10 ms."""

PATH = "/v1/events"

router = APIRouter(tags=["events"])
_encode = msgspec.json.Encoder().encode


async def take_events(request: Request) -> Response:
    """JSON array or one JSON object per line, also gzip. Answers when the events are durable.

    Each event is judged by itself: what is refused is named in `refusals` by its index, kept in
    quarantine, and does not hold up the others. Sending an event again changes nothing.
    """
    merchant = await authenticated(request, "events:write")
    if (form := form_of(request)) not in JSON_FORMS | UNSAID_FORMS:
        mend = "send application/json or application/x-ndjson"
        raise Problem(415, "bad_content_type", f"{form[:80]} is not read here", mend=mend)
    engine: Engine = request.app.state.quanyu
    with allowance(request).room() as room:
        body = await body_of(request, room, bytes_max=engine.settings.body_bytes_max)
        if len(body) > LARGE_BYTES:
            pending = await run_in_threadpool(engine.events.submit, merchant, body)
        else:
            pending = engine.events.submit(merchant, body)
    return answer(await durable(usable(pending), request.app.state))


def form_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def allowance(request: Request) -> Allowance:
    """One per process, as large as the queue of the writer."""
    state = request.app.state
    if not hasattr(state, "allowance"):
        state.allowance = Allowance(state.quanyu.settings.queue_bytes_max)
    found: Allowance = state.allowance
    return found


def usable(pending: "Pending | Unusable") -> "Pending":
    if isinstance(pending, Unusable):
        raise unusable(pending)
    return pending


def unusable(body: Unusable) -> BadInput:
    return BadInput("body", f"byte {body.position}: {body.mend}")


async def durable(pending: "Pending", state: State) -> "Receipt":
    from quanyu.events.service import receipt_of

    return receipt_of(pending.taken, await landing(state).of(pending.done))


def landing(state: State) -> Landing:
    """One per event loop."""
    if getattr(state, "landing_loop", None) is not asyncio.get_running_loop():
        state.landing, state.landing_loop = Landing(), asyncio.get_running_loop()
    found: Landing = state.landing
    return found


def answer(receipt: "Receipt") -> Response:
    return Response(_encode(receipt.as_json()), media_type="application/json")


_EVENT = {
    "type": "object",
    "required": ["event_id", "kind", "at", "touchpoint", "identifiers"],
    "additionalProperties": False,
    "properties": {
        "event_id": {"type": "string", "minLength": 1, "maxLength": 128},
        "kind": {"type": "string", "description": "One of the kinds of docs/events.md."},
        "at": {"type": "string", "format": "date-time"},
        "touchpoint": {"type": "string", "minLength": 1, "maxLength": 64},
        "identifiers": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 8,
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 256},
        },
        "merchant": {"type": "string"},
        "received_at": {"type": "string", "format": "date-time"},
        **{
            name: {"type": "string", "minLength": 1, "maxLength": 128}
            for name in ("item", "store", "content", "offer", "campaign", "decision", "order")
        },
        "amount": {"type": "integer", "minimum": 0, "description": "Fen."},
        "query": {"type": "string", "maxLength": 1024},
        "location": {
            "type": "object",
            "required": ["lat", "lng"],
            "additionalProperties": False,
            "properties": {
                "lat": {"type": "number", "minimum": -90, "maximum": 90},
                "lng": {"type": "number", "minimum": -180, "maximum": 180},
            },
        },
        "props": {
            "type": "object",
            "maxProperties": 64,
            "additionalProperties": {"type": ["string", "integer", "number", "boolean"]},
        },
    },
}
_REFUSAL = {
    "type": "object",
    "properties": {
        "index": {"type": "integer"},
        **{name: {"type": ["string", "null"]} for name in ("event_id", "field")},
        **{name: {"type": "string"} for name in ("reason", "mend")},
    },
}
_RECEIPT = {
    "type": "object",
    "properties": {
        **{n: {"type": "integer"} for n in ("received", "accepted", "duplicate", "rejected")},
        "refusals": {"type": "array", "items": _REFUSAL},
    },
}
_TAKEN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Durable. accepted + duplicate + rejected = received.",
        "content": {"application/json": {"schema": _RECEIPT}},
    },
    **{
        status: {"description": meaning}
        for status, meaning in {
            400: "No event could be told from the next; nothing was stored.",
            401: "No key, or one that does not open this door.",
            403: "The key lacks the scope.",
            413: "More bytes than one request may have.",
            415: "Neither JSON nor NDJSON, or packed otherwise than by gzip.",
            429: "Too much is waiting; send it again after Retry-After.",
            503: "The database is away; send it again under the same ids.",
            507: "The disk is full; nothing was stored.",
        }.items()
    },
}
_SENT = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": _EVENT}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    },
    "security": [{"HTTPBearer": []}],
}


class HotDoor:
    """Middleware that answers POST /v1/events by itself: routing, dependency solving and the
    rest of the framework take a fifth of the time of a request. The route below is the same
    door, documented."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            response = await take_events(Request(scope, receive))
        except (Problem, QuanyuError) as error:
            response = of_failure(error)
        except ClientDisconnect:
            return
        await response(scope, receive, send)


router.add_api_route(
    PATH, take_events, methods=["POST"], responses=_TAKEN, openapi_extra=_SENT,
    response_model=None, summary="Take in events",
)  # fmt: skip


@router.get("/v1/quarantine")
def list_quarantine(
    request: Request,
    merchant: Annotated[str, Depends(require("events:read"))],
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Refused events, oldest first, without their bytes; page on with `after` = the last id."""
    entries = request.app.state.quanyu.quarantine.entries(merchant, after=after, limit=limit)
    return {"entries": [entry.as_json() for entry in entries]}


Entry = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/v1/quarantine/{entry}", responses={404: {"description": "No such entry."}})
def show_quarantined(
    request: Request, entry: Entry, merchant: Annotated[str, Depends(require("events:read"))]
) -> dict[str, Any]:
    """The text of a refused event, with every personal value masked."""
    text = request.app.state.quanyu.events.shown(merchant, entry)
    if text is None:
        raise NotFound(f"no quarantined event {entry}")
    return {"id": entry, "text": text}


async def replay_quarantined(request: Request, entry: Entry) -> Response:
    """Send a refused event through the intake again; a body replaces it by its repaired form."""
    merchant = await authenticated(request, "events:write")
    engine: Engine = request.app.state.quanyu
    with allowance(request).room() as room:
        body = await body_of(request, room, bytes_max=engine.settings.body_bytes_max)
        outcome = await run_in_threadpool(engine.events.replay, merchant, entry, body or None)
    if outcome is None:
        raise NotFound(f"no quarantined event {entry}")
    if isinstance(outcome, Unusable):
        raise unusable(outcome)
    return answer(outcome)


router.add_api_route(
    "/v1/quarantine/{entry}/replay", replay_quarantined, methods=["POST"],
    responses=_TAKEN | {404: {"description": "No such entry."}}, response_model=None,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": _EVENT}}},
        "security": [{"HTTPBearer": []}],
    },
)  # fmt: skip
