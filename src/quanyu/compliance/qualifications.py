"""Which industries need which licence, and does the merchant have it on that day (RULES B2)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from quanyu.compliance.industries import concerns
from quanyu.compliance.licences import (
    Licence,
    LicenceState,
    approved_text,
    licence_kinds,
    looks_like,
)
from quanyu.compliance.rulebook import Rule, in_force
from quanyu.compliance.showing import Showing
from quanyu.compliance.verdict import Hit, Severity, Verdict
from quanyu.ids import fingerprint

FIELD = "licence"
PAGES = frozenset({"item", "store"})
"""They inform about what is sold; everything else that is shown invites to buy it."""


def review_qualifications(
    showing: Showing, licences: Sequence[Licence], *, rules: Iterable[Rule] | None = None
) -> Verdict:
    """A hit for each licence that is missing, over, of another shop, or soon over."""
    hits = [
        hit
        for rule in rules_for(showing, rules)
        for hit in _of_rule(rule, showing, licences=licences)
    ]
    return Verdict(tuple(hits))


def rules_for(showing: Showing, rules: Iterable[Rule] | None = None) -> list[Rule]:
    """Those of the industry on that day; a narrower rule stands instead of a wider one."""
    if rules is None:
        known = _of_industry(showing.industry, showing.on)
    else:
        known = _concerning(showing.industry, in_force(showing.on, rules).values())
    found = [rule for rule in known if applies(rule, showing)]
    replaced = {rule.replaces for rule in found}
    return [rule for rule in found if rule.id not in replaced]


@lru_cache(maxsize=256)
def _of_industry(industry: str, on: date) -> tuple[Rule, ...]:
    return _concerning(industry, in_force(on).values())


def _concerning(industry: str, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in rules
        if rule.check == "qualification" and concerns(rule.industries, industry)
    )


def applies(rule: Rule, showing: Showing) -> bool:
    """Here, of what its industry is asked for?"""
    if rule.touchpoints and showing.touchpoint not in (None, *rule.touchpoints):
        return False
    if rule.advertising:
        return showing.advertises or showing.kind not in PAGES
    return showing.kind == "item" or not _per_product(rule)


def _per_product(rule: Rule) -> bool:
    """A number of the product itself: what shows no product cannot carry one."""
    kinds = licence_kinds()
    return bool(rule.licences) and all(kinds[name].per_product for name in rule.licences)


def _of_rule(rule: Rule, showing: Showing, *, licences: Sequence[Licence]) -> Iterator[Hit]:
    held = [one for one in licences if one.kind in rule.licences]
    if _per_product(rule):
        yield from _of_product(rule, showing, held=held)
        return
    good = [one for one in held if one.in_force(showing.on) and one.covers(showing.shops)]
    if not good:
        yield rule.hit(FIELD, why=f"{rule.why}；{lacking(rule, showing, held=held)}")
    elif rule.creative and not _approved(showing, good):
        why = f"{rule.why}；展示内容与审定稿不一致（或未登记审定稿）"
        yield rule.hit(FIELD, why=why)
    else:
        yield from _expiring(rule, good, on=showing.on)


def _approved(showing: Showing, licences: Sequence[Licence]) -> bool:
    shown = fingerprint(approved_text(showing.texts).encode())
    return any(shown in one.creatives for one in licences)


def _of_product(rule: Rule, showing: Showing, *, held: Sequence[Licence]) -> Iterator[Hit]:
    """The number on the item; where the paper is on record too, that must be in force."""
    on_record = {one.number: one for one in held}
    numbers = [n for n in showing.numbers if any(looks_like(kind, n) for kind in rule.licences)]
    if not numbers:
        given, needed = "、".join(showing.numbers), _labels(rule)
        what = f"编号 {given} 不是{needed}的格式" if given else f"商品没有填写{needed}编号"
        yield rule.hit("registration", why=f"{rule.why}；{what}")
        return
    known = [on_record[number] for number in numbers if number in on_record]
    if known and not any(one.in_force(showing.on) for one in known):
        yield rule.hit(FIELD, why=f"{rule.why}；{lacking(rule, showing, held=known)}")
    else:
        yield from _expiring(
            rule, [one for one in known if one.in_force(showing.on)], on=showing.on
        )


def _expiring(rule: Rule, good: Sequence[Licence], *, on: date) -> Iterator[Hit]:
    """Only when no other one lasts longer."""
    if not good or any(one.state(on) is LicenceState.VALID for one in good):
        return
    last = max(good, key=lambda one: one.valid_to or date.max)
    assert last.valid_to is not None, "what has no end does not expire"
    days = (last.valid_to - on).days
    yield Hit(
        rule=rule.id, article=rule.cited, severity=Severity.WARN, field=FIELD,
        why=f"{_label(last)} {last.number} 将于 {last.valid_to} 到期，还有 {days} 天",
        suggestion="到期前换证并登记新证：quanyu licence add",
    )  # fmt: skip


def lacking(rule: Rule, showing: Showing, *, held: Sequence[Licence]) -> str:
    """Why what is there does not do, from the nearest miss to nothing at all."""
    if not rule.licences:
        return "没有可以补办的资质"
    if not held:
        return f"没有登记{_labels(rule)}"
    live = [one for one in held if one.in_force(showing.on)]
    if live:
        shops = "、".join(showing.shops) or "全部门店"
        return f"{_label(live[0])} {live[0].number} 不覆盖{shops}"
    waiting = [one for one in held if one.state(showing.on) is LicenceState.NOT_YET]
    if waiting:
        return f"{_label(waiting[0])} {waiting[0].number} 自 {waiting[0].valid_from} 起才有效"
    last = max(held, key=lambda one: one.valid_to or date.min)
    return f"{_label(last)} {last.number} 已于 {last.valid_to} 到期"


def _label(licence: Licence) -> str:
    return licence_kinds()[licence.kind].label


def _labels(rule: Rule) -> str:
    return "或".join(licence_kinds()[name].label for name in rule.licences)


def expiring(licences: Iterable[Licence], on: date) -> Mapping[str, LicenceState]:
    """By id, those that are over or will be within 30 days."""
    states = {one.id: one.state(on) for one in licences}
    return {
        id: state
        for id, state in states.items()
        if state in (LicenceState.EXPIRING, LicenceState.EXPIRED)
    }
