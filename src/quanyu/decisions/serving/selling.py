"""The ads of one page: who takes part, what stops them, who wins, what is held for it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from quanyu.clock import HOUR_US
from quanyu.decisions.advertising.index import NO_ITEM, Ad, Entries
from quanyu.decisions.auction import Candidates, award, impression_price_millifen
from quanyu.decisions.billing.win import MILLI, Win
from quanyu.decisions.campaigns.campaign import Campaign, Creative
from quanyu.decisions.guards.caps import Contact, Memory
from quanyu.decisions.guards.load import ad_places
from quanyu.decisions.guards.viewer import no_ads
from quanyu.decisions.moment import Moment
from quanyu.decisions.rank.features import Pool
from quanyu.decisions.rank.scored import Scored
from quanyu.decisions.serving.explanation import Ads, Bidder
from quanyu.decisions.serving.grounds import Asked, Grounds, Hold
from quanyu.decisions.serving.organic import SOURCE_NAMES, Scoring, features_of

BILLED_WITHIN_US = {"impression": HOUR_US, "click": HOUR_US, "arrival": 24 * HOUR_US}
"""After that the money goes back to the campaign."""
UNKNOWN_CLICK, UNKNOWN_BUY = 0.01, 0.0003
"""Of what leads to a store or a piece, before it has a history."""
BIDDERS_TOLD = 30
"""The winners, who was stopped, and the best of the rest."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One creative in the auction."""

    number: int
    ad: Ad
    creative: Creative
    row: int
    bid_fen: int
    click: float


@dataclass(slots=True)
class Sold:
    """Position from 0 → what stands there."""

    ads: dict[int, tuple[Offer, str]] = field(default_factory=dict)
    """With the keyword that matched."""
    wins: list[Win] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    told: Ads = field(default_factory=Ads)

    @property
    def items(self) -> set[str]:
        """That the ads lead to."""
        landings = (one.creative.landing.item for one, _ in self.ads.values())
        return {one for one in landings if one is not None}


def sell(
    asked: Asked, grounds: Grounds, moment: Moment, *, made: Scoring, space: "Space"
) -> Sold:  # fmt: skip
    none = no_ads(asked.touchpoint, asked.viewer)
    if none is not None:
        return Sold(told=Ads(none=none.value))
    page = asked.ask.context.page
    places = ad_places(asked.touchpoint, page, slots=asked.slots, organic=space.organic)
    if not places:
        return Sold(told=Ads(none="load"))
    return _Sale(asked, grounds, moment, made=made).run(places, space.hold)


@dataclass(frozen=True, slots=True)
class Space:
    """What there is room and money for."""

    organic: int
    """Things of other kinds that can surely be shown."""
    hold: Hold


