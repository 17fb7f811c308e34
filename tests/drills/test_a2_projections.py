"""A2 behind the intake: an engine dies at every named point of its work; reopened, it is whole.

Nobody repeats the work. Reopening catches up and resumes erasures, and what is known then is what
an engine knows that was never disturbed. (The intake's own points, and callers who repeat their
commands, are in test_a2_kill_points.)
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from tests.conftest import FreshDatabases, create_database, drop_database
from tests.drills.mortals import Mortals
from tests.engine_ground import (
    SHOES,
    TEA,
    faults,
    histories,
    members,
    nothing_waits,
    opened,
    paid,
    people,
    rows,
    said,
    settled,
    street,
    tags,
    tell,
)
from tests.viewers_ground import answered, trace_of

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.events.log import unpack
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.killpoints import KILLED
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "quanyu"
NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
VICTIM = {"taobao_id": "taobao-0000001", "phone": "13800000077"}
NAMED = {
    "projection.name": (
        "identity",
        "profiles",
        "audiences",
        "prices",
        "ad_billing",
        "outcomes",
    ),
    "name": ("events", "lake", "tables"),
    "part": ("log", "lake", "history"),
}
"""What stands in the braces of a point's name."""


def follow(engine: Engine) -> None:
    settled(engine)


def rebuild(engine: Engine) -> None:
    settled(engine)
    for name in engine.projector.names:
        engine.projector.rebuild(name)


def flush(engine: Engine) -> None:
    settled(engine)
    engine.lake.flush()


def compact(engine: Engine) -> None:
    engine.lake_rewriter.compact(1)


def erase(engine: Engine) -> None:
    settled(engine)
    engine.privacy.erase(TEA, f"taobao_id:{VICTIM['taobao_id']}")


def switch_off(engine: Engine) -> None:
    settled(engine)
    engine.privacy.personalise(TEA, f"taobao_id:{VICTIM['taobao_id']}", on=False)


def retain(engine: Engine) -> None:
    settled(engine)
    engine.retention.run()


WORKS: dict[str, Callable[[Engine], None]] = {
    work.__name__: work for work in (follow, rebuild, flush, compact, erase, switch_off, retain)
}
OF_A_BATCH = ("read", "applied", "moved", "committed")
PLAN: dict[str, list[str]] = {
    "follow": [f"{name}.{point}" for name in NAMED["projection.name"] for point in OF_A_BATCH],
    "rebuild": [f"{name}.reset" for name in NAMED["projection.name"]],
    "flush": ["lake.written", "lake.listed", "lake.committed"],
    "compact": ["lake.written", "lake.listed", "lake.committed"],
    "erase": [
        "erasure.requested", "events.rewritten", "erasure.events", "lake.rewritten",
        "erasure.lake", "erasure.tables", "erasure.compacted",
    ],
    "switch_off": ["consent.written", "consent.committed"],
    "retain": [f"retention.{part}" for part in NAMED["part"]],
}  # fmt: skip
OF_THE_INTAKE = {
    f"events.{p}" for p in ("began", "claimed", "quarantined", "appended", "committed")
}
OF_COMMANDS = (
    "ledger", "points", "flash", "offers", "coupons", "codes", "devices", "orders", "vouchers",
    "instalments", "contents", "shows", "campaigns", "ads",
)  # fmt: skip
"""Callers repeat these commands: test_a2_kill_points."""
NOTHING_WAS_PROMISED = {"consent.written"}
"""Died before anything was durable, so the caller, who got no answer, asks again."""


def points_of_the_source() -> set[str]:
    """Every name in the source, braces filled in."""
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    found: set[str] = set()
    for formatted, name in re.findall(r'killpoint\((f?)"([^"]+)"\)', text):
        field = re.search(r"{(.+?)}", name)
        assert bool(field) == bool(formatted)
        fills = NAMED[field[1]] if field else ("",)
        found |= {re.sub(r"{.+?}", fill, name) for fill in fills}
    return found


