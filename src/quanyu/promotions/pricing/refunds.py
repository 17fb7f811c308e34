"""What comes back for some units of a paid order: from the stored quote, never recomputed with
today's rules."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from quanyu.errors import Refused
from quanyu.promotions.pricing.apportion import shared, units_of
from quanyu.promotions.pricing.benefits import STEPPED
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.quote import Discount, LineQuote, Quote

Unit = tuple[str, int]
"""(Line, unit of it, from 1)."""


class RefundRefusal(StrEnum):
    NOTHING_ASKED = "nothing_to_refund"
    UNKNOWN_UNIT = "unit_not_in_order"
    RETURNED_ALREADY = "unit_returned_already"
    BUNDLE_ONLY = "bundle_returns_only_as_a_whole"


class Paid(msgspec.Struct, frozen=True):
    """An order as far as refunds look at it."""

    quote: Quote
    offers: Mapping[str, Offer]
    """Those that were applied, as they were then."""
    returned: frozenset[Unit] = frozenset()
    refunded_fen: int = 0
    """Goods and shipping so far."""
    shipping_refunded_fen: int = 0
    """Of that."""
    shipped: bool = False


class ShopBack(msgspec.Struct, frozen=True):
    """What a shop gives back: to the buyer, and to the platform for its share."""

    cash_fen: int
    platform_fen: int
    merchant_fen: int = 0
    """Of discounts that the shop had borne itself."""


class Refund(msgspec.Struct, frozen=True, tag="refund"):
    cash_fen: int
    """Goods and shipping, to the buyer."""
    shipping_fen: int
    """Of the cash."""
    red_packets: Mapping[str, int]
    """Offer → face that comes back to the buyer."""
    points: int
    platform: Mapping[str, int]
    """Offer → what the platform takes back of its share."""
    shops: Mapping[str, ShopBack]
    coupons: Sequence[str]
    """Coupons that come back, because everything they were used on was cancelled in time."""
    complete: bool
    """Every unit of the order has now gone back."""


def units_in(quote: Quote) -> frozenset[Unit]:
    return frozenset((line.line, n) for line in quote.lines for n in range(1, line.quantity + 1))


def refund(paid: Paid, asked: Iterable[Unit]) -> Refund | Refused:
    """Σ refunds ≤ paid; when every unit has gone back, in whatever order, Σ refunds = paid."""
    units = frozenset(asked)
    refusal = _refusal(paid, units)
    if refusal is not None:
        return refusal
    gone = paid.returned | units
    shipping = _shipping_back(paid, gone)
    shipping_kept = paid.quote.shipping - paid.shipping_refunded_fen - sum(shipping.values())
    value_kept = _value_kept(paid, gone) + shipping_kept
    cash_fen = max(0, paid.quote.payable - paid.refunded_fen - value_kept)
    platform, shops = _shares(paid, units)
    return Refund(
        cash_fen=cash_fen,
        shipping_fen=min(cash_fen, sum(shipping.values())),
        red_packets=_of_lane(paid, units, lane="red_packet"),
        points=_points(paid, gone) - _points(paid, paid.returned),
        platform=platform,
        shops=_shops(paid, shops, shipping=shipping, cash_fen=cash_fen),
        coupons=_coupons_back(paid, gone),
        complete=gone == units_in(paid.quote),
    )


def _refusal(paid: Paid, units: frozenset[Unit]) -> Refused | None:
    if not units:
        return Refused(RefundRefusal.NOTHING_ASKED)
    if not units <= units_in(paid.quote):
        return Refused(RefundRefusal.UNKNOWN_UNIT)
    if units & paid.returned:
        return Refused(RefundRefusal.RETURNED_ALREADY)
    for offer in paid.offers.values():
        if offer.refund == "bundle_only":
            whole = frozenset(
                u for u in units_in(paid.quote) if _has(paid.quote, u[0], offer=offer.id)
            )
            if units & whole and not whole <= units:
                return Refused(RefundRefusal.BUNDLE_ONLY, have=len(units & whole), need=len(whole))
    return None


def _has(quote: Quote, line: str, *, offer: str) -> bool:
    found = next(one for one in quote.lines if one.line == line)
    return any(discount.offer == offer for discount in found.discounts)


def _kept(line: LineQuote, gone: frozenset[Unit]) -> list[int]:
    """Places of the units that stay, from 0."""
    return [n for n in range(line.quantity) if (line.line, n + 1) not in gone]


def _value_kept(paid: Paid, gone: frozenset[Unit]) -> int:
    """What the units that stay cost: their cash, and the discounts that they no longer earn."""
    cash = sum(line.units[n].cash for line in paid.quote.lines for n in _kept(line, gone))
    lost = sum(_lost(paid, offer, gone=gone) for offer in paid.offers.values())
    return cash + lost


def _lost(paid: Paid, offer: Offer, *, gone: frozenset[Unit]) -> int:
    """Of an offer that is tested again: what the units that stay got beyond what they earn."""
    _, benefit = offer.what
    if offer.refund != "retest" or not isinstance(benefit, STEPPED):
        return 0
    base = had = 0
    for line in paid.quote.lines:
        given = next((d.amount for d in line.discounts if d.offer == offer.id), 0)
        if given:
            kept = _kept(line, gone)
            prices, shares = units_of(line.activity, line.quantity), units_of(given, line.quantity)
            base += sum(prices[n] for n in kept)
            had += sum(shares[n] for n in kept)
    return max(0, had - benefit.off_sum(base))


def _shipping_back(paid: Paid, gone: frozenset[Unit]) -> dict[str, int]:
    """Shop → its shipping, where now everything of the shop is cancelled before dispatch."""
    if paid.shipped:
        return {}
    whole: dict[str, int] = {}
    for shipment in paid.quote.shipments:
        units = [u for u in units_in(paid.quote) if _shop(paid.quote, u[0]) == shipment.shop]
        before = all(unit in paid.returned for unit in units)
        if units and not before and all(unit in gone for unit in units):
            whole[shipment.shop] = shipment.cash
    return whole


def _shop(quote: Quote, line: str) -> str:
    return next(one.shop for one in quote.lines if one.line == line)


def _shares(paid: Paid, units: frozenset[Unit]) -> tuple[dict[str, int], dict[str, ShopBack]]:
    """Platform's shares by offer, and cash and platform's share by shop, of these units."""
    by_offer: dict[str, int] = {}
    shops: dict[str, ShopBack] = {}
    for line in paid.quote.lines:
        places = [n for n in range(line.quantity) if (line.line, n + 1) in units]
        if not places:
            continue
        borne = own = 0
        for discount in line.discounts:
            back = _share_of(discount, line.quantity, places=places, funder="platform")
            own += _share_of(discount, line.quantity, places=places, funder="merchant")
            borne += back
            if back:
                by_offer[discount.offer] = by_offer.get(discount.offer, 0) + back
        so_far = shops.get(line.shop, ShopBack(0, 0))
        cash = sum(line.units[n].cash for n in places)
        shops[line.shop] = ShopBack(
            so_far.cash_fen + cash, so_far.platform_fen + borne, so_far.merchant_fen + own
        )
    return by_offer, shops


def _share_of(discount: Discount, quantity: int, *, places: Sequence[int], funder: str) -> int:
    parts = units_of(discount.funders.get(funder, 0), quantity)
    return sum(parts[n] for n in places)


def _shops(
    paid: Paid, shops: Mapping[str, ShopBack], *, shipping: Mapping[str, int], cash_fen: int
) -> dict[str, ShopBack]:
    """The cash of the refund over the shops whose units come back, shipping with its shop."""
    names = sorted(shops)
    weights = [shops[name].cash_fen + shipping.get(name, 0) for name in names]
    cash = shared(cash_fen, weights) if any(weights) else shared(cash_fen, [1] * len(names))
    return {
        name: msgspec.structs.replace(shops[name], cash_fen=part)
        for name, part in zip(names, cash, strict=True)
    }


def _of_lane(paid: Paid, units: frozenset[Unit], *, lane: str) -> dict[str, int]:
    """Offer of the lane → its fen on these units."""
    found: dict[str, int] = {}
    for line in paid.quote.lines:
        places = [n for n in range(line.quantity) if (line.line, n + 1) in units]
        for discount in line.discounts if places else ():
            offer = paid.offers.get(discount.offer)
            if offer is not None and offer.lane == lane:
                parts = units_of(discount.amount, line.quantity)
                back = sum(parts[n] for n in places)
                found[discount.offer] = found.get(discount.offer, 0) + back
    return {offer: fen for offer, fen in found.items() if fen}


def _points(paid: Paid, gone: frozenset[Unit]) -> int:
    """Points that have come back when these units are gone: whole points over lines by what they
    paid there, over units by prefix, so that all of them come back in the end."""
    fen = [
        sum(
            d.amount
            for d in line.discounts
            if (offer := paid.offers.get(d.offer)) is not None and offer.lane == "points"
        )
        for line in paid.quote.lines
    ]
    total = 0
    for line, points in zip(paid.quote.lines, shared(paid.quote.points_spent, fen), strict=True):
        parts = units_of(points, line.quantity)
        total += sum(parts[n] for n in range(line.quantity) if (line.line, n + 1) in gone)
    return total


def _coupons_back(paid: Paid, gone: frozenset[Unit]) -> list[str]:
    """Coupons whose lines are all cancelled by this refund, before anything was sent."""
    if paid.shipped:
        return []
    back = []
    for offer in paid.offers.values():
        units = [u for u in units_in(paid.quote) if _has(paid.quote, u[0], offer=offer.id)]
        now = all(unit in gone for unit in units) and any(u not in paid.returned for u in units)
        if offer.kind == "coupon" and units and now:
            back.append(offer.id)
    return sorted(back)
