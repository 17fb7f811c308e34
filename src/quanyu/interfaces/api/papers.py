"""Routes of what a merchant has on record: its industry, licences and evidence. Papers are added,
never changed; the same one again is no second line."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from quanyu.interfaces.api.auth import authenticated, require
from quanyu.interfaces.api.money_doors import PathId, raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.interfaces.api.uploads import allowance, body_of
from quanyu.merchants.papers.evidence import FILE_BYTES_MAX
from quanyu.merchants.papers.forms import EvidenceUpload, LicenceUpload
from quanyu.merchants.papers.records import PaperKind, Papers
from quanyu.strict import decoded

router = APIRouter(prefix="/v1", tags=["compliance"])
Reader = Annotated[str, Depends(require("compliance:read"))]
Writer = Annotated[str, Depends(require("compliance:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]
UPLOAD_BYTES_MAX = FILE_BYTES_MAX * 4 // 3 + (1 << 16)
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


def listed(request: Request, merchant: str, kind: PaperKind) -> list[Document]:
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
    return listed(request, merchant, PaperKind.LICENCE)


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
    return listed(request, merchant, PaperKind.TASK)


@router.post("/evidence", openapi_extra=ANY)
async def add_evidence(request: Request) -> Document:
    """`{"actor": …, "evidence": {"id", "claim", "source", "scope", "file_name", …}, "file":
    base64}`, a file of at most 8 MiB."""
    merchant = await authenticated(request, "compliance:write")
    with allowance(request).room() as room:
        body = await body_of(request, room, bytes_max=UPLOAD_BYTES_MAX)
        said = decoded(body, EvidenceUpload, name="body", bytes_max=UPLOAD_BYTES_MAX)
        made = await run_in_threadpool(
            papers_of(request).add_evidence, merchant, said.evidence, body=said.file,
            actor=said.actor,
        )  # fmt: skip
    told: Document = msgspec.to_builtins(made)
    return told


@router.get("/evidence")
def list_evidence(request: Request, merchant: Reader) -> list[Document]:
    """Those that count, oldest first."""
    return listed(request, merchant, PaperKind.EVIDENCE)


@router.get("/evidence/{evidence}")
def show_evidence(request: Request, evidence: PathId, merchant: Reader) -> Document:
    """The record; 404 when the file is gone, 503 when it is not the one that was handed in."""
    found, _ = papers_of(request).evidence_file(merchant, evidence)
    told: Document = msgspec.to_builtins(found)
    return told


@router.get("/evidence/{evidence}/file")
def evidence_file(request: Request, evidence: PathId, merchant: Reader) -> Response:
    """The bytes, to be saved: they came from outside and are never shown inside a page."""
    found, body = papers_of(request).evidence_file(merchant, evidence)
    headers = {
        "Content-Disposition": f"attachment; filename={found.sha256[:16]}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body, headers=headers, media_type="application/octet-stream")


@router.post("/evidence/withdraw")
def withdraw_evidence(request: Request, merchant: Writer, said: Withdrawn) -> Document:
    """What it proved is a bare claim again."""
    return withdraw(request, merchant, kind=PaperKind.EVIDENCE, said=said)
