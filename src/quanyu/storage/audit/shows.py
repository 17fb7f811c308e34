"""Archives of live shows: nothing was changed, taken out, put in or cut off."""

from quanyu.clock import china_day
from quanyu.compliance.streams import keep_until
from quanyu.content.shows.archive import faults
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.shows import PostgresShows
from quanyu.storage.postgres.sql_files import sql


def archives_are_unbroken(parts: Audited) -> Check:
    """Chain by chain, from the entries as they stand."""
    store, found, looked_at = PostgresShows(), [], 0
    with parts.database.transaction() as conn:
        for merchant, show in conn.execute(sql("audit/shows")).fetchall():
            entries, head = store.entries(conn, merchant, show=show)
            looked_at += len(entries)
            places = faults(merchant, entries, head=head)
            found += [f"show {merchant}/{show}: {place}" for place in places]
        for merchant, show, ended_us, kept_us in conn.execute(sql("audit/shows_kept")):
            if china_day(kept_us) < keep_until(ended_us):
                found.append(f"show {merchant}/{show}: kept only until {china_day(kept_us)}")
    return Check("shows: archives are as they were written", looked_at, tuple(found))
