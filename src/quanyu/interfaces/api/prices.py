"""Routes of prices: may this one stand beside that one, and what was paid before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from msgspec import Meta

from quanyu.clock import format_iso, to_us
from quanyu.compliance.prices.agreeing import read_discount
from quanyu.compliance.prices.checking import Question, answered, read_moment
from quanyu.compliance.prices.service import Prices
from quanyu.compliance.prices.trades import Trade, days_of
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import PathId, raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.promotions.pricing.cart import Fen, Word
from quanyu.strict import decoded

router = APIRouter(tags=["compliance"])
Reader = Annotated[str, Depends(require("compliance:read"))]
Raw = Annotated[bytes, Depends(raw_body)]
On = Annotated[str | None, Query(description="A day in China or a time with offset; else now.")]
TRADES_MAX = 100_000


class TradeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    paid_at: Annotated[datetime, Meta(tz=True)]
    amount: Fen
    """For all pieces."""
    quantity: Annotated[int, Meta(ge=1, le=10**6)] = 1
    refunded: bool = False
    flagged: bool = False

    @property
    def trade(self) -> Trade:
        return Trade(
            paid_us=to_us(self.paid_at), unit_fen=self.amount // self.quantity,
            quantity=self.quantity, refunded=self.quantity if self.refunded else 0,
            flagged=self.flagged,
        )  # fmt: skip


class PriceForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With ``trades`` these decide, else what this engine has on record of the item."""

    shop: Word
    item: Word
    reference: int | None = None
    price: int | None = None
    on: str | None = None
    basis: Annotated[str, Meta(max_length=200)] | None = None
    suggested_retail: int | None = None
    reason: Annotated[str, Meta(max_length=500)] = ""
    discount: Annotated[str, Meta(max_length=8)] | None = None
    trades: Annotated[Sequence[TradeForm], Meta(max_length=TRADES_MAX)] | None = None

    def question(self, now_us: int) -> Question:
        return Question(
            at_us=now_us if self.on is None else read_moment(self.on, "body.on"),
            reference_fen=self.reference, price_fen=self.price, basis=self.basis,
            suggested_fen=self.suggested_retail, reason=self.reason,
            discount=None if self.discount is None else read_discount(self.discount),
            shop=self.shop, item=self.item,
        )  # fmt: skip


def prices_of(request: Request) -> Prices[Any]:
    found: Prices[Any] = request.app.state.quanyu.prices
    return found


@router.post("/v1/compliance/price", openapi_extra=ANY)
def check(request: Request, merchant: Reader, raw: Raw) -> dict[str, Any]:
    """May `reference` stand beside `price`? `{"shop", "item", "reference"?, "price"?, …}`."""
    form = decoded(raw, PriceForm, name="body")
    prices = prices_of(request)
    question = form.question(request.app.state.quanyu.clock.now_us())
    if form.trades is None:
        of = form.shop, form.item
        trades = prices.trades(merchant, of, at_us=question.at_us)
        question = question.knowing(prices.suggested(merchant, of))
    else:
        trades = [one.trade for one in form.trades]
    return answered(question, trades, policy=prices.policy).as_json()


@router.get("/v1/prices/{shop}/{item}")
def history(
    request: Request, shop: PathId, item: PathId, *, merchant: Reader, on: On = None
) -> dict[str, Any]:
    """What was paid for an item: the bound of a compared price, and each day with a trade."""
    prices = prices_of(request)
    now_us: int = request.app.state.quanyu.clock.now_us()
    at_us = now_us if on is None else read_moment(on, "on")
    trades = prices.trades(merchant, (shop, item), at_us=at_us)
    question = Question(at_us=at_us, shop=shop, item=item)
    found = answered(question, trades, policy=prices.policy).as_json()
    told = {name: found[name] for name in ("max_reference", "basis", "trades_counted", "window")}
    days = [day.as_json() for day in days_of(trades)]
    return {"shop": shop, "item": item, "at": format_iso(at_us), **told, "days": days}
