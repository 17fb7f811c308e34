"""Route of ad copy: may these texts be shown?"""

from base64 import b64decode
from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta

from quanyu.clock import china_day
from quanyu.compliance.copy import Claim, OnRecord, review
from quanyu.compliance.copy.claims import CLAIMS_MAX, sha256_of
from quanyu.errors import BadInput
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.strict import decoded

router = APIRouter(prefix="/v1/compliance", tags=["compliance"])
Reader = Annotated[str, Depends(require("compliance:read"))]
Raw = Annotated[bytes, Depends(raw_body)]
TEXTS_MAX = 500
CHARACTERS_MAX = 200_000
"""Of all texts of a call."""


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A claim with its file: the server sees no files of the caller, so it comes along."""

    claim: Claim
    content: str | None = None
    """The file in base64; none counts as missing."""


class CopyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    text: str | Annotated[list[str], Meta(min_length=1, max_length=TEXTS_MAX)]
    industry: str
    on: date | None = None
    touchpoint: str | None = None
    claims: Annotated[tuple[Evidence, ...], Meta(max_length=CLAIMS_MAX)] = ()


@router.post("/copy", openapi_extra=ANY)
def check_copy(request: Request, merchant: Reader, raw: Raw) -> dict[str, Any]:
    """One text → its verdict; a list of texts → `verdicts[]` in their order."""
    form = decoded(raw, CopyForm, name="copy")
    texts = [form.text] if isinstance(form.text, str) else form.text
    if sum(map(len, texts)) > CHARACTERS_MAX:
        raise BadInput("copy.text", f"send at most {CHARACTERS_MAX:,} characters in a call")
    on = form.on or china_day(request.app.state.quanyu.clock.now_us())
    record = OnRecord(claims=tuple(map(as_found, form.claims)))
    found = [
        review(
            text, industry=form.industry, on=on, touchpoint=form.touchpoint, record=record
        ).as_json()
        for text in texts
    ]  # fmt: skip
    return found[0] if isinstance(form.text, str) else {"verdicts": found}


def as_found(evidence: Evidence) -> Claim:
    """With the hash of what was sent, whatever the claim says of itself."""
    digest = None if evidence.content is None else sha256_of(unpacked(evidence.content))
    return msgspec.structs.replace(evidence.claim, found_sha256=digest)


def unpacked(content: str) -> bytes:
    try:
        return b64decode(content, validate=True)
    except ValueError:
        raise BadInput("copy.claims.content", "send the file in base64") from None
