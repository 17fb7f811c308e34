"""An expected "no" is a value; an outside failure is an exception.

The docstring of the exception is its message.
"""

from typing import Any

import msgspec


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A command that was understood and not done; nothing has changed."""

    reason: str
    """Of the enum of the package that refuses."""
    have: int | None = None
    need: int | None = None
    """Where a figure decided: what there is and what it takes."""


class QuanyuError(Exception):
    """Something outside the product failed."""

    def __init__(self, detail: str = "", **facts: Any) -> None:
        self.detail = detail
        self.facts = facts
        summary = (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(f"{summary} {detail}".strip())


class BadInput(QuanyuError):
    """The input cannot be used:"""

    def __init__(self, field: str, mend: str) -> None:
        self.field = field
        self.mend = mend
        super().__init__(f"{field}: {mend}")


class NotFound(QuanyuError):
    """Not found:"""


class DirectoryInUse(QuanyuError):
    """The data directory is in use:"""


class StorageUnavailable(QuanyuError):
    """The database cannot be reached:"""


class StorageFull(QuanyuError):
    """The disk is full; nothing of this request was stored:"""


class Overloaded(QuanyuError):
    """Too much is waiting already; try again shortly:"""