def test_every_point_of_the_source_is_reached_by_a_work() -> None:
    planned = {point for points in PLAN.values() for point in points}
    of_commands = {point for point in points_of_the_source() if point.startswith(OF_COMMANDS)}
    assert points_of_the_source() - of_commands == planned | OF_THE_INTAKE
    assert set(PLAN) == set(WORKS)


@dataclass(frozen=True)
class World:
    url: str
    data_dir: Path

    @property
    def database_name(self) -> str:
        return self.url.partition("@/")[2].partition("?")[0]


def prepare(world: World) -> None:
    """Two merchants with audiences; several small files per day; hot events that all have read;
    and events that nobody has read, with a merge among them."""
    clock = FixedClock(NOW_US)
    with Database(world.url) as database, opened(database, clock, world.data_dir) as engine:
        street(engine, clock, audiences=("看过", "近七日付款", "上海", "看过未付款"))
        engine.lake.flush()
        tell(engine, TEA, paid("second", VICTIM, at_us=NOW_US - DAY_US))
        settled(engine)
        engine.lake.flush()
        ends = ("taobao_id:taobao-0000002", "eleme_id:linked-by-hand")
        engine.identity.link(TEA, ends, rule="manual", actor="clerk")
        tell(engine, TEA, said("hot", VICTIM, at_us=NOW_US - DAY_US))
        for number, who in enumerate((VICTIM, {"taobao_id": "taobao-0000008"})):
            answered(engine, TEA, trace_of(number), who=who, at_us=NOW_US - DAY_US)
        settled(engine)
        for merchant in (TEA, SHOES):
            tell(engine, merchant, *unread())


def unread() -> list[dict[str, Any]]:
    about = {"city": "上海", "birth_year": 1990}
    joined = {"taobao_id": "taobao-0000008", "eleme_id": "late-eats"}
    slot = {"decision": trace_of(1).hex(), "item": "i9", "props": {"position": 2}}
    return [
        said("late-seen", joined, at_us=NOW_US - 2, kind="impression", **slot),
        said("late-click", joined, at_us=NOW_US - 1, kind="click", **slot),
        paid("late-bought", joined, at_us=NOW_US, **slot),
        paid("late-heir", {"eleme_id": "late-eats"}, at_us=NOW_US, item="i9"),
        said("late-1", {"eleme_id": "late-eats"}, at_us=NOW_US, kind="add_to_cart", item="i1"),
        said("late-2", joined, at_us=NOW_US - 9 * DAY_US),
        paid("late-3", joined, at_us=NOW_US),
        said("late-4", VICTIM, at_us=NOW_US, kind="member_joined", props=about),
        *(said(f"late-new-{n}", {"taobao_id": f"new-{n}"}, at_us=NOW_US) for n in range(20)),
    ]


class Worlds:
    """Copies of one prepared world, and what becomes of it when nothing goes wrong."""

    def __init__(self, server: EmbeddedPostgres, first: World, *, mortals: Mortals) -> None:
        self.mortals = mortals
        self._server, self._first, self._copies = server, first, 0
        self._twins: dict[str, dict[str, Any]] = {}
        prepare(first)

    def copy(self) -> World:
        self._copies += 1
        data_dir = self._first.data_dir.with_name(f"copy-{self._copies}")
        shutil.copytree(self._first.data_dir, data_dir)
        return World(create_database(self._server, self._first.database_name), data_dir)

    def discard(self, world: World) -> None:
        drop_database(self._server, world.url)
        shutil.rmtree(world.data_dir)

    def twin(self, work: str) -> dict[str, Any]:
        """What is known after the work when nobody dies."""
        if work not in self._twins:
            world = self.copy()
            with reopened(world) as engine:
                WORKS[work](engine)
                recover(engine)
                assert faults(engine) == {}
                self._twins[work] = known(engine)
            self.discard(world)
        return self._twins[work]


@pytest.fixture(scope="module")
def worlds(
    server: EmbeddedPostgres,
    fresh_databases: FreshDatabases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worlds]:
    first = World(fresh_databases.take(), tmp_path_factory.mktemp("a2") / "first")
    first.data_dir.mkdir()
    with Mortals(f"{__name__}:do") as mortals:
        yield Worlds(server, first, mortals=mortals)
    drop_database(server, first.url)


