"""Stores near a point and along a way; hours; GCJ-02; what may be shown of a distance."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recall_ground import PEOPLE_SQUARE, stores

from quanyu.clock import parse_iso
from quanyu.decisions.asking import Point
from quanyu.decisions.recall.coordinates import (
    distance_m,
    gcj_of,
    in_china,
    metres,
    metres_between,
    wgs_of,
)
from quanyu.decisions.recall.geo import STRETCHES_MAX, Place, Places, bucket_of, thinned
from quanyu.decisions.recall.hours import WEEK, is_open, minute_of_week, stretches
from quanyu.errors import BadInput

SQUARE = Point(*PEOPLE_SQUARE)


def town(seed: int, stores: int, spread: float = 0.05, around: Point = SQUARE) -> Places:
    chance = np.random.default_rng(seed)
    at = zip(
        np.clip(chance.normal(around.lat, spread, stores), -89, 89).tolist(),
        np.clip(chance.normal(around.lng, spread, stores), -179, 179).tolist(),
        strict=True,
    )
    return Places.of(
        Place(id=str(n), lat=lat, lng=lng, shop=f"s{n % 7}") for n, (lat, lng) in enumerate(at)
    )


points = st.builds(Point, st.floats(31.1, 31.4), st.floats(121.3, 121.6))
everywhere = st.builds(Point, st.floats(-80, 80), st.floats(-179, 179))


@given(points, st.integers(0, 5), st.sampled_from([0, 300, 1_000, 5_000, 20_000, 90_000]))
@settings(max_examples=60)
def test_near_is_what_measuring_every_store_finds(here: Point, seed: int, radius: int) -> None:
    places = town(seed, 300)
    rows, away = places.near(here, radius_m=radius, limit=1_000)
    every = metres((here.lat, here.lng), (places.lat, places.lng))
    assert set(rows.tolist()) == set(np.flatnonzero(every <= radius).tolist())
    assert (np.diff(away) >= 0).all()
    np.testing.assert_allclose(away, every[rows])


@given(everywhere, st.integers(0, 3), st.sampled_from([2_000, 12_000]))
@settings(max_examples=40)
def test_cells_of_every_shape_hold_what_is_near(here: Point, seed: int, radius: int) -> None:
    places = town(seed, 100, spread=0.05, around=here)
    rows, _ = places.near(here, radius_m=radius, limit=1_000)
    every = metres((here.lat, here.lng), (places.lat, places.lng))
    assert set(rows.tolist()) == set(np.flatnonzero(every <= radius).tolist())


@given(
    st.lists(points, min_size=2, max_size=6),
    st.integers(0, 5),
    st.sampled_from([100, 1_000, 4_000]),
    st.sampled_from([1.0, 1.4]),
)
@settings(max_examples=50)
def test_no_detour_exceeds_the_limit_and_none_within_is_forgotten(
    route: list[Point], seed: int, limit_m: int, factor: float
) -> None:
    places = town(seed, 150)
    rows, detours = places.along(route, detour_m=limit_m, factor=factor, limit=1_000)
    assert (detours <= limit_m).all()
    assert (detours >= 0).all()
    real = {row: factor * added(places, row, route) for row in range(len(places))}
    assert set(rows.tolist()) == {row for row, detour in real.items() if detour <= limit_m}
    for row, detour in zip(rows.tolist(), detours.tolist(), strict=True):
        assert detour == pytest.approx(real[row], abs=0.01)


@given(st.integers(0, 20), st.integers(50, 400))
@settings(max_examples=25)
def test_a_fine_way_is_thinned_and_no_detour_exceeds_the_limit_on_it(seed: int, size: int) -> None:
    """What is computed is no less than what leaving and coming back really adds to the way."""
    chance = np.random.default_rng(seed)
    steps = chance.normal(0.0005, 0.0008, (size, 2)).cumsum(axis=0)
    route = [Point(31.2 + float(a), 121.4 + float(b)) for a, b in steps]
    places = town(seed, 80, spread=0.08)
    rows, detours = places.along(route, detour_m=1_500, factor=1.0)
    kept = thinned(route)
    assert len(kept) <= STRETCHES_MAX + 1
    assert (kept[0], kept[-1]) == (route[0], route[-1])
    length = np.cumsum([0.0, *(distance_m(a, b) for a, b in pairwise(route))])
    for row, detour in zip(rows.tolist(), detours.tolist(), strict=True):
        store = Point(float(places.lat[row]), float(places.lng[row]))
        away = np.array([distance_m(point, store) for point in route])
        real = min(
            away[i] + away[j] - (length[j] - length[i])
            for i in range(len(route))
            for j in range(i + 1, min(len(route), i + 60))
        )
        assert real <= detour + 1e-6 <= 1_500 + 1e-6


@given(st.lists(everywhere, min_size=1, max_size=5), st.lists(everywhere, min_size=1, max_size=5))
@settings(max_examples=60)
def test_distances_by_chords_are_those_by_sines(some: list[Point], others: list[Point]) -> None:
    def columns(points: list[Point]) -> tuple[np.ndarray, np.ndarray]:
        return np.array([one.lat for one in points]), np.array([one.lng for one in points])

    found = metres_between(columns(some), columns(others))
    real = [[distance_m(one, other) for other in others] for one in some]
    np.testing.assert_allclose(found, real, rtol=1e-7, atol=0.5)


def test_a_way_that_stands_still_is_thinned_too() -> None:
    assert len(thinned([SQUARE] * 1_000)) <= STRETCHES_MAX + 1


def added(places: Places, row: int, route: list[Point]) -> float:
    store = Point(float(places.lat[row]), float(places.lng[row]))
    ways = [
        distance_m(a, store) + distance_m(store, b) - distance_m(a, b) for a, b in pairwise(route)
    ]
    return max(0.0, min(ways))


def test_a_store_on_the_way_is_no_detour() -> None:
    places = Places.of([Place(id="x", lat=31.25, lng=121.5, shop="s")])
    route = [Point(31.2, 121.5), Point(31.3, 121.5)]
    rows, detours = places.along(route, detour_m=10)
    assert rows.tolist() == [0]
    assert detours[0] == pytest.approx(0, abs=0.01)


def test_a_way_of_one_point_and_of_none() -> None:
    places = town(1, 200)
    rows, _ = places.along([SQUARE], detour_m=2_800)
    assert set(rows.tolist()) == set(places.near(SQUARE, radius_m=1_000)[0].tolist())
    assert len(places.along([], detour_m=2_800)[0]) == 0


def test_across_the_country_every_store_is_measured() -> None:
    rows, _ = stores().along([Point(31.2, 121.4), Point(39.95, 116.4)], detour_m=20_000)
    assert "beijing" in {stores().ids[row] for row in rows}


def test_the_nearest_first_and_no_more_than_asked() -> None:
    rows, away = town(3, 500).near(SQUARE, radius_m=50_000, limit=5)
    assert len(rows) == 5
    assert away.tolist() == sorted(away.tolist())


def test_two_doors_of_one_house_go_by_row() -> None:
    twins = Places.of(Place(id=str(n), lat=31.2, lng=121.4, shop="s") for n in range(4))
    assert twins.near(Point(31.2, 121.4), radius_m=10)[0].tolist() == [0, 1, 2, 3]


def test_open_now() -> None:
    places = stores()

    def open_at(when: str) -> set[str]:
        at_us = parse_iso(when)
        rows, _ = places.near(SQUARE, radius_m=5_000, open_at_us=at_us)
        return {places.ids[row] for row in rows}

    assert open_at("2026-03-10T12:00:00+08:00") == {"square", "bund", "asleep"}
    assert open_at("2026-03-10T20:00:00+08:00") == {"square", "bund"}
    assert open_at("2026-03-11T01:59:00+08:00") == {"square", "bund"}
    assert open_at("2026-03-11T02:00:00+08:00") == {"bund"}, "nobody said its hours"


HOURS = [
    ("10:00-22:00", "2026-03-10T10:00:00+08:00", True),
    ("10:00-22:00", "2026-03-10T09:59:59+08:00", False),
    ("10:00-22:00", "2026-03-10T22:00:00+08:00", False),
    ("10:00-22:00", "2026-03-10T12:00:00+00:00", True),
    ("10:00-24:00", "2026-03-10T23:59:00+08:00", True),
    ("每天 18:00-02:00", "2026-03-10T01:00:00+08:00", True),
    ("周一至周五 10:00-22:00", "2026-03-13T12:00:00+08:00", True),
    ("周一至周五 10:00-22:00", "2026-03-14T12:00:00+08:00", False),
    ("周五 18:00-02:00", "2026-03-14T01:00:00+08:00", True),
    ("周五 18:00-02:00", "2026-03-13T01:00:00+08:00", False),
    ("周日 20:00-04:00", "2026-03-16T03:00:00+08:00", True),
    ("周日 20:00-04:00", "2026-03-15T03:00:00+08:00", False),
    ("周六至周一 10:00-12:00", "2026-03-15T11:00:00+08:00", True),
    ("周六至周一 10:00-12:00", "2026-03-16T11:00:00+08:00", True),
    ("周六至周一 10:00-12:00", "2026-03-17T11:00:00+08:00", False),
    ("00:00-24:00", "2026-03-10T00:00:00+08:00", True),
    ("09:00-09:00", "2026-03-10T03:00:00+08:00", True),
]


@pytest.mark.parametrize(("line", "when", "answer"), HOURS)
def test_hours(line: str, when: str, answer: bool) -> None:
    assert is_open(stretches([line]), minute_of_week(parse_iso(when))) is answer


def test_two_lines_are_either() -> None:
    lunch = stretches(["11:00-14:00", "17:00-21:00"])
    minutes = [minute_of_week(parse_iso(f"2026-03-10T{h}:30:00+08:00")) for h in (12, 15, 18)]
    assert [is_open(lunch, one) for one in minutes] == [True, False, True]


@pytest.mark.parametrize(
    "line", ["", "全天", "10-22", "25:00-26:00", "10:00-24:30", "周八 10:00-12:00"]
)
def test_hours_that_cannot_be_read(line: str) -> None:
    with pytest.raises(BadInput, match="hours"):
        stretches([line])


@given(st.integers(0, 4 * 10**15))
def test_a_week_has_its_minutes(at_us: int) -> None:
    assert 0 <= minute_of_week(at_us) < WEEK


KNOWN = [
    (Point(31.1774276, 121.5272106), Point(31.17530398364597, 121.531541859215)),
    (Point(22.543847, 113.912316), Point(22.540796131694766, 113.9171764808363)),
    (Point(39.911954, 116.377817), Point(39.91334545536069, 116.38404722455657)),
]
"""Out of the tests of eviltransform."""


@pytest.mark.parametrize(("wgs", "gcj"), KNOWN)
def test_the_shift_is_the_published_one(wgs: Point, gcj: Point) -> None:
    assert distance_m(gcj_of(wgs), gcj) < 1
    assert distance_m(wgs_of(gcj), wgs) < 1


@given(st.builds(Point, st.floats(18, 53), st.floats(74, 134)))
def test_there_and_back(point: Point) -> None:
    assert 10 < distance_m(point, gcj_of(point)) < 1_500
    assert distance_m(wgs_of(gcj_of(point)), point) < 0.01


@pytest.mark.parametrize("place", [(48.85, 2.35), (-33.86, 151.2), (0.0, 0.0), (35.68, 139.69)])
def test_outside_china_nothing_moves(place: tuple[float, float]) -> None:
    point = Point(*place)
    assert not in_china(point)
    assert gcj_of(point) == wgs_of(point) == point


@pytest.mark.parametrize(
    ("distance", "shown"),
    [(0, "<500 m"), (499.9, "<500 m"), (500, "500 m–1 km"), (999, "500 m–1 km"), (1_000, "1–3 km"),
     (3_000, "3–5 km"), (4_999, "3–5 km"), (5_000, ">5 km"), (1e7, ">5 km")],
)  # fmt: skip
def test_only_buckets_are_shown(distance: float, shown: str) -> None:
    assert bucket_of(distance) == shown


def test_no_stores_at_all() -> None:
    none = Places.of(())
    assert len(none.near(SQUARE, radius_m=9_999_999)[0]) == 0
    assert len(none.along([SQUARE, SQUARE], detour_m=100)[0]) == 0
