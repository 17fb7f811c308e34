"""The ads of one page: who takes part, what stops them, who wins, what is held for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from quanyu.clock import HOUR_US
from quanyu.decisions.advertising.index import NO_ITEM, Ad, Entries, Person, Shares
from quanyu.decisions.auction import Candidates, award, impression_price_millifen
from quanyu.decisions.billing.win import MILLI, Win
from quanyu.decisions.goods import Rows
from quanyu.decisions.guards.caps import Contact, Memory
from quanyu.decisions.guards.load import ad_places
from quanyu.decisions.guards.viewer import NoAds, no_ads
from quanyu.decisions.moment import Moment
from quanyu.decisions.rank.features import Pool
from quanyu.decisions.rank.scored import Scored
from quanyu.decisions.recall.recalling import Source
from quanyu.decisions.serving.explanation import Ads, Bidder
from quanyu.decisions.serving.grounds import Asked, Grounds, Hold
from quanyu.decisions.serving.organic import SOURCE_NAMES, Scoring, features_of

BILLED_WITHIN_US = {"impression": HOUR_US, "click": HOUR_US, "arrival": 24 * HOUR_US}
"""After that the money goes back to the campaign."""
UNKNOWN_CLICK, UNKNOWN_BUY = 0.01, 0.0003
"""Of what leads to a store or a piece, before it has a history."""
TOP = 20
"""Candidates of the query whose categories count for targeting."""
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


def sell(
    asked: Asked, grounds: Grounds, moment: Moment, *, made: Scoring, space: "Space"
) -> Sold:  # fmt: skip
    device = asked.ask.context.device
    closed = device in grounds.ecosystem.consent_devices
    none = NoAds.DEVICE if closed else no_ads(asked.touchpoint, asked.viewer)
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
    """Rows are those of the ads' columns; ``_open`` are the places of them that still take part."""

    def __init__(self, asked: Asked, grounds: Grounds, moment: Moment, *, made: Scoring) -> None:
        self._asked, self._grounds, self._moment, self._made = asked, grounds, moment, made
        self._columns = grounds.ads.columns
        self._out: list[Bidder] = []
        touchpoint = asked.touchpoint
        self._memory = Memory(
            grounds.ecosystem.caps, touchpoint.caps, touchpoint=touchpoint.id,
            contacts=asked.viewer.contacts, now_us=asked.at_us,
        )  # fmt: skip
        self._entries = self._taking_part()
        rows = self._columns.of_campaigns(self._entries.numbers)
        click, buy = self._shares(self._columns.row[rows])
        kept = _best_of_each(self._columns.number[rows], click)
        self._rows, self._click = rows[kept], click[kept]
        self._bid = self._columns.bids_fen(
            self._rows, pcvr=buy[kept] / self._click, pace=self._pace(self._rows)
        )
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

    def _taking_part(self) -> Entries:
        goods, viewer = self._grounds.index.goods, self._asked.viewer
        mine = goods.rows((*self._moment.basket, *(one.item for one in viewer.taste.deeds)))
        found = self._made.candidates
        asked_for = found.rows[found.sources & Source.QUERY > 0][:TOP]
        codes = set(goods.category.codes[asked_for].tolist())
        codes.update(goods.category.codes[mine].tolist())
        known = Person(
            audiences=viewer.audiences,
            categories=frozenset(goods.category.names[one] for one in codes),
        )
        touchpoint = self._asked.touchpoint
        query = self._asked.ask.context.query if "query" in touchpoint.signals else ""
        return self._grounds.ads.entries(self._moment, touchpoint, query=query, person=known)

    def _shares(self, rows: Rows) -> tuple[Shares, Shares]:
        """p(click) and p(click and buy); of what leads to no item what is usual."""
        known = rows != NO_ITEM
        click, buy = np.full(len(rows), UNKNOWN_CLICK), np.full(len(rows), UNKNOWN_BUY)
        if known.any():
            scored = self._scored(rows[known])
            click[known], buy[known] = scored.click, scored.buy
        return np.clip(click, 1e-6, 1), buy

    def _scored(self, rows: Rows) -> Scored:
        """With what recall thinks of those that it found too."""
        found = self._made.candidates
        order = np.argsort(found.rows, kind="stable")
        at = np.searchsorted(found.rows, rows, sorter=order).clip(0, max(0, len(order) - 1))
        sources = np.zeros((len(rows), len(SOURCE_NAMES)), np.float32)
        if len(order):
            there = found.rows[order[at]] == rows
            sources[there] = found.scores[order[at[there]]]
        features = features_of(
            Pool(rows, SOURCE_NAMES, sources), self._grounds, moment=self._moment,
            taste=self._asked.viewer.taste,
        )  # fmt: skip
        return self._grounds.ranker.at(self._asked.touchpoint.id).score(features)

    def _pace(self, rows: Rows) -> Shares:
        told = self._grounds.multipliers
        if not told:
            return np.ones(len(rows))
        ids = (self._columns.ads[row].campaign.id for row in rows.tolist())
        return np.array([told.get(one, 1.0) for one in ids])

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


def _best_of_each(numbers: Rows, click: Shares) -> Rows:
    """Of each campaign the creative that is clicked most, as far as is known; the first of
    equals."""
    if len(numbers) == 0 or (numbers[1:] != numbers[:-1]).all():
        return np.arange(len(numbers), dtype=np.int32)
    order = np.lexsort((np.arange(len(numbers)), -click, numbers))
    first = np.concatenate([[True], numbers[order][1:] != numbers[order][:-1]])
    return np.sort(order[first]).astype(np.int32)
