"""The pretend market goes through the same door as a real client: public JSON, in batches."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import progress

if TYPE_CHECKING:
    from quanyu.events.service import Receipt
    from quanyu.simulator.market import Market
    from quanyu.wiring import Engine

BATCH = 2_000


def feed_market(engine: "Engine", merchant: str, *, market: "Market") -> "Receipt":
    """Send everything that happens in the market; returns the sum of the receipts."""
    from quanyu.events.service import Receipt

    total = Receipt(0, 0, 0)
    with progress() as shown:
        task = shown.add_task("the market lives", total=market.days)
        for batch in batches(market.events()):
            receipt = engine.events.record(merchant, msgspec.json.encode(batch))
            if not isinstance(receipt, Receipt):
                raise BadInput("events", receipt.mend)
            total = added(total, receipt)
            shown.update(task, completed=market.day_of(batch[-1]["at"]))
    return total


def batches(events: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(events, BATCH)):
        yield batch


def added(total: "Receipt", one: "Receipt") -> "Receipt":
    return type(total)(
        total.received + one.received,
        total.accepted + one.accepted,
        total.duplicate + one.duplicate,
        total.refusals + one.refusals,
    )
