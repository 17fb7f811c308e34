"""Clients of an engine who order, pay and move money, and an audit of what was kept."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import Any

from tests.ledger_ground import BANK, TILL, moved, named

from quanyu.errors import QuanyuError, Refused
from quanyu.ledger.refusals import Posted
from quanyu.promotions.orders.answers import Notice
from quanyu.promotions.orders.asking import Asking
from quanyu.promotions.orders.order import decode_order
from quanyu.wiring import Engine

SHOP, PRICE_FEN, CLIENTS = "shop", 9_900, 4
LINE = {"line": "1", "shop": "main", "item": "tea", "quantity": 1, "list_price": PRICE_FEN}


@dataclass
class Payers:
    """Some place orders and pay them, the others move a fen each; what was not answered is asked
    again under the same key."""

    engine: Engine
    padding: int = 0
    journal: list[str] = field(default_factory=list)
    acked: list[str] = field(default_factory=list)
    """``placed x``, ``paid x``, ``moved x``."""
    refusals: list[QuanyuError] = field(default_factory=list)
    surprises: list[object] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator["Payers"]:
        threads = [threading.Thread(target=self._client, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(120)

    def _client(self, client: int) -> None:
        orders: dict[str, Callable[[str], Any]] = {"placed": self.place, "paid": self.pay}
        steps = orders if client % 2 else {"moved": self.move}
        for turn in count():
            name = f"{client}-{turn}"
            for done, step in steps.items():
                self.journal.append(f"{done} {name}")
                begun_s = perf_counter()
                if not self._insist(step, name):
                    return
                self.acked.append(f"{done} {name}")
                self.latencies_s.append(perf_counter() - begun_s)
            if self._stop.is_set():
                return

    def _insist(self, step: Callable[[str], Any], name: str) -> bool:
        """False when the drill ends before there is an answer."""
        while True:
            try:
                outcome = step(name)
                self.surprises += [outcome] * isinstance(outcome, Refused)
                return True
            except QuanyuError as error:
                self.refusals.append(error)
            except BaseException as error:
                self.surprises.append(error)
                return False
            if self._stop.wait(0.02):
                return False

    def place(self, name: str) -> Any:
        cart = {"now": "2026-03-10T12:00:00+08:00", "lines": [LINE]}
        told = {"order": name, "touchpoint": "store", "cart": cart}
        told["identifiers"] = {"taobao_id": name}
        form = decode_order(json.dumps(told))
        ask = Asking(SHOP, name).place(form, tokeniser=self.engine.tokeniser(SHOP))
        return self.engine.orders.place(ask, form)

    def pay(self, name: str) -> Any:
        notice = Notice(name, PRICE_FEN, "alipay")
        return self.engine.orders.pay(Asking(SHOP, name).pay(notice), notice)

    def move(self, name: str) -> Any:
        chain = [moved(name, 1, credit="till")]
        (outcome,) = self.engine.ledger.post([chain], accounts=[BANK, TILL])
        return outcome if isinstance(outcome, Posted) else Refused(str(outcome))

    def wait_for_acks(self, more: int, timeout_s: float = 90) -> float:
        """Seconds until so many further steps are acknowledged."""
        return self._wait(self.acked, more, timeout_s=timeout_s)

    def wait_for_refusals(self, more: int, timeout_s: float = 90) -> float:
        return self._wait(self.refusals, more, timeout_s=timeout_s)

    def _wait(self, growing: list[Any], more: int, *, timeout_s: float) -> float:
        begun_s, goal, pause = perf_counter(), len(growing) + more, threading.Event()
        while len(growing) < goal:
            assert not self.surprises, self.surprises[0]
            assert perf_counter() - begun_s < timeout_s, "no progress"
            pause.wait(0.005)
        return perf_counter() - begun_s


def audit(payers: Payers, recoveries_s: list[float]) -> dict[str, object]:
    """What was acknowledged against rows, entries and cash."""
    engine = payers.engine
    with engine.database.transaction() as tx:
        states = dict(tx.execute("SELECT id, state FROM orders").fetchall())
        rows = tx.execute("SELECT id FROM ledger_transfer")
        entries = [bytes.fromhex(one.hex) for (one,) in rows]
        book = engine.book.balances(tx, ["clearing/alipay", "till"])
    stored = {f"placed {id}" for id in states}
    stored |= {f"paid {id}" for id, state in states.items() if state == "paid"}
    names = {one.partition(" ")[2] for one in payers.journal if one.startswith("moved")}
    stored |= {f"moved {name}" for name in names if bytes(named(name)) in set(entries)}
    paid = sum(state == "paid" for state in states.values())
    moves = sum(one.startswith("moved") for one in stored)
    twice = abs(book["clearing/alipay"].posted + paid * PRICE_FEN)
    twice += abs(book["till"].posted - moves)
    engine.projector.catch_up()
    faults = [check for check in engine.audit() if not check.holds]
    latencies_ms = sorted(1000 * s for s in payers.latencies_s)
    return {
        "attempted": len(payers.journal),
        "acked": len(payers.acked),
        "lost": len(set(payers.acked) - stored),
        "duplicates": twice + len(entries) - len(set(entries)),
        "violations": len(stored - set(payers.journal)) + len(faults) + len(payers.surprises),
        "p50_ms": round(latencies_ms[len(latencies_ms) // 2], 2),
        "p99_ms": round(latencies_ms[int(len(latencies_ms) * 0.99)], 2),
        "recovery_s": round(max(recoveries_s), 3),
    }
