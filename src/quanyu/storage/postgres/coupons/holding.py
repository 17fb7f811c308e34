"""Coupons that somebody names: those that are the person's, with their batch."""

from collections.abc import Sequence

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.coupons.coupon import Coupon
from quanyu.promotions.offers.answers import Offer
from quanyu.storage.postgres.coupons.loading import Person
from quanyu.storage.postgres.coupons.store import found
from quanyu.storage.postgres.offers import reading


def held(
    tx: psycopg.Connection, merchant: str, *, ids: Sequence[str], holder: Identifier, person: Person
) -> list[tuple[Coupon, Offer]]:
    """In the order of naming."""
    mine = set(person(tx, merchant, holder))
    coupons = {one.id: one for one in found(tx, merchant, wanted={"ids": list(ids)})}
    own = [coupons[id] for id in ids if id in coupons and coupons[id].holder in mine]
    batches = {
        name: reading.found(tx, merchant, offer=name)[0] for name in {one.offer for one in own}
    }
    return [(one, batches[one.offer]) for one in own]
