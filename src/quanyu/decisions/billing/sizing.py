"""How much of a day one lease takes."""

from typing import NamedTuple

from quanyu.clock import CHINA_OFFSET_US, DAY_US, MINUTE_US, day_number
from quanyu.decisions.campaigns.campaign import Bid, Cpc, TargetCpa
from quanyu.decisions.pacing.lease import LeasePlan

LASTS_US = 10 * MINUTE_US


class Sizing(NamedTuple):
    permille: int = 100
    """Of what is left of the day, for all workers together."""
    workers: int = 2
    most_fen: int = 100_000

    def fen(self, *, given_fen: int, settled_fen: int, leased_fen: int, bid: Bid) -> int:
        """Of a day that was given so much; 0: not even one price is free."""
        plan = LeasePlan(
            budget_fen=max(0, given_fen), settled_fen=settled_fen, leased_fen=leased_fen,
            permille=self.permille, workers=self.workers, least_fen=largest_price_fen(bid),
        )  # fmt: skip
        return min(plan.next_fen(), max(self.most_fen, plan.least_fen))


def largest_price_fen(bid: Bid) -> int:
    """That can fall due at once; what sets its own bids takes whatever is free."""
    goal = bid.goal
    if isinstance(goal, Cpc):
        return goal.bid_fen
    return goal.target_fen if isinstance(goal, TargetCpa) else 1


def ends_us(at_us: int) -> int:
    """A lease does not outlast its day."""
    midnight_us = (day_number(at_us) + 1) * DAY_US - CHINA_OFFSET_US
    return min(at_us + LASTS_US, midnight_us)
