"""A live script: opening, a slot per item, closing; it fills the minutes to the second."""

from collections.abc import Iterator

from quanyu.content.generation.brief import Brief, Item
from quanyu.content.generation.deck import Deck
from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.material import brief_slots
from quanyu.content.generation.passages import Passages, joined
from quanyu.content.generation.speaking import SHOW, stretched, time_of
from quanyu.errors import BadInput

SELLING_PERCENT_MAX = 10
"""Of the air time of a slot: price and call."""
FREE_SECONDS_MAX = 45
"""What showing or waiting for answers takes at a stretch beyond its words."""
ROUNDS_MAX = 12
SPOKEN_PERCENT = 65
"""Of a slot: the rest of it belongs to showing and to what the viewers ask."""


def show_script(brief: Brief, deck: Deck) -> Draft:
    """Raises BadInput when the minutes cannot hold the items."""
    slots = brief_slots(brief)
    opening, closing = _opening(brief, deck), _closing(brief, deck)
    left = brief.minutes * 60 - time_of(opening) - time_of(closing)
    each, rest = divmod(left, len(brief.items))
    parts = list(opening)
    for place, item in enumerate(brief.items):
        bridge = "bridge" if place else "bridge_first"
        parts += Slot(brief, deck, item=item).filling(each + (place < rest), bridge=bridge)
    return Draft("show-script", deck.any("title_show", slots)[:200], (*parts, *closing))


def _opening(brief: Brief, deck: Deck) -> list[Part]:
    slots = brief_slots(brief)
    hello = joined(deck.draw(rule, slots) for rule in ("open_hello", "open_store", "open_audience"))
    plan = joined(deck.draw(rule, slots) for rule in ("open_plan", "open_rule"))
    return [SHOW.part("opening", hello), SHOW.part("opening", plan)]


def _closing(brief: Brief, deck: Deck) -> list[Part]:
    slots = brief_slots(brief)
    said = joined(
        deck.draw(rule, slots) for rule in ("close_thanks", "close_recap", "close_advice")
    )
    return [SHOW.part("closing", said)]


class Slot:
    """The time of one item: trouble, demonstration, facts, price, call; then again for those who
    came late, in other words, while there is time."""

    def __init__(self, brief: Brief, deck: Deck, *, item: Item) -> None:
        self._says = Passages(brief, deck, item=item)
        self._deck = deck
        self._link = (item.id,)
        self._store = brief.store

    def filling(self, seconds: int, *, bridge: str) -> list[Part]:
        """Raises BadInput when what must be said takes longer."""
        parts = self._first(seconds, bridge)
        if time_of(parts) > seconds:
            need = -(-time_of(parts) // 60)
            raise BadInput("brief.minutes", f"give {need} minutes or more for each item")
        for turn in range(ROUNDS_MAX):
            if time_of(parts) * 100 >= seconds * SPOKEN_PERCENT:
                break
            parts += self._again(seconds, parts, turn=turn)
        return stretched(parts, seconds, roles=("demo", "question"), most=FREE_SECONDS_MAX)

    def _first(self, seconds: int, bridge: str) -> list[Part]:
        """What must be said, and between it what there is time for."""
        says = self._says
        must = [self._part("bridge", says.line(bridge)), self._part("pain", says.pain())]
        must += [self._part("demo", says.demo())]
        must += [self._part("facts", self._facts()), self._part("points", self._points())]
        must = [one for one in must if one is not None]
        sale = self._sale(seconds)
        parts = [one for one in must if one is not None]
        for role, text in (("tip", self._tip()), ("question", says.line("question"))):
            part = self._part(role, text)
            if part is not None and time_of([*parts, *sale, part]) <= seconds:
                parts.append(part)
        return [*parts, *sale]

    def _again(self, seconds: int, parts: list[Part], *, turn: int) -> list[Part]:
        """Another round, as far as the time goes."""
        left = seconds - time_of(parts)
        sold = sum(one.seconds or 0 for one in parts if one.purpose == "marketing")
        sale = self._sale(seconds, sold=sold) if turn % 2 else []
        found: list[Part] = []
        for part in (*self._round(turn), *sale):
            if time_of([*found, part]) <= left:
                found.append(part)
        return found

    def _round(self, turn: int) -> Iterator[Part]:
        """Every third one shows the steps again."""
        says = self._says
        demo = says.demo() if turn % 3 == 1 else says.line("demo_free")
        texts = [("recap", says.line("recap")), ("pain", says.pain()), ("answer", says.answer()),
                 ("demo", demo), ("tip", self._tip()), ("answer", says.answer()),
                 ("question", says.line("question"))]  # fmt: skip
        yield from (part for role, text in texts if (part := self._part(role, text)) is not None)

    def _sale(self, seconds: int, *, sold: int = 0) -> list[Part]:
        """Price, call, offer, within the share that may sell; the price itself is said always."""
        says = self._says
        room = seconds * SELLING_PERCENT_MAX // 100 - sold
        price, call, offer = says.price(), says.call(), says.offer()
        if not sold and SHOW.seconds(price) > room:
            price = min((says.price() for _ in range(4)), key=len)
        texts = [("price", price), ("call", call), ("price", offer)]
        found: list[Part] = []
        for role, text in texts:
            part = self._part(role, text)
            must = role == "price" and not found and not sold
            if part is not None and (must or time_of([*found, part]) <= room):
                found.append(part)
        return sorted(found, key=lambda one: one.role == "call")

    def _facts(self) -> str:
        says = self._says
        facts = says.facts(6)
        return says.line("facts_open") + facts + says.line("facts_close") if facts else ""

    def _points(self) -> str:
        points = self._says.points(4)
        return self._says.line("point_open") + points if points else ""

    def _tip(self) -> str | None:
        tip = self._says.tip()
        return None if tip is None else self._says.line("tip_open") + tip

    def _part(self, role: str, text: str | None) -> Part | None:
        if not text:
            return None
        links = self._link if role in ("price", "call") else ()
        return SHOW.part(role, text, items=links)
