"""The library: pieces in versions, from a draft to people and back. One verb, one transaction."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from quanyu.content.library.ports import PieceStore
from quanyu.content.library.rules import Rules
from quanyu.content.library.states import GATED, MOVES, OPEN, SHOWN, PieceRefusal, PieceState
from quanyu.content.library.states import PieceVerb as Verb
from quanyu.content.library.version import By, Change, Version, content_hash
from quanyu.content.piece import Kind, Piece
from quanyu.errors import NotFound, Refused
from quanyu.events.once import Once
from quanyu.events.requests import Request

Tx = TypeVar("Tx")
OF_THE_SHOWN = frozenset({Verb.PAUSE, Verb.RESUME})
"""Verbs of the version that is in front of people; all others are of the newest one."""


class Step(NamedTuple):
    verb: Verb
    by: By
    verdict: str = ""
    """What the gate said, where it was asked."""


class Library(Generic[Tx]):
    def __init__(self, once: Once[Tx], store: PieceStore[Tx], *, rules: Rules) -> None:
        self._once = once
        self._store = store
        self.rules = rules

    def add(self, merchant: str, piece: Piece, *, by: By, mark_ad: bool = False) -> Version:
        """The next version, as a draft; one that says the same as the newest is that one. With
        ``mark_ad`` a piece that sells is marked as an ad. What is shown stays shown until the new
        version is published."""
        if mark_ad and piece.sells:
            piece = msgspec.structs.replace(piece, marked_as_ad=True)
        with self._once.transactions.transaction() as tx:
            self._store.take_turn(tx, merchant, piece=piece.id)
            before = self._store.versions(tx, merchant, piece=piece.id)
            if before and before[-1].hash == content_hash(piece) and _is_alive(before[-1]):
                return before[-1]
            for one in before:
                if one.state in OPEN:
                    self._moved(tx, merchant, version=one, step=Step(Verb.REPLACE, by))
            now_us = self.rules.clock.now_us()
            made = Version(piece, len(before) + 1, PieceState.DRAFT, by.actor, now_us)
            self._store.add(tx, merchant, version=made)
            change = Change(made.number, "add", "", made.state, by.actor, now_us, by.note)
            self._store.note(tx, merchant, piece=piece.id, change=change)
            return made

    def move(self, request: Request, piece: str, *, verb: Verb, by: By) -> Version | Refused:
        """submit, reject, approve, publish, pause, resume, withdraw. Raises NotFound, and Unlawful
        where the law or the policy of today does not let it be shown as it is."""

        def do(tx: Tx) -> Version | Refused:
            merchant = request.merchant
            self._store.take_turn(tx, merchant, piece=piece)
            versions = self._versions(tx, merchant, piece=piece)
            version = _meant(versions, verb)
            if version is None or (version.state, verb) not in MOVES:
                return Refused(PieceRefusal.WRONG_STATE)
            if verb is Verb.APPROVE and self._is_own(version, by):
                return Refused(PieceRefusal.AUTHOR_APPROVES)
            said = self.rules.let_through(version.piece, merchant) if verb in GATED else None
            if verb is Verb.PUBLISH:
                for one in versions:
                    if one.state in SHOWN:
                        self._moved(tx, merchant, version=one, step=Step(Verb.REPLACE, by))
            step = Step(verb, by, "" if said is None else said.verdict.value)
            return self._moved(tx, merchant, version=version, step=step)

        return self._once.run(request, do, answer=Version)

    def find(self, merchant: str, piece: str, *, number: int | None = None) -> Version:
        """The newest version, or that one. Raises NotFound."""
        with self._once.transactions.transaction() as tx:
            versions = self._versions(tx, merchant, piece=piece)
        found = [one for one in versions if number in (None, one.number)]
        if not found:
            raise NotFound(f"version {number} of {piece[:64]!r}")
        return found[-1]

    def versions(self, merchant: str, piece: str) -> Sequence[Version]:
        """Oldest first. Raises NotFound."""
        with self._once.transactions.transaction() as tx:
            return self._versions(tx, merchant, piece=piece)

    def shown(self, merchant: str, piece: str) -> Piece | None:
        """What people may see of it now: the published version, looked at under the law of today,
        for what was lawful when it was published may not be any more."""
        with self._once.transactions.transaction() as tx:
            version = self._store.shown(tx, merchant, piece=piece)
        if version is None or not self.rules.review(version.piece, merchant).may_be_shown:
            return None
        return version.piece

    def listed(
        self, merchant: str, *, kind: Kind | None = None, state: PieceState | None = None,
        after: str = "",
    ) -> Sequence[Version]:  # fmt: skip
        """The newest version of each piece, by id; the next page is behind the last id."""
        with self._once.transactions.transaction() as tx:
            return self._store.latest(tx, merchant, kind=kind, state=state, after=after)

    def history(self, merchant: str, piece: str) -> Sequence[Change]:
        with self._once.transactions.transaction() as tx:
            return self._store.history(tx, merchant, piece=piece)

    def _versions(self, tx: Tx, merchant: str, *, piece: str) -> Sequence[Version]:
        found = self._store.versions(tx, merchant, piece=piece)
        if not found:
            raise NotFound(f"piece {piece[:64]!r}; see `quanyu content list`")
        return found

    def _is_own(self, version: Version, by: By) -> bool:
        return self.rules.four_eyes and by.actor in (version.author, version.submitter)

    def _moved(self, tx: Tx, merchant: str, *, version: Version, step: Step) -> Version:
        verb, by, verdict = step
        to = MOVES[version.state, verb]
        now_us = self.rules.clock.now_us()
        submitter = by.actor if verb is Verb.SUBMIT else version.submitter
        moved = msgspec.structs.replace(version, state=to, since_us=now_us, submitter=submitter)
        self._store.move(tx, merchant, version=version, to=moved)
        ends = (version.state, to, by.actor, now_us, by.note, verdict)
        change = Change(version.number, verb, *ends)
        self._store.note(tx, merchant, piece=version.piece.id, change=change)
        return moved


def _is_alive(version: Version) -> bool:
    return version.state is not PieceState.WITHDRAWN


def _meant(versions: Sequence[Version], verb: Verb) -> Version | None:
    """Which version a verb is about: the one in front of people, or the newest. ``withdraw`` takes
    what is in front of people first."""
    shown = next((one for one in versions if one.state in SHOWN), None)
    if verb in OF_THE_SHOWN:
        return shown
    return shown or versions[-1] if verb is Verb.WITHDRAW else versions[-1]
