"""Policies of the pacing replay: ours and its peers, over the same auctions and the same budget.

An auction is won where the bid is at least the market price, and then costs the market price. No
bid is larger than what is left. A policy sees the price of an auction after it, won or lost.
"""

import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bench.pacing_log import DAY_S, Column, Log
from quanyu.decisions.pacing.curve import TICKS_A_DAY, DayCurve
from quanyu.decisions.pacing.pacer import Pacer

TICKS = 1_000
"""Of a log without times: equal counts of auctions."""
RLB_EPISODE = 500
"""Auctions."""
RLB_STEPS_A_PRICE = 20
RLB_REACH = 400
"""Steps of the largest bid: twenty mean prices."""


@dataclass(frozen=True, slots=True)
class Played:
    clicks: int
    expected: float
    """Sum of pctr over what was won: clicks without their chance, where pctr is right."""
    spend: float
    wins: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Training:
    """What the peers know beforehand: of another day, or of this very log (hindsight)."""

    log: Log

    def base_multiplier(self, budget_per_auction: float) -> float:
        """The one m that would have spent so much per auction there."""
        ratio = self.log.price / np.maximum(self.log.pctr, 1e-12)
        order = np.argsort(ratio)
        spent = np.cumsum(self.log.price[order])
        place = int(np.searchsorted(spent, budget_per_auction * len(self.log), side="right"))
        return float(ratio[order[min(place, len(order) - 1)]])


def ticks_of(log: Log) -> list[slice]:
    if log.second is None:
        cuts = np.linspace(0, len(log), min(TICKS, len(log)) + 1).astype(int)
    else:
        cuts = np.searchsorted(log.second, np.linspace(0, DAY_S, TICKS_A_DAY + 1))
        cuts[-1] = len(log)
    return [slice(int(a), int(b)) for a, b in pairwise(cuts)]


def settled(bid: Column, price: Column, left: float) -> tuple[Column, float]:
    """Which are won, and what they cost, with every bid cut to what is left before it."""
    won = bid >= price
    if float(price[won].sum()) > left:
        for place in np.flatnonzero(won):
            if price[place] <= left:
                left -= price[place]
            else:
                won[place] = False
    return won, float(price[won].sum())


class _Till:
    def __init__(self, log: Log, budget: float) -> None:
        self.log, self.left, self.clicks, self.wins = log, budget, 0, 0
        self.expected = 0.0
        self.budget, self.begun = budget, time.perf_counter()

    def play(self, part: slice, bid: Column) -> float:
        won, cost = settled(bid, self.log.price[part], self.left)
        self.left -= cost
        self.clicks += int(self.log.click[part][won].sum())
        self.expected += float(self.log.pctr[part][won].sum())
        self.wins += int(won.sum())
        return cost

    def played(self) -> Played:
        took = time.perf_counter() - self.begun
        return Played(self.clicks, self.expected, self.budget - self.left, self.wins, took)


def ours(log: Log, budget: float, before: Log | None) -> Played:
    """Nothing of this log is known before it happens but, where it has no times, its length; with
    times not even that. ``before``: yesterday, as it was seen then."""
    till = _Till(log, budget)
    pacer = _warmed(log, before)
    for part in ticks_of(log):
        price, pctr = log.price[part], log.pctr[part]
        till.play(part, pacer.multiplier(till.left) * pctr if pctr.size else pctr)
        pacer = pacer.after(price, pctr)
    return till.played()


def _warmed(log: Log, before: Log | None) -> Pacer:
    if log.second is None:
        sizes = [part.stop - part.start for part in ticks_of(log)]
        curve = DayCurve(np.array(sizes, np.float64) / len(log))
        pacer = Pacer(curve, usual=float(len(log)))
    else:
        pacer = Pacer(DayCurve.typical())
    if before is None:
        return pacer
    parts = ticks_of(before)
    counts = [part.stop - part.start for part in parts]
    yesterday = Pacer(DayCurve.typical(len(parts)))
    for part in parts:
        yesterday = yesterday.after(before.price[part], before.pctr[part])
    if log.second is None or before.second is None:
        return Pacer(pacer.curve, usual=pacer.usual, landscape=yesterday.landscape)
    return yesterday.next_day(curve=DayCurve.learned([counts]))


