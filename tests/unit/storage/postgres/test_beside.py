"""Work beside the projector: one at a time, stopped between two steps, failures survived."""

import logging
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from quanyu.errors import StorageUnavailable
from quanyu.storage.postgres.beside import Beside, Check, Stopped

SOON_S = 5


@pytest.fixture
def beside() -> Iterator[Beside]:
    made = Beside("test")
    yield made
    made.close()


def test_whoever_starts_it_does_not_wait(beside: Beside) -> None:
    going, may_end = threading.Event(), threading.Event()

    def work(check: Check) -> None:
        going.set()
        assert may_end.wait(SOON_S)

    assert beside.start(work)
    assert going.wait(SOON_S)
    assert beside.running
    assert not beside.start(work), "one at a time"
    may_end.set()
    beside.wait()
    assert not beside.running


def test_it_may_be_started_again_when_it_is_done(beside: Beside) -> None:
    done: list[int] = []

    def noted(number: int, check: Check) -> None:
        done.append(number)

    for number in range(3):
        assert beside.start(partial(noted, number))
        beside.wait()
    assert done == [0, 1, 2]


def test_closing_ends_it_at_its_next_step(beside: Beside) -> None:
    going, steps = threading.Event(), []

    def work(check: Check) -> None:
        while True:
            check()
            steps.append(1)
            going.set()

    beside.start(work)
    assert going.wait(SOON_S)
    beside.close()
    assert not beside.running
    seen = len(steps)
    assert not beside.start(work), "it is put away"
    assert len(steps) == seen


def test_the_check_is_silent_while_nobody_stops(beside: Beside) -> None:
    told: list[str] = []

    def work(check: Check) -> None:
        check()
        told.append("on")

    beside.start(work)
    beside.wait()
    assert told == ["on"]
    beside.close()
    with pytest.raises(Stopped):
        beside._check()


def test_an_outside_failure_is_told_and_survived(
    beside: Beside, caplog: pytest.LogCaptureFixture
) -> None:
    def work(check: Check) -> None:
        raise StorageUnavailable("gone")

    with caplog.at_level(logging.WARNING):
        beside.start(work)
        beside.wait()
    assert "test waits" in caplog.text
    assert beside.start(lambda check: None)


def test_closing_what_never_began() -> None:
    Beside("idle").close()
