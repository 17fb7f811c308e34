"""An article: how to choose, what the item is, how to use it; the price at the end, and marked."""

import msgspec

from quanyu.content.generation.brief import Brief, Item
from quanyu.content.generation.deck import Deck
from quanyu.content.generation.draft import Draft, Part, shares_of_parts
from quanyu.content.generation.passages import Passages, joined
from quanyu.errors import BadInput

SELLING_PERCENT_MAX = 30
TIPS_PER_PARAGRAPH = 2
PARAGRAPHS_MAX = 8
CHARACTERS_PER_PARAGRAPH = 250
"""Of the length asked for: an article that holds all advice there is reads like the next one."""


def article(brief: Brief, deck: Deck, *, item: Item) -> Draft:
    """Never longer than asked; shorter when the brief and the advice give no more. Raises BadInput
    when not even one fact fits."""
    says = Passages(brief, deck, item=item)
    title = says.line("title_article")
    parts = _basis(says, brief.characters - len(title))
    for paragraph in _advice(says):
        grown = _with_advice(parts, paragraph)
        if len(title) + _length(grown) > brief.characters:
            break
        parts = grown
    return Draft("article", title, tuple(parts))


def _basis(says: Passages, most: int) -> list[Part]:
    """All there is to say, and the longest sale that the share and the length allow."""
    body, link = _body(says), (says.item.id,)
    price, offer = says.price(style="_written"), says.offer()
    for sale in ([price, offer, says.line("call_written")], [price, offer], [price]):
        parts = _within([*body, Part("call", joined(sale), items=link)], most)
        if _fits(parts, most):
            return parts
    for count in range(len(says.item.facts) - 1, 0, -1):
        shorter = _with_facts(parts, says.facts(count, rule="fact_written"))
        if _fits(shorter, most):
            return shorter
    raise BadInput("brief.characters", f"give {says.brief.characters + 100} or more: it is too few")


def _fits(parts: list[Part], most: int) -> bool:
    within = shares_of_parts(parts).within(SELLING_PERCENT_MAX * 10)
    return within and _length(parts) <= most


def _with_facts(parts: list[Part], facts: str) -> list[Part]:
    return [msgspec.structs.replace(one, text=facts) if one.role == "facts" else one
            for one in parts]  # fmt: skip


def _body(says: Passages) -> list[Part]:
    lines = says.line
    facts, points, steps = says.facts(rule="fact_written"), says.points(), says.steps()
    paragraphs = [
        ("intro", lines("intro")), ("intro", says.pain(rule="pain_given_written")),
        ("heading", lines("heading_tip")), ("tip", says.tip()),
        ("heading", lines("heading_item")),
        ("facts", facts and lines("facts_written_open") + facts),
        ("points", points and lines("points_written_open") + points),
        ("heading", steps and lines("heading_demo")),
        ("demo", steps and lines("demo_written_open") + steps),
        ("heading", lines("heading_end")), ("ending", lines("ending")),
    ]  # fmt: skip
    return [Part(role, text) for role, text in paragraphs if text]


def _within(parts: list[Part], most: int) -> list[Part]:
    """Leaves out what can be missed until it fits."""
    for role in ("intro", "ending", "points", "tip", "demo", "intro"):
        if _length(parts) <= most:
            break
        places = [place for place, one in enumerate(parts) if one.role == role]
        if places:
            parts = [one for place, one in enumerate(parts) if place != places[-1]]
    return _without_bare_headings(parts)


def _without_bare_headings(parts: list[Part]) -> list[Part]:
    """A heading stands over something that is no heading and does not sell."""
    followed = [*parts[1:], None]
    return [
        one for one, after in zip(parts, followed, strict=True)
        if one.role != "heading" or (after is not None and after.role not in ("heading", "call"))
    ]  # fmt: skip


def _advice(says: Passages) -> list[str]:
    found = []
    wanted = says.brief.characters // CHARACTERS_PER_PARAGRAPH
    for _ in range(min(PARAGRAPHS_MAX, wanted)):
        text = joined(says.tip() for _ in range(TIPS_PER_PARAGRAPH))
        if not text:
            break
        found.append(text)
    return found


def _with_advice(parts: list[Part], text: str) -> list[Part]:
    """After the last advice, or before the part that sells."""
    places = [place for place, one in enumerate(parts) if one.role == "tip"]
    after = places[-1] + 1 if places else len(parts) - 1
    return [*parts[:after], Part("tip", text), *parts[after:]]


def _length(parts: list[Part]) -> int:
    return sum(len(one.text) for one in parts)
