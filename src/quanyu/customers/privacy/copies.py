"""The copy of everything that is held of a person (PIPL 45): machine-readable, to take along."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from quanyu.clock import format_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.ids import Tokeniser

FORMAT = "quanyu-person-copy/1"
Document = dict[str, Any]


class Profiles(Protocol):
    def export(self, merchant: str, identifier: str) -> Document | None:
        """Identifiers, tags, events and consents; None when nobody has the identifier."""


class Belongings(Protocol):
    def meet(self, merchant: str, identifier: Identifier) -> None:
        """Note an identifier that holds something and that no event has named."""

    def of(self, merchant: str, identifier: Identifier) -> Mapping[str, Sequence[Document]]:
        """Section → entries, of everything besides; moments are ``…_us``."""


class Copies:
    """One document per person; docs/privacy.md names the sections."""

    def __init__(
        self,
        profiles: Profiles,
        belongings: Belongings,
        *,
        tokeniser_of: Callable[[str], Tokeniser],
    ) -> None:
        self._profiles = profiles
        self._belongings = belongings
        self._tokeniser_of = tokeniser_of

    def of(self, merchant: str, identifier: str) -> Document | None:
        """None when nobody has the identifier. Raises BadInput."""
        kind, value = read_identifier(identifier)
        token = kind, self._tokeniser_of(merchant).token(kind, value)
        self._belongings.meet(merchant, token)
        held = self._profiles.export(merchant, identifier)
        if held is None:
            return None
        sections = self._belongings.of(merchant, token)
        return {"format": FORMAT, **held, **{name: dated(list(s)) for name, s in sections.items()}}


def dated(thing: Any) -> Any:
    """Moments as people read them: ``paid_us: 1…`` becomes ``paid_at: 2026-…+08:00``."""
    if isinstance(thing, list):
        return [dated(one) for one in thing]
    if not isinstance(thing, dict):
        return thing
    return dict(_dated(name, value) for name, value in thing.items())


def _dated(name: str, value: Any) -> tuple[str, Any]:
    if name == "at_us" or name.endswith("_us"):
        shown = format_iso(value) if isinstance(value, int) else value
        return "at" if name == "at_us" else f"{name[:-3]}_at", shown
    return name, dated(value)
