"""Money of ads on a real database: each test is a merchant of its own."""

from itertools import count

import pytest
from tests.ads_ground import Ads
from tests.campaigns_ground import stock
from tests.module_engine import clock, database, engine

from quanyu.clock import FixedClock
from quanyu.wiring import Engine

__all__ = ["clock", "database", "engine"]
_numbers = count(1)


@pytest.fixture
def ads(engine: Engine, clock: FixedClock) -> Ads:
    merchant = f"广场{next(_numbers)}"
    stock(engine, merchant)
    return Ads(engine, merchant)
