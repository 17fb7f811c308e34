"""The writer that needs no network: phrases as data, facts out of the brief, a seed."""

from random import Random

from quanyu.content.generation.article import article
from quanyu.content.generation.creative import creative
from quanyu.content.generation.deck import Deck
from quanyu.content.generation.draft import Draft
from quanyu.content.generation.ports import Task
from quanyu.content.generation.show_script import show_script
from quanyu.content.generation.video_script import video_script


class TemplateWriter:
    name = "template"

    def write(self, task: Task) -> Draft:
        """The same task gives the same draft. A rewriting takes other lines than those that were
        found fault with."""
        brief = task.brief
        chance = Random(f"{task.kind}:{task.seed}:{task.round}")  # noqa: S311 — wording, no secret
        avoid = {one.text for one in task.findings if one.text}
        deck = Deck(brief, chance, avoid=avoid)
        if task.kind == "show-script":
            return show_script(brief, deck)
        item = brief.items[task.seed % len(brief.items)]
        match task.kind:
            case "video-script":
                return video_script(brief, deck, item=item)
            case "creative":
                return creative(brief, deck, item=item)
            case _:
                return article(brief, deck, item=item)
