"""Audiences for callers: ``quanyu.audiences``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_, or_, sub

from pyroaring import BitMap64

from quanyu.customers.audiences.defining import Defining
from quanyu.customers.audiences.segmenting import Segmenting
from quanyu.customers.audiences.studying import Studying
from quanyu.customers.privacy.purposes import PERSONALISATION, purpose_named
from quanyu.customers.privacy.sending import recipient_of
from quanyu.errors import BadInput

EXPORT_PAGE = 10_000
EXPORT_PURPOSE = "marketing_messages"
OPERATIONS: Mapping[str, Callable[[BitMap64, BitMap64], BitMap64]] = {
    "union": or_,
    "intersect": and_,
    "minus": sub,
}
"""Of a list of audiences, from the first to the last."""


class AudienceService(Defining, Studying, Segmenting):
    """Methods raise BadInput with field and mend, and NotFound for a name that is not there."""

    def count(self, merchant: str, name: str) -> int:
        """Exact, as of the last event that has been applied."""
        return len(self._members(merchant, [name])[0])

    def combine(self, merchant: str, operation: str, *, names: Sequence[str]) -> int:
        """People in the union, the intersection, or the first minus the others."""
        return len(self._combined(merchant, operation, names=names))

    def members(
        self, merchant: str, name: str, *, purpose: str = EXPORT_PURPOSE, recipient: str = ""
    ) -> Iterator[str]:
        """Public ids of the members whose data may be used for the purpose; when it is to share
        them, of those who said yes to this recipient (PIPL 23). Raises BadInput."""
        wanted = purpose_named(purpose)
        named = recipient_of(wanted, recipient) or None
        for feature in (PERSONALISATION, purpose) if wanted.assessed else (PERSONALISATION,):
            self._around.demand(feature)
        return self._permitted(merchant, name, purpose=purpose, recipient=named)

    def _permitted(
        self, merchant: str, name: str, *, purpose: str, recipient: str | None
    ) -> Iterator[str]:
        persons = self._members(merchant, [name])[0].to_array()
        for first in range(0, len(persons), EXPORT_PAGE):
            page = [int(person) for person in persons[first : first + EXPORT_PAGE]]
            permitted = self._store.permitted(merchant, page, purpose=purpose, recipient=recipient)
            yield from sorted(self._store.public_ids(merchant, sorted(permitted)).values())

    def _combined(self, merchant: str, operation: str, *, names: Sequence[str]) -> BitMap64:
        if operation not in OPERATIONS:
            raise BadInput("operation", f"use one of {', '.join(OPERATIONS)}")
        if not names:
            raise BadInput("names", "name at least one audience")
        return reduce(OPERATIONS[operation], self._members(merchant, names))
