"""Bids of a campaign that says what it wants rather than what it bids.

The bid per click is worth · min(budget multiplier, ROS multiplier), whole fen, never more than is
left or than the campaign allows (Balseiro et al. 2021 for the two pacers and their minimum).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from quanyu.decisions.pacing.landscape import Landscape

Aim = Literal["most_clicks", "most_conversions", "target_cpa", "target_roas"]
PRIOR_CONVERSIONS = 5.0
"""The target itself counts as if so many conversions had come at it."""
CORRECTION = (0.5, 2.0)
"""How far results may move the target."""
ROAS_UNIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    aim: Aim
    target: int | None = None
    """Fen per conversion (target_cpa), or revenue in per cent of spend (target_roas)."""
    max_bid_fen: int | None = None

    def __post_init__(self) -> None:
        needs = self.aim in ("target_cpa", "target_roas")
        assert needs == (self.target is not None), "a target belongs to a target aim"
        assert self.target is None or self.target > 0

    @property
    def cost_per_worth(self) -> float | None:
        """Fen that a unit of worth may cost on average; None: the budget alone decides."""
        if self.target is None:
            return None
        return float(self.target) if self.aim == "target_cpa" else ROAS_UNIT / self.target

    def worth_of_click(self, *, pcvr: float = 1.0, order_fen: int = 0) -> float:
        """Of a click: a click, its conversions, or its revenue in fen."""
        if self.aim == "most_clicks":
            return 1.0
        return pcvr * order_fen if self.aim == "target_roas" else pcvr


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What came of what was spent, of clicks old enough that their conversions are known, or
    weighed by the share of conversions that arrive by their age."""

    spent: float = 0.0
    """Fen."""
    worth: float = 0.0
    """Conversions, or for target_roas revenue in fen."""
    conversions: float = 0.0

    def cost_per_worth(self, target: float) -> float:
        """Posterior mean: conversions per fen are Gamma(PRIOR + conversions, PRIOR · target +
        spent), for revenue with the mean worth of a conversion."""
        each = self.worth / self.conversions if self.conversions > 0 and self.worth > 0 else 1.0
        return (PRIOR_CONVERSIONS * each * target + self.spent) / (
            PRIOR_CONVERSIONS * each + self.worth
        )

    def chance_over(self, target: float) -> float:
        """Probability that a conversion costs more than the target fen, under that posterior."""
        from scipy.special import gammainc

        shape = PRIOR_CONVERSIONS + self.conversions
        return float(gammainc(shape, (PRIOR_CONVERSIONS * target + self.spent) / target))


def ros_multiplier(goal: Goal, landscape: Landscape, *, results: Results) -> float:
    """The most per unit of worth at which the average of all that is won keeps the target, moved
    by target ÷ what it really cost so far. Infinite without a target."""
    target = goal.cost_per_worth
    if target is None:
        return float("inf")
    correction = float(np.clip(target / results.cost_per_worth(target), *CORRECTION))
    return landscape.multiplier_for_ratio(target * correction)


def click_bid_fen(goal: Goal, *, worth: float, multiplier: float, left_fen: int) -> int:
    """Whole fen per click, down. ``worth`` of a click; ``multiplier``: the smaller of the two."""
    most = left_fen if goal.max_bid_fen is None else min(left_fen, goal.max_bid_fen)
    if worth <= 0 or most <= 0:
        return 0
    wanted = worth * multiplier
    return most if wanted >= most else int(wanted)
