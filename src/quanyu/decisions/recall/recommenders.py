"""Our own methods as an evaluation asks them."""

import numpy as np

from quanyu.clock import CHINA_OFFSET_US, HOUR_US
from quanyu.decisions.goods import Good, Goods, Rows
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall import ease
from quanyu.decisions.recall.best import Found
from quanyu.decisions.recall.evaluation import Recommend, Split
from quanyu.decisions.recall.index import Catalogue, RecallIndex
from quanyu.decisions.recall.interactions import WEIGHTS
from quanyu.decisions.recall.learned import Learned, fit
from quanyu.decisions.recall.neighbours import Neighbours
from quanyu.decisions.recall.recalling import recall
from quanyu.decisions.recall.similar import Similar
from quanyu.decisions.recall.words import Synonyms
from quanyu.decisions.taste import KINDS, Deed, Taste


def recommenders(
    split: Split, *, k: int, lambda_: float | None = None, told: ease.Told = lambda done, of: None
) -> dict[str, Recommend]:
    """Ours, each source alone, then together as ``recall`` has them. Raises BadInput."""
    goods = _goods(split)
    learned = fit(goods, split.before, now_us=_end_us(split), lambda_=lambda_, told=told)
    none = Neighbours.none(split.size)
    linear, pairs = learned.similar.ease, learned.similar.covisit
    return {
        "popular": _popular(split, k=k),
        "ease": _similar(Similar(linear, none), k=k),
        "covisit": _similar(Similar(none, pairs), k=k),
        "union": _similar(learned.similar, k=k),
        "recall": _recall(goods, learned, now_us=_end_us(split)),
    }


def _goods(split: Split) -> Goods:
    names = [str(code) for code in split.category.tolist()]
    return Goods.of(
        Good(id=str(row), title="", shop="", category=name, price_fen=0)
        for row, name in enumerate(names)
    )


def _end_us(split: Split) -> int:
    return int(split.before.at_us.max()) + 1


def _similar(similar: Similar, *, k: int) -> Recommend:
    return lambda did: similar.to(*did, limit=k)[0]


def _popular(split: Split, *, k: int) -> Recommend:
    """By people's deeds; what the person knows is left out."""
    counts = np.bincount(split.before.row, minlength=split.size)
    order = np.argsort(-counts, kind="stable").astype(np.int32)

    def recommend(did: Found) -> Rows:
        some = order[: k + len(did[0])]
        return some[~np.isin(some, did[0])]

    return recommend


def _recall(goods: Goods, learned: Learned, *, now_us: int) -> Recommend:
    """The whole path for somebody on a feed, less what the person knows."""
    index = RecallIndex.of(Catalogue(goods=goods), Synonyms(), now_us=now_us, learned=learned)
    hour = int((now_us + CHINA_OFFSET_US) // HOUR_US % 24)
    moment = Moment(touchpoint="", at_us=now_us, hour=hour, weekday=0)
    kinds = dict(zip(WEIGHTS.tolist(), KINDS, strict=True))

    def recommend(did: Found) -> Rows:
        pairs = zip(did[0].tolist(), did[1].tolist(), strict=True)
        deeds = tuple(Deed(str(row), kinds[weight], now_us) for row, weight in pairs)
        found = recall(index, moment, taste=Taste(deeds)).rows
        return found[~np.isin(found, did[0])]

    return recommend
