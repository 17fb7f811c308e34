"""Routes of what points buy from partners."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import Field

from quanyu.interfaces.api.money_doors import Key, granted
from quanyu.interfaces.api.people_doors import keyed
from quanyu.interfaces.api.points import Body, Document, Reader, Who, Word, Writer
from quanyu.promotions.loyalty.answers import as_json
from quanyu.promotions.loyalty.exchange import Entitlement, Item, decode_offered

router = APIRouter(prefix="/v1/points", tags=["points"])


class Offering(Body):
    """``offered``: see docs/loyalty.md."""

    programme: Word
    offered: dict[str, Any]


class Exchange(Who):
    item: Word


class Ending(Body):
    """What the partner says of a code."""

    code: Word
    given: bool = Field(description="true: fulfilled; false: it cannot be, everything goes back.")


def item_json(item: Item) -> Document:
    told: Document = msgspec.to_builtins(item.offered)
    return told


def entitlement_json(found: Entitlement) -> Document:
    return {"code": found.code, "state": found.state.value, **item_json(found.item)}


@router.post("/items")
def offer_item(request: Request, merchant: Writer, body: Offering) -> Document:
    """Something to be had for points of a programme of one's own."""
    points = request.app.state.quanyu.points
    offered = decode_offered(msgspec.json.encode(body.offered))
    return item_json(points.offer(merchant, body.programme, offered=offered))


@router.get("/items")
def list_items(request: Request, merchant: Reader, programme: str) -> list[Document]:
    """What points of a programme buy."""
    found = request.app.state.quanyu.points.items(merchant, programme)
    return [item_json(one) for one in found]


@router.post("/exchange")
def exchange(request: Request, merchant: Writer, body: Exchange, key: Key) -> Document:
    """Points for a code that the partner fulfils."""
    asked = keyed(request, merchant, operation="points.exchange", asked=(key, body))
    who, points = (body.programme, body.identifier), request.app.state.quanyu.points
    return as_json(granted(points.exchange(asked, who, item=body.item)))


@router.post("/entitlements")
def show_entitlements(request: Request, merchant: Reader, body: Who) -> list[Document]:
    """The codes of a person, the newest first."""
    points = request.app.state.quanyu.points
    found = points.entitlements(merchant, (body.programme, body.identifier))
    return [entitlement_json(one) for one in found]


@router.post("/entitlements/end")
def end_entitlement(request: Request, merchant: Writer, body: Ending, key: Key) -> Document:
    """The partner has given what a code stands for, or cannot."""
    asked = keyed(request, merchant, operation="points.fulfil", asked=(key, body))
    points = request.app.state.quanyu.points
    return as_json(granted(points.fulfil(asked, body.code, given=body.given)))
