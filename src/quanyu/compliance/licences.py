"""Licences, filings and approvals: their kinds as dated data, and what state one is in on a day."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Annotated

import msgspec
from msgspec import Meta

from quanyu.errors import BadInput

WARN_DAYS = 30
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Text = Annotated[str, Meta(min_length=1, max_length=128)]


class LicenceState(StrEnum):
    NOT_YET = "not_yet"
    VALID = "valid"
    EXPIRING = "expiring"
    """Its last day comes within 30 days."""
    EXPIRED = "expired"


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    label: str
    instrument: str
    number: str
    """What its numbers look like; empty: no fixed form."""
    since: date
    until: date | None = None
    per_product: bool = False
    """Each product has its own, so that an item may carry the number itself."""
    creative: bool = False
    """It covers the approved text and no other."""
    open_ended: bool = False
    """It may have no last day."""


class _Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: tuple[Kind, ...]


@cache
def licence_kinds() -> Mapping[str, Kind]:
    body = resources.files(__package__).joinpath("licences.toml").read_bytes()
    found = msgspec.toml.decode(body, type=_Kinds)
    return MappingProxyType({kind.name: kind for kind in found.kind})


class Licence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One paper of a merchant. It holds from its first day to its last, both included."""

    kind: str
    number: Text
    holder: Text
    """The company that it names."""
    valid_from: date
    valid_to: date | None = None
    scope: Annotated[tuple[Text, ...], Meta(max_length=50)] = ()
    """What it allows, as it stands on it: 热食类食品制售, 预包装食品销售 …"""
    shops: Annotated[tuple[Text, ...], Meta(max_length=10_000)] = ()
    """Empty: all of the merchant."""
    file_sha256: Sha256 | None = None
    creatives: Annotated[tuple[Sha256, ...], Meta(max_length=1_000)] = ()
    """Hashes of the approved texts (``creative_of``)."""

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.number}"

    def state(self, on: date) -> LicenceState:
        if on < self.valid_from:
            return LicenceState.NOT_YET
        if self.valid_to is None:
            return LicenceState.VALID
        if on > self.valid_to:
            return LicenceState.EXPIRED
        soon = self.valid_to - on <= timedelta(days=WARN_DAYS)
        return LicenceState.EXPIRING if soon else LicenceState.VALID

    def in_force(self, on: date) -> bool:
        return self.state(on) in (LicenceState.VALID, LicenceState.EXPIRING)

    def covers(self, shops: tuple[str, ...]) -> bool:
        """All of these shops; a showing that names none is for all."""
        return not self.shops or (bool(shops) and set(shops) <= set(self.shops))

    def check(self) -> None:
        """Raises BadInput for what its kind does not allow."""
        kind = licence_kinds().get(self.kind)
        if kind is None:
            raise BadInput("kind", f"choose from {', '.join(licence_kinds())}")
        if kind.number and re.fullmatch(kind.number, self.number, re.ASCII) is None:
            raise BadInput("number", f"{self.number[:40]} 不是{kind.label}的编号格式")
        if self.valid_to is None and not kind.open_ended:
            raise BadInput("valid_to", f"{kind.label}有有效期，请填写截止日")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise BadInput("valid_to", "let it end after it begins")
        if self.valid_from < kind.since or (kind.until and self.valid_from > kind.until):
            raise BadInput("valid_from", f"{kind.label}自 {kind.since} 起才有")
        if self.creatives and not kind.creative:
            raise BadInput("creatives", f"{kind.label}不审定内容，请去掉")


def looks_like(kind: str, number: str) -> bool:
    """Has the number the form of such a licence?"""
    form = licence_kinds()[kind].number
    return bool(form) and re.fullmatch(form, number, re.ASCII) is not None


def approved_text(texts: Mapping[str, str]) -> str:
    """What an approval is about: the texts in their order, one per line, to the letter."""
    return "\n".join(text for text in texts.values() if text)
