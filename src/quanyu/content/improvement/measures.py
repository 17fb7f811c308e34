"""What a page has of each criterion, and what is missing. Pure; thresholds stand in the data."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from quanyu.compliance.industries import lineage
from quanyu.compliance.verdict import Hit
from quanyu.content.improvement.pages import ItemPage, Page, PageKind, PoiPage, ScriptPage

LONG_SENTENCE = 40
PACE_MIN, PACE_MAX = 120, 260
"""Characters a minute of a whole show, pauses included."""
TITLE_MAX = 30
QUOTES_MAX = 3
_SENTENCES = re.compile(r"[^。！？；!?\n]+")
_DEMO = re.compile(r"演示|看我|我们动手|现场(做|走|用)|第一步|先.{2,20}(再|然后|接着)")
_PAIN = re.compile(
    r"烦恼|有没有(遇到|说中|人)|是不是(也|很|你)|常见的难处|头疼|纠结|怕.{2,12}[，。？]"
)
_HELLO = re.compile(r"大家好|欢迎|各位|朋友们好|又见面")
_BYE = re.compile(r"谢谢|感谢|下一场|再见|拜拜")
_PRICE = re.compile(r"\d+(\.\d+)?\s*(元|块)|[¥￥]\s*\d")
_ASKS = re.compile(r"[？?]|打(一?个|在|出来|“)|评论")


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    label: str
    weight: int
    need: int
    advice: str


class Criteria(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    item: tuple[Criterion, ...]
    script: tuple[Criterion, ...]
    poi: tuple[Criterion, ...]
    required: Mapping[str, tuple[str, ...]]

    def of(self, kind: PageKind) -> tuple[Criterion, ...]:
        found: tuple[Criterion, ...] = getattr(self, kind)
        return found


@cache
def criteria() -> Criteria:
    data = resources.files(__package__).joinpath("criteria.toml").read_bytes()
    return msgspec.toml.decode(data, type=Criteria)


class Found(msgspec.Struct, frozen=True):
    """``met``: how far, from 0 to 1. ``missing`` fills the advice."""

    have: int
    met: float
    missing: str = ""
    need: int | None = None
    """Where the page itself says how much that is; else as the criterion says."""


def towards(have: int, need: int, *, missing: str = "") -> Found:
    """More is better, up to what is needed."""
    return Found(have, min(1.0, have / need) if need else 1.0, missing, need)


def down_to(have: int, *, allowed: int, worst: int) -> Found:
    """Less is better: all of it at what is allowed, nothing at the worst."""
    return Found(have, max(0.0, min(1.0, (worst - have) / (worst - allowed))))


def law(hits: Sequence[Hit]) -> Found:
    """Three faults are as bad as any number."""
    quoted = "；".join(f"“{hit.text or hit.field}”（{hit.article}）" for hit in hits[:QUOTES_MAX])
    return Found(len(hits), max(0.0, 1 - len(hits) / 3), quoted)


def clarity(page: Page) -> Found:
    """Share of sentences that can be read in one go, in per cent."""
    sentences = [one for _, text in page.texts() for one in _SENTENCES.findall(text)]
    long = [one.strip() for one in sentences if len(one.strip()) > LONG_SENTENCE]
    share = 100 if not sentences else 100 - 100 * len(long) // len(sentences)
    return towards(share, 100, missing=f"“{long[0][:24]}…”" if long else "")


def measured(page: Page, criterion: Criterion, *, hits: Sequence[Hit]) -> Found:
    """Raises KeyError for a criterion that nothing measures: a fault of the data."""
    if criterion.id == "law":
        return law(hits)
    if criterion.id == "clarity":
        return clarity(page)
    table: dict[str, Any] = {
        ItemPage: ITEM, ScriptPage: SCRIPT, PoiPage: POI,
    }[type(page)]  # fmt: skip
    found: Found = table[criterion.id](page, criterion.need)
    return found


def required_facts(page: ItemPage, need: int) -> Found:
    """Does a fact speak of it? Names of the same thing are parted by ``|``."""
    known = criteria().required
    wanted = next(known[name] for name in lineage(page.industry) if name in known)
    keys = " ".join(page.facts)
    missing = [one for one in wanted if not any(name in keys for name in one.split("|"))]
    have = len(wanted) - len(missing)
    return towards(have, len(wanted), missing="、".join(one.split("|")[0] for one in missing))


def title(page: ItemPage, need: int) -> Found:
    length = len(page.title)
    return towards(length, need) if length <= TITLE_MAX else Found(length, TITLE_MAX / length)


def price(page: ItemPage, need: int) -> Found:
    if page.price_fen is None:
        return Found(0, 0.0, "写上价格")
    if page.reference_fen is not None and page.reference_basis is None:
        return Found(0, 0.5, "写明对比价是什么价，如“厂商建议零售价”")
    return Found(1, 1.0)


def rating(page: ItemPage | PoiPage, need: int) -> Found:
    """Unrated is not badly rated: it counts half."""
    tenths = page.reviews.rating_tenths
    return Found(0, 0.5) if tenths is None else towards(tenths, need)


def answers(page: ItemPage | PoiPage, need: int) -> Found:
    return down_to(page.reviews.unanswered_bad, allowed=0, worst=5)


ITEM = {
    "required_facts": required_facts,
    "photos": lambda page, need: towards(page.photos, need),
    "facts": lambda page, need: towards(len(page.facts), need),
    "selling_points": lambda page, need: towards(len(page.selling_points), need),
    "how_to": lambda page, need: towards(len(page.how_to), need),
    "title": title,
    "description": lambda page, need: towards(len(page.description), need),
    "video": lambda page, need: towards(page.videos, need),
    "price": price,
    "offers": lambda page, need: towards(len(page.offers), need),
    "reviews": lambda page, need: towards(page.reviews.count, need),
    "rating": rating,
    "answers": answers,
}


def minutes_of(page: ScriptPage) -> float:
    """Of its seconds; of its characters at an ordinary pace where it gives none."""
    given = sum(one.seconds or 0 for one in page.segments)
    spoken = sum(len(one.text) for one in page.segments) / 240
    return max(1 / 6, given / 60 if given else spoken)


def per_ten_minutes(page: ScriptPage, count: int) -> int:
    return round(count * 10 / max(10.0, minutes_of(page))) if minutes_of(page) > 10 else count


def selling_share(page: ScriptPage, need: int) -> Found:
    """In thousandths, by seconds where all segments give them, else by characters."""
    timed = all(one.seconds for one in page.segments)
    weights = [(one.seconds or 0) if timed else len(one.text) for one in page.segments]
    sells = sum(w for w, one in zip(weights, page.segments, strict=True)
                if one.purpose == "marketing")  # fmt: skip
    permille = 1000 * sells // max(1, sum(weights))
    return down_to(permille, allowed=need, worst=500)


def said(page: ScriptPage, pattern: re.Pattern[str]) -> int:
    return sum(bool(pattern.search(one.text)) for one in page.segments)


def at_the(page: ScriptPage, pattern: re.Pattern[str], *, end: bool) -> Found:
    """In the first or the last tenth, three segments at least."""
    tenth = max(3, len(page.segments) // 10)
    part = page.segments[-tenth:] if end else page.segments[:tenth]
    return towards(int(any(pattern.search(one.text) for one in part)), 1)


def pace(page: ScriptPage, need: int) -> Found:
    if not any(one.seconds for one in page.segments):
        return Found(0, 1.0)
    have = round(sum(len(one.text) for one in page.segments) / minutes_of(page))
    if PACE_MIN <= have <= PACE_MAX:
        return Found(have, 1.0)
    return Found(have, min(have / PACE_MIN, PACE_MAX / max(1, have)))


def variety(page: ScriptPage, need: int) -> Found:
    sentences = [one for _, text in page.texts() for one in _SENTENCES.findall(text)]
    return towards(100 * len(set(sentences)) // max(1, len(sentences)), need)


SCRIPT = {
    "selling_share": selling_share,
    "demo": lambda page, need: towards(said(page, _DEMO), need * max(1, page.items)),
    "facts": lambda page, need: towards(
        per_ten_minutes(page, sum(len(re.findall(r"\d+", one.text)) for one in page.segments)), need
    ),
    "questions": lambda page, need: towards(per_ten_minutes(page, said(page, _ASKS)), need),
    "opening": lambda page, need: at_the(page, _HELLO, end=False),
    "pain": lambda page, need: towards(said(page, _PAIN), need),
    "price": lambda page, need: towards(said(page, _PRICE), need),
    "closing": lambda page, need: at_the(page, _BYE, end=True),
    "pace": pace,
    "variety": variety,
}


def basics(page: PoiPage, need: int) -> Found:
    wanted = {
        "地址": bool(page.address), "营业时间": bool(page.hours), "电话": page.phone,
        "分类": bool(page.category), "地图定位": page.pinned, "简介": len(page.description) >= 20,
    }  # fmt: skip
    missing = [name for name, there in wanted.items() if not there]
    return towards(len(wanted) - len(missing), len(wanted), missing="、".join(missing))


def way(page: PoiPage, need: int) -> Found:
    wanted = {"写明停车": page.parking, "写明公交或地铁出口": page.transit}
    missing = [label for label, text in wanted.items() if not text]
    return towards(2 - len(missing), 2, missing="，".join(missing))


def fresh(page: PoiPage, need: int) -> Found:
    if page.updated_on is None:
        return Found(0, 0.0)
    return down_to((page.on - page.updated_on).days, allowed=need, worst=4 * need)


POI = {
    "basics": basics,
    "photos": lambda page, need: towards(page.photos, need),
    "storefront": lambda page, need: towards(int(page.storefront_photo), need),
    "menu": lambda page, need: towards(len(page.menu), need),
    "reviews": lambda page, need: towards(page.reviews.count, need),
    "rating": rating,
    "answers": answers,
    "offers": lambda page, need: towards(len(page.offers), need),
    "way": way,
    "fresh": fresh,
}
