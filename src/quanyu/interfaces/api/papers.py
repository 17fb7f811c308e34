"""Routes of what a merchant has on record: its industry and licences. Papers are added, never
changed; the same one again is no second line."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.merchants.papers.forms import LicenceUpload
from quanyu.merchants.papers.records import PaperKind, Papers
from quanyu.strict import decoded

router = APIRouter(prefix="/v1", tags=["compliance"])
Reader = Annotated[str, Depends(require("compliance:read"))]
Writer = Annotated[str, Depends(require("compliance:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]
Actor = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
PaperId = Annotated[str, Field(min_length=1, max_length=256)]


class Declared(BaseModel, extra="forbid"):
    industry: Annotated[str, Field(max_length=40)]
    actor: Actor


class Withdrawn(BaseModel, extra="forbid"):
    """In the body: numbers of licences hold strokes and brackets."""

    id: PaperId
    actor: Actor
    reason: Reason


def papers_of(request: Request) -> Papers[Any]:
    found: Papers[Any] = request.app.state.quanyu.papers
    return found


def listed(request: Request, merchant: str, *, kind: PaperKind) -> list[Document]:
    return [one.as_json() for one in papers_of(request).listed(merchant, kind)]


def withdraw(request: Request, merchant: str, *, kind: PaperKind, said: Withdrawn) -> Document:
    papers_of(request).withdraw(merchant, kind, id=said.id, actor=said.actor, reason=said.reason)
    return {"withdrawn": said.id}


@router.put("/industry")
def say_industry(request: Request, merchant: Writer, said: Declared) -> Document:
    """Of everything that says no other; decides which rules and licences count."""
    papers_of(request).say_industry(merchant, said.industry, actor=said.actor)
    return {"industry": said.industry}


@router.get("/industry")
def show_industry(request: Request, merchant: Reader) -> Document:
    """null: nobody has said it, and texts are judged by the strictest rules of all industries."""
    return {"industry": papers_of(request).industry(merchant)}


@router.post("/licences", openapi_extra=ANY)
def add_licence(request: Request, merchant: Writer, raw: Raw) -> Document:
    """`{"actor": …, "licence": {"kind", "number", "holder", "valid_from", …}}`; docs/gate.md."""
    said = decoded(raw, LicenceUpload, name="body")
    papers_of(request).add_licence(merchant, said.licence, actor=said.actor)
    told: Document = msgspec.to_builtins(said.licence)
    return {"id": said.licence.id, **told}


@router.get("/licences")
def list_licences(request: Request, merchant: Reader) -> list[Document]:
    """Those that count, oldest first."""
    return listed(request, merchant, kind=PaperKind.LICENCE)


@router.get("/licences/due")
def due_licences(request: Request, merchant: Reader) -> list[Document]:
    """Those that end within 30 days or are over, the most urgent first."""
    return [msgspec.to_builtins(one) for one in request.app.state.quanyu.reminders.of(merchant)]


@router.post("/licences/withdraw")
def withdraw_licence(request: Request, merchant: Writer, said: Withdrawn) -> Document:
    """It does not count any more, and stays on record."""
    return withdraw(request, merchant, kind=PaperKind.LICENCE, said=said)


@router.get("/tasks")
def list_tasks(request: Request, merchant: Reader) -> list[Document]:
    """What somebody has to do, such as renewing a licence."""
    return listed(request, merchant, kind=PaperKind.TASK)
