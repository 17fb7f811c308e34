"""Faults of a piece or a show that no single field shows."""

import msgspec

from quanyu.compliance.industries import PARENT
from quanyu.content.piece import Piece
from quanyu.errors import BadInput


def checked_piece(piece: Piece) -> Piece:
    """Raises BadInput."""
    must_be_storable(piece, name="piece")
    must_be_industry(piece.industry, name="piece")
    if not any(one.text.strip() or one.seconds for one in piece.segments):
        raise BadInput("piece.segments", "say something in at least one segment")
    if piece.arm_of == piece.id:
        raise BadInput("piece.arm_of", "name another piece, or leave it out")
    return piece


def must_be_industry(industry: str, *, name: str) -> None:
    if industry not in PARENT:
        raise BadInput(f"{name}.industry", f"choose from {', '.join(PARENT)}")


def must_be_storable(form: msgspec.Struct, *, name: str) -> None:
    """Half a surrogate pair cannot be written as UTF-8; U+0000 no database keeps."""
    try:
        text = msgspec.json.encode(form)
    except UnicodeEncodeError:
        raise BadInput(name, "leave out halves of surrogate pairs") from None
    if b"\\u0000" in text:
        raise BadInput(name, "leave out U+0000: no database keeps it in a text")
