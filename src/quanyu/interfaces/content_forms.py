"""Pieces and who signs for them, read alike by every door."""

from typing import Any

import msgspec

from quanyu.content.checking import checked_piece
from quanyu.content.library.version import By
from quanyu.content.piece import Piece
from quanyu.strict import converted, decoded


def signed(actor: str, note: str = "") -> By:
    """Raises BadInput."""
    return By(actor, note)


def told_by(actor: str, note: str) -> list[str]:
    """Of a request: another note under the same key is another request."""
    return [actor, note] if note else [actor]


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    piece: dict[str, Any]
    actor: str
    note: str = ""
    mark_ad: bool = False

    @property
    def by(self) -> By:
        return By(self.actor, self.note)


def read_draft(raw: bytes, *, piece: str) -> tuple[Draft, Piece]:
    """``piece``: the id, which the address says. Raises BadInput."""
    draft = decoded(raw, Draft, name="body")
    return draft, read_piece({**draft.piece, "id": piece}, name="piece")


def read_piece(tree: Any, *, name: str) -> Piece:
    """Out of a parsed document. Raises BadInput."""
    return checked_piece(converted(tree, Piece, name=name))


def read_pieces(text: bytes) -> list[Piece]:
    """One, or an array of them. Raises BadInput with the place."""
    tree = decoded(text, object, name="pieces")
    trees = tree if isinstance(tree, list) else [tree]
    return [read_piece(one, name=f"pieces[{place}]") for place, one in enumerate(trees)]
