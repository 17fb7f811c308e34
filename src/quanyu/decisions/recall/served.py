"""The whole recall as an evaluation asks it."""

import numpy as np

from quanyu.clock import CHINA_OFFSET_US, HOUR_US
from quanyu.decisions.goods import Goods, Rows
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall.best import Found
from quanyu.decisions.recall.evaluation import Recommend
from quanyu.decisions.recall.index import Catalogue, RecallIndex
from quanyu.decisions.recall.interactions import WEIGHTS
from quanyu.decisions.recall.learned import Learned
from quanyu.decisions.recall.recalling import recall
from quanyu.decisions.recall.words import Synonyms
from quanyu.decisions.taste import KINDS, Deed, Taste


def served(goods: Goods, learned: Learned, *, now_us: int) -> Recommend:
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
