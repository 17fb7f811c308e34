"""The desk where events come in: reads them, hands them to the log, keeps what it must refuse."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from quanyu.clock import Clock, format_iso
from quanyu.events.admission import Admission
from quanyu.events.bodies import Form, Unusable
from quanyu.events.intake import EVENTS_MAX, Candidate, Taken, take, take_candidates
from quanyu.events.log import Appended, Delivery, Inbox
from quanyu.events.refusals import Refusal
from quanyu.events.scrub import is_personal_key, scrub_text
from quanyu.ids import Tokeniser

MASK = "•••"


@dataclass(frozen=True, slots=True)
class Receipt:
    """accepted + duplicate + len(refusals) = received."""

    received: int
    accepted: int
    duplicate: int
    refusals: tuple[Refusal, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "received": self.received,
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "rejected": len(self.refusals),
            "refusals": [
                {
                    "index": refusal.index,
                    "event_id": refusal.event_id,
                    "field": refusal.fault.field,
                    "reason": refusal.fault.reason.value,
                    "mend": refusal.fault.mend,
                }
                for refusal in self.refusals
            ],
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A refused event in quarantine, without its bytes."""

    id: int
    index: int
    event_id: str | None
    field: str | None
    reason: str
    mend: str
    times: int
    """How often the same bytes came."""
    received_us: int
    expires_us: int

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "index": self.index,
            "event_id": self.event_id,
            "field": self.field,
            "reason": self.reason,
            "mend": self.mend,
            "times": self.times,
            "received_at": format_iso(self.received_us),
            "expires_at": format_iso(self.expires_us),
        }


