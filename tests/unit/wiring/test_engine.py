"""How the engine is put together: opened by settings, made lazily, put away without loss."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.engine_ground import (
    AUDIENCES,
    KEY,
    TEA,
    body,
    define_audiences,
    faults,
    opened,
    paid,
    rows,
    said,
    settled,
    street,
    tell,
)

from quanyu.clock import DAY_US, HOUR_US, FixedClock
from quanyu.errors import BadInput, StorageUnavailable
from quanyu.events.bodies import Unusable
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine, database_server, open_engine

LI = {"taobao_id": "li"}
HEAVY = ("ibis", "duckdb", "splink", "sklearn", "pyspark", "fastapi", "uvicorn")
RECORDING = """
import json, sys
from quanyu.settings import Settings
from quanyu.wiring import open_engine
with open_engine(Settings.from_env()) as engine:
    receipt = engine.app.record("茶馆", sys.stdin.buffer.read())
    engine.projector.catch_up()
    engine.settle()
    named = engine.app.identify("茶馆", "taobao_id:li").public_id
    loaded = sorted(set(sys.modules) & set(json.loads(sys.argv[1])))
print(json.dumps({"accepted": receipt.accepted, "named": named, "loaded": loaded}))
"""


def environment(url: str, data_dir: Path, key: bytes = KEY) -> dict[str, str]:
    return {
        "QUANYU_DATABASE_URL": url,
        "QUANYU_DATA_DIR": str(data_dir),
        "QUANYU_MASTER_KEY": key.hex(),
    }


def settings(url: str, data_dir: Path, key: bytes = KEY) -> Settings:
    return Settings.from_env(environment(url, data_dir, key))


class TestOpening:
    def test_an_outside_server_is_used_and_no_other_is_started(
        self, empty_database_url: str, data_dir: Path, clock: FixedClock
    ) -> None:
        given = settings(empty_database_url, data_dir)
        with open_engine(given, clock=clock) as engine:
            assert tell(engine, TEA, said("e1", LI, at_us=clock.now_us())) == 1
        assert list(data_dir.iterdir()) == [], "no cluster, no key file, no lake"
        with open_engine(given, clock=clock) as engine:
            assert tell(engine, TEA, said("e1", LI, at_us=clock.now_us())) == 0, "still known"

    def test_an_outside_server_never_has_to_be_started(
        self, database_url: str, data_dir: Path
    ) -> None:
        with database_server(settings(database_url, data_dir)) as server:
            assert server.url == database_url
            assert server.ensure_running() is False

    def test_a_database_belongs_to_the_key_that_it_met_first(
        self, database_url: str, data_dir: Path
    ) -> None:
        other = bytes(reversed(KEY))
        with open_engine(settings(database_url, data_dir)):
            pass
        with (
            pytest.raises(BadInput, match="begun with another one") as refused,
            open_engine(settings(database_url, data_dir, other)),
        ):
            pytest.fail("opened under a key that makes strangers of everybody")
        assert other.hex() not in str(refused.value)
        with open_engine(settings(database_url, data_dir)) as engine:
            assert engine.log.head() == 0

    def test_without_a_key_one_is_made_and_kept(self, database_url: str, data_dir: Path) -> None:
        given = Settings(data_dir=data_dir, database_url=database_url)
        with open_engine(given) as first, open_engine(given) as second:
            assert first.master_key == second.master_key
            assert first.tokeniser("a").key != first.tokeniser("b").key
        (key_file,) = data_dir.iterdir()
        assert key_file.stat().st_mode & 0o777 == 0o600

    def test_a_server_that_is_away_is_an_outside_failure(self, data_dir: Path) -> None:
        nowhere = "postgresql://quanyu@localhost:1/quanyu?connect_timeout=1"
        with (
            pytest.raises(StorageUnavailable),
            open_engine(settings(nowhere, data_dir)),
        ):
            pytest.fail("opened nothing")


class TestParts:
    def test_opening_recording_and_looking_up_load_no_engine_of_analysis(
        self, database_url: str, data_dir: Path, clock: FixedClock
    ) -> None:
        done = subprocess.run(
            [sys.executable, "-c", RECORDING, json.dumps(HEAVY)],
            input=body([said("e1", LI, at_us=clock.now_us())]),
            env=environment(database_url, data_dir),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        found = json.loads(done.stdout)
        assert found == {"accepted": 1, "named": found["named"], "loaded": []}

    def test_a_part_is_made_once_and_closing_an_unused_engine_makes_none(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        engine = Engine(Settings(data_dir=data_dir, master_key_given=KEY), database, clock=clock)
        engine.close()
        assert engine.__dict__.keys() == {"settings", "database", "clock", "_open"}
        assert engine.profiles is engine.profiles
        assert engine.audience_store is engine.audience_store
        engine.close()

    def test_projections_stand_in_the_order_of_what_they_rely_on(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            assert engine.projector.names == (
                "identity", "profiles", "audiences", "prices", "ad_billing", "outcomes",
            )  # fmt: skip

    def test_tags_of_the_data_directory_are_in_force(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        (data_dir / "tags").mkdir()
        with opened(database, clock, data_dir) as engine:
            shipped = set(engine.catalogue.tags)
        text = """
        [[tag]]
        key = "tea_days"
        label = "喝茶天数"
        kind = "statistic"
        purpose = "analytics"
        measure = { events = ["view"], aggregate = "days", window_days = 30 }
        """
        (data_dir / "tags" / "own.toml").write_text(text)
        with opened(database, clock, data_dir) as engine:
            assert set(engine.catalogue.tags) - shipped == {"tea_days"}


class TestClosing:
    def test_what_was_handed_in_is_durable_when_it_is_closed(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            pending = [
                engine.events.submit(TEA, body([said(f"e{n}", LI, at_us=clock.now_us())]))
                for n in range(50)
            ]
        assert rows(database, "SELECT head FROM log_head") == [(50,)]
        for one in pending:
            assert not isinstance(one, Unusable)
            assert one.done.done()
            assert one.receipt().accepted == 1

    def test_nothing_is_taken_in_afterwards(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            tell(engine, TEA, said("e1", LI, at_us=clock.now_us()))
        with pytest.raises(StorageUnavailable, match="stopping"):
            engine.events.record(TEA, body([said("e2", LI, at_us=clock.now_us())]))
        assert rows(database, "SELECT head FROM log_head") == [(1,)]


class TestSettling:
    """A command answers from what is stored; nobody may have served for days."""

    def test_people_leave_windows_though_nobody_served_for_eight_days(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            street(engine, clock)
            assert engine.audiences.count(TEA, "近七日付款") > 0
            clock.advance(8 * DAY_US)
            engine.settle()
            assert engine.audiences.count(TEA, "近七日付款") == 0
            assert engine.audiences.count(TEA, "近七日没来") == 8
            assert faults(engine) == {}

    def test_more_timers_than_one_sweep_takes_are_all_seen_to(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            define_audiences(engine, TEA, ["近七日付款"])
            buyers = [
                paid(f"e{n}", {"taobao_id": f"buyer-{n}"}, at_us=clock.now_us())
                for n in range(2_300)
            ]
            tell(engine, TEA, *buyers)
            settled(engine)
            assert engine.audiences.count(TEA, "近七日付款") == 2_300
            clock.advance(7 * DAY_US + 1)
            engine.settle()
            assert engine.audiences.count(TEA, "近七日付款") == 0

    def test_a_merge_moves_members_without_an_event(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            define_audiences(engine, TEA, ["看过", "看过未付款"])
            tell(engine, TEA, said("e1", LI, at_us=clock.now_us()))
            tell(engine, TEA, paid("e2", {"eleme_id": "li-eats"}, at_us=clock.now_us()))
            settled(engine)
            assert engine.audiences.count(TEA, "看过未付款") == 1
            ends = ("taobao_id:li", "eleme_id:li-eats")
            edge = engine.identity.link(TEA, ends, rule="manual", actor="clerk")
            engine.settle()
            assert engine.audiences.count(TEA, "看过未付款") == 0
            engine.identity.unlink(TEA, str(edge.id), actor="clerk")
            engine.settle()
            assert engine.audiences.count(TEA, "看过未付款") == 1
            assert faults(engine) == {}


class TestChores:
    def test_all_run_at_first_and_then_each_in_its_time(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            street(engine, clock)
            first = engine.projector.do_chores()
            assert len(first) == len(set(first)) == len(engine.chores)
            assert engine.projector.do_chores() == ["audiences.timers"], "due in every round"
            clock.advance(HOUR_US)
            assert set(engine.projector.do_chores()) == set(first) - {"privacy.retention"}
            clock.advance(DAY_US)
            assert set(engine.projector.do_chores()) == set(first)
            assert faults(engine) == {}

    def test_a_day_of_rounds_keeps_everything_whole(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            street(engine, clock)
            for turn in range(7):
                clock.advance(4 * HOUR_US)
                tell(engine, TEA, paid(f"t{turn}", LI, at_us=clock.now_us() - turn * HOUR_US))
                engine.projector.catch_up()
                engine.projector.do_chores()
            settled(engine)
            assert faults(engine) == {}
            assert rows(database, "SELECT count(*) FROM lake_file WHERE retired_us IS NULL")[0][0]
            assert set(AUDIENCES) == {one.name for one in engine.audiences.list(TEA)}


def test_a_definition_that_cannot_be_used_stops_it_before_it_answers(
    database_url: str, data_dir: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('id = "x"\nlabel = "X"\n[apps]\na = "A"\n[[touchpoint]]\nid = "a.b"\n')
    settings = Settings(data_dir=data_dir, database_url=database_url, ecosystem=str(file))
    with pytest.raises(BadInput, match=r"ours\.toml: touchpoint 'a\.b'"), open_engine(settings):
        pass
