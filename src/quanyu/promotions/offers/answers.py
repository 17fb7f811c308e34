"""What is said about an offer: yes as the offer itself, no as a reason."""

from enum import StrEnum
from typing import Any

import msgspec

from quanyu.clock import format_iso
from quanyu.errors import Refused
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.terms import Template


class OfferRefusal(StrEnum):
    NOT_FOUND = "not_found"
    WRONG_STATE = "wrong_state"
    SAME_ACTOR = "same_actor"
    """Above the four-eyes limit somebody else has to approve."""
    ID_TAKEN = "id_taken"
    """An offer of that id exists with other terms."""
    NOT_TRIPPED = "not_tripped"


class Offer(msgspec.Struct, frozen=True, tag="offer"):
    """An offer as it stands."""

    merchant: str
    id: str
    template: Template
    state: OfferState
    killed: bool = False
    """The kill switch: nothing is issued, locked or redeemed, whatever the state says."""
    tripped: bool = False
    """The breaker has tripped; only a person resets it."""

    def as_json(self) -> dict[str, Any]:
        told = msgspec.to_builtins(self.template)
        switches = {"killed": self.killed, "tripped": self.tripped}
        face = {"face": self.template.face_fen}
        return {"offer": self.id, "state": self.state.value, **switches, **face, "template": told}


class Change(msgspec.Struct, frozen=True):
    """One line of an offer's history; lines are never changed."""

    at_us: int
    actor: str
    what: str
    before: str
    after: str
    note: str = ""

    def as_json(self) -> dict[str, str]:
        rest = {name: getattr(self, name) for name in ("actor", "what", "before", "after", "note")}
        return {"at": format_iso(self.at_us), **rest}


OfferAnswer = Offer | Refused
