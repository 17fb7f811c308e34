"""A creative: title, subtitle, selling points, price and call, short enough for a card."""

from quanyu.content.generation.brief import Brief, Item
from quanyu.content.generation.deck import Deck
from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.material import phrase, stated
from quanyu.content.generation.passages import Passages, order_of
from quanyu.errors import BadInput

TITLE_CHARACTERS_MAX = 30
SUBTITLE_CHARACTERS_MAX = 40
POINT_CHARACTERS_MAX = 20
POINTS = 3
TRIES = 12


def creative(brief: Brief, deck: Deck, *, item: Item) -> Draft:
    """Raises BadInput when nothing of the item fits a title."""
    says = Passages(brief, deck, item=item)
    title = _fitting(says, "title_creative", most=TITLE_CHARACTERS_MAX) or item.title
    if len(title) > TITLE_CHARACTERS_MAX:
        raise BadInput("brief.items", f"shorten the title {item.title[:20]!r}: 30 fit a creative")
    subtitle = _fitting(says, "subtitle_creative", most=SUBTITLE_CHARACTERS_MAX, unlike=title)
    parts = [Part("subtitle", subtitle)] if subtitle else []
    parts += [Part("points", one) for one in _points(says, title + subtitle)]
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
        again = any(one in text for one in [*_statements(says), *_told(says)] if one in unlike)
        if text and len(text) <= most and not again:
            return text
    return ""


def _chosen(says: Passages) -> dict[str, str]:
    """One of each that the brief gives; two facts, with their keys, where it gives two."""
    chance, item, found = says.deck.chance, says.item, dict[str, str]()
    for slot, texts in (("point", item.selling_points), ("pain", item.pains)):
        if texts:
            found[slot] = phrase(chance.choice(texts))
    facts = {stated(key, value): key for key, value in item.facts.items()}
    if facts:
        found["stated"] = chance.choice(list(facts))
    named = [one for one, key in facts.items() if one.startswith(key)]
    named = chance.sample(named, min(2, len(named)))
    found |= dict(zip(("named", "named_next"), named, strict=False))
    found |= dict(zip(("step", "step_next"), map(order_of, item.how_to), strict=False))
    if says.brief.offers:
        found["offer"] = phrase(chance.choice(says.brief.offers).text)
    return found


def _statements(says: Passages) -> list[str]:
    """What may be said of the item: its selling points, then its facts."""
    points = [phrase(one) for one in says.item.selling_points]
    return points + [stated(key, value) for key, value in says.item.facts.items()]


def _told(says: Passages) -> list[str]:
    item = says.item
    return [*map(phrase, item.pains), *map(order_of, item.how_to)]


def _points(says: Passages, said: str) -> list[str]:
    """Two or three short ones, by chance; none that was said already, if there are others."""
    chance = says.deck.chance
    short = [one for one in _statements(says) if len(one) <= POINT_CHARACTERS_MAX]
    fresh = [one for one in short if one not in said] or short[:1]
    return chance.sample(fresh, min(len(fresh), chance.choice((POINTS - 1, POINTS))))
