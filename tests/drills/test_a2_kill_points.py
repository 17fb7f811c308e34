"""A2: the process exits at every named point of every command; repeated, all is as if never."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, LiteralString

import psycopg
import pytest
from tests.conftest import create_database, drop_database
from tests.drills import benefit_commands, coupon_commands, instalment_commands, order_commands
from tests.drills.commands import COMMANDS

from quanyu.events.log import unpack
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.killpoints import KILLED
from quanyu.storage.postgres.migrations import migrate

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "quanyu"
PER_PROJECTION = ("read", "applied", "moved", "committed")
IN_EVERY_COMMAND = ["began", "claimed", "quarantined", "appended", "committed"]

pytestmark = pytest.mark.drill


def points_of_the_source() -> set[str]:
    """Every literal ``killpoint("…")``; those with a name inside are spelled out below."""
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    return set(re.findall(r'killpoint\("([^"]+)"\)', text))


PROJECTIONS = ("identity", "profiles", "audiences")
PLAN: dict[str, list[str]] = {
    "record": [f"events.{point}" for point in IN_EVERY_COMMAND],
    "replay": [f"events.{point}" for point in ("claimed", "appended", "committed")],
    "catch_up": [f"{name}.{point}" for name in PROJECTIONS for point in PER_PROJECTION],
    "rebuild": [f"{name}.{point}" for name in PROJECTIONS for point in ("reset", "applied")],
    "flush": ["lake.written", "lake.listed", "lake.committed"],
    "erase": [
        "events.rewritten", "erasure.requested", "erasure.events", "erasure.lake",
        "erasure.tables", "erasure.compacted",
    ],
    "erase_from_the_lake": ["lake.rewritten", "erasure.lake"],
    "post": [
        f"ledger.{point}"
        for point in ("began", "opened", "locked", "entered", "moved", "committed")
    ],
    "expire": [f"ledger.{point}" for point in ("locked", "entered", "moved")],
    "switch_off": ["consent.written", "consent.committed"],
    **benefit_commands.PLAN,
    **order_commands.PLAN,
    **instalment_commands.PLAN,
    **coupon_commands.PLAN,
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """One database and data directory; a command runs in a process of its own."""

    url: str
    data_dir: Path

    def run(self, command: str, point: str | None = None) -> int:
        env = {
            "QUANYU_DATABASE_URL": self.url,
            "QUANYU_DATA_DIR": str(self.data_dir),
            "QUANYU_MASTER_KEY": bytes(range(32)).hex(),
            "PATH": os.environ["PATH"],
        }
        if point is not None:
            env["QUANYU_KILLPOINT"] = point
        order = [sys.executable, "-m", "tests.drills.commands", command]
        done = subprocess.run(order, env=env, cwd=ROOT, capture_output=True, check=False)
        assert done.returncode in (0, KILLED), done.stderr.decode()
        return done.returncode

    def state(self) -> dict[str, Any]:
        """What must be equal: the log event by event, and every table by its number of rows."""
        with psycopg.connect(self.url) as conn:
            rows = conn.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' "
                "AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '%yoyo%'"
            ).fetchall()
            counts = {
                name: conn.execute(f'SELECT count(*) FROM "{name}"').fetchone() for (name,) in rows
            }
            segments = conn.execute(
                "SELECT merchant_no, payload FROM event_segment ORDER BY first_offset"
            ).fetchall()
            return {
                "tables": counts,
                "hot": sorted(
                    (number, event.event_id)
                    for number, payload in segments
                    for event in unpack(payload)
                    if event is not None
                ),
                "head": conn.execute("SELECT head FROM log_head").fetchone(),
                "places": conn.execute("SELECT * FROM consumer_offset ORDER BY 1").fetchall(),
                "refused": conn.execute(
                    "SELECT event_id, reason FROM quarantine ORDER BY 1"
                ).fetchall(),
                "ledger": numbered_anew(
                    conn,
                    "SELECT t.no, CASE WHEN t.code NOT LIKE 'points.%' THEN t.id END,"
                    " phase, d.id, c.id, amount FROM ledger_transfer t"
                    " JOIN ledger_account d ON d.no = debit_no"
                    " JOIN ledger_account c ON c.no = credit_no ORDER BY t.no",
                ),
                "balances": numbered_anew(
                    conn,
                    "SELECT a.id, debits_pending, debits_posted, credits_pending, credits_posted"
                    " FROM ledger_balance JOIN ledger_account a ON a.no = account_no ORDER BY a.no",
                ),
                "holds": conn.execute("SELECT id, state FROM ledger_hold ORDER BY 1").fetchall(),
                "files": len(list(self.data_dir.rglob("*.parquet"))),
            }


MEMBER = re.compile(r"(?<=/m/)[0-9]+(?=/)")


def numbered_anew(conn: psycopg.Connection, statement: LiteralString) -> list[list[Any]]:
    """A number that a lost transaction had drawn is never given again: members are compared by
    their order. (The ids of transfers of points follow from such numbers, and are left out.)"""
    members = [str(id) for (id,) in conn.execute("SELECT id FROM points_member ORDER BY id")]
    return [
        [
            MEMBER.sub(lambda found: f"#{members.index(found[0])}", cell)
            if isinstance(cell, str)
            else cell
            for cell in row
        ]
        for row in conn.execute(statement)
    ]


class Worlds:
    """Copies of one prepared world."""

    def __init__(self, server: EmbeddedPostgres, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._made = 0
        self._after: dict[str, dict[str, Any]] = {}
        self._first = World(create_database(server), folder / "first")
        self._first.data_dir.mkdir()
        migrate(self._first.url)
        assert self._first.run("prepare") == 0

    def copy(self) -> World:
        self._made += 1
        name = self._first.url.partition("@/")[2].partition("?")[0]
        data_dir = self._folder / str(self._made)
        shutil.copytree(self._first.data_dir, data_dir)
        return World(create_database(self._server, name), data_dir)

    def discard(self, world: World) -> None:
        drop_database(self._server, world.url)
        shutil.rmtree(world.data_dir)

    def undisturbed(self, command: str) -> dict[str, Any]:
        if command not in self._after:
            world = self.copy()
            assert world.run(command) == 0
            self._after[command] = world.state()
            self.discard(world)
        return self._after[command]


@pytest.fixture(scope="module")
def worlds(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(server, tmp_path_factory.mktemp("worlds"))


@pytest.mark.parametrize(
    ("command", "point"), [(command, point) for command in PLAN for point in PLAN[command]]
)
def test_a_command_that_died_and_is_repeated_did_it_once(
    worlds: Worlds, command: str, point: str
) -> None:
    expected = worlds.undisturbed(command)
    world = worlds.copy()
    assert world.run(command, point) == KILLED, f"{command} never came to {point}"
    begun_s = perf_counter()
    assert world.run(command) == 0
    recovery_s = perf_counter() - begun_s
    if any(place.startswith("lake.") for place in PLAN[command]):
        assert world.run("sweep") == 0
    found = world.state()
    lost = len(set(expected["hot"]) - set(found["hot"]))
    duplicates = len(found["hot"]) - len(set(found["hot"]))
    violations = sum(found[part] != expected[part] for part in expected)
    report = {"lost": lost, "duplicates": duplicates, "violations": violations}
    line = {"drill": "A2", "command": command, "point": point, "attempted": 1, **report}
    print(json.dumps(line | {"recovery_s": round(recovery_s, 2)}))
    assert found == expected
    worlds.discard(world)


def test_every_named_point_is_in_the_plan() -> None:
    planned = {point for points in PLAN.values() for point in points}
    assert points_of_the_source() <= planned
    assert set(PLAN) | {"prepare", "sweep"} == set(COMMANDS)
