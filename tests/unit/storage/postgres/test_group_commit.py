"""Group commit: company shares a flush, poison fails alone, memory is bounded."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.errors import BadInput, Overloaded, StorageFull, StorageUnavailable
from quanyu.storage.postgres.group_commit import GroupCommit


class Ledger:
    """Writes numbers, remembers the groups, refuses what it is told to refuse."""

    def __init__(self, poison: Callable[[int], bool] = lambda _: False) -> None:
        self.groups: list[list[int]] = []
        self.kept: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.outage: Exception | None = None
        self._poison = poison

    def write(self, numbers: list[int]) -> list[str]:
        self.entered.set()
        assert self.gate.wait(10)
        if self.outage is not None:
            raise self.outage
        if any(map(self._poison, numbers)):
            raise ValueError("poison")
        self.groups.append(numbers)
        self.kept += numbers
        return [f"kept {number}" for number in numbers]


@contextmanager
def group_commit(
    ledger: Ledger, *, max_weight: int = 100, queue_max: int = 1000
) -> Iterator[GroupCommit[int, str]]:
    with GroupCommit(
        ledger.write, max_weight=max_weight, queue_max=queue_max, weight=lambda number: number
    ) as commits:
        yield commits


@contextmanager
def busy(ledger: Ledger, commits: GroupCommit[int, str]) -> Iterator[None]:
    """The writer is in the middle of a group, so that whatever comes has to queue."""
    ledger.gate.clear()
    ledger.entered.clear()
    first = commits.submit(1)
    assert ledger.entered.wait(10)
    try:
        yield
    finally:
        ledger.gate.set()
        first.exception(timeout=10)


def test_each_caller_gets_its_own_answer() -> None:
    with group_commit(Ledger()) as commits:
        futures = {number: commits.submit(number) for number in range(1, 30)}
        assert {n: f.result(10) for n, f in futures.items()} == {
            n: f"kept {n}" for n in range(1, 30)
        }


def test_what_waits_during_a_write_goes_as_one_group() -> None:
    ledger = Ledger()
    with group_commit(ledger) as commits:
        with busy(ledger, commits):
            waiting = [commits.submit(number) for number in (2, 3, 4)]
        assert [future.result(10) for future in waiting] == ["kept 2", "kept 3", "kept 4"]
    assert ledger.groups == [[1], [2, 3, 4]]


def test_a_group_stays_under_its_weight() -> None:
    ledger = Ledger()
    with group_commit(ledger, max_weight=10) as commits, busy(ledger, commits):
        for number in (6, 4, 5, 5, 25, 1):
            commits.submit(number)
    assert ledger.groups == [[1], [6, 4], [5, 5], [25], [1]]


def test_a_full_queue_says_so_at_once() -> None:
    ledger = Ledger()
    with group_commit(ledger, queue_max=10) as commits, busy(ledger, commits):
        commits.submit(7)
        assert commits.queued == 7
        with pytest.raises(Overloaded) as refused:
            commits.submit(4)
        assert refused.value.facts == {"queued": 7}
        commits.submit(3)
    assert sorted(ledger.kept) == [1, 3, 7]


def test_a_command_heavier_than_the_queue_passes_when_nothing_waits() -> None:
    with group_commit(Ledger(), queue_max=10) as commits:
        assert commits.submit(50).result(10) == "kept 50"


def test_a_poison_command_fails_alone() -> None:
    ledger = Ledger(poison=lambda number: number == 3)
    with group_commit(ledger) as commits:
        with busy(ledger, commits):
            futures = [commits.submit(number) for number in (2, 3, 4)]
        assert futures[0].result(10) == "kept 2"
        with pytest.raises(ValueError, match="poison"):
            futures[1].result(10)
        assert futures[2].result(10) == "kept 4"


@pytest.mark.parametrize("outage", [StorageFull(), StorageUnavailable("gone")])
def test_an_outage_is_the_answer_to_the_whole_group_and_only_to_it(outage: Exception) -> None:
    ledger = Ledger()
    with group_commit(ledger) as commits:
        ledger.outage = outage
        with busy(ledger, commits):
            futures = [commits.submit(number) for number in (2, 3)]
        assert [future.exception(10) for future in futures] == [outage, outage]
        ledger.outage = None
        assert commits.submit(4).result(10) == "kept 4"
    assert ledger.kept == [4]


def test_a_cancelled_command_is_not_written() -> None:
    ledger = Ledger()
    with group_commit(ledger) as commits, busy(ledger, commits):
        given_up = commits.submit(2)
        commits.submit(3)
        assert given_up.cancel()
    assert ledger.kept == [1, 3]


def test_stopping_writes_what_waits_and_takes_no_more() -> None:
    ledger = Ledger()
    with group_commit(ledger) as commits:
        futures = [commits.submit(number) for number in (1, 2, 3)]
    assert [future.result(0) for future in futures] == ["kept 1", "kept 2", "kept 3"]
    with pytest.raises(StorageUnavailable):
        commits.submit(4)
    commits.close()


def test_a_writer_that_loses_an_answer_is_a_bug_that_is_seen() -> None:
    def forgetful(numbers: list[int]) -> list[str]:
        return []

    with GroupCommit(forgetful, max_weight=1, queue_max=9, weight=lambda _: 1) as commits:
        failure = commits.submit(1).exception(10)
    assert isinstance(failure, AssertionError)
    assert "0 results for 1 commands" in str(failure)


@given(st.lists(st.integers(1, 20), max_size=60), st.integers(1, 30))
def test_nothing_is_lost_or_doubled(numbers: list[int], max_weight: int) -> None:
    ledger = Ledger(poison=lambda number: number == 13)
    with group_commit(ledger, max_weight=max_weight, queue_max=10_000) as commits:
        futures = [commits.submit(number) for number in numbers]
    outcomes = [future.exception() is None for future in futures]
    assert outcomes == [number != 13 for number in numbers]
    assert ledger.kept == [number for number in numbers if number != 13]
    assert all(len(group) == 1 or sum(group) <= max_weight for group in ledger.groups)


def test_many_threads_submit_at_once() -> None:
    ledger = Ledger()
    with group_commit(ledger, queue_max=100_000) as commits:

        def client(start: int) -> None:
            for number in range(start, start + 50):
                assert commits.submit(number).result(10) == f"kept {number}"

        threads = [threading.Thread(target=client, args=(n * 50 + 1,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sorted(ledger.kept) == list(range(1, 401))


def test_what_one_caller_put_in_is_the_answer_to_that_caller_alone() -> None:
    """BadInput is no outage: the others of the group are written."""

    class Particular(Ledger):
        def write(self, numbers: list[int]) -> list[str]:
            if 3 in numbers:
                raise BadInput("number", "not three")
            return super().write(numbers)

    ledger = Particular()
    with group_commit(ledger) as commits:
        with busy(ledger, commits):
            futures = [commits.submit(number) for number in (2, 3, 4)]
        assert isinstance(futures[1].exception(10), BadInput)
        assert [futures[n].result(10) for n in (0, 2)] == ["kept 2", "kept 4"]
    assert ledger.kept == [1, 2, 4]
