"""Customers: people follow from the ledger, history from the log, members from definitions."""

from quanyu.errors import BadInput
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.identity.region import Merchant, whole_region
from quanyu.storage.postgres.merchants import merchant_names
from quanyu.storage.postgres.sql_files import sql


def people_follow_from_the_ledger(parts: Audited) -> Check:
    """Who is one person, worked out again from all edges, is what is stored."""
    looked_at, faults = 0, []
    with parts.database.transaction() as conn:
        for number, name in sorted(merchant_names(conn).items()):
            region = whole_region(conn, Merchant(name, number), blocked=parts.people.blocked)
            nodes = region.graph.nodes["node"]
            owner = region.resolved().person
            joined = owner != nodes
            due = dict(zip(nodes[joined].tolist(), owner[joined].tolist(), strict=True))
            old = region.old_persons
            stored = dict(zip(old["node"].tolist(), old["person"].tolist(), strict=True))
            looked_at += len(nodes)
            wrong = {n for n in due.keys() | stored.keys() if due.get(n) != stored.get(n)}
            if wrong:
                faults.append(f"{name}: {len(wrong)} identifiers belong to another person")
    return Check("identity: people follow from the ledger", looked_at, tuple(faults))


def history_has_every_event(parts: Audited) -> Check:
    """As many rows of history as events up to the place of the profiles."""
    with parts.database.transaction() as conn:
        names = merchant_names(conn)
        found = {
            name: conn.execute(sql("audit/history_rows"), {"merchant_no": number}).fetchone()
            for number, name in names.items()
        }
    looked_at, faults = 0, []
    for merchant, row in sorted(found.items()):
        assert row is not None, "an aggregate gives one row"
        rows, place = row
        with parts.lake.reading(merchant) as reading:
            upto = reading.events.filter(reading.events.offset <= place)
            events = reading.rows(upto.aggregate(events=upto.count()))[0]["events"]
        looked_at += rows
        if rows != events:
            faults.append(f"{merchant}: {rows} rows of history for {events} events")
    return Check("profiles: history has every event", looked_at, tuple(faults))


def members_follow_from_the_definitions(parts: Audited) -> Check:
    """Live members are those whom the definition finds when everybody is evaluated now.

    A member whose window ends in this very moment may differ: run it again.
    """
    with parts.database.transaction() as conn:
        names = sorted(merchant_names(conn).values())
    looked_at, faults = 0, []
    for merchant in names:
        for audience in parts.audiences.list(merchant):
            looked_at += audience.people
            try:
                missing, extra = parts.audiences.drift(merchant, audience)
            except BadInput as error:
                faults.append(f"{merchant}: {audience.name} cannot be evaluated: {error}")
                continue
            if missing or extra:
                faults.append(
                    f"{merchant}: {audience.name} lacks {missing} people, has {extra} too many"
                )
    return Check("audiences: members follow from the definitions", looked_at, tuple(faults))
