"""A version of a piece as the library keeps it, and the history of what was done with it."""

from hashlib import sha256
from typing import Any

import msgspec

from quanyu.clock import format_iso
from quanyu.content.library.states import PieceState
from quanyu.content.piece import Piece
from quanyu.errors import BadInput
from quanyu.events.scrub import NO_NAME, is_plain_name, scrub_text

ACTOR_MAX = 64
NOTE_MAX = 500


class Version(msgspec.Struct, frozen=True, tag="version"):
    piece: Piece
    number: int
    """From 1, per piece."""
    state: PieceState
    author: str
    since_us: int
    """In that state."""
    submitter: str = ""
    """Who asked for approval last."""

    @property
    def hash(self) -> str:
        """Of what it says: an approval is of this and of nothing else."""
        return content_hash(self.piece)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.piece.id, "version": self.number, "state": self.state.value,
            "kind": self.piece.kind, "title": self.piece.title, "author": self.author,
            "since": format_iso(self.since_us), "hash": self.hash,
        }  # fmt: skip


class Change(msgspec.Struct, frozen=True):
    """One line of the history of a piece."""

    number: int
    verb: str
    """A PieceVerb, or ``add``."""
    before: str
    after: str
    actor: str
    at_us: int
    note: str = ""
    verdict: str = ""
    """What the gate said, where it was asked; warnings pass."""

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return {**told, "at": format_iso(told.pop("at_us"))}


class By(msgspec.Struct, frozen=True):
    """Who does it, and why. Raises BadInput."""

    actor: str
    note: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.actor) <= ACTOR_MAX or not self.actor.isprintable():
            raise BadInput("actor", f"say who does it, in 1 to {ACTOR_MAX} characters")
        if not is_plain_name(self.actor):
            raise BadInput("actor", NO_NAME)
        if len(self.note) > NOTE_MAX or "\0" in self.note:
            raise BadInput("note", f"say why in up to {NOTE_MAX} characters")
        msgspec.structs.force_setattr(self, "note", scrub_text(self.note))


def content_hash(piece: Piece) -> str:
    return sha256(msgspec.json.encode(piece, order="deterministic")).hexdigest()
