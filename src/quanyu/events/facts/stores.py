"""Going there, and having it brought (到店, 配送)."""

from quanyu.events.facts.family import FactType

STORES = (
    FactType("store_searched"),
    FactType("route_requested", requires=("store",)),
    FactType("store_arrived", requires=("store",)),
    FactType("delivery_dispatched", requires=("order",)),
    FactType("delivery_completed", requires=("order",)),
    FactType("delivery_delayed", requires=("order",)),
    FactType("delivery_failed", requires=("order",)),
)
