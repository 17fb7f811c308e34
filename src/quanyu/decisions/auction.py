"""The quality-ranked generalised second-price auction: who gets the slots, and at what price.

Score = bid · q, q = pctr^alpha · relevance (Edelman, Ostrovsky, Schwarz 2007; Lahaie and Pennock
2007 for alpha). A winner pays the least whole fen per click that keeps its place, and a tick:
max(reserve, score of the next ÷ its own q, rounded up) + 1, never above its bid; who has nobody
behind pays the reserve. Quality counts in units of 10⁻¹⁰, so that scores and prices are exact.
Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from quanyu.decisions.goods import Amounts
from quanyu.errors import BadInput
from quanyu.strict import converted, decoded

QUALITY_UNIT = 10**10
BID_MAX = 10**7
"""Fen per click; with RELEVANCE_MAX a score stays inside 64 bits."""
RELEVANCE_MAX = 10
ALPHA_MAX = 4
BIDS_MAX = 100_000
TICK_FEN = 1

Name = Annotated[str, Meta(min_length=1, max_length=128)]
Reason = Literal["no_bid", "below_reserve", "no_quality", "own_ad_ahead", "outranked"]
Shares = npt.NDArray[np.float64]


class Bid(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    ad: Name
    bid: int
    """Fen per click."""
    pctr: float
    relevance: float = 1.0
    advertiser: Name | None = None


class Auction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    slots: Annotated[int, Meta(ge=1, le=50)]
    position_ctr: Annotated[tuple[float, ...], Meta(max_length=50)] = ()
    """How often a place is looked at and clicked, the first place first; none: all alike."""
    reserve: Annotated[int, Meta(ge=0, le=BID_MAX)] = 0
    """Fen per click."""
    bids: Annotated[tuple[Bid, ...], Meta(max_length=BIDS_MAX)]
    alpha: float = 1.0
    one_per_advertiser: bool = False


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    """From 1."""
    ad: str
    price: int
    """Fen per click."""
    score: float
    ecpm: float
    """Fen per 1,000 impressions that are to be expected at this price and place."""


class Loser(msgspec.Struct, frozen=True, kw_only=True):
    ad: str
    reason: Reason
    score: float
    need: int | None
    """Fen per click that would have won the last slot; None where no bid of its own could."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    slots: tuple[Slot, ...]
    losers: tuple[Loser, ...]
    """Best score first."""

    def as_json(self) -> dict[str, Any]:
        """The public form (contracts: auction)."""
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Bids as columns, a row each."""

    ads: Sequence[str]
    bid_fen: Amounts
    pctr: Shares
    relevance: Shares
    advertisers: Sequence[str] | None = None
    """Given: at most one slot for each."""


@dataclass(frozen=True, slots=True)
class Award:
    """Rows of the winners in order of their slots, and what each pays per click."""

    rows: tuple[int, ...]
    price_fen: tuple[int, ...]
    quality: Amounts
    """Of all candidates, in units of 1 / QUALITY_UNIT."""


def decode_auction(text: bytes | str) -> Auction:
    """Raises BadInput."""
    return decoded(text, Auction, name="auction")


def run_auction(asked: Auction | Mapping[str, Any]) -> Outcome:
    """The public form in, as a Struct or as a tree of JSON; every bid has a slot or a reason.
    Raises BadInput with the field."""
    auction = asked if isinstance(asked, Auction) else converted(asked, Auction, name="auction")
    _check_positions(auction)
    bids = auction.bids
    candidates = Candidates(
        ads=[one.ad for one in bids],
        bid_fen=_amounts([one.bid for one in bids]),
        pctr=np.array([one.pctr for one in bids], np.float64),
        relevance=np.array([one.relevance for one in bids], np.float64),
        advertisers=_advertisers(bids) if auction.one_per_advertiser else None,
    )
    _check_once(candidates.ads)
    won = award(candidates, slots=auction.slots, reserve_fen=auction.reserve, alpha=auction.alpha)
    return Outcome(slots=_slots(auction, won), losers=_losers(auction, won, candidates=candidates))


def award(candidates: Candidates, *, slots: int, reserve_fen: int, alpha: float = 1.0) -> Award:
    """For the decision path: columns in, rows out; ids must differ. Raises BadInput."""
    _check_columns(candidates)
    quality = quality_of(candidates.pctr, candidates.relevance, alpha=alpha)
    bid = candidates.bid_fen
    score = np.where(bid >= max(1, reserve_fen), bid * quality, 0)
    ahead = list(islice(_best_first(candidates, score), slots + 1))
    behind = [int(score[row]) for row in ahead[1:]] + [0]
    prices = tuple(
        _price_fen(int(bid[row]), int(quality[row]), behind=next_score, reserve_fen=reserve_fen)
        for row, next_score in zip(ahead[:slots], behind, strict=False)
    )
    return Award(tuple(ahead[:slots]), prices, quality)


def quality_of(pctr: Shares, relevance: Shares, *, alpha: float = 1.0) -> Amounts:
    """pctr^alpha · relevance in units of 1 / QUALITY_UNIT. Raises BadInput for what is no share."""
    _check_within("pctr", pctr, most=1)
    _check_within("relevance", relevance, most=RELEVANCE_MAX)
    if not 0 <= alpha <= ALPHA_MAX:
        raise BadInput("auction.alpha", f"give a number from 0 to {ALPHA_MAX}")
    # One pow for one number: a vector's may differ in its last bit with the place in the vector.
    powered = pctr if alpha == 1 else np.array([one**alpha for one in pctr.tolist()], np.float64)
    return np.rint(powered * relevance * QUALITY_UNIT).astype(np.int64)


def ecpm_fen(bid_fen: float, pctr: float, *, pcvr: float = 1.0) -> float:
    """Fen per 1,000 impressions: 1000 · bid · pCTR of a bid per click (CPC); with the target cost
    of a conversion as the bid and its pCVR, 1000 · tCPA · pCTR · pCVR (oCPC)."""
    return 1000 * bid_fen * pctr * pcvr


def click_bid_fen(target_cpa_fen: int, pcvr: float) -> int:
    """oCPC: the bid per click of a target cost of a conversion, tCPA · pCVR in whole fen, down."""
    _check_within("pcvr", np.array([pcvr]), most=1)
    return target_cpa_fen * round(pcvr * QUALITY_UNIT) // QUALITY_UNIT


def impression_price_millifen(price_fen: int, pctr: float, *, bid_fen: int) -> int:
    """What an impression costs where impressions are billed, in 1/1000 fen: price per click ·
    pctr, rounded up, but never above bid · pctr."""
    _check_within("pctr", np.array([pctr]), most=1)
    share = round(pctr * QUALITY_UNIT)
    up = -(-1000 * price_fen * share // QUALITY_UNIT)
    return min(up, 1000 * bid_fen * share // QUALITY_UNIT)


def _price_fen(bid_fen: int, quality: int, *, behind: int, reserve_fen: int) -> int:
    """``behind``: the next score; 0 for nobody."""
    if not behind:
        return reserve_fen
    return min(bid_fen, max(reserve_fen, -(-behind // quality)) + TICK_FEN)


def _best_first(candidates: Candidates, score: Amounts) -> Iterator[int]:
    """Rows with a score; equal ones by the id of the ad; of one advertiser only the first."""
    order = np.argsort(-score, kind="stable")
    rows = order[: np.count_nonzero(score)].tolist()
    taken = set()
    for _, tied in groupby(rows, key=score.__getitem__):
        for row in sorted(tied, key=candidates.ads.__getitem__):
            if candidates.advertisers is None:
                yield row
            elif (advertiser := candidates.advertisers[row]) not in taken:
                taken.add(advertiser)
                yield row


def _slots(auction: Auction, won: Award) -> tuple[Slot, ...]:
    found = []
    for place, (row, price) in enumerate(zip(won.rows, won.price_fen, strict=True)):
        seen = auction.position_ctr[place] / auction.position_ctr[0] if auction.position_ctr else 1
        one = auction.bids[row]
        found.append(
            Slot(
                position=place + 1,
                ad=one.ad,
                price=price,
                score=one.bid * int(won.quality[row]) / QUALITY_UNIT,
                ecpm=round(ecpm_fen(price, one.pctr) * seen, 6),
            )
        )
    return tuple(found)


def _losers(auction: Auction, won: Award, *, candidates: Candidates) -> tuple[Loser, ...]:
    entered = np.where(candidates.bid_fen >= max(1, auction.reserve), candidates.bid_fen, 0)
    firsts = set(_best_first(candidates, entered * won.quality))
    winners = set(won.rows)
    lost = [row for row in range(len(auction.bids)) if row not in winners]
    found = []
    for row in lost:
        one, quality = auction.bids[row], int(won.quality[row])
        reason = _reason(one, quality, reserve=auction.reserve, first=row in firsts)
        need = _need(auction, won, row=row) if _may_win(auction, reason) else None
        score = one.bid * quality / QUALITY_UNIT
        found.append(Loser(ad=one.ad, reason=reason, score=score, need=need))
    return tuple(sorted(found, key=lambda one: (-one.score, one.ad)))


def _reason(one: Bid, quality: int, *, reserve: int, first: bool) -> Reason:
    if not one.bid:
        return "no_bid"
    if not quality:
        return "no_quality"
    if one.bid < reserve:
        return "below_reserve"
    return "outranked" if first else "own_ad_ahead"


def _may_win(auction: Auction, reason: Reason) -> bool:
    """Under one per advertiser another ad of the same one may stand before an ad that did not
    take part: what it would need is not told."""
    return reason == "outranked" or not auction.one_per_advertiser


def _need(auction: Auction, won: Award, *, row: int) -> int | None:
    least, quality = max(1, auction.reserve), int(won.quality[row])
    if not quality:
        return None
    if len(won.rows) < auction.slots:
        return least
    last = auction.bids[won.rows[-1]]
    ahead = last.bid * int(won.quality[won.rows[-1]])
    need = -(-ahead // quality)
    tied = need * quality == ahead and auction.bids[row].ad > last.ad
    return max(least, need + tied)


def _amounts(bids: list[int]) -> Amounts:
    for row, bid in enumerate(bids):
        if not 0 <= bid <= BID_MAX:
            raise _bad_bid(row)
    return np.array(bids, np.int64)


def _advertisers(bids: Sequence[Bid]) -> list[str]:
    for row, one in enumerate(bids):
        if one.advertiser is None:
            raise BadInput(f"auction.bids[{row}].advertiser", "one_per_advertiser needs it")
    return [one.advertiser or "" for one in bids]


def _check_once(ads: Sequence[str]) -> None:
    seen: set[str] = set()
    for row, ad in enumerate(ads):
        if ad in seen:
            raise BadInput(f"auction.bids[{row}].ad", f"{ad!r} stands twice")
        seen.add(ad)


def _check_positions(auction: Auction) -> None:
    shares = auction.position_ctr
    if not shares:
        return
    if len(shares) < auction.slots:
        raise BadInput("auction.position_ctr", f"give one for each of {auction.slots} slots")
    above = 1.0
    for place, share in enumerate(shares):
        if not 0 < share <= above:
            mend = "give shares above 0 and up to 1, none above the one before it"
            raise BadInput(f"auction.position_ctr[{place}]", mend)
        above = share


def _check_columns(candidates: Candidates) -> None:
    bid = candidates.bid_fen
    bad = (bid < 0) | (bid > BID_MAX)
    if bad.any():
        raise _bad_bid(int(bad.argmax()))


def _bad_bid(row: int) -> BadInput:
    return BadInput(f"auction.bids[{row}].bid", f"give whole fen from 0 to {BID_MAX}")


def _check_within(name: str, given: Shares, *, most: int) -> None:
    """NaN is not within anything."""
    bad = ~((given >= 0) & (given <= most))
    if bad.any():
        raise BadInput(
            f"auction.bids[{int(bad.argmax())}].{name}", f"give a number from 0 to {most}"
        )
