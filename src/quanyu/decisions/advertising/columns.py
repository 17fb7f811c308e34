"""Creatives of running campaigns as columns, and what they bid."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.decisions.campaigns.campaign import Campaign, Creative
from quanyu.decisions.goods import Amounts, Goods, Rows

Mask = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]
NO_ITEM = -1


@dataclass(frozen=True, slots=True)
class Ad:
    """A creative of a running campaign."""

    campaign: Campaign
    version: int
    creative: Creative
    row: int
    """Of the landing item, NO_ITEM for a store or a piece."""

    @property
    def id(self) -> str:
        return f"{self.campaign.id}/{self.creative.id}"


@dataclass(frozen=True, slots=True)
class AdColumns:
    """A row per creative, those of a campaign side by side."""

    ads: tuple[Ad, ...]
    ids: tuple[str, ...]
    number: Rows
    """Of the campaign."""
    row: Rows
    starts: Rows
    """Of each campaign, and the end of the last."""
    cpc_fen: Amounts
    """0 where the bid follows a goal."""
    worth_fen: Shares
    """Of a conversion, where the bid follows a goal."""
    day_fen: Amounts

    @classmethod
    def of(cls, running: Sequence[tuple[int, Campaign]], goods: Goods) -> "AdColumns":
        kept = [
            [Ad(campaign, version, one, goods.row_of.get(one.landing.item or "", NO_ITEM))
             for one in campaign.creatives if _leads_where_it_says(one, goods)]
            for version, campaign in running
        ]  # fmt: skip
        ads = tuple(one for some in kept for one in some)
        sizes = [len(some) for some in kept]
        bids = [one.campaign.bid for one in ads]
        return cls(
            ads=ads,
            ids=tuple(one.id for one in ads),
            number=np.repeat(np.arange(len(running)), sizes).astype(np.int32),
            row=np.array([one.row for one in ads], np.int32),
            starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
            cpc_fen=np.array([0 if one.cpc is None else one.cpc.bid_fen for one in bids], np.int64),
            worth_fen=np.array([_worth_fen(one.campaign) for one in ads], np.float64),
            day_fen=np.array([one.campaign.budget.day_fen for one in ads], np.int64),
        )

    def of_campaigns(self, numbers: Sequence[int]) -> Rows:
        """Rows of their creatives, in the order of the campaigns."""
        parts = [np.arange(self.starts[one], self.starts[one + 1]) for one in numbers]
        found: Rows = np.concatenate([np.empty(0, np.int32), *parts]).astype(np.int32)
        return found

    def bids_fen(self, rows: Rows, *, pcvr: Shares, pace: Shares) -> Amounts:
        """Per click. A pacer never raises what an advertiser bids for a click."""
        by_goal = np.minimum(pace * self.worth_fen[rows] * pcvr, self.day_fen[rows])
        by_click = np.minimum(1.0, pace) * self.cpc_fen[rows]
        found: Amounts = np.where(self.cpc_fen[rows] > 0, by_click, by_goal).astype(np.int64)
        return found


def _leads_where_it_says(creative: Creative, goods: Goods) -> bool:
    """Its item is on sale, at the price that the ad says (令72 Art 18)."""
    if creative.landing.item is None:
        return True
    row = goods.row_of.get(creative.landing.item)
    said = creative.price_fen
    return row is not None and (said is None or said == int(goods.price_fen[row]))


CONVERSIONS_OF_A_DAY = 20
"""Without a target, and before a pacer has spoken, a conversion is worth this part of a day."""


def _worth_fen(campaign: Campaign) -> int:
    tcpa = campaign.bid.tcpa
    return campaign.budget.day_fen // CONVERSIONS_OF_A_DAY if tcpa is None else tcpa.target_fen
