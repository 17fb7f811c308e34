"""One piece of evidence, in figures and in words, without the name of anybody or of any device."""

import msgspec


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One feature of one group. Shares are between 0 and 1, of the orders where it is known."""

    feature: str
    label: str
    value: float
    """Share of the group; of a dense block: of its buyer × item pairs."""
    usual: float
    """The same outside all groups; of a dense block: what chance would bring."""
    known: float
    """Share of the group of which it is known."""
    points: float
    """What it brings an order that shows it; below 0: it speaks for the group."""
    why: str
