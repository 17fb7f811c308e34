"""The whole scan: orders in, groups and suspected orders out, with what speaks for and against."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from quanyu.compliance.trades.blocks import Dense, dense_blocks
from quanyu.compliance.trades.evidence import Evidence
from quanyu.compliance.trades.features import Found, observed
from quanyu.compliance.trades.graph import Flags, Ints, graph_of
from quanyu.compliance.trades.orders import UNKNOWN, Orders, sharers
from quanyu.compliance.trades.scoring import (
    FLAGGED_FROM,
    SHARED,
    Scored,
    lockstep_points,
    percent,
    scored,
)
from quanyu.compliance.trades.shared import GROUP_MIN, groups

Told = Callable[[str], None]
"""Hears the name of each step as it begins."""
STEPS = ("同购关系", "密集团块", "行为特征", "共用设备与账户", "评分")
Kind = Literal["lockstep", "shared"]


@dataclass(frozen=True)
class Group:
    """A block of buyers and items, or buyers linked by devices and accounts. Numbers of Orders."""

    kind: Kind
    score: float
    """Mean of its orders."""
    buyers: Ints
    items: Ints
    orders: Ints
    accounts: int
    """At least as many as buyers: a person may have several."""
    density: float
    """Share of its pairs of buyer, or account, and item that were bought."""
    evidence: tuple[Evidence, ...]
    """The group itself first, then by weight."""


@dataclass(frozen=True)
class Suspect:
    """An order at FLAGGED_FROM or above."""

    order: int
    score: float
    group: int
    """Place of its group in the report."""
    shows: tuple[str, ...]
    """Features that this very order shows."""


@dataclass(frozen=True)
class Report:
    orders: Orders
    groups: tuple[Group, ...]
    suspects: tuple[Suspect, ...]
    """By order."""

    @property
    def flagged_fen(self) -> int:
        rows = np.isin(self.orders["order"], [one.order for one in self.suspects])
        return int(self.orders["amount_fen"][rows].sum())


@dataclass(frozen=True)
class _Candidate:
    kind: Kind
    rows: Flags
    points: float
    itself: Evidence
    who: Ints
    """Buyer, or account, of every row: by which the group was found."""


def scan(orders: Orders, told: Told = lambda step: None) -> Report:
    """Deterministic, and the same for any order of the rows but for the numbers of names."""
    if not len(orders):
        return Report(orders, (), ())
    told(STEPS[0])
    views = [orders.accounts, orders["buyer"]] if orders.has_accounts else [orders["buyer"]]
    told(STEPS[1])
    dense = [block for who in views for block in _blocks(orders, who)]
    told(STEPS[2])
    found = observed(orders)
    told(STEPS[3])
    candidates = list(_candidates(orders, dense))
    told(STEPS[4])
    return _report(orders, candidates, found=found)


def _blocks(orders: Orders, who: Ints) -> Iterator[_Candidate]:
    """``who``: buyer or account of each row. Identity makes one person of accounts that share a
    device, so a ring is a block of many accounts, of few people, or of both."""
    graph, edge = graph_of(who, orders["item"])
    for one in dense_blocks(graph):
        rows = graph.inside(one.block)[edge]
        people = len(np.unique(orders["buyer"][rows]))
        points = lockstep_points(one.surprise.strength)
        yield _Candidate("lockstep", rows, points, _dense(one, people), who)


def _candidates(orders: Orders, dense: list[_Candidate]) -> Iterator[_Candidate]:
    """A row belongs to the first one that it fits. What another view has mostly found before is
    not told again."""
    taken = np.zeros(len(orders), dtype=np.bool_)
    for one in dense:
        rows = one.rows & ~taken
        known_before = 2 * rows.sum() <= one.rows.sum() and orders.has_accounts
        if rows.any() and not known_before:
            taken |= rows
            yield replace(one, rows=rows)
    for linked in groups(orders):
        rows = linked & ~taken
        people = int(sharers(orders, np.where(rows, 0, UNKNOWN)).max())
        if people >= GROUP_MIN:
            taken |= rows
            yield _Candidate("shared", rows, SHARED, _linked(people), orders["buyer"])


def _dense(one: Dense, people: int) -> Evidence:
    found, goods = len(one.block.buyers), len(one.block.items)
    usual = one.surprise.expected / (found * goods)
    who = f"{found} 名买家" if found <= people else f"{people} 人的 {found} 个账户"
    why = (
        f"{who}两两交叉购买同 {goods} 件商品，买齐 {percent(one.density)}；"
        f"按各自的购买量和销量随机相遇应为 {percent(usual)}"
    )
    points = lockstep_points(one.surprise.strength)
    return Evidence(
        feature="lockstep", label="同购团块", points=round(points, 3), why=why,
        value=round(one.density, 6), usual=round(min(usual, 1.0), 6), known=1.0,
    )  # fmt: skip


def _linked(people: int) -> Evidence:
    why = f"{people} 名买家（账户）通过共用的设备或付款账户连成一片"
    return Evidence(
        feature="shared", label="共用设备与账户", points=SHARED, why=why,
        value=1.0, usual=0.0, known=1.0,
    )  # fmt: skip


def _report(orders: Orders, candidates: list[_Candidate], *, found: Mapping[str, Found]) -> Report:
    outside = np.ones(len(orders), dtype=np.bool_)
    for one in candidates:
        outside &= ~one.rows
    judged = [
        (one, scored(found, one.rows, outside=outside, group_points=one.points))
        for one in candidates
    ]
    judged = [pair for pair in judged if _worth_telling(*pair)]
    judged.sort(key=lambda pair: -float(pair[1].score.mean()))
    made = tuple(_group(orders, one, result=result) for one, result in judged)
    best: dict[int, Suspect] = {}
    for place, (one, result) in enumerate(judged):
        for suspect in _suspects(orders["order"][one.rows], result, place=place):
            known = best.get(suspect.order)
            if known is None or known.score < suspect.score:
                best[suspect.order] = suspect
    return Report(orders, made, tuple(best[order] for order in sorted(best)))


def _worth_telling(one: _Candidate, result: Scored) -> bool:
    """A dense block always, with what speaks for it; a family on one tablet never."""
    return one.kind == "lockstep" or bool((result.score >= FLAGGED_FROM).any())


def _group(orders: Orders, one: _Candidate, *, result: Scored) -> Group:
    buyers, items = (np.unique(orders[name][one.rows]) for name in ("buyer", "item"))
    who = one.who[one.rows]
    pairs = len(np.unique(who * (items.max() + 1) + orders["item"][one.rows]))
    return Group(
        one.kind,
        float(result.score.mean()),
        buyers,
        items,
        np.unique(orders["order"][one.rows]),
        len(np.unique(orders.accounts[one.rows])),
        pairs / (len(np.unique(who)) * len(items)),
        (one.itself, *result.evidence),
    )


def _suspects(order: Ints, result: Scored, *, place: int) -> Iterator[Suspect]:
    for row in np.flatnonzero(result.score >= FLAGGED_FROM).tolist():
        shows = tuple(name for name, hit in result.reasons.items() if hit[row])
        yield Suspect(int(order[row]), float(result.score[row]), place, shows)
