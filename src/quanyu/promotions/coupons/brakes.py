"""The brakes against abuse: how often somebody may try, and how much an offer may give away.

Counts are kept by the minute, so a window of five minutes is four full ones and the present one.
"""

from collections.abc import Mapping

from quanyu.clock import MINUTE_US
from quanyu.promotions.offers.terms import Template

WINDOWS = (1, 5, 60)
"""Minutes."""
ATTEMPTS_MAX: dict[str, tuple[int, int, int]] = {
    "person": (6, 15, 60),
    "device": (10, 25, 120),
    "payment_account": (10, 25, 120),
    "address": (60, 200, 1000),
}
"""Attempts per window above which a claim or a code is refused as ``too_fast``."""
PIECES_ALWAYS = 10
"""A few pieces never trip the breaker, however small the forecast."""


def minute_of(at_us: int) -> int:
    return at_us // MINUTE_US


def within(counts: Mapping[int, int], minute: int, *, window: int) -> int:
    return sum(n for at, n in counts.items() if minute - window < at <= minute)


def too_fast(kind: str, counts: Mapping[int, int], *, minute: int) -> bool:
    """``counts``: attempts by minute, this one included."""
    limits = ATTEMPTS_MAX.get(kind, ATTEMPTS_MAX["device"])
    return any(
        within(counts, minute, window=window) > most
        for window, most in zip(WINDOWS, limits, strict=True)
    )


def most_fen(template: Template, window: int) -> int:
    """What may be given in so many minutes before the breaker trips."""
    expected_fen = template.trips_at * template.hourly_fen * window // 60
    return max(expected_fen, PIECES_ALWAYS * template.face_fen)


def tripping(
    template: Template, values: Mapping[int, int], *, minute: int, more_fen: int
) -> int | None:
    """The window in minutes that this value would take over its bound."""
    for window in WINDOWS:
        if within(values, minute, window=window) + more_fen > most_fen(template, window):
            return window
    return None
