"""A2: the process exits at every named point of every command; repeated, all is as if never."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, LiteralString, NamedTuple

import psycopg
import pytest
from tests.conftest import create_database, drop_database
from tests.drills.commands import COMMANDS
from tests.drills.mortals import Mortals

from quanyu.events.log import unpack
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.killpoints import KILLED
from quanyu.storage.postgres.migrations import migrate

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "quanyu"
SCENERY = ("prepare", "sweep")
"""Commands that set the scene."""
BEGINS_WITH = {
    "rebuild": "catch_up",
    "flush": "catch_up",
    "switch_off": "catch_up",
    "erase_from_the_lake": "flush",
}
"""Command → the one that it begins with, whose points are that one's."""
OF_A_CHORE = "retention."
"""Nobody repeats it: test_a2_projections kills the process that does it by itself."""

pytestmark = pytest.mark.drill


@dataclass(frozen=True)
class World:
    """One database and data directory; a command runs in a process of its own."""

    url: str
    data_dir: Path
    mortals: Mortals

    def run(self, command: str) -> list[str]:
        """Returns the points that it passed."""
        ended = self.mortals.run(command, url=self.url, data_dir=self.data_dir)
        assert ended.exit == 0, ended.errors
        return ended.reached

    def dies(self, command: str, point: str) -> None:
        ended = self.mortals.run(command, url=self.url, data_dir=self.data_dir, point=point)
        assert ended.exit == KILLED, f"{command} never came to {point}: {ended.errors}"

    def trace(self) -> dict[str, Any]:
        """Every row of every table and every file of the lake: is this the world as it was?"""
        with psycopg.connect(self.url) as conn:
            rows = {
                name: conn.execute(
                    f"SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), ''))"
                    f' FROM "{name}" t'
                ).fetchone()
                for name in tables(conn)
            }
        files = {str(one): one.stat().st_size for one in self.data_dir.rglob("*.parquet")}
        return {**rows, **files}

    def state(self) -> dict[str, Any]:
        """What must be equal: the log event by event, and every table by its number of rows."""
        with psycopg.connect(self.url) as conn:
            counts = {
                name: conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()
                for name in tables(conn)
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


def tables(conn: psycopg.Connection) -> list[str]:
    found = conn.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '%yoyo%'"
    )
    return [name for (name,) in found]


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


class Life(NamedTuple):
    """A command that nobody disturbs."""

    points: list[str]
    state: dict[str, Any]


class Worlds:
    """Copies of one prepared world."""

    def __init__(self, server: EmbeddedPostgres, folder: Path, *, mortals: Mortals) -> None:
        self._server = server
        self._folder = folder
        self._made = 0
        self._first = World(create_database(server), folder / "first", mortals)
        self._first.data_dir.mkdir()
        migrate(self._first.url)
        self._first.run("prepare")
        self._lives: dict[str, Life] = {}
        self.untouched = self._first.trace()

    @contextmanager
    def copy(self) -> Iterator[World]:
        self._made += 1
        name = self._first.url.partition("@/")[2].partition("?")[0]
        data_dir = self._folder / str(self._made)
        shutil.copytree(self._first.data_dir, data_dir)
        world = World(create_database(self._server, name), data_dir, self._first.mortals)
        yield world
        drop_database(self._server, world.url)
        shutil.rmtree(data_dir)

    def undisturbed(self, command: str) -> Life:
        if command not in self._lives:
            with self.copy() as world:
                self._lives[command] = Life(world.run(command), world.state())
        return self._lives[command]

    def own_points(self, command: str) -> list[str]:
        found, first = self.undisturbed(command).points, BEGINS_WITH.get(command)
        others = set(self.undisturbed(first).points) if first else set()
        return [point for point in found if point not in others]


@pytest.fixture(scope="module")
def worlds(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    with Mortals() as mortals:
        yield Worlds(server, tmp_path_factory.mktemp("worlds"), mortals=mortals)


class Deaths:
    """One command dies at one point after the other. A death that leaves the world as it was, row
    for row, leaves it to the next one; after any other, and after the last, the command is
    repeated, and all must be as if nobody had died."""

    def __init__(self, worlds: Worlds, command: str) -> None:
        self.worlds, self.command = worlds, command
        self.undisturbed = worlds.undisturbed(command)
        self.points = worlds.own_points(command)
        self.report = {"lost": 0, "duplicates": 0, "violations": 0}
        self.recovery_s = 0.0

    def everywhere(self) -> None:
        points: Sequence[str] = self.points
        while points:
            with self.worlds.copy() as world:
                points = self._some(world, points)
                self._repeated(world)

    def _some(self, world: World, points: Sequence[str]) -> Sequence[str]:
        """Returns those that want another world."""
        for place, point in enumerate(points, 1):
            world.dies(self.command, point)
            if world.trace() != self.worlds.untouched:
                return points[place:]
        return ()

    def _repeated(self, world: World) -> None:
        begun_s = perf_counter()
        world.run(self.command)
        self.recovery_s = max(self.recovery_s, perf_counter() - begun_s)
        if any(point.startswith("lake.") for point in self.undisturbed.points):
            world.run("sweep")
        found, expected = world.state(), self.undisturbed.state
        self.report["lost"] += len(set(expected["hot"]) - set(found["hot"]))
        self.report["duplicates"] += len(found["hot"]) - len(set(found["hot"]))
        self.report["violations"] += sum(found[part] != expected[part] for part in expected)
        assert found == expected


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in SCENERY])
def test_a_command_that_died_and_is_repeated_did_it_once(worlds: Worlds, command: str) -> None:
    deaths = Deaths(worlds, command)
    deaths.everywhere()
    points = deaths.points
    line = {"drill": "A2", "command": command, "points": points, "attempted": len(points)}
    print(json.dumps({**line, **deaths.report, "recovery_s": round(deaths.recovery_s, 2)}))
    assert points


def test_every_named_point_is_reached_by_a_command(worlds: Worlds) -> None:
    lives = [worlds.undisturbed(name) for name in COMMANDS if name not in SCENERY]
    reached = "\n".join({point for life in lives for point in life.points})
    missing = {
        name
        for name in points_of_the_source()
        if not name.startswith(OF_A_CHORE)
        and not re.search("^" + re.sub(r"{.+?}", r"\\w+", name) + "$", reached, re.MULTILINE)
    }
    assert missing == set()


def points_of_the_source() -> set[str]:
    """Every ``killpoint("…")`` of every package, also those with a name inside."""
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    return set(re.findall(r'killpoint\(f?"([^"]+)"\)', text))
