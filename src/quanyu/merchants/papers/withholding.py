"""What is shown and may not be shown any more is withheld until a person resumes it.

A licence that has ended, a paper that was withdrawn or a law that has changed does it; the article
stands in the history of the thing. Prices are not looked at again: the law compares them with
what was paid before the comparison began (令56 Art 16).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from quanyu.clock import Clock, china_day, format_iso
from quanyu.compliance.doorkeeper import Doorkeeper, Page
from quanyu.compliance.verdict import Verdict
from quanyu.errors import BadInput, NotFound
from quanyu.ids import fingerprint
from quanyu.merchants.papers.records import Papers, checked_actor

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)
AUTOMATIC = "quanyu"
"""The actor of what nobody does by hand."""
AT_A_TIME = 1_000
WHY_MAX = 500
Thing = tuple[str, str]
"""(kind, id)"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history of a thing: withheld, for which rule, or resumed, by whom."""

    kind: str
    id: str
    what: str
    """``withheld`` or ``resumed``."""
    actor: str
    at_us: int
    rule: str = ""
    article: str = ""
    why: str = ""

    @property
    def thing(self) -> Thing:
        return self.kind, self.id

    def as_json(self) -> dict[str, Any]:
        told = msgspec.structs.asdict(self)
        return {"at": format_iso(told.pop("at_us")), **told}


class WithheldStore(Protocol[In]):
    """Engines live in ``storage``."""

    def withhold(self, tx: In, merchant: str, *, lines: Sequence[Line]) -> Sequence[Line]:
        """Those that were not withheld before; only these are told in the history."""

    def resume(self, tx: In, merchant: str, *, lines: Sequence[Line]) -> Sequence[Line]:
        """Those that were withheld."""

    def withheld(self, tx: In, merchant: str) -> Sequence[Line]:
        """What is withheld now with the line that says why, the oldest first."""

    def history(self, tx: In, merchant: str, *, kind: str, id: str) -> Sequence[Line]:
        """Oldest first."""


class Shelf(msgspec.Struct, frozen=True):
    """One kind of thing that customers see until somebody stops it."""

    kind: str
    pages: Callable[[str], Iterable[Page]]
    """Merchant → what is on it, what is withheld among it."""


class Resumed(msgspec.Struct, frozen=True):
    resumed: tuple[Line, ...]
    refused: tuple[Line, ...]
    """Still not lawful, by which article."""

    def as_json(self) -> dict[str, Any]:
        return {
            "resumed": [{"kind": one.kind, "id": one.id} for one in self.resumed],
            "refused": [one.as_json() for one in self.refused],
        }


@dataclass(slots=True)
class Withholding(Generic[Tx]):
    papers: Papers[Tx]
    store: WithheldStore[Tx]
    shelves: Sequence[Shelf]
    door: Doorkeeper
    clock: Clock
    _seen: dict[str, str] = field(default_factory=dict)
    """Merchant → what its things were last judged by."""

    def recheck(self, merchant: str) -> list[Line]:
        """Withholds what may not be shown any more; returns what is new. Nothing is judged again
        on the same day by the same papers while nothing was resumed."""
        gone = {one.thing for one in self.withheld(merchant)}
        if self._seen.get(merchant) == self._ground(merchant, gone):
            return []
        new: list[Line] = []
        for shelf in self.shelves:
            for pages in _some(shelf.pages(merchant)):
                open_ones = [one for one in pages if (one.kind, one.id) not in gone]
                verdicts = self.door.rejudge(merchant, open_ones)
                new += self._withhold(merchant, self._unlawful(open_ones, verdicts))
        self._seen[merchant] = self._ground(merchant, gone | {one.thing for one in new})
        return new

    def resume(self, merchant: str, *, actor: str, kind: str = "", id: str = "") -> Resumed:
        """One thing, or all that may be shown again. Raises NotFound for one that is not withheld,
        Unlawful for one that is still against the law."""
        checked_actor(actor)
        wanted = {one.thing for one in self.withheld(merchant)}
        if kind or id:
            self._known(kind)
            wanted &= {(kind, id)}
        if not wanted and (kind or id):
            raise NotFound(f"{kind} {id[:80]!r} is not withheld; see `quanyu gate withheld`")
        pages = [one for shelf in self.shelves for one in self._of(shelf, merchant, wanted=wanted)]
        refused: list[Line] = []
        if kind or id:
            for page in pages:
                self.door.admit(merchant, page, place=kind)
        else:
            refused = self._unlawful(pages, self.door.judge(merchant, pages))
        good = wanted - {one.thing for one in refused}
        lines = [
            Line(kind=kind, id=id, what="resumed", actor=actor, at_us=self.clock.now_us())
            for kind, id in sorted(good)
        ]
        with self.papers.transactions.transaction() as tx:
            done = self.store.resume(tx, merchant, lines=lines)
        return Resumed(tuple(done), tuple(refused))

    def withheld(self, merchant: str) -> Sequence[Line]:
        with self.papers.transactions.transaction() as tx:
            return self.store.withheld(tx, merchant)

    def history(self, merchant: str, kind: str, *, id: str) -> Sequence[Line]:
        self._known(kind)
        with self.papers.transactions.transaction() as tx:
            return self.store.history(tx, merchant, kind=kind, id=id)

    def _known(self, kind: str) -> None:
        kinds = [shelf.kind for shelf in self.shelves]
        if kind not in kinds:
            raise BadInput("kind", f"choose from {', '.join(kinds)}")

    def _of(self, shelf: Shelf, merchant: str, *, wanted: set[Thing]) -> list[Page]:
        if not any(kind == shelf.kind for kind, _ in wanted):
            return []
        return [one for one in shelf.pages(merchant) if (one.kind, one.id) in wanted]

    def _ground(self, merchant: str, gone: Set[Thing]) -> str:
        """The law of the day and the papers decide. What a person resumed meanwhile is told by
        what is left: papers that change and change back must not hide it."""
        day = china_day(self.clock.now_us()).isoformat()
        return fingerprint(msgspec.json.encode((day, self.papers.of(merchant), sorted(gone))))

    def _unlawful(self, pages: Sequence[Page], verdicts: Sequence[Verdict]) -> list[Line]:
        judged = zip(pages, verdicts, strict=True)
        return [self._line(page, verdict) for page, verdict in judged if not verdict.may_be_shown]

    def _line(self, page: Page, verdict: Verdict) -> Line:
        hit = verdict.gravest
        assert hit is not None, "what passes is not refused"
        return Line(
            kind=page.kind, id=page.id, what="withheld", actor=AUTOMATIC,
            at_us=self.clock.now_us(), rule=hit.rule, article=hit.article,
            why=f"{hit.why}。{hit.suggestion}"[:WHY_MAX],
        )  # fmt: skip

    def _withhold(self, merchant: str, lines: Sequence[Line]) -> Sequence[Line]:
        if not lines:
            return []
        with self.papers.transactions.transaction() as tx:
            return self.store.withhold(tx, merchant, lines=lines)


def _some(pages: Iterable[Page]) -> Iterator[list[Page]]:
    supply = iter(pages)
    while some := list(islice(supply, AT_A_TIME)):
        yield some
