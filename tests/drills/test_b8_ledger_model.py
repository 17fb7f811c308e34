"""B8: a state machine of the book against the model that was written apart from it. Then faults are
seeded in the rules, one at a time, and each of them must be noticed."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any, Protocol

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.ledger_ground import NOW_US, named
from tests.ledger_model import Model

from quanyu.clock import FixedClock
from quanyu.ledger import posting
from quanyu.ledger import transfers as words
from quanyu.ledger.accounts import Account, Balance, Limit
from quanyu.ledger.posting import Books, Hold, HoldState
from quanyu.ledger.refusals import Outcome, Refusal
from quanyu.ledger.transfers import Chain, Transfer
from quanyu.storage.audit.ledger import ledger_checks
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.ledger.book import PostgresBook

pytestmark = pytest.mark.drill

LIMITS = {"a": Limit.NONE, "b": Limit.DEBITS, "c": Limit.DEBITS, "d": Limit.CREDITS}
SIDES = st.sampled_from(["ab", "ab", "ab", "bc", "bc", "bc", "cb", "ca", "ad", "dc", "da", "aa"])
KEYS = st.sampled_from("12345")
AMOUNTS = st.integers(1, 9)
TIMEOUTS = st.sampled_from([None, 3, 20])
_stories = count(1)


class Engine(Protocol):
    clock: FixedClock

    def open(self, accounts: list[Account]) -> None: ...
    def post(self, chains: list[Chain]) -> list[Outcome]: ...
    def expire(self) -> int: ...
    def freeze(self, name: str, *, frozen: bool) -> None: ...
    def balances(self, names: list[str]) -> dict[str, Balance]: ...
    def entries(self, name: str) -> list[Transfer]: ...


class InMemory:
    """The rules alone."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW_US)
        self.books = Books()

    def open(self, accounts: list[Account]) -> None:
        for account in accounts:
            self.books.open(account)

    def post(self, chains: list[Chain]) -> list[Outcome]:
        return [posting.post(self.books, one, now_us=self.clock.now_us()) for one in chains]

    def expire(self) -> int:
        now_us, done = self.clock.now_us(), 0
        for hold in list(self.books.holds.values()):
            late = hold.expires_us is not None and hold.expires_us <= now_us
            if late and hold.state is HoldState.PENDING:
                posting.expire(self.books, hold, now_us=now_us)
                done += 1
        return done

    def freeze(self, name: str, *, frozen: bool) -> None:
        self.books.balances[name].frozen = frozen

    def balances(self, names: list[str]) -> dict[str, Balance]:
        return {name: self.books.balances[name] for name in names}

    def entries(self, name: str) -> list[Transfer]:
        return [one.transfer for one in self.books.new if name in sides_of(one.transfer)]


class InPostgres:
    """Every step is a transaction; one book on one database for all stories, each with accounts
    and ids of its own."""

    def __init__(self, database: Database) -> None:
        self.clock = FixedClock(NOW_US)
        self.database = database
        self.book = PostgresBook(self.clock)
        self.attempted = 0

    def open(self, accounts: list[Account]) -> None:
        with self.database.transaction() as conn:
            self.book.open(conn, accounts)

    def post(self, chains: list[Chain]) -> list[Outcome]:
        self.attempted += len(chains)
        with self.database.transaction() as conn:
            return self.book.post(conn, chains)

    def expire(self) -> int:
        with self.database.transaction() as conn:
            return self.book.expire(conn, limit=1000)

    def freeze(self, name: str, *, frozen: bool) -> None:
        with self.database.transaction() as conn:
            self.book.freeze(conn, name, frozen=frozen)

    def balances(self, names: list[str]) -> dict[str, Balance]:
        with self.database.transaction() as conn:
            return dict(self.book.balances(conn, names))

    def entries(self, name: str) -> list[Transfer]:
        with self.database.transaction() as conn:
            return [entry.transfer for _, entry in self.book.entries(conn, name)]


def sides_of(transfer: Transfer) -> tuple[str, str]:
    return transfer.debit, transfer.credit


