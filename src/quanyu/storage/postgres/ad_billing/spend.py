"""What a campaign has spent, read from the sums of its leases and the judged events."""

from collections.abc import Sequence

import psycopg

from quanyu.decisions.billing.clicks import BILLED
from quanyu.decisions.billing.spending import DaySpend
from quanyu.storage.postgres.campaigns import PostgresCampaigns
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresSpend:
    """The port ``SpendStore``."""

    def days(
        self, tx: psycopg.Connection, merchant: str, *, campaign: str
    ) -> Sequence[DaySpend] | None:
        if PostgresCampaigns().find(tx, merchant, campaign=campaign) is None:
            return None
        place = {"merchant_no": merchant_no(tx, merchant), "campaign": campaign}
        sums = {day: fen for day, *fen in tx.execute(sql("ad_billing/spend"), place)}
        counts: dict[int, dict[str, int]] = {}
        for day, reason, count in tx.execute(sql("ad_billing/reasons"), place):
            counts.setdefault(day, {})[reason] = count
        return [
            _day(day, sums.get(day), counts=counts.get(day, {})) for day in sorted(sums | counts)
        ]


def _day(day: int, sums: Sequence[int] | None, *, counts: dict[str, int]) -> DaySpend:
    held, settled, spent, released = sums or (0, 0, 0, 0)
    return DaySpend(
        day=day, held_millifen=held, settled_millifen=settled, spent_fen=spent,
        released_millifen=released, billed=counts.get(BILLED, 0),
        invalid={reason: count for reason, count in counts.items() if reason != BILLED},
    )  # fmt: skip
