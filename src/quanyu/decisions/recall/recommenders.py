"""Our own methods as an evaluation asks them."""

import numpy as np

from quanyu.decisions.goods import Good, Goods, Rows
from quanyu.decisions.recall import ease
from quanyu.decisions.recall.best import Found
from quanyu.decisions.recall.evaluation import Recommend, Split
from quanyu.decisions.recall.learned import fit
from quanyu.decisions.recall.neighbours import Neighbours
from quanyu.decisions.recall.served import served
from quanyu.decisions.recall.similar import Similar


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
        "recall": served(goods, learned, now_us=_end_us(split)),
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
