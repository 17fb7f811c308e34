"""What people read of a campaign, as the gate is shown it. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from quanyu.compliance.doorkeeper import Page
from quanyu.compliance.industries import UNKNOWN
from quanyu.compliance.page import STANDARD
from quanyu.decisions.campaigns.campaign import Campaign, Creative
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.touchpoints.fitness import LABEL
from quanyu.touchpoints.touchpoint import Touchpoint

KIND = "campaign"


def page_of(
    campaign: Campaign, *, touchpoints: Sequence[Touchpoint], led_to: Sequence[Item | Store]
) -> Page:
    """``touchpoints`` where it may come, which mark it; ``led_to`` by its creatives: their industry
    counts where they have one in common, else the merchant's."""
    items = [one for one in led_to if isinstance(one, Item)]
    return Page(
        kind=KIND, id=campaign.id, texts=texts_of(campaign) | _standard(items),
        industry=_industry(led_to), shops=(campaign.advertiser,), advertises=True,
        marked_as_ad=all(LABEL in one.ad_label for one in touchpoints),
        touchpoint=touchpoints[0].id if len(touchpoints) == 1 else None,
        numbers=tuple(sorted({one.registration for one in items if one.registration})),
    )  # fmt: skip


def texts_of(campaign: Campaign) -> dict[str, str]:
    """By place. A creative that shows the keyword is read with each of them: two halves that are
    harmless may make one word that is not."""
    found: dict[str, str] = {}
    for place, creative in enumerate(campaign.creatives):
        title, text = creative.told()
        found |= {f"creatives[{place}].title": title, f"creatives[{place}].text": text}
        if creative.shows_keyword:
            found |= _with_keywords(campaign, creative, place=place)
    return found


def _with_keywords(campaign: Campaign, creative: Creative, *, place: int) -> Mapping[str, str]:
    return {
        f"keywords[{number}].text (creatives[{place}].{field})": said
        for number, keyword in enumerate(campaign.keywords)
        if keyword.match != "negative"
        for field, said in _changed(creative, keyword.text)
    }


def _changed(creative: Creative, keyword: str) -> Iterator[tuple[str, str]]:
    plain, filled = creative.told(), creative.told(keyword)
    for field, before, after in zip(("title", "text"), plain, filled, strict=True):
        if before != after:
            yield field, after


def _industry(led_to: Sequence[Item | Store]) -> str:
    named = {one.industry for one in led_to}
    return (named.pop() if len(named) == 1 else None) or UNKNOWN


def _standard(items: Sequence[Item]) -> dict[str, str]:
    """A standard's number lifts grade names in all texts: only one that all items are made to."""
    named = {one.standard for one in items}
    return {STANDARD: named.pop()} if len(named) == 1 and "" not in named else {}
