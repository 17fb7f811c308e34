"""How long personal data is kept, as data (``terms.toml``), and what an installation changes."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import msgspec

from quanyu.clock import DAY_US
from quanyu.errors import BadInput

DAYS_MAX = 36_500


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


class _Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days: dict[str, int] = {}


@cache
def shipped_terms() -> Mapping[str, Term]:
    raw = resources.files(__package__).joinpath("terms.toml").read_bytes()
    return MappingProxyType(msgspec.toml.decode(raw, type=_Terms).term)


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
