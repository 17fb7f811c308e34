"""Decisions on one core: latency and growth, from the question to the packed explanation.

    quanyu bench decide [--items 100000] [--campaigns 10000] [--rounds 400]

The decision path in process, without the database: recall over search, scenes and what was learned,
ranking by the prior, the auction with caps, the page, and the explanation as it is stored. Words of
titles have a long tail, as those of shops have; half of the campaigns have keywords. No open peer
does this in one call (PEERS.md), so ours stands alone beside its target.
"""

import argparse
import gc
import random
import resource
import time
from collections.abc import Iterator

import msgspec
import numpy as np

from quanyu.clock import DAY_US, parse_iso
from quanyu.decisions.advertising.index import AdIndex
from quanyu.decisions.asking import Ask
from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.decisions.goods import Good, Goods
from quanyu.decisions.guards.viewer import Viewer
from quanyu.decisions.rank.features import feature_names
from quanyu.decisions.rank.habits import Habits
from quanyu.decisions.rank.prior import Prior
from quanyu.decisions.rank.shelf import Shelf
from quanyu.decisions.recall.index import Catalogue, RecallIndex
from quanyu.decisions.recall.words import Words, shipped_words
from quanyu.decisions.serving.explanation import packed
from quanyu.decisions.serving.grounds import Asked, Grounds
from quanyu.decisions.serving.pipeline import decide
from quanyu.decisions.serving.scoring import SOURCE_NAMES
from quanyu.decisions.taste import Deed, Taste
from quanyu.touchpoints.ecosystem import Ecosystem, ecosystem

NOW = "2026-03-10T20:00:00+08:00"
VOCABULARY, CATEGORIES, SHOPS = 20_000, 400, 3_000
DEEDS = 20
TOUCHPOINTS = ("taobao.search", "taobao.home", "taobao.detail", "youku.pause")
TARGET_P50_MS, TARGET_P99_MS = 3.0, 10.0
SIZES = ((10_000, 1_000), (30_000, 3_000), (100_000, 10_000))


def word(chance: random.Random) -> str:
    """Zipf's law, roughly: rank r with a frequency like 1 / r."""
    return f"词{int(VOCABULARY ** chance.random())}"


def goods(number: int, chance: random.Random) -> Goods:
    def listed() -> Iterator[Good]:
        for at in range(number):
            category = f"类{int(CATEGORIES ** chance.random())}"
            words = tuple(dict.fromkeys(word(chance) for _ in range(8)))
            yield Good(
                id=f"i{at}", title="".join(words[:4]), shop=f"店{at % SHOPS}", category=category,
                price_fen=chance.randrange(900, 99_900), words=(*words, category),
                since_us=parse_iso(NOW) - chance.randrange(400) * DAY_US,
            )  # fmt: skip

    return Goods.of(listed())


def campaigns(number: int, items: int, chance: random.Random) -> Iterator[tuple[int, Campaign]]:
    for at in range(number):
        matches = ("exact", "phrase", "broad")
        keywords = [{"text": word(chance), "match": chance.choice(matches)} for _ in range(20)]
        landing = {"item": f"i{chance.randrange(items)}"}
        body = {
            "id": f"c{at}", "advertiser": f"店{at % SHOPS}", "title": "t",
            "bid": {"cpc": {"bid_fen": chance.randrange(20, 400)}},
            "budget": {"day_fen": 100_000, "total_fen": 1_000_000},
            "schedule": {"from": "2026-03-01T00:00:00+08:00", "to": "2026-04-01T00:00:00+08:00"},
            "creatives": [{"id": "a", "title": "上新", "text": "", "landing": landing}],
            "keywords": keywords if at % 2 else [],
        }  # fmt: skip
        yield 1, msgspec.convert(body, Campaign)


def grounds(items: int, number: int, *, chance: random.Random) -> Grounds:
    words: Words = shipped_words()
    stock, place = goods(items, chance), ecosystem("alibaba")
    index = RecallIndex.of(Catalogue(goods=stock), words.synonyms, now_us=parse_iso(NOW))
    running = campaigns(number, items, chance)
    return Grounds(
        ecosystem=place, index=index, words=words, shelf=Shelf.of(stock),
        habits=Habits.none(stock), ranker=Prior(feature_names(SOURCE_NAMES)), ranker_name="prior",
        ads=AdIndex(running, goods=stock, words=words, ecosystem=place),
    )  # fmt: skip


def questions(on: Grounds, rounds: int, *, chance: random.Random) -> list[Asked]:
    return [question(on.ecosystem, len(on.index.goods), chance=chance) for _ in range(rounds)]


def question(place: Ecosystem, items: int, *, chance: random.Random) -> Asked:
    at_us = parse_iso(NOW)
    deeds = sorted(
        (Deed(f"i{chance.randrange(items)}", "view", at_us - chance.randrange(14 * DAY_US))
         for _ in range(DEEDS)), key=lambda one: one.at_us,
    )  # fmt: skip
    name = chance.choice(TOUCHPOINTS)
    context = {"query": f"{word(chance)} {word(chance)}", "item": f"i{chance.randrange(items)}"}
    return Asked(
        ask=msgspec.convert({"touchpoint": name, "context": context}, Ask),
        touchpoint=place.touchpoint(name), trace=chance.randbytes(16), at_us=at_us,
        viewer=Viewer(plain=None, nodes=(1,), taste=Taste(tuple(deeds))),
    )  # fmt: skip


def measured(on: Grounds, rounds: int, *, chance: random.Random) -> tuple[list[float], float]:
    """Milliseconds of each decision, ascending, and of the processor on average."""
    asked = questions(on, rounds + 50, chance=chance)
    for one in asked[:50]:
        decide(one, on, hold=lambda campaign, price: 1)
    gc.collect()
    took, busy_s = [], time.process_time()
    for one in asked[50:]:
        begun_s = time.perf_counter()
        packed(decide(one, on, hold=lambda campaign, price: 1).told)
        took.append(1_000 * (time.perf_counter() - begun_s))
    return sorted(took), 1_000 * (time.process_time() - busy_s) / rounds


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="quanyu bench decide")
    parser.add_argument("--items", type=int)
    parser.add_argument("--campaigns", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    sizes = SIZES if given.items is None else ((given.items, given.campaigns),)
    print(f"{'items':>8} {'campaigns':>9} {'built s':>8} {'p50 ms':>7} {'p99 ms':>7} {'cpu ms':>7}"
          f" {'peak GiB':>8}")  # fmt: skip
    for items, number in sizes:
        chance = random.Random(given.seed)
        begun_s = time.perf_counter()
        on = grounds(items, number, chance=chance)
        built_s = time.perf_counter() - begun_s
        took, cpu = measured(on, given.rounds, chance=chance)
        p50, p99 = np.percentile(took, (50, 99))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
        print(f"{items:>8,} {number:>9,} {built_s:>8.1f} {p50:>7.2f} {p99:>7.2f} {cpu:>7.2f}"
              f" {peak:>8.2f}")  # fmt: skip
    print(f"target at 100,000 items and 10,000 campaigns: p50 ≤ {TARGET_P50_MS} ms, "
          f"p99 ≤ {TARGET_P99_MS} ms, built in ≤ 20 s, ≤ 4 GiB")  # fmt: skip
