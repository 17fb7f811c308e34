"""A transfer as a row: the bytes that PostgreSQL takes in, and that the hash chain runs over.

The bytes of a row are those of ``COPY … (FORMAT binary)``: the number of fields, then each field
behind its length, numbers with the greatest byte first, −1 for the length of a NULL. The hash
covers all of them but the last field, which is the hash.
"""

from hashlib import sha256
from struct import Struct
from typing import NamedTuple

from quanyu.ledger.posting import HoldState
from quanyu.ledger.transfers import Entry, Phase, Transfer, TransferId

FIELDS = 12
PHASES = tuple(Phase)
PHASE_NO = {phase: number for number, phase in enumerate(PHASES)}
STATES = tuple(HoldState)
STATE_NO = {state: number for number, state in enumerate(STATES)}
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = b"\xff\xff"
NO_HASH = bytes(32)

_BEGIN = Struct(">h iq i16s ih iq iq iq").pack
_UUID = Struct(">i16s").pack
_INT8 = Struct(">iq").pack
_NULL = b"\xff\xff\xff\xff"
_HASH = Struct(">i32s").pack


class Row(NamedTuple):
    """One line of the book, in numbers."""

    no: int
    id: bytes
    phase: int
    debit_no: int
    credit_no: int
    amount: int
    pending_id: bytes | None
    timeout_us: int | None
    code: str
    reference: str
    at_us: int

    def hashed(self, before: bytes) -> tuple[bytes, bytes]:
        """(Bytes of the row, its hash) after a row with the hash ``before``."""
        body = self._body()
        digest = sha256(before + body).digest()
        return body + _HASH(32, digest), digest

    def _body(self) -> bytes:
        no, id_, phase, debit, credit, amount, pending, timeout, code, reference, at_us = self
        said, about = code.encode(), reference.encode()
        return b"".join((
            _BEGIN(FIELDS, 8, no, 16, id_, 2, phase, 8, debit, 8, credit, 8, amount),
            _NULL if pending is None else _UUID(16, pending),
            _NULL if timeout is None else _INT8(8, timeout),
            len(said).to_bytes(4, "big"), said, len(about).to_bytes(4, "big"), about,
            _INT8(8, at_us),
        ))  # fmt: skip


class Told(NamedTuple):
    """A transfer as the statements tell it, with the ids of its accounts."""

    id: bytes
    phase: int
    debit: str
    credit: str
    amount: int
    pending_id: bytes | None
    timeout_us: int | None
    code: str
    reference: str
    at_us: int

    @property
    def entry(self) -> Entry:
        pending = None if self.pending_id is None else TransferId(self.pending_id)
        transfer = Transfer(
            TransferId(self.id), self.debit, self.credit, self.amount, self.code,
            PHASES[self.phase], pending, self.timeout_us, self.reference,
        )  # fmt: skip
        return Entry(transfer, self.at_us)
