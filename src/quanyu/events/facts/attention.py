"""Seeing and wanting: the seed and click end of the loop (种草, 点击)."""

from quanyu.events.facts.family import FactType

ATTENTION = (
    FactType("impression"),
    FactType("view"),
    FactType("search", requires=("query",)),
    FactType("click"),
    FactType("watch", requires=("content",)),
    FactType("follow"),
    FactType("favourite", requires=("item",)),
    FactType("add_to_cart", requires=("item",)),
)
