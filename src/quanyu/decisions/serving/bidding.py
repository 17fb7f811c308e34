"""Who takes part in the auctions of one page, with which creative, click rate and bid."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quanyu.decisions.advertising.columns import NO_ITEM, Shares
from quanyu.decisions.advertising.index import Entries, Person
from quanyu.decisions.goods import Amounts, Rows
from quanyu.decisions.rank.features import Pool
from quanyu.decisions.rank.scored import Scored
from quanyu.decisions.recall.recalling import Source
from quanyu.decisions.serving.case import Case
from quanyu.decisions.serving.scoring import SOURCE_NAMES, Scoring, features_of, scored

UNKNOWN_CLICK, UNKNOWN_BUY = 0.01, 0.0003
"""Of what leads to a store or a piece, before it has a history."""
TOP = 20
"""Candidates of the query whose categories count for targeting."""


@dataclass(frozen=True, slots=True)
class Bids:
    """One creative of each campaign."""

    rows: Rows
    """Of the ads' columns."""
    click: Shares
    bid_fen: Amounts
    """Per click."""


def taking_part(case: Case, made: Scoring) -> Entries:
    goods, viewer, touchpoint = case.grounds.index.goods, case.asked.viewer, case.touchpoint
    mine = goods.rows((*case.moment.basket, *(one.item for one in viewer.taste.deeds)))
    found = made.candidates
    asked_for = found.rows[found.sources & Source.QUERY > 0][:TOP]
    codes = {*goods.category.codes[asked_for].tolist(), *goods.category.codes[mine].tolist()}
    known = Person(
        audiences=viewer.audiences,
        categories=frozenset(goods.category.names[one] for one in codes),
    )
    query = case.asked.ask.context.query if "query" in touchpoint.signals else ""
    return case.grounds.ads.entries(case.moment, touchpoint, query=query, person=known)


def bids_of(case: Case, made: Scoring, *, numbers: Sequence[int]) -> Bids:
    """``numbers``: of the campaigns."""
    columns = case.grounds.ads.columns
    every = columns.of_campaigns(numbers)
    click, buy = _shares(case, made, rows=columns.row[every])
    kept = _best_of_each(columns.number[every], click)
    rows, click = every[kept], click[kept]
    pace = _pace(case, [columns.ads[row].campaign.id for row in rows.tolist()])
    return Bids(rows, click, columns.bids_fen(rows, pcvr=buy[kept] / click, pace=pace))


def _shares(case: Case, made: Scoring, *, rows: Rows) -> tuple[Shares, Shares]:
    """p(click) and p(click and buy); of what leads to no item what is usual."""
    known = rows != NO_ITEM
    click, buy = np.full(len(rows), UNKNOWN_CLICK), np.full(len(rows), UNKNOWN_BUY)
    if known.any():
        found = _scored(case, made, rows=rows[known])
        click[known], buy[known] = found.click, found.buy
    return np.clip(click, 1e-6, 1), buy


def _scored(case: Case, made: Scoring, *, rows: Rows) -> Scored:
    """With what recall thinks of those that it found too."""
    found = made.candidates
    order = np.argsort(found.rows, kind="stable")
    sources = np.zeros((len(rows), len(SOURCE_NAMES)), np.float32)
    if len(order):
        at = np.searchsorted(found.rows, rows, sorter=order).clip(0, len(order) - 1)
        there = found.rows[order[at]] == rows
        sources[there] = found.scores[order[at[there]]]
    return scored(case, features_of(case, Pool(rows, SOURCE_NAMES, sources)))


def _pace(case: Case, campaigns: Sequence[str]) -> Shares:
    told = case.grounds.multipliers
    if not told:
        return np.ones(len(campaigns))
    return np.array([told.get(one, 1.0) for one in campaigns])


def _best_of_each(numbers: Rows, click: Shares) -> Rows:
    """Of each campaign the creative that is clicked most, as far as is known; the first of
    equals."""
    if len(numbers) == 0 or (numbers[1:] != numbers[:-1]).all():
        return np.arange(len(numbers), dtype=np.int32)
    order = np.lexsort((np.arange(len(numbers)), -click, numbers))
    first = np.concatenate([[True], numbers[order][1:] != numbers[order][:-1]])
    return np.sort(order[first]).astype(np.int32)
