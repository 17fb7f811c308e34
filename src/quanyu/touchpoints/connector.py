"""The port of connectors: other systems' files become our events. One file per partner."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from quanyu.events.intake import Candidate


class FileConnector(Protocol):
    """Pure: the same lines give the same events with the same ids, wherever the file lies and
    however it is cut into pieces, so that importing twice changes nothing."""

    def rows(self, lines: Iterable[bytes]) -> Iterator[Candidate]:
        """One candidate per line that is not blank, in order: an event, or what is wrong."""
