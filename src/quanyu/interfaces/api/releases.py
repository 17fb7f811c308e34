"""Routes of releases 上新: from when new items can be bought, and by whom earlier."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request

from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.promotions.releases.release import release_of
from quanyu.promotions.releases.service import Releases
from quanyu.strict import decoded

router = APIRouter(prefix="/v1/releases", tags=["offers"])
Reader = Annotated[str, Depends(require("offers:read"))]
Writer = Annotated[str, Depends(require("offers:write"))]
Raw = Annotated[bytes, Depends(raw_body)]


def releases_of(request: Request) -> Releases[Any]:
    found: Releases[Any] = request.app.state.quanyu.releases
    return found


@router.get("")
def releases(request: Request, merchant: Reader) -> list[dict[str, Any]]:
    """All of them, past ones too."""
    return [msgspec.to_builtins(one) for one in releases_of(request).all(merchant)]


@router.put("/{release}", openapi_extra=ANY)
def put(request: Request, release: str, merchant: Writer, raw: Raw) -> dict[str, Any]:
    """`{"item": …, "from": …, "early_from": …, "early_for": "member:gold"}`, or a `category`."""
    said = decoded(raw, dict[str, Any], name="release")
    made = release_of({**said, "id": release})
    releases_of(request).put(merchant, [made])
    told: dict[str, Any] = msgspec.to_builtins(made)
    return told


@router.delete("/{release}")
def remove(request: Request, release: str, merchant: Writer) -> dict[str, str]:
    """What it held back can be bought."""
    releases_of(request).remove(merchant, release)
    return {"removed": release}
