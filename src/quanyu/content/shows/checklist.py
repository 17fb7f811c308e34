"""What must be in order before a show may start: 播前审核. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from quanyu.clock import china_day
from quanyu.compliance import streams
from quanyu.compliance.minors import Host as Speaker
from quanyu.compliance.minors import review_host
from quanyu.compliance.policy import Policy
from quanyu.compliance.showing import Gate
from quanyu.compliance.verdict import Hit, Severity, Verdict, joined
from quanyu.content.library.reviewing import too_much, with_help
from quanyu.content.shows.archive import Entry
from quanyu.content.shows.judging import Known, relaunched
from quanyu.content.shows.show import Host, Show
from quanyu.content.shows.shown import showing_of

APPROVED = "approved"
"""The entry of the archive that says so."""
HOSTS = "《网络直播营销管理办法（试行）》第十七条"


class Point(msgspec.Struct, frozen=True):
    """One line of the checklist."""

    label: str
    verdict: Verdict

    @property
    def holds(self) -> bool:
        return self.verdict.may_be_shown

    def as_json(self) -> dict[str, Any]:
        return {"label": self.label, "holds": self.holds, **self.verdict.as_json()}


class Checklist(msgspec.Struct, frozen=True):
    show: str
    hash: str
    points: tuple[Point, ...]

    @property
    def verdict(self) -> Verdict:
        return joined(one.verdict for one in self.points)

    def as_json(self) -> dict[str, Any]:
        return {
            "show": self.show, "hash": self.hash, "may_start": self.verdict.may_be_shown,
            "points": [one.as_json() for one in self.points],
        }  # fmt: skip


def checked(
    show: Show, merchant: str, *, gate: Gate, policy: Policy, last_calls: Sequence[streams.Deal]
) -> tuple[Point, ...]:
    """All points but those that the sellers must be asked about; as of the day of the show."""
    starts_us = show.stretch[0]
    on = china_day(starts_us)
    known = Known(starts_us, starts_us, last_calls=last_calls, policy=policy)
    again = tuple(hit for slot in show.slots for hit in relaunched(slot, known))
    said = gate.check(showing_of(show, merchant, on=on))
    return (
        Point("主播资质", Verdict(tuple(_host_hits(show, on=on)))),
        Point("文案、价格与标识", with_help(said, "在排期中写 marked_as_ad: true")),
        Point("广告时长占比", too_much("show", show.segments, policy=policy)),
        Point("“最后一次”承诺", Verdict(again)),
    )


def review_approval(found: Checklist, entries: Sequence[Entry], *, at_us: int) -> Verdict:
    """At the start: who approved which points when. Only what was said of this very plan counts."""
    last = next((one for one in reversed(entries) if one.kind == APPROVED), None)
    given = last if last is not None and last.said["plan"] == found.hash else None
    asked = streams.Checklist(
        points={one.label: one.holds for one in found.points},
        approved_by="" if given is None else str(given.said["actor"]),
        approved_us=None if given is None else given.at_us,
    )
    return streams.review_start(asked, at_us=at_us)


def _host_hits(show: Show, *, on: date) -> Iterator[Hit]:
    """A machine has no age. What is not registered is treated as the strict case."""
    for host in show.hosts:
        faults = [*_unregistered(host)]
        if host.kind == "human" and host.age is not None:
            said = Speaker(age=host.age, guardian_consents=host.guardian_consent)
            faults += review_host(said, on=on).hits
        for one in faults:
            yield msgspec.structs.replace(one, field=f"hosts.{host.id}", text=host.name)


def _unregistered(host: Host) -> Iterator[Hit]:
    blank = Hit(
        rule="live.host", article=HOSTS, severity=Severity.BLOCK,
        why="主播没有登记平台的开播许可", suggestion="登记实名认证后的平台许可编号 permission",
    )  # fmt: skip
    if not host.permission.strip():
        yield blank
    if host.kind == "human" and host.age is None:
        why = "主播年龄没有登记，按不满十六周岁处理"
        yield msgspec.structs.replace(blank, why=why, suggestion="登记 age")
