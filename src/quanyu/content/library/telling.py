"""What the library tells of a piece: shares, the ad label, and where its links lead."""

from typing import Any

from quanyu.compliance.policy import Policy
from quanyu.content.library.shares import shares_of
from quanyu.content.piece import Piece
from quanyu.content.policy import limit_permille


def shares_json(piece: Piece, policy: Policy) -> dict[str, Any]:
    limit = limit_permille(policy, piece.kind)
    return {
        **shares_of(piece.segments).as_json(limit),
        "sells": piece.sells,
        "marked_as_ad": piece.marked_as_ad,
        "needs_ad_mark": piece.sells and not piece.marked_as_ad,
        "items": sorted({item for one in piece.segments for item in one.items}),
        "stores": sorted({store for one in piece.segments for store in one.stores}),
    }
