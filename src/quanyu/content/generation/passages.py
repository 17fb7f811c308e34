"""Passages about an item: each says only what the brief gives, in changing words."""

import re
from collections.abc import Iterable, Iterator, Sequence

from quanyu.content.generation.brief import Brief, Item
from quanyu.content.generation.deck import Deck
from quanyu.content.generation.material import doing, item_slots, phrase

_LEADS = re.compile(r"^(先|再|然后|接着|接下来|最后|第[一二三四五六七八]步)[，,：: ]?(?=.{2})")
_ORDERED = re.compile("[先后再]")
_VERBS = frozenset("见需须可请按不能在从以")


class Passages:
    """Of one item. Facts keep the order of the brief; points come in an order of their own."""

    def __init__(self, brief: Brief, deck: Deck, *, item: Item) -> None:
        self.brief, self.item, self.deck = brief, item, deck
        self.slots = item_slots(brief, item)
        self._facts = list(item.facts.items())
        self._points = self._shuffled(list(item.selling_points))
        self._pains = iter(self._shuffled(list(item.pains)))
        self._answers = iter(self._shuffled(list(item.facts.items())))

    def _shuffled(self, found: list) -> list:  # type: ignore[type-arg]
        self.deck.chance.shuffle(found)
        return found

    def line(self, rule: str, **slots: str) -> str:
        return self.deck.any(rule, {**self.slots, **slots}, item=self.item)

    def pain(self, *, rule: str = "pain_given") -> str | None:
        """The customer's own trouble first, then what is usual in the industry."""
        given = next(self._pains, None)
        if given is not None:
            return self.line(rule, pain=phrase(given))
        return self.deck.draw("pain", self.slots, item=self.item)

    def tip(self) -> str | None:
        return self.deck.draw("tip", self.slots, item=self.item)

    def demo(self) -> str:
        """Opening, steps, closing; empty without steps."""
        said = self.steps()
        return self.line("demo_open") + said + self.line("demo_close") if said else ""

    def steps(self) -> str:
        return "".join(self._steps([order_of(one) for one in self.item.how_to]))

    def _steps(self, steps: Sequence[str]) -> Iterator[str]:
        if len(steps) < 2:
            yield from (self.line("demo_one", step=one) for one in steps)
            return
        plain = {} if _ORDERED.search(steps[0] + steps[1]) else {"plain": steps[0]}
        yield self.line("demo_two", step=steps[0], step_next=steps[1], **plain)
        for place, step in enumerate(steps[2:], 3):
            rule = "demo_last" if place == len(steps) else "demo_next"
            yield self.line(rule, step=step)

    def facts(self, most: int = 20, *, rule: str = "fact") -> str:
        """So many of the facts; empty without any."""
        return self.told(self.some(most), rule=rule)

    def told(self, facts: Iterable[tuple[str, str]], *, rule: str = "fact") -> str:
        return "".join(self._fact(rule, key, value=value) for key, value in facts)

    def some(self, most: int) -> list[tuple[str, str]]:
        """So many facts, chosen by chance, in their order."""
        count = min(most, len(self._facts))
        chosen = self.deck.chance.sample(range(len(self._facts)), count)
        return [self._facts[place] for place in sorted(chosen)]

    def _fact(self, rule: str, key: str, *, value: str) -> str:
        """``noun``: a key that is a thing; ``be``: one that its value can follow with “是”."""
        value, names = phrase(value), {} if key.startswith("是否") else {"noun": key}
        if names and value[0] not in _VERBS and not doing(key) and key not in value:
            names["be"] = key
        return self.line(rule, key=key, value=value, **names)

    def points(self, most: int = 12) -> str:
        rules = ["point_first", *["point"] * most]
        return "".join(self.line(rule, point=phrase(one))
                       for rule, one in zip(rules, self._points[:most], strict=False))  # fmt: skip

    def first_point(self) -> str:
        """The one that ``points`` says first; empty without any."""
        return phrase(self._points[0]) if self._points else ""

    def answer(self) -> str:
        """A fact again, for whoever asks; each once, then nothing more."""
        found = next(self._answers, None)
        return "" if found is None else self._fact("answer", found[0], value=found[1])

    def price(self, *, style: str = "") -> str:
        """The price, and the compared one with what it is; never an amount of our own."""
        if "price" not in self.slots:
            return self.line("price_ask")
        return self.line(f"price{style}_{'compared' if 'reference' in self.slots else 'plain'}")

    def call(self) -> str:
        """To the page, now and then to the store."""
        there = "store" in self.slots and self.deck.chance.random() < 1 / 3
        return self.line("call_store" if there else "call")

    def offer(self) -> str:
        offers = self.brief.offers
        if not offers:
            return ""
        return self.line("offer", offer=phrase(self.deck.chance.choice(offers).text))


def order_of(step: str) -> str:
    """Without “先” or “最后” in front: the line brings its own."""
    return _LEADS.sub("", phrase(step))


def joined(texts: Iterable[str | None]) -> str:
    return "".join(text for text in texts if text)
