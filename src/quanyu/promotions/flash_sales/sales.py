"""A flash sale 秒杀: so many pieces of one item at one price, in one window."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Protocol, TypeVar

import msgspec
from msgspec import Meta

from quanyu.clock import format_iso, parse_iso
from quanyu.compliance.doorkeeper import Page, names_of
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import BadInput, Refused
from quanyu.events.scrub import is_mobile
from quanyu.ledger.accounts import Account, Limit, path
from quanyu.ledger.transfers import Transfer, TransferId, transfer_id
from quanyu.money import FEN_MAX
from quanyu.promotions.pricing.compared import Compared

InTx = TypeVar("InTx", contravariant=True)
NAME = re.compile(r"[A-Za-z0-9_.:-]{1,40}")


class State(StrEnum):
    HELD = "held"
    SOLD = "sold"
    RELEASED = "released"
    EXPIRED = "expired"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.SOLD, State.RELEASED, State.EXPIRED}),
    State.SOLD: frozenset(),
    State.RELEASED: frozenset(),
    State.EXPIRED: frozenset(),
}
"""Of a piece that somebody has reserved."""


class Reason(StrEnum):
    NOT_FOUND = "not_found"
    NOT_STARTED = "not_started"
    MEMBERS_FIRST = "members_first"
    """In the window of early access, and not entitled to it."""
    OVER = "over"
    CLOSED = "closed"
    WITHHELD = "withheld"
    NOT_ELIGIBLE = "not_eligible"
    PER_PERSON_LIMIT = "per_person_limit"
    SOLD_OUT = "sold_out"
    HOLD_EXPIRED = "hold_expired"
    WRONG_STATE = "wrong_state"
    KEY_USED_FOR_ANOTHER_REQUEST = "key_used_for_another_request"


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,40}\Z")]
    item: Annotated[str, Meta(min_length=1, max_length=128)]
    price_fen: Annotated[int, Meta(ge=1, le=FEN_MAX)]
    pieces: Annotated[int, Meta(ge=1, le=10**9)]
    starts: str
    """ISO 8601 with offset."""
    ends: str
    per_person: Annotated[int, Meta(ge=1, le=10_000)] = 1
    hold_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 900
    only: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    """Eligibility that everybody needs, such as ``member``."""
    early: str | None = None
    """From here on it sells to whoever has ``early_for``, before ``starts``."""
    early_for: Annotated[str, Meta(min_length=1, max_length=64)] = "member"
    compared: Compared | None = None
    """What the price is compared with where it is shown."""


def page_of(terms: Terms) -> Page:
    """The names that buyers read."""
    return Page(kind="flash_sale", id=terms.name, texts=names_of(terms))


class Sale(msgspec.Struct, frozen=True):
    id: int
    merchant: str
    terms: Terms
    starts_us: int
    ends_us: int
    early_us: int
    closed: bool = False
    """The kill switch: nothing more is reserved; what is held may still be paid."""
    withheld: bool = False
    """The gate's: as closed, until a person resumes it."""

    def is_open(self, now_us: int) -> bool:
        """To everybody."""
        return not self.closed and not self.withheld and self.starts_us <= now_us < self.ends_us


class Attempt(msgspec.Struct, frozen=True):
    """One person wants one piece. ``request`` is the caller's key."""

    merchant: str
    sale: str
    holder: Identifier
    request: str
    eligibility: frozenset[str] = frozenset()


class Held(msgspec.Struct, frozen=True):
    """A piece that waits for its payment until ``expires_us``."""

    hold: str
    item: str
    price_fen: int
    expires_us: int
    state: State = State.HELD


Outcome = Held | Refused


class Standing(msgspec.Struct, frozen=True):
    """Where the pieces of a sale are: sold + held + free = loaded."""

    loaded: int
    free: int
    held: int
    sold: int


class Reservation(msgspec.Struct, frozen=True):
    """A hold as it is stored; its id is that of the transfer that holds the piece."""

    id: bytes
    sale: Sale
    holder: Identifier
    state: State
    expires_us: int
    request: str
    order: str = ""
    """The one that it waits for, or was sold to."""

    @property
    def held(self) -> Held:
        terms = self.sale.terms
        return Held(self.id.hex(), terms.item, terms.price_fen, self.expires_us, self.state)


