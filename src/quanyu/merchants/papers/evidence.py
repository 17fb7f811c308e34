"""What proves a claim: where it comes from, what it covers, and the file itself by its hash."""

from datetime import date
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from quanyu.compliance.copy import Claim
from quanyu.errors import BadInput
from quanyu.ids import fingerprint

FILE_BYTES_MAX = 8 << 20
Text = Annotated[str, Meta(min_length=1, max_length=300)]
BEGINS = {
    b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"PK\x03\x04": "zip",
}  # fmt: skip
"""First bytes of what people hand in: scans, reports, spreadsheets; besides plain text."""


class EvidenceForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is said of the file."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}\Z")]
    claim: Text
    """The words that it proves, as they stand in the text."""
    source: Text
    """Who found it out: 国家统计局, 尼尔森 …"""
    scope: Text
    """Of what: 化妆品零售额."""
    file_name: Annotated[str, Meta(min_length=1, max_length=200)]
    region: Text | None = None
    """全国, 广东省 …"""
    period_from: date | None = None
    period_to: date | None = None
    """What was counted, both days included."""
    valid_until: date | None = None

    def check(self) -> None:
        """Raises BadInput."""
        if (self.period_from is None) != (self.period_to is None):
            raise BadInput("period_to", "give both ends of the period, or neither")
        if self.period_from and self.period_to and self.period_to < self.period_from:
            raise BadInput("period_to", "let the period end after it begins")


class Evidence(EvidenceForm, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    sha256: str = ""
    size_bytes: int = 0

    def as_claim(self, found_sha256: str | None) -> Claim:
        """As a review of texts takes it, with the hash that the file has now."""
        return Claim(
            text=self.claim, source=self.source, file=self.file_name, sha256=self.sha256,
            scope=self.scope, region=self.region, period_from=self.period_from,
            period_to=self.period_to, valid_until=self.valid_until, found_sha256=found_sha256,
        )  # fmt: skip


class EvidenceFiles(Protocol):
    """Files by their hash. Engines live in ``storage``."""

    def keep(self, body: bytes) -> str:
        """Durable when it returns the SHA-256; what is there already stays as it is."""

    def found(self, sha256: str) -> str | None:
        """The hash that the file kept under this one has now; None: it is gone."""

    def read(self, sha256: str) -> bytes:
        """Raises NotFound, and StorageUnavailable when the bytes are not those any more."""


def evidence_of(form: EvidenceForm, body: bytes) -> Evidence:
    """Raises BadInput for a file that is empty, too large or of no kind that people hand in."""
    form.check()
    if not body:
        raise BadInput("file", "it is empty")
    if len(body) > FILE_BYTES_MAX:
        raise BadInput("file", f"give at most {FILE_BYTES_MAX >> 20} MiB")
    if kind_of(body) is None:
        raise BadInput("file", "give a PDF, PNG, JPEG, zip or Office file, or UTF-8 text")
    said = msgspec.structs.asdict(form)
    return Evidence(**said, sha256=fingerprint(body), size_bytes=len(body))


def kind_of(body: bytes) -> str | None:
    known = next((kind for begin, kind in BEGINS.items() if body.startswith(begin)), None)
    if known is not None:
        return known
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else "text"
