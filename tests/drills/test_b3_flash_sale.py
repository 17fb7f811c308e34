"""B3: 100 pieces, 10,000 clients at once, one in five never pays: 100 are sold, none is held."""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import SHOP, Street, street

from quanyu.clock import FixedClock
from quanyu.errors import Refused
from quanyu.promotions.flash_sales.sales import Held, Reason
from quanyu.storage.audit import benefits
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.drill

PIECES = 100
CLIENTS = int(os.environ.get("QUANYU_DRILL_CLIENTS", "10000"))
THREADS = 32


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        yield made


class Clients:
    """Each comes back in every round until they have a piece; one in five never pays."""

    def __init__(self, shop: Street) -> None:
        self.shop = shop
        self.paid: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()
        self.waits_s: list[float] = []
        self.round = 0
        self.line: list[int] = []

    def all(self) -> None:
        """They arrive in another order in each round."""
        self.round += 1
        self.line = random.Random(self.round).sample(range(CLIENTS), CLIENTS)
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(self._some, range(THREADS)))

    def _some(self, thread: int) -> None:
        for client in self.line[thread::THREADS]:
            if not self.paid[client]:
                self._one(client)

    def _one(self, client: int) -> None:
        begun_s = perf_counter()
        said = self.shop.attempt(f"taobao_id:c{client}", f"c{client}-{self.round}")
        self.waits_s.append(perf_counter() - begun_s)
        if isinstance(said, Refused):
            self.refused[said.reason] += 1
        elif client % 5:
            self._pay(client, said)

    def _pay(self, client: int, held: Held) -> None:
        sold = self.shop.engine.flash_sales.confirm(SHOP, held.hold, order=f"o{client}")
        self.paid[client] += isinstance(sold, Held)


def test_as_many_are_sold_as_there_were(shop: Street) -> None:
    shop.sale(pieces=PIECES)
    clients = Clients(shop)
    while sum(clients.paid.values()) < PIECES:
        assert clients.round < 20, "pieces that came back could not be sold"
        clients.all()
        shop.minute()
    free, held, sold = shop.standing()
    in_rows = rows(
        shop.engine.database, "SELECT count(*), count(DISTINCT holder_token) FROM flash_hold "
        "WHERE state = 'sold'",
    )  # fmt: skip
    waits = sorted(clients.waits_s)
    check = benefits.flash_sales_add_up(shop.engine.audited)
    report = {
        "drill": "B3", "attempted": len(waits), "acked": sold, "rounds": clients.round,
        "lost": PIECES - sold - held - free, "duplicates": sold - len(clients.paid),
        "violations": len(check.violations), "held_for_ever": held,
        "p50_ms": round(waits[len(waits) // 2] * 1000, 1),
        "p99_ms": round(waits[len(waits) * 99 // 100] * 1000, 1),
    }  # fmt: skip
    print(json.dumps(report))
    assert (free, held, sold) == (0, 0, PIECES)
    assert in_rows == [(PIECES, PIECES)]
    assert max(clients.paid.values()) == 1
    assert check.holds
    assert set(clients.refused) <= {Reason.SOLD_OUT}
