"""What people mostly do somewhere at some hour, in words."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.touchpoints.ecosystem import ecosystem
from quanyu.touchpoints.fitness import scene_words
from quanyu.touchpoints.touchpoint import Scene, Touchpoint

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
HOURS = [(first, last) for first in range(24) for last in range(1, 25) if first != last]


def place(*scenes: Scene) -> Touchpoint:
    return Touchpoint(id="a.b", label="B", place="feed", slots=1, kinds=("item",), scenes=scenes)


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ((0, 24), (0, 12, 23), ()),
        ((9, 18), (9, 17), (8, 18, 0, 23)),
        ((22, 2), (22, 23, 0, 1), (2, 21, 12)),
        ((23, 24), (23,), (22, 0)),
        ((22, 1), (22, 23, 0), (1, 21)),
    ],
)
def test_hours(hours: tuple[int, int], inside: tuple[int, ...], outside: tuple[int, ...]) -> None:
    there = place(Scene(words=("茶",), hours=hours))
    assert all(scene_words(there, hour=one, weekday=SUNDAY) == ("茶",) for one in inside)
    assert all(scene_words(there, hour=one, weekday=SUNDAY) == () for one in outside)


def test_weekdays_are_those_of_the_moment() -> None:
    there = place(Scene(words=("夜宵",), hours=(22, 2), weekdays=(FRIDAY,)))
    assert scene_words(there, hour=23, weekday=FRIDAY) == ("夜宵",)
    assert scene_words(there, hour=1, weekday=FRIDAY) == ("夜宵",)
    assert scene_words(there, hour=1, weekday=SATURDAY) == ()


def test_words_of_several_scenes_come_once_and_in_order() -> None:
    there = place(Scene(words=("茶", "酒")), Scene(words=("酒", "咖啡"), hours=(9, 12)))
    assert scene_words(there, hour=10, weekday=MONDAY) == ("茶", "酒", "咖啡")
    assert scene_words(there, hour=13, weekday=MONDAY) == ("茶", "酒")
    assert scene_words(place(), hour=10, weekday=MONDAY) == ()


@settings(max_examples=40)
@given(st.sampled_from(HOURS), st.integers(0, 6))
def test_a_window_holds_for_as_many_hours_as_it_is_long(hours: tuple[int, int], day: int) -> None:
    there = place(Scene(words=("茶",), hours=hours))
    held = sum(bool(scene_words(there, hour=hour, weekday=day)) for hour in range(24))
    first, last = hours
    assert held == (last - first) % 24 or (held == 24 and hours == (0, 24))


def test_by_day_at_work_and_in_the_evening_on_the_sofa() -> None:
    """Row T2: the scenes of one person on one day."""
    found = ecosystem("alibaba")
    at_work = scene_words(found.touchpoint("dingtalk.work"), hour=10, weekday=MONDAY)
    searching = scene_words(found.touchpoint("taobao.search"), hour=10, weekday=MONDAY)
    watching = scene_words(found.touchpoint("youku.native"), hour=21, weekday=MONDAY)
    paused = scene_words(found.touchpoint("youku.pause"), hour=21, weekday=MONDAY)
    assert {"办公", "商务"} <= set(at_work) & set(searching)
    assert {"游戏", "影音"} <= set(watching) & set(paused)
    assert not {"游戏", "影音"} & set(at_work)
    assert not {"办公", "商务"} & set(watching)
    assert scene_words(found.touchpoint("dingtalk.work"), hour=10, weekday=SUNDAY) == ()


@pytest.mark.parametrize("name", ["alibaba", "linli"])
def test_every_scene_of_a_shipped_file_holds_at_some_time(name: str) -> None:
    for one in ecosystem(name).touchpoints:
        for scene in one.scenes:
            alone = msgspec.structs.replace(one, scenes=(scene,))
            assert any(
                scene_words(alone, hour=hour, weekday=day) == scene.words
                for hour in range(24)
                for day in range(7)
            )
