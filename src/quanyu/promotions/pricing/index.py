"""Which offers can match a cart, found without looking at all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from quanyu.clock import to_us
from quanyu.promotions.pricing.amounts import PICKS_UNITS
from quanyu.promotions.pricing.benefits import AmountOff, BundlePrice, Tiers
from quanyu.promotions.pricing.cart import CROSS_SHOP, Cart, Line
from quanyu.promotions.pricing.offers import Offer, checked

NEVER_US = 2**62


class Prepared:
    """An offer with all that evaluation asks for again and again."""

    __slots__ = (
        "benefit", "exclusive", "expires_us", "face", "id", "kind", "lane", "name", "offer",
        "platform_percent", "received_us", "requires", "respread", "shop", "spans_lines",
        "threshold", "tie",
    )  # fmt: skip

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.id, self.lane, self.kind, self.shop = offer.id, offer.lane, offer.kind, offer.shop
        self.name, self.benefit = offer.what
        self.requires = frozenset(offer.requires)
        self.exclusive = offer.exclusive
        self.respread = offer.overflow == "respread"
        self.platform_percent = offer.platform_percent
        self.expires_us = NEVER_US if offer.expires is None else to_us(offer.expires)
        self.received_us = NEVER_US if offer.received is None else to_us(offer.received)
        self.face = self._face()
        self.threshold = self._threshold()
        self.spans_lines = isinstance(self.benefit, PICKS_UNITS) or (
            isinstance(self.benefit, AmountOff) and self.benefit.per == "order"
        )
        self.tie = (-self.face, -self.threshold, self.expires_us, self.received_us, self.id)
        """Larger face, higher threshold, earlier expiry, earlier receipt, smaller id."""

    def _face(self) -> int:
        if isinstance(self.benefit, Tiers):
            return max(tier.amount or 0 for tier in self.benefit.tiers)
        return int(getattr(self.benefit, "amount", 0))

    def _threshold(self) -> int:
        if isinstance(self.benefit, Tiers):
            return self.benefit.tiers[0].threshold
        return int(getattr(self.benefit, "threshold", 0))


Match = tuple[Prepared, list[int]]
"""An offer and the lines in its scope, by their number."""


class OfferIndex:
    """Made once for a catalogue; a cart then costs what its own lines find.

    An evaluation over an index traces the offers that its lines find; over a plain sequence it
    traces every offer.
    """

    def __init__(self, offers: Iterable[Offer]) -> None:
        self.prepared = [Prepared(offer) for offer in checked(list(offers))]
        self._shops = [one.shop for one in self.prepared]
        self._by_item: dict[str, list[int]] = defaultdict(list)
        self._by_category: dict[str, list[int]] = defaultdict(list)
        self._by_flag: dict[str, list[int]] = defaultdict(list)
        self._by_shop: dict[str | None, list[int]] = defaultdict(list)
        for number, one in enumerate(self.prepared):
            self._file(number, one)

    def _file(self, number: int, one: Prepared) -> None:
        scope = one.offer.scope
        items: Sequence[str] = scope.items
        flags: Sequence[str] = scope.flags
        if not (scope.items or scope.categories or scope.flags):
            if isinstance(one.benefit, BundlePrice):
                items = list(one.benefit.items)
            elif one.lane == "cross_shop":
                flags = (CROSS_SHOP,)
            else:
                self._by_shop[one.shop].append(number)
                return
        for item in items:
            self._by_item[item].append(number)
        for category in scope.categories:
            self._by_category[category].append(number)
        for flag in flags:
            self._by_flag[flag].append(number)

    def matches(self, lines: Sequence[Line]) -> dict[int, list[int]]:
        """Number of the offer → numbers of the lines in its scope, rising."""
        found: dict[int, list[int]] = {}
        for place, line in enumerate(lines):
            for numbers in self._of_line(line):
                for number in numbers:
                    shop = self._shops[number]
                    if shop is not None and shop != line.shop:
                        continue
                    places = found.get(number)
                    if places is None:
                        found[number] = [place]
                    elif places[-1] != place:
                        places.append(place)
        return found

    def _of_line(self, line: Line) -> Iterator[Sequence[int]]:
        yield self._by_item.get(line.item, ())
        yield self._by_category.get(line.category, ())
        for flag in line.flags:
            yield self._by_flag.get(flag, ())
        yield self._by_shop.get(line.shop, ())
        yield self._by_shop.get(None, ())


def eligibility_of(cart: Cart) -> frozenset[str]:
    """What the buyer meets; ``payment:alipay`` holds when that is how it is paid."""
    met = set(cart.eligibility)
    if cart.payment.method:
        met.add(f"payment:{cart.payment.method}")
    return frozenset(met)
