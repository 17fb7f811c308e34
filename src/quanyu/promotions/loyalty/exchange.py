"""Points for a partner's benefit: the buyer gets a code, the partner is paid in fen, and fulfils.

ORDERED → FULFILLED | FAILED; a failure gives points, piece and compensation back.
"""

from enum import StrEnum
from typing import Annotated, Generic, Protocol

import msgspec
from msgspec import Meta

from quanyu.compliance.doorkeeper import Page
from quanyu.errors import BadInput
from quanyu.ledger.accounts import Account, Limit, path
from quanyu.ledger.refusals import Posted
from quanyu.ledger.transfers import Chain, Transfer, transfer_id
from quanyu.promotions.loyalty.desk import Order, PointsDesk
from quanyu.promotions.loyalty.ports import InTx, Member, Ports, Tx
from quanyu.promotions.loyalty.programmes import POINTS_MAX, Programme, fault_of
from quanyu.promotions.loyalty.refusals import Reason, Refused
from quanyu.promotions.parties import party_payable


class Benefit(StrEnum):
    COUPON = "coupon"
    DELIVERY_MEMBERSHIP = "delivery_membership"
    RIDE_COUPON = "ride_coupon"
    VIDEO_MEMBERSHIP = "video_membership"


class State(StrEnum):
    ORDERED = "ordered"
    FULFILLED = "fulfilled"
    FAILED = "failed"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.ORDERED: frozenset({State.FULFILLED, State.FAILED}),
    State.FULFILLED: frozenset(),
    State.FAILED: frozenset(),
}


class Offered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be had for points."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,40}\Z")]
    label: Annotated[str, Meta(min_length=1, max_length=64)]
    points: Annotated[int, Meta(ge=1, le=POINTS_MAX)]
    partner: Annotated[str, Meta(pattern=r"^\w[\w .:\-]{0,63}\Z")]
    benefit: Benefit
    pieces: Annotated[int, Meta(ge=1, le=10**9)]
    compensation_fen: Annotated[int, Meta(ge=0, le=10**9)] = 0
    """What the owner of the programme owes the partner for each."""
    per_person: Annotated[int, Meta(ge=1, le=10_000)] | None = None


def decode_offered(body: bytes) -> Offered:
    """Strict. Raises BadInput with the path of the fault."""
    try:
        return msgspec.json.decode(body, type=Offered)
    except msgspec.DecodeError as error:
        raise BadInput(*fault_of(error, whole="offered")) from None


class Item(msgspec.Struct, frozen=True):
    id: int
    offered: Offered
    withheld: bool = False


def page_of(programme: str, offered: Offered) -> Page:
    """What members read."""
    texts = {"label": offered.label, "partner": offered.partner}
    return Page(kind="points_item", id=f"{programme}/{offered.name}"[:128], texts=texts)


class Entitlement(msgspec.Struct, frozen=True):
    """``code`` is what the buyer shows and the partner fulfils."""

    id: int
    code: str
    state: State
    item: Item
    programme: Programme


class Exchanged(msgspec.Struct, frozen=True, tag=True):
    code: str
    points: int
    state: State


class Entitlements(Protocol[InTx]):
    def put_item(self, tx: InTx, programme: Programme, *, offered: Offered) -> Item: ...

    def item(self, tx: InTx, programme: Programme, *, name: str) -> Item | None: ...

    def items(self, tx: InTx, programme: Programme) -> "list[Item]": ...

    def had(self, tx: InTx, item: Item, *, members: list[int]) -> int:
        """Pieces that these members have ordered and that did not fail; locks the item, so that
        nobody counts beside us."""

    def add(self, tx: InTx, item: Item, *, member: int, code: str) -> None: ...

    def of_members(self, tx: InTx, members: list[int]) -> list[Entitlement]: ...

    def lock(self, tx: InTx, partner: str, *, code: str) -> Entitlement | None:
        """Of this partner, or of a programme that this party owns; others find nothing."""

    def pass_to(self, tx: InTx, entitlement: Entitlement, *, state: State) -> None: ...


