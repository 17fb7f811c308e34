"""Routes of generation and improvement. Nothing is stored: pieces go to PUT /v1/contents/…."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from quanyu.content.generation.making import Wish
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.interfaces.generating import Batch, GenerateForm, maker_for, piece_json
from quanyu.interfaces.improving import ImproveForm, judged, page_of
from quanyu.strict import decoded

router = APIRouter(prefix="/v1/contents", tags=["content"])
Reader = Annotated[str, Depends(require("content:read"))]
Writer = Annotated[str, Depends(require("content:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]


@router.post("/generate", openapi_extra=ANY)
def generate(request: Request, merchant: Writer, raw: Raw) -> Document:
    """`{"kind", "brief", "count"?, "seed"?, "provider"?}`: pieces that have passed the gate, with
    both AIGC marks; 50 at most. Proofs of claims need their files: use the command."""
    form = decoded(raw, GenerateForm, name="body")
    brief = form.brief.checked()
    settings = request.app.state.quanyu.settings
    maker = maker_for(
        brief, settings, merchant=merchant, provider=form.provider, read=lambda name: None
    )
    wish = Wish(kind=form.kind, brief=brief, count=form.count, seed=form.seed)
    batch = Batch(wish).fill(maker)
    told = batch.as_json()
    return {**told, "provider": maker.writer.name, "pieces": [piece_json(p) for p in batch.pieces]}


@router.post("/improve", openapi_extra=ANY)
def improve(request: Request, merchant: Reader, raw: Raw) -> Document:
    """`{"kind": "item" | "script" | "poi", "page", "weights"?}`: the score and the next steps."""
    form = decoded(raw, ImproveForm, name="body")
    return judged(page_of(form.page, form.kind), form.weights).as_json()
