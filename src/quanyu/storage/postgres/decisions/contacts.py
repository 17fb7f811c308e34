"""The port ``Contacts``: which ads were put before whom, as long as a cap counts them."""

from collections.abc import Mapping, Sequence

import psycopg

from quanyu.clock import HOUR_US
from quanyu.decisions.guards.caps import KEPT_HOURS, Contact
from quanyu.storage.postgres.decisions.deeds import by_ask
from quanyu.storage.postgres.decisions.keeping import keepable
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresContacts:
    def keep(
        self, tx: psycopg.Connection, merchant: str, *, contacts: Sequence[tuple[int, Contact]]
    ) -> None:
        """Nothing of people who have switched off meanwhile. In a transaction that also keeps
        decisions, after them: their locks cover these."""
        latest_us = max((one.at_us for _, one in contacts), default=0)
        nodes = {node for node, _ in contacts}
        may = keepable(tx, merchant, nodes=nodes, at_us=latest_us)
        kept = [(node, one) for node, one in contacts if node in may]
        if not kept:
            return
        args = {
            "merchant_no": merchant_no(tx, merchant),
            "nodes": [node for node, _ in kept],
            "at": [one.at_us for _, one in kept],
            "touchpoints": [one.touchpoint for _, one in kept],
            "campaigns": [one.campaign for _, one in kept],
            "creatives": [one.creative for _, one in kept],
            "advertisers": [one.advertiser for _, one in kept],
            "categories": [one.category for _, one in kept],
        }
        tx.execute(sql("decisions/keep_contacts"), args)


def contacts_of(
    tx: psycopg.Connection,
    nodes: Mapping[int, Sequence[int]],
    *,
    at_us: int,
    hours: int = KEPT_HOURS,
) -> dict[int, tuple[Contact, ...]]:
    """Ask → the ads of its person within the window, in no order."""
    args = {**by_ask(nodes), "since_us": at_us - hours * HOUR_US}
    found: dict[int, list[Contact]] = {}
    for ask, at, touchpoint, campaign, creative, advertiser, category in tx.execute(
        sql("decisions/contacts"), args, binary=True
    ):
        one = Contact(
            at_us=at, touchpoint=touchpoint, campaign=campaign, creative=creative,
            advertiser=advertiser, category=category,
        )  # fmt: skip
        found.setdefault(ask, []).append(one)
    return {ask: tuple(listed) for ask, listed in found.items()}
