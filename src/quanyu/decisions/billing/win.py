"""An ad that has won a slot: what it costs, if what is billed happens in time."""

from enum import StrEnum

import msgspec

from quanyu.clock import HOUR_US
from quanyu.touchpoints.touchpoint import Billing

BILLED_WITHIN_US = {"impression": HOUR_US, "click": HOUR_US, "arrival": 24 * HOUR_US}
"""After that the money goes back to the campaign."""
MILLI = 1_000
"""Millifen in a fen: what is billed by the impression costs parts of a fen."""


class WinState(StrEnum):
    HELD = "held"
    SETTLED = "settled"
    RELEASED = "released"


class Win(msgspec.Struct, frozen=True, kw_only=True):
    trace: bytes
    """16 bytes, of the decision."""
    position: int
    """From 1."""
    campaign: str
    creative: str
    lease: int
    """Out of which slice of the day's budget the price was held."""
    price_millifen: int
    billing: Billing
    at_us: int
    expires_us: int
    """What is billed must happen before."""
    touchpoint: str = ""
    """Where it is shown; unsaid, that which tells of the click is believed."""
    node: int | None = None
    """Of the person it was decided for; None: nobody's, so anybody may click."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A slice of a campaign's day that one worker may spend without asking anybody."""

    number: int
    campaign: str
    amount_fen: int
    ends_us: int
    """No win is held out of it from then on."""
