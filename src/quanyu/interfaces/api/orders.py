"""Routes of orders: quote → place → pay → ship → confirm → refund."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request

from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, PathId, granted, raw_body
from quanyu.promotions.orders.answers import Notice
from quanyu.promotions.orders.asking import Asking
from quanyu.promotions.orders.order import Coupons, Identifiers, OrderForm, decode_order
from quanyu.promotions.orders.service import Orders
from quanyu.promotions.orders.states import Step
from quanyu.promotions.pricing import decode_offers, evaluate
from quanyu.promotions.pricing.cart import Cart, Fen, Word
from quanyu.strict import decoded

router = APIRouter(tags=["orders"])
Reader = Annotated[str, Depends(require("orders:read"))]
Writer = Annotated[str, Depends(require("orders:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]


def orders_of(request: Request) -> Orders[Any]:
    found: Orders[Any] = request.app.state.quanyu.orders
    return found


def body_of(schema: Document) -> Document:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


ANY = body_of({"type": "object"})


class QuoteForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cart, with offers of the caller's own or with the active ones of the merchant."""

    cart: Cart
    offers: list[Any] | None = None
    identifiers: Identifiers | None = None
    """Whose eligibility counts; nobody's without them."""
    coupons: Coupons = ()
    programme: str = ""
    show: str = ""
    touchpoint: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] = "quote"
    """Where it would be placed: a show is on air in one room."""


class PayForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount: Fen
    method: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Back(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    line: Word
    unit: int


class RefundForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    units: list[Back]


@router.post("/v1/quote", openapi_extra=ANY)
def quote(request: Request, merchant: Reader, raw: Raw) -> Document:
    """What a cart costs now, to the fen and with the reason for every offer. Nothing is locked.

    `{"cart": …}` takes the merchant's active offers, and counts what the engine knows of the
    person of `identifiers`; `{"cart": …, "offers": […]}` takes those, and the cart at its word.
    """
    form = decoded(raw, QuoteForm, name="body")
    if form.offers is not None:
        return evaluate(form.cart, decode_offers(msgspec.json.encode(form.offers))).as_json()
    wanted = OrderForm(
        "quote", form.identifiers or {}, form.cart, form.touchpoint,
        coupons=form.coupons, programme=form.programme, show=form.show,
    )  # fmt: skip
    return granted(orders_of(request).quote(merchant, wanted)).as_json()


@router.post("/v1/orders", openapi_extra=ANY, status_code=201)
def place(request: Request, merchant: Writer, key: Key, raw: Raw) -> Document:
    """Place an order at the price of now: coupons are locked and pieces held until it is paid."""
    form = decode_order(raw)
    tokeniser = request.app.state.quanyu.tokeniser(merchant)
    ask = Asking(merchant, key).place(form, tokeniser=tokeniser)
    return granted(orders_of(request).place(ask, form)).as_json()


@router.get("/v1/orders/{order}")
def show(request: Request, order: PathId, merchant: Reader) -> Document:
    """An order as it stands, with its quote."""
    return orders_of(request).find(merchant, order).as_json()


@router.post("/v1/orders/{order}/pay", openapi_extra=ANY)
def pay(request: Request, order: PathId, merchant: Writer, *, key: Key, raw: Raw) -> Document:
    """A verified payment notice: `{"amount": fen, "method": "alipay"}`, of just the payable."""
    form = decoded(raw, PayForm, name="body")
    notice = Notice(order, form.amount, form.method)
    ask = Asking(merchant, key).pay(notice)
    return granted(orders_of(request).pay(ask, notice)).as_json()


@router.post("/v1/orders/{order}/cancel")
def cancel(request: Request, order: PathId, merchant: Writer, key: Key) -> Document:
    """Before it is paid: everything it holds is free again."""
    ask = Asking(merchant, key).step(Step.CANCEL, order)
    return granted(orders_of(request).cancel(ask, order)).as_json()


@router.post("/v1/orders/{order}/ship")
def ship(request: Request, order: PathId, merchant: Writer, key: Key) -> Document:
    """It is on its way; from now on coupons do not come back."""
    ask = Asking(merchant, key).step(Step.SHIP, order)
    return granted(orders_of(request).advance(ask, order, step=Step.SHIP)).as_json()


@router.post("/v1/orders/{order}/confirm")
def confirm(request: Request, order: PathId, merchant: Writer, key: Key) -> Document:
    """The buyer has it."""
    ask = Asking(merchant, key).step(Step.CONFIRM, order)
    return granted(orders_of(request).advance(ask, order, step=Step.CONFIRM)).as_json()


@router.post("/v1/orders/{order}/refund", openapi_extra=ANY)
def refund(request: Request, order: PathId, merchant: Writer, *, key: Key, raw: Raw) -> Document:
    """Units that come back: `{"units": [{"line": "A2", "unit": 1}]}`; their stored amounts."""
    units = [(back.line, back.unit) for back in decoded(raw, RefundForm, name="body").units]
    ask = Asking(merchant, key).refund(order, units)
    found = granted(orders_of(request).refund(ask, order, units=units))
    told: Document = msgspec.to_builtins(found)
    return told
