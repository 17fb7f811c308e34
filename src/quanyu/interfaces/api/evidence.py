"""Routes of files that prove claims."""

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from quanyu.interfaces.api.auth import authenticated
from quanyu.interfaces.api.money_doors import PathId
from quanyu.interfaces.api.orders import ANY
from quanyu.interfaces.api.papers import (
    Document,
    Reader,
    Withdrawn,
    Writer,
    listed,
    papers_of,
    withdraw,
)
from quanyu.interfaces.api.uploads import allowance, body_of
from quanyu.merchants.papers.forms import UPLOAD_BYTES_MAX, EvidenceUpload
from quanyu.merchants.papers.records import PaperKind
from quanyu.strict import decoded

router = APIRouter(prefix="/v1", tags=["compliance"])


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
    return listed(request, merchant, kind=PaperKind.EVIDENCE)


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
