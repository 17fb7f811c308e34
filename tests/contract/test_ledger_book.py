"""What every engine of the book keeps. A new engine adds itself to ``book``."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from tests.ledger_ground import ACCOUNTS, BANK, HOUR_US, NOW_US, PURSE, TILL, held, moved, named
from tests.unit.ledger.test_refusals import CASES, Case
from tests.unit.ledger.test_refusals import NOW_US as CASE_US

from quanyu.clock import FixedClock
from quanyu.errors import BadInput, NotFound
from quanyu.ledger.accounts import Account, Balance, Limit
from quanyu.ledger.refusals import Outcome, Posted, Refusal, Refused
from quanyu.ledger.transfers import Chain, Transfer
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.ledger.book import PostgresBook

HOLD = held("hold", 60)
SHORT = held("short", 20, timeout_us=HOUR_US)


@pytest.fixture
def ticking() -> FixedClock:
    return FixedClock(NOW_US)


@pytest.fixture(params=["postgres"])
def book(request: pytest.FixtureRequest, database: Database, ticking: FixedClock) -> PostgresBook:
    made = PostgresBook(ticking)
    with database.transaction() as conn:
        made.open(conn, ACCOUNTS)
    return made


@pytest.fixture
def desk(database: Database, book: PostgresBook) -> "Desk":
    return Desk(database, book)


class Desk:
    """Each call is one transaction."""

    def __init__(self, database: Database, book: PostgresBook) -> None:
        self.database = database
        self.book = book

    def post(self, *chains: Chain) -> list[Outcome]:
        with self.database.transaction() as conn:
            return self.book.post(conn, chains)

    def balance(self, name: str) -> Balance:
        with self.database.transaction() as conn:
            return self.book.balances(conn, [name])[name]

    def expire(self, limit: int = 100) -> int:
        with self.database.transaction() as conn:
            return self.book.expire(conn, limit=limit)

    def entries(self, name: str, after: int = 0) -> list[tuple[int, Any]]:
        with self.database.transaction() as conn:
            return [(no, one.transfer) for no, one in self.book.entries(conn, name, after=after)]

    def freeze(self, name: str, *, frozen: bool = True) -> None:
        with self.database.transaction() as conn:
            self.book.freeze(conn, name, frozen=frozen)


def test_an_account_begins_with_nothing(desk: Desk) -> None:
    assert desk.balance("bank") == Balance()
    assert desk.entries("bank") == []


def test_an_account_opens_once(desk: Desk) -> None:
    with desk.database.transaction() as conn:
        desk.book.open(conn, [BANK, BANK, PURSE])
    changed = Account("bank", "fen", "somebody")
    with pytest.raises(BadInput), desk.database.transaction() as conn:
        desk.book.open(conn, [changed])
    with pytest.raises(BadInput), desk.database.transaction() as conn:
        desk.book.open(conn, [Account("new", "fen", "a"), Account("new", "fen", "b")])


def test_money_moves_and_the_entries_say_so(desk: Desk) -> None:
    put_in, out = moved("in", 100), moved("out", 30, debit="purse", credit="till")
    assert desk.post([put_in], [out]) == [Posted(NOW_US), Posted(NOW_US)]
    assert desk.balance("purse") == Balance(0, 30, 0, 100)
    assert desk.entries("purse") == [(1, put_in), (2, out)]
    assert desk.entries("till", after=0) == [(2, out)]
    assert desk.entries("purse", after=1) == [(2, out)]


def test_a_hold_is_settled_released_or_expires(desk: Desk, ticking: FixedClock) -> None:
    desk.post([moved("in", 100)], [HOLD], [SHORT])
    assert desk.balance("purse") == Balance(80, 0, 0, 100)
    assert desk.post([HOLD.settled(named("s"), amount=33)]) == [Posted(NOW_US)]
    assert desk.balance("purse") == Balance(20, 33, 0, 100)
    assert desk.expire() == 0
    ticking.advance(HOUR_US)
    assert desk.post([SHORT.settled(named("t"))]) == [Refused(Refusal.PENDING_TRANSFER_EXPIRED)]
    assert (desk.expire(), desk.expire()) == (1, 0)
    assert desk.balance("purse") == Balance(0, 33, 0, 100)
    assert [t.phase for _, t in desk.entries("till")] == ["hold", "hold", "settle", "expire"]
    assert desk.post([SHORT.released(named("u"))]) == [Refused(Refusal.PENDING_TRANSFER_EXPIRED)]


def test_holds_expire_oldest_first_and_some_at_a_time(desk: Desk, ticking: FixedClock) -> None:
    desk.post([moved("in", 100)])
    desk.post(*[[held(f"h{n}", 1, timeout_us=10 - n)] for n in range(5)])
    ticking.advance(20)
    assert [desk.expire(2), desk.expire(2), desk.expire(2)] == [2, 2, 1]
    ended = [t.pending_id for _, t in desk.entries("till") if t.phase == "expire"]
    assert ended == [named(f"h{n}") for n in (4, 3, 2, 1, 0)]


def test_a_hold_made_and_ended_in_one_call_ends_once(desk: Desk) -> None:
    chain = [HOLD, HOLD.settled(named("s"), amount=10)]
    assert desk.post([moved("in", 100)], chain) == [Posted(NOW_US), Posted(NOW_US)]
    assert desk.balance("purse") == Balance(0, 10, 0, 100)
    again = desk.post([HOLD.released(named("r"))])
    assert again == [Refused(Refusal.PENDING_TRANSFER_ALREADY_SETTLED)]


def test_what_comes_again_gives_the_first_result(desk: Desk, ticking: FixedClock) -> None:
    chain = [moved("in", 100), HOLD]
    assert desk.post(chain) == [Posted(NOW_US)]
    ticking.advance(5)
    assert desk.post(chain, chain) == [Posted(NOW_US, repeated=True)] * 2
    assert desk.balance("purse") == Balance(60, 0, 0, 100)


def test_twins_in_one_call_have_one_effect(desk: Desk) -> None:
    assert desk.post([moved("a", 7)], [moved("a", 7)], [moved("a", 8)]) == [
        Posted(NOW_US),
        Posted(NOW_US, repeated=True),
        Refused(Refusal.EXISTS_WITH_DIFFERENT_AMOUNT),
    ]


def test_time_in_the_book_never_goes_back(desk: Desk, ticking: FixedClock) -> None:
    desk.post([moved("a")])
    ticking.advance(-HOUR_US)
    assert desk.post([moved("b")]) == [Posted(NOW_US)]


def test_a_frozen_account_takes_nothing_new(desk: Desk) -> None:
    desk.post([moved("in", 100)], [HOLD])
    desk.freeze("purse")
    assert desk.balance("purse").frozen
    assert desk.post([moved("a")]) == [Refused(Refusal.CREDIT_ACCOUNT_FROZEN)]
    assert desk.post([HOLD.released(named("r"))]) == [Posted(NOW_US)]
    desk.freeze("purse", frozen=False)
    assert desk.post([moved("a")]) == [Posted(NOW_US)]
    with pytest.raises(NotFound):
        desk.freeze("nobody")


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.turnover], ids=lambda case: case.reason.value
)
def test_every_reason_to_refuse_is_given_by_the_engine_too(
    desk: Desk, ticking: FixedClock, case: Case
) -> None:
    assert NOW_US == CASE_US
    assert all(isinstance(one, Posted) for one in desk.post(*[[t] for t in case.there]))
    for name in case.frozen:
        desk.freeze(name)
    ticking.advance(case.after_us)
    if case.expired:
        assert desk.expire() == 1
    assert desk.post(case.comes) == [Refused(case.reason, case.index)]
    assert len(desk.entries("bank")) + len(desk.entries("till")) == len(case.there) + case.expired


@pytest.mark.parametrize("name", ["", "a\x00b", "\ud800", "x" * 200, "'; DROP TABLE ledger_head"])
def test_a_name_that_no_account_can_have_is_not_found(desk: Desk, name: str) -> None:
    found = desk.post([moved("a", debit=name)], [moved("b", credit=name)])
    assert [one.reason for one in found] == ["debit_account_not_found", "credit_account_not_found"]


def test_an_account_whose_opening_was_rolled_back_is_not_believed_in(desk: Desk) -> None:
    new = Account("new", "fen", "shop")
    with suppress(RuntimeError), desk.database.transaction() as conn:
        desk.book.open(conn, [new])
        assert desk.book.post(conn, [[moved("a", credit="new")]]) == [Posted(NOW_US)]
        raise RuntimeError
    assert desk.post([moved("a", credit="new")]) == [Refused(Refusal.CREDIT_ACCOUNT_NOT_FOUND)]
    with desk.database.transaction() as conn:
        desk.book.open(conn, [new])
    assert desk.post([moved("a", credit="new")]) == [Posted(NOW_US)]


def test_who_opens_what_another_has_not_committed_waits_for_it(desk: Desk) -> None:
    """Both in one process, which remembers the account from the first that has met it."""
    new, told = Account("new", "fen", "shop"), list[Outcome]()

    def second() -> None:
        with desk.database.transaction() as conn:
            desk.book.open(conn, [new])
            told.extend(desk.book.post(conn, [[moved("b", debit="till", credit="new")]]))

    with desk.database.transaction() as conn:
        desk.book.open(conn, [new])
        desk.book.directory.find(conn, ["new"])
        thread = threading.Thread(target=second)
        thread.start()
        until_it_waits(desk.database, thread)
        assert desk.book.post(conn, [[moved("a", credit="new")]]) == [Posted(NOW_US)]
    thread.join(60)
    assert told == [Posted(NOW_US)]


def until_it_waits(database: Database, thread: threading.Thread) -> None:
    """For another transaction; or has ended, which it should not."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with database.session() as conn:
        while thread.is_alive() and conn.execute(waiting).fetchone() == (0,):
            pass


