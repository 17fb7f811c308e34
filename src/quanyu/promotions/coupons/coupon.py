"""A coupon, what can be asked of it, and what is answered."""

from collections.abc import Mapping
from typing import Any

import msgspec

from quanyu.clock import format_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.coupons.bills import Bill, BillLine
from quanyu.promotions.coupons.refusals import Refused
from quanyu.promotions.coupons.states import State, Verb


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    no: int
    """Its place in the table; 0 before it is stored."""
    id: str
    offer: str
    state: State
    holder: Identifier | None
    """None: an anonymous code that nobody has bound yet."""
    issued_us: int
    expires_us: int
    face_fen: int
    until_us: int | None = None
    """When a lock or a gift falls back."""
    order: str | None = None
    store: str | None = None
    used_us: int | None = None
    spent_fen: int | None = None
    gift: bytes | None = None
    """Keyed hash of the code that opens the gift."""
    last4: str = ""

    def as_json(self) -> Mapping[str, Any]:
        times = {"issued": self.issued_us, "expires": self.expires_us, "used": self.used_us,
                 "until": self.until_us}  # fmt: skip
        told = {
            name: at_us if at_us is None else format_iso(at_us) for name, at_us in times.items()
        }
        return {
            "coupon": self.id, "offer": self.offer, "state": self.state.value,
            "face": self.face_fen, "discount": self.spent_fen, "order": self.order,
            "store": self.store, "last4": self.last4, "bound": self.holder is not None, **told,
        }  # fmt: skip


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``request`` is the caller's key: the same one again gives the first answer."""

    merchant: str
    request: str
    touchpoint: str = "quanyu"
    marks: tuple[tuple[str, bytes], ...] = ()
    """(kind, token) of device, payment account, address prefix: for the brakes."""


class Issue(Command, frozen=True, kw_only=True, tag="issue"):
    """One piece to one person, given by the merchant, or taken by the person (``claim``)."""

    offer: str
    holder: Identifier
    claim: bool = False


class Claim(msgspec.Struct, frozen=True):
    """What a till says that it has given for a pass, while it had no network."""

    device: str
    sequence: int
    offer: str
    at_us: int
    off_fen: int
    mark: bytes
    """Of whoever held the coupon when the pass was made."""
    previous: str
    digest: str
    """Of the entry before, and of this one."""


class Lost(msgspec.Struct, frozen=True):
    """Given for a coupon that was not in force, and who bears it."""

    reason: str
    funder_fen: int
    """By the offer, within what it risks per device and shift."""
    store_fen: int
    """By the store: its debt."""


class OnCoupon(Command, frozen=True, kw_only=True, tag=True):
    """About one coupon, by id, or by the keyed hash of its code."""

    verb: Verb
    coupon: str = ""
    code: bytes = b""
    holder: Identifier | None = None
    order: str | None = None
    amount_fen: int | None = None
    """The bill at a store; what an order has taken off."""
    store: str | None = None
    lines: tuple[BillLine, ...] = ()
    """Of the bill, where the till tells them."""
    virtual: bool = False
    ttl_us: int = 0
    gift: bytes | None = None
    offline: Claim | None = None
    stale: bool = False
    """The code was shown a while ago: only the answer counts that its key may have."""

    @property
    def bill(self) -> Bill:
        return Bill(self.amount_fen or 0, self.lines, self.virtual)


AnyCommand = Issue | OnCoupon


class Done(msgspec.Struct, frozen=True, tag="done"):
    """It happened, now or when the key came first."""

    coupon: Coupon
    lost: Lost | None = None

    @property
    def discount_fen(self) -> int:
        return self.coupon.spent_fen or 0


Outcome = Done | Refused
