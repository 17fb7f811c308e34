"""Ordering and paying (下单, 支付). Amounts are fen."""

from quanyu.events.facts.family import FactType

ORDERS = (
    FactType("order_placed", requires=("order", "amount"), conversion=True),
    FactType("payment_completed", requires=("order", "amount"), conversion=True),
    FactType("refund_completed", requires=("order", "amount")),
    FactType("instalment_paid", requires=("order", "amount")),
)
