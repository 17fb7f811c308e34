"""The chain of a show: whatever is changed, taken out, put in or cut off is found."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import format_iso, parse_iso
from quanyu.content.shows.archive import BEGINNING, Entry, Head, chained, faults, follow
from quanyu.content.shows.happenings import Label, SlotShown

SHOP, SHOW = "茶馆", "evening"
SAID = st.dictionaries(
    st.sampled_from(["actor", "slot", "why", "on"]),
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    max_size=3,
)
TOLD = st.lists(st.tuples(st.sampled_from(["slot", "label", "note"]), SAID), min_size=1, max_size=8)


def written(told: list[tuple[str, Any]], *, at_us: int = 1_000) -> tuple[list[Entry], Head]:
    entries = follow(SHOP, SHOW, head=Head(), at_us=at_us, told=told)
    return entries, Head(entries[-1].number, entries[-1].hash)


def test_entries_follow_each_other() -> None:
    entries, head = written([("slot", SlotShown("s1")), ("label", Label(True))])
    assert [(one.number, one.kind) for one in entries] == [(1, "slot"), (2, "label")]
    assert entries[0].hash == chained(SHOP, entries[0], after=BEGINNING)
    assert head == Head(2, chained(SHOP, entries[1], after=entries[0].hash))
    more = follow(SHOP, SHOW, head=head, at_us=2_000, told=[("note", {"text": "完"})])
    assert more[0].number == 3
    assert faults(SHOP, [*entries, *more], head=Head(3, more[0].hash)) == []


def test_an_empty_archive_holds() -> None:
    assert faults(SHOP, [], head=Head()) == []


@given(TOLD)
def test_what_was_written_holds(told: list[tuple[str, Any]]) -> None:
    entries, head = written(told)
    assert faults(SHOP, entries, head=head) == []


@given(TOLD, st.data())
def test_whatever_is_changed_is_found(told: list[tuple[str, Any]], data: st.DataObject) -> None:
    entries, head = written(told)
    place = data.draw(st.integers(0, len(entries) - 1))
    change: dict[str, Any] = data.draw(
        st.sampled_from([
            {"at_us": 1_001}, {"kind": "gift"}, {"show": "morning"},
            {"said": {**entries[place].said, "slot": "s99"}}, {"hash": bytes(32)},
        ])
    )  # fmt: skip
    entries[place] = msgspec.structs.replace(entries[place], **change)
    assert faults(SHOP, entries, head=head)


@given(TOLD, st.data())
def test_whatever_is_taken_out_is_found(told: list[tuple[str, Any]], data: st.DataObject) -> None:
    entries, head = written(told)
    del entries[data.draw(st.integers(0, len(entries) - 1))]
    assert faults(SHOP, entries, head=head)


@given(TOLD)
def test_a_chain_that_was_written_anew_from_one_place_on_is_missed_by_its_head(
    told: list[tuple[str, Any]],
) -> None:
    _, head = written(told)
    forged, _ = written([*told[:-1], ("note", {"text": "什么都没发生"})])
    assert faults(SHOP, forged, head=head)


def test_each_fault_says_where() -> None:
    entries, head = written([("note", {"text": str(n)}) for n in range(4)])
    del entries[1]
    assert faults(SHOP, entries, head=head) == [
        "entry 2 is missing", "entry 3 is not what was written",
    ]  # fmt: skip
    assert faults(SHOP, entries[:1], head=head) == ["the show has 4 entries, the archive ends at 1"]


def test_another_merchant_s_entries_are_not_ours() -> None:
    entries, head = written([("note", {"text": "一"})])
    assert faults("鞋店", entries, head=head)


def test_entries_move_to_no_other_place() -> None:
    entries, head = written([("note", {}), ("note", {})])
    assert entries[0].hash != entries[1].hash
    assert faults(SHOP, entries[::-1], head=head)


@pytest.mark.parametrize("key", ["number", "at", "kind", "hash"])
def test_what_is_told(key: str) -> None:
    entries, _ = written([("slot", SlotShown("s1"))], at_us=parse_iso("2026-05-01T20:00:00+08:00"))
    told = entries[0].as_json()
    assert told["slot"] == "s1"
    assert told[key] == {
        "number": 1, "at": format_iso(entries[0].at_us), "kind": "slot",
        "hash": entries[0].hash.hex(),
    }[key]  # fmt: skip
