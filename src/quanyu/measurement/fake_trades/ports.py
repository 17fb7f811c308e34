"""What fake trades need from storage: paid orders, and a place for what is said of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from quanyu.compliance.trades.orders import Orders
from quanyu.measurement.fake_trades.answers import Change, ScanDone, Standing, SuspectedOrder

Tx = TypeVar("Tx", contravariant=True)


class PaidOrders(Protocol):
    def paid(self, merchant: str, *, from_us: int, to_us: int) -> Orders:
        """Buyers are persons, accounts and devices are tokens; nothing of it is kept."""

    def is_paid(self, merchant: str, *, order: str) -> bool:
        """Whether any payment bears the number."""


class SetAside(Protocol[Tx]):
    """For whoever counts orders: reports, price base, attribution, lookalike."""

    def set_aside(self, tx: Tx, merchant: str) -> Sequence[str]:
        """Orders that count nowhere: suspected or confirmed ones."""


@dataclass(frozen=True, slots=True)
class Moved:
    new: int
    still: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class By:
    actor: str
    note: str
    now_us: int
    scan: str


@dataclass(frozen=True, slots=True)
class Page:
    """Orders by falling score; ``after`` is the last one of the page before."""

    state: Standing | None = None
    after: tuple[int, str] | None = None
    """(score_ppm, order)"""
    limit: int = 100


class SuspectedOrders(SetAside[Tx], Protocol[Tx]):
    def keep(
        self,
        tx: Tx,
        merchant: str,
        *,
        suspects: Sequence[SuspectedOrder],
        looked_at: Collection[str],
        by: By,
    ) -> Moved:
        """Of one scan. Who was decided by a person stays as he is; who is in ``looked_at``, was
        suspected before and is not now, is withdrawn."""

    def add_scan(self, tx: Tx, merchant: str, *, done: ScanDone) -> None: ...

    def last_scan_us(self, tx: Tx, merchant: str) -> int | None: ...

    def listed(self, tx: Tx, merchant: str, *, page: Page) -> Sequence[SuspectedOrder]: ...

    def find(self, tx: Tx, merchant: str, *, order: str) -> SuspectedOrder | None:
        """Locked until the transaction ends; without its history."""

    def history(self, tx: Tx, merchant: str, *, order: str) -> Sequence[Change]: ...

    def suspect(self, tx: Tx, merchant: str, *, found: SuspectedOrder, by: By) -> None:
        """By a person. ``found``: as it stood, or as it shall stand where it is new."""

    def move(
        self, tx: Tx, merchant: str, *, found: SuspectedOrder, state: Standing, by: By
    ) -> None: ...
