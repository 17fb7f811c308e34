"""Rules of law as dated data (``rules/*.toml``): what held on a day, and where it is written."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

import msgspec

from quanyu.compliance.verdict import Hit, Severity

Source = Literal["V", "S", "K"]
"""Read in the published text; out of a secondary source; to be verified before quoting."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule holds from its first day to its last, both included."""

    id: str
    instrument: str
    article: str
    effective_from: date
    effective_to: date | None = None
    check: Literal["copy", "price", "trade", "qualification", "placement", "live", "contract",
                   "lottery", "person", "label"]  # fmt: skip
    severity: Severity
    source: Source
    why: str
    suggestion: str
    evidence: str | None = None
    """What proves the opposite, where something does."""
    industries: tuple[str, ...] = ()
    """Empty: all. An industry means those below it too."""
    except_industries: tuple[str, ...] = ()
    """Those below ``industries`` in which it does not hold; each means those below it too."""
    touchpoints: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    """Copy checks: what is looked for, and what it may stand in without being a hit."""
    exemptions: tuple[str, ...] = ()
    """Names of the tests that may lift it, in ``copy/exemptions.py``."""
    licences: tuple[str, ...] = ()
    """Kinds (``licences.toml``) of which one has to be in force."""
    creative: bool = False
    """The licence covers one approved text, and only to the letter."""
    advertising: bool = False
    """Only where it advertises."""
    replaces: str | None = None
    """The rule of a wider industry that this one stands instead of."""
    figures: Mapping[str, int] = {}
    """Limits of a rule that counts, with the unit in the name: ``prize_fen_max = 5000000``."""

    @property
    def cited(self) -> str:
        return f"{self.instrument}{self.article}"

    def holds(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def hit(self, field: str, *, why: str = "", suggestion: str = "") -> Hit:
        """Of a figure or a missing mark; hits in a text come from ``copy``."""
        return Hit(
            rule=self.id, article=self.cited, severity=self.severity, field=field,
            why=why or self.why, suggestion=suggestion or self.suggestion,
        )  # fmt: skip


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pack: str
    label: str
    rule: tuple[Rule, ...]


@cache
def rulebook() -> tuple[Rule, ...]:
    """All rules that ship, of every day. An id may stand several times, for different days."""
    files = sorted(
        (file for file in resources.files(__package__).joinpath("rules").iterdir()),
        key=lambda file: file.name,
    )
    packs = [msgspec.toml.decode(file.read_bytes(), type=Pack) for file in files
             if file.name.endswith(".toml")]  # fmt: skip
    return tuple(rule for pack in packs for rule in pack.rule)


def in_force(on: date, rules: Iterable[Rule] | None = None) -> Mapping[str, Rule]:
    """By id. Two rules of one id on one day would be a fault of the packs; a test looks."""
    return _shipped(on) if rules is None else _held(on, rules)


@lru_cache(maxsize=64)
def _shipped(on: date) -> Mapping[str, Rule]:
    return _held(on, rulebook())


def _held(on: date, rules: Iterable[Rule]) -> Mapping[str, Rule]:
    return MappingProxyType({rule.id: rule for rule in rules if rule.holds(on)})
