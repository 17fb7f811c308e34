"""Sixty-four workers that spend one budget, in a process that may be made to exit at a named point
once so many ads have won (``mortals``)."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import msgspec
from tests.drills.ad_commands import ARCADE
from tests.events_ground import array, seen

from quanyu.clock import MINUTE_US, FixedClock, format_iso, parse_iso
from quanyu.decisions.billing.win import Win
from quanyu.settings import Settings
from quanyu.storage.postgres import killpoints
from quanyu.storage.postgres.ad_billing.wins import PostgresWins
from quanyu.wiring import open_engine

if TYPE_CHECKING:
    from quanyu.wiring import Engine

WORKERS = 64
CAMPAIGN = "spent"
PRICE = 1_300
NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
ROUND_US, BILLED_WITHIN_US = 15 * MINUTE_US, 12 * MINUTE_US
"""When a round begins, what the last one held is over, and its leases too."""


class Order(msgspec.Struct):
    round: int
    ads: int
    """That each worker tries for."""
    mortal_after: int
    """Ads that have won before anybody may die; 0: from the beginning."""


class Round:
    def __init__(self, engine: "Engine", order: Order, *, folder: Path, point: Any) -> None:
        self.engine, self.order, self.point = engine, order, point
        self.won = 0
        self.journal = os.open(folder / "acked", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self.over = Event()

    def run(self) -> None:
        """First what the round before has left behind."""
        self._arm()
        self.engine.projector.catch_up()
        self.engine.ad_closing.run()
        follower = Thread(target=self._follow)
        follower.start()
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self._work, range(WORKERS)))
        self.over.set()
        follower.join()
        self.engine.projector.catch_up()

    def _arm(self) -> None:
        if self.won >= self.order.mortal_after:
            killpoints.NAME = self.point

    def _follow(self) -> None:
        while not self.over.wait(0.02):
            self.engine.projector.catch_up()

    def _work(self, worker: int) -> None:
        slices = self.engine.ad_slices()
        for number in range(self.order.ads):
            name = f"{self.order.round}-{worker}-{number}"
            now_us = self.engine.clock.now_us()
            slices.begin()
            lease = slices.hold(ARCADE, CAMPAIGN, price_millifen=PRICE, at_us=now_us)
            if lease is not None:
                self._win(name, lease, now_us)
            slices.commit()

    def _win(self, name: str, lease: int, now_us: int) -> None:
        trace = sha256(name.encode()).digest()[:16]
        win = Win(
            trace=trace, position=1, campaign=CAMPAIGN, creative="c", lease=lease,
            price_millifen=PRICE, billing="click", at_us=now_us,
            expires_us=now_us + BILLED_WITHIN_US, touchpoint="taobao.search",
        )  # fmt: skip
        with self.engine.database.transaction() as tx:
            PostgresWins().keep(tx, ARCADE, wins=[win])
        self._acked("win", trace)
        self.won += 1
        self._arm()
        if name.endswith("3"):
            return
        click = seen(
            name, kind="click", at=format_iso(now_us + 1), decision=trace.hex(),
            props={"position": 1}, identifiers={"taobao_id": name},
        )  # fmt: skip
        self.engine.events.record(ARCADE, array(click, click))
        self._acked("click", trace)

    def _acked(self, what: str, trace: bytes) -> None:
        os.write(self.journal, f"{what} {trace.hex()}\n".encode())


def obey(command: str, url: str, data_dir: str) -> None:
    order = msgspec.json.decode(command, type=Order)
    point, killpoints.NAME = killpoints.NAME, None
    settings = Settings(
        data_dir=Path(data_dir), database_url=url, master_key_given=bytes(range(32))
    )
    clock = FixedClock(NOON_US + order.round * ROUND_US)
    with open_engine(settings, clock=clock) as engine:
        Round(engine, order, folder=Path(data_dir), point=point).run()


def said(number: int, *, ads: int, mortal_after: int) -> str:
    return json.dumps({"round": number, "ads": ads, "mortal_after": mortal_after})
