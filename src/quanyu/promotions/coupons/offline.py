"""A till without a network: judges passes alone and keeps a journal that it signs.

Pure, and imported without a server or a database:

    till = Till.after(kit, entries)
    told = judge(text, till, public_key=kit.pass_key, bill=Bill(12_000), now_us=now_us)
    if isinstance(told, Accepted):
        entry = till.entry(text, told)          # append it durably, then give the discount
        till = till.with_entry(entry)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from quanyu.clock import MINUTE_US, day_number
from quanyu.promotions.coupons.bills import Bill, BillLines, Place, out_of_place, worth
from quanyu.promotions.coupons.passes import Pass, from_text, in_text, opened, signed
from quanyu.promotions.coupons.refusals import Refused
from quanyu.promotions.offers.terms import Fen, Word

CLOCK_US_MAX = 5 * MINUTE_US
"""So much the clocks of a till and of the server may differ."""
SEQUENCE_MAX = 10**12
FIRST = "0" * 64
"""What the first entry of a journal follows."""


class TillRefusal(StrEnum):
    """Why a till refuses a pass, or the server an entry; beside the reasons of coupons."""

    FORGED = "bad_pass"
    """Not signed by this merchant's server, or altered."""
    OTHER_MERCHANT = "other_merchant"
    NOT_YET = "pass_not_yet"
    OVER = "pass_over"
    SEEN_HERE = "seen_here"
    """This device has taken this coupon."""
    NOT_OFFLINE = "not_offline"
    CAP_OF_COUPON = "cap_of_coupon"
    CAP_OF_DEVICE = "cap_of_device"
    CLOCK_WENT_BACK = "clock_went_back"
    BAD_SIGNATURE = "bad_signature"
    """The entry is not this device's, or was altered."""
    UNKNOWN_DEVICE = "unknown_device"
    DEVICE_REVOKED = "device_revoked"
    BROKEN_CHAIN = "broken_chain"
    ALTERED_AMOUNT = "altered_amount"
    FROM_THE_FUTURE = "from_the_future"
    ALREADY_USED = "already_used"
    VOID = "void"
    GIFTING = "gifting"


class Kit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a device is given when it is enrolled, once. ``key`` is its secret."""

    merchant: str
    store: str
    device: str
    key: str
    public_key: str
    """Of the merchant's server."""

    @property
    def signer(self) -> Ed25519PrivateKey:
        """Raises ValueError."""
        return Ed25519PrivateKey.from_private_bytes(from_text(self.key) or b"")

    @property
    def pass_key(self) -> Ed25519PublicKey:
        """Raises ValueError."""
        return Ed25519PublicKey.from_public_bytes(from_text(self.public_key) or b"")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of a journal; amounts are fen."""

    sequence: Annotated[int, Meta(ge=1, le=SEQUENCE_MAX)]
    device: Word
    text: str = msgspec.field(name="pass")
    amount: Fen
    discount: int
    at_us: int
    previous: str
    """Digest of the entry before."""
    lines: BillLines = ()
    virtual: bool = False
    signature: str = ""

    @property
    def body(self) -> bytes:
        """What is signed: every field, in one spelling."""
        return msgspec.json.encode(msgspec.structs.replace(self, signature=""))

    @property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()

    @property
    def bill(self) -> Bill:
        return Bill(self.amount, tuple(self.lines), self.virtual)


class Accepted(NamedTuple):
    told: Pass
    bill: Bill
    off_fen: int
    at_us: int


Shift = tuple[str, int]
"""(offer, day in China): a shift of a device. The server can tell it from the time alone."""


def shift_of(at_us: int) -> int:
    return day_number(at_us)


class Given(NamedTuple):
    fen: int = 0
    pieces: int = 0


@dataclass(frozen=True, slots=True)
class Till:
    """What a device knows: its kit, and what its journal says."""

    kit: Kit
    sequence: int = 0
    previous: str = FIRST
    at_us: int = 0
    seen: frozenset[str] = frozenset()
    given: Mapping[Shift, Given] = field(default_factory=dict)

    @classmethod
    def after(cls, kit: Kit, entries: Iterable[Entry]) -> "Till | Refused":
        """Refused where the journal has been cut, mended or mixed with another device's."""
        till = cls(kit)
        key = kit.signer.public_key()
        for entry in entries:
            fault = entry_fault(entry, key)
            follows = (entry.device, entry.sequence, entry.previous) == (
                kit.device, till.sequence + 1, till.previous,
            )  # fmt: skip
            if fault is not None or not follows:
                return Refused(fault or TillRefusal.BROKEN_CHAIN, till.sequence, entry.sequence)
            taken = opened(entry.text, kit.pass_key)
            if taken is None:
                return Refused(TillRefusal.FORGED, till.sequence, entry.sequence)
            till = till.with_entry(entry, taken)
        return till

    def entry(self, text: str, accepted: Accepted) -> Entry:
        """The next line of the journal, signed."""
        bare = Entry(
            sequence=self.sequence + 1, device=self.kit.device, text=text,
            amount=accepted.bill.amount_fen, discount=accepted.off_fen, at_us=accepted.at_us,
            previous=self.previous, lines=accepted.bill.lines, virtual=accepted.bill.virtual,
        )  # fmt: skip
        return msgspec.structs.replace(bare, signature=in_text(self.kit.signer.sign(bare.body)))

    def with_entry(self, entry: Entry, taken: Pass) -> "Till":
        shift = taken.offer, shift_of(entry.at_us)
        fen, pieces = self.given.get(shift, Given())
        return replace(
            self, sequence=entry.sequence, previous=entry.digest, at_us=entry.at_us,
            seen=self.seen | {taken.coupon},
            given={**self.given, shift: Given(fen + entry.discount, pieces + 1)},
        )  # fmt: skip


