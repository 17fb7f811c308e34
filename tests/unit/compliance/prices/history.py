"""Short words for trades around one moment: the first of 11 November in China."""

from typing import Any

from quanyu.clock import DAY_US, parse_iso
from quanyu.compliance.prices import History, Trade
from quanyu.compliance.showing import PriceShown

START_US = parse_iso("2026-11-11T00:00:00+08:00")


def paid(days_before: float, fen: int, **change: Any) -> Trade:
    """A trade so many days before the comparison starts."""
    return Trade(paid_us=START_US - round(days_before * DAY_US), unit_fen=fen, **change)


def history(*trades: Trade, **change: Any) -> History:
    return History(trades=trades, **change)


def shown(
    reference_fen: int | None, price_fen: int = 4_000, basis: str | None = None
) -> PriceShown:
    return PriceShown(
        shop="A", item="cup", price_fen=price_fen, reference_fen=reference_fen, basis=basis
    )
