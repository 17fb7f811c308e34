"""What a brief gives to say: slots for the lines, and the words of amounts."""

from collections.abc import Mapping

from quanyu.content.generation.brief import ENDS, Brief, Item

NAMES_MAX = 3
NAMES_CHARACTERS_MAX = 40
DOING = (
    "发货", "配送", "采摘", "洗护", "洗涤", "贮存", "保存", "安装", "清洗", "食用", "使用", "适用",
    "售后", "方法",
)  # fmt: skip


def yuan(amount_fen: int) -> str:
    """9990 → 99.9元, as people say it."""
    whole, fen = divmod(amount_fen, 100)
    return f"{whole}{f'.{fen:02d}'.rstrip('0') if fen else ''}元"


def phrase(text: str) -> str:
    """Without the stop at its end: the line brings its own."""
    return text.strip(ENDS)


def stated(key: str, value: str) -> str:
    """A fact on a card: 净含量125克, 产地：福建安溪; without a key that its value says again."""
    value = phrase(value)
    if key.startswith("是否") or key in value:
        return value
    return f"{key}{value}" if value[0].isdigit() and not doing(key) else f"{key}：{value}"


def doing(key: str) -> bool:
    """Does a key name what is done (发货, 洗护), so that no “是” can follow it?"""
    return key.endswith(DOING)


def brief_slots(brief: Brief) -> Mapping[str, str]:
    said = names(brief)
    found = {"names": said, "only" if len(brief.items) == 1 else "many": said}
    if brief.audience is not None:
        found["audience"] = phrase(brief.audience)
    if brief.store is not None:
        found["store"] = brief.store.name
    return found


def names(brief: Brief) -> str:
    """A、B、C等, within bounds."""
    titles = [one.title for one in brief.items]
    said = titles[:1]
    for title in titles[1:NAMES_MAX]:
        if len("、".join([*said, title])) <= NAMES_CHARACTERS_MAX:
            said.append(title)
    return "、".join(said) + ("等" if len(said) < len(titles) else "")


def item_slots(brief: Brief, item: Item) -> Mapping[str, str]:
    found = {**brief_slots(brief), "item": item.title}
    if item.price_fen is not None:
        found["price"] = yuan(item.price_fen)
    if item.reference_fen is not None and item.reference_basis is not None:
        found |= {"reference": yuan(item.reference_fen), "basis": item.reference_basis}
    return found
