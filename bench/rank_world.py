"""A small shop with known truth: who clicks what, when and why, and a log of what was shown.

Words of goods, scenes and queries are made up. The truth has what a ranking must find: a scene fits
categories at some hours only, people keep to their categories and their prices, lower places are
looked at less, and touchpoints differ in how much is clicked at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from quanyu.clock import DAY_US, HOUR_US, parse_iso
from quanyu.decisions.goods import Good, Goods
from quanyu.decisions.moment import Moment
from quanyu.decisions.rank.features import Matrix, Pool, feature_matrix, feature_names
from quanyu.decisions.rank.habits import Exposures, Habits
from quanyu.decisions.rank.prior import Prior
from quanyu.decisions.rank.rerank import Seats, Variety, rerank
from quanyu.decisions.rank.shelf import Shelf
from quanyu.decisions.rank.training import Logged
from quanyu.decisions.taste import Deed, Taste

BEGIN_US = parse_iso("2026-03-02T00:00:00+08:00")
DAYS = 14
SCENES = {
    "work": (range(9, 18), ("商务", "办公", "高效")),
    "evening": (range(18, 24), ("游戏", "影音", "休闲")),
    "morning": (range(6, 9), ("早餐", "通勤", "咖啡")),
    "night": (range(6), ("助眠", "安静")),
}
TOUCHPOINTS = {"taobao.feed": 0.0, "youku.pause": -0.8, "alipay.paid": 0.5}
"""How much more, in log-odds, is clicked there."""
SOURCES = ("taste", "popular")
SLOTS = 8
LOOKED_AT = -0.22
"""Log-odds for each place further down."""


@dataclass(frozen=True, slots=True)
class World:
    shelf: Shelf
    quality: npt.NDArray[np.float64]
    scene_of: npt.NDArray[np.int64]
    """Of a category: the scene that it fits, −1: none."""
    people: Sequence[tuple[Taste, int, float]]
    """Deeds, favourite category, log of the usual price."""


def world_of(*, seed: int, items: int = 600, categories: int = 24, people: int = 200) -> World:
    chance = np.random.default_rng(seed)
    draw = Random(seed)
    scenes = list(SCENES.values())
    scene_of = np.array([number % 6 if number % 6 < 4 else -1 for number in range(categories)])
    goods = []
    for number in range(items):
        category = int(chance.integers(categories))
        fits = scenes[scene_of[category]][1] if scene_of[category] >= 0 else ("日用",)
        price = int(np.exp(chance.normal(8 + category % 4 * 0.5, 0.7)))
        words = (f"品类{category}", f"款{number % 50}", draw.choice(fits))
        goods.append(
            Good(id=f"i{number:04}", title="", shop=f"s{number % 40}", category=f"c{category}",
                 price_fen=max(100, price), words=words,
                 since_us=BEGIN_US - int(chance.integers(1, 300)) * DAY_US)
        )  # fmt: skip
    shelf = Shelf.of(Goods.of(goods))
    made = [_person(shelf, chance, categories) for _ in range(people)]
    return World(shelf, chance.normal(0, 0.5, items), scene_of, made)


def _person(shelf: Shelf, chance: np.random.Generator, categories: int) -> tuple[Taste, int, float]:
    favourite = int(chance.integers(categories))
    own = np.flatnonzero(shelf.goods.category.codes == favourite)
    usual = float(chance.normal(8.5, 0.5))
    if not len(own) or chance.random() < 0.2:
        return Taste(), favourite, usual
    near = own[np.argsort(np.abs(shelf.log_price[own] - usual))][:10]
    deeds = [
        Deed(shelf.goods.ids[int(chance.choice(near))], "view",
             BEGIN_US - int(chance.integers(1, 10 * 24)) * HOUR_US)
        for _ in range(int(chance.integers(3, 12)))
    ]  # fmt: skip
    return Taste(tuple(sorted(deeds, key=lambda one: one.at_us))), favourite, usual


def moment_of(touchpoint: str, at_us: int) -> Moment:
    hour = int((at_us - BEGIN_US) // HOUR_US % 24)
    words = next(words for hours, words in SCENES.values() if hour in hours)
    weekday = int((at_us - BEGIN_US) // DAY_US % 7)
    return Moment(touchpoint=touchpoint, at_us=at_us, hour=hour, weekday=weekday, words=words)


def truth(
    world: World, rows: npt.NDArray[np.int32], *, moment: Moment, person: tuple[Taste, int, float]
) -> npt.NDArray[np.float64]:
    """Log-odds of a click in the first place."""
    _, favourite, usual = person
    codes = world.shelf.goods.category.codes[rows]
    scene = next(n for n, (hours, _) in enumerate(SCENES.values()) if moment.hour in hours)
    fits = world.scene_of[codes] == scene
    found: npt.NDArray[np.float64] = (
        -3.4 + TOUCHPOINTS[moment.touchpoint] + world.quality[rows] + 1.3 * fits
        + 1.5 * (codes == favourite) - 0.6 * np.abs(world.shelf.log_price[rows] - usual)
        + 1.2 * (fits & (codes == favourite))
    )  # fmt: skip
    return found


def pages(
    world: World, *, seed: int, count: int, candidates: int = 40
) -> Iterator[tuple[Moment, int, Pool]]:
    """In order of time: the moment, the person, what recall found."""
    chance = np.random.default_rng([seed, 1])
    times = np.sort(chance.integers(0, DAYS * DAY_US, count))
    names = list(TOUCHPOINTS)
    for at_us in times.tolist():
        person = int(chance.integers(len(world.people)))
        rows = chance.choice(len(world.shelf.goods), candidates, replace=False).astype(np.int32)
        favourite = world.shelf.goods.category.codes[rows] == world.people[person][1]
        popular = np.maximum(0, world.quality[rows] + chance.normal(0, 0.5, candidates))
        liked = favourite * chance.random(candidates)
        pool = Pool(rows, SOURCES, np.column_stack([liked, popular]).astype(np.float32))
        yield moment_of(names[int(chance.integers(3))], BEGIN_US + at_us), person, pool


def habits_of(world: World, *, seed: int, count: int) -> Habits:
    """Counts of earlier days, shown at random."""
    chance = np.random.default_rng([seed, 2])
    exposures = []
    for moment, person, pool in pages(world, seed=seed + 1, count=count, candidates=SLOTS):
        odds = truth(world, pool.rows, moment=moment, person=world.people[person])
        clicked = chance.random(SLOTS) < 1 / (1 + np.exp(-odds))
        exposures += [
            Exposures(world.shelf.goods.ids[row], moment.hour, moment.words, 1, int(hit))
            for row, hit in zip(pool.rows.tolist(), clicked.tolist(), strict=True)
        ]
    return Habits.of(world.shelf.goods, exposures)


def log_of(
    world: World, habits: Habits, *, seed: int, count: int
) -> tuple[Logged, npt.NDArray[np.float64]]:
    """What the prior showed, with two places of eight that explore, and the true p(click) of every
    row where it stood. A click is bought with 12 %, dear goods less."""
    chance, prior = np.random.default_rng([seed, 3]), Prior(feature_names(SOURCES))
    variety = Variety(explore=frozenset({3, 6}), epsilon=0.5)
    columns: list[list[object]] = [[] for _ in range(7)]
    matrices: list[Matrix] = []
    for number, (moment, person, pool) in enumerate(pages(world, seed=seed, count=count)):
        who = world.people[person]
        features = feature_matrix(
            pool, shelf=world.shelf, habits=habits, taste=who[0], moment=moment
        )
        score = prior.score(features).click
        seats = Seats(SLOTS, Random(number))
        placed = rerank(pool.rows, score, goods=world.shelf.goods, variety=variety, seats=seats)
        at = np.array([one.at for one in placed])
        position = np.arange(1, len(at) + 1)
        odds = truth(world, pool.rows[at], moment=moment, person=who) + LOOKED_AT * (position - 1)
        real = 1 / (1 + np.exp(-odds))
        click = chance.random(len(at)) < real
        dear = world.shelf.log_price[pool.rows[at]] - 8.5
        buy = click & (chance.random(len(at)) < 0.12 * np.exp(-0.3 * dear))
        matrices.append(features[at])
        row = ([moment.touchpoint] * len(at), [moment.at_us] * len(at), position,
               [one.propensity for one in placed], click, buy, real)  # fmt: skip
        for column, values in zip(columns, row, strict=True):
            column.extend(values)
    touchpoint, at_us, places, propensity, clicks, buys, real_shares = columns
    logged = Logged(
        features=np.concatenate(matrices), names=feature_names(SOURCES),
        touchpoint=np.array(touchpoint), at_us=np.array(at_us, np.int64),
        position=np.array(places, np.int64), propensity=np.array(propensity, np.float64),
        click=np.array(clicks, np.bool_), buy=np.array(buys, np.bool_),
    )  # fmt: skip
    return logged, np.array(real_shares, np.float64)
