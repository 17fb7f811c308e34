"""The price history: what it says of own orders is what replaying them gives."""

from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.sql_files import sql


def trades_are_those_of_the_orders(parts: Audited) -> Check:
    """Of each paid order: every line with what a unit cost, how many, how many went back, paid
    between placing and its deadline; and no trade of anything else."""
    faults, looked_at = [], 0
    with parts.database.transaction() as conn:
        for merchant, order, line, unit_fen, said, kept, timely in conn.execute(
            sql("audit/trades")
        ):
            looked_at += 1
            name = f"trade {merchant}/{order}/{line} at {unit_fen} fen"
            if said != kept:
                faults.append(f"{name}: {told(kept)} in the history, {told(said)} by the order")
            elif not timely:
                faults.append(f"{name}: paid before it was placed, or after its deadline")
    return Check("prices: the history is what the orders say", looked_at, tuple(faults))


def told(columns: list[str | None]) -> str:
    shop, item, quantity, refunded = columns
    if item is None:
        return "nothing"
    return f"{quantity} of {item} in {shop}, {refunded} back"
