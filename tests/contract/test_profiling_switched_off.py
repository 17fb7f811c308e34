"""The installation's own switch: while no assessment of personalisation is in force, audiences are
empty to whoever asks, their members go, and nothing is told of anybody by one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import TEA, faults, opened, rows, said, settled, tell

from quanyu.clock import DAY_US, FixedClock
from quanyu.customers.privacy.assessments import Assessment
from quanyu.errors import BadInput
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

VIEWED: dict[str, Any] = {"event": "view", "op": "ge", "value": 1}
LOCAL: dict[str, Any] = {"tag": "city", "op": "eq", "value": "上海"}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        for number, name in enumerate(("ann", "bob", "cat")):
            looks(made, name, clock.now_us() - DAY_US + number)
        made.audiences.create(TEA, "看过", definition=VIEWED)
        made.audiences.create(TEA, "上海", definition=LOCAL)
        yield made
        settled(made)
        assert faults(made) == {}


def looks(engine: Engine, name: str, at_us: int) -> None:
    who = {"taobao_id": name}
    tell(engine, TEA, said(f"{name}-{at_us}", who, at_us=at_us, props={"city": "上海"}))
    joined = said(f"{name}-{at_us}-j", who, at_us=at_us, kind="member_joined")
    tell(engine, TEA, joined | {"props": {"city": "上海"}})
    settled(engine)


def off(engine: Engine, clock: FixedClock) -> None:
    clock.advance(1)
    engine.assessments.disable("personalisation", actor="ops")


def on(engine: Engine, clock: FixedClock) -> None:
    clock.advance(1)
    engine.assessments.enable("personalisation", assessment="TESTS", actor="ops")
    settled(engine)


def counts(engine: Engine) -> list[int]:
    listed = [one.people for one in engine.audiences.list(TEA)]
    counted = [engine.audiences.count(TEA, name) for name in ("上海", "看过")]
    assert sorted(listed) == sorted(counted)
    assert [engine.audiences.get(TEA, name).people for name in ("上海", "看过")] == counted
    return counted


def kept(engine: Engine) -> list[int]:
    """Members as they are stored, whatever is told of them."""
    found = engine.audience_store.members(TEA, ("上海", "看过"))
    return [len(found[name]) for name in ("上海", "看过")]


def may_claim(engine: Engine, name: str) -> bool:
    token = engine.privacy.token(TEA, f"taobao_id:{name}")
    return engine.audience_holders.is_member(TEA, "看过", holder=token)


def test_audiences_are_empty_from_that_moment_on(engine: Engine, clock: FixedClock) -> None:
    assert (counts(engine), may_claim(engine, "ann")) == ([3, 3], True)
    off(engine, clock)
    assert (counts(engine), may_claim(engine, "ann")) == ([0, 0], False)
    assert engine.audiences.combine(TEA, "union", names=["看过", "上海"]) == 0


def test_members_go_at_the_next_round_and_the_journal_says_so(
    engine: Engine, clock: FixedClock
) -> None:
    assert kept(engine) == [3, 3]
    off(engine, clock)
    settled(engine)
    assert kept(engine) == [0, 0]
    left = rows(
        engine.database, "SELECT count(*) FROM membership_change WHERE NOT entered AND cause = %s",
        "refresh",
    )  # fmt: skip
    assert left == [(6,)]


def test_what_happens_meanwhile_brings_nobody_in(engine: Engine, clock: FixedClock) -> None:
    off(engine, clock)
    settled(engine)
    looks(engine, "dan", clock.now_us())
    looks(engine, "ann", clock.now_us() + 1)
    assert (kept(engine), counts(engine)) == ([0, 0], [0, 0])


def test_enabled_again_they_are_what_they_would_be_by_then(
    engine: Engine, clock: FixedClock
) -> None:
    off(engine, clock)
    settled(engine)
    looks(engine, "dan", clock.now_us())
    engine.privacy.personalise(TEA, "taobao_id:bob", on=False)
    on(engine, clock)
    assert (counts(engine), kept(engine)) == ([3, 3], [3, 3])
    assert [may_claim(engine, name) for name in ("ann", "bob", "dan")] == [True, False, True]


def test_off_and_on_before_anybody_looked_changes_nothing(
    engine: Engine, clock: FixedClock
) -> None:
    off(engine, clock)
    on(engine, clock)
    assert counts(engine) == [3, 3]
    journal = rows(engine.database, "SELECT count(*) FROM membership_change WHERE NOT entered")
    assert journal == [(0,)]


def test_an_assessment_that_runs_out_is_as_good_as_a_switch(
    engine: Engine, clock: FixedClock
) -> None:
    report = Assessment(
        id="SHORT", subject="画像", features=("personalisation",), risks="低", measures="加密",
        approver="王", filed_by="ops", valid_until_us=clock.now_us() + DAY_US,
    )  # fmt: skip
    engine.assessments.file(report)
    clock.advance(1)
    engine.assessments.enable("personalisation", assessment="SHORT", actor="ops")
    settled(engine)
    assert counts(engine) == [3, 3]
    clock.advance(DAY_US)
    assert not engine.assessments.works("personalisation")
    assert (counts(engine), may_claim(engine, "ann")) == ([0, 0], False)
    settled(engine)
    assert kept(engine) == [0, 0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: engine.audiences.estimate(TEA, VIEWED),
        lambda engine: engine.audiences.explain(TEA, "看过", identifier="taobao_id:ann"),
        lambda engine: engine.audiences.create(TEA, "新", definition=VIEWED),
        lambda engine: engine.audiences.lookalike(TEA, "看过", size=1),
        lambda engine: engine.audiences.members(TEA, "看过"),
        lambda engine: engine.audience_holders.pages(TEA, "看过"),
    ],
    ids=["estimate", "explain", "create", "lookalike", "members", "handing out"],
)
def test_what_cannot_be_answered_says_why(
    engine: Engine, clock: FixedClock, ask: Callable[[Engine], object]
) -> None:
    off(engine, clock)
    with pytest.raises(BadInput, match="privacy enable personalisation"):
        ask(engine)


@pytest.mark.parametrize("feature", ["precise_location", "sensitive_profile", "partner_sharing"])
def test_other_switches_leave_audiences_alone(
    engine: Engine, clock: FixedClock, feature: str
) -> None:
    clock.advance(1)
    engine.assessments.disable(feature, actor="ops")
    settled(engine)
    assert (counts(engine), kept(engine)) == ([3, 3], [3, 3])
    assert rows(engine.database, "SELECT count(*) FROM membership_change WHERE NOT entered") == [
        (0,)
    ]


def test_a_definition_and_its_version_stay(engine: Engine, clock: FixedClock) -> None:
    before = engine.audiences.get(TEA, "看过")
    off(engine, clock)
    settled(engine)
    after = engine.audiences.get(TEA, "看过")
    assert (after.definition, after.version, after.people) == (before.definition, 1, 0)
    engine.audiences.delete(TEA, "看过")
    on(engine, clock)
    assert [one.name for one in engine.audiences.list(TEA)] == ["上海"]
