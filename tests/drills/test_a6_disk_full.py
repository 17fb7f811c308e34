"""A6: the disk fills. Writing is refused with 507 or 503, nothing acknowledged is lost, and it
goes on when there is room again."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.drills.load import Clients, audit, conclude, event_log, looked_after
from tests.drills.payers import CLIENTS, PRICE_FEN, SHOP, Payers
from tests.drills.payers import audit as audit_of_money

from quanyu.interfaces.api.problems import of_failure
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.disk_guard import DiskGuard, free_bytes
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.migrations import migrate
from quanyu.wiring import open_engine

MIB = 1 << 20
DISK = 320 * MIB
KEPT_FREE = 48 * MIB

pytestmark = pytest.mark.drill


@pytest.fixture
def small_disk() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="quanyu-disk-"))
    order = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(place)]
    try:
        if os.geteuid() != 0:
            pytest.skip("mounting a small file system needs root")
        mounted = subprocess.run(order, capture_output=True, text=True)
        if mounted.returncode != 0:
            pytest.skip(f"cannot mount a tmpfs here: {mounted.stderr.strip()}")
        yield place
        subprocess.run(["umount", str(place)], check=True)
    finally:
        place.rmdir()


def fill(disk: Path, leave: int) -> Path:
    """Take the space of the disk but for some bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while (free_bytes(disk) or 0) > leave:
            file.write(bytes(MIB // 4))
    return ballast


@pytest.mark.parametrize("free_bytes_min", [KEPT_FREE, 0])
def test_a_full_disk_refuses_and_loses_nothing(small_disk: Path, free_bytes_min: int) -> None:
    """With the guard the server never notices; without it PostgreSQL itself hits the wall."""
    with EmbeddedPostgres(small_disk / "data") as server, Database(server.url) as database:
        assert not (small_disk / "data" / "postgres").is_symlink()
        migrate(server.url)
        guard = DiskGuard([small_disk], free_bytes_min=free_bytes_min)
        log = event_log(database)
        inbox = GroupCommit(
            guard.guarding(log.write),
            max_weight=1 << 20,
            queue_max=1 << 26,
            weight=lambda one: one.weight,
        )
        with inbox, looked_after(server):
            with Clients(inbox.submit, number=4, padding=2000).running() as clients:
                clients.wait_for_acks(500)
                ballast = fill(small_disk, leave=free_bytes_min)
                clients.wait_for_refusals(40)
                if free_bytes_min:
                    assert log.head() > 0, "reading goes on while writing is refused"
                ballast.unlink()
                recovery_s = clients.wait_for_acks(1)
                clients.wait_for_acks(200)
            report = audit(clients, log, [recovery_s])
    statuses = {of_failure(error).status_code for error in clients.refusals}
    conclude("A6", {**report, "free_bytes_min": free_bytes_min, "statuses": sorted(statuses)})
    assert statuses <= ({507} if free_bytes_min else {507, 503})


def test_money_is_refused_and_none_is_lost(small_disk: Path) -> None:
    """Orders, payments and transfers of a whole engine: refused while the guard says so."""
    data_dir = small_disk / "data"
    settings = Settings(data_dir=data_dir, disk_free_bytes_min=KEPT_FREE)
    with EmbeddedPostgres(data_dir) as server, open_engine(settings) as engine:
        with looked_after(server), Payers(engine).running() as payers:
            payers.wait_for_acks(60)
            ballast = fill(small_disk, leave=KEPT_FREE - MIB)
            payers.wait_for_refusals(40)
            acked = len(payers.acked)
            payers.wait_for_refusals(20)
            assert len(payers.acked) <= acked + CLIENTS, "what was under way may end"
            assert engine.orders.find(SHOP, "1-0").payable_fen == PRICE_FEN, "reading goes on"
            ballast.unlink()
            recovery_s = payers.wait_for_acks(1)
            payers.wait_for_acks(60)
        report = audit_of_money(payers, [recovery_s])
    statuses = {of_failure(error).status_code for error in payers.refusals}
    conclude("A6 money", {**report, "statuses": sorted(statuses)})
    assert statuses == {507}