class QuarantineStore(Protocol):
    """Refused events by merchant. They are written by the log, together with the good ones."""

    def entries(self, merchant: str, *, after: int, limit: int) -> list[Kept]: ...

    def raw(self, merchant: str, entry: int) -> bytes | None: ...

    def discard(self, merchant: str, entries: Iterable[int]) -> int: ...

    def purge(self, now_us: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Pending:
    """Events on their way to disk: ``done`` is what the log says when they are durable."""

    taken: Taken
    done: "Future[Appended]"

    def receipt(self) -> Receipt:
        """Waits until durable. Raises what the store raises."""
        return receipt_of(self.taken, self.done.result())


def receipt_of(taken: Taken, appended: Appended) -> Receipt:
    refused = tuple(taken.refused)
    return Receipt(taken.received, appended.accepted, appended.duplicate, refused)


class Events:
    def __init__(
        self,
        inbox: Inbox,
        quarantine: QuarantineStore,
        *,
        tokeniser_of: Callable[[str], Tokeniser],
        clock: Clock,
        events_max: int = EVENTS_MAX,
    ) -> None:
        self.quarantine = quarantine
        self._inbox = inbox
        self._tokeniser_of = tokeniser_of
        self._clock = clock
        self.events_max = events_max
        self._admissions: dict[str, Admission] = {}

    def record(self, merchant: str, body: bytes) -> Receipt | Unusable:
        """JSON array or NDJSON; durable when it returns. Raises Overloaded, Storage…"""
        pending = self.submit(merchant, body)
        return pending if isinstance(pending, Unusable) else pending.receipt()

    def submit(self, merchant: str, body: bytes) -> Pending | Unusable:
        """As ``record``, without waiting for the disk."""
        received_us = self._clock.now_us()
        taken = self._taken(merchant, body, received_us=received_us)
        if isinstance(taken, Unusable):
            return taken
        return self._deliver(merchant, taken, received_us=received_us)

    def submit_lines(self, merchant: str, lines: Sequence[tuple[int, bytes]]) -> Pending:
        """(Line number, event as JSON) pairs of a file, as one delivery."""
        received_us = self._clock.now_us()
        body = b"\n".join(line for _, line in lines)
        taken = self._taken(merchant, body, received_us=received_us, form="lines")
        assert not isinstance(taken, Unusable), "lines can be told apart"
        refused = [replace(one, index=lines[one.index][0]) for one in taken.refused]
        return self._deliver(merchant, replace(taken, refused=refused), received_us=received_us)

    def submit_rows(self, merchant: str, rows: Iterable[Candidate]) -> Pending:
        """Rows that a connector made, as one delivery."""
        received_us = self._clock.now_us()
        taken = take_candidates(rows, self._admission(merchant), received_us=received_us)
        return self._deliver(merchant, taken, received_us=received_us)

    def dry_run(self, merchant: str, rows: Iterable[Candidate]) -> Receipt:
        """What would become of the rows, duplicates aside; nothing is stored."""
        now_us = self._clock.now_us()
        taken = take_candidates(rows, self._admission(merchant), received_us=now_us)
        return receipt_of(taken, Appended(len(taken.packed), 0))

    def replay(
        self, merchant: str, entry: int, *, replacement: bytes | None = None
    ) -> Receipt | Unusable | None:
        """Sends a quarantined event, or its repaired form, through the same intake.

        Taken in (or known already) → it leaves the quarantine; refused again → it stays.
        None when there is no such entry.
        """
        raw = self.quarantine.raw(merchant, entry)
        if raw is None:
            return None
        received_us = self._clock.now_us()
        body = (raw if replacement is None else replacement).strip()
        taken = self._taken(merchant, body, received_us=received_us)
        if isinstance(taken, Unusable):
            return taken
        if taken.received != 1:
            return Unusable(0, "repair one event with one event")
        if taken.refused:
            return receipt_of(taken, Appended(0, 0))
        receipt = self._deliver(merchant, taken, received_us=received_us).receipt()
        self.quarantine.discard(merchant, [entry])
        return receipt

    def shown(self, merchant: str, entry: int) -> str | None:
        """The quarantined text with every personal value masked; None when there is no such."""
        raw = self.quarantine.raw(merchant, entry)
        return None if raw is None else masked(raw)

    def quarantined(self, merchant: str) -> Iterator[Kept]:
        """All entries of a merchant, oldest first."""
        after = 0
        while page := self.quarantine.entries(merchant, after=after, limit=500):
            yield from page
            after = page[-1].id

    def purge(self) -> int:
        """Forgets quarantined events whose time is over; returns how many."""
        return self.quarantine.purge(self._clock.now_us())

    def _taken(
        self, merchant: str, body: bytes, *, received_us: int, form: Form | None = None
    ) -> Taken | Unusable:
        return take(
            body,
            self._admission(merchant),
            received_us=received_us,
            events_max=self.events_max,
            form=form,
        )

    def _admission(self, merchant: str) -> Admission:
        known = self._admissions.get(merchant)
        if known is None:
            known = Admission(merchant, self._tokeniser_of(merchant))
            self._admissions[merchant] = known
        return known

    def _deliver(self, merchant: str, taken: Taken, *, received_us: int) -> Pending:
        if taken.received == 0:
            done: Future[Appended] = Future()
            done.set_result(Appended(0, 0))
            return Pending(taken, done)
        delivery = Delivery(merchant, taken.packed, taken.refused, received_us)
        return Pending(taken, self._inbox.submit(delivery))


def masked(raw: bytes) -> str:
    """Readable enough to see what is wrong, without personal values."""
    try:
        tree = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        text = scrub_text(raw.decode(errors="replace"))
        return "".join("•" if c.isdigit() else c for c in text)
    return msgspec.json.encode(_masked(tree)).decode()


def _masked(tree: Any, *, hidden: bool = False) -> Any:
    if isinstance(tree, Mapping):
        return {
            scrub_text(key): _masked(value, hidden=hidden or _hides(key))
            for key, value in tree.items()
        }
    if isinstance(tree, list):
        return [_masked(one, hidden=hidden) for one in tree]
    if hidden:
        return MASK
    if isinstance(tree, str):
        return scrub_text(tree)
    return MASK if scrub_text(str(tree)) != str(tree) else tree


def _hides(key: str) -> bool:
    return key in {"identifiers", "location"} or is_personal_key(key)
