"""Holds what decisions stand on, a merchant at a time; a newer one is made beside it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

from quanyu.clock import SECOND_US, Clock
from quanyu.decisions.serving.grounds import Grounds

LOOK_EVERY_US = 2 * SECOND_US
Make = Callable[[str, Grounds | None], Grounds]
"""(Merchant, those of now) → those of now where nothing has changed, else new ones."""


@dataclass(slots=True)
class Held:
    grounds: Grounds
    looked_us: int
    making: "Future[None] | None" = None


class Keeper:
    """The first question of a merchant waits until its grounds are made; later ones are answered
    on those of before while newer ones are being made."""

    def __init__(self, make: Make, clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._held: dict[str, Held] = {}
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="grounds")

    def current(self, merchant: str) -> Grounds:
        held = self._held.get(merchant) or self._first(merchant)
        now_us = self._clock.now_us()
        free = held.making is None or held.making.done()
        if free and now_us - held.looked_us >= LOOK_EVERY_US:
            held.looked_us = now_us
            held.making = self._worker.submit(self._renew, merchant, held)
        return held.grounds

    def renew(self, merchant: str) -> Grounds:
        """Now, for who cannot wait."""
        held = self._held.get(merchant) or self._first(merchant)
        self._renew(merchant, held)
        return held.grounds

    def close(self) -> None:
        self._worker.shutdown(cancel_futures=True)

    def _first(self, merchant: str) -> Held:
        with self._lock:
            if merchant not in self._held:
                self._held[merchant] = Held(self._make(merchant, None), self._clock.now_us())
            return self._held[merchant]

    def _renew(self, merchant: str, held: Held) -> None:
        with self._lock:
            held.grounds = self._make(merchant, held.grounds)
