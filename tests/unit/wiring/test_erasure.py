"""Forgetting somebody through the whole engine: nowhere left, nobody else touched, never back."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine_ground import (
    TEA,
    define_audiences,
    faults,
    histories,
    labels,
    members,
    opened,
    paid,
    people,
    reports,
    rows,
    said,
    settled,
    tags,
    tell,
)

from quanyu.clock import DAY_US, FixedClock
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI, WU = "taobao_id:li", "taobao_id:wu"
CHOSEN = ("近七日付款", "上海", "看过", "看过未付款")


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    """Li with two linked accounts, in the lake and hot; Wu with the same kind of life."""
    with opened(database, clock, data_dir) as made:
        define_audiences(made, TEA, CHOSEN)
        for who in ("li", "wu"):
            live(made, clock, who=who)
        tell(made, TEA, said("li-4", {"taobao_id": "li"}, at_us=clock.now_us()))
        settled(made)
        yield made


def live(engine: Engine, clock: FixedClock, *, who: str) -> None:
    ids, at_us = {"taobao_id": who}, clock.now_us() - DAY_US
    about = {"city": "上海", "category": "茶"}
    tell(engine, TEA, said(f"{who}-1", ids, at_us=at_us, kind="member_joined", props=about))
    tell(engine, TEA, said(f"{who}-2", ids | {"eleme_id": f"{who}-eats"}, at_us=at_us))
    settled(engine)
    engine.lake.flush()
    tell(engine, TEA, paid(f"{who}-3", {"eleme_id": f"{who}-eats"}, at_us=at_us + 1_000_000))
    engine.privacy.grant(TEA, f"taobao_id:{who}", purpose="marketing_messages")
    settled(engine)


def traces(engine: Engine, *tokens: str) -> list[str]:
    """Tables in which a token of the person, in hex, or an event id of theirs still stands."""
    names = rows(
        engine.database,
        "SELECT tablename FROM pg_tables"
        " WHERE schemaname = 'public' AND strpos(tablename, 'yoyo') = 0",
    )
    return [
        table
        for (table,) in names
        for (text,) in rows(engine.database, f'SELECT t::text FROM "{table}" t')
        if any(token in text for token in tokens)
    ]


def test_nothing_is_left_in_any_store_and_the_other_is_untouched(engine: Engine) -> None:
    tokens = [node.token.hex() for node in engine.app.identify(TEA, LI).nodes]
    ids = [name.encode().hex() for name in ("li-1", "li-2", "li-3", "li-4")]
    wu = engine.app.profile(TEA, WU)
    assert {"identifier", "history", "event_segment"} <= set(traces(engine, *tokens, *ids))
    receipt = engine.app.erase(TEA, LI)
    assert receipt is not None
    assert receipt.erased == {
        "identifiers": 2, "quarantine": 0, "events": 1, "lake_events": 3, "history": 4,
        "tags": 2, "consents": 1, "suppressions": 0, "audiences": 2, "benefits": 0,
        "coupons": 0, "identity": 2, "decisions": 0,
    }  # fmt: skip
    settled(engine)
    assert traces(engine, *tokens, *ids) == []
    assert reports(engine, TEA)["overview"]["people"] == 1
    assert engine.app.profile(TEA, WU) == wu
    assert faults(engine) == {}


def test_no_rebuild_brings_anything_back(engine: Engine) -> None:
    engine.app.erase(TEA, LI)
    settled(engine)
    before = (people(engine.database), histories(engine.database), tags(engine.database))
    inside = members(engine)
    for flush in (False, True):
        if flush:
            engine.lake.flush()
        for name in engine.projector.names:
            engine.projector.rebuild(name)
            engine.settle()
            after = (people(engine.database), histories(engine.database), tags(engine.database))
            assert after == before, name
            assert members(engine) == inside, name
    assert faults(engine) == {}
    assert engine.app.profile(TEA, LI) is None


def test_the_same_identifier_coming_again_is_somebody_new(
    engine: Engine, clock: FixedClock
) -> None:
    old = {node.node for node in engine.app.identify(TEA, LI).nodes}
    engine.app.erase(TEA, LI)
    tell(engine, TEA, said("li-back", {"taobao_id": "li"}, at_us=clock.now_us()))
    settled(engine)
    back = engine.app.identify(TEA, LI)
    assert {node.kind for node in back.nodes} == {"taobao_id"}
    assert not {node.node for node in back.nodes} & old
    profile = engine.app.profile(TEA, LI)
    assert profile is not None
    assert [event.event_id for event in profile.timeline] == ["li-back"]
    assert profile.person.subject.entries == ()
    assert faults(engine) == {}


def test_events_that_were_erased_do_not_come_in_again(engine: Engine, clock: FixedClock) -> None:
    engine.app.erase(TEA, LI)
    again = said("li-2", {"taobao_id": "li"}, at_us=clock.now_us())
    assert tell(engine, TEA, again) == 0
    settled(engine)
    assert engine.app.profile(TEA, LI) is None


def test_who_had_left_an_audience_before_stays_out(
    engine: Engine, database: Database, clock: FixedClock, data_dir: Path
) -> None:
    """The journal line that let the person go is erased; an older snapshot must not speak."""
    tell(engine, TEA, said("zhao-1", {"taobao_id": "zhao"}, at_us=clock.now_us()))
    settled(engine)
    define_audiences(engine, TEA, ["看过未付款"])
    assert engine.audiences.count(TEA, "看过未付款") == 1
    tell(engine, TEA, paid("zhao-2", {"taobao_id": "zhao"}, at_us=clock.now_us()))
    settled(engine)
    assert engine.audiences.count(TEA, "看过未付款") == 0
    with opened(database, clock, data_dir) as beside:
        assert beside.audiences.count(TEA, "近七日付款") == 3, "another process remembers members"
        engine.app.erase(TEA, "taobao_id:zhao")
        assert beside.audiences.count(TEA, "近七日付款") == 2
    with opened(database, clock, data_dir) as reopened:
        assert reopened.audiences.count(TEA, "看过未付款") == 0
        assert faults(reopened) == {}


@pytest.mark.parametrize("served", [False, True], ids=["at once", "after a restart"])
def test_who_switches_personalisation_off_leaves_audiences_by_tag(
    engine: Engine, database: Database, clock: FixedClock, data_dir: Path, served: bool
) -> None:
    assert engine.audiences.count(TEA, "上海") == 2
    for on, expected in ((False, 1), (True, 2)):
        clock.advance(1)
        engine.privacy.personalise(TEA, LI, on=on)
        engine.settle()
        if served:
            with opened(database, clock, data_dir) as other:
                assert other.audiences.count(TEA, "上海") == expected
        assert engine.audiences.count(TEA, "上海") == expected
        assert faults(engine) == {}


def test_it_works_while_others_keep_coming(engine: Engine, clock: FixedClock) -> None:
    """Recording, projecting and flushing go on in other threads; nobody of them loses anything."""
    stop, accepted, failures = threading.Event(), [0], []

    def guarded(work: threading.Thread | object) -> None:
        try:
            while not stop.is_set():
                work()  # type: ignore[operator]
        except BaseException as error:
            failures.append(error)

    def record() -> None:
        number = accepted[0]
        who = {"taobao_id": f"busy-{number % 9}"}
        accepted[0] += tell(engine, TEA, said(f"busy-{number}", who, at_us=clock.now_us()))

    def project() -> None:
        engine.projector.catch_up()
        engine.lake.flush()

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (record, project)]
    for thread in threads:
        thread.start()
    try:
        for who in (LI, WU):
            assert engine.app.erase(TEA, who) is not None
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    settled(engine)
    assert engine.app.profile(TEA, LI) is None
    assert engine.app.profile(TEA, WU) is None
    assert accepted[0] > 0
    assert len(histories(engine.database)) == accepted[0]
    assert all("taobao_id" in name for name in labels(engine.database).values())
    assert faults(engine) == {}
