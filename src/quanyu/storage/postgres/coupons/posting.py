"""What the steps of a write cost, put to the book, which decides the caps."""

from collections.abc import Sequence

import psycopg

from quanyu.events.once import Raced
from quanyu.ledger.refusals import Posted
from quanyu.promotions.coupons.postings import cap_reached, chain, stands_already
from quanyu.promotions.coupons.refusals import Refused
from quanyu.storage.postgres.coupons.ground import Ground
from quanyu.storage.postgres.coupons.saving import Taken
from quanyu.storage.postgres.coupons.steps import Key, NoMoney, key_of


def refused_by_the_book(
    tx: psycopg.Connection, ground: Ground, *, taken: Sequence[Taken]
) -> dict[Key, Refused]:
    """Everything else is posted. Raises Raced for what stands in the book already, and NoMoney
    for losses: they have happened, so somebody bears them."""
    chains = [(one, chain(one.command, one.step)) for one in taken]
    costly = [(one, posts) for one, posts in chains if posts]
    results = ground.post(tx, [posts for _, posts in costly])
    refused: dict[Key, Refused] = {}
    for (one, _), result in zip(costly, results, strict=True):
        if stands_already(result):
            raise Raced
        if not isinstance(result, Posted):
            refused[key_of(one.command)] = cap_reached(result, one.step)
    losses = frozenset(key_of(one.command) for one in taken if one.step.lost) & refused.keys()
    if losses:
        raise NoMoney(losses)
    return refused
