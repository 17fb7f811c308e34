"""Routes of touchpoints 触点: where something can be shown, as the ecosystem describes it."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request

from quanyu.errors import NotFound
from quanyu.interfaces.api.auth import require
from quanyu.touchpoints.ecosystem import Ecosystem

router = APIRouter(prefix="/v1/touchpoints", tags=["campaigns"])
Reader = Annotated[str, Depends(require("campaigns:read"))]


@router.get("")
def list_touchpoints(request: Request, merchant: Reader) -> dict[str, Any]:
    """The ecosystem of this installation; docs/touchpoints.md tells every field."""
    found: Ecosystem = request.app.state.quanyu.ecosystem
    document: dict[str, Any] = msgspec.to_builtins(found)
    return document


@router.get("/{touchpoint}")
def show_touchpoint(request: Request, merchant: Reader, touchpoint: str) -> dict[str, Any]:
    found: Ecosystem = request.app.state.quanyu.ecosystem
    if touchpoint not in found.by_id:
        raise NotFound(f"touchpoint {touchpoint[:64]!r}; GET /v1/touchpoints lists them")
    document: dict[str, Any] = msgspec.to_builtins(found.by_id[touchpoint])
    return document
