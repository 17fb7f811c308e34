"""Stores around a point and along a way. What leaves here for display is a bucket, no distance."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt
from typing import Any

import h3.api.basic_int as h3
import numpy as np

from quanyu.decisions.asking import Point
from quanyu.decisions.goods import Column, Rows
from quanyu.decisions.recall.coordinates import Degrees, Metres, distance_m, metres
from quanyu.decisions.recall.hours import Stretch, is_open, minute_of_week, stretches

FINE, COARSE = 8, 5
"""H3 resolutions: cells of about 0.5 and 10 km. The finest of few enough rings is asked."""
RINGS_MAX = 12
SHAPE = 0.75
"""Cells are squeezed towards the corners of the icosahedron; the narrowest keep this much."""
BUCKETS = ((500, "<500 m"), (1_000, "500 m–1 km"), (3_000, "1–3 km"), (5_000, "3–5 km"))
FAR = ">5 km"
CELLS_MAX = 20_000
"""Of a route: beyond it every store is measured."""

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
        rows = self._beside(route, detour_m / factor)
        if len(rows) == 0:
            return NOWHERE
        added = factor * self._least_added(route, rows)
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

    def _beside(self, route: Sequence[Point], added_m: float) -> Rows:
        """At least all stores of a detour of so many straight metres, ascending: they lie in
        ellipses around the stretches, whose shorter half axis is √(d·a/2 + a²/4)."""
        cells: set[int] = set()
        for one, other in pairwise(route):
            span = distance_m(one, other)
            reach = sqrt(span * added_m / 2 + added_m**2 / 4) + added_m
            if not self._add_cells(cells, (one, other), reach=reach):
                return np.arange(len(self), dtype=np.int32)
        return self._of_cells(cells, FINE)

    def _add_cells(self, cells: set[int], ends: tuple[Point, Point], *, reach: float) -> bool:
        """Cells within ``reach`` of the stretch; False when they become too many."""
        start, end = ends
        edge = h3.average_hexagon_edge_length(FINE, unit="m")
        steps = max(1, ceil(distance_m(start, end) / edge))
        if steps > CELLS_MAX:
            return False
        for step in range(steps + 1):
            share = step / steps
            lat = start.lat + share * (end.lat - start.lat)
            cell = h3.latlng_to_cell(lat, start.lng + share * (end.lng - start.lng), FINE)
            rings = _rings(cell, reach + edge)
            if rings > RINGS_MAX or len(cells) > CELLS_MAX:
                return False
            cells.update(h3.grid_disk(cell, rings))
        return True

    def _least_added(self, route: Sequence[Point], rows: Rows) -> Metres:
        lat = np.array([one.lat for one in route])
        lng = np.array([one.lng for one in route])
        spans = metres((lat[:-1], lng[:-1]), (lat[1:], lng[1:]))
        stores = self.lat[rows], self.lng[rows]
        least = np.full(len(rows), np.inf)
        to_next = metres(stores, (lat[0], lng[0]))
        for stretch, span in enumerate(spans, 1):
            to_this, to_next = to_next, metres(stores, (lat[stretch], lng[stretch]))
            np.minimum(least, to_this + to_next - span, out=least)
        added: Metres = np.maximum(least, 0)
        return added

    def _of_cells(self, cells: Iterable[int], resolution: int) -> Rows:
        filed = self.cells[resolution]
        found = [filed[cell] for cell in cells if cell in filed]
        return np.sort(np.concatenate(found)) if found else NOWHERE[0]


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
