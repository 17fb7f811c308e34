"""A market in which somebody may have planted fake trades: common ground of their tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from quanyu.clock import DAY_US, parse_iso
from quanyu.compliance.trades.graph import Graph, Ints, graph_of
from quanyu.compliance.trades.orders import Gathering, Orders, Trade

BEGIN_US = parse_iso("2026-11-01T00:00:00+08:00")


@dataclass(frozen=True)
class Plot:
    """Fake buyers × fake items, each pair bought with probability ``density``; ``camouflage`` × as
    many purchases of popular items besides."""

    users: int
    items: int
    density: float
    camouflage: float = 0.0


@dataclass(frozen=True)
class Market:
    buyer: Ints
    item: Ints
    planted: Ints
    """1 where the row is an order of the plot; its camouflage is 0."""
    plot: Plot | None

    @property
    def graph(self) -> Graph:
        return graph_of(self.buyer, self.item)[0]

    @property
    def planted_pairs(self) -> set[tuple[int, int]]:
        chosen = self.planted == 1
        return set(zip(self.buyer[chosen].tolist(), self.item[chosen].tolist(), strict=True))


def market(orders: int, plot: Plot | None = None, *, seed: int = 0) -> Market:
    """Busy and rare buyers (Pareto), popular and rare items (Zipf), and the plot at the end."""
    chance = np.random.default_rng(seed)
    buyers, items = orders // 3, max(50, orders // 50)
    activity = chance.pareto(2.2, buyers) + 1
    popularity = 1 / np.arange(1, items + 1) ** 0.9
    popularity /= popularity.sum()
    buyer = chance.choice(buyers, orders, p=activity / activity.sum())
    item = chance.choice(items, orders, p=popularity)
    if plot is None:
        return Market(buyer, item, np.zeros(orders, dtype=np.int64), None)
    fake, goods = np.nonzero(chance.random((plot.users, plot.items)) < plot.density)
    hidden = int(plot.camouflage * len(fake))
    return Market(
        np.concatenate([buyer, buyers + fake, buyers + chance.integers(0, plot.users, hidden)]),
        np.concatenate([item, items + goods, chance.choice(items, hidden, p=popularity)]),
        np.concatenate([np.zeros(orders), np.ones(len(fake)), np.zeros(hidden)]).astype(np.int64),
        plot,
    )


def trade(buyer: object = "li", item: object = "tea", **said: object) -> Trade:
    made = Trade(buyer=str(buyer), item=str(item), paid_us=BEGIN_US, amount_fen=12_900)
    return msgspec.structs.replace(made, **said)


def orders_of(trades: Sequence[Trade]) -> Orders:
    gathering = Gathering()
    for number, one in enumerate(trades, 1):
        gathering.add(one, place=f"第 {number} 行")
    return gathering.done()


def trades_of(found: Market, *, telling: bool = False, seed: int = 1) -> list[Trade]:
    """Rows of the market as orders o0, o1, … over 30 days. ``telling``: with devices and what was
    looked at before; the plot shares devices, four to one, and does not look."""
    chance = np.random.default_rng(seed)
    first = int(found.buyer[found.planted == 1].min(initial=10**9))
    at_us = BEGIN_US + chance.integers(0, 30 * DAY_US, len(found.buyer))
    looked = chance.random(len(found.buyer))
    made = []
    for number in range(len(found.buyer)):
        buyer, fake = int(found.buyer[number]), bool(found.planted[number])
        one = trade(
            f"b{buyer}", f"i{found.item[number]}", order=f"o{number}", paid_us=int(at_us[number])
        )
        if telling:
            device = f"shared-{(buyer - first) // 4}" if fake else f"own-{buyer}"
            browsed = bool(looked[number] < (0.1 if fake else 0.9))
            one = msgspec.structs.replace(one, device=device, browsed=browsed)
        made.append(one)
    return made


def sent(one: Trade, *, after_us: int = DAY_US, took_us: int = 2 * DAY_US) -> Trade:
    shipped_us = one.paid_us + after_us
    return msgspec.structs.replace(one, shipped_us=shipped_us, delivered_us=shipped_us + took_us)
