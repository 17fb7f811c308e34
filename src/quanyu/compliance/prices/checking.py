"""One price asked about: the bound, what it rests on, and everything that is wrong with it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from quanyu.clock import CHINA_OFFSET_US, DAY_US, china_day, format_iso, parse_day, parse_iso
from quanyu.compliance.policy import DEFAULT, Policy
from quanyu.compliance.prices.agreeing import review_discount
from quanyu.compliance.prices.reviewing import History, look_at
from quanyu.compliance.prices.trades import Basis, Bound, Trade
from quanyu.compliance.showing import PriceShown
from quanyu.compliance.verdict import Verdict
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX


class Question(msgspec.Struct, frozen=True, kw_only=True):
    at_us: int
    reference_fen: int | None = None
    price_fen: int | None = None
    basis: str | None = None
    """What stands beside the compared price."""
    suggested_fen: int | None = None
    reason: str = ""
    """Why the price was raised before."""
    discount: Decimal | None = None
    shop: str = ""
    item: str = ""

    def knowing(self, suggested_fen: int | None) -> "Question":
        """With what is on record of the maker's price, unless another was said."""
        if self.suggested_fen is not None:
            return self
        return msgspec.structs.replace(self, suggested_fen=suggested_fen)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    verdict: Verdict
    basis: Basis
    max_fen: int | None
    bound: Bound

    def as_json(self) -> dict[str, Any]:
        window = {"from": format_iso(self.bound.since_us), "to": format_iso(self.bound.until_us)}
        return {
            "verdict": self.verdict.verdict,
            "max_reference": self.max_fen,
            "basis": self.basis,
            "trades_counted": self.bound.counted,
            "window": window,
            "hits": self.verdict.as_json()["hits"],
        }


def answered(question: Question, trades: Sequence[Trade], *, policy: Policy = DEFAULT) -> Answer:
    """Raises BadInput for amounts that are none, and for a day before every rule on prices."""
    _within_money(question)
    shown = PriceShown(
        shop=question.shop, item=question.item, price_fen=question.price_fen or 0,
        reference_fen=question.reference_fen, basis=question.basis,
    )  # fmt: skip
    history = History(
        trades=trades, suggested_fen=question.suggested_fen, rise_reason=question.reason
    )
    look = look_at(shown, history, at_us=question.at_us, policy=policy)
    basis, max_fen = look.allowed
    hits = (*look.hits(), *_of_discount(question).hits)
    return Answer(verdict=Verdict(hits), basis=basis, max_fen=max_fen, bound=look.bound)


def _within_money(question: Question) -> None:
    for name in ("reference_fen", "price_fen", "suggested_fen"):
        fen = getattr(question, name)
        if fen is not None and not 1 <= fen <= FEN_MAX:
            field = name.removesuffix("_fen").replace("suggested", "suggested_retail")
            raise BadInput(field, f"write fen from 1 to {FEN_MAX}")


def _of_discount(question: Question) -> Verdict:
    if question.discount is None:
        return Verdict()
    if question.price_fen is None or question.reference_fen is None:
        raise BadInput("discount", "give price and reference too: a discount is between them")
    return review_discount(
        question.discount, price_fen=question.price_fen, reference_fen=question.reference_fen,
        on=china_day(question.at_us),
    )  # fmt: skip


def read_moment(text: str, field: str) -> int:
    """A day means its first moment in China; a time needs an offset. Raises BadInput."""
    try:
        if len(text) == len("2026-11-11"):
            return parse_day(text) * DAY_US - CHINA_OFFSET_US
        return parse_iso(text)
    except (ValueError, OverflowError):
        mend = "write a day as 2026-11-11, or a time as 2026-11-11T20:00:00+08:00"
        raise BadInput(field, mend) from None
