"""Routes of the gate: why something was let through or refused, and other readings of rules."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from quanyu.compliance.copy import Override
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import PathId, raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.interfaces.api.papers import Actor, Document, Reader, Withdrawn, listed, withdraw
from quanyu.merchants.papers.forms import OverrideUpload
from quanyu.merchants.papers.records import PaperKind
from quanyu.merchants.papers.withholding import Withholding
from quanyu.strict import decoded

router = APIRouter(prefix="/v1/gate", tags=["compliance"])
Writer = Annotated[str, Depends(require("compliance:write"))]
Operator = Annotated[str, Depends(require("overrides:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Limit = Annotated[int, Query(ge=1, le=1000)]


class Resuming(BaseModel, extra="forbid"):
    actor: Actor
    kind: Annotated[str, Field(max_length=40)] = ""
    id: Annotated[str, Field(max_length=128)] = ""


def withholding_of(request: Request) -> Withholding[Any]:
    found: Withholding[Any] = request.app.state.quanyu.withholding
    return found


@router.get("/reviews/{kind}/{id:path}")
def explain(
    request: Request, kind: PathId, id: PathId, merchant: Reader, limit: Limit = 20
) -> list[Document]:
    """Verdicts on one thing, newest first, by the law and the papers of their day."""
    reviews = request.app.state.quanyu.reviews
    return [one.as_json() for one in reviews.of(merchant, kind, id=id, limit=limit)]


@router.get("/withheld")
def withheld(request: Request, merchant: Reader) -> list[Document]:
    """What is off show because the law stands against it, the oldest first, with the article."""
    found = withholding_of(request).withheld(merchant)
    return [one.as_json() for one in found]


@router.get("/withheld/{kind}/{id:path}")
def withheld_history(
    request: Request, kind: PathId, id: PathId, merchant: Reader
) -> list[Document]:
    """When one thing was withheld and resumed, oldest first."""
    found = withholding_of(request).history(merchant, kind, id=id)
    return [one.as_json() for one in found]


@router.post("/withheld/resume")
def resume(request: Request, merchant: Writer, said: Resuming) -> Document:
    """One thing, or without `kind` and `id` all that may be shown again."""
    done = withholding_of(request).resume(merchant, actor=said.actor, kind=said.kind, id=said.id)
    return done.as_json()


@router.post("/recheck")
def recheck(request: Request, merchant: Writer) -> list[Document]:
    """Looks at everything now instead of within the hour; what is new."""
    found = request.app.state.quanyu.recheck(merchant)
    return [{"kind": kind, "id": id} for kind, id in found]


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
