"""The moment of a decision: where, when and around what, without who."""

from dataclasses import dataclass

from quanyu.decisions.asking import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    touchpoint: str
    at_us: int
    hour: int
    """0 to 23 in China."""
    weekday: int
    """0 is Monday."""
    words: tuple[str, ...] = ()
    """Of the scene: what the touchpoint's data says of this hour, and what is on screen."""
    query: tuple[str, ...] = ()
    """Tokens of what was typed."""
    here: Point | None = None
    route: tuple[Point, ...] = ()
    basket: tuple[str, ...] = ()
    """Items in hand: the basket, the open page, the paid order."""
    device: str = "phone"
