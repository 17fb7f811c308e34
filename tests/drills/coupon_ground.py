"""An engine of its own for the drills of coupons: the real queue, the real book."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.money_ground import template

from quanyu.clock import Clock
from quanyu.promotions.offers.answers import Offer
from quanyu.settings import Settings
from quanyu.wiring import Engine, open_engine

SHOP = "tea"


@contextmanager
def opened(url: str, folder: Path, *, clock: Clock | None = None) -> Iterator[Engine]:
    settings = Settings(data_dir=folder, database_url=url, master_key_given=bytes(range(32)))
    with open_engine(settings, clock=clock) as engine:
        yield engine


def publish(engine: Engine, id: str = "t1", *, merchant: str = SHOP, **change: Any) -> Offer:
    offers = engine.offers
    made = offers.create(merchant, template(id, **change), actor="lin", request=f"create-{id}")
    assert isinstance(made, Offer), made
    for verb, actor in (("submit", "lin"), ("approve", "wang")):
        by = offers.by(actor, f"{verb}-{id}")
        made = offers.move(merchant, id, verb=verb, by=by)
        assert isinstance(made, Offer), made
    return made


def value_out(engine: Engine, offer: str = "t1") -> int:
    """Fen that pieces out and used have taken from the budget."""
    found = engine.offers.balances(SHOP, offer)
    return found["fen/out"] + found["fen/spent"]
