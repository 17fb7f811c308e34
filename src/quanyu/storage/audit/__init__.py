"""Recomputes what must hold from the entries themselves, and says where it does not.

Nothing is repaired here.
"""

from collections.abc import Callable, Iterator

from quanyu.errors import QuanyuError
from quanyu.storage.audit import (
    ad_billing,
    benefits,
    campaigns,
    commissions,
    coupons,
    customers,
    instalments,
    lake,
    log,
    orders,
    prices,
    privacy,
    shows,
)
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.audit.ledger import ledger_checks

__all__ = ["Audited", "Check", "audit", "ledger_checks"]

CHECKS: tuple[Callable[[Audited], Check], ...] = (
    log.log_is_dense,
    log.every_event_has_its_key,
    log.consumers_are_behind_the_head,
    lake.lake_is_what_its_manifest_says,
    lake.lake_holds_each_event_once,
    customers.people_follow_from_the_ledger,
    customers.history_has_every_event,
    customers.members_follow_from_the_definitions,
    coupons.coupons_are_in_the_book,
    benefits.points_are_in_the_book,
    benefits.spends_add_up,
    benefits.flash_sales_add_up,
    orders.orders_are_in_the_book,
    orders.vouchers_are_in_the_book,
    prices.trades_are_those_of_the_orders,
    instalments.plans_are_what_was_financed,
    instalments.fees_are_in_the_book,
    campaigns.campaigns_are_in_the_book,
    ad_billing.leases_are_in_the_book,
    ad_billing.leases_hold_their_wins,
    ad_billing.wins_are_billed_once,
    shows.archives_are_unbroken,
    commissions.commissions_are_booked,
    privacy.every_field_is_registered,
)


def audit(parts: Audited) -> Iterator[Check]:
    """All checks, one after the other. One that cannot be made does not hold, and hides no other.

    Raises QuanyuError when the database cannot be reached.
    """
    for check in CHECKS:
        try:
            yield check(parts)
        except QuanyuError:
            raise
        except Exception as error:
            yield _not_looked_at(check.__name__.replace("_", " "), error)
    try:
        yield from ledger_checks(parts.database)
    except QuanyuError:
        raise
    except Exception as error:
        yield _not_looked_at("ledger", error)


def _not_looked_at(name: str, error: Exception) -> Check:
    return Check(name, 0, (f"cannot be looked at: {str(error).partition(chr(10))[0]}",))
