"""Mends a text that the law does not let through: another word, else without the sentence."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources

import msgspec

from quanyu.compliance.verdict import STRICTNESS, Hit, Severity, Verdict
from quanyu.content.generation.brief import ENDS, Brief, Item
from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.material import yuan

Review = Callable[[str], Verdict]
"""The gate, for one text."""
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]?")
OPTIONAL = frozenset({"subtitle", "points", "tip", "question", "answer", "recap", "ending", "pain"})
"""Parts that may be left out when nothing of them is left."""


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    field: str
    before: str
    after: str | None
    """None: left out."""
    rule: str
    article: str
    why: str


def faults(verdict: Verdict) -> tuple[Hit, ...]:
    """What a wording can mend: a missing mark is set where the text is shown."""
    least = STRICTNESS[Severity.NEED_PROOF]
    return tuple(hit for hit in verdict.hits if STRICTNESS[hit.counts_as] >= least)


def reworded(text: str, hits: Iterable[Hit]) -> str:
    """Another word for each hit that has one, the longest first."""
    words = rewording()
    for hit in sorted(hits, key=lambda one: -len(one.text)):
        for word in sorted((one for one in words if one in hit.text), key=len, reverse=True):
            text = text.replace(hit.text, hit.text.replace(word, words[word]))
            break
    return text


@cache
def rewording() -> Mapping[str, str]:
    data = resources.files(__package__).joinpath("rewording.toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, dict[str, str]])["words"]


def without_sentences(text: str, hits: Iterable[Hit]) -> str:
    """Leaves out every sentence that a hit stands in; hits of missing words leave it all."""
    words = {hit.text for hit in hits if hit.text}
    sentences = (found[0] for found in _SENTENCE.finditer(text))
    return "".join(one for one in sentences if not any(word in one for word in words))


def mended(text: str, review: Review) -> tuple[str | None, tuple[Hit, ...]]:
    """(the text as it may be said, what was found); None when nothing lawful is left of it."""
    found = faults(review(text))
    if not found:
        return text, ()
    for made in (reworded(text, found), without_sentences(text, found)):
        if made.strip(ENDS) and made != text and not faults(review(made)):
            return made, found
    return None, found


def lawful_brief(brief: Brief, review: Review) -> tuple[Brief, list[Change], list[Hit]]:
    """The brief with each text mended or left out, the changes, and what cannot be left out."""
    changes: list[Change] = []
    stuck: list[Hit] = []

    def may_say(field: str, text: str) -> str | None:
        said, found = mended(text, review)
        if found:
            changes.append(change(f"brief.{field}", text, after=said, hit=found[0]))
        return said

    def must_say(field: str, text: str) -> str:
        said = may_say(field, text)
        if said is None:
            hits = faults(review(text))
            stuck.extend(msgspec.structs.replace(hit, field=f"brief.{field}") for hit in hits)
        return said or text

    items = tuple(_lawful_item(one, f"items[{n}]", may=may_say, must=must_say)
                  for n, one in enumerate(brief.items))  # fmt: skip
    offers = tuple(msgspec.structs.replace(one, text=said) for n, one in enumerate(brief.offers)
                   if (said := may_say(f"offers[{n}].text", one.text)) is not None)  # fmt: skip
    audience = None if brief.audience is None else may_say("audience", brief.audience)
    store = brief.store
    if store is not None:
        store = msgspec.structs.replace(store, name=must_say("store.name", store.name))
    made = msgspec.structs.replace(
        brief, items=items, offers=offers, audience=audience, store=store
    )
    return made, changes, stuck


MaySay = Callable[[str, str], str | None]


def _lawful_item(item: Item, place: str, *, may: MaySay, must: Callable[[str, str], str]) -> Item:
    facts = {key: value for key, value in item.facts.items()
             if may(f"{place}.facts.{key}", f"{key}：{value}") == f"{key}：{value}"}  # fmt: skip

    def kept(field: str) -> tuple[str, ...]:
        texts = enumerate(getattr(item, field))
        said = (may(f"{place}.{field}[{n}]", text) for n, text in texts)
        return tuple(one for one in said if one is not None)

    compared = comparison(item)
    if compared and may(f"{place}.reference_fen", compared) != compared:
        item = msgspec.structs.replace(item, reference_fen=None, reference_basis=None)
    return msgspec.structs.replace(
        item, title=must(f"{place}.title", item.title), facts=facts,
        selling_points=kept("selling_points"), how_to=kept("how_to"), pains=kept("pains"),
    )  # fmt: skip


def comparison(item: Item) -> str:
    """As an ad would say it: what cannot be said plainly is not said in other words either."""
    if item.reference_fen is None or item.price_fen is None:
        return ""
    return f"{item.reference_basis}{yuan(item.reference_fen)}，现价{yuan(item.price_fen)}"


def mended_draft(
    draft: Draft, hits: Mapping[str, list[Hit]], *, review: Review
) -> tuple[Draft, list[Change]]:
    """Every field with hits reworded, or without the sentences they stand in."""
    changes: list[Change] = []

    def settled(field: str, text: str) -> str:
        found = hits.get(field, [])
        if not found:
            return text
        made = reworded(text, found)
        if made == text or faults(review(made)) or any(hit.text in made for hit in found):
            made = without_sentences(text, found)
        changes.append(change(field, text, after=made or None, hit=found[0]))
        return made

    title = settled("title", draft.title)
    parts = (_settled_part(one, n, settled=settled) for n, one in enumerate(draft.parts))
    kept = tuple(one for one in parts if one.text.strip(ENDS) or one.role not in OPTIONAL)
    return Draft(draft.kind, title, kept), changes


def _settled_part(part: Part, place: int, *, settled: Callable[[str, str], str]) -> Part:
    return msgspec.structs.replace(
        part,
        text=settled(f"parts[{place}].text", part.text),
        picture=settled(f"parts[{place}].picture", part.picture),
        subtitle=settled(f"parts[{place}].subtitle", part.subtitle),
    )


def change(field: str, before: str, *, after: str | None, hit: Hit) -> Change:
    return Change(field, before, after, hit.rule, hit.article, hit.why)
