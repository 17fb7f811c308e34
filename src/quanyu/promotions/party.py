"""Parties in the ids of accounts: merchants have names of any alphabet, ids have not."""

import re
from hashlib import sha256

from quanyu.ledger.accounts import Account

_PLAIN = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def path_of(party: str) -> str:
    """The name itself where it can stand in an id, else ``@`` and a hash of it."""
    if _PLAIN.fullmatch(party):
        return party
    return f"@{sha256(party.encode()).hexdigest()[:24]}"


def payable(party: str) -> Account:
    """What the clearing owes a party: its credit, in fen."""
    return Account(f"party/{path_of(party)}/payable", "fen", party)
