"""What each move does to the accounts, and under which names it stands in the book."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.promotions.loyalty.shelves import ANN, BEN, NOW_US, later, lot, shelf_of

from quanyu.clock import DAY_US
from quanyu.ledger.accounts import PLATFORM, Limit
from quanyu.ledger.transfers import Phase
from quanyu.promotions.loyalty.moves import (
    OF_MEMBER,
    Kind,
    Move,
    Part,
    account,
    accounts_of,
    accounts_of_member,
    transfer,
    unit,
)
from quanyu.promotions.loyalty.programmes import Days, Programme, Terms
from quanyu.promotions.loyalty.shelf import Shelf, Taken, hand_over, refund_earning, restore, spend

TERMS = Terms(1, Days(30))
STARS = Programme(7, "shop", "stars", TERMS)
CHART: dict[Kind, dict[Part, int]] = {
    Kind.GRANT_PENDING: {Part.MINTED: -1, Part.PENDING: +1},
    Kind.GRANT: {Part.MINTED: -1, Part.AVAILABLE: +1},
    Kind.MATURE: {Part.PENDING: -1, Part.AVAILABLE: +1},
    Kind.SPEND: {Part.AVAILABLE: -1, Part.SPENT: +1},
    Kind.RESTORE: {Part.SPENT: -1, Part.AVAILABLE: +1},
    Kind.EXPIRE: {Part.AVAILABLE: -1, Part.EXPIRED: +1},
    Kind.TAKE_BACK_PENDING: {Part.PENDING: -1, Part.MINTED: +1},
    Kind.TAKE_BACK: {Part.AVAILABLE: -1, Part.MINTED: +1},
    Kind.HAND_OVER: {},
    Kind.OWE: {Part.DEBT: -1, Part.MINTED: +1},
    Kind.PAY_DEBT: {Part.AVAILABLE: -1, Part.DEBT: +1},
}
"""Credits minus debits of one point, by hand."""


def moved(kind: Kind, *, points: int = 10, to: int | None = None) -> Move:
    return Move(kind, ANN, 3, 2, points, to)


@pytest.mark.parametrize("kind", Kind)
def test_a_move_goes_through_the_accounts_of_the_chart(kind: Kind) -> None:
    to = BEN if kind is Kind.HAND_OVER else None
    posted = transfer(STARS, moved(kind, to=to), reference="shop/o1")
    change = Counter({posted.credit: 10})
    change[posted.debit] -= 10
    names = {part: account(STARS, part, member=ANN) for part in Part}
    mine = {part: change[name] for part, name in names.items() if change[name]}
    if kind is Kind.HAND_OVER:
        assert mine == {Part.AVAILABLE: -10}
        assert change[account(STARS, Part.AVAILABLE, member=BEN)] == 10
    else:
        assert mine == {part: 10 * sign for part, sign in CHART[kind].items()}
    assert posted.debit != posted.credit
    assert (posted.amount, posted.phase) == (10, Phase.DIRECT)
    assert (posted.code, posted.reference) == (f"points.{kind.value}", "shop/o1")


def granted() -> Shelf:
    return shelf_of(lot(1, ends=10), lot(2, opens=7, ends=90))


def spent_all() -> tuple[Shelf, tuple[Taken, ...]]:
    shelf = granted()
    taken = spend(shelf, 100)
    assert isinstance(taken, tuple)
    return shelf, taken


def with_grant() -> Shelf:
    return granted()


def with_time() -> Shelf:
    shelf = granted()
    later(shelf, 10)
    return shelf


def with_cancelling() -> Shelf:
    shelf, taken = spent_all()
    restore(shelf, taken, points=40, now_us=NOW_US, grace_days=0)
    return shelf


def with_refunds() -> Shelf:
    shelf = granted()
    spend(shelf, 60)
    refund_earning(shelf, 1, cash_fen=10_000)
    return shelf


def with_debt() -> Shelf:
    shelf, _ = spent_all()
    del shelf.lots[2]
    refund_earning(shelf, 1, cash_fen=10_000)
    restore(shelf, (Taken(1, 100),), points=100, now_us=NOW_US, grace_days=0)
    return shelf


def with_giving() -> Shelf:
    shelf = granted()
    hand_over(shelf, 5, to=BEN, new_ids=lambda count: range(90, 90 + count))
    return shelf


STORIES = {
    with_grant: {Kind.GRANT, Kind.GRANT_PENDING},
    with_time: {Kind.MATURE, Kind.EXPIRE},
    with_cancelling: {Kind.SPEND, Kind.RESTORE},
    with_refunds: {Kind.TAKE_BACK, Kind.TAKE_BACK_PENDING},
    with_debt: {Kind.OWE, Kind.PAY_DEBT},
    with_giving: {Kind.HAND_OVER},
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_stories_make_these_moves(story: object) -> None:
    assert callable(story)
    made = {move.kind for move in story().moves}
    assert STORIES[story] <= made  # type: ignore[index]


def test_together_the_stories_make_every_move() -> None:
    assert set().union(*STORIES.values()) == set(Kind)


def test_the_moves_of_a_refund_in_their_order() -> None:
    """What is left of the lot, then what is pending elsewhere; nothing is owed."""
    kinds = [(m.kind, m.lot, m.points) for m in with_refunds().moves[-2:]]
    assert kinds == [(Kind.TAKE_BACK, 1, 40), (Kind.TAKE_BACK_PENDING, 2, 60)]


def test_the_book_watches_purses_and_nothing_else() -> None:
    made = accounts_of_member(STARS, ANN)
    assert {one.id: one.limit for one in made} == {
        "points/shop/stars/m/1/pending": Limit.DEBITS,
        "points/shop/stars/m/1/available": Limit.DEBITS,
        "points/shop/stars/m/1/debt": Limit.NONE,
    }
    assert {one.id: one.limit for one in accounts_of(STARS)} == {
        "points/shop/stars/minted": Limit.NONE,
        "points/shop/stars/spent": Limit.NONE,
        "points/shop/stars/expired": Limit.NONE,
    }
    assert {one.unit for one in [*made, *accounts_of(STARS)]} == {"points:shop/stars"}
    assert {one.owner for one in [*made, *accounts_of(STARS)]} == {"shop"}


def test_points_of_the_ecosystem_are_the_platform_s() -> None:
    shared = Programme(8, PLATFORM, "all", TERMS)
    assert {one.owner for one in accounts_of(shared)} == {PLATFORM}
    assert unit(shared) == "points:platform/all"


OWNERS = st.text(st.sampled_from("ab/%店"), min_size=1, max_size=4)
NAMES = st.text(st.sampled_from("ab:.-m1"), min_size=1, max_size=4)
PLACES = st.tuples(OWNERS, NAMES, st.sampled_from(Part), st.integers(1, 12))


def named(place: tuple[str, str, Part, int]) -> str:
    owner, name, part, member = place
    return account(Programme(1, owner, name, TERMS), part, member=member)


@given(PLACES, PLACES)
def test_no_two_purses_share_a_name(
    one: tuple[str, str, Part, int], other: tuple[str, str, Part, int]
) -> None:
    def place(of: tuple[str, str, Part, int]) -> tuple[object, ...]:
        return of if of[2] in OF_MEMBER else of[:3]

    assert (named(one) == named(other)) == (place(one) == place(other))


@given(OWNERS, NAMES)
def test_every_name_is_one_that_the_book_takes(owner: str, name: str) -> None:
    programme = Programme(1, owner, name, TERMS)
    made = [*accounts_of(programme), *accounts_of_member(programme, 5)]
    assert len({one.id for one in made}) == len(Part)


def test_a_move_is_posted_under_one_name_however_often() -> None:
    first = transfer(STARS, moved(Kind.SPEND), reference="a")
    assert transfer(STARS, moved(Kind.SPEND), reference="a") == first
    assert transfer(STARS, moved(Kind.RESTORE), reference="b").id == first.id


@pytest.mark.parametrize(
    ("programme", "change"),
    [
        (STARS, {"lot": 4}),
        (STARS, {"version": 3}),
        (msgspec.structs.replace(STARS, id=8), {}),
        (msgspec.structs.replace(STARS, owner="rival"), {}),
    ],
)
def test_another_move_has_another_name(programme: Programme, change: dict[str, int]) -> None:
    other = msgspec.structs.replace(moved(Kind.SPEND), **change)
    first = transfer(STARS, moved(Kind.SPEND), reference="a")
    assert transfer(programme, other, reference="a").id != first.id


def test_lot_and_version_do_not_run_together() -> None:
    """Lot 1 at version 11 is not lot 11 at version 1."""
    one = Move(Kind.SPEND, ANN, 1, 11, 5)
    other = Move(Kind.SPEND, ANN, 11, 1, 5)
    assert transfer(STARS, one, reference="").id != transfer(STARS, other, reference="").id


def test_versions_count_the_moves_of_a_lot() -> None:
    shelf = granted()
    spend(shelf, 30)
    later(shelf, 10)
    ours = [(move.kind, move.version) for move in shelf.moves if move.lot == 1]
    assert ours == [(Kind.GRANT, 1), (Kind.SPEND, 2), (Kind.EXPIRE, 3)]
    assert shelf.lots[1].version == 3
    assert shelf.lots[2].version == 2
    assert shelf.lots[2].available_us == NOW_US + 7 * DAY_US
