"""The one path: recall → rank → list → sell → lay out → tell. Pure but for ``hold``.

The same question, viewer, grounds and trace give the same answer: chance is drawn from the trace.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quanyu.decisions.billing.win import Win
from quanyu.decisions.guards.caps import Contact
from quanyu.decisions.guards.load import ad_places
from quanyu.decisions.serving.answer import Answer, Slot
from quanyu.decisions.serving.case import case_of
from quanyu.decisions.serving.explanation import Drawn, Told
from quanyu.decisions.serving.grounds import Asked, Grounds, Hold
from quanyu.decisions.serving.items import Choice
from quanyu.decisions.serving.organic import organic
from quanyu.decisions.serving.scoring import scoring
from quanyu.decisions.serving.selling import Sold, Space, sell
from quanyu.decisions.serving.telling import told_of


@dataclass(frozen=True, slots=True)
class Decision:
    answer: Answer
    told: Told
    wins: tuple[Win, ...]
    contacts: tuple[Contact, ...]
    """To remember; none of who is not personalised."""


def decide(asked: Asked, grounds: Grounds, *, hold: Hold) -> Decision:
    case = case_of(asked, grounds)
    made = scoring(case)
    ads = _most_ads(asked)
    listed = organic(case, made, most=asked.slots + ads)
    sure = len(listed) - ads if "item" in asked.touchpoint.kinds else len(listed)
    marked = sum(one.slot.label is not None for one in listed)
    sold = sell(case, made, space=Space(organic=sure, marked=marked, hold=hold))
    page = list(_Page(asked, sold).fill(listed))
    told = told_of(case, made, ads=sold.told, drawn=[one.drawn for one in page])
    answer = Answer(
        trace=asked.trace.hex(), touchpoint=asked.touchpoint.id,
        personalised=asked.viewer.personalised, slots=tuple(one.slot for one in page),
        plainer=told.missing,
    )  # fmt: skip
    return Decision(answer, told, tuple(sold.wins), tuple(sold.contacts))


def _most_ads(asked: Asked) -> int:
    """So many of the listed an ad may push out, by showing the same."""
    page = asked.ask.context.page
    return len(ad_places(asked.touchpoint, page, slots=asked.slots, organic=asked.slots))


class _Page:
    """The slots in their order: ads in their places, between them what was listed."""

    def __init__(self, asked: Asked, sold: Sold) -> None:
        self._asked, self._sold = asked, sold

    def fill(self, listed: Sequence[Choice]) -> Iterator[Choice]:
        """What an ad shows already is not shown once more."""
        plain = iter([one for one in listed if one.slot.id not in self._sold.items])
        for place in range(self._asked.slots):
            one = self._ad(place) if place in self._sold.ads else next(plain, None)
            if one is None:
                return
            yield one.at(place + 1)

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
