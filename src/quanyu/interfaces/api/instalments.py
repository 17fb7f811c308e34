"""Routes of instalments (分期): a preview, and the plan of a paid order to its last term."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request

from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, PathId, granted, raw_body
from quanyu.promotions.instalments.answers import TermNotice
from quanyu.promotions.instalments.preview import PreviewForm, preview
from quanyu.promotions.pricing.cart import Fen
from quanyu.strict import decoded

router = APIRouter(prefix="/v1", tags=["instalments"])
Reader = Annotated[str, Depends(require("orders:read"))]
Writer = Annotated[str, Depends(require("orders:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]
ANY: Document = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


class TermForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    term: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    amount: Fen


class SettleForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount: Fen


@router.post("/instalments/quote", openapi_extra=ANY)
def quote(request: Request, merchant: Reader, raw: Raw) -> Document:
    """What terms would cost: `{"amount": fen, "terms": 12, "bearer"?: "buyer | merchant |
    platform", "paid_on"?: "2026-01-31"}`. Nothing is stored."""
    form = decoded(raw, PreviewForm, name="body")
    return granted(preview(form, request.app.state.quanyu.instalment_rates))


@router.get("/orders/{order}/instalments")
def show(request: Request, order: PathId, merchant: Reader) -> Document:
    """The plan of a paid order as it stands today, term by term."""
    desk = request.app.state.quanyu.instalments
    found: Document = desk.find(merchant, order).as_json(desk.clock.now_us())
    return found


@router.post("/orders/{order}/instalments/terms", openapi_extra=ANY)
def pay(request: Request, order: PathId, merchant: Writer, *, key: Key, raw: Raw) -> Document:
    """A verified notice of the financier: `{"term": 1, "amount": fen}`, in order, what is due."""
    form = decoded(raw, TermForm, name="body")
    return paid(request, merchant, notice=TermNotice(order, form.amount, form.term), key=key)


@router.post("/orders/{order}/instalments/settle", openapi_extra=ANY)
def settle(request: Request, order: PathId, merchant: Writer, *, key: Key, raw: Raw) -> Document:
    """Everything that is left, at once: `{"amount": fen}`, which is `settle_now` of the plan."""
    form = decoded(raw, SettleForm, name="body")
    return paid(request, merchant, notice=TermNotice(order, form.amount), key=key)


def paid(request: Request, merchant: str, *, notice: TermNotice, key: str) -> Document:
    ask = notice.request(merchant, key)
    found: Document = granted(request.app.state.quanyu.instalments.pay(ask, notice)).as_json()
    return found
