"""Shelves for the tests of the pure rules."""

from quanyu.clock import DAY_US
from quanyu.promotions.loyalty.lots import Lot, State
from quanyu.promotions.loyalty.moves import POSTINGS, Move, Part
from quanyu.promotions.loyalty.shelf import Purse, Shelf, catch_up, earned

NOW_US = 1_773_115_200_000_000
ANN, BEN = 1, 2


def lot(
    id: int, points: int = 100, *, ends: int = 30, opens: int = 0, cash_fen: int = 10_000
) -> Lot:
    """``ends`` and ``opens`` are days from NOW_US."""
    return Lot(
        id,
        ANN,
        points,
        points,
        State.PENDING,
        NOW_US + opens * DAY_US,
        NOW_US + ends * DAY_US,
        cash_fen=cash_fen,
        reference=f"shop/o{id}",
    )


def shelf_of(*lots: Lot, members: tuple[int, ...] = (ANN,)) -> Shelf:
    shelf = Shelf({member: Purse(member) for member in members})
    for one in lots:
        earned(shelf, one, now_us=NOW_US)
    return shelf


def left(shelf: Shelf) -> dict[int, int]:
    return {id: one.remaining for id, one in shelf.lots.items() if one.remaining}


def later(shelf: Shelf, days: int) -> list[Move]:
    return catch_up(shelf, now_us=NOW_US + days * DAY_US)


def balances(moves: list[Move]) -> dict[tuple[Part, int], int]:
    """Account → credits minus debits, from the moves alone."""
    sums: dict[tuple[Part, int], int] = {}
    for move in moves:
        debit, credit = POSTINGS[move.kind]
        to = move.member if move.to is None else move.to
        for part, member, sign in ((debit, move.member, -1), (credit, to, 1)):
            whose = member if part in (Part.PENDING, Part.AVAILABLE, Part.DEBT) else 0
            sums[part, whose] = sums.get((part, whose), 0) + sign * move.points
    return sums


def conserved(shelf: Shelf) -> None:
    """Lots, debts and the postings of all moves tell the same."""
    sums = balances(shelf.moves)
    assert sum(sums.values()) == 0
    for member, purse in shelf.purses.items():
        mine = [one for one in shelf.lots.values() if one.member == member]
        for part, state in ((Part.PENDING, State.PENDING), (Part.AVAILABLE, State.AVAILABLE)):
            held = sum(one.remaining for one in mine if one.state is state)
            assert sums.get((part, member), 0) == held, (part, member)
        assert -sums.get((Part.DEBT, member), 0) == purse.debt
    names = [(move.lot, move.version) for move in shelf.moves]
    assert len(set(names)) == len(names), "a posting has a name of its own"
    for one in shelf.lots.values():
        assert 0 <= one.remaining <= one.granted
        assert one.remaining == 0 or one.state in (State.PENDING, State.AVAILABLE)
