"""What contradicts itself in a campaign, whatever exists outside it. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from quanyu.compliance.copy.folding import folded
from quanyu.decisions.campaigns.campaign import Budget, Campaign, Cpc, TargetCpa
from quanyu.errors import BadInput
from quanyu.strict import converted

Fault = tuple[str, str]
"""Field and mend."""
COMBINATIONS_MAX = 1_000
SAY = {
    "budget": "say in fen what a day and the whole may cost: {day_fen, total_fen}",
    "bid": "say the goal: cpc, tcpa, troas or max_conversions",
    "creatives": "write at least one: {id, title, text, landing}",
    "schedule": "say from when to when it runs: {from, to}",
}
"""What has to be there, with another mend than that it is missing."""


def read_campaign(tree: Any, *, name: str = "campaign") -> Campaign:
    """Out of a parsed document. Raises BadInput with the path and the mend."""
    if isinstance(tree, dict):
        for field, mend in SAY.items():
            if field not in tree:
                raise BadInput(f"{name}.{field}", mend)
    made = converted(tree, Campaign, name=name)
    for check in _CHECKS:
        for field, mend in check(made):
            raise BadInput(f"{name}.{field}", mend)
    return made


def _storable(one: Campaign) -> Iterator[Fault]:
    try:
        msgspec.json.encode(one)
    except UnicodeEncodeError:
        yield "title", "leave out halves of surrogate pairs, here or elsewhere in it"


def must_fit(campaign: Campaign, budget: Budget) -> None:
    """Goal and the budget of now, whatever the campaign was written with. Raises BadInput."""
    for field, mend in _bid(msgspec.structs.replace(campaign, budget=budget)):
        raise BadInput(f"campaign.{field}", mend)


def _bid(one: Campaign) -> Iterator[Fault]:
    if len(one.bid.given) != 1:
        yield "bid", "choose one goal: cpc, tcpa, troas or max_conversions"
        return
    goal, budget = one.bid.goal, one.budget
    if budget.day_fen > budget.total_fen:
        yield "budget.day_fen", "let a day cost no more than the whole"
    if isinstance(goal, Cpc) and goal.bid_fen > budget.day_fen:
        yield "bid.cpc.bid_fen", "a single click would cost more than the day; bid less"
    if isinstance(goal, TargetCpa) and goal.target_fen > budget.total_fen:
        yield "bid.tcpa.target_fen", "a single conversion would cost more than the whole budget"


def _schedule(one: Campaign) -> Iterator[Fault]:
    schedule = one.schedule
    for field, moment in (("from", schedule.since), ("to", schedule.to)):
        if moment is None:
            yield f"schedule.{field}", "say when: ISO 8601 with offset"
            return
    if (fault := schedule.fault()) is not None:
        yield "schedule.to" if "end" in fault else "schedule.hours", fault


def _creatives(one: Campaign) -> Iterator[Fault]:
    if not one.creatives:
        yield "creatives", SAY["creatives"]
    if (place := twice([creative.id for creative in one.creatives])) is not None:
        yield f"creatives[{place}].id", "it stands there already; give each its own"
    for place, creative in enumerate(one.creatives):
        here = f"creatives[{place}]"
        if len(creative.landing.given) != 1:
            yield f"{here}.landing", "lead to one thing: an item, a store or a content"
        if creative.price_fen is not None and creative.landing.item is None:
            yield f"{here}.price_fen", "leave it out: only an item has a price"
        if any(not part.strip() for part in creative.told()[:1]):
            yield f"{here}.title", "write something that can be read"
        for field in creative.braces:
            yield f"{here}.{field}", "write {keyword:面霜}, with what stands there otherwise"


def _keywords(one: Campaign) -> Iterator[Fault]:
    plain = [folded(keyword.text) for keyword in one.keywords]
    if "" in plain:
        yield f"keywords[{plain.index('')}].text", "nothing is left of it without signs and gaps"
    pairs = list(zip([keyword.match for keyword in one.keywords], plain, strict=True))
    if (place := twice(pairs)) is not None:
        first = one.keywords[pairs.index(pairs[place])].text
        yield f"keywords[{place}].text", f"it is read like {first!r}, which stands there already"
    yield from _killed(pairs)
    shown = sum(creative.shows_keyword for creative in one.creatives)
    if shown * len(one.positive) > COMBINATIONS_MAX:
        mend = f"creatives that show a keyword × keywords: at most {COMBINATIONS_MAX}, all are read"
        yield "keywords", mend


def _killed(pairs: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    """A search that holds a negative keyword shows nothing, and so does every search for a
    positive one that contains it."""
    negative = {text: place for place, (match, text) in enumerate(pairs) if match == "negative"}
    deaths = [_death(text, negative) for match, text in pairs if match != "negative"]
    places = [place for place in deaths if place is not None]
    if places and len(places) == len(deaths):
        yield f"keywords[{max(places)}].text", "with it no positive keyword can match any more"


def _death(text: str, negative: Mapping[str, int]) -> int | None:
    """Place of the first negative keyword that it contains."""
    ends = range(1, len(text) + 1)
    parts = (text[start:end] for end in ends for start in range(end))
    return min((negative[part] for part in parts if part in negative), default=None)


def _places(one: Campaign) -> Iterator[Fault]:
    near = one.near
    if near is not None and not (near.stores or near.points):
        yield "near", "say near what: stores or points"
    for field in ("touchpoints", "scenes", "categories"):
        if (place := twice(getattr(one, field))) is not None:
            yield f"{field}[{place}]", "it stands there already"


def twice(names: Sequence[Any]) -> int | None:
    """Place of the first that comes a second time."""
    seen: set[Any] = set()
    for place, one in enumerate(names):
        if one in seen:
            return place
        seen.add(one)
    return None


_CHECKS: tuple[Callable[[Campaign], Iterator[Fault]], ...] = (
    _storable, _bid, _schedule, _creatives, _keywords, _places,
)  # fmt: skip
