"""Coupons as rows, and back."""

from collections.abc import Sequence
from typing import Any

from quanyu.ids import Token, random_id
from quanyu.promotions.coupons.coupon import Coupon
from quanyu.promotions.coupons.states import State

Row = tuple[Any, ...]


def new_id() -> str:
    """A coupon's public name; unguessable."""
    return random_id("c")


def coupon_of(row: Row, offer: str) -> Coupon:
    """From the columns of ``coupons/lock`` and ``coupons/find``."""
    (no, _, _, id, state, kind, token, issued_us, expires_us, face_fen) = row[:10]
    until_us, order, store, used_us, spent_fen, gift, last4 = row[10:17]
    return Coupon(
        no=no,
        id=id,
        offer=offer,
        state=State(state),
        holder=None if kind is None else (kind, Token(bytes(token))),
        issued_us=issued_us,
        expires_us=expires_us,
        face_fen=face_fen,
        until_us=until_us,
        order=order,
        store=store,
        used_us=used_us,
        spent_fen=spent_fen,
        gift=gift,
        last4=last4,
    )


def changes(coupons: Sequence[Coupon]) -> dict[str, list[Any]]:
    """The columns of ``coupons/change`` that can change."""
    return {
        "numbers": [one.no for one in coupons],
        "states": [one.state.value for one in coupons],
        "kinds": [one.holder and one.holder[0] for one in coupons],
        "tokens": [one.holder and one.holder[1] for one in coupons],
        "untils": [one.until_us for one in coupons],
        "orders": [one.order for one in coupons],
        "stores": [one.store for one in coupons],
        "used": [one.used_us for one in coupons],
        "spent": [one.spent_fen for one in coupons],
        "gifts": [one.gift for one in coupons],
        "faces": [one.face_fen for one in coupons],
    }
