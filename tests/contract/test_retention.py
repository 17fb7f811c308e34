"""The retention job on real stores: what is past its term is gone from the log, Parquet, history,
tags and tables; what the law keeps stays; a crash resumes; the receipt names nobody."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.engine_ground import TEA, faults, opened, paid, rows, said, settled, tell

from quanyu.clock import DAY_US, FixedClock
from quanyu.storage.postgres import killpoints
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI, WU = {"taobao_id": "li"}, {"taobao_id": "wu"}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    """Li joined, looked and paid; half of it lies in the lake. 401 days later Wu looks."""
    with opened(database, clock, data_dir) as made:
        made.audiences.create(TEA, "看过", definition={"event": "view", "op": "ge", "value": 1})
        about = {"city": "上海", "birth_year": 1990}
        at_us = clock.now_us()
        tell(
            made, TEA,
            said("join", LI, at_us=at_us, kind="member_joined", props=about),
            said("look-1", LI, at_us=at_us, props={"category": "茶"}),
            paid("pay", LI, at_us=at_us),
        )  # fmt: skip
        settled(made)
        made.lake.flush()
        tell(made, TEA, said("look-2", LI, at_us=at_us), said("old", WU, at_us=at_us))
        settled(made)
        clock.advance(401 * DAY_US)
        tell(made, TEA, said("new", WU, at_us=clock.now_us()))
        settled(made)
        yield made


def in_history(engine: Engine) -> set[str]:
    found = rows(engine.database, "SELECT event FROM history")
    return {name for (raw,) in found for name in NAMES if name.encode() in raw}


NAMES = ("join", "look-1", "look-2", "pay", "old", "new")


def in_lake(engine: Engine) -> set[str]:
    """Read from the files themselves, not through the manifest."""
    return {
        name
        for path in engine.settings.lake_dir.rglob("*.parquet")
        for name in pq.read_table(path, columns=["event_id"])["event_id"].to_pylist()
    }


def in_log(engine: Engine) -> set[str]:
    return {one.event.event_id for one in engine.log.read(0, 1_000)}


def test_what_is_past_its_term_is_gone_everywhere(engine: Engine) -> None:
    assert in_lake(engine) == {"join", "look-1", "pay"}
    assert in_history(engine) == set(NAMES)
    receipt = engine.retention.run()
    assert receipt.removed["log"] == 2
    assert receipt.removed["lake"] == 1
    assert receipt.removed["history"] == 3
    assert in_lake(engine) == {"join", "pay"}
    assert in_log(engine) == {"new"}
    assert in_history(engine) == {"join", "pay", "new"}
    settled(engine)
    assert faults(engine) == {}


def test_tags_and_audiences_forget_with_it(engine: Engine) -> None:
    def tags(who: str) -> dict[str, Any]:
        found = engine.profiles.profile(TEA, who)
        assert found is not None
        return {line.reading.tag.key: line.reading.value for line in found.tags}

    assert engine.audiences.count(TEA, "看过") == 2
    assert "favourite_categories" not in tags("taobao_id:li")
    assert tags("taobao_id:li")["categories_ever"] == ("茶",)
    engine.retention.run()
    settled(engine)
    assert engine.audiences.count(TEA, "看过") == 1
    left = tags("taobao_id:li")
    assert "categories_ever" not in left
    assert left["city"] == "上海"
    assert left["age"] == engine.clock.now_us() // (365 * DAY_US) + 1970 - 1990


def test_a_second_run_finds_nothing(engine: Engine) -> None:
    first, second = engine.retention.run(), engine.retention.run()
    assert sum(first.removed.values()) == 6
    assert set(second.removed.values()) == {0}
    assert [one.run for one in engine.retention.runs()] == [second.run, first.run]


def test_what_was_seen_stays_a_duplicate(engine: Engine) -> None:
    engine.retention.run()
    again = said("look-1", LI, at_us=engine.clock.now_us())
    assert tell(engine, TEA, again) == 0


def test_the_receipt_names_nobody(engine: Engine) -> None:
    text = json.dumps(engine.retention.run().as_json())
    assert not any(name in text for name in ("taobao", "look-1", TEA))


@pytest.mark.parametrize("point", ["retention.log", "retention.lake", "retention.history"])
def test_a_crash_resumes_at_the_open_step(
    engine: Engine, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    monkeypatch.setattr("quanyu.storage.postgres.retention.killpoint", die)
    with pytest.raises(KeyboardInterrupt):
        engine.retention.run()
    monkeypatch.setattr("quanyu.storage.postgres.retention.killpoint", killpoints.killpoint)
    receipt = engine.retention.run()
    assert (receipt.removed["log"], receipt.removed["lake"], receipt.removed["history"]) == (
        2,
        1,
        3,
    )
    assert in_history(engine) == {"join", "pay", "new"}
    assert len(engine.retention.runs()) == 1


def test_three_years_later_the_trade_goes_too_and_the_year_of_birth_stays(
    engine: Engine, clock: FixedClock
) -> None:
    clock.advance(696 * DAY_US)
    engine.retention.run()
    assert in_history(engine) == {"join"}
    assert in_lake(engine) == {"join"}


def test_an_installation_s_own_days(engine: Engine) -> None:
    (engine.settings.data_dir / "retention.toml").write_text("[days]\nbehaviour = 500\n")
    assert sum(engine.retention.run().removed.values()) == 0


def test_minors_stay_protected_when_their_past_is_gone(engine: Engine, clock: FixedClock) -> None:
    child = {"taobao_id": "child"}
    tell(engine, TEA, said("c", child, at_us=clock.now_us(), props={"birth_year": 2020}))
    settled(engine)
    clock.advance(800 * DAY_US)
    engine.retention.run()
    settled(engine)
    found = engine.profiles.profile(TEA, "taobao_id:child")
    assert found is not None
    assert found.as_json()["minor"] is True
    assert found.tags == ()


TABLES = {
    "request": (
        "INSERT INTO request (merchant_no, operation, key, fingerprint, answer, at) VALUES"
        " (1, 'x', 'old', '', '', to_timestamp(%(old_us)s / 1000000.0)),"
        " (1, 'x', 'new', '', '', to_timestamp(%(new_us)s / 1000000.0))",
        "SELECT key FROM request", "answers", 180,
    ),
    "coupon_step": (
        "INSERT INTO coupon_step (merchant_no, operation, request, fingerprint, at_us, outcome)"
        " VALUES (1, 'x', 'old', '', %(old_us)s, ''), (1, 'x', 'new', '', %(new_us)s, '')",
        "SELECT request FROM coupon_step", "coupon_steps", 180,
    ),
    "erasure": (
        "INSERT INTO erasure (receipt, merchant_no, nodes, tokens, proofs, consents,"
        " requested_us, finished_us) VALUES ('old', 1, '{}', '{}', '{}', '', 0, %(old_us)s),"
        " ('new', 1, '{}', '{}', '{}', '', 0, %(new_us)s)",
        "SELECT receipt FROM erasure", "proofs", 1096,
    ),
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_tables_by_their_term(engine: Engine, clock: FixedClock, table: str) -> None:
    insert, select, step, days = TABLES[table]
    now_us = clock.now_us()
    args = {"old_us": now_us - days * DAY_US - 1, "new_us": now_us - days * DAY_US + 1}
    with engine.database.transaction() as conn:
        conn.execute(insert, args)  # type: ignore[arg-type]
    assert engine.retention.run().removed[step] == 1
    assert rows(engine.database, select) == [("new",)]


def test_orders_lose_their_buyer_and_keep_their_figures(engine: Engine, clock: FixedClock) -> None:
    now_us = clock.now_us()
    with engine.database.transaction() as conn:
        for name, age in (("old", 1097), ("new", 1095)):
            conn.execute(
                "INSERT INTO orders (merchant_no, id, holder_kind, holder, touchpoint, terms,"
                " state, payable_fen, placed_us, deadline_us)"
                " VALUES (1, %s, 'taobao_id', '\\x0102', 't', '{}', 'done', 100, %s, 0)",
                [name, now_us - age * DAY_US],
            )
            conn.execute(
                "INSERT INTO order_identifier (merchant_no, order_id, place, kind, token)"
                " VALUES (1, %s, 1, 'taobao_id', '\\x0102')",
                [name],
            )
    removed = engine.retention.run().removed
    assert (removed["orders"], removed["order_identifiers"]) == (1, 1)
    kept = rows(engine.database, "SELECT id, holder_kind, payable_fen FROM orders ORDER BY id")
    assert kept == [("new", "taobao_id", 100), ("old", "erased", 100)]
    assert rows(engine.database, "SELECT order_id FROM order_identifier") == [("new",)]


def test_serving_does_it_daily(engine: Engine) -> None:
    chores = {chore.name: chore for chore in engine.chores}
    assert chores["privacy.retention"].every_us == DAY_US
    chores["privacy.retention"].run()
    assert in_history(engine) == {"join", "pay", "new"}
