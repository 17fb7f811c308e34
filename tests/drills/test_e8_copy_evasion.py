"""E8: evasions of the words that ads must not use, and how much of each trick is seen.

By hand: a list that was written before the normaliser. By machine: every sentence of the held-out
corpus that is blocked, once per trick; it has to be blocked for the same reason still.
"""

import json

import pytest
from bench.copy import by_hand, by_machine, false_alarms, rows

pytestmark = pytest.mark.drill

SEEN_MIN = {"reorder": 0.0}
"""Order of characters is not undone: written down as a limit."""
USUAL_MIN = 0.9


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, tuple[int, int]]]:
    return {"by_hand": by_hand(), "by_machine": by_machine()}


def test_each_trick_is_seen_through(told: dict[str, dict[str, tuple[int, int]]]) -> None:
    shares = {
        f"{how}: {trick}": round(seen / total, 3)
        for how, tricks in told.items()
        for trick, (seen, total) in tricks.items()
    }
    low = {
        name: share
        for name, share in shares.items()
        if share < SEEN_MIN.get(name.partition(": ")[2], USUAL_MIN)
    }
    attempted = sum(total for tricks in told.values() for _, total in tricks.values())
    report = {"drill": "E8", "attempted": attempted, "recall": shares, "violations": len(low)}
    print(json.dumps(report, ensure_ascii=False))
    assert not low


def test_the_recall_does_not_come_of_objecting_to_everything() -> None:
    clean = list(rows("clean.tsv"))
    wrong = false_alarms()
    print(json.dumps({"drill": "E8", "lawful": len(clean), "false_alarms": len(wrong)}))
    assert len(clean) >= 400
    assert len(wrong) <= len(clean) // 100, wrong
