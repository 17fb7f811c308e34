"""The price that an offer is compared with where it is shown (原价, 划线价)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from quanyu.promotions.pricing.cart import Word

Basis = Annotated[str, Meta(max_length=100)]
Reason = Annotated[str, Meta(max_length=500)]


class Compared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    shop: Word
    """Whose trades it is held against."""
    reference: Annotated[int, Meta(ge=1, le=10**11)]
    """Fen of one unit."""
    basis: Basis = ""
    """What it is, as it stands beside it; empty: a price of this shop from before."""
    reason: Reason = ""
    """Why the price went up shortly before, where it did."""
