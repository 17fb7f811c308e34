"""The one path: hydrate → recall → rank → sell → guard → fill → tell. Pure but for ``hold``.

The same question, viewer, grounds and trace give the same answer: chance is drawn from the trace.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from quanyu.decisions.billing.win import Win
from quanyu.decisions.guards.caps import Contact
from quanyu.decisions.guards.load import ad_places
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall.recalling import SOURCES
from quanyu.decisions.serving.answer import Answer, Slot
from quanyu.decisions.serving.explanation import RANKED_KEPT, Drawn, Ranked, Told, why
from quanyu.decisions.serving.grounds import Asked, Grounds, Hold
from quanyu.decisions.serving.moments import Around, moment_of
from quanyu.decisions.serving.organic import Choice, Scoring, organic, scoring
from quanyu.decisions.serving.selling import Sold, Space, sell


@dataclass(frozen=True, slots=True)
class Decision:
    answer: Answer
    told: Told
    wins: tuple[Win, ...]
    contacts: tuple[Contact, ...]
    """To remember; none of who is not personalised."""


def decide(asked: Asked, grounds: Grounds, *, hold: Hold) -> Decision:
    around = Around(grounds.index.contents, grounds.words, ordered=asked.ordered)
    moment = moment_of(
        asked.ask, asked.touchpoint, at_us=asked.at_us, words=grounds.words, around=around
    )
    made = scoring(grounds, moment, taste=asked.viewer.taste, touchpoint=asked.touchpoint)
    ads = _most_ads(asked)
    listed = organic(asked, grounds, moment, made=made, most=asked.slots + ads)
    sure = len(listed) - ads if "item" in asked.touchpoint.kinds else len(listed)
    sold = sell(asked, grounds, moment, made=made, space=Space(sure, hold))
    page = _Page(asked, grounds, moment, made=made, sold=sold)
    slots = list(page.fill(listed))
    answer = Answer(
        trace=asked.trace.hex(), touchpoint=asked.touchpoint.id,
        personalised=asked.viewer.personalised, slots=tuple(slots),
        plainer=(*grounds.missing, *made.candidates.missing),
    )  # fmt: skip
    return Decision(answer, page.told(), tuple(sold.wins), tuple(sold.contacts))


def _most_ads(asked: Asked) -> int:
    """So many of the listed an ad may push out, by showing the same."""
    page = asked.ask.context.page
    return len(ad_places(asked.touchpoint, page, slots=asked.slots, organic=asked.slots))


class _Page:
    def __init__(
        self, asked: Asked, grounds: Grounds, moment: Moment, *, made: Scoring, sold: Sold
    ) -> None:  # fmt: skip
        self._asked, self._grounds, self._moment = asked, grounds, moment
        self._made, self._sold = made, sold
        self._drawn: list[Drawn] = []

    def fill(self, listed: Sequence[Choice]) -> Iterator[Slot]:
        """What an ad shows already is not shown once more."""
        plain = iter([one for one in listed if one.slot.id not in self._sold.items])
        for place in range(self._asked.slots):
            one = self._ad(place) if place in self._sold.ads else next(plain, None)
            if one is None:
                return
            choice = one.at(place + 1)
            self._drawn.append(choice.drawn)
            yield choice.slot

    def _ad(self, place: int) -> Choice:
        ad, keyword = self._sold.ads[place]
        creative, campaign = ad.creative, ad.campaign
        title, text = creative.told(keyword or None)
        slot = Slot(
            position=0, kind="ad", id=ad.id, label=self._asked.touchpoint.ad_label, title=title,
            text=text or None, image=creative.image, landing=dict(creative.landing.given),
            reason="广告：与搜索词相符" if keyword else "广告",
        )  # fmt: skip
        return Choice(slot, Drawn(position=0, kind="ad", id=ad.id, campaign=campaign.id))

    def told(self) -> Told:
        grounds, made, viewer = self._grounds, self._made, self._asked.viewer
        order = np.argsort(-made.value, kind="stable")
        rows = made.candidates.rows[order].tolist()
        found = Told(
            touchpoint=self._asked.touchpoint.id,
            at_us=self._asked.at_us,
            asked=_used(self._asked, self._moment),
            plain="" if viewer.plain is None else viewer.plain.value,
            sources=_counts(made),
            missing=(*grounds.missing, *made.candidates.missing),
            read_as=made.candidates.read_as,
            ranker=grounds.ranker_name,
            feature_names=grounds.ranker.names,
            ranked=tuple(_ranked(made, grounds, at) for at in order[:RANKED_KEPT].tolist()),
            others=tuple(grounds.index.goods.ids[row] for row in rows[RANKED_KEPT:]),
            ads=self._sold.told,
            slots=tuple(self._drawn),
        )
        known = grounds.index.goods.row_of
        wanted = {one: why(found, one, known=one in known)
                  for one in self._asked.ask.context.wanted}  # fmt: skip
        return msgspec.structs.replace(found, wanted=wanted)


def _ranked(made: Scoring, grounds: Grounds, at: int) -> Ranked:
    row = int(made.candidates.rows[at])
    return Ranked(
        grounds.index.goods.ids[row], int(made.candidates.sources[at]),
        float(made.scored.click[at]), float(made.scored.buy[at]),
    )  # fmt: skip


def _counts(made: Scoring) -> dict[str, int]:
    bits = made.candidates.sources
    return {str(one.name).lower(): int(np.count_nonzero(bits & int(one))) for one in SOURCES}


def _used(asked: Asked, moment: Moment) -> dict[str, object]:
    """What was used of the question; a place or a route only as a yes."""
    return {
        "query": " ".join(moment.query), "words": list(moment.words), "hand": list(moment.basket),
        "location": moment.here is not None, "route": bool(moment.route), "hour": moment.hour,
        "slots": asked.slots,
    }  # fmt: skip
