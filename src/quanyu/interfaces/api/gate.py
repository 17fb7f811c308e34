"""Routes of the gate: why something was let through or refused, and other readings of rules."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request

from quanyu.compliance.copy import Override
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import PathId, raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.interfaces.api.papers import Document, Reader, Withdrawn, listed, withdraw
from quanyu.merchants.papers.forms import OverrideUpload
from quanyu.merchants.papers.records import PaperKind
from quanyu.strict import decoded

router = APIRouter(prefix="/v1/gate", tags=["compliance"])
Operator = Annotated[str, Depends(require("overrides:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/reviews/{kind}/{id:path}")
def explain(
    request: Request, kind: PathId, id: PathId, merchant: Reader, limit: Limit = 20
) -> list[Document]:
    """Verdicts on one thing, newest first, by the law and the papers of their day."""
    reviews = request.app.state.quanyu.reviews
    return [one.as_json() for one in reviews.of(merchant, kind, id=id, limit=limit)]


@router.post("/overrides", openapi_extra=ANY)
def override(request: Request, merchant: Operator, raw: Raw) -> Document:
    """`{"rule", "severity", "reason", "actor"}`: only what nobody has read in the published text
    can be read otherwise."""
    said = decoded(raw, OverrideUpload, name="body")
    made = Override(**msgspec.structs.asdict(said))
    request.app.state.quanyu.papers.override(merchant, made)
    told: dict[str, Any] = msgspec.to_builtins(made)
    return told


@router.get("/overrides")
def list_overrides(request: Request, merchant: Reader) -> list[Document]:
    """Those that count; each is cited in the verdicts that it has changed."""
    return listed(request, merchant, kind=PaperKind.OVERRIDE)


@router.post("/overrides/withdraw")
def withdraw_override(request: Request, merchant: Operator, said: Withdrawn) -> Document:
    """The strict reading counts again."""
    return withdraw(request, merchant, kind=PaperKind.OVERRIDE, said=said)
