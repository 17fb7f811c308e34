"""Who owes whom, day by day."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from quanyu.interfaces.api.auth import require
from quanyu.promotions.settlement import Days

router = APIRouter(tags=["settlement"])
Reader = Annotated[str, Depends(require("settlement:read"))]


@router.get("/v1/settlement")
def settlement(
    request: Request,
    merchant: Reader,
    first: Annotated[str, Query(alias="from", max_length=10)],
    last: Annotated[str, Query(alias="to", max_length=10)],
) -> dict[str, Any]:
    """Of the merchant's own accounts: opening, what moved and why, closing. Days of China."""
    engine = request.app.state.quanyu
    found: dict[str, Any] = engine.settlement.report(Days.parse(first, last), owner=merchant)
    return found
