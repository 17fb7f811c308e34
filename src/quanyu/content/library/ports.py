"""Where the library is kept. Engines live in ``storage``."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from quanyu.content.library.states import PieceState
from quanyu.content.library.version import Change, Version
from quanyu.content.piece import Kind

In = TypeVar("In", contravariant=True)


class PieceStore(Protocol[In]):
    def take_turn(self, tx: In, merchant: str, *, piece: str) -> None:
        """Nobody else changes the piece until commit, also where none of that id exists yet."""

    def add(self, tx: In, merchant: str, *, version: Version) -> None:
        """The next version of a piece, or its first."""

    def versions(self, tx: In, merchant: str, *, piece: str) -> Sequence[Version]:
        """Oldest first; empty where there is no such piece."""

    def move(self, tx: In, merchant: str, *, version: Version, to: Version) -> None:
        """From the state that ``version`` has; anything else is a bug."""

    def note(self, tx: In, merchant: str, *, piece: str, change: Change) -> None: ...

    def history(self, tx: In, merchant: str, *, piece: str) -> Sequence[Change]: ...

    def latest(
        self, tx: In, merchant: str, *, kind: Kind | None, state: PieceState | None, after: str
    ) -> Sequence[Version]:
        """The newest version of each piece, by id, those behind ``after``; a page."""

    def shown(self, tx: In, merchant: str, *, piece: str) -> Version | None:
        """What is published now; a paused version is not shown to anybody."""
