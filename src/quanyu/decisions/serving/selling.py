"""The ads of one page: who takes part, what stops them, who wins, what is held for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from quanyu.decisions.advertising.columns import NO_ITEM, Ad
from quanyu.decisions.auction import Candidates, award, impression_price_millifen
from quanyu.decisions.billing.win import BILLED_WITHIN_US, MILLI, Win
from quanyu.decisions.guards.caps import Contact, Memory
from quanyu.decisions.guards.load import ad_places
from quanyu.decisions.serving.bidding import bids_of, taking_part
from quanyu.decisions.serving.case import Case
from quanyu.decisions.serving.explanation import Ads, Bidder
from quanyu.decisions.serving.grounds import Hold
from quanyu.decisions.serving.scoring import Scoring

BIDDERS_TOLD = 30
"""The winners, who was stopped, and the best of the rest."""


@dataclass(slots=True)
class Sold:
    """Position from 0 → what stands there."""

    ads: dict[int, tuple[Ad, str]] = field(default_factory=dict)
    """With the keyword that matched."""
    wins: list[Win] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    told: Ads = field(default_factory=Ads)

    @property
    def items(self) -> set[str]:
        """That the ads lead to."""
        landings = (one.creative.landing.item for one, _ in self.ads.values())
        return {one for one in landings if one is not None}


def sell(case: Case, made: Scoring, *, space: "Space") -> Sold:
    if case.spared is not None:
        return Sold(told=Ads(none=case.spared.value))
    places = ad_places(
        case.touchpoint, case.asked.ask.context.page, slots=case.asked.slots,
        organic=space.organic, marked=space.marked,
    )  # fmt: skip
    if not places:
        return Sold(told=Ads(none="load"))
    return _Sale(case, made).run(places, space.hold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What there is room and money for."""

    organic: int
    """Things of other kinds that can surely be shown."""
    marked: int
    """Of them ads because they sell."""
    hold: Hold


class _Sale:
    """Rows are those of the ads' columns; ``_open`` are the places of them that still take part."""

    def __init__(self, case: Case, made: Scoring) -> None:
        self._case, self._asked, self._grounds = case, case.asked, case.grounds
        asked, grounds = case.asked, case.grounds
        self._columns = grounds.ads.columns
        self._out: list[Bidder] = []
        touchpoint = asked.touchpoint
        self._memory = Memory(
            grounds.ecosystem.caps, touchpoint.caps, touchpoint=touchpoint.id,
            contacts=asked.viewer.contacts, now_us=asked.at_us,
        )  # fmt: skip
        self._entries = taking_part(case, made)
        bids = bids_of(case, made, numbers=self._entries.numbers)
        self._rows, self._click, self._bid = bids.rows, bids.click, bids.bid_fen
        self._open = list(range(len(self._rows)))

    def run(self, places: Sequence[int], hold: Hold) -> Sold:
        sold = Sold()
        for place in places:
            won = self._one(hold)
            if won is None:
                break
            at, price_fen, lease = won
            ad = self._ad(at)
            self._open.remove(at)
            keyword = self._entries.keyword.get(int(self._columns.number[self._rows[at]]), "")
            sold.ads[place] = (ad, keyword)
            sold.wins.append(
                self._win(place, ad, lease=lease, millifen=self._millifen(at, price_fen))
            )
            sold.contacts.append(self._contact(ad))
            self._memory.add(sold.contacts[-1])
            self._tell(at, price_fen=price_fen)
        self._tell_losers()
        sold.told = Ads(
            places=tuple(one + 1 for one in places), bidders=tuple(self._out[:BIDDERS_TOLD]),
            dropped=dict(self._entries.dropped),
        )  # fmt: skip
        return sold

    def _one(self, hold: Hold) -> tuple[int, int, int] | None:
        """(At, price per click, lease) of the winner that no cap stops and whose price is held.
        The auction is run again without who was stopped."""
        while self._open:
            won = self._awarded()
            if won is None:
                return None
            at, price_fen = won
            ad = self._ad(at)
            capped = self._memory.against(self._contact(ad))
            lease = None
            if capped is None:
                lease = hold(ad.campaign.id, self._millifen(at, price_fen))
            if lease is not None:
                return at, price_fen, lease
            self._open.remove(at)
            why = "budget" if capped is None else f"cap:{capped.cap.on}"
            self._entries.dropped[why] += 1
            self._tell(at, why=why)
        return None

    def _awarded(self) -> tuple[int, int] | None:
        among = np.array(self._open)
        won = award(
            Candidates(
                ads=[self._columns.ids[row] for row in self._rows[among].tolist()],
                bid_fen=self._bid[among], pctr=self._click[among], relevance=np.ones(len(among)),
            ),
            slots=1, reserve_fen=self._asked.touchpoint.reserve_fen,
        )  # fmt: skip
        return (int(among[won.rows[0]]), won.price_fen[0]) if won.rows else None

    def _ad(self, at: int) -> Ad:
        return self._columns.ads[int(self._rows[at])]

    def _millifen(self, at: int, price_fen: int) -> int:
        if self._asked.touchpoint.billing != "impression":
            return price_fen * MILLI
        click, bid_fen = float(self._click[at]), int(self._bid[at])
        return max(1, impression_price_millifen(price_fen, click, bid_fen=bid_fen))

    def _win(self, place: int, ad: Ad, *, lease: int, millifen: int) -> Win:
        billing = self._asked.touchpoint.billing
        return Win(
            trace=self._asked.trace, position=place + 1, campaign=ad.campaign.id,
            creative=ad.creative.id, lease=lease, price_millifen=millifen, billing=billing,
            at_us=self._asked.at_us, expires_us=self._asked.at_us + BILLED_WITHIN_US[billing],
            touchpoint=self._asked.touchpoint.id, node=next(iter(self._asked.viewer.nodes), None),
        )  # fmt: skip

    def _contact(self, ad: Ad) -> Contact:
        goods = self._grounds.index.goods
        category = "" if ad.row == NO_ITEM else goods.category.at(ad.row)
        return Contact(
            at_us=self._asked.at_us, touchpoint=self._asked.touchpoint.id,
            campaign=ad.campaign.id, creative=ad.creative.id,
            advertiser=ad.campaign.advertiser, category=category,
        )  # fmt: skip

    def _tell_losers(self) -> None:
        left = np.array(self._open, np.int64)
        order = left[np.argsort(-self._bid[left] * self._click[left], kind="stable")]
        for at in order[: max(0, BIDDERS_TOLD - len(self._out))].tolist():
            below = self._bid[at] < self._asked.touchpoint.reserve_fen
            self._tell(at, why="below_reserve" if below else "outranked")

    def _tell(self, at: int, *, price_fen: int | None = None, why: str = "") -> None:
        ad, number = self._ad(at), int(self._columns.number[self._rows[at]])
        self._out.append(
            Bidder(
                campaign=ad.campaign.id, creative=ad.creative.id,
                matched=self._entries.matched.get(number, ""), bid_fen=int(self._bid[at]),
                click=round(float(self._click[at]), 6), why_not=why, price_fen=price_fen,
            )
        )  # fmt: skip
