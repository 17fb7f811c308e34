"""Draws lines so that one text does not say the same line twice."""

from collections.abc import Collection
from random import Random

from quanyu.content.generation.brief import Brief, Item
from quanyu.content.generation.grammar import Line, Slots, tiers

SPECIAL_FIRST = ("pain", "tip", "hook", "intro", "heading_tip", "title_", "picture_")
"""Rules, by how they begin, whose general lines wait until nothing closer is left."""


class Deck:
    def __init__(self, brief: Brief, chance: Random, *, avoid: Collection[str] = ()) -> None:
        self._brief = brief
        self._avoid = avoid
        self._used: set[Line] = set()
        self.chance = chance

    def draw(self, rule: str, slots: Slots, *, item: Item | None = None) -> str | None:
        """A line that was not said yet; None when there is none."""
        title = "" if item is None else item.title
        found = tiers(rule, industry=self._brief.industry, title=title, tone=self._brief.tone)
        if not rule.startswith(SPECIAL_FIRST):
            found = (tuple(line for tier in found for line in tier),)
        for tier in found:
            fresh = [line for line in tier if line not in self._used and line.fits(slots)]
            while fresh:
                line = fresh.pop(self.chance.randrange(len(fresh)))
                text = line.said(slots, self.chance)
                if not any(word in text for word in self._avoid):
                    self._used.add(line)
                    return text
        return None

    def any(self, rule: str, slots: Slots, *, item: Item | None = None) -> str:
        """Starts over when all lines were said. A rule without lines that fit says nothing."""
        text = self.draw(rule, slots, item=item)
        if text is None:
            self._forget(rule, item)
            text = self.draw(rule, slots, item=item)
        return text or ""

    def _forget(self, rule: str, item: Item | None) -> None:
        title = "" if item is None else item.title
        found = tiers(rule, industry=self._brief.industry, title=title, tone=self._brief.tone)
        self._used -= {line for tier in found for line in tier}
