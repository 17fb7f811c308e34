"""Prices that are about to be shown, held against what was paid before. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from quanyu.clock import DAY_US, china_day, day_number, day_text
from quanyu.compliance.law import Law
from quanyu.compliance.policy import DEFAULT, Policy
from quanyu.compliance.prices.trades import Basis, Bound, Trade, bound_at
from quanyu.compliance.showing import PriceShown
from quanyu.compliance.verdict import Hit, Verdict
from quanyu.money import format_yuan

SUGGESTED = "建议零售价"
"""A compared price that is labelled so is not one of this shop."""
ShopItem = tuple[str, str]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of one item in one shop."""

    trades: Sequence[Trade] = ()
    suggested_fen: int | None = None
    """The maker's suggested retail price, as it stands now."""
    rise_reason: str = ""
    """Why the price went up before the comparison: a person answers for it."""


NOTHING = History()


@dataclass(frozen=True, slots=True)
class Look:
    """One price at one moment."""

    shown: PriceShown
    history: History
    at_us: int
    law: Law
    policy: Policy
    bound: Bound = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bound", bound_at(self.history.trades, self.at_us))

    @property
    def as_suggested(self) -> bool:
        """Is it compared with the maker's price, and not with one of this shop?"""
        reference_fen, max_fen = self.shown.reference_fen, self.bound.max_fen
        if reference_fen is None or reference_fen != self.history.suggested_fen:
            return False
        return SUGGESTED in (self.shown.basis or "") or max_fen is None or reference_fen > max_fen

    @property
    def allowed(self) -> tuple[Basis, int | None]:
        """What a compared price rests on here, and how high it may be."""
        if self.as_suggested:
            return Basis.SUGGESTED, self.history.suggested_fen
        return self.bound.basis, self.bound.max_fen

    def hits(self) -> Iterator[Hit]:
        reference_fen = self.shown.reference_fen
        if reference_fen is None:
            return
        if SUGGESTED in (self.shown.basis or ""):
            yield from self._labelled(reference_fen)
            return
        if self.bound.max_fen is None or reference_fen > self.bound.max_fen:
            yield from self._above(reference_fen)
        if not self.as_suggested:
            yield from self._raised(reference_fen)
        yield from self._no_reduction(reference_fen)

    def _labelled(self, reference_fen: int) -> Iterator[Hit]:
        suggested_fen = self.history.suggested_fen
        if suggested_fen is None:
            yield from self.law.hits("price.suggested_retail_unknown", "reference")
        elif suggested_fen != reference_fen:
            why = (
                f"标 {format_yuan(reference_fen)}，厂商现行建议零售价 {format_yuan(suggested_fen)}"
            )
            yield from self.law.hits("price.suggested_retail_current", "reference", why=why)

    def _above(self, reference_fen: int) -> Iterator[Hit]:
        if self.as_suggested:
            yield from self.law.hits("price.suggested_retail_label", "reference")
        elif (self.shown.basis or "").strip() and "price.basis_stated" in self.law.rules:
            if not self._was_paid(reference_fen):
                yield from self.law.hits("price.basis_stated", "reference")
        else:
            why, suggestion = said_of(self.bound, reference_fen)
            yield from self.law.hits("price.reference", "reference", why=why, suggestion=suggestion)

    def _was_paid(self, fen: int) -> bool:
        return any(
            one.counts and not one.doubtful and one.paid_us < self.at_us and one.unit_fen == fen
            for one in self.history.trades
        )

    def _raised(self, reference_fen: int) -> Iterator[Hit]:
        before = price_before(self.history.trades, self.at_us, days=self.policy.rise_days)
        if before is None:
            return
        day, before_fen = before
        if reference_fen * 100 <= before_fen * (100 + self.policy.rise_percent_max):
            return
        percent = (reference_fen - before_fen) * 100 // before_fen
        why = (
            f"{day} 成交价 {format_yuan(before_fen)}，现以 {format_yuan(reference_fen)} 为基准，"
            f"涨 {percent}%，超过 {self.policy.rise_percent_max}%"
        )
        for hit in self.law.hits("price.raised_before", "reference", why=why):
            reason = self.history.rise_reason.strip()
            lifted = f"{hit.article}（合理理由：{reason[:200]}）" if reason else None
            yield msgspec.structs.replace(hit, exempt=lifted)

    def _no_reduction(self, reference_fen: int) -> Iterator[Hit]:
        if reference_fen <= self.shown.price_fen:
            why = f"现价 {format_yuan(self.shown.price_fen)} 不低于被比较价格，没有优惠"
            yield from self.law.hits("price.no_reduction", "price", why=why)


def said_of(bound: Bound, reference_fen: int) -> tuple[str, str]:
    """(Why, mend) of a compared price that lies above the bound."""
    if bound.max_fen is None:
        return (
            "没有计入的成交，不能标原价、划线价",
            "删去被比较价格；有厂商建议零售价的，标明“厂商建议零售价”",
        )
    what = "前七日内最低成交价" if bound.basis is Basis.LOWEST else "七日内没有成交，最后一次成交价"
    limit = format_yuan(bound.max_fen)
    return (
        f"被比较价格 {format_yuan(reference_fen)} 高于{what} {limit}",
        f"改为不高于 {limit}，或标明依据（何时、何店、以何价成交）",
    )


def price_before(trades: Sequence[Trade], at_us: int, *, days: int) -> tuple[str, int] | None:
    """What was paid before prices moved: (day, the highest price of that day).

    The last day with trades at least ``days`` before, else the first one since. The highest, for
    coupons of single buyers lower what was paid and not what the price was.
    """
    past = [one for one in trades if one.counts and not one.doubtful and one.paid_us < at_us]
    start_us = at_us - days * DAY_US
    older = [day_number(one.paid_us) for one in past if one.paid_us < start_us]
    newer = [day_number(one.paid_us) for one in past if one.paid_us >= start_us]
    if not older and not newer:
        return None
    chosen = max(older) if older else min(newer)
    return day_text(chosen), max(one.unit_fen for one in past if day_number(one.paid_us) == chosen)


def look_at(shown: PriceShown, history: History, *, at_us: int, policy: Policy = DEFAULT) -> Look:
    """Raises BadInput for a moment before every rule on prices."""
    return Look(shown, history, at_us, Law.of("price", china_day(at_us)), policy)


def review_prices(
    shown: Sequence[PriceShown],
    histories: Mapping[ShopItem, History],
    *,
    at_us: int,
    policy: Policy = DEFAULT,
) -> Verdict:
    """All prices of one showing; fields are ``prices[n].…``. An item without a history counts as
    never traded. Raises BadInput for a moment before every rule on prices."""
    looks = [
        look_at(one, histories.get((one.shop, one.item), NOTHING), at_us=at_us, policy=policy)
        for one in shown
    ]
    return Verdict(
        tuple(
            msgspec.structs.replace(hit, field=f"prices[{place}].{hit.field}")
            for place, look in enumerate(looks)
            for hit in look.hits()
        )
    )
