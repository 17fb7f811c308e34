"""A plan as it is handed in: what contradicts itself, what clashes, which days it becomes."""

from datetime import date
from typing import Any

import msgspec
import pytest
from tests.unit.content.shows.plans import AI, HOST, LIPSTICK, SERUM, plan, plan_body, show

from quanyu.content.shows.planning import clashes, plan_hash, shows_of
from quanyu.content.shows.schedule import Repeat
from quanyu.content.shows.show import Plan, is_of_a_show
from quanyu.errors import BadInput

REPEAT = {"until": "2026-03-12"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"industry": "tea"}, "show.industry"),
        ({"title": "\ud83c"}, "show"),
        ({"title": "a\x00"}, "show"),
        ({"hosts": [HOST, HOST]}, "show.hosts[1].id"),
        ({"hosts": [HOST, AI]}, "show.hosts"),
        ({"hosts": [HOST | {"share_bp": 9_999}]}, "show.hosts"),
        ({"slots": [SERUM, LIPSTICK | {"id": "s1"}]}, "show.slots[1].id"),
        ({"slots": [SERUM, SERUM | {"id": "s3", "commission_bp": 1}]},
         "show.slots[1].commission_bp"),
        ({"slots": [SERUM | {"minutes": 201}, LIPSTICK]}, "show.slots"),
        ({"slots": [SERUM | {"price_fen": 20_001}]}, "show.slots[0].price_fen"),
        ({"id": "e" * 51, "repeat": REPEAT}, "show.id"),
    ],
)  # fmt: skip
def test_what_contradicts_itself(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        plan(**change)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "change",
    [
        {"starts": "2026-03-10T18:00:00"},
        {"minutes": 0},
        {"minutes": 1_441},
        {"hosts": []},
        {"slots": []},
        {"script": []},
        {"id": "春夜"},
        {"mood": "warm"},
        {"hosts": [HOST | {"kind": "cat"}]},
        {"slots": [SERUM | {"commission_bp": 10_001}]},
        {"repeat": {"until": "2026-03-12", "weekdays": [8]}},
    ],
)
def test_what_a_field_alone_shows(change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(plan_body(**change), Plan)


def test_one_show_is_itself() -> None:
    (only,) = shows_of(plan())
    assert only == show()
    assert (only.id, only.plan, only.words) == ("evening", "", {"show:evening"})


def test_each_day_of_a_plan_is_a_show() -> None:
    found = shows_of(plan(repeat=REPEAT))
    assert [one.id for one in found] == [
        "evening.20260310", "evening.20260311", "evening.20260312",
    ]  # fmt: skip
    assert {one.starts.hour for one in found} == {18}
    assert found[0].words == {"show:evening.20260310", "show:evening"}
    assert len({plan_hash(one) for one in found}) == 3


def test_a_hash_is_of_every_word() -> None:
    assert plan_hash(show()) == plan_hash(show())
    for change in ({"title": "春夜"}, {"minutes": 239}, {"hosts": [HOST | {"age": 29}]}):
        assert plan_hash(show(**change)) != plan_hash(show())


@pytest.mark.parametrize(
    ("change", "clash"),
    [
        ({}, True),
        ({"room": "douyin.live"}, True),
        ({"room": "douyin.live", "hosts": [HOST | {"id": "wang"}]}, False),
        ({"hosts": [HOST | {"id": "wang"}]}, True),
        ({"starts": "2026-03-10T22:00:00+08:00"}, False),
        ({"starts": "2026-03-10T21:59:00+08:00"}, True),
        ({"starts": "2026-03-10T14:00:00+08:00"}, False),
    ],
)
def test_two_at_one_time(change: dict[str, Any], clash: bool) -> None:
    other = show(id="special", **change)
    assert clashes(show(), other) is clash
    assert clashes(other, show()) is clash


def test_a_machine_may_be_in_two_rooms() -> None:
    one, other = show(hosts=[AI]), show(id="special", room="douyin.live", hosts=[AI])
    assert not clashes(one, other)


def test_a_show_does_not_clash_with_itself() -> None:
    assert not clashes(show(), show(title="新标题"))


def test_what_is_asked_for_in_a_show() -> None:
    assert is_of_a_show("show:evening")
    assert is_of_a_show("show")
    assert not is_of_a_show("showroom")
    assert not is_of_a_show("member:gold")


def test_a_plan_is_a_show_with_days() -> None:
    given = plan(repeat=REPEAT)
    assert given.repeat == Repeat(date(2026, 3, 12))
    assert msgspec.to_builtins(given.first) == msgspec.to_builtins(show())
