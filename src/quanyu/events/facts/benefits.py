"""Coupons and points (核销, 积分)."""

from quanyu.events.facts.family import FactType

BENEFITS = (
    FactType("coupon_issued", requires=("offer",)),
    FactType("coupon_locked", requires=("offer", "order")),
    FactType("coupon_redeemed", requires=("offer",), conversion=True),
    FactType("coupon_returned", requires=("offer",)),
    FactType("coupon_expired", requires=("offer",)),
    FactType("points_earned", requires=("props.points",)),
    FactType("points_spent", requires=("props.points",)),
    FactType("points_expired", requires=("props.points",)),
)
