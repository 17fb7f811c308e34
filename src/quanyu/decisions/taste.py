"""What a person did lately, as ranking and recall read it. Nobody's where it may not be read."""

from dataclasses import dataclass

import msgspec

KINDS = ("view", "favourite", "add_to_cart", "payment_completed")
"""By weight, the weakest first."""
KEPT = 64
"""Deeds kept of each node, the newest."""


class Deed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    item: str
    kind: str
    """One of KINDS."""
    at_us: int


@dataclass(frozen=True, slots=True)
class Taste:
    """Newest last."""

    deeds: tuple[Deed, ...] = ()

    @property
    def known(self) -> bool:
        return bool(self.deeds)


NOBODY = Taste()
