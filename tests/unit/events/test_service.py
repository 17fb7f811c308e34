"""The desk over a real database: receipts add up, refused events are kept and can be mended."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.events_ground import MERCHANT, Desk, array, lines, seen

from quanyu.clock import DAY_US, FixedClock
from quanyu.events.bodies import Unusable
from quanyu.events.service import Receipt, masked
from quanyu.storage.postgres.database import Database


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Iterator[Desk]:
    with Desk(database, clock) as opened:
        yield opened


def record(desk: Desk, body: bytes) -> Receipt:
    receipt = desk.events.record(MERCHANT, body)
    assert isinstance(receipt, Receipt), receipt
    return receipt


REPAIRED = json.dumps(seen("a")).encode()


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    return (receipt.received, receipt.accepted, receipt.duplicate, len(receipt.refusals))


def test_good_bad_and_known_ones_in_one_body(desk: Desk) -> None:
    record(desk, array(seen("a")))
    receipt = record(desk, array(seen("a"), seen("b"), seen("c", kind="dance"), seen("b")))
    assert counts(receipt) == (4, 1, 2, 1)
    assert desk.ids() == ["a", "b"]


def test_nothing_received_is_nothing_written(desk: Desk) -> None:
    assert counts(record(desk, b"[]")) == (0, 0, 0, 0)
    assert desk.log.head() == 0


def test_an_unusable_body_stores_nothing(desk: Desk) -> None:
    assert isinstance(desk.events.record(MERCHANT, b"junk"), Unusable)
    assert list(desk.events.quarantined(MERCHANT)) == []


def test_many_refused_ones_are_paged_through(desk: Desk) -> None:
    record(desk, array(*(seen(f"e{n}", kind="x") for n in range(1_203))))
    assert [k.event_id for k in desk.events.quarantined(MERCHANT)] == [
        f"e{n}" for n in range(1_203)
    ]


def entry(desk: Desk) -> int:
    (kept,) = desk.events.quarantined(MERCHANT)
    return kept.id


class TestReplay:
    def test_repaired_it_is_taken_in(self, desk: Desk) -> None:
        record(desk, array(seen("a", kind="dance")))
        outcome = desk.events.replay(
            MERCHANT, entry(desk), replacement=json.dumps(seen("a")).encode()
        )
        assert isinstance(outcome, Receipt)
        assert counts(outcome) == (1, 1, 0, 0)
        assert desk.ids() == ["a"]
        assert list(desk.events.quarantined(MERCHANT)) == []

    def test_what_was_sent_again_meanwhile_is_a_duplicate_and_leaves(self, desk: Desk) -> None:
        record(desk, array(seen("a", kind="dance")))
        record(desk, array(seen("a")))
        outcome = desk.events.replay(
            MERCHANT, entry(desk), replacement=json.dumps(seen("a")).encode()
        )
        assert isinstance(outcome, Receipt)
        assert counts(outcome) == (1, 0, 1, 0)
        assert list(desk.events.quarantined(MERCHANT)) == []

    def test_a_clock_that_was_ahead_is_right_later(self, desk: Desk, clock: FixedClock) -> None:
        record(desk, array(seen("a", at="2026-03-11T00:00:00+08:00")))
        clock.advance(DAY_US)
        outcome = desk.events.replay(MERCHANT, entry(desk))
        assert isinstance(outcome, Receipt)
        assert outcome.accepted == 1

    @pytest.mark.parametrize("repair", [None, b'{"still": "wrong"}', b"[{]"])
    def test_refused_again_it_stays(self, desk: Desk, repair: bytes | None) -> None:
        record(desk, array(seen("a", kind="dance")))
        desk.events.replay(MERCHANT, entry(desk), replacement=repair)
        assert desk.log.head() == 0
        assert entry(desk)

    def test_one_event_is_repaired_by_one(self, desk: Desk) -> None:
        record(desk, array(seen("a", kind="dance")))
        outcome = desk.events.replay(MERCHANT, entry(desk), replacement=array(seen("a"), seen("b")))
        assert isinstance(outcome, Unusable)
        assert desk.log.head() == 0

    def test_there_is_no_such_entry(self, desk: Desk) -> None:
        assert desk.events.replay(MERCHANT, 99) is None
        assert desk.events.shown(MERCHANT, 99) is None

    def test_a_merchant_replays_only_its_own(self, desk: Desk) -> None:
        record(desk, array(seen("a", kind="dance")))
        assert desk.events.replay("cafe", entry(desk)) is None


def test_after_thirty_days_refused_events_are_forgotten(desk: Desk, clock: FixedClock) -> None:
    record(desk, array(seen("a", kind="dance")))
    clock.advance(30 * DAY_US - 1)
    assert desk.events.purge() == 0
    clock.advance(1)
    assert desk.events.purge() == 1


def test_lines_of_a_file_keep_their_numbers(desk: Desk) -> None:
    one, other = lines(seen("a")), lines(seen("b", kind="dance"))
    pending = desk.events.submit_lines(MERCHANT, [(10, one), (12, other)])
    assert [r.index for r in pending.receipt().refusals] == [12]
    assert [k.index for k in desk.events.quarantined(MERCHANT)] == [12]


MASKED: list[tuple[Any, str]] = [
    ({"identifiers": {"taobao_id": "tb-7", "phone": "13912345678"}}, "tb-7"),
    ({"identifiers": {"phone": "13912345678"}}, "1391"),
    ({"location": {"lat": 31.230416, "lng": 121.473701}}, "31.23"),
    ({"props": {"name": "张三"}}, "张三"),
    ({"query": "打 13912345678"}, "1391"),
    ({"props": {"n": 13912345678}}, "1391"),
    ({"13912345678": 1}, "1391"),
    ([{"identifiers": ["tb-7"]}], "tb-7"),
]


@pytest.mark.parametrize(("tree", "secret"), MASKED)
def test_what_is_shown_hides_personal_values(tree: Any, secret: str) -> None:
    assert secret not in masked(json.dumps(tree, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    "raw", [b"13912345678,x", b'{"phone": "13912345678"', b"\xff139", b"[" * 9**5]
)
def test_broken_text_is_shown_without_digits(raw: bytes) -> None:
    assert not any(c.isdigit() for c in masked(raw))


def test_what_is_wrong_can_still_be_seen() -> None:
    text = masked(json.dumps(seen("a", kind="dance", amount="7")).encode())
    assert json.loads(text)["kind"] == "dance"
    assert json.loads(text)["amount"] == "7"
