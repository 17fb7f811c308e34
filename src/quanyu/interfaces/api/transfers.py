"""The ledger over HTTP: transfers go in by the hot door, balances and entries are looked at.

A key of a merchant sees and moves what that merchant owns; an account of somebody else is not
there for it.
"""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from quanyu.errors import NotFound
from quanyu.interfaces.api.auth import authenticated, require
from quanyu.interfaces.api.landing import landing
from quanyu.interfaces.api.uploads import allowance, body_of
from quanyu.ledger.forms import balance_json, decode_transfers, entry_json, outcome_json

if TYPE_CHECKING:
    from quanyu.wiring import Engine

PATH = "/v1/ledger/transfers"
router = APIRouter(tags=["ledger"])
_encode = msgspec.json.Encoder().encode

Owner = Annotated[str, Depends(require("ledger:read"))]
_TEXT = {"type": "string"}
TRANSFER = {
    "type": "object",
    "required": ["id", "debit", "credit", "amount", "code"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 128},
        "debit": _TEXT,
        "credit": _TEXT,
        "amount": {"type": "integer", "minimum": 1},
        "code": {"type": "string", "minLength": 1, "maxLength": 80},
        "phase": {"type": "string", "enum": ["direct", "hold", "settle", "release"]},
        "pending_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 128},
        "timeout_s": {"type": ["integer", "null"], "minimum": 1},
        "reference": {"type": "string", "maxLength": 200},
    },
}
SENT = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "items": {"anyOf": [TRANSFER, {"type": "array", "items": TRANSFER}]},
                }
            }
        },
    },
    "security": [{"HTTPBearer": []}],
}


async def take_transfers(request: Request) -> Response:
    """A JSON array of transfers; an array inside it is a chain, which is posted as a whole or
    refused as a whole. Answers when all of it is durable, one outcome per element, in order.

    A refusal is an outcome, not a failure. Sending a transfer again under its id gives the first
    result.
    """
    merchant = await authenticated(request, "ledger:write")
    engine: Engine = request.app.state.quanyu
    with allowance(request).room() as room:
        body = await body_of(request, room, bytes_max=engine.settings.body_bytes_max)
        chains = decode_transfers(body, f"merchant:{merchant}")
        pending = engine.ledger.submit(chains, owner=merchant)
    outcomes = [outcome_json(one) for one in await landing(request.app.state).of(pending)]
    posted = sum(one["posted"] for one in outcomes)
    answer = {"posted": posted, "refused": len(outcomes) - posted, "outcomes": outcomes}
    return Response(_encode(answer), media_type="application/json")


router.add_api_route(
    PATH, take_transfers, methods=["POST"], openapi_extra=SENT, response_model=None,
    summary="Post transfers",
)  # fmt: skip


@router.get("/v1/ledger/balances")
def balances(
    request: Request,
    merchant: Owner,
    account: Annotated[list[str], Query(min_length=1, max_length=100)],
) -> dict[str, Any]:
    """Balances of accounts of this merchant, in the order asked. 404 for one that is not there."""
    engine: Engine = request.app.state.quanyu
    found = {
        one.account.id: one
        for one in engine.ledger_reader.statements(account)
        if one.account.owner == merchant
    }
    for name in account:
        if name not in found:
            raise NotFound(f"account {name!r}")
    return {"balances": [balance_json(found[n].account, found[n].balance) for n in account]}


@router.get("/v1/ledger/entries")
def entries(
    request: Request,
    merchant: Owner,
    account: Annotated[str, Query(max_length=160)],
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Entries of an account of this merchant, oldest first; page on with the last ``no``."""
    engine: Engine = request.app.state.quanyu
    owned = engine.ledger_reader.account(account)
    if owned is None or owned.owner != merchant:
        raise NotFound(f"account {account!r}")
    found = engine.ledger_reader.entries(account, after=after, limit=limit)
    said = [entry_json(no, one.transfer, at_us=one.at_us) for no, one in found]
    return {"account": account, "entries": said}
