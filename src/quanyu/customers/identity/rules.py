"""Rules of linking: why two identifiers are held to be one person's."""

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far an assertion under this name is trusted; the fields are explained in rules.toml."""

    name: str
    label: str
    strength: Annotated[int, Meta(ge=0, le=100)]
    by: Literal["engine", "caller", "review"]
    accept: float = float("-inf")

    @property
    def is_automatic(self) -> bool:
        """Nobody decided it, so it cannot undo what somebody decided."""
        return self.by == "engine"


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """Sorted by name; the place of a rule is its code in arrays."""
    raw = (resources.files("quanyu.customers.identity") / "rules.toml").read_text("utf-8")
    tables = tomllib.loads(raw)["rule"]
    return tuple(msgspec.convert({**tables[name], "name": name}, Rule) for name in sorted(tables))


def rule_code(name: str) -> int:
    """Place of the rule in ``shipped_rules``. Raises ValueError."""
    return [rule.name for rule in shipped_rules()].index(name)


def rule_names(*by: str) -> list[str]:
    """Names of the rules, or of those whose ``by`` is listed."""
    return [rule.name for rule in shipped_rules() if not by or rule.by in by]
