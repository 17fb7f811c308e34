"""Live shows: approved before they start, honest while they run, kept afterwards."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from quanyu.clock import DAY_US, china_datetime, china_day, months_later
from quanyu.compliance.law import Law
from quanyu.compliance.policy import DEFAULT, Policy
from quanyu.compliance.verdict import Hit, Verdict
from quanyu.money import format_yuan


class Checklist(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at before a show: script, items, prices, hosts …"""

    points: Mapping[str, bool]
    """Name → looked at and found right."""
    approved_by: str = ""
    approved_us: int | None = None
    changed_us: int = 0
    """When script or items changed last."""


def review_start(checklist: Checklist, *, at_us: int) -> Verdict:
    """Approved as it is now, and every point of it."""
    return Verdict(tuple(_start(checklist, at_us, law=Law.of("live", china_day(at_us)))))


def _start(checklist: Checklist, at_us: int, *, law: Law) -> Iterator[Hit]:
    for name, right in checklist.points.items():
        if not right:
            why = f"审核项“{name}”没有通过"
            yield from law.hits("stream.approval", f"points.{name}", why=why)
    approved_us = checklist.approved_us
    if not checklist.points:
        yield from law.hits("stream.approval", "points", why="审核清单是空的")
    if not checklist.approved_by.strip() or approved_us is None or approved_us > at_us:
        yield from law.hits("stream.approval", "approved_by")
    elif approved_us < checklist.changed_us:
        why = "审核通过后又改了脚本或商品"
        yield from law.hits("stream.approval", "changed_at", why=why)


class Switch(msgspec.Struct, frozen=True):
    """The label of an AI host is turned on or off."""

    at_us: int
    on: bool


def gaps(switches: Iterable[Switch], *, from_us: int, to_us: int) -> list[tuple[int, int]]:
    """[from, to) of each stretch without the label; it is off until it is turned on. Of two
    switches at one moment the one that turns it off counts: nobody knows which came last."""
    found: list[tuple[int, int]] = []
    since_us: int | None = from_us
    for one in sorted(switches, key=lambda one: (one.at_us, not one.on)):
        if one.at_us >= to_us:
            break
        if one.on and since_us is not None:
            found.append((since_us, max(one.at_us, from_us)))
            since_us = None
        elif not one.on and since_us is None:
            since_us = max(one.at_us, from_us)
    if since_us is not None:
        found.append((since_us, to_us))
    return [(first, last) for first, last in found if first < last]


def review_ai_label(switches: Iterable[Switch], *, from_us: int, to_us: int) -> Verdict:
    """Of a show with an AI host: every gap is a violation, with its time."""
    law = Law.of("live", china_day(from_us))
    hits: list[Hit] = []
    for first_us, last_us in gaps(switches, from_us=from_us, to_us=to_us):
        when = f"{china_datetime(first_us):%H:%M:%S} 至 {china_datetime(last_us):%H:%M:%S}"
        minutes, seconds = divmod((first_us - from_us) // 1_000_000, 60)
        why = f"{when}（开播 {minutes} 分 {seconds} 秒起）没有“AI 生成”标识"
        hits += law.hits("stream.ai_label", f"label@{first_us}", why=why)
    return Verdict(tuple(hits))


def keep_until(ended_us: int) -> date:
    """The first day on which replay and records may go."""
    ended = china_day(ended_us)
    years = Law.of("live", ended).figure("stream.archive", "keep_years_min")
    return months_later(ended, 12 * (years or 0))


def review_removal(ended_us: int, *, on: date) -> Verdict:
    """May the archive of a show go on that day?"""
    until = keep_until(ended_us)
    if on >= until:
        return Verdict()
    law = Law.of("live", china_day(ended_us))
    return Verdict(tuple(law.hits("stream.archive", "archive", why=f"须保存到 {until}")))


def review_stock(said: int, *, stock: int, on: date) -> Verdict:
    """“仅剩 3 件”: the number of the stock service, or nothing."""
    if said == stock:
        return Verdict()
    why = f"说仅剩 {said} 件，库存 {stock} 件"
    return Verdict(tuple(Law.of("live", on).hits("stream.stock", "stock", why=why)))


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """An item at a price from a moment on."""

    shop: str
    item: str
    price_fen: int
    at_us: int


def review_relaunch(deal: Deal, last_calls: Sequence[Deal], *, policy: Policy = DEFAULT) -> Verdict:
    """``last_calls``: deals of which was said that it is the last time. The same item as cheap or
    cheaper within ``relaunch_days`` makes that untrue."""
    law = Law.of("live", china_day(deal.at_us))
    hits: list[Hit] = []
    for said in last_calls:
        same = (said.shop, said.item) == (deal.shop, deal.item)
        again = 0 < deal.at_us - said.at_us <= policy.relaunch_days * DAY_US
        if same and again and deal.price_fen <= said.price_fen:
            when, price = china_day(said.at_us), format_yuan(said.price_fen)
            why = f"{when} 说 {price} 是“最后一次”，又以 {format_yuan(deal.price_fen)} 推出"
            hits += law.hits("stream.relaunched", "deal", why=why)
    return Verdict(tuple(hits))
