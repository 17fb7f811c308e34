"""An engine of its own for the drills of coupons: the real queue, the real book."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.money_ground import template

from quanyu.clock import Clock
from quanyu.errors import StorageUnavailable
from quanyu.promotions.offers.answers import Offer
from quanyu.settings import Settings
from quanyu.wiring import Engine, open_engine

SHOP = "tea"
T = TypeVar("T")


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


def insisted(ask: Callable[[], T]) -> T:
    """As a client does who is told to send the same again: 64 of them share few connections."""
    while True:
        try:
            return ask()
        except StorageUnavailable:
            continue


def value_out(engine: Engine, offer: str = "t1") -> int:
    """Fen that pieces out and used have taken from the budget."""
    found = engine.offers.balances(SHOP, offer)
    return found["fen/out"] + found["fen/spent"]
