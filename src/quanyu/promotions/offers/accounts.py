"""The accounts of an offer: pieces and money, each on its way from minted to its end."""

from functools import lru_cache

from quanyu.ledger.accounts import Account, Limit, path
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.offers.terms import Template

PIECES = ("minted", "free", "out", "used", "gone")
FEN = ("granted", "free", "out", "spent")
OFFLINE = ("offline_loss", "offline_debt")
"""What tills without a network have given for nothing: borne by the offer, owed by stores."""
LIMITED = {"free", "out", "used", "spent", *OFFLINE}


@lru_cache(maxsize=10_000)
def account(merchant: str, offer: str, *, unit: str, place: str) -> str:
    """``offer/tea/t1/pieces/free``"""
    return path("offer", merchant, offer, unit, place)


def store_debt(merchant: str, store: str) -> Account:
    """What a store owes the offers of a merchant."""
    return Account(path("party", merchant, store, "offline_debt"), "fen", merchant, Limit.CREDITS)


def accounts(merchant: str, offer: str, *, offline: bool = False) -> list[Account]:
    """``offline``: with those of an offer that tills take without a network."""
    fen = (*FEN, *OFFLINE) if offline else FEN
    units = {"pieces": "pieces:" + path(merchant, offer), "fen": "fen"}
    return [
        Account(
            account(merchant, offer, unit=unit, place=place),
            units[unit],
            merchant,
            Limit.DEBITS if place in LIMITED else Limit.NONE,
        )
        for unit, places in (("pieces", PIECES), ("fen", fen))
        for place in places
    ]


def funding(merchant: str, offer: str, *, template: Template) -> list[Transfer]:
    """What publishing puts into the free accounts: both caps."""
    caps = (("pieces", "minted", template.pieces), ("fen", "granted", template.money))
    return [
        Transfer(
            transfer_id(merchant, "offer.publish", offer, unit),
            account(merchant, offer, unit=unit, place=source),
            account(merchant, offer, unit=unit, place="free"),
            amount,
            "offer.publish",
            reference=offer,
        )
        for unit, source, amount in caps
    ]
