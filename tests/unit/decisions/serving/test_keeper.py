"""What decisions stand on is made once, renewed beside, and swapped whole."""

import threading
from collections.abc import Iterator

import pytest
from tests.unit.decisions.serving.market import grounds

from quanyu.clock import FixedClock
from quanyu.decisions.serving.grounds import Grounds
from quanyu.decisions.serving.keeper import LOOK_EVERY_US, Keeper

FIRST, SECOND = grounds(), grounds()


class Maker:
    """Makes the first, then the second; may be held up, or fail."""

    def __init__(self) -> None:
        self.made = 0
        self.go = threading.Event()
        self.go.set()
        self.broken = False

    def __call__(self, merchant: str, before: Grounds | None) -> Grounds:
        assert self.go.wait(10)
        self.made += 1
        if self.broken:
            raise RuntimeError("no luck")
        return FIRST if before is None else SECOND


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
def keeper(maker: Maker, clock: FixedClock) -> Iterator[Keeper]:
    made = Keeper(maker, clock)
    yield made
    maker.go.set()
    made.close()


def test_the_first_question_makes_them_and_the_next_ones_do_not(
    keeper: Keeper, maker: Maker, clock: FixedClock
) -> None:
    assert all(keeper.current("tea") is FIRST for _ in range(3))
    clock.advance(LOOK_EVERY_US - 1)
    assert keeper.current("tea") is FIRST
    assert maker.made == 1


def test_while_newer_ones_are_made_the_old_ones_answer(
    keeper: Keeper, maker: Maker, clock: FixedClock
) -> None:
    keeper.current("tea")
    maker.go.clear()
    for _ in range(5):
        clock.advance(LOOK_EVERY_US)
        assert keeper.current("tea") is FIRST
    maker.go.set()
    assert keeper.renew("tea") is SECOND
    assert keeper.current("tea") is SECOND
    assert maker.made == 3, "one look at a time, however many asked"


def test_each_merchant_has_its_own(keeper: Keeper, maker: Maker) -> None:
    keeper.current("tea")
    assert keeper.renew("tea") is SECOND
    assert keeper.current("shoes") is FIRST


def test_when_a_newer_one_cannot_be_made_the_old_one_stays(
    keeper: Keeper, maker: Maker, clock: FixedClock
) -> None:
    keeper.current("tea")
    maker.broken = True
    with pytest.raises(RuntimeError):
        keeper.renew("tea")
    clock.advance(LOOK_EVERY_US)
    assert keeper.current("tea") is FIRST
    maker.broken = False
    assert keeper.renew("tea") is SECOND


def test_many_first_questions_make_them_once(keeper: Keeper, maker: Maker) -> None:
    maker.go.clear()
    threads = [threading.Thread(target=keeper.current, args=("tea",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    maker.go.set()
    for thread in threads:
        thread.join()
    assert maker.made == 1
