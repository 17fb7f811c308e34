"""Routes of promotions that apply by themselves; coupons are issued under /v1/offers."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request

from quanyu.errors import BadInput
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import may_bill, raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.promotions.orders.promotions import Promotions
from quanyu.promotions.pricing.offers import offer_of
from quanyu.strict import decoded

router = APIRouter(prefix="/v1/promotions", tags=["offers"])
Reader = Annotated[str, Depends(require("offers:read"))]
Writer = Annotated[str, Depends(require("offers:write"))]
Raw = Annotated[bytes, Depends(raw_body)]


def promotions_of(request: Request) -> Promotions[Any]:
    found: Promotions[Any] = request.app.state.quanyu.promotions
    return found


@router.get("")
def promotions(request: Request, merchant: Reader) -> list[dict[str, Any]]:
    """All of them, in the public form of offers."""
    return [msgspec.to_builtins(one) for one in promotions_of(request).all(merchant)]


@router.put("/{promotion}", openapi_extra=ANY)
def put(request: Request, promotion: str, merchant: Writer, raw: Raw) -> dict[str, Any]:
    """Applies from now on. Orders that were placed keep what they were placed under."""
    said = decoded(raw, dict[str, Any], name="offer")
    offer = offer_of({**said, "id": promotion})
    if offer.kind != "promotion":
        raise BadInput("kind", "write promotion; coupons are issued under /v1/offers")
    may_bill(request, offer)
    promotions_of(request).put(merchant, offer)
    told: dict[str, Any] = msgspec.to_builtins(offer)
    return told


@router.delete("/{promotion}")
def remove(request: Request, promotion: str, merchant: Writer) -> dict[str, str]:
    """No longer applies."""
    promotions_of(request).remove(merchant, promotion)
    return {"removed": promotion}