def linear(log: Log, budget: float, training: Training) -> Played:
    """Base bid · pctr ÷ mean pctr, the base bid being the best of the training log."""
    till = _Till(log, budget)
    multiplier = training.base_multiplier(budget / len(log))
    for part in ticks_of(log):
        till.play(part, multiplier * log.pctr[part])
    return till.played()


def pid(log: Log, budget: float, training: Training) -> Played:
    """Linear bids times exp(φ), φ from a PID controller on the planned spend by equal counts of
    auctions (Zhang et al. 2016, feedback control)."""
    till = _Till(log, budget)
    multiplier = training.base_multiplier(budget / len(log))
    gain, integral, slope = 2.0, 0.5, 0.5
    total, last = 0.0, 0.0
    done = 0
    factor = 1.0
    for part in ticks_of(log):
        till.play(part, factor * multiplier * log.pctr[part])
        done += part.stop - part.start
        error = done / len(log) - (budget - till.left) / budget
        total = float(np.clip(total + error, -2, 2))
        phi = gain * error + integral * total + slope * (error - last)
        last = error
        factor = float(np.exp(np.clip(phi, -2, 2)))
    return till.played()


def best_constant(log: Log, budget: float) -> Played:
    """The one multiplier that, had the day been known, would just have spent the budget."""
    return linear(log, budget, Training(log))


class Rlb:
    """Bidding by dynamic programming (Cai et al. 2017): V(t, b), the clicks to be expected from t
    auctions and b of budget, from the market prices and the mean pctr of the training log. The
    day is cut into episodes; what an episode leaves goes to the next ones. Money in steps of a
    RLB_STEPS_A_PRICE-th of the mean price, up to twice the episode's part."""

    def __init__(self, training: Training, episode_budget: float) -> None:
        prices = training.log.price
        self.step = max(1.0, float(prices.mean()) / RLB_STEPS_A_PRICE)
        self.steps = int(2 * episode_budget / self.step) + 1
        cells = np.ceil(prices / self.step).astype(int)
        chance = np.bincount(cells) / len(cells)
        mean = float(training.log.pctr.mean())
        costs = np.flatnonzero(chance)
        value = np.zeros((RLB_EPISODE + 1, self.steps + 1), np.float32)
        for t in range(1, RLB_EPISODE + 1):
            before = value[t - 1]
            value[t] = before
            for cost in costs[costs <= self.steps].tolist():
                gain = np.maximum(0, mean + before[: self.steps + 1 - cost] - before[cost:])
                value[t, cost:] += chance[cost] * gain
        self.value = value

    def bid(self, left_auctions: int, left: float, pctr: float) -> float:
        place = min(int(left / self.step), self.steps)
        row = self.value[left_auctions - 1, : place + 1]
        rises = row[place] - row[max(0, place - RLB_REACH) :][::-1]
        return float(np.searchsorted(rises, pctr, side="right") - 1) * self.step


def rlb(log: Log, budget: float, training: Training) -> Played:
    begun = time.perf_counter()
    episodes = max(1, round(len(log) / RLB_EPISODE))
    policy = Rlb(training, budget / episodes)
    left, clicks, expected, wins = budget, 0, 0.0, 0
    prices, rates, clicked = log.price.tolist(), log.pctr.tolist(), log.click.tolist()
    cuts = np.linspace(0, len(log), episodes + 1).astype(int).tolist()
    for number, (first, end) in enumerate(pairwise(cuts)):
        own = left / (episodes - number)
        for place in range(first, end):
            rest = min(end - place, RLB_EPISODE)
            if min(own, policy.bid(rest, own, rates[place])) >= prices[place] and own > 0:
                own -= prices[place]
                left -= prices[place]
                clicks += int(clicked[place])
                expected += rates[place]
                wins += 1
    return Played(clicks, expected, budget - left, wins, time.perf_counter() - begun)
