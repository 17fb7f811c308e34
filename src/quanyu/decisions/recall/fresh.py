"""New items: e^(−age / AGE), so that what nobody knows yet is shown to somebody."""

from dataclasses import dataclass

import numpy as np

from quanyu.clock import DAY_US
from quanyu.decisions.goods import Amounts, Goods, Rows
from quanyu.decisions.recall.best import Found

AGE_US = 7 * DAY_US
NEW_US = 30 * DAY_US
"""Older ones are not new."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """By the time on sale, the newest first; items of which it is not known are not new."""

    rows: Rows
    minus_us: Amounts
    """−(on sale since), ascending."""

    @classmethod
    def of(cls, goods: Goods) -> "Fresh":
        known = np.flatnonzero(goods.since_us > 0)
        order = known[np.lexsort((known, -goods.since_us[known]))]
        return cls(order.astype(np.int32), -goods.since_us[order])

    def at(self, now_us: int, *, limit: int = 50) -> Found:
        """On sale at this time, and since NEW_US at most."""
        first = int(np.searchsorted(self.minus_us, -now_us))
        last = int(np.searchsorted(self.minus_us, NEW_US - now_us, side="right"))
        span = slice(first, min(last, first + limit))
        age = (now_us + self.minus_us[span]) / AGE_US
        return self.rows[span], np.exp(-age).astype(np.float32)
