"""Papers as they are handed in."""

from typing import Annotated

import msgspec
from msgspec import Meta

from quanyu.compliance.licences import Licence
from quanyu.compliance.verdict import Severity
from quanyu.merchants.papers.evidence import FILE_BYTES_MAX, EvidenceForm

UPLOAD_BYTES_MAX = FILE_BYTES_MAX * 4 // 3 + (1 << 16)
"""Of an upload: base64 and what is said besides."""
Actor = Annotated[str, Meta(min_length=1, max_length=64)]


class LicenceUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    licence: Licence
    actor: Actor


class EvidenceUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``file``: base64 in JSON."""

    evidence: EvidenceForm
    file: bytes
    actor: Actor


class OverrideUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: Annotated[str, Meta(min_length=1, max_length=128)]
    severity: Severity
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    actor: Actor
