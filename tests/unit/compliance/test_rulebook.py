"""The packs that ship: dated, cited, and never two rules of one id on one day."""

from datetime import date, timedelta
from itertools import combinations

import msgspec

from quanyu.compliance.industries import PARENT
from quanyu.compliance.rulebook import Rule, in_force, rulebook
from quanyu.compliance.verdict import Severity

RULE = Rule(
    id="r", instrument="《广告法》", article="第九条", effective_from=date(2015, 9, 1),
    effective_to=date(2025, 10, 14), check="copy", severity=Severity.BLOCK, source="V",
    why="…", suggestion="…",
)  # fmt: skip


def test_a_rule_holds_from_its_first_day_to_its_last() -> None:
    first, last = RULE.effective_from, RULE.effective_to
    assert last is not None
    day = timedelta(days=1)
    held = [RULE.holds(on) for on in (first - day, first, last, last + day)]
    assert held == [False, True, True, False]
    assert RULE.cited == "《广告法》第九条"


def test_yesterdays_law_explains_yesterdays_decision() -> None:
    newer = msgspec.structs.replace(RULE, effective_from=date(2025, 10, 15), effective_to=None)
    both = [RULE, newer]
    assert in_force(date(2025, 10, 14), both)["r"] is RULE
    assert in_force(date(2025, 10, 15), both)["r"] is newer


def test_no_two_rules_of_one_id_hold_on_one_day() -> None:
    for one, other in combinations(rulebook(), 2):
        if one.id == other.id:
            assert not other.holds(one.effective_from), one.id
            assert not one.holds(other.effective_from), one.id


def test_rules_name_industries_that_exist() -> None:
    assert {name for rule in rulebook() for name in rule.industries} <= set(PARENT)
