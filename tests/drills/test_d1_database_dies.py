"""D1: PostgreSQL is killed hard, its back-ends are terminated, it is paused for ten seconds."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.drills.load import Clients, audit, conclude, event_log, looked_after
from tests.drills.payers import Payers
from tests.drills.payers import audit as audit_of_money

from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres, cluster, postmaster
from quanyu.storage.postgres.embedded.account import server_account
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.migrations import migrate
from quanyu.wiring import open_engine

PAUSE_S = float(os.environ.get("QUANYU_DRILL_PAUSE_S", "10"))
ROUNDS = int(os.environ.get("QUANYU_DRILL_ROUNDS", "3"))

pytestmark = pytest.mark.drill


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """Durable, as in production: this is what is on trial."""
    embedded = EmbeddedPostgres(tmp_path / "data")
    embedded.start()
    migrate(embedded.url)
    yield embedded
    embedded.destroy()


def processes(server: EmbeddedPostgres) -> list[int]:
    home = cluster.found(server.data_dir, server_account())
    assert home is not None
    return postmaster.leftovers(home)


def signal_all(server: EmbeddedPostgres, number: signal.Signals) -> None:
    for pid in processes(server):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def killed_hard(server: EmbeddedPostgres) -> None:
    signal_all(server, signal.SIGKILL)


def main_process_killed(server: EmbeddedPostgres) -> None:
    home = cluster.found(server.data_dir, server_account())
    running = home and postmaster.running(home)
    assert running
    os.kill(running.pid, signal.SIGKILL)


def back_ends_terminated(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.maintenance_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = 'quanyu' AND pid <> pg_backend_pid()"
        )


def paused(server: EmbeddedPostgres) -> None:
    signal_all(server, signal.SIGSTOP)
    threading.Event().wait(PAUSE_S)
    signal_all(server, signal.SIGCONT)


@pytest.mark.parametrize(
    ("fault", "rounds"),
    [
        (killed_hard, ROUNDS),
        (main_process_killed, ROUNDS),
        (back_ends_terminated, ROUNDS),
        (paused, 1),
    ],
)
def test_nothing_acknowledged_is_lost(
    server: EmbeddedPostgres, fault: Callable[[EmbeddedPostgres], None], rounds: int
) -> None:
    recoveries_s = []
    with (
        Database(server.url) as database,
        GroupCommit(
            event_log(database).write,
            max_weight=1 << 20,
            queue_max=1 << 26,
            weight=lambda one: one.weight,
        ) as inbox,
        looked_after(server),
    ):
        with Clients(inbox.submit).running() as clients:
            for _ in range(rounds):
                clients.wait_for_acks(500)
                fault(server)
                recoveries_s.append(clients.wait_for_acks(1))
            clients.wait_for_acks(500)
        report = audit(clients, event_log(database), recoveries_s)
    conclude(f"D1 {fault.__name__}", report)


@pytest.mark.parametrize("fault", [killed_hard, back_ends_terminated])
def test_no_money_that_was_acknowledged_is_lost(
    server: EmbeddedPostgres, fault: Callable[[EmbeddedPostgres], None]
) -> None:
    """Orders, payments and transfers of a whole engine, which asks again under the same keys."""
    recoveries_s = []
    with open_engine(Settings(data_dir=server.data_dir)) as engine, looked_after(server):
        with Payers(engine).running() as payers:
            for _ in range(ROUNDS):
                payers.wait_for_acks(40)
                fault(server)
                recoveries_s.append(payers.wait_for_acks(1))
            payers.wait_for_acks(40)
        report = audit_of_money(payers, recoveries_s)
    conclude(f"D1 money {fault.__name__}", report)
