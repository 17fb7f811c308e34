"""What a brief gives to say: slots for the lines, and the words of amounts."""

from collections.abc import Mapping

from quanyu.content.generation.brief import ENDS, Brief, Item

NAMES_MAX = 3
NAMES_CHARACTERS_MAX = 40


def yuan(amount_fen: int) -> str:
    """9990 → 99.9元, as people say it."""
    whole, fen = divmod(amount_fen, 100)
    return f"{whole}{f'.{fen:02d}'.rstrip('0') if fen else ''}元"


def phrase(text: str) -> str:
    """Without the stop at its end: the line brings its own."""
    return text.strip(ENDS)


def brief_slots(brief: Brief) -> Mapping[str, str]:
    found = {"names": names(brief)}
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
