"""What a merchant has on record and what the gate withholds, in memory: the ports without a
database."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import date
from typing import Any, TypeVar

from quanyu.clock import FixedClock
from quanyu.compliance.doorkeeper import Doorkeeper, Page
from quanyu.compliance.gate import LawGate
from quanyu.compliance.licences import Licence
from quanyu.compliance.showing import Showing
from quanyu.compliance.verdict import Verdict
from quanyu.errors import NotFound
from quanyu.ids import fingerprint
from quanyu.merchants.papers.records import Paper, PaperKind, Papers
from quanyu.merchants.papers.withholding import Line, Shelf, Withholding

T = TypeVar("T")
NOON_US = 1_773_115_200_000_000
"""12:00 on 10 March 2026 in China."""
TODAY = date(2026, 3, 10)
SENTENCE = "全网最低价，国家级品质"


def licence(**change: Any) -> Licence:
    usual = {"valid_from": date(2022, 1, 1), "valid_to": date(2026, 3, 29)}
    return Licence("food_business", "JY13101150000001", "茶业公司", **{**usual, **change})


class Shelves:
    """Papers and withheld things of everybody; a block that raises changes nothing."""

    def __init__(self) -> None:
        self.papers: list[tuple[str, Paper]] = []
        self.gone: dict[tuple[str, str, str], int] = {}
        self.lines: list[tuple[str, Line]] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = deepcopy(self.__dict__)
        try:
            yield None
        except BaseException:
            self.__dict__ |= before
            raise

    def attempt(self, tx: None, do: Callable[[], T]) -> T:
        return do()

    # papers
    def add(self, tx: None, merchant: str, *, paper: Paper) -> None:
        self.papers.append((merchant, paper))

    def latest(self, tx: None, merchant: str, *, kinds: Sequence[PaperKind]) -> list[Paper]:
        last: dict[tuple[str, str], Paper] = {}
        for whose, paper in self.papers:
            if whose == merchant and paper.kind in kinds:
                last.pop((paper.kind, paper.id), None)
                last[paper.kind, paper.id] = paper
        return list(last.values())

    def merchants(self, tx: None) -> list[str]:
        return sorted({whose for whose, one in self.papers if one.kind is PaperKind.LICENCE})


class PaperHistory(Shelves):
    """The port ``PaperStore``."""

    def history(self, tx: None, merchant: str, *, kind: PaperKind, id: str) -> list[Paper]:
        return [
            one for whose, one in self.papers
            if (whose, one.kind, one.id) == (merchant, kind, id)
        ]  # fmt: skip


class Withheld(Shelves):
    """The port ``WithheldStore``."""

    def withhold(self, tx: None, merchant: str, *, lines: Sequence[Line]) -> list[Line]:
        new = [one for one in lines if (merchant, *one.thing) not in self.gone]
        self.gone |= {(merchant, *one.thing): one.at_us for one in new}
        self.lines += [(merchant, one) for one in new]
        return new

    def resume(self, tx: None, merchant: str, *, lines: Sequence[Line]) -> list[Line]:
        back = [one for one in lines if self.gone.pop((merchant, *one.thing), None) is not None]
        self.lines += [(merchant, one) for one in back]
        return back

    def withheld(self, tx: None, merchant: str) -> list[Line]:
        return [self._last(key) for key in self.gone if key[0] == merchant]

    def history(self, tx: None, merchant: str, *, kind: str, id: str) -> list[Line]:
        return [
            one for whose, one in self.lines if (whose, *one.thing) == (merchant, kind, id)
        ]  # fmt: skip

    def _last(self, key: tuple[str, str, str]) -> Line:
        return [one for whose, one in self.lines if (whose, *one.thing) == key][-1]


class Files:
    """The port ``EvidenceFiles``."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, body: bytes) -> str:
        return self.kept.setdefault(fingerprint(body), body) and fingerprint(body)

    def found(self, sha256: str) -> str | None:
        return fingerprint(self.kept[sha256]) if sha256 in self.kept else None

    def read(self, sha256: str) -> bytes:
        if sha256 not in self.kept:
            raise NotFound("evidence file")
        return self.kept[sha256]


class Desk:
    """One market day: papers, a gate by their law, and what stands on the shelves."""

    def __init__(self, *, kinds: Iterable[str] = ("item", "promotion")) -> None:
        self.clock = FixedClock(NOON_US)
        self.history, self.files, self.withheld = PaperHistory(), Files(), Withheld()
        self.papers: Papers[None] = Papers(
            self.history, self.history, files=self.files, clock=self.clock
        )
        self.pages: dict[str, list[Page]] = {kind: [] for kind in kinds}
        self.journal: list[tuple[Showing, Verdict]] = []
        self.judged = 0
        self.door = Doorkeeper(LawGate(self.papers, self, prices=self._price), self.clock)
        shelves = [Shelf(kind, self._shelf(kind)) for kind in self.pages]
        self.withholding: Withholding[None] = Withholding(
            self.papers, self.withheld, shelves, door=self.door, clock=self.clock
        )

    def keep(self, judged: Sequence[tuple[Showing, Verdict]]) -> None:
        self.journal += judged

    def shows(self, kind: str, id: str, title: str = "普洱茶饼") -> Page:
        made = Page(kind=kind, id=id, texts={"title": title})
        self.pages[kind].append(made)
        return made

    def _shelf(self, kind: str) -> Callable[[str], Iterator[Page]]:
        """Of ``tea`` alone."""
        return lambda merchant: iter(self.pages[kind] if merchant == "tea" else [])

    def _price(self, showing: Showing) -> Verdict:
        self.judged += 1
        return Verdict()
