"""What ranking looks at: one code when a row is shown, logged and learned from.

Nothing here says what a person may or may not be shown, or who a person is: the deeds of a taste,
the goods, the moment, and what recall said of them. A deed after the moment is not looked at.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.clock import DAY_US
from quanyu.decisions.goods import Rows, Scores
from quanyu.decisions.moment import Moment
from quanyu.decisions.rank.habits import Habits
from quanyu.decisions.rank.shelf import Column, Shelf, Weights
from quanyu.decisions.taste import KINDS, Taste

Matrix = npt.NDArray[np.float32]

FEATURES = (
    "query_match", "query_whole", "scene_match", "scene_lift",
    "category_rate", "item_rate", "buy_rate", "clicks", "log_price", "price_against_category",
    "age_days", "price_against_usual", "category_today", "category_lately", "category_days",
    "shop_lately", "item_lately", "item_bought", "words_lately",
    "basket_category", "basket_shop", "basket_words",
    "hour", "weekday", "device", "deeds",
)  # fmt: skip
SOURCE = "source_"
"""Of recall: ``source_`` and its name, in the order of the pool."""
NOT_ASKED = -1.0
KIND_WEIGHT = {kind: float(weight) for weight, kind in enumerate(KINDS, 1)}
TODAY_DAYS, LATELY_DAYS = 1.0, 14.0
"""Half-lives of a deed's weight."""
DAYS_MAX = 99.0
BOUGHT = "payment_completed"
DEVICES = ("phone", "pad", "pc", "tv", "car", "speaker")


@dataclass(frozen=True, slots=True)
class Pool:
    """What recall found."""

    rows: Rows
    source_names: tuple[str, ...] = ()
    sources: Scores | None = None
    """Rows × sources; 0 where a source did not find it."""

    def __post_init__(self) -> None:
        if self.sources is not None:
            assert self.sources.shape == (len(self.rows), len(self.source_names))


def feature_names(source_names: tuple[str, ...] = ()) -> tuple[str, ...]:
    return FEATURES + tuple(SOURCE + name for name in source_names)


def feature_matrix(
    pool: Pool, *, shelf: Shelf, habits: Habits, taste: Taste, moment: Moment
) -> Matrix:
    """Rows × ``feature_names(pool.source_names)``, float32, without NaN."""
    deeds = _Deeds.of(taste, shelf, at_us=moment.at_us)
    columns = {
        **_of_words(pool.rows, shelf, moment=moment),
        **_of_goods(pool.rows, shelf, habits=habits, moment=moment),
        **_of_taste(pool.rows, shelf, deeds=deeds),
        **_of_basket(pool.rows, shelf, moment=moment),
        "hour": moment.hour,
        "weekday": moment.weekday,
        "device": DEVICES.index(moment.device) if moment.device in DEVICES else len(DEVICES),
        "deeds": len(deeds.rows),
    }
    found = np.zeros((len(pool.rows), len(feature_names(pool.source_names))), np.float32)
    for place, name in enumerate(FEATURES):
        found[:, place] = columns[name]
    if pool.sources is not None:
        found[:, len(FEATURES) :] = pool.sources
    return found


def _of_words(rows: Rows, shelf: Shelf, *, moment: Moment) -> dict[str, Column | float]:
    scene = shelf.matched(rows, dict.fromkeys(moment.words, 1.0))
    found: dict[str, Column | float] = {
        "query_match": NOT_ASKED, "query_whole": NOT_ASKED, "scene_match": scene / (1 + scene),
    }  # fmt: skip
    if moment.query:
        asked = {word: shelf.rarity_of(word) for word in moment.query}
        share = shelf.matched(rows, asked) / np.float32(sum(asked.values()))
        found["query_match"] = share
        found["query_whole"] = (share > 1 - 1e-4).astype(np.float32)
    return found


