"""The audit: silent while all is well, and loud, at the right place, for everything that is not."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyroaring import BitMap64
from tests.conftest import FreshDatabases, create_database, drop_database
from tests.engine_ground import (
    AUDIENCES,
    SHOES,
    TEA,
    checks,
    faults,
    market_events,
    opened,
    paid,
    rows,
    said,
    settled,
    street,
    tamper,
    tell,
)
from tests.ledger_ground import ACCOUNTS, held, moved

from quanyu.clock import DAY_US, HOUR_US, FixedClock, parse_iso
from quanyu.errors import StorageUnavailable
from quanyu.events.log import key_of
from quanyu.storage.audit.ledger import BALANCES, CHAIN, HOLDS, LIMITS, UNITS
from quanyu.storage.lake.files import write_file
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.lake_files import LakeFile, live_files
from quanyu.wiring import Engine

DENSE = "log: offsets are dense"
KEYS = "log: every event has its key"
CONSUMERS = "projections: none is past the log"
PEOPLE = "identity: people follow from the ledger"
HISTORY = "profiles: history has every event"
MEMBERS = "audiences: members follow from the definitions"
FILES = "lake: files are what the manifest says"
ONCE = "lake: each event once"
LEDGER = {CHAIN, BALANCES, HOLDS, UNITS, LIMITS}
BENEFITS = {
    "points: lots are what the book says",
    "points: spends are made of lots",
    "flash sales: sold + held + free = loaded",
    "coupons: pieces and money are what the book says",
    "orders: payments and refunds are what the book says",
    "vouchers: what waits in them is what the book says",
    "instalments: terms sum to what was financed",
    "instalments: fees in the book are those of the plans",
    "prices: the history is what the orders say",
    "campaigns: their money is what the book says",
    "ads: leases are what the book says",
    "ads: wins fit into their leases",
    "ads: every settled win was billed once",
    "shows: archives are as they were written",
    "shows: hosts are owed what the orders say",
    "privacy: every stored field is registered",
}
ALL = {DENSE, KEYS, CONSUMERS, PEOPLE, HISTORY, MEMBERS, FILES, ONCE} | LEDGER | BENEFITS
UNREADABLE = {
    "lake holds each event once": "cannot be looked at: ",
    "history has every event": "cannot be looked at: ",
    "members follow from the definitions": "cannot be looked at: ",
}
"""What a file that cannot be read makes of the checks that need it."""
NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
CHOSEN = ("近七日付款", "上海")
LI, WU = {"taobao_id": "li"}, {"taobao_id": "wu"}


@dataclass(frozen=True)
class World:
    url: str
    data_dir: Path


@dataclass(frozen=True)
class Site:
    """A copy of the healthy world, to be damaged."""

    engine: Engine
    database: Database
    lake_dir: Path

    def files(self) -> list[LakeFile]:
        with self.database.transaction() as conn:
            return live_files(conn)

    def hot(self) -> list[int]:
        """First offsets of the hot segments."""
        found = rows(self.database, "SELECT first_offset FROM event_segment ORDER BY 1")
        return [first for (first,) in found]


def healthy(url: str, data_dir: Path) -> None:
    """Several merchants, files in the lake, three hot segments, merges, somebody erased."""
    clock = FixedClock(NOON_US)
    with Database(url) as database, opened(database, clock, data_dir) as engine:
        street(engine, clock, audiences=CHOSEN)
        joined = LI | {"phone": "13800000001"}
        tell(engine, TEA, said("join", joined, at_us=NOON_US), said("gone", WU, at_us=NOON_US))
        settled(engine)
        engine.lake.flush()
        assert engine.privacy.erase(TEA, "taobao_id:wu") is not None
        ends = ("taobao_id:li", "eleme_id:li-eats")
        engine.identity.link(TEA, ends, rule="manual", actor="clerk")
        for number in range(3):
            tell(engine, TEA, said(f"hot-{number}", LI, at_us=NOON_US, kind="search", query="茶"))
        settled(engine)
        engine.ledger.post([[moved("in")], [held("hold")]], accounts=ACCOUNTS)


@pytest.fixture(scope="module")
def world(
    server: EmbeddedPostgres,
    fresh_databases: FreshDatabases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    url, data_dir = fresh_databases.take(), tmp_path_factory.mktemp("healthy")
    healthy(url, data_dir)
    yield World(url, data_dir)
    drop_database(server, url)


@pytest.fixture
def site(server: EmbeddedPostgres, world: World, tmp_path: Path) -> Iterator[Site]:
    template = world.url.partition("@/")[2].partition("?")[0]
    url, data_dir = create_database(server, template), tmp_path / "data"
    shutil.copytree(world.data_dir, data_dir)
    with Database(url) as database, opened(database, FixedClock(NOON_US), data_dir) as engine:
        yield Site(engine, database, data_dir / "lake")
    drop_database(server, url)


class TestHealthy:
    def test_everything_is_looked_at_and_holds(self, site: Site) -> None:
        found = checks(site.engine)
        assert {name: check.violations for name, check in found.items()} == dict.fromkeys(ALL, ())
        assert all(check.looked_at > 0 for name, check in found.items() if name not in BENEFITS)

    def test_nothing_is_repaired_or_changed(self, site: Site) -> None:
        before = rows(site.database, "SELECT * FROM consumer_offset ORDER BY 1")
        tamper(site.database, "DELETE FROM person_of")
        assert PEOPLE in faults(site.engine)
        assert rows(site.database, "SELECT count(*) FROM person_of") == [(0,)]
        assert rows(site.database, "SELECT * FROM consumer_offset ORDER BY 1") == before

    def test_an_engine_that_has_seen_nothing_holds(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            assert set(checks(engine)) == ALL
            assert faults(engine) == {}

    def test_events_that_nobody_has_read_yet_are_no_violation(self, site: Site) -> None:
        tell(site.engine, SHOES, paid("unread", LI, at_us=NOON_US))
        assert faults(site.engine) == {} or faults(site.engine).keys() == {MEMBERS}
        settled(site.engine)
        assert faults(site.engine) == {}

    def test_a_database_that_is_away_is_no_violation_but_a_failure(self, site: Site) -> None:
        site.database.close()
        with pytest.raises(StorageUnavailable):
            list(site.engine.audit())

    def test_it_holds_after_every_kind_of_work(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            street(engine, clock)
            works: dict[str, Callable[[], object]] = {
                "flush": engine.lake.flush,
                "link": lambda: engine.identity.link(
                    TEA,
                    ("taobao_id:taobao-0000001", "eleme_id:eats-9"),
                    rule="manual",
                    actor="clerk",
                ),
                "merge of two buyers": lambda: engine.identity.link(
                    SHOES,
                    ("taobao_id:taobao-0000002", "taobao_id:taobao-0000005"),
                    rule="manual",
                    actor="clerk",
                ),
                "unlink": lambda: unlink_all(engine, "taobao_id:taobao-0000002"),
                "off": lambda: engine.privacy.personalise(
                    TEA, "taobao_id:taobao-0000008", on=False
                ),
                "hot": lambda: tell(engine, TEA, paid("late", LI, at_us=clock.now_us() - DAY_US)),
                "erasure": lambda: engine.privacy.erase(SHOES, "taobao_id:taobao-0000008"),
                "second flush": lambda: flushed_in_small_files(engine, clock),
                "compaction": lambda: engine.lake_rewriter.compact(1),
                "an hour": lambda: clock.advance(HOUR_US),
                "retired": lambda: engine.lake_rewriter.remove_retired(),
                "eight days": lambda: clock.advance(8 * DAY_US),
            }
            for name, work in works.items():
                done = work()
                settled(engine)
                assert faults(engine) == {}, name
                assert done != 0, f"{name} found nothing to do"


def unlink_all(engine: Engine, who: str) -> int:
    edges = [e for e in engine.identity.edges(SHOES, who) if e.id.rule == "manual"]
    for edge in edges:
        engine.identity.unlink(SHOES, str(edge.id), actor="clerk")
    return len(edges)


def flushed_in_small_files(engine: Engine, clock: FixedClock) -> int:
    for number in range(3):
        for merchant in (TEA, SHOES):
            tell(engine, merchant, said(f"small-{number}", LI, at_us=clock.now_us()))
        engine.projector.catch_up()
        engine.lake.flush()
    return len(list(engine.settings.lake_dir.rglob("*.parquet")))


# ---- violations, made on purpose


def sql(*statements: str) -> Callable[[Site], None]:
    return lambda site: tamper(site.database, *statements)


def key_lost(site: Site) -> None:
    key = key_of("hot-1").hex()
    tamper(site.database, f"DELETE FROM event_key WHERE key = '{key}'")


def middle_segment_lost(site: Site) -> None:
    tamper(site.database, f"DELETE FROM event_segment WHERE first_offset = {site.hot()[-2]}")


def first_segment_lost(site: Site) -> None:
    tamper(site.database, f"DELETE FROM event_segment WHERE first_offset = {site.hot()[0]}")


def segment_written_twice(site: Site) -> None:
    *_, one, other = site.hot()
    copied = f"(SELECT payload FROM event_segment WHERE first_offset = {one})"
    tamper(
        site.database, f"UPDATE event_segment SET payload = {copied} WHERE first_offset = {other}"
    )


def stranger_joined(site: Site) -> None:
    """Two identifiers of two people of one merchant become one, without an edge that says so."""
    tamper(
        site.database,
        """
        INSERT INTO person_of
        SELECT max(node), min(node) FROM identifier
        WHERE merchant_no = 1 AND kind = 'taobao_id'
          AND node NOT IN (SELECT unnest(ARRAY[node, person]) FROM person_of)
        """,
    )


def edge_lost(site: Site) -> None:
    alter = "ALTER TABLE edge_entry {} TRIGGER edge_entry_append_only"
    with site.database.transaction() as conn:
        conn.execute(alter.format("DISABLE"))
        conn.execute("DELETE FROM edge_entry WHERE rule = 'manual'")
        conn.execute(alter.format("ENABLE"))


def set_members(site: Site, name: str, members: BitMap64) -> None:
    """Overwrite the snapshot of an audience of the tea house; nothing was journalled after it."""
    with site.database.transaction() as conn:
        done = conn.execute(
            "UPDATE audience_snapshot SET members = %s, epoch = audience_snapshot.epoch"
            " FROM audience a WHERE a.audience_no = audience_snapshot.audience_no"
            " AND a.name = %s AND a.merchant_no = 1",
            [members.serialize(), name],
        )
        assert done.rowcount == 1
        conn.execute("DELETE FROM membership_change")
    for cached in ("audience_store", "memberships"):
        site.engine.__dict__.pop(cached, None)


def member_swapped(site: Site) -> None:
    """As many as before, but one of them is somebody else: a look at the number sees nothing."""
    members = current(site, "上海").copy()
    members.remove(members[0])
    members.add(members.max() + 1_000)
    set_members(site, "上海", members)


def everybody_out(site: Site) -> None:
    set_members(site, "上海", BitMap64())


def current(site: Site, name: str) -> BitMap64:
    return site.engine.audience_store.members(TEA, [name])[name]


def file_of_the_tea_house(site: Site) -> Path:
    return max(
        (site.lake_dir / f.path for f in site.files() if f.merchant_no == 1),
        key=lambda path: path.stat().st_size,
    )


def file_removed(site: Site) -> None:
    file_of_the_tea_house(site).unlink()


def file_cut_short(site: Site) -> None:
    path = file_of_the_tea_house(site)
    path.write_bytes(path.read_bytes()[:-100])


def file_damaged(site: Site) -> None:
    """As long as before, but its footer is noise."""
    path = file_of_the_tea_house(site)
    raw = path.read_bytes()
    path.write_bytes(raw[:-200] + bytes(200))


def rewritten(site: Site, change: Callable[[pa.Table], pa.Table]) -> None:
    """Another table under the same name, and the manifest knows its size but not its contents."""
    path = file_of_the_tea_house(site)
    size = write_file(path, change(pq.read_table(path, partitioning=None)))
    name = str(path.relative_to(site.lake_dir))
    tamper(site.database, f"UPDATE lake_file SET bytes = {size} WHERE path = '{name}'")


def rows_missing_in_a_file(site: Site) -> None:
    rewritten(site, lambda table: table.slice(1))


def rows_twice_in_a_file(site: Site) -> None:
    rewritten(site, lambda table: pa.concat_tables([table, table]))


def rows_twice_and_the_manifest_agrees(site: Site) -> None:
    rows_twice_in_a_file(site)
    name = str(file_of_the_tea_house(site).relative_to(site.lake_dir))
    tamper(site.database, f"UPDATE lake_file SET events = events * 2 WHERE path = '{name}'")


def file_swapped(site: Site) -> None:
    """Two files of one merchant have changed places."""
    one, other = sorted(site.lake_dir / f.path for f in site.files() if f.merchant_no == 1)[:2]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


HEAD = "UPDATE log_head SET head = head {}"
CASES: list[tuple[str, Callable[[Site], None], dict[str, str]]] = [
    ("a key is lost", key_lost, {KEYS: f"1 events of {TEA} have no key"}),
    ("all keys are lost", sql("DELETE FROM event_key"), {KEYS: f"3 events of {TEA} have no key"}),
    ("the head is too far", sql(HEAD.format("+ 1")), {DENSE: "the head says 80, the segments end"}),
    (
        "the head is behind",
        sql(HEAD.format("- 1")),
        {
            DENSE: "the head says 78, the segments end at 79",
            CONSUMERS: "is at 79, past the head 78",
            ONCE: f"{TEA}: offset 79 is past the head 78",
        },
    ),
    (
        "a segment in the middle is lost",
        middle_segment_lost,
        {DENSE: "segment 79 should begin at 78", HISTORY: "rows of history for"},
    ),
    (
        "the first hot segment is lost",
        first_segment_lost,
        {DENSE: "offsets 77 to 77 are neither hot", HISTORY: "rows of history for"},
    ),
    (
        "all hot segments are lost",
        sql("DELETE FROM event_segment"),
        {DENSE: "neither hot nor in the lake", HISTORY: "rows of history for"},
    ),
    ("a segment stands twice", segment_written_twice, {KEYS: "an event id stands twice"}),
    (
        "a consumer is past the head",
        sql("UPDATE consumer_offset SET \"offset\" = 99 WHERE consumer = 'identity'"),
        {CONSUMERS: "identity is at 99, past the head 79"},
    ),
    (
        "profiles would fold an event again",
        sql("UPDATE consumer_offset SET \"offset\" = 78 WHERE consumer = 'profiles'"),
        {HISTORY: f"{TEA}: "},
    ),
    (
        "the lake would take an event again",
        sql("UPDATE consumer_offset SET \"offset\" = 0 WHERE consumer = 'lake'"),
        {DENSE: "offsets 1 to 76 are neither hot nor in the lake", HISTORY: "rows of history for"},
    ),
    ("people are forgotten", sql("DELETE FROM person_of"), {PEOPLE: f"{TEA}: "}),
    ("strangers are joined", stranger_joined, {PEOPLE: f"{TEA}: 1 identifiers belong to another"}),
    ("an edge is lost", edge_lost, {PEOPLE: f"{TEA}: 1 identifiers belong to another"}),
    (
        "a row of history is lost",
        sql("DELETE FROM history WHERE \"offset\" = 79"),
        {HISTORY: f"{TEA}: 40 rows of history for 41 events"},
    ),
    (
        "a row of history is invented",
        sql("INSERT INTO history SELECT node, at_us, 99, event FROM history WHERE \"offset\" = 79"),
        {HISTORY: f"{TEA}: 42 rows of history for 41 events"},
    ),
    ("an audience is empty", everybody_out, {MEMBERS: f"{TEA}: 上海 lacks 2 people, has 0 too"}),
    ("a member is another", member_swapped, {MEMBERS: f"{TEA}: 上海 lacks 1 people, has 1 too"}),
    (
        "somebody is let in by hand",
        sql(
            "INSERT INTO membership_change SELECT change_no + 1, (SELECT audience_no FROM audience"
            " WHERE name = '上海' AND merchant_no = 1), 4711, 0, true, 'hand' FROM audience_head",
            "UPDATE audience_head SET change_no = change_no + 1",
        ),
        {MEMBERS: f"{TEA}: 上海 lacks 0 people, has 1 too many"},
    ),
    (
        "a definition is changed by hand",
        sql(
            """UPDATE audience SET definition = '{"tag":"city","op":"eq","value":"月球"}'
            WHERE name = '上海' AND merchant_no = 1"""
        ),
        {MEMBERS: f"{TEA}: 上海 lacks 0 people, has 2 too many"},
    ),
    (
        "a tag is no longer declared",
        sql(
            """UPDATE audience SET definition = '{"tag":"shoe_size","op":"exists","value":true}'
            WHERE name = '上海' AND merchant_no = 1"""
        ),
        {MEMBERS: f"{TEA}: 上海 cannot be evaluated: "},
    ),
    ("a file is gone", file_removed, {FILES: ".parquet is gone", **UNREADABLE}),
    ("a file is cut short", file_cut_short, {FILES: " bytes, not ", **UNREADABLE}),
    ("a file is damaged", file_damaged, {FILES: ".parquet cannot be read: ", **UNREADABLE}),
    ("files have changed places", file_swapped, {FILES: " bytes, not "}),
    (
        "a file lacks a row",
        rows_missing_in_a_file,
        {FILES: "not what the manifest says", HISTORY: "rows of history for"},
    ),
    (
        "a file has rows twice",
        rows_twice_in_a_file,
        {
            FILES: "not what the manifest says",
            ONCE: "offsets stand twice",
            HISTORY: "rows of history for",
        },
    ),
    (
        "a file and the manifest have rows twice",
        rows_twice_and_the_manifest_agrees,
        {ONCE: "offsets stand twice", HISTORY: "rows of history for"},
    ),
    (
        "the manifest forgets the files",
        sql("DELETE FROM lake_file"),
        {HISTORY: "rows of history for"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "says"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_it_fails_there_and_nowhere_else(
    site: Site, damage: Callable[[Site], None], says: dict[str, str]
) -> None:
    damage(site)
    found = faults(site.engine)
    if says.keys() & {PEOPLE, HISTORY}:
        says = {MEMBERS: "", **says} if MEMBERS in found else says
    assert found.keys() == says.keys(), found
    for check, part in says.items():
        assert any(part in line for line in found[check]), found[check]
        assert all("\n" not in line for line in found[check])


def test_the_world_has_what_the_cases_speak_of(site: Site) -> None:
    assert len(site.hot()) == 3
    assert {f.merchant_no for f in site.files()} == {1, 2}
    assert set(site.engine.audience_store.members(SHOES, AUDIENCES)) == set(CHOSEN)
    assert len(market_events(FixedClock(NOON_US))) * 2 + 2 + 3 == 79
