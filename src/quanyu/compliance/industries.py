"""The industries that rules speak of, as a tree; a rule for food holds for catering too."""

from collections.abc import Collection, Mapping

from quanyu.errors import BadInput

UNKNOWN = "unknown"
"""Of what nobody has said it of: every rule holds, whatever industry it is for."""
PARENT: Mapping[str, str | None] = {
    "general": None,
    "food": "general",
    "prepackaged_food": "food",
    "fresh_food": "food",
    "catering": "food",
    "health_food": "food",
    "infant_formula": "food",
    "alcohol": "food",
    "cosmetics": "general",
    "special_cosmetics": "cosmetics",
    "beauty_services": "general",
    "medical": "general",
    "drugs": "medical",
    "medical_devices": "medical",
    "education": "general",
    "finance": "general",
    "investment": "finance",
    "realestate": "general",
    "travel": "general",
    "apparel": "general",
    "electronics": "general",
    "home": "general",
    "toys": "general",
    "tobacco": "general",
    "media": "general",
    "services": "general",
    UNKNOWN: None,
}
LABELS: Mapping[str, str] = {
    "general": "通用", "food": "食品", "prepackaged_food": "预包装食品", "fresh_food": "生鲜",
    "catering": "餐饮", "health_food": "保健食品",
    "infant_formula": "婴幼儿配方食品", "alcohol": "酒类",
    "cosmetics": "普通化妆品", "special_cosmetics": "特殊化妆品", "beauty_services": "美容服务",
    "medical": "医疗", "drugs": "药品", "medical_devices": "医疗器械", "education": "教育培训",
    "finance": "金融", "investment": "投资理财", "realestate": "房地产", "travel": "旅游",
    "apparel": "服饰", "electronics": "数码家电", "home": "家居", "toys": "玩具", "tobacco": "烟草",
    "media": "文化娱乐", "services": "生活服务",
    UNKNOWN: "未登记",
}  # fmt: skip


def industry_named(name: str) -> str:
    """Raises BadInput for one that no rule knows: strict needs an industry to be strict in."""
    if name not in PARENT:
        raise BadInput("industry", f"{name[:40]!r} is not one of {', '.join(PARENT)}")
    return name


def lineage(industry: str) -> tuple[str, ...]:
    """From the industry itself up to general."""
    found = [industry_named(industry)]
    while (parent := PARENT[found[-1]]) is not None:
        found.append(parent)
    return tuple(found)


def concerns(industries: Collection[str], industry: str) -> bool:
    """Does a rule for these industries (none: all) hold in this one?"""
    if not industries or industry == UNKNOWN:
        return True
    return any(one in industries for one in lineage(industry))
