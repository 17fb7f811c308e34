"""The ledger as a table: lines in, state of the edge out."""

from typing import Any

import numpy as np
import pytest

from quanyu.customers.identity.ledger import ENTRY, NEVER_US, Verdict, fold
from quanyu.customers.identity.rules import rule_code, shipped_rules

ACCEPTED, WEAK = Verdict.ACCEPTED, Verdict.WEAK
REASSERTED, RETRACTED = Verdict.REASSERTED, Verdict.RETRACTED


def folded(
    *lines: tuple[str, str, int] | tuple[str, str, int, float],
) -> dict[str, tuple[Any, ...]]:
    """Lines (action, rule, time[, weight]) between nodes 1 and 2 → rule: (verdict, time)."""
    entries = np.array(
        [
            (1, 2, rule_code(rule), action == "retract", at, rest[0] if rest else 0.0)
            for action, rule, at, *rest in lines
        ],
        ENTRY,
    )
    rules = shipped_rules()
    return {
        rules[edge["rule"]].name: (Verdict(edge["verdict"]), int(edge["at_us"]))
        for edge in fold(entries, rules)
    }


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("assert", "login", 5)], {"login": (ACCEPTED, 5)}),
        ([("assert", "login", 5), ("assert", "login", 3)], {"login": (ACCEPTED, 3)}),
        ([("assert", "login", 5), ("assert", "manual", 6)],
         {"login": (ACCEPTED, 5), "manual": (ACCEPTED, 6)}),
        ([("assert", "login", 5), ("retract", "login", 6)], {"login": (RETRACTED, None)}),
        ([("retract", "login", 6), ("assert", "login", 6)], {"login": (RETRACTED, None)}),
        ([("retract", "login", 6), ("assert", "login", 5)], {"login": (RETRACTED, None)}),
        ([("retract", "login", 6), ("assert", "login", 7)], {"login": (ACCEPTED, 7)}),
        ([("retract", "same_event", 6), ("assert", "same_event", 7)],
         {"same_event": (REASSERTED, 7)}),
        ([("retract", "login", 6), ("assert", "same_event", 7)],
         {"login": (RETRACTED, None), "same_event": (REASSERTED, 7)}),
        ([("retract", "login", 6), ("assert", "same_event", 5)],
         {"login": (RETRACTED, None), "same_event": (ACCEPTED, 5)}),
        ([("retract", "login", 6), ("assert", "same_event", 5), ("assert", "same_event", 8)],
         {"login": (RETRACTED, None), "same_event": (ACCEPTED, 5)}),
        ([("retract", "same_event", 6), ("assert", "manual", 7)],
         {"same_event": (RETRACTED, None), "manual": (ACCEPTED, 7)}),
        ([("retract", "login", 3), ("retract", "login", 9), ("assert", "login", 8)],
         {"login": (RETRACTED, None)}),
        ([("assert", "probabilistic", 5, 6.9)], {"probabilistic": (WEAK, 5)}),
        ([("assert", "probabilistic", 5, 7.0)], {"probabilistic": (ACCEPTED, 5)}),
        ([("assert", "probabilistic", 5, 1.0), ("assert", "probabilistic", 9, 12.0)],
         {"probabilistic": (ACCEPTED, 5)}),
        ([("assert", "probabilistic", 5, 12.0), ("retract", "probabilistic", 6),
          ("assert", "probabilistic", 7, 2.0)], {"probabilistic": (REASSERTED, 7)}),
    ],
)  # fmt: skip
def test_states(lines: list[Any], expected: dict[str, tuple[Any, Any]]) -> None:
    found = folded(*lines)
    shown = {rule: (v, None if v is RETRACTED else at) for rule, (v, at) in found.items()}
    assert shown == expected
    assert folded(*reversed(lines)) == found


def test_an_empty_ledger_has_no_edges() -> None:
    assert len(fold(np.empty(0, ENTRY), shipped_rules())) == 0


def test_pairs_do_not_mix() -> None:
    login = rule_code("login")
    entries = np.array(
        [(1, 2, login, 0, 5, 0), (1, 3, login, 1, 9, 0), (2, 3, login, 0, 1, 0)], ENTRY
    )
    edges = fold(entries, shipped_rules())
    assert [(e["a"], e["b"], Verdict(e["verdict"])) for e in edges] == [
        (1, 2, ACCEPTED), (1, 3, RETRACTED), (2, 3, ACCEPTED),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "status", "reason"),
    [
        (Verdict.ACCEPTED, "accepted", None),
        (Verdict.CAP, "review", "cap"),
        (Verdict.SHARED, "review", "shared"),
        (Verdict.BLOCKED, "review", "blocked"),
        (Verdict.REASSERTED, "review", "reasserted"),
        (Verdict.WEAK, "review", "weak"),
        (Verdict.RETRACTED, "retracted", None),
    ],
)
def test_what_a_verdict_is_called(verdict: Verdict, status: str, reason: str | None) -> None:
    assert (verdict.status, verdict.reason) == (status, reason)


def slow_fold(lines: list[tuple[int, int, int, int, int, float]]) -> dict[Any, Any]:
    """The sentence of the docstring, one edge at a time: an oracle for the vectorised fold."""
    rules, result = shipped_rules(), {}
    for key in {line[:3] for line in lines}:
        mine = [line for line in lines if line[:3] == key]
        until = max((line[4] for line in mine if line[3]), default=NEVER_US)
        pair_until = max((x[4] for x in lines if x[3] and x[:2] == key[:2]), default=NEVER_US)
        alive = [line for line in mine if not line[3] and line[4] > until]
        if not alive:
            result[key] = Verdict.RETRACTED
            continue
        at, weight = min(x[4] for x in alive), max(x[5] for x in alive)
        rule = rules[key[2]]
        if rule.is_automatic and pair_until > NEVER_US and at > pair_until:
            result[key] = Verdict.REASSERTED
        else:
            result[key] = Verdict.WEAK if weight < rule.accept else Verdict.ACCEPTED
    return result


PAIRS = [(1, 2), (1, 3), (2, 3)]


def test_the_fold_says_what_the_sentence_says() -> None:
    chance = np.random.default_rng(11)
    for _ in range(200):
        lines = [
            (a, b, int(chance.integers(6)), int(chance.random() < 0.3), int(chance.integers(9)),
             float(chance.integers(12)))
            for a, b in chance.choice(PAIRS, int(chance.integers(1, 12))).tolist()
        ]  # fmt: skip
        found = fold(np.array(lines, ENTRY), shipped_rules())
        assert {tuple(e.item()[:3]): Verdict(e["verdict"]) for e in found} == slow_fold(lines)