class ExchangeDesk(Generic[Tx]):
    def __init__(
        self, ports: Ports[Tx], *, entitlements: Entitlements[Tx], points: PointsDesk[Tx]
    ) -> None:
        self._ports = ports
        self._entitlements = entitlements
        self._points = points

    def offer(self, tx: Tx, programme: Programme, *, offered: Offered) -> Item:
        """Makes it and loads its pieces."""
        item = self._entitlements.put_item(tx, programme, offered=offered)
        self._ports.book.open(tx, stock_accounts(programme, item))
        self._ports.book.open(tx, [party_payable(programme.owner), party_payable(offered.partner)])
        loading = _transfer(programme, item, key="load", way=("loaded", "free"))
        self._post(tx, [msgspec.structs.replace(loading, amount=offered.pieces)])
        return item

    def exchange(
        self, tx: Tx, programme: Programme, *, members: list[Member], item: Item, code: str
    ) -> Exchanged | Refused:
        offered = item.offered
        order = Order(programme.owner, code)
        refused = self._limits(tx, programme, item=item, members=members)
        if refused is not None:
            return refused
        spent = self._points.spend(
            tx, programme, members=members, order=order, points=offered.points
        )
        if isinstance(spent, Refused):
            return spent
        self._entitlements.add(tx, item, member=members[0].id, code=code)
        self._post(tx, ordering(programme, item, code=code))
        return Exchanged(code, offered.points, State.ORDERED)

    def fulfil(self, tx: Tx, partner: str, *, code: str) -> Exchanged | Refused | None:
        """The partner has given it. None when the partner has no such code."""
        return self._pass(tx, partner, code=code, state=State.FULFILLED)

    def fail(self, tx: Tx, partner: str, *, code: str) -> Exchanged | Refused | None:
        """The partner cannot give it: everything goes back."""
        return self._pass(tx, partner, code=code, state=State.FAILED)

    def _pass(self, tx: Tx, partner: str, *, code: str, state: State) -> Exchanged | Refused | None:
        found = self._entitlements.lock(tx, partner, code=code)
        if found is None:
            return None
        if state not in TRANSITIONS[found.state]:
            return Refused(Reason.WRONG_STATE)
        self._entitlements.pass_to(tx, found, state=state)
        if state is State.FAILED:
            back = self._points.give_back(
                tx, found.programme, order=Order(found.programme.owner, code)
            )
            assert not isinstance(back, Refused), back
            self._post(tx, undoing(found.programme, found.item, code=code))
        return Exchanged(code, found.item.offered.points, state)

    def _limits(
        self, tx: Tx, programme: Programme, *, item: Item, members: list[Member]
    ) -> Refused | None:
        if programme.withheld or item.withheld:
            return Refused(Reason.WITHHELD)
        limit = item.offered.per_person
        had = self._entitlements.had(tx, item, members=[member.id for member in members])
        if limit is not None and had >= limit:
            return Refused(Reason.PER_PERSON_LIMIT, had, limit)
        free = stock(programme, item, part="free")
        left = self._ports.book.balances(tx, [free])[free].available
        return None if left else Refused(Reason.SOLD_OUT, 0, 1)

    def _post(self, tx: Tx, chain: Chain) -> None:
        (outcome,) = self._ports.book.post(tx, [chain])
        assert isinstance(outcome, Posted), outcome


def stock(programme: Programme, item: Item, *, part: str) -> str:
    return path("exchange", programme.owner, str(item.id), part)


def stock_accounts(programme: Programme, item: Item) -> list[Account]:
    unit = f"stock:{path(programme.owner, f'exchange-{item.id}')}"
    limits = {"loaded": Limit.NONE, "free": Limit.DEBITS, "sold": Limit.DEBITS}
    return [
        Account(stock(programme, item, part=part), unit, programme.owner, limit)
        for part, limit in limits.items()
    ]


def ordering(programme: Programme, item: Item, *, code: str) -> Chain:
    """A piece, and what the partner is owed for it."""
    piece = _transfer(programme, item, key=code, way=("free", "sold"))
    return [piece, *_compensation(programme, item, key=code)]


def undoing(programme: Programme, item: Item, *, code: str) -> Chain:
    key = f"{code}:failed"
    piece = _transfer(programme, item, key=key, way=("sold", "free"))
    back = [
        msgspec.structs.replace(one, debit=one.credit, credit=one.debit)
        for one in _compensation(programme, item, key=key)
    ]
    return [piece, *back]


def _transfer(programme: Programme, item: Item, *, key: str, way: tuple[str, str]) -> Transfer:
    debit, credit = (stock(programme, item, part=part) for part in way)
    id = transfer_id(programme.owner, "exchange", str(item.id), key, "piece")
    return Transfer(id, debit, credit, 1, "points.exchange", reference=key)


def _compensation(programme: Programme, item: Item, *, key: str) -> Chain:
    offered = item.offered
    if not offered.compensation_fen or offered.partner == programme.owner:
        return []
    id = transfer_id(programme.owner, "exchange", str(item.id), key, "compensation")
    debit, credit = party_payable(programme.owner).id, party_payable(offered.partner).id
    return [Transfer(id, debit, credit, offered.compensation_fen, "points.exchange", reference=key)]
