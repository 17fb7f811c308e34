"""The journal of a till: on disk before anybody is told, whole or not at all."""

import errno
import os
import stat
import threading
from pathlib import Path

import msgspec
import pytest
from tests.till_ground import Counter, kit, text_of

from quanyu.errors import BadInput
from quanyu.promotions.coupons.offline import Entry, Till
from quanyu.storage.till.journal import opened, read_lines


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "till.journal"


def taken(count: int) -> list[Entry]:
    counter = Counter(kit())
    return [counter.took(text_of(number)) for number in range(1, count + 1)]


def write(file: Path, entries: list[Entry]) -> None:
    with opened(file) as journal:
        for entry in entries:
            journal.append(entry)


def test_what_was_appended_is_read(file: Path) -> None:
    first, second = taken(2)
    write(file, [first])
    write(file, [second])
    with opened(file) as journal:
        found = journal.entries()
    assert [one.digest for one in found] == [first.digest, second.digest]
    assert isinstance(Till.after(kit(), found), Till)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [1, 10, 300])
def test_a_power_cut_leaves_what_was_answered(file: Path, left: int) -> None:
    """A line that was not whole was never answered; the next one does not run into it."""
    first, second = taken(2)
    write(file, [first])
    with file.open("ab") as torn:
        torn.write(msgspec.json.encode(second)[:left])
    with opened(file) as journal:
        assert [one.digest for one in journal.entries()] == [first.digest]
        journal.append(second)
    with opened(file) as journal:
        assert [one.digest for one in journal.entries()] == [first.digest, second.digest]


def test_a_full_disk_leaves_no_half_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = taken(2)
    write(file, [first])
    real = os.pwrite

    def half(descriptor: int, line: bytes, at: int) -> int:
        return real(descriptor, line[:40], at)

    monkeypatch.setattr(os, "pwrite", half)
    with opened(file) as journal, pytest.raises(OSError, match="full"):
        journal.append(second)
    monkeypatch.undo()
    with opened(file) as journal:
        assert [one.digest for one in journal.entries()] == [first.digest]


def test_the_line_is_on_disk_when_it_is_answered(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        real(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    (entry,) = taken(1)
    with opened(file) as journal:
        monkeypatch.setattr(os, "fsync", noted)
        journal.append(entry)
    assert synced == [file.stat().st_size]


def test_two_processes_take_turns(file: Path) -> None:
    """Two heads of one chain would be a fork."""
    began, order = threading.Event(), []

    def second() -> None:
        began.set()
        with opened(file):
            order.append("second")

    with opened(file):
        other = threading.Thread(target=second)
        other.start()
        began.wait()
        other.join(0.05)
        order.append("first")
    other.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize("text", [b"{}", b"[]", b"x", b'{"sequence":1}', b"\xff"])
def test_a_line_that_is_no_entry(text: bytes) -> None:
    with pytest.raises(BadInput, match="line 1"):
        read_lines(text)


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused, opened(tmp_path / "none" / "j"):
        pass
    assert refused.value.field == "--journal"
    assert os.strerror(errno.ENOENT) in refused.value.mend
