"""What a report counts: events of a kind, perhaps only those with certain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from quanyu.errors import BadInput
from quanyu.events.event import Event, PropValue
from quanyu.events.facts import FACT_TYPES


class Seen(NamedTuple):
    """An event and the person whom it belongs to: what every report is computed from."""

    person: int
    event: Event


@dataclass(frozen=True, slots=True)
class Step:
    kind: str
    where: tuple[tuple[str, tuple[PropValue, ...]], ...] = ()
    """(public field, allowed values): all must hold. A name that is not a field means a prop."""

    def __post_init__(self) -> None:
        if self.kind not in FACT_TYPES:
            raise BadInput("steps", f"{self.kind!r} is no kind of event; use one of {kinds()}")

    def matches(self, event: Event) -> bool:
        return event.kind == self.kind and matches_all(event, self.where)


Where = tuple[tuple[str, tuple[PropValue, ...]], ...]


def matches_all(event: Event, where: Where) -> bool:
    return all(_among(event.field(name), allowed) for name, allowed in where)


def _among(value: PropValue | None, allowed: Sequence[PropValue]) -> bool:
    """Equal and of the same type: the text ``"5"`` is not the number 5, True is not 1."""
    return any(value == one and type(value) is type(one) for one in allowed)


def where_of(conditions: Mapping[str, PropValue | Sequence[PropValue]]) -> Where:
    """``{"touchpoint": ["a", "b"], "city": "上海"}`` → the frozen form, sorted by name."""
    return tuple(
        (name, (value,) if isinstance(value, str | int | float) else tuple(value))
        for name, value in sorted(conditions.items())
    )


def parse_steps(text: str) -> tuple[Step, ...]:
    """``"view,add_to_cart"`` → steps. Raises BadInput."""
    return tuple(Step(name.strip()) for name in text.split(","))


def kinds() -> str:
    return ", ".join(sorted(FACT_TYPES))
