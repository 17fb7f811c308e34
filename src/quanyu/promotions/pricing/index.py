"""Which offers can match a cart, found without looking at all of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from quanyu.clock import to_us
from quanyu.money import FEN_MAX
from quanyu.promotions.pricing.benefits import PICKS_UNITS, STEPPED, BundlePrice, Tiers
from quanyu.promotions.pricing.cart import CROSS_SHOP, Cart, Line
from quanyu.promotions.pricing.offers import Offer, checked

NEVER_US = 2**62
Tie = tuple[int, int, int, int, str]
"""Among equals the smallest goes first."""
NO_CHOICE = {"gift", "instalment_free"}


class Prepared:
    """An offer with all that evaluation asks for again and again."""

    __slots__ = (
        "benefit", "by_lines", "chooses", "exclusive", "expires_us", "face", "id", "kind", "lane",
        "name", "offer", "order", "picks_units", "platform_percent", "received_us", "requires",
        "respread", "shop", "slope", "spans_lines", "stepped", "threshold", "tie", "timed",
    )  # fmt: skip

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.id, self.lane, self.kind, self.shop = offer.id, offer.lane, offer.kind, offer.shop
        self.name, self.benefit = offer.what
        self.requires = frozenset(offer.requires)
        self.timed = offer.expires is not None or offer.window is not None
        self.exclusive = offer.exclusive
        self.respread = offer.overflow == "respread"
        self.platform_percent = offer.platform_percent
        self.expires_us = NEVER_US if offer.expires is None else to_us(offer.expires)
        self.received_us = NEVER_US if offer.received is None else to_us(offer.received)
        self.face = self._face()
        self.threshold = self._threshold()
        self.tie: Tie = (-self.face, -self.threshold, self.expires_us, self.received_us, self.id)
        """Larger face, higher threshold, earlier expiry, earlier receipt, smaller id."""
        per = getattr(self.benefit, "per", None)
        self.stepped = isinstance(self.benefit, STEPPED)
        self.picks_units = isinstance(self.benefit, PICKS_UNITS)
        self.spans_lines = self.picks_units or per == "order"
        self.by_lines = self.picks_units or per in ("unit", "line")
        """Takes off certain lines or units, rather than off a sum (lanes 3 to 8)."""
        self.slope = self._slope()
        """Percent of a rise of its base that it may give back (lanes 3 to 8)."""
        self.chooses = self.lane != "after" and self.name not in NO_CHOICE
        self.order = self._order()
        """Of its slot within its lane."""

    def _face(self) -> int:
        if isinstance(self.benefit, Tiers):
            return max(tier.amount or 0 for tier in self.benefit.tiers)
        return int(getattr(self.benefit, "amount", 0))

    def _threshold(self) -> int:
        if isinstance(self.benefit, Tiers):
            return self.benefit.tiers[0].threshold
        return int(getattr(self.benefit, "threshold", 0))

    def _slope(self) -> int:
        if self.lane in ("shipping", "points"):
            return 0
        return 100 if self.by_lines else self.benefit.slope

    def _order(self) -> tuple[str, str]:
        """Promotions before coupons; red packets by expiry, face, threshold and receipt."""
        if self.lane in ("shop", "cross_shop"):
            return "0" if self.kind == "promotion" else "1", ""
        if self.lane != "red_packet":
            return "", ""
        larger = f"{FEN_MAX - self.face:020}{FEN_MAX - self.threshold:020}"
        return f"{self.expires_us:020}{larger}{self.received_us:020}", self.id

    def refusal(self, met: frozenset[str], now_us: int) -> str | None:
        """Why the offer is not for this buyer now: the code of its trace."""
        if self.requires and not self.requires <= met:
            return "not_eligible"
        if self.timed and not self.offer.open_at(now_us):
            return "out_of_window"
        return None


Places = tuple[int, ...]
"""Numbers of lines, rising."""
Match = tuple[Prepared, Places]
"""An offer and the lines in its scope."""
Word = tuple[str, str]
"""What a scope can name: a kind of word, and the word."""
EVERYTHING: Word = ("shop", "")


class OfferIndex:
    """Made once for a catalogue; a cart then costs what its own lines find.

    An evaluation over an index traces the offers that its lines find; over a plain sequence it
    traces every offer.
    """

    def __init__(self, offers: Iterable[Offer]) -> None:
        found = [Prepared(offer) for offer in checked(list(offers))]
        self.prepared = sorted(found, key=attrgetter("id"))
        self._by_word: dict[Word, list[int]] = defaultdict(list)
        self._other_shops: set[int] = set()
        """Offers of a shop whose words lines of others have too."""
        for number, one in enumerate(self.prepared):
            for word in _words_of_offer(one):
                self._by_word[word].append(number)
                if one.shop is not None and word != ("shop", one.shop):
                    self._other_shops.add(number)

    def matches(self, lines: Sequence[Line], *, every: bool) -> list[Match]:
        """The offers that the lines find, by id; with ``every`` also those that they do not."""
        found: dict[int, list[Places]] = {}
        for word, places in _places_of_words(lines).items():
            for number in self._by_word.get(word, ()):
                found.setdefault(number, []).append(places)
        matches = []
        for number in range(len(self.prepared)) if every else sorted(found):
            one = self.prepared[number]
            places = _joined(found.get(number, ()))
            if number in self._other_shops:
                places = tuple([place for place in places if lines[place].shop == one.shop])
            if places or every:
                matches.append((one, places))
        return matches


def _words_of_offer(one: Prepared) -> list[Word]:
    scope = one.offer.scope
    items = [("item", item) for item in scope.items]
    others = [("category", category) for category in scope.categories]
    flags = [("flag", flag) for flag in scope.flags]
    if items or others or flags:
        return [*items, *others, *flags]
    if isinstance(one.benefit, BundlePrice):
        return [("item", item) for item in one.benefit.items]
    if one.lane == "cross_shop":
        return [("flag", CROSS_SHOP)]
    return [EVERYTHING if one.shop is None else ("shop", one.shop)]


def _places_of_words(lines: Sequence[Line]) -> dict[Word, Places]:
    found: dict[Word, list[int]] = {EVERYTHING: list(range(len(lines)))}
    for place, line in enumerate(lines):
        found.setdefault(("item", line.item), []).append(place)
        found.setdefault(("category", line.category), []).append(place)
        found.setdefault(("shop", line.shop), []).append(place)
        for flag in dict.fromkeys(line.flags):
            found.setdefault(("flag", flag), []).append(place)
    return {word: tuple(places) for word, places in found.items()}


def _joined(some: Sequence[Places]) -> Places:
    return some[0] if len(some) == 1 else tuple(sorted(set().union(*some)))


def eligibility_of(cart: Cart) -> frozenset[str]:
    """What the buyer meets; ``payment:alipay`` holds when that is how it is paid."""
    met = set(cart.eligibility)
    if cart.payment.method:
        met.add(f"payment:{cart.payment.method}")
    return frozenset(met)
