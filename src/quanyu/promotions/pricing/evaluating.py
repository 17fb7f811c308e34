"""``evaluate``: a cart and the offers that may apply → the quote."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Literal

from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.cart import Cart, Line
from quanyu.promotions.pricing.choosing import Chooser, Chosen
from quanyu.promotions.pricing.index import Match, OfferIndex, eligibility_of
from quanyu.promotions.pricing.menus import MenuMaker
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.quote import Quote
from quanyu.promotions.pricing.slots import ground_of, slots_of
from quanyu.promotions.pricing.telling import Facts, Teller

Member = Literal["on_top", "better_of_both"]


def evaluate(
    cart: Cart, offers: Sequence[Offer] | OfferIndex, *, member: Member = "on_top"
) -> Quote:
    """The cheapest lawful price of a cart, to the fen, with the reason for every offer.

    Pure, and the same for any order of lines and offers. ``member``: lane 2 comes on top of
    lane 1, or the better of both counts. Raises BadInput for offers that contradict themselves.
    """
    index = offers if isinstance(offers, OfferIndex) else OfferIndex(offers)
    lines = sorted(cart.lines, key=attrgetter("line"))
    asked = index.matches(lines, every=index is not offers)
    met, now_us = eligibility_of(cart), cart.now_us
    refused = {one.id: code for one, _ in asked if (code := one.refusal(met, now_us))}
    usable = [match for match in asked if match[1] and match[0].id not in refused]
    chosen = _chosen(cart, lines, usable=usable, member=member)
    return Teller(Facts(cart, lines, refused, chosen)).quote(asked, usable)


def _chosen(
    cart: Cart, lines: Sequence[Line], *, usable: Sequence[Match], member: Member
) -> Chosen:
    parts = [Part(line.item, line.quantity, line.quantity * line.list_price) for line in lines]
    ground = ground_of(cart, parts, shops=[line.shop for line in lines])
    first, second = _of(usable, "item"), _of(usable, "member")
    menus = MenuMaker(parts, both=member == "on_top").menus(first, second)
    return Chooser(ground, menus, slots=slots_of(ground, usable)).choose()


def _of(usable: Sequence[Match], lane: str) -> list[Match]:
    return [match for match in usable if match[0].lane == lane and match[0].chooses]
