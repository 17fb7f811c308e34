"""What can happen to points, and between which accounts it moves them.

A rule makes moves; rows and postings both follow from them.
"""

from enum import StrEnum

import msgspec

from quanyu.customers.identity.anchors import Identifier
from quanyu.ledger.accounts import Account, Limit, path
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.loyalty.programmes import Programme


class Part(StrEnum):
    """Accounts of a programme; the last three exist once per member."""

    MINTED = "minted"
    SPENT = "spent"
    EXPIRED = "expired"
    PENDING = "pending"
    AVAILABLE = "available"
    DEBT = "debt"


OF_MEMBER = (Part.PENDING, Part.AVAILABLE, Part.DEBT)


class Kind(StrEnum):
    GRANT_PENDING = "grant_pending"
    GRANT = "grant"
    MATURE = "mature"
    SPEND = "spend"
    RESTORE = "restore"
    EXPIRE = "expire"
    TAKE_BACK_PENDING = "take_back_pending"
    TAKE_BACK = "take_back"
    HAND_OVER = "hand_over"
    """The receiver's lot is granted by the same move."""
    OWE = "owe"
    PAY_DEBT = "pay_debt"


POSTINGS: dict[Kind, tuple[Part, Part]] = {
    Kind.GRANT_PENDING: (Part.MINTED, Part.PENDING),
    Kind.GRANT: (Part.MINTED, Part.AVAILABLE),
    Kind.MATURE: (Part.PENDING, Part.AVAILABLE),
    Kind.SPEND: (Part.AVAILABLE, Part.SPENT),
    Kind.RESTORE: (Part.SPENT, Part.AVAILABLE),
    Kind.EXPIRE: (Part.AVAILABLE, Part.EXPIRED),
    Kind.TAKE_BACK_PENDING: (Part.PENDING, Part.MINTED),
    Kind.TAKE_BACK: (Part.AVAILABLE, Part.MINTED),
    Kind.HAND_OVER: (Part.AVAILABLE, Part.AVAILABLE),
    Kind.OWE: (Part.DEBT, Part.MINTED),
    Kind.PAY_DEBT: (Part.AVAILABLE, Part.DEBT),
}
"""Debit → credit."""


class Move(msgspec.Struct, frozen=True):
    kind: Kind
    member: int
    lot: int
    version: int
    """Of the lot after the move: (lot, version) names a move once and for all."""
    points: int
    to: int | None = None
    """The other member of a HAND_OVER."""


def account(programme: Programme, part: Part, *, member: int | None = None) -> str:
    whose = ("m", str(member)) if part in OF_MEMBER else ()
    return path("points", programme.owner, programme.name, *whose, part.value)


def unit(programme: Programme) -> str:
    return f"points:{path(programme.owner, programme.name)}"


def accounts_of(programme: Programme) -> list[Account]:
    parts = [part for part in Part if part not in OF_MEMBER]
    return [Account(account(programme, p), unit(programme), programme.owner) for p in parts]


def accounts_of_member(programme: Programme, member: int) -> list[Account]:
    """Nobody spends what is not there: the book watches both purses."""
    limits = {Part.PENDING: Limit.DEBITS, Part.AVAILABLE: Limit.DEBITS, Part.DEBT: Limit.NONE}
    return [
        Account(account(programme, part, member=member), unit(programme), programme.owner, limit)
        for part, limit in limits.items()
    ]


def transfer(programme: Programme, move: Move, *, reference: str) -> Transfer:
    debit, credit = POSTINGS[move.kind]
    receiver = move.member if move.to is None else move.to
    return Transfer(
        transfer_id(programme.owner, "points", str(programme.id), str(move.lot), str(move.version)),
        account(programme, debit, member=move.member),
        account(programme, credit, member=receiver),
        move.points,
        f"points.{move.kind}",
        reference=reference,
    )


def named(programme: Programme, holder: Identifier, *, what: str) -> str:
    """One name per member for the ids of facts; the token itself stays out of them."""
    kind, token = holder
    return transfer_id(programme.owner, programme.name, kind, token.hex(), what).hex()