def test_what_is_posted_goes_with_the_transaction_of_the_caller(desk: Desk) -> None:
    with suppress(RuntimeError), desk.database.transaction() as conn:
        desk.book.post(conn, [[moved("a")]])
        raise RuntimeError
    assert desk.balance("purse") == Balance()
    assert desk.post([moved("a")]) == [Posted(NOW_US)]


@pytest.mark.parametrize("sent", [1, 7])
def test_two_that_post_in_opposite_directions_never_stand_in_each_others_way(
    database: Database, ticking: FixedClock, sent: int
) -> None:
    """Four writers with a book of their own each, as four processes have."""
    rounds, accounts = 40, [Account(name, "fen", "shop") for name in "abcdef"]
    with database.transaction() as conn:
        PostgresBook(ticking).open(conn, accounts)
    faults: list[BaseException] = []

    def write(writer: int) -> None:
        own = PostgresBook(ticking)
        names = "abcdef" if writer % 2 else "fedcba"
        try:
            for turn in range(rounds):
                chains = [back_and_forth(names, f"{writer}-{turn}-{n}") for n in range(sent)]
                with database.transaction() as conn:
                    assert own.post(conn, chains) == [Posted(NOW_US)] * sent
        except BaseException as error:
            faults.append(error)

    run(write, 4)
    assert faults == []
    with database.transaction() as conn:
        told = PostgresBook(ticking).balances(conn, list("abcdef"))
    assert sum(one.posted for one in told.values()) == 0
    assert sum(one.credits_posted for one in told.values()) == 4 * rounds * sent * 5


