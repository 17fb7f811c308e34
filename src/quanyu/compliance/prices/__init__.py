"""Price truth: compared prices, raises before discounts, and prices that must agree."""

from quanyu.compliance.prices.reviewing import History, look_at, review_prices
from quanyu.compliance.prices.trades import Basis, Bound, Trade, bound_at

__all__ = ["Basis", "Bound", "History", "Trade", "bound_at", "look_at", "review_prices"]