def judge(
    text: str, till: Till, *, public_key: Ed25519PublicKey, bill: Bill, now_us: int
) -> Accepted | Refused:
    """May this device give the discount by itself? What it gives in a shift is bounded."""
    taken = opened(text, public_key)
    if taken is None:
        return Refused(TillRefusal.FORGED)
    if taken.merchant != till.kit.merchant:
        return Refused(TillRefusal.OTHER_MERCHANT)
    if now_us < till.at_us:
        return Refused(TillRefusal.CLOCK_WENT_BACK)
    if taken.coupon in till.seen:
        return Refused(TillRefusal.SEEN_HERE)
    off_fen = by_the_pass(taken, bill, store=till.kit.store, at_us=now_us)
    if isinstance(off_fen, Refused):
        return off_fen
    over = _over_the_cap(taken, off_fen, given=till.given.get((taken.offer, shift_of(now_us))))
    return over or Accepted(taken, bill, off_fen, now_us)


def by_the_pass(taken: Pass, bill: Bill, *, store: str, at_us: int) -> int | Refused:
    """Fen off by the terms in the pass alone: the till asks before, the server again after."""
    template = taken.template
    offline = template.offline
    if offline is None:
        return Refused(TillRefusal.NOT_OFFLINE)
    if at_us < taken.issued_us - CLOCK_US_MAX:
        return Refused(TillRefusal.NOT_YET)
    if at_us >= taken.ends_us:
        return Refused(TillRefusal.OVER)
    reason = out_of_place(template, at=Place(at_us, store, bill.virtual))
    if reason is not None:
        return Refused(reason)
    off_fen = worth(template, bill, now_us=at_us)
    if isinstance(off_fen, int) and off_fen > offline.per_coupon_fen:
        return Refused(TillRefusal.CAP_OF_COUPON, have=off_fen, need=offline.per_coupon_fen)
    return off_fen


def _over_the_cap(taken: Pass, off_fen: int, *, given: Given | None) -> Refused | None:
    offline, so_far = taken.template.offline, given or Given()
    assert offline is not None, "by_the_pass has looked"
    pieces_max = offline.per_device_pieces
    if so_far.fen + off_fen > offline.per_device_fen:
        return Refused(TillRefusal.CAP_OF_DEVICE, so_far.fen + off_fen, offline.per_device_fen)
    if pieces_max is not None and so_far.pieces >= pieces_max:
        return Refused(TillRefusal.CAP_OF_DEVICE, so_far.pieces + 1, pieces_max)
    return None


def entry_fault(entry: Entry, key: Ed25519PublicKey) -> TillRefusal | None:
    """Is it the device's own, as it wrote it?"""
    signature = from_text(entry.signature)
    if signature is None or not signed(key, entry.body, signature=signature):
        return TillRefusal.BAD_SIGNATURE
    return None


_entry = msgspec.json.Decoder(Entry).decode


def entry_of(line: bytes | Any) -> Entry:
    """Out of a line of a journal, or a parsed document. Raises msgspec.ValidationError."""
    return _entry(line) if isinstance(line, bytes) else msgspec.convert(line, Entry)
