"""Buyers who hang together by devices and paying accounts: groups that no item has to show."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from quanyu.compliance.trades.graph import Flags, Ints
from quanyu.compliance.trades.orders import UNKNOWN, Orders, sharers

LINKS = ("device", "payer")
"""An address links offices, dormitories and parcel lockers, so it does not make a group."""
LINKED_MIN = 3
PUBLIC_BUYERS = 200
"""More buyers than that are a till, a kiosk or a placeholder."""
GROUP_MIN = 5


def groups(orders: Orders) -> list[Flags]:
    """Rows of each group of at least GROUP_MIN buyers, or accounts of one kind, the largest
    first. Accounts of one person belong together."""
    links = [_links(orders, column) for column in LINKS]
    if orders.has_accounts:
        links.append((orders.accounts, orders["buyer"]))
    if not any(len(one) for one, _ in links):
        return []
    of_row = _connected(orders.accounts, links)
    people = sharers(orders, of_row)
    found = np.unique(np.stack([-people, of_row])[:, people >= GROUP_MIN], axis=1)
    return [of_row == one for one in found[1]]


def _links(orders: Orders, column: str) -> tuple[Ints, Ints]:
    """(account, thing) of the rows whose thing is used by several, but is not public."""
    thing = orders[column]
    users = sharers(orders, thing)
    linked = (thing != UNKNOWN) & (users >= LINKED_MIN) & (users <= PUBLIC_BUYERS)
    return orders.accounts[linked], thing[linked]


def _connected(account: Ints, links: list[tuple[Ints, Ints]]) -> Ints:
    """Number of the group of each row."""
    here, there, offset = [], [], int(account.max(initial=-1)) + 1
    for one, thing in links:
        here.append(one)
        there.append(thing + offset)
        offset += int(thing.max(initial=-1)) + 1
    rows, cols = np.concatenate(here), np.concatenate(there)
    ones = np.ones(len(rows), dtype=np.int8)
    graph = sparse.coo_matrix((ones, (rows, cols)), shape=(offset, offset))
    _, label = connected_components(graph, directed=False)
    return np.asarray(label[account], dtype=np.int64)
