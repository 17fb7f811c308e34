"""What is said to the desk of instalments, and what it answers."""

from collections.abc import Mapping
from typing import Any

import msgspec

from quanyu.events.requests import Request
from quanyu.promotions.instalments.agreement import Changed
from quanyu.promotions.instalments.states import PlanState


class TermNotice(msgspec.Struct, frozen=True):
    """What the financier says; it was verified before it comes here."""

    order: str
    amount_fen: int
    term: int | None = None
    """From 1; None: everything that is left, at once."""

    def request(self, merchant: str, key: str) -> Request:
        """Spelled alike by every door: one key is one intent through any of them. Raises
        BadInput for a key that cannot be."""
        operation = "instalment.settle" if self.term is None else "instalment.pay"
        content = msgspec.json.encode([self.order, self.amount_fen, self.term])
        return Request(merchant, operation, key, content)


class Paid(msgspec.Struct, frozen=True, tag="paid"):
    """Names nobody: answers are kept."""

    order: str
    state: PlanState
    terms_paid: int
    amount_fen: int
    owed_fen: int
    fee_back_fen: int
    """What went back to merchant or platform, of fees that they bear."""

    def as_json(self) -> dict[str, Any]:
        return {
            "order": self.order, "state": self.state.value, "terms_paid": self.terms_paid,
            "amount": self.amount_fen, "owed": self.owed_fen, "fee_back": self.fee_back_fen,
        }  # fmt: skip


class GoingBack(msgspec.Struct, frozen=True):
    """A refund of the order: in all, and by shop."""

    order: str
    cash_fen: int
    by_shop: Mapping[str, int]
    key: str


def paid(changed: Changed) -> Paid:
    now = changed.agreement
    return Paid(
        now.financed.order,
        now.state,
        now.paid,
        changed.amount_fen,
        now.owed_fen,
        sum(changed.back.values()),
    )
