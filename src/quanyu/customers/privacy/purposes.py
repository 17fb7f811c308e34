"""What personal data may be used for, as data (``purposes.toml``)."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

import msgspec

from quanyu.errors import BadInput

Basis = Literal["contract", "notice", "consent"]
PERSONALISATION = "personalisation"
SHARING = "partner_sharing"


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    key: str
    label: str
    basis: Basis
    notice_version: int = 0
    """Consent to an older notice does not cover the purpose any more."""
    sensitive: bool = False
    names_recipient: bool = False
    """A yes is to somebody: who receives the data (PIPL 23)."""
    assessed: bool = False
    """Only with an impact assessment in force (PIPL 55)."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    purpose: tuple[Purpose, ...]


@cache
def purposes() -> Mapping[str, Purpose]:
    raw = resources.files(__package__).joinpath("purposes.toml").read_bytes()
    listed = msgspec.toml.decode(raw, type=_File).purpose
    return MappingProxyType({purpose.key: purpose for purpose in listed})


def purpose_named(key: str) -> Purpose:
    """Raises BadInput for a purpose that nobody declared."""
    if key not in purposes():
        raise BadInput("purpose", f"{key!r} is not one of {', '.join(sorted(purposes()))}")
    return purposes()[key]
