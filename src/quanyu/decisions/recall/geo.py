"""Stores around a point and along a way. What leaves here for display is a bucket, no distance."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, radians, sqrt
from typing import Any

import h3.api.basic_int as h3
import numpy as np

from quanyu.decisions.asking import Point
from quanyu.decisions.goods import Column, Rows
from quanyu.decisions.recall.coordinates import (
    Degrees,
    Metres,
    metres,
    metres_between,
)
from quanyu.decisions.recall.hours import Stretch, is_open, minute_of_week, stretches

FINE, COARSE = 8, 5
"""H3 resolutions: cells of about 0.5 and 10 km. The finest of few enough rings is asked."""
RINGS_MAX = 12
SHAPE = 0.75
"""Cells are squeezed towards the corners of the icosahedron; the narrowest keep this much."""
BUCKETS = ((500, "<500 m"), (1_000, "500 m–1 km"), (3_000, "1–3 km"), (5_000, "3–5 km"))
FAR = ">5 km"
STRETCHES_MAX = 48
"""Of a way; of a finer one points are left out, which makes detours longer, never shorter."""
AT_ONCE = 4_096
DEGREE_M = 110_500
"""Of a meridian, at least."""

Near = tuple[Rows, Metres]
"""Rows and their distances or detours, the nearest first."""
NOWHERE: Near = (np.empty(0, np.int32), np.empty(0, np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A store, WGS-84."""

    id: str
    lat: float
    lng: float
    shop: str
    category: str = ""
    name: str = ""
    hours: tuple[str, ...] = ()
    """As merchants write them; none: nobody said, and it is taken for open."""


@dataclass(frozen=True, slots=True)
class Places:
    ids: tuple[str, ...]
    row_of: Mapping[str, int]
    lat: Degrees
    lng: Degrees
    shop: Column
    category: Column
    hours: tuple[tuple[Stretch, ...], ...]
    listed: tuple[Place, ...]
    cells: Mapping[int, Mapping[int, Rows]]
    """Resolution → cell → rows."""

    @classmethod
    def of(cls, places: Iterable[Place]) -> "Places":
        """Rows in the order given. Raises BadInput for hours that cannot be read."""
        listed = tuple(places)
        return cls(
            ids=tuple(one.id for one in listed),
            row_of={one.id: row for row, one in enumerate(listed)},
            lat=np.array([one.lat for one in listed], np.float64),
            lng=np.array([one.lng for one in listed], np.float64),
            shop=Column.of(one.shop for one in listed),
            category=Column.of(one.category for one in listed),
            hours=tuple(stretches(one.hours) for one in listed),
            listed=listed,
            cells={resolution: _cells(listed, resolution) for resolution in (FINE, COARSE)},
        )

    def __len__(self) -> int:
        return len(self.ids)

    def near(
        self, here: Point, *, radius_m: float, limit: int = 200, open_at_us: int | None = None
    ) -> Near:
        """Within the radius, with metres; ``open_at_us``: only those open then."""
        rows = self._around(here, radius_m)
        if len(rows) == 0:
            return NOWHERE
        away = metres((here.lat, here.lng), (self.lat[rows], self.lng[rows]))
        return self._nearest((rows, away), radius_m, limit=limit, open_at_us=open_at_us)

    def along(
        self, route: Sequence[Point], *, detour_m: float, factor: float = 1.4,
        limit: int = 200, open_at_us: int | None = None,
    ) -> Near:  # fmt: skip
        """Stores for which the way grows by ``detour_m`` at most, with the metres it grows: over
        the stretch where it is least, (to the store + on from it − the stretch) in straight lines
        × ``factor``, as roads are longer than lines (1.4 in cities)."""
        if len(route) < 2 or len(self) == 0:
            return self.near(route[0], radius_m=detour_m / factor / 2) if route else NOWHERE
        way = _Way.of(thinned(route))
        rows = self._beside(way, detour_m / factor)
        if len(rows) == 0:
            return NOWHERE
        added = factor * way.least_added(self.lat[rows], self.lng[rows])
        return self._nearest((rows, added), detour_m, limit=limit, open_at_us=open_at_us)

    def is_open(self, row: int, at_us: int) -> bool:
        """Nobody said its hours: open."""
        return not self.hours[row] or is_open(self.hours[row], minute_of_week(at_us))

    def _nearest(
        self, found: Near, most: float, *, limit: int, open_at_us: int | None
    ) -> Near:  # fmt: skip
        inside = found[1] <= most
        rows, away = found[0][inside], found[1][inside]
        order = np.lexsort((rows, away))
        rows, away = rows[order], away[order]
        if open_at_us is not None:
            kept = [place for place, row in enumerate(rows) if self.is_open(int(row), open_at_us)]
            rows, away = rows[kept], away[kept]
        return rows[:limit], away[:limit]

    def _around(self, here: Point, radius_m: float) -> Rows:
        """At least all within the radius, ascending."""
        for resolution in (FINE, COARSE):
            cell = h3.latlng_to_cell(here.lat, here.lng, resolution)
            rings = _rings(cell, radius_m)
            if rings <= RINGS_MAX:
                return self._of_cells(h3.grid_disk(cell, rings), resolution)
        return np.arange(len(self), dtype=np.int32)

    def _beside(self, way: "_Way", added_m: float) -> Rows:
        """At least all stores of a detour of so many straight metres, ascending: they lie in
        ellipses around the stretches, whose shorter half axis is √(d·a/2 + a²/4)."""
        span = float(way.spans.max())
        reach = sqrt(span * added_m / 2 + added_m**2 / 4) + added_m
        north = reach / DEGREE_M
        east = north / max(1e-6, cos(radians(min(89.9, float(np.abs(way.lat).max()) + north))))
        inside = (self.lat >= way.lat.min() - north) & (self.lat <= way.lat.max() + north)
        if way.lng.max() - way.lng.min() < 180 and abs(way.lng).max() + east < 180:
            inside &= (self.lng >= way.lng.min() - east) & (self.lng <= way.lng.max() + east)
        return np.flatnonzero(inside).astype(np.int32)

    def _of_cells(self, cells: Iterable[int], resolution: int) -> Rows:
        filed = self.cells[resolution]
        found = [filed[cell] for cell in cells if cell in filed]
        return np.sort(np.concatenate(found)) if found else NOWHERE[0]