class _Sale:
    def __init__(self, asked: Asked, grounds: Grounds, moment: Moment, *, made: Scoring) -> None:
        self._asked, self._grounds, self._moment, self._made = asked, grounds, moment, made
        self._dropped: Counter[str] = Counter()
        self._out: list[Bidder] = []
        touchpoint = asked.touchpoint
        self._memory = Memory(
            grounds.ecosystem.caps, touchpoint.caps, touchpoint=touchpoint.id,
            contacts=asked.viewer.contacts, now_us=asked.at_us,
        )  # fmt: skip

    def run(self, places: Sequence[int], hold: Hold) -> Sold:
        entries = self._entries()
        offers = list(self._offers(entries))
        sold = Sold()
        for place in places:
            won = self._one(offers, hold)
            if won is None:
                break
            offer, price_fen, lease, millifen = won
            offers = [one for one in offers if one.number != offer.number]
            sold.ads[place] = (offer, entries.keyword.get(offer.number, ""))
            sold.wins.append(self._win(place, offer, lease=lease, millifen=millifen))
            contact = self._contact(offer)
            self._memory.add(contact)
            sold.contacts.append(contact)
            self._out.append(_bidder(offer, entries, price_fen=price_fen))
        self._tell_losers(offers, entries)
        told = tuple(one + 1 for one in places)
        self._dropped.update(entries.dropped)
        sold.told = Ads(
            places=told, bidders=tuple(self._out[:BIDDERS_TOLD]), dropped=dict(self._dropped)
        )  # fmt: skip
        return sold

    def _entries(self) -> Entries:
        goods, context = self._grounds.index.goods, self._asked.ask.context
        top = self._made.candidates.rows[:20]
        mine = goods.rows((*self._moment.basket, *(d.item for d in self._asked.viewer.taste.deeds)))
        names = {goods.category.at(int(row)) for row in (*top, *mine)}
        query = context.query if "query" in self._asked.touchpoint.signals else ""
        return self._grounds.ads.entries(
            self._moment, self._asked.touchpoint, query=query, categories=sorted(names)
        )

    def _offers(self, entries: Entries) -> Iterator[Offer]:
        """One creative for each campaign: the one that is clicked most, as far as is known."""
        ads = [self._grounds.ads.ads[number] for number in entries.numbers]
        listed = [(number, ad, creative, row)
                  for number, ad in zip(entries.numbers, ads, strict=True)
                  for creative, row in ad.creatives()]  # fmt: skip
        click, buy = self._shares([row for *_, row in listed])
        best: dict[int, Offer] = {}
        for at, (number, ad, creative, row) in enumerate(listed):
            if (why := self._stopped(ad)) is not None:
                self._drop(ad, why)
                continue
            bid = _bid_fen(ad.campaign, self._grounds.multipliers, float(buy[at] / click[at]))
            offer = Offer(number, ad, creative, row, bid, float(click[at]))
            if number not in best or offer.click > best[number].click:
                best[number] = offer
        yield from best.values()

    def _stopped(self, ad: Ad) -> str | None:
        audience = ad.campaign.audience
        if audience is not None and audience not in self._asked.viewer.audiences:
            return "not_in_audience"
        return None

    def _drop(self, ad: Ad, why: str) -> None:
        self._dropped[why] += 1
        self._out.append(Bidder(campaign=ad.campaign.id, why_not=why))

    def _shares(self, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        known = np.array([row for row in rows if row != NO_ITEM], np.int32)
        scored = self._scored(known)
        click = np.full(len(rows), UNKNOWN_CLICK)
        buy = np.full(len(rows), UNKNOWN_BUY)
        at = np.array(rows, np.int32) != NO_ITEM
        click[at], buy[at] = scored.click, scored.buy
        return np.clip(click, 1e-6, 1), buy

    def _scored(self, rows: np.ndarray) -> Scored:
        found = self._made.candidates
        place = {int(row): at for at, row in enumerate(found.rows)}
        sources = np.zeros((len(rows), len(SOURCE_NAMES)), np.float32)
        for at, row in enumerate(rows.tolist()):
            if row in place:
                sources[at] = found.scores[place[row]]
        features = features_of(
            Pool(rows, SOURCE_NAMES, sources), self._grounds, moment=self._moment,
            taste=self._asked.viewer.taste,
        )  # fmt: skip
        return self._grounds.ranker.score(features)

    def _one(self, offers: list[Offer], hold: Hold) -> tuple[Offer, int, int, int] | None:
        """The winner of one place that no cap stops and whose price could be held. The auction is
        run again without who was stopped."""
        while offers:
            won = award(
                Candidates(
                    ads=[f"{one.ad.campaign.id}/{one.creative.id}" for one in offers],
                    bid_fen=np.array([one.bid_fen for one in offers], np.int64),
                    pctr=np.array([one.click for one in offers]),
                    relevance=np.ones(len(offers)),
                ),
                slots=1, reserve_fen=self._asked.touchpoint.reserve_fen,
            )  # fmt: skip
            if not won.rows:
                return None
            offer, price_fen = offers[won.rows[0]], won.price_fen[0]
            capped = self._memory.against(self._contact(offer))
            if capped is not None:
                why = f"cap:{capped.cap.on}"
            else:
                millifen = self._millifen(offer, price_fen)
                lease = hold(offer.ad.campaign.id, millifen)
                if lease is not None:
                    return offer, price_fen, lease, millifen
                why = "budget"
            self._drop(offer.ad, why)
            offers.remove(offer)
        return None

    def _millifen(self, offer: Offer, price_fen: int) -> int:
        if self._asked.touchpoint.billing != "impression":
            return price_fen * MILLI
        share = round(offer.click, 9)
        return max(1, impression_price_millifen(price_fen, share, bid_fen=offer.bid_fen))

    def _win(self, place: int, offer: Offer, *, lease: int, millifen: int) -> Win:
        billing = self._asked.touchpoint.billing
        return Win(
            trace=self._asked.trace, position=place + 1, campaign=offer.ad.campaign.id,
            creative=offer.creative.id, lease=lease, price_millifen=millifen, billing=billing,
            at_us=self._asked.at_us, expires_us=self._asked.at_us + BILLED_WITHIN_US[billing],
        )  # fmt: skip

    def _contact(self, offer: Offer) -> Contact:
        goods = self._grounds.index.goods
        category = "" if offer.row == NO_ITEM else goods.category.at(offer.row)
        return Contact(
            at_us=self._asked.at_us, touchpoint=self._asked.touchpoint.id,
            campaign=offer.ad.campaign.id, creative=offer.creative.id,
            advertiser=offer.ad.campaign.advertiser, category=category,
        )  # fmt: skip

    def _tell_losers(self, offers: Sequence[Offer], entries: Entries) -> None:
        reserve = self._asked.touchpoint.reserve_fen
        best_first = sorted(offers, key=lambda offer: -offer.bid_fen * offer.click)
        for one in best_first[: max(0, BIDDERS_TOLD - len(self._out))]:
            why = "below_reserve" if one.bid_fen < reserve else "outranked"
            self._out.append(_bidder(one, entries, why=why))


def _bidder(
    offer: Offer, entries: Entries, *, price_fen: int | None = None, why: str = ""
) -> Bidder:
    return Bidder(
        campaign=offer.ad.campaign.id, creative=offer.creative.id,
        matched=entries.matched.get(offer.number, ""), bid_fen=offer.bid_fen,
        click=round(offer.click, 6), why_not=why, price_fen=price_fen,
    )  # fmt: skip


def _bid_fen(campaign: Campaign, multipliers: Mapping[str, float], pcvr: float) -> int:
    """Per click. Without a pacer's word yet, max_conversions and tROAS bid as if a conversion
    were worth a twentieth of the day."""
    pace, bid = multipliers.get(campaign.id, 1.0), campaign.bid
    if bid.cpc is not None:
        return int(min(1.0, pace) * bid.cpc.bid_fen)
    worth = bid.tcpa.target_fen if bid.tcpa is not None else campaign.budget.day_fen / 20
    return int(min(pace * worth * pcvr, campaign.budget.day_fen))
