"""Routes of flash sales 秒杀."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.landing import landing
from quanyu.interfaces.api.money_doors import Key, granted
from quanyu.interfaces.api.points import Body, Document, OrderId, Word
from quanyu.promotions.flash_sales.sales import Held, sale_json
from quanyu.promotions.loyalty.answers import as_json

router = APIRouter(prefix="/v1/flash-sales", tags=["flash sales"])
Reader = Annotated[str, Depends(require("flash:read"))]
Writer = Annotated[str, Depends(require("flash:write"))]


class Buyer(Body):
    identifier: Word


class Paid(Body):
    order: OrderId


class Opening(Body):
    """``sale``: see docs/loyalty.md."""

    sale: Annotated[dict[str, Any], Field(max_length=20)]


def held_json(held: Held) -> Document:
    return as_json(held)


@router.post("")
def create_sale(request: Request, merchant: Writer, body: Opening) -> Document:
    """Makes a sale and loads its pieces."""
    flash_sales = request.app.state.quanyu.flash_sales
    made = flash_sales.create(merchant, msgspec.json.encode(body.sale))
    return sale_json(*flash_sales.show(merchant, made.terms.name))


@router.get("/{name}")
def show_sale(request: Request, merchant: Reader, name: str) -> Document:
    """Terms, and where the pieces are: sold + held + free = loaded."""
    return sale_json(*request.app.state.quanyu.flash_sales.show(merchant, name))


@router.post("/{name}/close")
def close_sale(request: Request, merchant: Writer, name: str) -> Document:
    """The kill switch: nothing more is reserved; what is held may still be paid."""
    return sale_json(*request.app.state.quanyu.flash_sales.close(merchant, name))


@router.post("/{name}/attempts")
async def attempt(request: Request, merchant: Writer, name: str, body: Buyer, key: Key) -> Document:
    """One person wants one piece; it waits for the payment until `expires`."""
    pending = await run_in_threadpool(
        submitted, request, merchant, asked=(name, body.identifier, key)
    )
    return held_json(granted(await landing(request.app.state).of(pending)))


def submitted(request: Request, merchant: str, *, asked: tuple[str, str, str]) -> Any:
    name, identifier, key = asked
    engine = request.app.state.quanyu
    words: frozenset[str] = frozenset()
    if engine.flash_sales.asks_for_words(merchant, name):
        words = frozenset(engine.loyalty.eligibility(merchant, identifier))
    wanted = engine.flash_sales.asked(
        merchant, name, identifier=identifier, request=key, words=words
    )
    return engine.flash_sales.submit(wanted)


@router.post("/holds/{hold}/confirm")
def confirm(request: Request, merchant: Writer, hold: str, body: Paid) -> Document:
    """The order was paid: the piece is sold. The hold is the key: repeated, it changes nothing."""
    flash_sales = request.app.state.quanyu.flash_sales
    return held_json(granted(flash_sales.confirm(merchant, hold, order=body.order)))


@router.post("/holds/{hold}/release")
def release(request: Request, merchant: Writer, hold: str) -> Document:
    """The piece is free again."""
    return held_json(granted(request.app.state.quanyu.flash_sales.release(merchant, hold)))
