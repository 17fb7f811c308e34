"""A creative: title, subtitle, selling points, price and call, short enough for a card."""

from quanyu.content.generation.brief import Brief, Item
from quanyu.content.generation.deck import Deck
from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.material import phrase
from quanyu.content.generation.passages import Passages
from quanyu.errors import BadInput

TITLE_CHARACTERS_MAX = 30
SUBTITLE_CHARACTERS_MAX = 40
POINT_CHARACTERS_MAX = 20
POINTS = 3
TRIES = 12


def creative(brief: Brief, deck: Deck, *, item: Item) -> Draft:
    """Raises BadInput when nothing of the item fits a title."""
    says = Passages(brief, deck, item=item)
    title = _fitting(says, "title_creative", most=TITLE_CHARACTERS_MAX)
    if not title:
        raise BadInput("brief.items", f"shorten the title {item.title[:20]!r}: 30 fit a creative")
    subtitle = _fitting(says, "subtitle_creative", most=SUBTITLE_CHARACTERS_MAX, unlike=title)
    parts = [Part("subtitle", subtitle)] if subtitle else []
    said = title + subtitle
    points = [one for one in _points(says) if one not in said][:POINTS]
    parts += [Part("points", one) for one in points or _points(says)[:1]]
    link = (item.id,)
    price = "" if "price" not in says.slots else _price(says)
    parts += [Part("price", price, items=link)] if price else []
    parts.append(Part("call", says.line("call_creative"), items=link))
    return Draft("creative", title, tuple(parts))


def _price(says: Passages) -> str:
    slots = says.slots
    compared = f"，{slots['basis']}{slots['reference']}" if "reference" in slots else ""
    return slots["price"] + compared


def _fitting(says: Passages, rule: str, *, most: int, unlike: str = "") -> str:
    """Draws until one fits and does not repeat the other; empty when none does."""
    for _ in range(TRIES):
        text = says.line(rule, **_chosen(says))
        again = any(one in text for one in says.item.selling_points if one in unlike)
        if text and len(text) <= most and not again:
            return text
    return ""


def _chosen(says: Passages) -> dict[str, str]:
    chance, found = says.deck.chance, {}
    if says.item.selling_points:
        found["point"] = phrase(chance.choice(says.item.selling_points))
    if says.item.facts:
        key = chance.choice(sorted(says.item.facts))
        found |= {"key": key, "value": phrase(says.item.facts[key])}
    if says.brief.offers:
        found["offer"] = phrase(chance.choice(says.brief.offers).text)
    return found


def _points(says: Passages) -> list[str]:
    """Short selling points first, then facts."""
    points = [phrase(one) for one in says.item.selling_points]
    says.deck.chance.shuffle(points)
    points += [f"{key}{phrase(value)}" for key, value in says.item.facts.items()]
    return [one for one in points if len(one) <= POINT_CHARACTERS_MAX]
