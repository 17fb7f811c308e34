"""Campaigns on a real database: each test is a merchant of its own."""

from itertools import count

import pytest
from tests.campaigns_ground import Board, stock
from tests.module_engine import clock, database, engine

from quanyu.clock import FixedClock
from quanyu.wiring import Engine

__all__ = ["clock", "database", "engine"]
_numbers = count(1)


@pytest.fixture
def board(engine: Engine, clock: FixedClock) -> Board:
    merchant = f"商场{next(_numbers)}"
    stock(engine, merchant)
    return Board(engine, merchant)
