"""The life of an order as a table: state × step → state. What is not in it is refused."""

from enum import StrEnum


class OrderState(StrEnum):
    PLACED = "placed"
    """Benefits are locked and stock is held until the pay deadline."""
    PAID = "paid"
    SHIPPED = "shipped"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    """Never paid: everything that was locked is free again."""
    REFUNDED = "refunded"
    """Every unit has gone back."""


class Step(StrEnum):
    PAY = "pay"
    CANCEL = "cancel"
    LAPSE = "lapse"
    """The pay deadline is over."""
    SHIP = "ship"
    CONFIRM = "confirm"
    REFUND = "refund"
    """Some units; the order stays in its state."""
    REFUND_LAST = "refund_last"


NEXT: dict[tuple[OrderState, Step], OrderState] = {
    (OrderState.PLACED, Step.PAY): OrderState.PAID,
    (OrderState.PLACED, Step.CANCEL): OrderState.CANCELLED,
    (OrderState.PLACED, Step.LAPSE): OrderState.CANCELLED,
    (OrderState.PAID, Step.SHIP): OrderState.SHIPPED,
    (OrderState.PAID, Step.CONFIRM): OrderState.CONFIRMED,
    (OrderState.PAID, Step.REFUND): OrderState.PAID,
    (OrderState.PAID, Step.REFUND_LAST): OrderState.REFUNDED,
    (OrderState.SHIPPED, Step.CONFIRM): OrderState.CONFIRMED,
    (OrderState.SHIPPED, Step.REFUND): OrderState.SHIPPED,
    (OrderState.SHIPPED, Step.REFUND_LAST): OrderState.REFUNDED,
    (OrderState.CONFIRMED, Step.REFUND): OrderState.CONFIRMED,
    (OrderState.CONFIRMED, Step.REFUND_LAST): OrderState.REFUNDED,
}


class OrderRefusal(StrEnum):
    NOT_FOUND = "order_not_found"
    EXISTS = "order_exists"
    WRONG_STATE = "order_in_wrong_state"
    DEADLINE_OVER = "pay_deadline_over"
    PRICE_CHANGED = "price_changed"
    """Have: what it costs now; need: what the buyer was shown."""
    ABOVE_ADVERTISED = "above_advertised"
    """Have: what a line costs; need: what was advertised for it, at most."""
    AMOUNT_DIFFERS = "amount_differs"
    UNIT_TWICE = "unit_named_twice"
    COUPON_NOT_USABLE = "coupon_not_usable"
    POINTS_WORTH_LESS = "points_worth_less"
    """Of the ecosystem. Have: what its programme pays for them; need: what they would take off."""
    PIECES_DIFFER = "pieces_differ_from_cart"
    """Reserved pieces of a flash sale and units of its item in the cart."""
