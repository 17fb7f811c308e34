"""Offers as they are read."""

import msgspec
import psycopg

from quanyu.ledger.book import Book
from quanyu.promotions.offers.accounts import accounts
from quanyu.promotions.offers.answers import Change, Offer
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.terms import Template
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql

_template = msgspec.json.Decoder(Template).decode


def found(tx: psycopg.Connection, merchant: str, *, offer: str | None = None) -> list[Offer]:
    """One, or all of the merchant, in the order in which they were made."""
    args = {"merchant_no": known_merchant_no(tx, merchant), "offer": offer}
    return [
        Offer(merchant, name, _template(bytes(template)), OfferState(state), killed, tripped)
        for name, template, state, killed, tripped in tx.execute(sql("offers/find"), args)
    ]


def offer_of(tx: psycopg.Connection, merchant: str, *, offer: str) -> Offer | None:
    return next(iter(found(tx, merchant, offer=offer)), None)


def history(tx: psycopg.Connection, merchant: str, *, offer: str) -> list[Change]:
    args = {"merchant_no": known_merchant_no(tx, merchant), "offer": offer}
    return [Change(*row) for row in tx.execute(sql("offers/history"), args)]


def offer_balances(
    tx: psycopg.Connection, book: Book[psycopg.Connection], *, merchant: str, offer: str
) -> dict[str, int]:
    """``pieces/free`` → credits minus debits."""
    known = accounts(merchant, offer, offline=True)
    balances = book.balances(tx, [one.id for one in known])
    return {
        "/".join(one.id.split("/")[-2:]): balances[one.id].posted
        for one in known
        if one.id in balances
    }
