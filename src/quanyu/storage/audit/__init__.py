"""Recomputes what must hold from the entries themselves, and says where it does not.

Nothing is repaired here.
"""

from collections.abc import Callable, Iterator

from quanyu.storage.audit import customers, lake, log
from quanyu.storage.audit.check import Audited, Check

__all__ = ["Audited", "Check", "audit"]

CHECKS: tuple[Callable[[Audited], Check], ...] = (
    log.log_is_dense,
    log.every_event_has_its_key,
    log.consumers_are_behind_the_head,
    customers.people_follow_from_the_ledger,
    customers.history_has_every_event,
    customers.members_follow_from_the_definitions,
    lake.lake_is_what_its_manifest_says,
    lake.lake_holds_each_event_once,
)


def audit(parts: Audited) -> Iterator[Check]:
    """All checks, one after the other."""
    for check in CHECKS:
        yield check(parts)
