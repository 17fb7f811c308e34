"""What time does to offers: those without free pieces are exhausted, those past their end end."""

import msgspec

from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.lifecycle import OfferState, OfferVerb
from quanyu.promotions.offers.ports import By
from quanyu.promotions.offers.terms import Template
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.offers.store import PostgresOffers
from quanyu.storage.postgres.sql_files import sql


def settle(database: Database, offers: PostgresOffers, *, now_us: int) -> int:
    """Returns how many have moved on."""
    with database.transaction() as tx:
        rows = tx.execute(sql("offers/open_ones")).fetchall()
    done = 0
    for merchant, offer, template, state in rows:
        last_us = msgspec.json.decode(template, type=Template).last_us
        left = offers.balances(merchant, offer).get("pieces/free", 0)
        verb = _due(OfferState(state), left, over=last_us is not None and last_us <= now_us)
        if verb is not None:
            by = By("quanyu", now_us, f"{offer}/{now_us}")
            done += isinstance(offers.move(merchant, offer, verb=verb, by=by), Offer)
    return done


def _due(state: OfferState, left: int, *, over: bool) -> OfferVerb | None:
    if over:
        return OfferVerb.END
    return OfferVerb.EXHAUST if state is OfferState.ACTIVE and not left else None