@dataclass(frozen=True, slots=True)
class _Way:
    lat: Degrees
    lng: Degrees
    spans: Metres
    """Of its stretches."""

    @classmethod
    def of(cls, route: Sequence[Point]) -> "_Way":
        lat = np.array([one.lat for one in route])
        lng = np.array([one.lng for one in route])
        return cls(lat, lng, metres((lat[:-1], lng[:-1]), (lat[1:], lng[1:])))

    def least_added(self, lat: Degrees, lng: Degrees) -> Metres:
        """To each of these, over the stretch where it is least."""
        parts = []
        for start in range(0, len(lat), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            away = metres_between((lat[some], lng[some]), (self.lat, self.lng))
            parts.append((away[:, :-1] + away[:, 1:] - self.spans).min(axis=1))
        added: Metres = np.maximum(np.concatenate(parts), 0)
        return added


def thinned(route: Sequence[Point]) -> Sequence[Point]:
    """At most STRETCHES_MAX + 1 of its points, the ends among them, about equally far apart."""
    if len(route) <= STRETCHES_MAX + 1:
        return route
    spans = _Way.of(route).spans.tolist()
    apart = sum(spans) / STRETCHES_MAX
    kept, since = [route[0]], 0.0
    for point, span in zip(route[1:-1], spans, strict=False):
        since += span
        if since >= apart:
            kept.append(point)
            since = 0.0
    return [*kept[:STRETCHES_MAX], route[-1]]


def bucket_of(distance: float) -> str:
    """What may be shown of a distance in metres."""
    place = bisect_right([most for most, _ in BUCKETS], distance)
    return BUCKETS[place][1] if place < len(BUCKETS) else FAR


def _cells(places: Sequence[Place], resolution: int) -> dict[int, Rows]:
    filed: dict[int, list[int]] = {}
    for row, one in enumerate(places):
        filed.setdefault(h3.latlng_to_cell(one.lat, one.lng, resolution), []).append(row)
    return {cell: np.array(rows, np.int32) for cell, rows in filed.items()}


def _rings(cell: Any, radius_m: float) -> int:
    """Rings around the cell that hold everything within the radius of any point in it: k of them
    reach 1.5 · k edges beyond the cell's middle ring, less the edge that the point may be off."""
    area = h3.cell_area(cell, unit="m^2")
    edge = SHAPE * sqrt(area / (1.5 * sqrt(3)))
    return ceil((radius_m + edge) / (1.5 * edge))
