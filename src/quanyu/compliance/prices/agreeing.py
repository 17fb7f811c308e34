"""Prices that must agree with each other: page and checkout, home and detail, gifts, discounts."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from quanyu.compliance.law import Law
from quanyu.compliance.verdict import Hit, Verdict
from quanyu.errors import BadInput
from quanyu.money import format_yuan


class GiftShown(msgspec.Struct, frozen=True, kw_only=True):
    """A gift as it is announced."""

    name: str = ""
    quantity: int | None = None
    value_fen: int | None = None
    """The value that is announced; none need be."""
    sells_for_fen: int | None = None
    """What it sells for in this shop now; None when it is not sold there."""


def above_advertised(advertised_fen: int, checkout_fen: int, *, on: date) -> Verdict:
    """Art 19: what is charged is at most what was advertised; less is fine (Art 21)."""
    if checkout_fen <= advertised_fen:
        return Verdict()
    why = f"结算价 {format_yuan(checkout_fen)} 高于标示价 {format_yuan(advertised_fen)}"
    return Verdict(tuple(Law.of("price", on).hits("price.checkout_above", "checkout", why=why)))


def home_and_detail(home_fen: int, detail_fen: int, *, on: date) -> Verdict:
    """Art 20: the price of a home page is not below that of the page it leads to."""
    if home_fen >= detail_fen:
        return Verdict()
    why = f"首页 {format_yuan(home_fen)}，详情页 {format_yuan(detail_fen)}"
    return Verdict(tuple(Law.of("price", on).hits("price.home_below_detail", "home", why=why)))


def review_gift(gift: GiftShown, *, on: date) -> Verdict:
    """Art 18: name and quantity; a value is what it sells for here now."""
    return Verdict(tuple(_gift(gift, Law.of("price", on))))


def _gift(gift: GiftShown, law: Law) -> Iterator[Hit]:
    if not gift.name.strip():
        yield from law.hits("price.gift_unnamed", "gift.name")
    if gift.quantity is None or gift.quantity < 1:
        yield from law.hits("price.gift_unnamed", "gift.quantity")
    if gift.value_fen is not None and gift.value_fen != gift.sells_for_fen:
        sells = "本店不单卖" if gift.sells_for_fen is None else format_yuan(gift.sells_for_fen)
        why = f"赠品标价值 {format_yuan(gift.value_fen)}，当前售价：{sells}"
        yield from law.hits("price.gift_value", "gift.value", why=why)


def read_discount(text: str) -> Decimal:
    """``"8"`` or ``"7.9"`` of 折: tenths of the compared price. Raises BadInput."""
    parts = text.removesuffix("折").split(".")
    if len(parts) > 2 or not all(one.isascii() and one.isdigit() for one in parts):
        raise BadInput("discount", "write 8 for 8折, or 7.5")
    found = Decimal(".".join(parts))
    if not 0 < found < 10 or len(text) > 6:
        raise BadInput("discount", "write 8 for 8折, between 0 and 10")
    return found


def review_discount(said: Decimal, *, price_fen: int, reference_fen: int, on: date) -> Verdict:
    """Art 19(3) and 21: the price is at most what the discount says, up to rounding."""
    tenths = Decimal(price_fen * 10) / reference_fen if reference_fen else Decimal(10)
    if tenths.quantize(said + Decimal("0.0"), ROUND_HALF_UP) <= said:
        return Verdict()
    why = f"标 {said}折，实际 {tenths.quantize(Decimal('0.01'), ROUND_HALF_UP)}折"
    return Verdict(tuple(Law.of("price", on).hits("price.no_reduction", "discount", why=why)))
