"""What the steps of a write cost, put to the book, which decides the caps."""

from collections.abc import Sequence

import psycopg

from quanyu.ledger.refusals import Posted
from quanyu.promotions.coupons.postings import cap_reached, chain, stands_already
from quanyu.promotions.coupons.refusals import Refused
from quanyu.storage.postgres.coupons.ground import Ground
from quanyu.storage.postgres.coupons.saving import Taken
from quanyu.storage.postgres.coupons.steps import Key, Raced, key_of


def refused_by_the_book(
    tx: psycopg.Connection, ground: Ground, *, taken: Sequence[Taken]
) -> dict[Key, Refused]:
    """Everything else is posted. Raises Raced for what stands in the book already."""
    costly = [one for one in taken if one.step.moves]
    results = ground.post(tx, [chain(one.command, one.step) for one in costly])
    refused: dict[Key, Refused] = {}
    for one, result in zip(costly, results, strict=True):
        if stands_already(result):
            raise Raced
        if not isinstance(result, Posted):
            refused[key_of(one.command)] = cap_reached(result, one.step)
    return refused
