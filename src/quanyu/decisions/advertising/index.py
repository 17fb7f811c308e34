"""Running campaigns as columns and look-ups: from a moment to those that may take part."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from quanyu.clock import to_us
from quanyu.decisions.advertising.columns import AdColumns, Mask
from quanyu.decisions.advertising.near import is_near
from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.decisions.goods import Goods
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall.geo import Places
from quanyu.decisions.recall.keywords import KeywordIndex, Match, Matched
from quanyu.decisions.recall.words import Words
from quanyu.touchpoints.ecosystem import Ecosystem
from quanyu.touchpoints.touchpoint import Touchpoint

MOST = 128
"""Campaigns that go on to the auction; of more, those that bid most per look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What targeting may know: nobody's audiences where nothing is personalised."""

    audiences: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    """Of what is in hand, was found, or is liked."""


@dataclass(slots=True)
class Entries:
    """Who takes part, by what, and how many do not, by why."""

    numbers: list[int] = field(default_factory=list)
    matched: dict[int, str] = field(default_factory=dict)
    keyword: dict[int, str] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)


class AdIndex:
    """Immutable: campaigns that change make a new one."""

    def __init__(
        self, running: Iterable[tuple[int, Campaign]], *, goods: Goods, words: Words,
        ecosystem: Ecosystem, places: Places | None = None,
    ) -> None:  # fmt: skip
        self.goods, self._places, self._words = goods, places, words
        listed = list(running)
        self.campaigns = tuple(one for _, one in listed)
        self.columns = AdColumns.of(listed, goods)
        self._column = {one.id: at for at, one in enumerate(ecosystem.touchpoints)}
        self._on = _touchpoints(self.campaigns, ecosystem, column=self._column)
        whens = [one.schedule for one in self.campaigns]
        self._from_us = np.array([to_us(one.since) for one in whens if one.since], np.int64)
        self._to_us = np.array([to_us(one.to) for one in whens if one.to], np.int64)
        self._keyed = _mask(bool(one.keywords) for one in self.campaigns)
        self._scened = _mask(bool(one.scenes) for one in self.campaigns)
        self._near = _mask(one.near is not None for one in self.campaigns)
        self._sorted = _mask(bool(one.categories) for one in self.campaigns)
        worth = np.array([_worth(one) for one in self.campaigns], np.float64)
        self._best_first = np.argsort(-worth, kind="stable")
        self._keywords = KeywordIndex(_keywords(self.campaigns), words=words)
        self._scenes = _by_scene(self.campaigns, words)
        self._timed = frozenset(
            number for number, one in enumerate(whens) if one.hours or one.weekdays
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.campaigns)

    def entries(
        self, moment: Moment, touchpoint: Touchpoint, *, query: str, person: "Person"
    ) -> Entries:
        found = Entries()
        open_ = self._on[:, self._column[touchpoint.id]].copy()
        leads = np.diff(self.columns.starts) > 0
        self._drop(found, open_, keep=leads, why="nothing_to_lead_to")
        inside = (self._from_us <= moment.at_us) & (moment.at_us < self._to_us)
        self._drop(found, open_, keep=inside, why="out_of_schedule")
        by_word = self._keywords.find(query) if query else {}
        self._drop(found, open_, keep=self._wanted(by_word, touchpoint), why="no_keyword_matched")
        by_scene = self._in_scene(moment)
        self._drop(found, open_, keep=~self._scened | _at(by_scene, len(self)), why="other_scene")
        numbers = self._best_first[open_[self._best_first]]
        for looked_at, number in enumerate(numbers.tolist()):
            if len(found.numbers) == MOST:
                found.dropped["too_many_better_bids"] += len(numbers) - looked_at
                break
            if why := self._why_not(number, moment, person=person):
                found.dropped[why] += 1
            else:
                found.numbers.append(number)
                self._note(found, number, by_word=by_word, by_scene=by_scene)
        return found

    def _drop(self, found: Entries, open_: Mask, *, keep: Mask, why: str) -> None:
        gone = int(np.count_nonzero(open_ & ~keep))
        if gone:
            found.dropped[why] += gone
        open_ &= keep

    def _wanted(self, by_word: Mapping[int, Matched], touchpoint: Touchpoint) -> Mask:
        """Where people type, a campaign with keywords waits for one of them; its negative ones
        count for every campaign."""
        if "query" not in touchpoint.signals:
            return np.ones(len(self), np.bool_)
        return _at(by_word, len(self)) | ~self._keyed

    def _in_scene(self, moment: Moment) -> dict[int, str]:
        found: dict[int, str] = {}
        for word in moment.words:
            for number in self._scenes.get(word, ()):
                found.setdefault(number, word)
        return found

    def _why_not(self, number: int, moment: Moment, *, person: "Person") -> str:
        campaign = self.campaigns[number]
        if number in self._timed and not campaign.schedule.holds(moment.at_us):
            return "out_of_hours"
        if campaign.audience is not None and campaign.audience not in person.audiences:
            return "not_in_audience"
        if self._sorted[number] and person.categories.isdisjoint(campaign.categories):
            return "other_category"
        if self._near[number] and not is_near(campaign, moment.here, places=self._places):
            return "too_far"
        return ""

    def _note(
        self, found: Entries, number: int, *, by_word: Mapping[int, Matched],
        by_scene: Mapping[int, str],
    ) -> None:  # fmt: skip
        said = []
        if number in by_word:
            keyword = by_word[number]
            found.keyword[number] = keyword.keyword
            said.append(f"{keyword.how}:{keyword.keyword}")
        if number in by_scene:
            said.append(f"scene:{by_scene[number]}")
        if self._near[number]:
            said.append("near")
        found.matched[number] = " ".join(said)


def _touchpoints(
    campaigns: Sequence[Campaign], ecosystem: Ecosystem, *, column: Mapping[str, int]
) -> Mask:
    sold = [one.id for one in ecosystem.touchpoints if "ad" in one.kinds]
    found = np.zeros((len(campaigns), len(column)), np.bool_)
    for number, campaign in enumerate(campaigns):
        names = campaign.touchpoints
        ids = [one.id for name in names for one in ecosystem.within(name)] if names else sold
        found[number, [column[id] for id in ids if id in sold]] = True
    return found


def _worth(campaign: Campaign) -> float:
    """Of a look, roughly: who goes on when there are too many."""
    goal = campaign.bid
    if goal.cpc is not None:
        return float(goal.cpc.bid_fen)
    return float(campaign.budget.day_fen) / 100


def _keywords(campaigns: Sequence[Campaign]) -> Iterator[tuple[int, str, Match]]:
    for number, campaign in enumerate(campaigns):
        for one in campaign.keywords:
            yield number, one.text, one.match


def _by_scene(campaigns: Sequence[Campaign], words: Words) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, campaign in enumerate(campaigns):
        for word in dict.fromkeys(words.of(*campaign.scenes)):
            found.setdefault(word, []).append(number)
    return found


def _mask(values: Iterable[bool]) -> Mask:
    return np.fromiter(values, np.bool_)


def _at(numbers: Iterable[int], size: int) -> Mask:
    found = np.zeros(size, np.bool_)
    found[list(numbers)] = True
    return found
