"""``evaluate``: a cart and the offers that may apply → the quote."""

from collections.abc import Sequence
from typing import Literal

from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.cart import Cart, Line
from quanyu.promotions.pricing.choosing import Chooser, Chosen
from quanyu.promotions.pricing.index import Match, OfferIndex, Prepared, eligibility_of
from quanyu.promotions.pricing.menus import MenuMaker
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.quote import Quote
from quanyu.promotions.pricing.slots import NO_CHOICE, ground_of, slots_of
from quanyu.promotions.pricing.telling import Facts, Teller

Member = Literal["on_top", "better_of_both"]


def evaluate(
    cart: Cart, offers: Sequence[Offer] | OfferIndex, *, member: Member = "on_top"
) -> Quote:
    """The cheapest lawful price of a cart, to the fen, with the reason for every offer.

    Pure, and the same for any order of lines and offers. ``member``: lane 2 comes on top of
    lane 1, or the better of both counts. Raises BadInput for offers that contradict themselves.
    """
    every = not isinstance(offers, OfferIndex)
    index = OfferIndex(offers) if not isinstance(offers, OfferIndex) else offers
    lines = sorted(cart.lines, key=lambda line: line.line)
    matches = index.matches(lines)
    asked = _asked(index, matches, every=every)
    met, now_us = eligibility_of(cart), cart.now_us
    usable = [
        (one, places)
        for one, places in asked
        if places and one.requires <= met and one.offer.open_at(now_us)
    ]
    chosen = _chosen(cart, lines, usable=usable, member=member)
    return Teller(Facts(cart, lines, met, chosen)).quote(asked, usable)


def _asked(index: OfferIndex, matches: dict[int, list[int]], *, every: bool) -> list[Match]:
    """Offers with their lines, by id: without an index also those that match nothing."""
    numbers = range(len(index.prepared)) if every else matches
    found = [(index.prepared[number], matches.get(number, [])) for number in numbers]
    return sorted(found, key=lambda match: match[0].id)


def _chosen(
    cart: Cart, lines: Sequence[Line], *, usable: Sequence[Match], member: Member
) -> Chosen:
    parts = [Part(line.item, line.quantity, line.quantity * line.list_price) for line in lines]
    ground = ground_of(cart, parts, shops=[line.shop for line in lines])
    first, second = _of(usable, "item"), _of(usable, "member")
    menus = MenuMaker(parts, both=member == "on_top").menus(first, second)
    return Chooser(ground, menus, slots=slots_of(ground, usable)).choose()


def _of(usable: Sequence[Match], lane: str) -> list[Match]:
    def prices(one: Prepared) -> bool:
        return one.lane == lane and one.name not in NO_CHOICE

    return [(one, places) for one, places in usable if prices(one)]
