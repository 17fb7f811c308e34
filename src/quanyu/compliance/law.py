"""The rules of one kind of check, as they hold on one day: what a check asks for by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from quanyu.compliance.rulebook import Rule, in_force, rulebook
from quanyu.compliance.verdict import Hit
from quanyu.errors import BadInput


@dataclass(frozen=True, slots=True)
class Law:
    check: str
    rules: Mapping[str, Rule]

    @classmethod
    def of(cls, check: str, on: date) -> "Law":
        """Raises BadInput for a day before the first rule of this kind: nothing can be told."""
        rules = {id: rule for id, rule in in_force(on).items() if rule.check == check}
        if not rules:
            first = min(rule.effective_from for rule in rulebook() if rule.check == check)
            raise BadInput("on", f"no rule on {check} is known for {on}; use {first} or later")
        return cls(check, rules)

    def hits(self, rule: str, field: str, *, why: str = "", suggestion: str = "") -> Iterator[Hit]:
        """One, or none where the rule did not hold yet. An unknown id is a bug."""
        if (found := self.rules.get(rule)) is not None:
            yield found.hit(field, why=why, suggestion=suggestion)
        else:
            assert any(one.id == rule for one in rulebook()), f"no rule {rule}"

    def figure(self, rule: str, name: str) -> int | None:
        """A limit with its unit in the name; None where the rule did not hold yet."""
        found = self.rules.get(rule)
        return None if found is None else found.figures[name]
