"""The register of personal data: every stored field, what it may be used for, how long, and how
it is erased and handed out (PIPL 6, 19, 51; the record of processing of 《网络数据安全管理条例》).

``register/*.toml``, one file per area. A field that is in no file does not pass ``quanyu audit``.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

import msgspec

from quanyu.customers.privacy.purposes import purposes
from quanyu.customers.privacy.terms import shipped_terms
from quanyu.errors import BadInput

Erased = Literal["deleted", "replaced", "rewritten", "expires", "kept"]
"""What an erasure does: rows go; a random name takes the person's place; the bytes are written
without the person; it goes by its term at the latest; it stays, and ``why`` says why."""


class DataClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: str
    sensitive: bool


class _Classes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    classes: dict[str, DataClass] = msgspec.field(name="class")


class Personal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A field that deviates from its table."""

    kind: str = msgspec.field(name="class")
    purposes: tuple[str, ...] = ()


class Holding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table, a file or the props of events: what of a person stands in it."""

    about: str = ""
    personal: dict[str, str | Personal] = {}
    """Field → class, or class with purposes of its own."""
    impersonal: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    term: str = ""
    erased: Erased | None = None
    exported: str = ""
    """Section of the copy that a person gets."""
    why: str = ""
    """Why it is kept at an erasure, or not handed out."""

    def purposes_of(self, field: str) -> tuple[str, ...]:
        own = self.personal[field]
        return own.purposes if isinstance(own, Personal) and own.purposes else self.purposes

    def class_of(self, field: str) -> str:
        own = self.personal[field]
        return own.kind if isinstance(own, Personal) else own

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.personal) | frozenset(self.impersonal)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    table: dict[str, Holding]


Register = Mapping[str, Holding]


@cache
def classes() -> Mapping[str, DataClass]:
    raw = resources.files(__package__).joinpath("classes.toml").read_bytes()
    return MappingProxyType(msgspec.toml.decode(raw, type=_Classes).classes)


@cache
def register() -> Register:
    """The shipped register. Raises BadInput for a field without class, purpose or term."""
    folder = resources.files(__package__).joinpath("register")
    files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return read_register({file.name: file.read_bytes() for file in files})


def read_register(files: Mapping[str, bytes]) -> Register:
    """Name of file → TOML. Raises BadInput with the file and the field."""
    found: dict[str, Holding] = {}
    for name, raw in sorted(files.items()):
        try:
            tables = msgspec.toml.decode(raw, type=_File).table
        except msgspec.DecodeError as error:
            raise BadInput(name, str(error)) from None
        for table, holding in tables.items():
            if table in found:
                raise BadInput(f"{name}: {table}", "is registered twice")
            for field, fault in _faults(holding):
                raise BadInput(f"{name}: {table}.{field}", fault)
            found[table] = holding
    return MappingProxyType(found)


def _faults(holding: Holding) -> Iterator[tuple[str, str]]:
    for field in holding.personal.keys() & set(holding.impersonal):
        yield field, "is personal or impersonal, not both"
    if holding.personal:
        yield from _table_faults(holding)
    for field in holding.personal:
        if holding.class_of(field) not in classes():
            yield field, f"class is not one of {', '.join(sorted(classes()))}"
        if not holding.purposes_of(field):
            yield field, "has no purpose (PIPL 6: say what it is for)"
        for purpose in holding.purposes_of(field):
            if purpose not in purposes():
                yield field, f"{purpose!r} is not one of {', '.join(sorted(purposes()))}"


def _table_faults(holding: Holding) -> Iterator[tuple[str, str]]:
    if holding.term not in shipped_terms():
        yield "term", f"is not one of {', '.join(sorted(shipped_terms()))} (PIPL 19)"
    if holding.erased is None:
        yield "erased", "say what an erasure does with it (PIPL 47)"
    if (holding.erased in ("kept", "expires") or not holding.exported) and not holding.why:
        yield "why", "say why it is kept at an erasure, or not handed out (PIPL 45, 50)"


def unregistered(
    stored: Iterable[tuple[str, str]], known: Register | None = None
) -> tuple[str, ...]:
    """Of what is stored, (table, field), that of which the register does not say whether it is
    personal and what for; in order."""
    holdings = register() if known is None else known
    return tuple(
        f"{table}.{field}"
        for table, field in sorted(stored)
        if table not in holdings or field not in holdings[table].fields
    )


def vanished(stored: Iterable[tuple[str, str]], known: Register | None = None) -> tuple[str, ...]:
    """What the register names in tables that exist, and nobody stores."""
    holdings, there = register() if known is None else known, set(stored)
    tables = {table for table, _ in there}
    return tuple(
        f"{table}.{field}"
        for table in sorted(tables & holdings.keys())
        for field in sorted(holdings[table].fields)
        if (table, field) not in there
    )