def _of_goods(rows: Rows, shelf: Shelf, *, habits: Habits, moment: Moment) -> dict[str, Column]:
    goods = shelf.goods
    categories = goods.category.codes[rows]
    days = np.maximum(0, moment.at_us - goods.since_us[rows]) / DAY_US
    return {
        "scene_lift": habits.lift(moment)[categories],
        "category_rate": habits.category_rate[categories],
        "item_rate": habits.item_rate[rows],
        "buy_rate": habits.buy_rate[categories],
        "clicks": np.log1p(habits.clicks[rows]),
        "log_price": shelf.log_price[rows],
        "price_against_category": shelf.price_against_category[rows],
        "age_days": np.log1p(days).astype(np.float32),
    }


@dataclass(frozen=True, slots=True)
class _Deeds:
    """Those on goods that are on sale, before the moment."""

    rows: Rows
    days: Weights
    """Ago."""
    weight: Weights
    bought: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, taste: Taste, shelf: Shelf, *, at_us: int) -> "_Deeds":
        row_of = shelf.goods.row_of
        known = [one for one in taste.deeds if one.item in row_of and one.at_us <= at_us]
        return cls(
            np.array([row_of[one.item] for one in known], np.int32),
            np.array([(at_us - one.at_us) / DAY_US for one in known], np.float64),
            np.array([KIND_WEIGHT.get(one.kind, 1.0) for one in known], np.float64),
            np.array([one.kind == BOUGHT for one in known], np.bool_),
        )

    def faded(self, half_life_days: float) -> Weights:
        found: Weights = self.weight * 0.5 ** (self.days / half_life_days)
        return found


def _of_taste(rows: Rows, shelf: Shelf, *, deeds: _Deeds) -> dict[str, Column | float]:
    if not len(deeds.rows):
        names = ("price_against_usual", "category_today", "category_lately", "shop_lately",
                 "item_lately", "item_bought", "words_lately")  # fmt: skip
        return {**dict.fromkeys(names, 0.0), "category_days": DAYS_MAX}
    goods = shelf.goods
    lately = deeds.faded(LATELY_DAYS)
    category = goods.category.codes[rows][:, None] == goods.category.codes[deeds.rows]
    shop = goods.shop.codes[rows][:, None] == goods.shop.codes[deeds.rows]
    same = rows[:, None] == deeds.rows
    today_lately = category @ np.column_stack([deeds.faded(TODAY_DAYS), lately])
    seen_bought = same @ np.column_stack([lately, lately * deeds.bought])
    usual = np.average(shelf.log_price[deeds.rows], weights=lately + 1e-9)
    days = np.where(category, np.minimum(DAYS_MAX, deeds.days), DAYS_MAX).min(axis=1)
    return {
        "price_against_usual": shelf.log_price[rows] - np.float32(usual),
        "category_today": _full(today_lately[:, 0]),
        "category_lately": _full(today_lately[:, 1]),
        "category_days": days.astype(np.float32),
        "shop_lately": _full(shop @ lately),
        "item_lately": _full(seen_bought[:, 0]),
        "item_bought": _full(seen_bought[:, 1]),
        "words_lately": shelf.likeness(rows, liked=deeds.rows, weight=lately),
    }


def _of_basket(rows: Rows, shelf: Shelf, *, moment: Moment) -> dict[str, Column | float]:
    goods = shelf.goods
    basket = goods.rows(moment.basket)
    if not len(basket):
        return dict.fromkeys(("basket_category", "basket_shop", "basket_words"), 0.0)
    return {
        "basket_category": _in(goods.category.codes[rows], goods.category.codes[basket]),
        "basket_shop": _in(goods.shop.codes[rows], goods.shop.codes[basket]),
        "basket_words": shelf.likeness(rows, liked=basket, weight=np.ones(len(basket))),
    }


def _in(values: Rows, wanted: Rows) -> Column:
    return np.isin(values, wanted).astype(np.float32)


def _full(amount: Weights) -> Column:
    """From 0 up to 1: the first deeds say the most."""
    return (amount / (1 + amount)).astype(np.float32)
