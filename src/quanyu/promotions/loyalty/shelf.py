"""The rules of points, pure: lots on a shelf change, and each change is a move.

An engine loads the purses and lots that a command speaks of, a rule works on the shelf, and the
engine writes what is new. A rule that refuses has changed nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from quanyu.clock import DAY_US
from quanyu.promotions.loyalty.lots import (
    Lot,
    Source,
    State,
    order_of_spending,
    owed_for_refund,
    passed,
)
from quanyu.promotions.loyalty.moves import Kind, Move
from quanyu.promotions.loyalty.refusals import Reason, Refused


class Purse(msgspec.Struct, frozen=True):
    """The points of one member: of one identifier, so that an unmerge of people is exact."""

    member: int
    debt: int = 0
    tier_points: int = 0
    frozen: bool = False


class Taken(msgspec.Struct, frozen=True):
    """Points that a spend took from a lot, and how many of them came back."""

    lot: int
    points: int
    restored: int = 0


class Restored(msgspec.Struct, frozen=True):
    points: int
    gone: int
    """Came back after the end of their lot, and are lost."""
    links: tuple[Taken, ...]


@dataclass(slots=True)
class Shelf:
    """``loaded`` keeps what was there before, so that an engine can tell what is new."""

    purses: dict[int, Purse] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    loaded: dict[int, Lot] = field(default_factory=dict)

    def load(self, lots: Iterable[Lot]) -> None:
        """Puts lots on the shelf that are not on it yet."""
        for lot in lots:
            self.lots.setdefault(lot.id, lot)
            self.loaded.setdefault(lot.id, lot)

    def in_state(self, state: State) -> list[Lot]:
        found = [lot for lot in self.lots.values() if lot.state is state]
        return sorted(found, key=order_of_spending)

    @property
    def spendable(self) -> int:
        return sum(lot.remaining for lot in self.in_state(State.AVAILABLE))

    @property
    def pending(self) -> int:
        return sum(lot.remaining for lot in self.in_state(State.PENDING))

    @property
    def frozen(self) -> bool:
        return any(purse.frozen for purse in self.purses.values())

    @property
    def debt(self) -> int:
        return sum(purse.debt for purse in self.purses.values())


def grant(shelf: Shelf, lot: Lot, *, now_us: int) -> None:
    """Puts a new lot on the shelf: pending while it may still be returned."""
    pending = lot.available_us > now_us
    state = State.PENDING if pending else State.AVAILABLE
    shelf.lots[lot.id] = msgspec.structs.replace(lot, remaining=0, state=state)
    _move(shelf, Kind.GRANT_PENDING if pending else Kind.GRANT, lot=lot.id, points=lot.granted)
    if not pending:
        pay_debt(shelf, lot.member)


def catch_up(shelf: Shelf, *, now_us: int) -> list[Move]:
    """What time alone has brought about: pending lots are available, old ones are over.

    Returns the expiries.
    """
    for lot in shelf.in_state(State.PENDING):
        if lot.available_us <= now_us:
            _move(shelf, Kind.MATURE, lot=lot.id, points=lot.remaining)
    for member in sorted(shelf.purses):
        pay_debt(shelf, member)
    before = len(shelf.moves)
    for lot in shelf.in_state(State.AVAILABLE):
        if lot.expires_us <= now_us:
            _move(shelf, Kind.EXPIRE, lot=lot.id, points=lot.remaining)
    return shelf.moves[before:]


def spend(shelf: Shelf, points: int) -> tuple[Taken, ...] | Refused:
    """Earliest expiry first, over all purses on the shelf."""
    if shelf.frozen:
        return Refused(Reason.FROZEN)
    if points > shelf.spendable:
        return Refused(Reason.NOT_ENOUGH_POINTS, shelf.spendable, points)
    return tuple(_take(shelf, points, kind=Kind.SPEND))


def restore(
    shelf: Shelf, links: Sequence[Taken], *, points: int, now_us: int, grace_days: int
) -> Restored | Refused:
    """Gives points of a spend back to the lots they came from, the longest-lived first.

    Each link takes back what it gave and no more, so parts in any order make up the whole.
    """
    out = sum(link.points - link.restored for link in links)
    if points > out:
        return Refused(Reason.MORE_THAN_SPENT, out, points)
    left, gone, after = points, 0, {link.lot: link for link in links}
    for link in sorted(links, key=lambda one: order_of_spending(shelf.lots[one.lot]), reverse=True):
        part = min(left, link.points - link.restored)
        if part:
            gone += _put_back(shelf, link.lot, points=part, until=(now_us, grace_days))
            after[link.lot] = msgspec.structs.replace(link, restored=link.restored + part)
            left -= part
    for member in sorted(shelf.purses):
        pay_debt(shelf, member)
    return Restored(points, gone, tuple(after.values()))


def refund_earning(shelf: Shelf, lot_id: int, *, cash_fen: int) -> int | Refused:
    """Takes back what an order earned with cash that is now refunded; returns the points.

    Pending points of that lot go first, then what is left of it, then other lots, then debt.
    """
    lot = shelf.lots[lot_id]
    if cash_fen > lot.cash_fen - lot.refunded_fen:
        return Refused(Reason.MORE_THAN_PAID, lot.cash_fen - lot.refunded_fen, cash_fen)
    refunded_fen = lot.refunded_fen + cash_fen
    points = owed_for_refund(lot, refunded_fen) - lot.reversed
    shelf.lots[lot_id] = msgspec.structs.replace(
        lot, refunded_fen=refunded_fen, reversed=lot.reversed + points
    )
    rest = points - _reverse(shelf, lot_id, points=points)
    for other in shelf.in_state(State.PENDING) + shelf.in_state(State.AVAILABLE):
        rest -= _reverse(shelf, other.id, points=rest)
    if rest:
        _move(shelf, Kind.OWE, lot=lot_id, points=rest)
    _count_tier_points(shelf, lot.member, points=-points)
    return points


def hand_over(
    shelf: Shelf, points: int, *, to: int, new_ids: Callable[[int], Sequence[int]]
) -> Sequence[Lot] | Refused:
    """Moves points to another member; a handed-over lot keeps its end, so nothing lives longer.

    ``to`` is the receiver's purse, which is not on the shelf. Returns the receiver's new lots.
    """
    if to in shelf.purses:
        return Refused(Reason.SAME_MEMBER)
    if shelf.debt:
        return Refused(Reason.IN_DEBT, shelf.debt)
    if shelf.frozen:
        return Refused(Reason.FROZEN)
    if points > shelf.spendable:
        return Refused(Reason.NOT_ENOUGH_POINTS, shelf.spendable, points)
    taken = _take(shelf, points, kind=Kind.HAND_OVER, to=to)
    return [
        _handed(shelf.lots[one.lot], to, id=id, points=one.points)
        for one, id in zip(taken, new_ids(len(taken)), strict=True)
    ]


def _handed(lot: Lot, to: int, *, id: int, points: int) -> Lot:
    return Lot(
        id, to, points, points, State.AVAILABLE, lot.available_us, lot.expires_us,
        Source.TRANSFER, funder=lot.funder,
    )  # fmt: skip


def earned(shelf: Shelf, lot: Lot, *, now_us: int) -> None:
    """A grant that also counts for the tier."""
    grant(shelf, lot, now_us=now_us)
    _count_tier_points(shelf, lot.member, points=lot.granted)


def pay_debt(shelf: Shelf, member: int) -> None:
    """What becomes available pays first what the member owes."""
    purse = shelf.purses.get(member)
    owed = purse.debt if purse else 0
    for lot in shelf.in_state(State.AVAILABLE) if owed else ():
        if lot.member == member and owed:
            part = min(owed, lot.remaining)
            _move(shelf, Kind.PAY_DEBT, lot=lot.id, points=part)
            owed -= part


def _take(shelf: Shelf, points: int, *, kind: Kind, to: int | None = None) -> list[Taken]:
    taken, left = [], points
    for lot in shelf.in_state(State.AVAILABLE):
        part = min(left, lot.remaining)
        if part:
            _move(shelf, kind, lot=lot.id, points=part, to=to)
            taken.append(Taken(lot.id, part))
            left -= part
    return taken


def _put_back(shelf: Shelf, lot_id: int, *, points: int, until: tuple[int, int]) -> int:
    """Returns how many are gone."""
    now_us, grace_days = until
    over = shelf.lots[lot_id].expires_us <= now_us
    _move(shelf, Kind.RESTORE, lot=lot_id, points=points)
    if not over:
        return 0
    if grace_days:
        shelf.lots[lot_id] = msgspec.structs.replace(
            shelf.lots[lot_id], expires_us=now_us + grace_days * DAY_US
        )
        return 0
    _move(shelf, Kind.EXPIRE, lot=lot_id, points=points)
    return points


def _reverse(shelf: Shelf, lot_id: int, *, points: int) -> int:
    """Takes what it can from one lot; returns how many."""
    lot = shelf.lots[lot_id]
    part = min(points, lot.remaining)
    if part:
        pending = lot.state is State.PENDING
        _move(shelf, Kind.TAKE_BACK_PENDING if pending else Kind.TAKE_BACK, lot=lot_id, points=part)
    return part


def _count_tier_points(shelf: Shelf, member: int, *, points: int) -> None:
    purse = shelf.purses[member]
    counted = max(0, purse.tier_points + points)
    shelf.purses[member] = msgspec.structs.replace(purse, tier_points=counted)


CHANGE: dict[Kind, int] = {
    Kind.GRANT_PENDING: 1, Kind.GRANT: 1, Kind.RESTORE: 1,
    Kind.MATURE: 0, Kind.OWE: 0,
    Kind.SPEND: -1, Kind.EXPIRE: -1, Kind.TAKE_BACK: -1, Kind.TAKE_BACK_PENDING: -1,
    Kind.HAND_OVER: -1, Kind.PAY_DEBT: -1,
}  # fmt: skip
"""What a move does to the remaining points of its lot."""
EMPTIED: dict[Kind, State] = {
    Kind.SPEND: State.SPENT, Kind.HAND_OVER: State.SPENT, Kind.PAY_DEBT: State.SPENT,
    Kind.EXPIRE: State.EXPIRED, Kind.TAKE_BACK: State.REVERSED,
    Kind.TAKE_BACK_PENDING: State.REVERSED,
}  # fmt: skip
"""The state of a lot whose last point such a move has taken."""
DEBT: dict[Kind, int] = {Kind.OWE: 1, Kind.PAY_DEBT: -1}


def _move(shelf: Shelf, kind: Kind, *, lot: int, points: int, to: int | None = None) -> None:
    """The one place where a lot changes its points."""
    was = shelf.lots[lot]
    remaining = was.remaining + CHANGE[kind] * points
    assert points > 0, "nothing is not moved"
    assert 0 <= remaining <= was.granted, "a lot holds what it was granted at most"
    state = was.state
    if kind in (Kind.MATURE, Kind.RESTORE):
        state = State.AVAILABLE
    elif remaining == 0 and kind in EMPTIED:
        state = EMPTIED[kind]
    shelf.lots[lot] = msgspec.structs.replace(
        passed(was, state), remaining=remaining, version=was.version + 1
    )
    if kind in DEBT:
        _owe(shelf, was.member, points=DEBT[kind] * points)
    shelf.moves.append(Move(kind, was.member, lot, was.version + 1, points, to))


def _owe(shelf: Shelf, member: int, *, points: int) -> None:
    purse = shelf.purses[member]
    shelf.purses[member] = msgspec.structs.replace(purse, debt=purse.debt + points)
