"""Coupons that somebody holds and could use now, with their offers: what an order looks at."""

from collections.abc import Sequence

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.coupons.coupon import Coupon
from quanyu.promotions.coupons.states import State
from quanyu.promotions.coupons.step import lapsed
from quanyu.promotions.offers.answers import Offer
from quanyu.storage.postgres.coupons.loading import Person
from quanyu.storage.postgres.coupons.store import found
from quanyu.storage.postgres.offers.reading import found as offers_of


def usable(
    tx: psycopg.Connection,
    merchant: str,
    *,
    whose: tuple[Identifier, Person],
    ids: Sequence[str],
    now_us: int,
) -> list[tuple[Coupon, Offer]]:
    """In the order of ``ids``; those of others, used, locked and expired ones are left out."""
    holder, person = whose
    coupons = {one.id: one for one in found(tx, merchant, wanted={"ids": list(ids)})}
    mine = (holder, *person(tx, merchant, holder))
    held = [coupons[id] for id in dict.fromkeys(ids) if id in coupons]
    good = [one for one in held if one.holder in mine and _is_usable(one, now_us)]
    offers = {name: offers_of(tx, merchant, offer=name) for name in {one.offer for one in good}}
    return [(one, offers[one.offer][0]) for one in good]


def _is_usable(coupon: Coupon, now_us: int) -> bool:
    now = lapsed(coupon, now_us)
    return now.state is State.ISSUED and now.expires_us > now_us
