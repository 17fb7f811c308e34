"""Kinds of identifier: how far each can be trusted, and which values are nobody's."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib import resources
from itertools import product
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from quanyu.errors import BadInput
from quanyu.ids import Token

STRONG = 60
"""From this strength on an identifier can stand for a person by itself."""
UNBOUNDED = 2**31 - 1
WILD_MAX = 3
OTHER = "other"


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a kind of identifier says about a person; the fields are explained in kinds.toml."""

    name: str
    label: str
    strength: Annotated[int, Meta(ge=0, le=100)]
    values: Literal["single", "multi"]
    cap: Annotated[int, Meta(ge=1)] = 1
    shared: Annotated[int, Meta(ge=0)] = UNBOUNDED
    blocked: tuple[str, ...] = ()

    @property
    def is_strong(self) -> bool:
        return self.strength >= STRONG


class Kinds:
    """All kinds by name; a name that is not listed is a weak kind of its own."""

    def __init__(self, known: Mapping[str, Kind], blocked_everywhere: Collection[str] = ()) -> None:
        self._known = known
        self._blocked_everywhere = tuple(blocked_everywhere)
        self._blocked: dict[str, frozenset[str]] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._known))

    def of(self, name: str) -> Kind:
        kind = self._known.get(name)
        return msgspec.structs.replace(self._known[OTHER], name=name) if kind is None else kind

    def strength(self, name: str) -> int:
        return self._known.get(name, self._known[OTHER]).strength

    def strongest(self, identifiers: Iterable[tuple[str, Token]]) -> tuple[str, Token]:
        """The one with the greatest strength; ties go to the smaller name, then token."""
        return min(identifiers, key=lambda one: (-self.strength(one[0]), one))

    def blocked_values(self, name: str) -> frozenset[str]:
        """Every value of this kind that stands for nobody, in lower case."""
        found = self._blocked.get(name)
        if found is None:
            templates = (*self._blocked_everywhere, *self.of(name).blocked)
            found = frozenset(value for one in templates for value in expanded(one.lower()))
            self._blocked[name] = found
        return found

    def is_blocked(self, name: str, value: str) -> bool:
        return value.strip().lower() in self.blocked_values(name)


def expanded(template: str) -> Iterator[str]:
    """``"1##0"`` → ``"1000" … "1990"``. Finite, so that tokens can be compared as well."""
    pieces = template.split("#")
    for digits in product("0123456789", repeat=len(pieces) - 1):
        yield pieces[0] + "".join(d + piece for d, piece in zip(digits, pieces[1:], strict=True))


@cache
def shipped_kinds() -> Kinds:
    return parse((resources.files("quanyu.customers.identity") / "kinds.toml").read_bytes())


def parse(raw: bytes, name: str = "kinds.toml") -> Kinds:
    """Reads ``[kind.NAME]`` tables and ``blocked_everywhere``. Raises BadInput."""
    try:
        document = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(name, f"write valid TOML in UTF-8: {error}") from error
    if unknown := document.keys() - {"kind", "blocked_everywhere"}:
        raise BadInput(f"{name}: {min(unknown)}", "write [kind.NAME] and blocked_everywhere")
    tables = document.get("kind", {})
    if not isinstance(tables, dict) or OTHER not in tables:
        raise BadInput(f"{name}: kind", "write [kind.NAME] tables, one of them [kind.other]")
    known = {kind: _kind(f"{name}: kind {kind!r}", kind, raw=tables[kind]) for kind in tables}
    return Kinds(known, document.get("blocked_everywhere", ()))


def _kind(place: str, name: str, *, raw: Any) -> Kind:
    try:
        kind = msgspec.convert({**raw, "name": name}, Kind)
    except (msgspec.ValidationError, TypeError) as error:
        raise BadInput(place, str(error)) from error
    if (kind.values == "single") != (kind.cap == 1):
        raise BadInput(f"{place}: cap", "single means cap 1; several values mean multi")
    if any(one.count("#") > WILD_MAX for one in kind.blocked):
        raise BadInput(f"{place}: blocked", f"write at most {WILD_MAX} '#' in a value")
    return kind