class Reservations(Protocol[InTx]):
    """Sales and holds. Engines live in ``storage``."""

    def add_sale(self, tx: InTx, merchant: str, *, terms: Terms) -> Sale: ...

    def sale(self, tx: InTx, merchant: str, *, name: str) -> Sale | None: ...

    def sales(self, tx: InTx, merchant: str) -> Sequence[Sale]: ...

    def lock_sales(
        self, tx: InTx, names: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Sale]:
        """By (merchant, name), locked in the order of their ids: one group at a time decides."""

    def close(self, tx: InTx, sale: Sale) -> None: ...

    def known(
        self, tx: InTx, asked: Sequence[tuple[Sale, str]]
    ) -> Mapping[tuple[int, str], Reservation]:
        """Holds by (sale, request) that were made before."""

    def counts(
        self, tx: InTx, asked: Sequence[tuple[Sale, Identifier]], *, now_us: int
    ) -> Mapping[tuple[int, Identifier], int]:
        """Pieces that a holder has bought or holds now."""

    def add(self, tx: InTx, reservations: Sequence[Reservation]) -> None: ...

    def lock(self, tx: InTx, merchant: str, *, hold: bytes) -> Reservation | None: ...

    def claim(self, tx: InTx, reservation: Reservation, *, order: str) -> None: ...

    def pass_to(self, tx: InTx, reservation: Reservation, *, state: State, order: str) -> None: ...

    def expire(self, tx: InTx, now_us: int) -> int:
        """Notes the holds whose time is over; the book gives the pieces back by itself."""


def decode_terms(body: bytes) -> Terms:
    """Strict. Raises BadInput with the path of the fault."""
    try:
        terms = msgspec.json.decode(body, type=Terms)
    except msgspec.DecodeError as error:
        message, _, path = str(error).partition(" - at `")
        field = path.rstrip("`").removeprefix("$").removeprefix(".") or "sale"
        raise BadInput(field, message.lower()) from None
    window_of(terms)
    return terms


def opaque_order(order: str) -> str:
    """Orders are written down beside their pieces. Raises BadInput for a phone number."""
    if is_mobile(order):
        raise BadInput("order", "use an opaque id, not a phone number")
    return order


def window_of(terms: Terms) -> tuple[int, int, int]:
    """(early, starts, ends) in microseconds. Raises BadInput."""
    starts_us, ends_us = _instant("starts", terms.starts), _instant("ends", terms.ends)
    early_us = starts_us if terms.early is None else _instant("early", terms.early)
    if not early_us <= starts_us < ends_us:
        raise BadInput("ends", "let early ≤ starts < ends")
    return early_us, starts_us, ends_us


def _instant(field: str, text: str) -> int:
    try:
        return parse_iso(text)
    except ValueError:
        raise BadInput(field, "write ISO 8601 with offset, as 2026-05-01T20:00:00+08:00") from None


def account(sale: Sale, part: str) -> str:
    return path("sale", sale.merchant, str(sale.id), part)


def accounts_of(sale: Sale) -> list[Account]:
    unit = f"stock:{path(sale.merchant, str(sale.id))}"
    limits = {"loaded": Limit.NONE, "free": Limit.DEBITS, "sold": Limit.NONE}
    return [Account(account(sale, p), unit, sale.merchant, limit) for p, limit in limits.items()]


def loading(sale: Sale) -> Transfer:
    id = transfer_id(sale.merchant, "flash.load", str(sale.id))
    debit, credit = account(sale, "loaded"), account(sale, "free")
    return Transfer(id, debit, credit, sale.terms.pieces, "flash.load")


def hold_id(sale: Sale, request: str) -> TransferId:
    return transfer_id(sale.merchant, "flash.hold", str(sale.id), request)


def sale_json(sale: Sale, standing: Standing) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(sale.terms)
    if sale.terms.compared is None:
        del told["compared"]
    window = {"starts": format_iso(sale.starts_us), "ends": format_iso(sale.ends_us)}
    switches = {"closed": sale.closed, "withheld": sale.withheld}
    return {**told, **window, **switches, "standing": msgspec.to_builtins(standing)}
