"""Fake trades: planted blocks found behind camouflage, nothing found where nothing was planted, and
the time of a scan.

    quanyu bench fraud [--orders 100000] [--sizes 10000,100000,1000000] [--seeds 3] [--only planted]

The background is a market with heavy tails: busy buyers (Pareto, exponent 2.2), popular items
(Zipf, 0.9). A plot of users × items buys each pair with a density, and camouflage × as many
purchases of popular items besides. Peers, in the same run on the same graph: peeling by average
degree (Charikar 2000) and FRAUDAR's first block (KDD 2016) over the whole graph. Figures are of
purchases (buyer, item): true ones are those of the plot without its camouflage.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from quanyu.clock import DAY_US, parse_iso
from quanyu.compliance.trades.blocks import dense_blocks
from quanyu.compliance.trades.graph import Flags, Graph, Ints, graph_of
from quanyu.compliance.trades.orders import FIGURES, NAMED, Orders
from quanyu.compliance.trades.peeling import densest, fraudar_weights
from quanyu.compliance.trades.scan import scan
from quanyu.storage.lake.order_file import read_orders

BEGIN_US = parse_iso("2026-11-01T00:00:00+08:00")
SHAPES = ((20, 5), (50, 10), (100, 10), (200, 20))
DENSITIES = (0.2, 0.4, 0.6, 0.9)
CAMOUFLAGE = (0.0, 0.5, 1.0)
TARGETS = {"scan_1m_s": 60, "flagged_share_max": 0.01}
PHRASES = ("很好用", "物流快", "包装不错", "会回购", "颜色喜欢", "质量一般", "客服热情",
           "性价比高", "孩子喜欢", "尺码偏大", "味道清香", "有点小贵", "声音很大", "屏幕清晰",
           "做工精细")  # fmt: skip


def main(words: Sequence[str] | None = None) -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--orders", type=int, default=100_000)
    arguments.add_argument("--sizes", default="10000,100000,1000000")
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--only", choices=["planted", "nothing", "speed"])
    given = arguments.parse_args(words)
    sizes = [int(size) for size in given.sizes.split(",")]
    parts: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
        "planted": lambda: planted(given.orders, given.seeds),
        "nothing": lambda: nothing(given.orders, given.seeds),
        "speed": lambda: speed(sizes),
    }
    print(json.dumps({"machine": platform.processor() or platform.machine(), "targets": TARGETS}))
    for name, run in parts.items():
        if given.only in (None, name):
            for line in run():
                print(json.dumps({name: line}, ensure_ascii=False), flush=True)


@dataclass(frozen=True)
class Market:
    buyer: Ints
    item: Ints
    planted: Flags
    buyers: int
    items: int


def background(orders: int, seed: int) -> tuple[Ints, Ints, Any]:
    chance = np.random.default_rng(seed)
    activity = chance.pareto(2.2, orders // 3) + 1
    popularity = 1 / np.arange(1, max(50, orders // 50) + 1) ** 0.9
    popularity /= popularity.sum()
    buyer = chance.choice(len(activity), orders, p=activity / activity.sum())
    return buyer, chance.choice(len(popularity), orders, p=popularity), popularity


def market(
    orders: int, shape: tuple[int, int] = (0, 0), *, density: float = 0, camouflage: float = 0,
    seed: int = 0,
) -> Market:  # fmt: skip
    buyer, item, popularity = background(orders, seed)
    chance = np.random.default_rng(seed + 1_000)
    buyers, items = orders // 3, len(popularity)
    user, goods = np.nonzero(chance.random(shape) < density)
    hidden = int(camouflage * len(user))
    masks = chance.integers(0, max(shape[0], 1), hidden)
    everything = np.concatenate([np.zeros(orders), np.ones(len(user)), np.zeros(hidden)])
    return Market(
        np.concatenate([buyer, buyers + user, buyers + masks]),
        np.concatenate([item, items + goods, chance.choice(items, hidden, p=popularity)]),
        everything == 1,
        buyers + shape[0],
        items + shape[1],
    )


# ── planted blocks ─────────────────────────────────────────────────────────────────────────────


def planted(orders: int, seeds: int) -> Iterator[dict[str, Any]]:
    for shape in SHAPES:
        for density in DENSITIES:
            for camouflage in CAMOUFLAGE:
                runs = [
                    compared(market(orders, shape, density=density, camouflage=camouflage,
                                    seed=seed))
                    for seed in range(seeds)
                ]  # fmt: skip
                mean = {
                    who: [round(statistics.mean(run[who][n] for run in runs), 3) for n in range(3)]
                    for who in runs[0]
                }
                yield {"block": f"{shape[0]}x{shape[1]}", "density": density,
                       "camouflage": camouflage, "precision_recall_f1": mean}  # fmt: skip


def compared(found: Market) -> dict[str, tuple[float, float, float]]:
    graph, edge = graph_of(found.buyer, found.item)
    true = np.zeros(len(graph), dtype=np.bool_)
    true[edge[found.planted]] = True
    return {
        "ours": quality(ours(graph), true),
        "fraudar": quality(peeled(graph, fraudar_weights(graph, graph.of_item)), true),
        "charikar": quality(peeled(graph, np.ones(len(graph))), true),
    }


def ours(graph: Graph) -> Flags:
    inside = np.zeros(len(graph), dtype=np.bool_)
    for one in dense_blocks(graph):
        inside |= graph.inside(one.block)
    return inside


def peeled(graph: Graph, weights: Any) -> Flags:
    best = densest(graph, weights)
    assert best is not None
    return graph.inside(best.block)


def quality(guessed: Flags, true: Flags) -> tuple[float, float, float]:
    both = int((guessed & true).sum())
    precision, recall = both / max(int(guessed.sum()), 1), both / max(int(true.sum()), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


# ── nothing planted ────────────────────────────────────────────────────────────────────────────


def nothing(orders: int, seeds: int) -> Iterator[dict[str, Any]]:
    for name, make in (("heavy tails", market), ("tastes", tastes)):
        for told in (False, True):
            shares = []
            for seed in range(seeds):
                report = scan(orders_of(make(orders, seed=seed), told=told, seed=seed))
                shares.append(len(report.suspects) / report.orders.count)
            yield {"market": name, "behaviour_told": told, "flagged_share": shares}


def tastes(orders: int, *, seed: int) -> Market:
    """Crowds of 600 buyers with a shelf of 60 items each, from which 60 % of purchases are made."""
    chance = np.random.default_rng(seed)
    crowds = max(orders // 1_800, 2)
    activity = chance.pareto(2.2, crowds * 600) + 1
    buyer = chance.choice(len(activity), orders, p=activity / activity.sum())
    popularity = 1 / np.arange(1, 61) ** 0.9
    rank = chance.choice(60, orders, p=popularity / popularity.sum())
    own = chance.random(orders) < 0.6
    shelf = np.where(own, buyer % crowds, chance.integers(0, crowds, orders))
    item = shelf * 60 + rank
    return Market(buyer, item, np.zeros(orders, dtype=np.bool_), len(activity), crowds * 60)


def orders_of(found: Market, *, told: bool, seed: int) -> Orders:
    """``told``: with all columns, as honest people fill them: two in a family share an address and
    sometimes a device, some do not look first, some praise at once, a third write reviews."""
    chance, size = np.random.default_rng(seed), len(found.buyer)
    unknown = np.full(size, -1, dtype=np.int64)
    paid_us = BEGIN_US + chance.integers(0, 30 * DAY_US, size)
    numbers = dict.fromkeys(NAMED, unknown) | {
        "order": np.arange(size), "buyer": found.buyer, "item": found.item,
    }  # fmt: skip
    figures = dict.fromkeys(FIGURES, unknown) | {
        "paid_us": paid_us, "amount_fen": chance.integers(1_000, 50_000, size),
    }  # fmt: skip
    reviews: list[str | None] = [None] * size
    if told:
        family = found.buyer // 2
        own = (chance.random(found.buyers) < 0.9)[found.buyer]
        numbers |= {
            "address": family, "payer": found.buyer,
            "device": np.where(own, found.buyer, found.buyers + family),
        }  # fmt: skip
        delivered_us = paid_us + DAY_US + chance.integers(DAY_US // 6, 4 * DAY_US, size)
        figures |= {
            "browsed": (chance.random(size) < 0.85).astype(np.int64),
            "refunded": (chance.random(size) < 0.05).astype(np.int64),
            "shipped_us": paid_us + DAY_US, "delivered_us": delivered_us,
            "confirmed_us": delivered_us + chance.exponential(2 * DAY_US, size).astype(np.int64),
            "stars": chance.choice([3, 4, 5], size, p=[0.1, 0.2, 0.7]),
            "since_us": paid_us - chance.integers(0, 900, size) * DAY_US,
        }  # fmt: skip
        words = chance.integers(0, len(PHRASES), (size, 6)).tolist()
        reviews = ["".join(PHRASES[n] for n in line) if place % 3 == 0 else None
                   for place, line in enumerate(words)]  # fmt: skip
    names = {name: [] for name in NAMED} | {
        "order": list(map(str, range(size))),
        "buyer": list(map(str, range(found.buyers))), "item": list(map(str, range(found.items))),
    }  # fmt: skip
    return Orders(numbers, names, figures, reviews, 0)


# ── speed ──────────────────────────────────────────────────────────────────────────────────────


def speed(sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    for size in sizes:
        found = market(size, (200, 20), density=0.5, camouflage=1.0)
        for told in (False, True):
            orders = orders_of(found, told=told, seed=1)
            begun, cpu = time.perf_counter(), time.process_time()
            report = scan(orders)
            yield {
                "orders": size, "behaviour_told": told,
                "seconds": round(time.perf_counter() - begun, 2),
                "cpu_seconds": round(time.process_time() - cpu, 2),
                "target_s": TARGETS["scan_1m_s"], "flagged": len(report.suspects),
            }  # fmt: skip
        with TemporaryDirectory() as folder:
            path = Path(folder) / "orders.csv"
            with path.open("w") as file:
                file.writelines(lines_of(found))
            begun, cpu = time.perf_counter(), time.process_time()
            read = read_orders(path)
        yield {"orders": size, "reading_csv_s": round(time.perf_counter() - begun, 2),
               "cpu_seconds": round(time.process_time() - cpu, 2),
               "rows": len(read.orders)}  # fmt: skip


def lines_of(found: Market) -> Iterator[str]:
    yield "order,buyer,item,paid_at,amount,browsed\n"
    for number, (buyer, item) in enumerate(
        zip(found.buyer.tolist(), found.item.tolist(), strict=True)
    ):
        yield f"o{number},b{buyer},i{item},2026-11-{number % 30 + 1:02d}T12:00:00+08:00,990,true\n"


if __name__ == "__main__":
    main()
