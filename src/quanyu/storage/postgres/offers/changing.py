"""The steps of a change: lock, move, publish, note."""

from typing import NamedTuple

import msgspec
import psycopg

from quanyu.ledger.book import Book
from quanyu.ledger.refusals import Posted
from quanyu.promotions.offers.accounts import accounts, funding
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.ports import By
from quanyu.promotions.offers.terms import Template
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class Locked(NamedTuple):
    offer_no: int
    state: OfferState
    submitted_by: str | None


def lock(tx: psycopg.Connection, merchant: str, *, offer: str) -> Locked | None:
    args = {"merchant_no": merchant_no(tx, merchant), "offer": offer}
    row = tx.execute(sql("offers/lock"), args).fetchone()
    return None if row is None else Locked(row[0], OfferState(row[1]), row[2])


def note(
    tx: psycopg.Connection, offer_no: int, *, by: By, what: str, ends: tuple[str, str]
) -> None:
    """A line of history; ``ends``: before and after."""
    args = {
        "offer_no": offer_no,
        "at_us": by.at_us,
        "actor": by.actor,
        "what": what,
        "before": ends[0],
        "after": ends[1],
        "note": by.note,
    }
    tx.execute(sql("offers/note"), args)
    killpoint("offers.noted")


def move(
    tx: psycopg.Connection, locked: Locked, *, after: OfferState, submitted_by: str | None
) -> None:
    args = {
        "offer_no": locked.offer_no,
        "before": locked.state.value,
        "after": after.value,
        "submitted_by": submitted_by,
    }
    changed = tx.execute(sql("offers/move"), args).rowcount
    assert changed == 1, "a locked offer stays as it was seen"
    killpoint("offers.moved")


def publish(tx: psycopg.Connection, book: Book[psycopg.Connection], *, offer: Offer) -> None:
    """Opens the accounts and puts both caps into them. An offer is published once."""
    offline = offer.template.offline is not None
    book.open(tx, accounts(offer.merchant, offer.id, offline=offline))
    chain = funding(offer.merchant, offer.id, template=offer.template)
    (outcome,) = book.post(tx, [chain])
    assert isinstance(outcome, Posted), f"the funding of a new offer was refused: {outcome}"
    killpoint("offers.funded")


def add(tx: psycopg.Connection, merchant: str, *, template: Template, at_us: int) -> int | None:
    """Number of the new draft; None when its id is taken."""
    args = {
        "merchant_no": merchant_no(tx, merchant),
        "offer": template.terms["id"],
        "template": msgspec.json.encode(template),
        "at_us": at_us,
    }
    row = tx.execute(sql("offers/add"), args).fetchone()
    return None if row is None else int(row[0])


def turn(
    tx: psycopg.Connection, merchant: str, *, offer: str | None, killed: bool
) -> list[tuple[int, str]]:
    """(number, name) of the offers whose kill switch has turned."""
    args = {"merchant_no": merchant_no(tx, merchant), "offer": offer, "killed": killed}
    return tx.execute(sql("offers/kill"), args).fetchall()


def reset(tx: psycopg.Connection, locked: Locked) -> bool:
    """False when the breaker had not tripped."""
    args = {"offer_no": locked.offer_no}
    if tx.execute(sql("offers/reset_breaker"), args).rowcount == 0:
        return False
    tx.execute(sql("offers/forget_minutes"), args)
    return True
