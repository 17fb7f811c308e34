"""What is kept of a decision: for explanation, for joining with what came of it, for learning."""

import msgspec

TRACE_BYTES = 16


class Record(msgspec.Struct, frozen=True, kw_only=True):
    trace: bytes
    """16 bytes."""
    at_us: int
    touchpoint: str
    nodes: tuple[int, ...] = ()
    """Of the person, where the answer was personalised; nobody's otherwise."""
    told: bytes
    """The explanation, packed; ``explanation.py`` reads it."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a slot: it was seen, clicked, bought from."""

    trace: bytes
    position: int
    kind: str
    """impression, click, favourite, add_to_cart, order_placed, payment_completed, store_visited"""
    at_us: int
    amount_fen: int = 0
