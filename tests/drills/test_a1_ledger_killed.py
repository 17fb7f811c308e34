"""A1 for the ledger: the serving process is killed 50 to 500 ms into load; 32 clients write down
the transfers that they send, and send again what got no answer, under the same ids."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.drills.siege import DOOR, under_fire, waited
from tests.drills.test_a1_serving_killed import Load
from tests.ledger_ground import BANK

from quanyu.clock import SystemClock
from quanyu.ledger.accounts import Account
from quanyu.ledger.forms import key_of
from quanyu.storage.audit.ledger import ledger_checks
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.migrations import migrate

ROUNDS = max(3, int(os.environ.get("QUANYU_DRILL_ROUNDS", "50")) // 5)
MANY = 20

pytestmark = pytest.mark.drill


def transfer(name: str) -> dict[str, Any]:
    """One fen between two of the accounts; which ones, the name says."""
    debit = sum(name.encode()) % MANY
    credit = (debit + 1 + len(name) % (MANY - 1)) % MANY
    sides = {"debit": f"shop/{debit}", "credit": f"shop/{credit}"}
    return {"id": name, "amount": 1, "code": "drill", **sides}


def sent(names: list[str]) -> bytes:
    """The first alone, the others as one chain."""
    first, *others = (transfer(name) for name in names)
    return json.dumps([first, others] if others else [first]).encode()


def test_no_transfer_that_was_answered_is_lost_and_none_counts_twice(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with EmbeddedPostgres(data_dir) as server:
        migrate(server.url)
        with Database(server.url) as database:
            accounts = [Account(f"shop/{n}", BANK.unit, "shop") for n in range(MANY)]
            with database.transaction() as conn:
                PostgresBook(SystemClock()).open(conn, accounts)
            secret = ApiKeys(database, SystemClock()).create("shop", ["ledger:write"]).secret
            load = Load(secret, path="/v1/ledger/transfers", counted="posted", body_of=sent)
            recoveries_s = under_fire(load, DOOR, rounds=ROUNDS, data_dir=data_dir)
            report = audited(load, database)
        line = {"rounds": ROUNDS, **report, "recovery_s": round(max(recoveries_s), 2)}
        print(json.dumps({"drill": "A1", "killed": "a process that posts transfers", **line}))
        assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, 0)
        assert load.acked
    server.destroy()


def audited(load: Load, database: Database) -> dict[str, object]:
    with database.transaction() as conn:
        ids = [bytes.fromhex(one.hex) for (one,) in conn.execute("SELECT id FROM ledger_transfer")]
        told = PostgresBook(SystemClock()).balances(conn, [f"shop/{n}" for n in range(MANY)])
    stored = set(ids)
    acked = {key_of(name, "merchant:shop", place="") for name in load.acked}
    known = {key_of(name, "merchant:shop", place="") for name in load.journal}
    moved = sum(one.debits_posted for one in told.values())
    broken = sum(len(check.violations) for check in ledger_checks(database))
    unexpected = sum(n for status, n in load.refused.items() if status not in (429, 503))
    return {
        "attempted": load.journal.total(),
        "acked": len(load.acked),
        "lost": len(acked - stored),
        "duplicates": len(ids) - len(stored) + abs(moved - len(ids)),
        "violations": len(stored - known) + broken + unexpected,
        **waited(load),
    }
