"""Events come in here, and what was refused is looked at and replayed here."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from quanyu.errors import NotFound
from quanyu.events.bodies import Unusable
from quanyu.interfaces.api.auth import authenticated, require
from quanyu.interfaces.api.event_schema import EVENT, SENT, TAKEN
from quanyu.interfaces.api.intake import PATH, answer, take_events, unusable
from quanyu.interfaces.api.uploads import allowance, body_of

if TYPE_CHECKING:
    from quanyu.wiring import Engine

router = APIRouter(tags=["events"])


router.add_api_route(
    PATH, take_events, methods=["POST"], responses=TAKEN, openapi_extra=SENT,
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
        outcome = await run_in_threadpool(
            engine.events.replay, merchant, entry, replacement=body or None
        )
    if outcome is None:
        raise NotFound(f"no quarantined event {entry}")
    if isinstance(outcome, Unusable):
        raise unusable(outcome)
    return answer(outcome)


router.add_api_route(
    "/v1/quarantine/{entry}/replay", replay_quarantined, methods=["POST"],
    responses=TAKEN | {404: {"description": "No such entry."}}, response_model=None,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": EVENT}}},
        "security": [{"HTTPBearer": []}],
    },
)  # fmt: skip
