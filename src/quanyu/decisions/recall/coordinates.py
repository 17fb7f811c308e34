"""GCJ-02, in which maps of China are drawn, to and from WGS-84; distances on the sphere.

The shift is the published approximation (eviltransform, coordtransform): exact to about a metre.
Taiwan, Hong Kong and Macau lie inside the rectangle that it treats as China, as everywhere else.
"""

from math import atan2, cos, pi, radians, sin, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from quanyu.decisions.asking import Point

Degrees = npt.NDArray[np.float64]
Metres = npt.NDArray[np.float64]
EARTH_M = 6_371_008.8
AXIS_M = 6_378_245.0
"""Of the ellipsoid Krasovsky 1940."""
ECCENTRICITY2 = 0.006_693_421_622_965_943
SMALL = 0.01
"""Half a chord for which the arc is the chord and its cube: 127 km, to a tenth of a millimetre."""
ROUNDS = 4
"""Of the inverse; each makes the error a thousand times smaller."""


def in_china(point: Point) -> bool:
    return 72.004 <= point.lng <= 137.8347 and 0.8293 <= point.lat <= 55.8271


def gcj_of(point: Point) -> Point:
    """WGS-84 → GCJ-02. Outside China unchanged."""
    if not in_china(point):
        return point
    north, east = _shift(point.lng - 105.0, point.lat - 35.0)
    angle = radians(point.lat)
    magic = 1 - ECCENTRICITY2 * sin(angle) ** 2
    lat = north * 180 / (AXIS_M * (1 - ECCENTRICITY2) / (magic * sqrt(magic)) * pi)
    lng = east * 180 / (AXIS_M / sqrt(magic) * cos(angle) * pi)
    return Point(point.lat + lat, point.lng + lng)


def wgs_of(point: Point) -> Point:
    """GCJ-02 → WGS-84, by going back the shift of the last guess. Outside China unchanged."""
    if not in_china(point):
        return point
    guess = point
    for _ in range(ROUNDS):
        shown = gcj_of(guess)
        guess = Point(guess.lat + point.lat - shown.lat, guess.lng + point.lng - shown.lng)
    return guess


def _shift(x: float, y: float) -> tuple[float, float]:
    """Metres to the north and east."""
    waves = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east


def metres(one: tuple[Any, Any], other: tuple[Any, Any]) -> Any:
    """Great-circle distances (haversine) of (lat, lng), as numpy broadcasts them."""
    from_lat, towards = np.radians(one[0]), np.radians(other[0])
    across = np.sin((np.radians(other[1]) - np.radians(one[1])) / 2) ** 2
    half = np.sin((towards - from_lat) / 2) ** 2 + np.cos(from_lat) * np.cos(towards) * across
    return 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(1.0, half)))


def metres_between(
    ones: tuple[Degrees, Degrees], others: tuple[Degrees, Degrees]
) -> npt.NDArray[np.float64]:
    """Each of some points to each of others, (lat, lng), to the millimetre: by chords, with one
    product of matrices in the place of sines. The middle of the others is the origin, so that
    nothing cancels out where they are near."""
    middle = _units(*others).mean(axis=0)
    one, other = _units(*ones) - middle, _units(*others) - middle
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    half = np.sqrt(np.maximum(0, squares)) / 2
    small = half.max(initial=0) < SMALL
    arcs = half + half**3 / 6 if small else np.arcsin(np.minimum(1.0, half))
    found: npt.NDArray[np.float64] = 2 * EARTH_M * arcs
    return found


def _units(lat: Degrees, lng: Degrees) -> npt.NDArray[np.float64]:
    """Points on the sphere of radius 1, a row each."""
    north, east = np.radians(lat), np.radians(lng)
    flat = np.cos(north)
    return np.stack((flat * np.cos(east), flat * np.sin(east), np.sin(north)), axis=-1)


def distance_m(one: Point, other: Point) -> float:
    """The same for two points."""
    lat, to = radians(one.lat), radians(other.lat)
    across = sin(radians(other.lng - one.lng) / 2) ** 2
    half = sin((to - lat) / 2) ** 2 + cos(lat) * cos(to) * across
    return 2 * EARTH_M * atan2(sqrt(half), sqrt(max(0.0, 1 - half)))