class reopened:  # noqa: N801
    """``with reopened(world) as engine``: what a new process finds."""

    def __init__(self, world: World) -> None:
        self._database = Database(world.url)
        self._engine = opened(self._database, FixedClock(NOW_US), world.data_dir)

    def __enter__(self) -> Engine:
        return self._engine.__enter__()

    def __exit__(self, *failure: Any) -> None:
        self._engine.__exit__(*failure)
        self._database.close()


def recover(engine: Engine) -> None:
    """What the projector of the next process does, in its order."""
    settled(engine)
    engine.privacy.resume()
    engine.retention.run()
    settled(engine)
    engine.lake_store.remove_orphans()


def known(engine: Engine) -> dict[str, Any]:
    """What must be equal, free of numbers that a rolled-back transaction used up."""
    proofs = rows(engine.database, "SELECT erased, finished_us FROM erasure")
    return {
        "people": set(people(engine.database).values()),
        "histories": histories(engine.database),
        "tags": tags(engine.database),
        "members": members(engine),
        "proofs": proofs,
        "outcomes": outcomes(engine),
        "events": sorted(in_the_log(engine)),
    }


def outcomes(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(
        engine.database,
        "SELECT trace, position, kind, inherited, item, at_us, amount_fen FROM decision_outcome"
        " ORDER BY 1, 2, 3, 4",
    )


def in_the_log(engine: Engine) -> list[tuple[str, str]]:
    """(merchant, event id) in lake and hot segments, with repetitions."""
    found = []
    for merchant in (TEA, SHOES):
        with engine.readings.reading(merchant) as reading:
            found += [(merchant, row["event_id"]) for row in reading.rows(reading.events)]
    return found


def folded(engine: Engine) -> Counter[tuple[str, str]]:
    """(merchant, event id) → how often it is in somebody's history."""
    found = rows(
        engine.database,
        "SELECT name, event FROM history JOIN identifier USING (node) JOIN merchant"
        " USING (merchant_no)",
    )
    packed = b"\xdd" + len(found).to_bytes(4, "big") + b"".join(bytes(e) for _, e in found)
    events = unpack(packed)
    return Counter((m, e.event_id) for (m, _), e in zip(found, events, strict=True) if e)


@pytest.mark.parametrize(
    ("work", "point"), [(work, point) for work in PLAN for point in PLAN[work]]
)
def test_who_died_there_is_whole_after_reopening(
    worlds: Worlds, capsys: pytest.CaptureFixture[str], work: str, point: str
) -> None:
    twin, world = worlds.twin(work), worlds.copy()
    ended = worlds.mortals.run(work, url=world.url, data_dir=world.data_dir, point=point)
    assert ended.exit == KILLED, f"{work} never came to {point}: {ended.errors}"
    begun_s = perf_counter()
    with reopened(world) as engine:
        recover(engine)
        if point in NOTHING_WAS_PROMISED:
            WORKS[work](engine)
            recover(engine)
        recovery_s = perf_counter() - begun_s
        report = losses(engine, twin)
        with capsys.disabled():
            drill = {"drill": "A2", "work": work, "point": point, "attempted": 1}
            print("\n" + json.dumps(drill | report | {"recovery_s": round(recovery_s, 3)}))
        assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, [])
        assert nothing_waits(engine)
    worlds.discard(world)


def losses(engine: Engine, twin: dict[str, Any]) -> dict[str, Any]:
    found, history = known(engine), folded(engine)
    logged = Counter(in_the_log(engine))
    return {
        "lost": len(set(twin["events"]) - set(history)) + len(set(twin["events"]) - set(logged)),
        "duplicates": sum(n - 1 for n in (history + Counter()).values())
        + sum(n - 1 for n in logged.values()),
        "violations": [part for part in twin if found[part] != twin[part]]
        + [line for lines in faults(engine).values() for line in lines],
    }


def do(work: str, url: str, data_dir: str) -> None:
    """In a process of its own."""
    with reopened(World(url, Path(data_dir))) as engine:
        WORKS[work](engine)
