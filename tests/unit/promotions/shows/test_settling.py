"""Commission in the ledger: what is due and what is booked are one, after every payment, return and
judgement; each change once. On a book in memory, with the rules of the real one."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.content.shows.plans import HOST, LIPSTICK, SERUM, show

from quanyu.clock import FixedClock
from quanyu.content.shows.show import Show, Standing
from quanyu.content.shows.states import ShowState
from quanyu.events.once import Raced
from quanyu.ledger.accounts import Account
from quanyu.ledger.posting import Books, post
from quanyu.ledger.refusals import Outcome
from quanyu.ledger.transfers import Chain
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.parties import host_payable, shop_payable
from quanyu.promotions.shows.commission import commission
from quanyu.promotions.shows.ports import Booked, Due, ItemSold, Totals
from quanyu.promotions.shows.settling import Commissions, changes, posting

MERCHANT = "茶馆"
HOSTS = [
    HOST | {"id": "a", "share_bp": 3_333}, HOST | {"id": "b", "share_bp": 3_333},
    HOST | {"id": "c", "share_bp": 3_334},
]  # fmt: skip
SERUMS = ItemSold("A", "serum", 32_000, 0)


class Ledger:
    """The port of the book, in memory; ``broken`` posts nothing, as a frozen account would."""

    def __init__(self) -> None:
        self.books = Books()
        self.chains: list[Chain] = []

    def open(self, tx: None, accounts: Iterable[Account]) -> None:
        for one in accounts:
            if one.id not in self.books.accounts:
                self.books.open(one)

    def post(self, tx: None, chains: Sequence[Chain]) -> list[Outcome]:
        self.chains += chains
        return [post(self.books, chain, now_us=1) for chain in chains]

    def owed(self, account: Account) -> int:
        balance = self.books.balances.get(account.id)
        return 0 if balance is None else balance.credits_posted - balance.debits_posted

    @property
    def moved(self) -> list[tuple[str, int]]:
        return [(one.transfer.code, one.transfer.amount) for one in self.books.entries.values()]


class Town:
    """One merchant and its shows; stands for the stores and the desk."""

    def __init__(self, plan: Show) -> None:
        self.plan = plan
        self.totals_now = Totals()
        self.kept: dict[str, Booked] = {}
        self.waiting: list[tuple[str, str]] = []
        self.book = Ledger()
        self.facts: Any = None
        self.clock = FixedClock(1_000)
        self.commissions: Commissions[Any] = Commissions(
            self,
            self,
            self,
            self,  # type: ignore[arg-type]
        )

    # the desk
    @property
    def once(self) -> "Town":
        return self

    transactions = once

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield None

    # stores
    def find(self, tx: None, merchant: str, *, show: str) -> Any:
        return Standing(self.plan, ShowState.ARCHIVED, 0, "lin", "h") if show == "evening" else None

    def totals(self, tx: None, merchant: str, *, show: str) -> Totals:
        return self.totals_now

    def begin(self, tx: None, merchant: str, *, show: str) -> Booked:
        assert show not in self.kept, "a show is closed once"
        self.kept[show] = Booked()
        return Booked()

    def locked(self, tx: None, merchant: str, *, show: str) -> Booked | None:
        return self.kept.get(show)

    def put(self, tx: None, merchant: str, *, show: str, booked: Booked) -> None:
        assert show in self.kept
        self.kept[show] = booked

    def stale(self, tx: None) -> Sequence[tuple[str, str]]:
        return self.waiting

    # what is tried
    def close(self, *items: ItemSold) -> None:
        self.totals_now = Totals(items)
        self.commissions.close(None, MERCHANT, show="evening")

    def sells(self, *items: ItemSold) -> None:
        self.totals_now = Totals(items)
        work: Gathering[None] = Gathering(self.book, self.facts)  # type: ignore[arg-type]
        self.commissions.follow(None, MERCHANT, show="evening", work=work)
        work.flush(None)

    def hosts(self) -> dict[str, int]:
        return {one.id: self.book.owed(host_payable(MERCHANT, one.id)) for one in self.plan.hosts}


@pytest.fixture
def town() -> Town:
    return Town(show())


def test_the_close_books_what_is_due(town: Town) -> None:
    town.close(SERUMS, ItemSold("B", "lipstick", 12_000, 0))
    assert town.hosts() == {"lin": 7_660}
    assert town.book.owed(shop_payable(MERCHANT, "A")) == -6_400
    assert town.book.owed(shop_payable(MERCHANT, "B")) == -1_260
    assert town.book.moved == [("show.commission", 6_400), ("show.commission", 1_260)]
    assert town.kept["evening"] == Booked(
        (Due("A", "lin", 6_400), Due("B", "lin", 1_260)), steps=1, at_us=1_000
    )


def test_a_show_that_sold_nothing_books_nothing(town: Town) -> None:
    town.close()
    assert (town.book.chains, town.kept["evening"]) == ([], Booked((), 0, 1_000))


def test_before_the_close_nothing_is_booked(town: Town) -> None:
    town.sells(SERUMS)
    assert (town.book.chains, town.kept) == ([], {})


def test_a_return_after_the_close_takes_back_what_it_brought(town: Town) -> None:
    town.close(SERUMS)
    town.sells(msgspec.structs.replace(SERUMS, returned_fen=16_000))
    assert town.hosts() == {"lin": 3_200}
    assert town.book.moved[-1] == ("show.commission_back", 3_200)
    town.sells(msgspec.structs.replace(SERUMS, returned_fen=32_000))
    assert town.hosts() == {"lin": 0}
    assert town.book.owed(shop_payable(MERCHANT, "A")) == 0
    assert town.kept["evening"].steps == 3


def test_an_order_that_is_paid_after_the_close_is_added(town: Town) -> None:
    town.close(SERUMS)
    town.sells(msgspec.structs.replace(SERUMS, sold_fen=48_000))
    assert town.book.moved == [("show.commission", 6_400), ("show.commission", 3_200)]


def test_what_changes_nothing_posts_nothing(town: Town) -> None:
    town.close(SERUMS)
    before = list(town.book.chains)
    town.clock.advance(9)
    town.sells(SERUMS)
    town.sells(SERUMS, ItemSold("A", "cream", 9_900, 0))
    assert town.book.chains == before
    assert (town.kept["evening"].steps, town.kept["evening"].at_us) == (1, 1_009)


def test_there_and_back_again_are_three_postings(town: Town) -> None:
    """The same amount twice is not taken for a repetition of the first."""
    town.close(SERUMS)
    town.sells(msgspec.structs.replace(SERUMS, returned_fen=32_000))
    town.sells(SERUMS)
    assert town.book.moved == [
        ("show.commission", 6_400), ("show.commission_back", 6_400), ("show.commission", 6_400),
    ]  # fmt: skip
    assert town.hosts() == {"lin": 6_400}


def test_a_judgement_is_booked_when_the_chore_comes_by(town: Town) -> None:
    town.close(SERUMS)
    town.totals_now = Totals((), withheld_orders=1)
    assert town.commissions.catch_up() == 0
    assert town.hosts() == {"lin": 6_400}
    town.waiting = [(MERCHANT, "evening")]
    assert town.commissions.catch_up() == 1
    assert town.hosts() == {"lin": 0}
    assert town.commissions.catch_up() == 1, "it looks again, and posts nothing"
    assert len(town.book.moved) == 2


def test_a_frozen_account_takes_all_of_it_back(town: Town) -> None:
    town.close(SERUMS)
    town.book.books.balances[host_payable(MERCHANT, "lin").id].frozen = True
    with pytest.raises(Raced):
        town.sells(msgspec.structs.replace(SERUMS, sold_fen=64_000))


CHANGES: dict[str, tuple[list[Due], list[Due], list[Due]]] = {
    "nothing": ([], [], []),
    "the first": ([], [Due("A", "a", 5)], [Due("A", "a", 5)]),
    "more": ([Due("A", "a", 5)], [Due("A", "a", 7)], [Due("A", "a", 2)]),
    "less": ([Due("A", "a", 5)], [Due("A", "a", 4)], [Due("A", "a", -1)]),
    "the same": ([Due("A", "a", 5)], [Due("A", "a", 5)], []),
    "gone": ([Due("A", "a", 5)], [], [Due("A", "a", -5)]),
    "another host": (
        [Due("A", "a", 5)], [Due("A", "b", 5)], [Due("A", "a", -5), Due("A", "b", 5)],
    ),
    "another shop": (
        [Due("A", "a", 5)], [Due("B", "a", 5)], [Due("A", "a", -5), Due("B", "a", 5)],
    ),
    "one of two": (
        [Due("A", "a", 5), Due("B", "a", 5)], [Due("B", "a", 6), Due("A", "a", 5)],
        [Due("B", "a", 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "found"), CHANGES.values(), ids=CHANGES)
def test_what_has_to_be_added(before: list[Due], after: list[Due], found: list[Due]) -> None:
    assert changes(before, after) == found
    back = [msgspec.structs.replace(one, amount_fen=-one.amount_fen) for one in found]
    assert changes(after, before) == back


def test_a_posting_names_its_show_and_sides() -> None:
    made = posting(MERCHANT, "evening", step=2, changed=[Due("A", "a", 5), Due("A", "b", -3)])
    shop = shop_payable(MERCHANT, "A").id
    told = [(one.debit, one.credit, one.amount, one.reference) for one in made.chain]
    assert told == [
        (shop, host_payable(MERCHANT, "a").id, 5, "evening"),
        (host_payable(MERCHANT, "b").id, shop, 3, "evening"),
    ]
    assert {one.owner for one in made.accounts} == {MERCHANT}
    assert posting(MERCHANT, "evening", step=1, changed=[]).chain == []


def test_no_two_postings_share_an_id() -> None:
    """Of shows, steps, shops, hosts and merchants; also where one name runs into the next."""
    places = [
        (merchant, show_id, step, shop, host)
        for merchant in ("m", "m1") for show_id in ("1", "11") for step in (1, 11)
        for shop in ("a", "ab") for host in ("b", "bb")
    ]  # fmt: skip
    ids = {
        posting(merchant, show_id, step=step, changed=[Due(shop, host, 1)]).chain[0].id
        for merchant, show_id, step, shop, host in places
    }
    assert len(ids) == len(places)


def test_an_id_is_of_its_step_alone() -> None:
    """A repetition that would book another amount under the same step is refused by the book."""
    first, other = (
        posting(MERCHANT, "evening", step=1, changed=[Due("A", "a", fen)]).chain[0].id
        for fen in (5, 6)
    )
    assert first == other


SOLD = st.tuples(st.integers(0, 999_999), st.integers(0, 1_000)).map(
    lambda drawn: (drawn[0], drawn[0] * drawn[1] // 1_000)
)
STEPS = st.lists(st.tuples(SOLD, SOLD, SOLD), min_size=1, max_size=8)
RATE = st.integers(0, 10_000)


def sums(drawn: Iterable[tuple[int, int]]) -> list[ItemSold]:
    names = (("A", "serum"), ("B", "lipstick"), ("B", "cream"))
    return [ItemSold(*what, *fen) for what, fen in zip(names, drawn, strict=True)]


@settings(max_examples=60, deadline=None)
@given(STEPS, RATE, RATE)
def test_the_book_is_always_what_is_due(steps: list[Any], rate: int, other: int) -> None:
    """Whatever is sold, returned, judged in whatever order: hosts and shops stand where one
    settlement of the end would have put them."""
    slots = [SERUM | {"commission_bp": rate}, LIPSTICK | {"commission_bp": other}]
    town = Town(show(hosts=HOSTS, slots=slots))
    town.close(*sums(steps[0]))
    for step in steps:
        town.sells(*sums(step))
        due = commission(town.plan, Totals(tuple(sums(step))))
        assert town.hosts() == {host: due.of_host(host) for host in ("a", "b", "c")}
        for shop in ("A", "B"):
            owed_fen = sum(one.amount_fen for one in due.due if one.shop == shop)
            assert town.book.owed(shop_payable(MERCHANT, shop)) == -owed_fen
    assert len(town.book.books.entries) == sum(map(len, town.book.chains)), "none was a repetition"
    assert len(town.book.chains) == town.kept["evening"].steps
