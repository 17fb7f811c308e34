"""The gate that whatever is shown passes: texts, licences, prices and marks, judged by the law of
the day and by what the merchant has on record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from quanyu.compliance.copy import OnRecord, Override, review
from quanyu.compliance.industries import UNKNOWN
from quanyu.compliance.licences import Licence
from quanyu.compliance.page import review_page
from quanyu.compliance.qualifications import review_qualifications
from quanyu.compliance.rulebook import Rule, in_force
from quanyu.compliance.showing import Showing
from quanyu.compliance.verdict import Hit, Severity, Verdict, joined

UNKNOWN_HIT = Hit(
    rule="industry.unknown", article="《广告法》第四条", severity=Severity.WARN, field="industry",
    why="没有登记行业，文字按所有行业中最严的规则审查，资质无从核对",
    suggestion="登记商户的行业：quanyu gate industry NAME",
)  # fmt: skip

NOTHING_FOUND = Verdict()


class Record(msgspec.Struct, frozen=True):
    """What a merchant has shown the operator."""

    industry: str | None = None
    licences: tuple[Licence, ...] = ()
    copy: OnRecord = OnRecord()
    """Claims, names, and overrides by the operator."""


class Records(Protocol):
    def of(self, merchant: str) -> Record: ...


class Journal(Protocol):
    def keep(self, judged: Sequence[tuple[Showing, Verdict]]) -> None:
        """So that every verdict can be explained later; also those that refuse."""


Prices = Callable[[Showing], Verdict]
"""What the law says of the prices that it gives, against those that were paid."""


class LawGate:
    def __init__(self, records: Records, journal: Journal, *, prices: Prices) -> None:
        self._records = records
        self._journal = journal
        self._prices = prices

    def check(self, showing: Showing) -> Verdict:
        return self.check_all([showing])[0]

    def check_all(self, showings: Sequence[Showing]) -> list[Verdict]:
        """Papers are read once per merchant, verdicts kept in one go."""
        found = self._judged(showings)
        self._journal.keep(found)
        return [verdict for _, verdict in found]

    def recheck_all(self, showings: Sequence[Showing]) -> list[Verdict]:
        """The same for what was let through before: what still is needs no further line."""
        found = self._judged(showings)
        self._journal.keep([one for one in found if not one[1].may_be_shown])
        return [verdict for _, verdict in found]

    def _judged(self, showings: Sequence[Showing]) -> list[tuple[Showing, Verdict]]:
        known = {name: self._records.of(name) for name in {one.merchant for one in showings}}
        placed = [in_its_industry(one, known[one.merchant]) for one in showings]
        verdicts = [judged(one, known[one.merchant], prices=self._prices(one)) for one in placed]
        return list(zip(placed, verdicts, strict=True))


def in_its_industry(showing: Showing, record: Record) -> Showing:
    """One that nobody has said is the merchant's."""
    if showing.industry != UNKNOWN or record.industry is None:
        return showing
    return msgspec.structs.replace(showing, industry=record.industry)


def judged(showing: Showing, record: Record, *, prices: Verdict = NOTHING_FOUND) -> Verdict:
    """Pure. Of an unknown industry: by the strictest of all."""
    parts = [_texts(showing, record), prices, marks(showing)]
    if showing.industry == UNKNOWN:
        parts.append(Verdict((UNKNOWN_HIT,)))
    else:
        parts.append(review_qualifications(showing, record.licences))
    rules, said = in_force(showing.on), {one.rule: one for one in record.copy.overrides}
    return Verdict(tuple(overridden(hit, rules, said=said) for hit in joined(parts).hits))


def _texts(showing: Showing, record: Record) -> Verdict:
    def under(text: str) -> Verdict:
        return review(
            text, industry=showing.industry, on=showing.on, touchpoint=showing.touchpoint,
            record=record.copy,
        )  # fmt: skip

    found = review_page(showing.texts, under)
    return _without_notices(found, showing) if showing.industry == UNKNOWN else found


def _without_notices(verdict: Verdict, showing: Showing) -> Verdict:
    """No page can carry the notices of every industry: of an unknown one only those count that
    everybody needs."""
    rules = in_force(showing.on)
    kept = (hit for hit in verdict.hits if hit.start != hit.end or not rules[hit.rule].industries)
    return Verdict(tuple(kept))


def marks(showing: Showing) -> Verdict:
    """Marks that it has to carry and does not."""
    lacking = {
        "mark.ad": showing.advertises and not showing.marked_as_ad,
        "mark.generated": showing.generated and not showing.marked_as_generated,
    }
    rules = in_force(showing.on)
    missing = [name for name, lacks in lacking.items() if lacks and name in rules]
    return Verdict(tuple(rules[name].hit("marks") for name in missing))


def overridden(hit: Hit, rules: Mapping[str, Rule], *, said: Mapping[str, Override]) -> Hit:
    """``review`` has done so with what it found; here are licences and prices."""
    one, rule = said.get(hit.rule), rules.get(hit.rule)
    if one is None or rule is None or rule.source == "V" or rule.check == "copy":
        return hit
    reading = f"经营者判断：{one.reason}（{one.actor}）"
    if one.severity is Severity.PASS:
        return msgspec.structs.replace(hit, exempt=reading)
    return msgspec.structs.replace(hit, severity=one.severity, why=f"{hit.why}。{reading}")
