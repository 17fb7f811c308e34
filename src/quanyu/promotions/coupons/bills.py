"""A bill at a till, and what a piece takes off it: the arithmetic of pricing, and no second one."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from quanyu.clock import china_datetime
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.offers.terms import Template, Word
from quanyu.promotions.pricing import Cart, Line, evaluate
from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.benefits import AmountOff, PercentOff
from quanyu.promotions.pricing.cart import LINES_MAX, QUANTITY_MAX, Price

NOT_AT_TILLS = {"points", "shipping", "after"}
"""Lanes that reduce what a bill does not have."""


class BillLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line as a till has it: of a cart, without the shop, which is the store itself."""

    item: Word
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
    list_price: Price
    """Fen per unit."""
    category: str = ""
    flags: Sequence[Word] = ()


BillLines = Annotated[Sequence[BillLine], Meta(max_length=LINES_MAX)]


class Bill(msgspec.Struct, frozen=True, omit_defaults=True):
    amount_fen: int
    lines: Sequence[BillLine] = ()
    """Empty: only the sum is known."""
    virtual: bool = False


def sum_of(lines: Sequence[BillLine]) -> int:
    return sum(line.quantity * line.list_price for line in lines)


def whole_fen(amount_fen: int | None, lines: Sequence[BillLine]) -> int | None:
    """Lines say what they come to. Raises BadInput for an amount that says something else."""
    if not lines:
        return amount_fen
    found_fen = sum_of(lines)
    if amount_fen not in (None, found_fen):
        raise BadInput("amount", f"its lines come to {found_fen}; leave the amount out")
    if found_fen > FEN_MAX:
        raise BadInput("lines", f"keep the sum within {FEN_MAX} fen")
    return found_fen


class Place(NamedTuple):
    """When, where and for what somebody shows a coupon."""

    at_us: int
    store: str | None
    virtual: bool = False
    touchpoint: str = ""


def out_of_place(template: Template, *, at: Place) -> Reason | None:
    """What a till sees without looking at the prices."""
    benefit = template.benefit
    open_to_virtual = template.virtual or (benefit is not None and bool(benefit.threshold))
    checks: tuple[tuple[bool, Reason], ...] = (
        (_elsewhere(at.store, template.stores), Reason.WRONG_STORE),
        (_elsewhere(at.touchpoint, template.touchpoints), Reason.WRONG_TOUCHPOINT),
        (not template.priced.open_at(at.at_us), Reason.OUTSIDE_HOURS),
        (at.virtual and not open_to_virtual, Reason.VIRTUAL_GOODS),
    )
    return next((reason for wrong, reason in checks if wrong), None)


def _elsewhere(place: str | None, places: Sequence[str]) -> bool:
    return bool(places) and place not in places


def worth(template: Template, bill: Bill, *, now_us: int) -> int | Refused:
    """Fen off. An offer with a scope counts its lines alone, so it needs to see them."""
    offer, benefit = template.priced, template.benefit
    if benefit is None or offer.lane in NOT_AT_TILLS:
        return Refused(Reason.ONLY_IN_ORDERS)
    if template.of_a_show:
        return Refused(Reason.ONLY_IN_ORDERS)
    if template.scoped and not bill.lines:
        return Refused(Reason.NEEDS_LINES)
    need = max(1, benefit.threshold)
    if not bill.amount_fen:
        return Refused(Reason.BELOW_THRESHOLD, have=0, need=need)
    if not bill.lines:
        return _worth_of_a_sum(template, benefit, amount_fen=bill.amount_fen)
    (trace,) = evaluate(_cart(template, bill, now_us=now_us), [offer]).trace
    if trace.code in ("below_threshold", "not_in_scope"):
        return Refused(Reason.BELOW_THRESHOLD, have=trace.have or 0, need=need)
    return min(trace.amount or 0, template.face_fen)


def _worth_of_a_sum(
    template: Template, benefit: AmountOff | PercentOff, *, amount_fen: int
) -> int | Refused:
    """A sum is one unit of one line, so ``evaluate`` would come to the same; a till that is busy
    asks the benefit itself."""
    if amount_fen < benefit.threshold:
        return Refused(Reason.BELOW_THRESHOLD, have=amount_fen, need=benefit.threshold)
    return min(benefit.off_line(Part("bill", 1, amount_fen)), template.face_fen)


def _cart(template: Template, bill: Bill, *, now_us: int) -> Cart:
    """Who holds the coupon meets what it requires; the whole bill is of one shop."""
    offer = template.priced
    lines = [
        Line(
            f"{number:04}", offer.shop or "store", line.item, line.quantity, line.list_price,
            line.category, line.flags,
        )
        for number, line in enumerate(bill.lines)
    ]  # fmt: skip
    return Cart(china_datetime(now_us), lines, eligibility=offer.requires)
