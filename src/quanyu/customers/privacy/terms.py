"""How long personal data is kept, as data (``terms.toml``), and what an installation changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import msgspec

from quanyu.clock import DAY_US
from quanyu.errors import BadInput
from quanyu.events.event import Event

DAYS_MAX = 36_500
OTHER_KINDS = "trade"
BIRTH_YEAR = "birth_year"


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    label: str
    days: int | None = None
    """Whole days; None: until the person is erased."""
    days_min: int = 0
    """What a statute demands; nothing shortens it."""
    since: str = msgspec.field(name="from")
    law: str = ""
    why: str = ""

    def cutoff_us(self, now_us: int) -> int | None:
        """What is older than this moment is past its term; None: nothing ever is."""
        return None if self.days is None else now_us - self.days * DAY_US


class _Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    term: dict[str, Term]
    kinds: dict[str, tuple[str, ...]]


class _Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days: dict[str, int] = {}


@cache
def _shipped() -> _Terms:
    raw = resources.files(__package__).joinpath("terms.toml").read_bytes()
    return msgspec.toml.decode(raw, type=_Terms)


def shipped_terms() -> Mapping[str, Term]:
    return MappingProxyType(_shipped().term)


def term_of(kind: str) -> str:
    """The term that events of a kind fall under."""
    return _terms_of_kinds().get(kind, OTHER_KINDS)


@cache
def _terms_of_kinds() -> Mapping[str, str]:
    return {kind: term for term, kinds in _shipped().kinds.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is past its term at a moment. The same moment gives the same answer in every store."""

    terms: Mapping[str, Term]
    now_us: int

    def cutoff_us(self, term: str) -> int:
        """What is older is past its term; 0 where nothing ever is."""
        return self.terms[term].cutoff_us(self.now_us) or 0

    @property
    def cutoffs_us(self) -> Mapping[str, int]:
        """Kind of event → cutoff, for the kinds that are named."""
        return {kind: self.cutoff_us(term) for kind, term in _terms_of_kinds().items()}

    @property
    def other_us(self) -> int:
        """The cutoff of every kind that is not named."""
        return self.cutoff_us(OTHER_KINDS)

    @property
    def latest_us(self) -> int:
        """No event from this moment on is past its term."""
        return max([self.other_us, *self.cutoffs_us.values()])

    def is_past(self, event: Event) -> bool:
        """Counted from when the event was received: imports of old behaviour are not old data."""
        cutoff_us = self.cutoffs_us.get(event.kind, self.other_us)
        return event.received_us < cutoff_us and BIRTH_YEAR not in event.props


def terms_of(file: Path) -> Mapping[str, Term]:
    """The shipped terms with the days of an installation's own file, if there is one:
    ``[days]`` with ``behaviour = 180``. Raises BadInput."""
    if not file.is_file():
        return shipped_terms()
    try:
        own = msgspec.toml.decode(file.read_bytes(), type=_Own).days
    except (msgspec.DecodeError, OSError) as error:
        raise BadInput(str(file), str(error)) from None
    return MappingProxyType(dict(shipped_terms()) | {k: _changed(k, d) for k, d in own.items()})


def _changed(key: str, days: int) -> Term:
    term = shipped_terms().get(key)
    if term is None or term.days is None:
        known = ", ".join(sorted(k for k, t in shipped_terms().items() if t.days is not None))
        raise BadInput(f"days.{key}", f"is not one of {known}")
    if not max(term.days_min, 1) <= days <= DAYS_MAX:
        law = f" ({term.law})" if term.law else ""
        raise BadInput(
            f"days.{key}", f"write whole days from {max(term.days_min, 1)} to {DAYS_MAX}{law}"
        )
    return msgspec.structs.replace(term, days=days)
