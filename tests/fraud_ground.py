"""A shop of the engine in which somebody has planted fake trades."""

from typing import Any

import numpy as np
from tests.engine_ground import TEA, paid, said, settled, tell

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, FixedClock
from quanyu.wiring import Engine

USERS, ITEMS = 24, 6
"""Of the plot: every user buys every item, at PRICE_FEN."""
PRICE_FEN = 9_900
HONEST = 120
FAKE_ORDERS = {f"fake-{user}-{item}" for user in range(USERS) for item in range(ITEMS)}
FAKE_FEN = PRICE_FEN * USERS * ITEMS


def honest_events(clock: FixedClock) -> list[dict[str, Any]]:
    """Each looks at something, and buys it an hour later."""
    chance = np.random.default_rng(3)
    events = []
    for number in range(HONEST):
        who = {"taobao_id": f"h{number}", "device": f"own-{number}"}
        item = f"i{int(chance.integers(0, 40))}"
        at_us = clock.now_us() - 20 * DAY_US + int(chance.integers(0, 15 * DAY_US))
        events.append(said(f"see-{number}", who, at_us=at_us, item=item))
        bill = {"order": f"honest-{number}", "amount": 5_000 + number, "item": item}
        events.append(paid(f"pay-{number}", who, at_us=at_us + HOUR_US, **bill))
    return events


def fake_events(clock: FixedClock) -> list[dict[str, Any]]:
    """Bought without a look; eight users share a device, too many to be one person."""
    events = []
    for user in range(USERS):
        who = {"taobao_id": f"f{user}", "device": f"dev-{user // 8}"}
        for item in range(ITEMS):
            at_us = clock.now_us() - 6 * DAY_US + (user * ITEMS + item) * 7 * MINUTE_US
            bill = {"order": f"fake-{user}-{item}", "amount": PRICE_FEN, "item": f"plot{item}"}
            events.append(paid(f"fakepay-{user}-{item}", who, at_us=at_us, **bill))
    return events


def planted(engine: Engine, clock: FixedClock, merchant: str = TEA) -> None:
    tell(engine, merchant, *honest_events(clock), *fake_events(clock))
    settled(engine)
