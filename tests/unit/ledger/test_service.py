"""The desk of the ledger, on the real writer: one answer per caller, one transaction for many."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine_ground import opened
from tests.ledger_ground import ACCOUNTS, HOUR_US, held, moved, named

from quanyu.clock import FixedClock
from quanyu.errors import BadInput, NotFound, StorageFull, StorageUnavailable
from quanyu.ledger.accounts import Account, Balance, Limit
from quanyu.ledger.refusals import Posted, Refusal, Refused
from quanyu.ledger.service import Command
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.disk_guard import DiskGuard
from quanyu.storage.postgres.ledger.writing import EXPIRE_AT_ONCE
from quanyu.wiring import Engine


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        made.ledger.post([], accounts=ACCOUNTS)
        yield made


def balance(engine: Engine, name: str) -> Balance:
    (found,) = engine.ledger_reader.statements([name])
    return found.balance


def test_each_caller_gets_the_outcomes_of_its_own_chains(engine: Engine) -> None:
    futures = [
        engine.ledger.submit([[moved(f"{n}-{k}", 1 + n)] for k in range(n)]) for n in range(20)
    ]
    found = [future.result() for future in futures]
    assert [len(outcomes) for outcomes in found] == list(range(20))
    assert all(isinstance(one, Posted) for outcomes in found for one in outcomes)
    assert balance(engine, "purse").posted == sum(n * (1 + n) for n in range(20))


def test_callers_that_come_together_share_a_transaction(engine: Engine) -> None:
    commands = [Command([[moved(f"c{n}")]]) for n in range(9)]
    outcomes = engine.ledger_writer.write(commands)
    at_us = engine.clock.now_us()
    assert outcomes == [[Posted(at_us)]] * 9
    with engine.database.transaction() as conn:
        row = conn.execute("SELECT count(DISTINCT xmin::text) FROM ledger_transfer").fetchone()
    assert row == (1,)


def test_a_refusal_of_one_caller_is_no_matter_of_the_others(engine: Engine) -> None:
    commands = [
        Command([[moved("a")]]),
        Command([[moved("b", 10**9, debit="purse", credit="till")], [moved("c")]]),
        Command([]),
    ]
    at_us = engine.clock.now_us()
    assert engine.ledger_writer.write(commands) == [
        [Posted(at_us)],
        [Refused(Refusal.EXCEEDS_BALANCE), Posted(at_us)],
        [],
    ]


def test_an_account_that_cannot_be_opened_fails_its_caller_alone(engine: Engine) -> None:
    """Sixteen come at once; one of them wants to change an account."""
    changed = Account("bank", "fen", "somebody")
    barrier, answers = threading.Barrier(16), {}

    def call(n: int) -> None:
        barrier.wait()
        try:
            accounts = [changed] if n == 7 else [Account(f"own/{n}", "fen", "shop")]
            answers[n] = engine.ledger.post([[moved(f"t{n}")]], accounts=accounts)
        except BadInput as error:
            answers[n] = error

    threads = [threading.Thread(target=call, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    refused = [n for n, answer in answers.items() if isinstance(answer, BadInput)]
    assert refused == [7]
    assert balance(engine, "purse").posted == 15 * 100


def test_with_an_owner_the_accounts_of_others_are_not_there(engine: Engine) -> None:
    chains = [
        [moved("a", debit="till", credit="purse")],
        [moved("b", debit="bank", credit="purse")],
        [moved("c", debit="till", credit="bank")],
        [moved("d", debit="till", credit="purse"), moved("e", debit="nobody", credit="purse")],
        [],
    ]
    outcomes = engine.ledger.submit(chains, owner="shop").result()
    assert outcomes == [
        Posted(engine.clock.now_us()),
        Refused(Refusal.DEBIT_ACCOUNT_NOT_FOUND),
        Refused(Refusal.CREDIT_ACCOUNT_NOT_FOUND),
        Refused(Refusal.DEBIT_ACCOUNT_NOT_FOUND, 1),
        Refused(Refusal.CHAIN_IS_EMPTY),
    ]
    assert balance(engine, "bank") == Balance()


def test_an_account_opened_and_used_in_one_command(engine: Engine) -> None:
    new = Account("tea/new", "fen", "tea", Limit.DEBITS)
    outcomes = engine.ledger.post([[moved("a", credit="tea/new")]], accounts=[new])
    assert outcomes == [Posted(engine.clock.now_us())]
    assert balance(engine, "tea/new").available == 100


def test_holds_expire_by_a_chore(engine: Engine, clock: FixedClock) -> None:
    short = held("short", 60, timeout_us=HOUR_US)
    engine.ledger.post([[moved("in")], [short]])
    (chore,) = [one for one in engine.chores if one.name == "ledger.expire"]
    assert chore.run() == 0
    clock.advance(HOUR_US)
    assert chore.run() == 1
    assert balance(engine, "purse").available == 100
    outcome = engine.ledger.post([[short.settled(named("late"))]])
    assert outcome == [Refused(Refusal.PENDING_TRANSFER_EXPIRED)]


def test_more_holds_than_fit_one_transaction_all_expire_in_one_round(
    engine: Engine, clock: FixedClock
) -> None:
    many = 2 * EXPIRE_AT_ONCE + 1
    engine.ledger.post([[moved("in", many)]])
    engine.ledger.post([[held(f"h{n}", 1, timeout_us=HOUR_US)] for n in range(many)])
    assert balance(engine, "purse").available == 0
    clock.advance(HOUR_US)
    assert engine.ledger_writer.expire() == many
    assert engine.ledger_writer.expire() == 0
    assert balance(engine, "purse") == Balance(0, 0, 0, many)
    assert all(check.holds for check in engine.verify_ledger())


def test_a_full_disk_refuses_before_anything_is_written(engine: Engine, data_dir: Path) -> None:
    engine.disk = DiskGuard.of_data_dir(data_dir, free_bytes_min=1 << 60)
    engine.__dict__.pop("ledger_desk", None)
    engine.__dict__.pop("ledger", None)
    with pytest.raises(StorageFull):
        engine.ledger.post([[moved("a")]])
    assert balance(engine, "bank") == Balance()


def test_what_waits_is_written_before_the_engine_closes(
    database: Database, clock: FixedClock, data_dir: Path
) -> None:
    with opened(database, clock, data_dir) as made:
        made.ledger.post([], accounts=ACCOUNTS)
        futures = [made.ledger.submit([[moved(f"w{n}")]]) for n in range(50)]
    assert all(isinstance(one.result()[0], Posted) for one in futures)
    with pytest.raises(StorageUnavailable):
        made.ledger.post([[moved("after")]])


def test_statements_come_in_the_order_asked_and_listed_ones_by_id(engine: Engine) -> None:
    reader = engine.ledger_reader
    asked = reader.statements(["till", "nobody", "bank"])
    assert [one.account.id for one in asked] == ["till", "bank"]
    mine = reader.listed(owner="shop", prefix="", limit=3)
    assert [one.account.id for one in mine] == ["loan", "points", "purse"]
    assert [one.account.id for one in reader.listed(owner=None, prefix="p", limit=9)] == [
        "points",
        "purse",
    ]
    assert reader.listed(owner="shop", prefix="%", limit=9) == []


def test_entries_of_nobody_are_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.ledger_reader.entries("nobody", after=0, limit=1)
    assert engine.ledger_reader.account("nobody") is None
