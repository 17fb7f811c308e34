"""Routes of purchased vouchers (99 抵 200)."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from quanyu.customers.identity.identifiers import read_identifier
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, PathId, asked, granted, raw_body
from quanyu.promotions.vouchers.voucher import Visit, VoucherProduct
from quanyu.strict import decoded

router = APIRouter(prefix="/v1/vouchers", tags=["vouchers"])
Reader = Annotated[str, Depends(require("vouchers:read"))]
Writer = Annotated[str, Depends(require("vouchers:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]
PRODUCT = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


class Scan(BaseModel, extra="forbid"):
    """In the body: a code opens money, and URLs are logged."""

    code: str = Field(min_length=1, max_length=64)
    store: str = Field(min_length=1, max_length=128)
    amount: int = Field(gt=0, le=10**15, description="Fen of the face value.")


class Holder(BaseModel, extra="forbid"):
    identifier: str = Field(max_length=300, description="kind:value")


@router.put("/products", openapi_extra=PRODUCT)
def define(request: Request, merchant: Writer, raw: Raw) -> Document:
    """What an order line with this item sells: item, shop, face_fen, valid_days, stores."""
    product = decoded(raw, VoucherProduct, name="product")
    request.app.state.quanyu.vouchers.define(merchant, product)
    found: Document = msgspec.to_builtins(product)
    return found


@router.post("/held")
def held(request: Request, merchant: Reader, who: Holder) -> list[Document]:
    """Everything that an identifier holds, with the codes."""
    kind, value = read_identifier(who.identifier)
    engine = request.app.state.quanyu
    holder = (kind, engine.tokeniser(merchant).token(kind, value))
    return [
        {**voucher.as_json(), "code": code}
        for voucher, code in engine.vouchers.held_by(merchant, [holder])
    ]


@router.post("/use")
def use(request: Request, merchant: Writer, key: Key, *, scan: Scan) -> Document:
    """核销: pays so much of the face value at a store, at once."""
    engine = request.app.state.quanyu
    ask = asked(merchant, "voucher.use", key=key, content=[scan.store, scan.amount])
    visit = Visit(scan.store, scan.amount, engine.clock.now_us())
    found: Document = msgspec.to_builtins(granted(engine.vouchers.use(ask, scan.code, visit=visit)))
    return found


@router.post("/uses/{use}/undo")
def undo(request: Request, use: PathId, merchant: Writer, key: Key) -> Document:
    """Take a mistaken scan back, within half an hour."""
    ask = asked(merchant, "voucher.undo", key=key, content=[use])
    found: Document = msgspec.to_builtins(granted(request.app.state.quanyu.vouchers.undo(ask, use)))
    return found


@router.post("/{voucher}/refund")
def refund(request: Request, voucher: PathId, merchant: Writer, key: Key) -> Document:
    """What has not been used goes back to the buyer, also after the voucher's end."""
    ask = asked(merchant, "voucher.refund", key=key, content=[voucher])
    vouchers = request.app.state.quanyu.vouchers
    found: Document = msgspec.to_builtins(granted(vouchers.refund(ask, voucher)))
    return found