def back_and_forth(names: Sequence[str], key: str) -> list[Transfer]:
    steps = pairwise(names)
    return [moved(f"{key}-{d}{c}", 1, debit=d, credit=c) for d, c in steps]


@pytest.mark.parametrize("differing", [False, True])
def test_twins_of_many_writers_have_one_effect(
    database: Database, desk: Desk, ticking: FixedClock, differing: bool
) -> None:
    """Also when each names other accounts, so that no balance is locked by two of them."""
    many = 8
    pairs = [Account(f"{side}{n}", "fen", "shop") for n in range(many) for side in "dc"]
    with database.transaction() as conn:
        PostgresBook(ticking).open(conn, pairs)
    outcomes: list[Outcome] = []
    barrier = threading.Barrier(many)

    def write(writer: int) -> None:
        own, n = PostgresBook(ticking), writer if differing else 0
        twin = moved("twin", 5, debit=f"d{n}", credit=f"c{n}")
        barrier.wait()
        with database.transaction() as conn:
            outcomes.extend(own.post(conn, [[twin]]))

    run(write, many)
    assert len(outcomes) == many
    assert outcomes.count(Posted(NOW_US)) == 1
    refused = Refused(Refusal.EXISTS_WITH_DIFFERENT_DEBIT)
    rest = refused if differing else Posted(NOW_US, repeated=True)
    assert outcomes.count(rest) == many - 1


def test_a_limit_holds_against_many_writers(database: Database, ticking: FixedClock) -> None:
    box = Account("box", "fen", "shop", Limit.DEBITS)
    with database.transaction() as conn:
        book = PostgresBook(ticking)
        book.open(conn, [BANK, box, TILL])
        book.post(conn, [[moved("in", 10, credit="box")]])
    outcomes: list[Outcome] = []

    def write(writer: int) -> None:
        own = PostgresBook(ticking)
        for turn in range(5):
            one = moved(f"{writer}-{turn}", 1, debit="box", credit="till")
            with database.transaction() as conn:
                outcomes.extend(own.post(conn, [[one]]))

    run(write, 6)
    assert outcomes.count(Posted(NOW_US)) == 10
    assert outcomes.count(Refused(Refusal.EXCEEDS_BALANCE)) == 20


def run(write: Any, number: int) -> None:
    threads = [threading.Thread(target=write, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
