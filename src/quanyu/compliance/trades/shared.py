"""Buyers who hang together by devices and paying accounts: groups that no item has to show."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from quanyu.compliance.trades.graph import Flags, Ints
from quanyu.compliance.trades.orders import UNKNOWN, Orders, distinct_per

LINKS = ("device", "payer")
"""An address links offices, dormitories and parcel lockers, so it does not make a group."""
LINKED_MIN = 3
PUBLIC_BUYERS = 200
"""More buyers than that are a till, a kiosk or a placeholder."""
GROUP_MIN = 5


def groups(orders: Orders) -> list[Flags]:
    """Rows of each group of at least GROUP_MIN buyers, the largest first."""
    links = [_links(orders, column) for column in LINKS]
    size = len(orders.names["buyer"])
    here, there, offset = [np.empty(0, np.int64)], [np.empty(0, np.int64)], size
    for buyer, thing in links:
        here.append(buyer)
        there.append(thing + offset)
        offset += int(thing.max(initial=-1)) + 1
    rows, cols = np.concatenate(here), np.concatenate(there)
    ones = np.ones(len(rows), dtype=np.int8)
    graph = sparse.coo_matrix((ones, (rows, cols)), shape=(offset, offset))
    _, label = connected_components(graph, directed=False)
    return _rows_of(label[:size], orders, linked=rows)


def _links(orders: Orders, column: str) -> tuple[Ints, Ints]:
    """(buyer, thing) of the rows whose thing is used by several buyers, but is not public."""
    buyers = distinct_per(orders[column], orders["buyer"])
    linked = (orders[column] != UNKNOWN) & (buyers >= LINKED_MIN) & (buyers <= PUBLIC_BUYERS)
    return orders["buyer"][linked], orders[column][linked]


def _rows_of(label: Ints, orders: Orders, *, linked: Ints) -> list[Flags]:
    concerned = np.unique(linked)
    people = np.bincount(label[concerned], minlength=int(label.max(initial=0)) + 1)
    large = np.flatnonzero(people >= GROUP_MIN)
    ordered = large[np.argsort(-people[large], kind="stable")]
    of_row = label[orders["buyer"]]
    return [of_row == one for one in ordered]
