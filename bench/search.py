"""Search and keywords: one look-up, at three sizes.

    quanyu bench search [--rounds 2000]

Goods have 25 words out of 30,000 that fall off as 1 / rank. Queries have two words of the same
frequencies, so that most name a common one. Campaigns have 20 keywords of one to three words, half
broad, the rest exact, phrase and negative alike; each campaign sells one of 500 kinds of thing, as
queries ask for one.
"""

import argparse
import time
from collections.abc import Sequence
from random import Random

import numpy as np

from bench.recommend import Shop
from quanyu.decisions.recall.keywords import KeywordIndex, Match
from quanyu.decisions.recall.search import Search
from quanyu.decisions.recall.words import Synonyms, shipped_words

SIZES_GOODS = (10_000, 30_000, 100_000)
SIZES_CAMPAIGNS = (1_000, 3_000, 10_000)
KEYWORDS = 20
TOPICS, WORDS_OF_A_TOPIC = 500, 30
MATCHES: tuple[Match, ...] = ("broad", "broad", "broad", "exact", "phrase", "negative")


def searching(items: int, rounds: int) -> None:
    shop = Shop(items)
    begun = time.perf_counter()
    search = Search(shop.goods, Synonyms())
    built = time.perf_counter() - begun
    took, found = [], 0
    for _ in range(rounds):
        query = (shop.word(), shop.word())
        begun = time.perf_counter()
        result = search.find(query)
        took.append(1000 * (time.perf_counter() - begun))
        found += len(result.rows)
    p50, p99 = np.percentile(took, (50, 99))
    target = "  target p50 ≤ 0.5 ms" if items == SIZES_GOODS[-1] else ""
    print(
        f"BM25 {items:>7,} goods: p50 {p50:.3f} ms  p99 {p99:.3f} ms, {found / rounds:.0f} found, "
        f"built in {built:.1f} s{target}",
        flush=True,
    )


def keywords(campaigns: int, rounds: int) -> None:
    chance, words = Random(9), shipped_words()
    han = [chr(code) for code in range(0x4E00, 0x4E00 + 3_000)]
    topics = [
        ["".join(chance.sample(han, 2)) for _ in range(WORDS_OF_A_TOPIC)] for _ in range(TOPICS)
    ]

    def text(topic: list[str]) -> str:
        return " ".join(chance.sample(topic, chance.randint(1, 3)))

    begun = time.perf_counter()
    index = KeywordIndex(
        (
            (n, text(topics[n % TOPICS]), chance.choice(MATCHES))
            for n in range(campaigns)
            for _ in range(KEYWORDS)
        ),
        words=words,
    )
    built = time.perf_counter() - begun
    took, found = [], 0
    for _ in range(rounds):
        query = text(chance.choice(topics))
        begun = time.perf_counter()
        found += len(index.find(query))
        took.append(1e6 * (time.perf_counter() - begun))
    p50, p99 = np.percentile(took, (50, 99))
    target = "  target p50 ≤ 100 µs" if campaigns == SIZES_CAMPAIGNS[-1] else ""
    print(
        f"keywords of {campaigns:>6,} campaigns: p50 {p50:.0f} µs  p99 {p99:.0f} µs, "
        f"{found / rounds:.1f} campaigns found, built in {built:.1f} s{target}",
        flush=True,
    )


def cutting(rounds: int) -> None:
    words = shipped_words()
    for text in ("笔记本电脑", "華為筆記本電腦輕薄本 i7 商務辦公", "清爽防晒霜女士面部" * 12):
        begun = time.perf_counter()
        for _ in range(rounds):
            words.of(text)
        took = 1e6 * (time.perf_counter() - begun) / rounds
        print(f"words of {len(text):>4} characters: {took:.1f} µs", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench search")
    parser.add_argument("--rounds", type=int, default=2_000)
    given = parser.parse_args(arguments)
    cutting(given.rounds)
    for items in SIZES_GOODS:
        searching(items, given.rounds)
    for campaigns in SIZES_CAMPAIGNS:
        keywords(campaigns, given.rounds)
    return 0
