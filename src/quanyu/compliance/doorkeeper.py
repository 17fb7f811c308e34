"""What services hold: it turns what they are about to store or publish into showings, and lets
them through the gate or raises Unlawful."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from quanyu.clock import Clock, china_day
from quanyu.compliance.industries import UNKNOWN
from quanyu.compliance.showing import Gate, PriceShown, Showing, Unlawful, let_through
from quanyu.compliance.verdict import Verdict

ID_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:@+-/")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer will read, by field."""

    kind: str
    id: str
    texts: Mapping[str, str]
    industry: str = UNKNOWN
    """UNKNOWN: the merchant's."""
    shops: tuple[str, ...] = ()
    touchpoint: str | None = None
    advertises: bool = False
    marked_as_ad: bool = False
    prices: tuple[PriceShown, ...] = ()
    numbers: tuple[str, ...] = ()


class Gates(Gate, Protocol):
    def check_all(self, showings: Sequence[Showing]) -> Sequence[Verdict]: ...

    def recheck_all(self, showings: Sequence[Showing]) -> Sequence[Verdict]: ...


class Doorkeeper:
    def __init__(self, gate: Gates, clock: Clock) -> None:
        self._gate = gate
        self._clock = clock

    def admit(self, merchant: str, page: Page, *, place: str) -> Verdict:
        """As of today. Raises Unlawful with the field below ``place``."""
        return let_through(self._gate, self._showing(merchant, page), place=place)

    def judge(self, merchant: str, pages: Sequence[Page]) -> Sequence[Verdict]:
        """The same for many, without raising."""
        return self._gate.check_all([self._showing(merchant, page) for page in pages])

    def rejudge(self, merchant: str, pages: Sequence[Page]) -> Sequence[Verdict]:
        """What was let through before, by today's law and papers; the rest of its journal stays."""
        return self._gate.recheck_all([self._showing(merchant, page) for page in pages])

    def _showing(self, merchant: str, page: Page) -> Showing:
        return Showing(
            kind=page.kind, id=page.id, merchant=merchant, industry=page.industry,
            on=china_day(self._clock.now_us()), texts=page.texts, touchpoint=page.touchpoint,
            advertises=page.advertises, marked_as_ad=page.marked_as_ad, prices=page.prices,
            shops=page.shops, numbers=page.numbers,
        )  # fmt: skip


def refused(place: str, verdict: Verdict) -> Unlawful | None:
    return None if verdict.may_be_shown else Unlawful(place, verdict)


def names_of(document: Any) -> dict[str, str]:
    """Every free name in terms (ids, shops, items, gifts), by its path: quotes and traces repeat
    them to buyers. What is made of the letters of ids alone is for machines and says nothing."""
    return dict(_names(msgspec.to_builtins(document), ""))


def _names(tree: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, str) and not ID_LETTERS.issuperset(tree):
        yield path, tree
    elif isinstance(tree, Mapping):
        for name, value in tree.items():
            here = f"{path}.{name}"[:80].lstrip(".")
            yield from _names(name, f"{here} (name)")
            yield from _names(value, here)
    elif isinstance(tree, list | tuple):
        for place, value in enumerate(tree):
            yield from _names(value, f"{path}[{place}]")