def machine_of(make: Callable[[], Engine]) -> type[RuleBasedStateMachine]:
    class Story(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.engine, self.model = make(), Model()
            self.prefix = f"{next(_stories)}/"
            self.names = [self.prefix + name for name in LIMITS]
            limits = zip(self.names, LIMITS.values(), strict=True)
            opened = [Account(name, "fen", "shop", limit) for name, limit in limits]
            self.engine.open(opened)
            self.model.open(opened)

        def teardown(self) -> None:
            """What one story leaves open must not expire in the next one."""
            self.engine.clock.advance(1000)
            with suppress(Exception):
                self.engine.expire()

        def _hold(self, key: str, sides: str, *, amount: int, timeout_us: int | None) -> Transfer:
            debit, credit = (self.prefix + side for side in sides)
            return Transfer(
                named(f"{self.prefix}hold {key}"), debit, credit, amount, "drill",
                words.Phase.HOLD, None, timeout_us,
            )  # fmt: skip

        def _both(self, chains: list[Chain]) -> None:
            expected = self.model.post(chains, self.engine.clock.now_us())
            assert self.engine.post(chains) == expected

        @rule(key=KEYS, sides=SIDES, amount=AMOUNTS)
        def direct(self, key: str, sides: str, amount: int) -> None:
            one = self._hold(key, sides, amount=amount, timeout_us=None)
            id_ = named(f"{self.prefix}direct {key} {sides}")
            self._both([[msgspec.structs.replace(one, id=id_, phase=words.Phase.DIRECT)]])

        @rule(key=KEYS, sides=SIDES, amount=AMOUNTS, timeout_us=TIMEOUTS)
        def hold(self, key: str, sides: str, amount: int, timeout_us: int | None) -> None:
            self._both([[self._hold(key, sides, amount=amount, timeout_us=timeout_us)]])

        @rule(key=KEYS, end=KEYS, amount=st.integers(1, 9), release=st.booleans())
        def end(self, key: str, end: str, amount: int, release: bool) -> None:
            held = self.model.line(named(f"{self.prefix}hold {key}"))
            if held is not None:
                self._both([[self._end(held.transfer, end, amount=amount, release=release)]])

        def _end(self, held: Transfer, end: str, *, amount: int, release: bool) -> Transfer:
            id_ = named(f"{self.prefix}end {end}")
            return held.released(id_) if release else held.settled(id_, amount=amount)

        @rule(key=KEYS, amount=AMOUNTS, release=st.booleans(), fits=st.booleans())
        def chain_with_an_end(self, key: str, amount: int, release: bool, fits: bool) -> None:
            """An end, then something that may not be possible: then the end is undone, and what
            comes after it in the same write finds the hold as it was."""
            held = self.model.line(named(f"{self.prefix}hold {key}"))
            if held is None:
                return
            first = self._end(held.transfer, "chain", amount=amount, release=release)
            second = self._hold("chain", "bc", amount=1 if fits else 10_000, timeout_us=None)
            third = self._end(held.transfer, "after", amount=amount, release=not release)
            self._both([[first, second], [third]])

        @rule(pause_us=st.integers(1, 10))
        def wait(self, pause_us: int) -> None:
            self.engine.clock.advance(pause_us)

        @rule()
        def expire(self) -> None:
            assert self.engine.expire() == self.model.expire(self.engine.clock.now_us())

        @rule(side=st.sampled_from("bc"), frozen=st.sampled_from([True, False, False]))
        def freeze(self, side: str, frozen: bool) -> None:
            name = self.prefix + side
            self.engine.freeze(name, frozen=frozen)
            (self.model.frozen.add if frozen else self.model.frozen.discard)(name)

        @invariant()
        def balances_are_the_models(self) -> None:
            assert self.engine.balances(self.names) == self.model.balances()

        @invariant()
        def entries_are_the_models(self) -> None:
            lines = [one.transfer for one in self.model.lines]
            for name in self.names[:2]:
                ours = {one.id for one in self.engine.entries(name)}
                assert ours == {one.id for one in lines if name in sides_of(one)}

        @invariant()
        def the_unit_sums_to_zero(self) -> None:
            assert self.model.total("fen") == 0

    return Story


def told(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
    )


def test_the_book_and_the_model_agree_on_every_story(database: Database) -> None:
    engine = InPostgres(database)
    run_state_machine_as_test(machine_of(lambda: engine), settings=told(120, 40))
    broken = [one for check in ledger_checks(database) for one in check.violations]
    with database.transaction() as conn:
        row = conn.execute("SELECT no FROM ledger_head").fetchone()
    entered = row[0] if row else 0
    line = {
        "drill": "B8",
        "attempted": engine.attempted,
        "acked": entered,
        "lost": 0,
        "duplicates": 0,
    }
    print(json.dumps({**line, "violations": len(broken)}))
    assert broken == []
    assert entered > 200


def test_the_rules_alone_and_the_model_agree_on_every_story() -> None:
    run_state_machine_as_test(machine_of(InMemory), settings=told(150, 50))


def without(reason: Refusal) -> Callable[..., Any]:
    """``_hold_fault`` that does not know one reason."""
    real = posting._hold_fault

    def fault(*args: Any, **more: Any) -> Refusal | None:
        found = real(*args, **more)
        return None if found is reason else found

    return fault


def keeps_the_rest(books: Books, transfer: Transfer, *, now_us: int) -> Refusal | None:
    """A settlement of less than was held leaves the rest held for ever."""
    reason = REAL["_end"](books, transfer, now_us=now_us)
    if reason is None and transfer.phase is words.Phase.SETTLE:
        rest = books.holds[transfer.pending_id].transfer.amount - transfer.amount  # type: ignore[index]
        books.balances[transfer.debit].debits_pending += rest
        books.balances[transfer.credit].credits_pending += rest
    return reason  # type: ignore[no-any-return]


def expires_again(books: Books, hold: Hold, *, now_us: int) -> None:
    REAL["expire"](books, hold, now_us=now_us)
    hold.state = HoldState.PENDING


def forgets_the_hold(books: Books, transfer: Transfer) -> None:
    """Undoing an end leaves the hold ended."""
    hold = books.holds.get(transfer.pending_id) if transfer.pending_id else None
    state = hold and hold.state
    REAL["_undo"](books, transfer)
    if hold is not None and state is not None:
        hold.state = state


def ignores_frozen(books: Books, transfer: Transfer, *, now_us: int) -> Refusal | None:
    sides = [books.balances[name] for name in sides_of(transfer)]
    before = [one.frozen for one in sides]
    for one in sides:
        one.frozen = False
    reason = REAL["_start"](books, transfer, now_us=now_us)
    for one, frozen in zip(sides, before, strict=True):
        one.frozen = frozen
    return reason  # type: ignore[no-any-return]


def one_sided(books: Books, transfer: Transfer, *, sign: int) -> None:
    REAL["_move"](books, transfer, sign=sign)
    if transfer.phase is words.Phase.DIRECT:
        books.balances[transfer.credit].credits_posted -= sign * (transfer.amount > 5)


def posts_half_a_chain(books: Books, transfer: Transfer) -> None:
    """Nothing is undone."""


NAMES = ("_end", "expire", "_undo", "_start", "_move", "_DIFFERENT")
REAL = {name: getattr(posting, name) for name in NAMES}
MUTANTS: dict[str, tuple[str, Any]] = {
    "skips the limit": ("_within_limits", lambda *_: True),
    "posts more than was held": ("_hold_fault", without(Refusal.EXCEEDS_PENDING_AMOUNT)),
    "settles twice": ("_hold_fault", without(Refusal.PENDING_TRANSFER_ALREADY_SETTLED)),
    "settles what was released": (
        "_hold_fault", without(Refusal.PENDING_TRANSFER_ALREADY_RELEASED),
    ),
    "settles what has expired": ("_hold_fault", without(Refusal.PENDING_TRANSFER_EXPIRED)),
    "forgets to release the rest": ("_end", keeps_the_rest),
    "another amount under the same id": (
        "_DIFFERENT", {k: v for k, v in REAL["_DIFFERENT"].items() if k != "amount"},
    ),
    "expires twice": ("expire", expires_again),
    "undo forgets the hold": ("_undo", forgets_the_hold),
    "posts half a chain": ("_undo", posts_half_a_chain),
    "takes from frozen accounts": ("_start", ignores_frozen),
    "loses a fen on one side": ("_move", one_sided),
}  # fmt: skip


@pytest.fixture(params=["the rules alone", "PostgreSQL"])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[[], Engine]]:
    if request.param == "the rules alone":
        yield InMemory
        return
    database: Database = request.getfixturevalue("database")
    engine = InPostgres(database)
    yield lambda: engine


@pytest.mark.parametrize("fault", MUTANTS)
def test_a_seeded_fault_is_noticed(
    make: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(posting, *MUTANTS[fault])
    noticed = ""
    try:
        run_state_machine_as_test(machine_of(make), settings=told(300, 40))
    except Exception as error:
        noticed = type(error).__name__
    print(json.dumps({"drill": "B8", "mutant": fault, "noticed_by": noticed}))
    assert noticed
