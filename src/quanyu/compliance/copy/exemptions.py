"""The tests that may lift a hit. Their articles, days and words are rules of their own
(``rules/copy_exemptions.toml``, id ``exempt.…``): before its day an exemption does not exist.

The 2023 guide on absolute terms (市场监管总局公告2023年第6号), articles 4 to 7 and 11, and the 2026
guidance on cited figures.
"""

import re
from collections.abc import Callable, Mapping

import msgspec

from quanyu.compliance.copy.claims import (
    Claim,
    Override,
    Wanted,
    cited,
    covers,
    lacking,
    said_by,
)
from quanyu.compliance.copy.context import Place
from quanyu.compliance.copy.folding import folded
from quanyu.compliance.copy.lexicon import Exemption
from quanyu.compliance.copy.segments import YEAR, region_of, too_narrow
from quanyu.compliance.verdict import Severity

STANDARD = re.compile(
    r"(?:GB|NY|QB|SB|HG|JB|LY|SC|LS|DB\d\d|YY|WS|GH|FZ|T)\s?(?:/\s?[A-Z]{1,6})?\s?\d{3,6}(?:[.\-—–]\d+)*"
)
TITLE = re.compile("《[^《》]{1,40}》")
WIDER_BY_MIN = 2
"""A title in 《》 is more than the term in question by so many characters."""
REGISTER = "登记证明材料：出处、范围、地域、统计期、有效期和文件；不能证明的删去"
TIP_REACH = 8
NOT_BEFORE = re.compile(
    "(?:[不没未勿]|没有|并非)(?:做|带|会|能|敢|再|收|给|搞|接|卖|算|说|吹|写|打|提供|支持|允许)?$"
)
NOT_INSIDE = re.compile("[治疗防祛去降减退消除]{1,2}不[了到]")
TWICE_NOT = re.compile("(?:[得能无莫岂不没]|没有)不.?$")
LACKS = ("没有", "不具有", "不具备", "并无", "不含")
EFFECT_REACH = 12
EFFECT = re.compile(".{0,6}?(?:作用|功能|功效|效果)")
TASTE = ("口感", "风味", "味道", "口味")
CONDITION = re.compile(r"\d(?:度|c|天内|小时内|分钟)|冷藏|冰镇|加热|复热|静置|醒酒")
QUESTIONS = ("难道", "谁说", "谁敢说", "是不是", "何不")


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What an exemption makes of a hit: lifted, or the proof that is missing."""

    exempt: str | None = None
    severity: Severity | None = None
    why: str = ""
    suggestion: str = ""
    article: str | None = None


Test = Callable[[Place, Exemption], Ruling | None]


def lifted(by: Exemption, detail: str = "") -> Ruling:
    return Ruling(exempt=by.rule.cited + (f"（{detail}）" if detail else ""))


def negation(place: Place, by: Exemption) -> Ruling | None:
    """不是最好的; 禁止使用“最佳”; 不保本; 没有美白、祛斑作用. Not in a question, and not where it
    turns round again."""
    if any(one in place.before for one in QUESTIONS):
        return None
    denied = _forbidden(place, by) or _denied(place)
    return lifted(by) if denied and not by.turns_in(place.sentence) else None


def _forbidden(place: Place, by: Exemption) -> bool:
    found = by.last_in(place.before + place.word)
    if found is None or found[0] >= len(place.before):
        return False
    near = len(place.before) - found[1] <= TIP_REACH
    return near and not TWICE_NOT.search(place.before[: found[1]])


def _denied(place: Place) -> bool:
    """A plain “not” right before it, or in it; or the effects that it has not."""
    if NOT_BEFORE.search(place.before) or NOT_INSIDE.match(place.word):
        return not TWICE_NOT.search(place.before)
    lacks = any(one in place.before[-EFFECT_REACH:] for one in LACKS)
    return lacks and EFFECT.match(place.after) is not None


def title(place: Place, by: Exemption) -> Ruling | None:
    """A registered name of goods or firm, a work in 《》."""
    if any(covered(place, name) for name in place.case.record.names):
        return lifted(by)
    near = place.raw_sentence
    for found in TITLE.finditer(near):
        inside = found.group()[1:-1]
        if place.written in inside and len(folded(inside)) >= len(place.word) + WIDER_BY_MIN:
            return lifted(by, found.group())
    return None


def covered(place: Place, name: str) -> bool:
    """Does the hit lie in an occurrence of the name, and the name say more than the term?"""
    plain = folded(name)
    if len(plain) <= len(place.word):
        return False
    text, first = place.case.text.plain, max(0, place.found.end - len(plain))
    at = text.find(plain, first, place.found.start + len(plain))
    return at != -1 and at <= place.found.start and place.found.end <= at + len(plain)


def attitude(place: Place, by: Exemption) -> Ruling | None:
    """Service, values, wishes and goals, Art. 5: nothing is said of the goods."""
    near = place.before[-TIP_REACH:] + place.word + place.after[:TIP_REACH]
    return lifted(by) if by.speaks_in(near) else None


def self_comparison(place: Place, by: Exemption) -> Ruling | None:
    """Art. 6(1): with goods of one's own, and with nobody else's."""
    compared = by.speaks_in(place.clause) and not by.turns_in(place.clause)
    return lifted(by) if compared else None


def usage_tip(place: Place, by: Exemption) -> Ruling | None:
    """Art. 6(2): how, when and at what temperature it is used or kept."""
    if not place.word.startswith("最"):
        return None
    tip = by.speaks_in(place.after[:TIP_REACH]) or by.speaks_in(place.before[-TIP_REACH:])
    return lifted(by) if tip or _tastes_so(place) else None


def _tastes_so(place: Place) -> bool:
    """80度的水冲泡，口感最好: under a condition, not better than that of others."""
    tasted = place.before.endswith(TASTE)
    return tasted and CONDITION.search(place.sentence) is not None


def standard_grade(place: Place, by: Exemption) -> Ruling | None:
    """Art. 6(3): the name of a grade, with the standard that has it."""
    if not by.speaks_in(place.word + place.after[:TIP_REACH]):
        return None
    found = STANDARD.search(place.raw_sentence.upper())
    return lifted(by, found.group()) if found else None


def award(place: Place, by: Exemption) -> Ruling | None:
    """Art. 6(5): a prize or title under rules of the state, when it is proved."""
    if not by.speaks_in(place.clause):
        return None
    return proved(place, by, why="奖项、称号须有国家有关规定评定的证明")


def sales_fact(place: Place, by: Exemption) -> Ruling | None:
    """Art. 6(6): the order in time or in sales, within a period and a region, when it is proved;
    since 2026-06-12 not within a segment or a region too small."""
    metric = by.last_in(place.before + place.word)
    if metric is None:
        return None
    narrow, wider = place.case.lexicon.exemptions.get("exempt.narrow"), read_wider(place)
    if narrow and not wider and (small := too_narrow(place, by)):
        return Ruling(
            severity=Severity.BLOCK,
            why=small,
            article=narrow.rule.cited,
            suggestion=narrow.rule.suggestion,
        )
    if YEAR.search(place.sentence) is None or region_of(place) is None:
        return None
    ruling = proved(place, by, why="销量、份额的排序须有来源、统计期、地域和范围的证明")
    if wider and ruling.exempt:
        return msgspec.structs.replace(ruling, exempt=f"{ruling.exempt}；{said_by(wider)}")
    return ruling


def read_wider(place: Place) -> Override | None:
    """The operator takes the segment or region in question for wide enough."""
    said = (one for one in place.case.record.overrides if one.rule == "exempt.narrow")
    return next((one for one in said if one.severity is Severity.PASS), None)


def proved(place: Place, by: Exemption, *, why: str) -> Ruling:
    """By a claim on record, else the proof that is missing."""
    faults = []
    for claim in claims_for(place):
        fault = lacking(claim, wanted(place))
        if fault is None:
            return lifted(by, cited(claim))
        faults.append(fault)
    told = "；".join(dict.fromkeys(faults)) or "没有登记证明材料"
    return Ruling(severity=Severity.NEED_PROOF, why=f"{why}：{told}", suggestion=REGISTER)


def claims_for(place: Place) -> list[Claim]:
    span = (place.found.start, place.found.end)
    return [
        one for one in place.case.record.claims if covers(one, place.case.text.plain, span=span)
    ]


def wanted(place: Place) -> Wanted:
    year = YEAR.search(place.sentence)
    return Wanted(
        on=place.case.on, year=int(year.group()) if year else None, region=region_of(place)
    )


TESTS: Mapping[str, Test] = {
    "negation": negation,
    "title": title,
    "attitude": attitude,
    "self_comparison": self_comparison,
    "usage_tip": usage_tip,
    "standard_grade": standard_grade,
    "award": award,
    "sales_fact": sales_fact,
}
