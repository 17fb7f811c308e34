"""A show while it is live, and after: start, what happens, end, archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from quanyu.clock import MINUTE_US, format_iso, parse_iso
from quanyu.compliance.streams import keep_until
from quanyu.content.library.version import By
from quanyu.content.shows import happenings, judging, ports, telling
from quanyu.content.shows.archive import Entry, faults
from quanyu.content.shows.moving import Done, Scene, Stage
from quanyu.content.shows.preparing import Preparing
from quanyu.content.shows.show import Show, Standing
from quanyu.content.shows.states import ShowRefusal
from quanyu.content.shows.states import ShowVerb as Verb
from quanyu.errors import BadInput, Refused
from quanyu.events.requests import Request

Tx = TypeVar("Tx")
EARLY_US = 30 * MINUTE_US
"""So long before its time a show may start, for a warm-up."""


@dataclass(frozen=True, slots=True)
class Airing(Generic[Tx]):
    stage: Stage[Tx]
    preparing: Preparing[Tx]
    closing: ports.Closing[Tx]

    def start(self, request: Request, show: str, *, by: By, label: bool = False) -> Done | Refused:
        """``label``: the screen says that the host is made by a machine. Raises BadInput without it
        for such a host, and Unlawful where a point of the checklist does not hold any more."""

        def do(tx: Tx, standing: Standing) -> Scene | Refused:
            now_us = self.stage.clock.now_us()
            refusal = not_now(standing.show, now_us)
            if refusal is not None:
                return refusal
            if standing.show.has_ai_host and not label:
                raise BadInput("label", "数字人直播须持续显示标识：先打开，再开播（--label）")
            self.preparing.must_hold(tx, request.merchant, standing=standing)
            said = {"actor": by.actor, "plan": standing.hash, "label": label}
            return Scene(msgspec.structs.replace(standing, started_us=now_us), [("started", said)])

        return self.stage.step(request, show, verb=Verb.START, do=do)

    def log(
        self, request: Request, show: str, *, happening: happenings.Happening
    ) -> Done | Refused:
        """It has happened: what is wrong with it becomes an entry of its own."""

        def do(tx: Tx, standing: Standing) -> Scene | Refused:
            plan, merchant = standing.show, request.merchant
            refusal = judging.refusal(plan, happening)
            if refusal is None and isinstance(happening, happenings.CouponDropped):
                refusal = self.preparing.goods.may_drop(tx, merchant, offer=happening.offer)
            if refusal is not None:
                return refusal
            known = self._known(tx, merchant, standing=standing, happening=happening)
            hits = judging.hits(plan, happening, known=known)
            return Scene(standing, [telling.said(plan, happening), *telling.violations(hits)])

        return self.stage.step(request, show, verb=Verb.LOG, do=do)

    def end(self, request: Request, show: str, *, by: By) -> Done | Refused:
        """Its offers hold no longer."""

        def do(tx: Tx, standing: Standing) -> Scene:
            now_us, from_us = self.stage.clock.now_us(), standing.started_us
            assert from_us is not None, "it is live"
            entries, _ = self.stage.store.entries(tx, request.merchant, show=show)
            off = judging.unlabelled(entries, from_us=from_us, to_us=now_us)
            shown = off if standing.show.has_ai_host else []
            gaps = [[format_iso(first), format_iso(last)] for first, last in shown]
            said = {"actor": by.actor, "unlabelled": gaps}
            return Scene(msgspec.structs.replace(standing, ended_us=now_us), [("ended", said)])

        return self.stage.step(request, show, verb=Verb.END, do=do)

    def archive(
        self, request: Request, show: str, *, by: By, recording: happenings.Recording | None = None
    ) -> Done | Refused:
        """Nothing is added any more, and nothing goes for three years. A replay that is nowhere is
        a violation. What its hosts have earned is booked."""

        def do(tx: Tx, standing: Standing) -> Scene:
            ended_us = standing.ended_us
            assert ended_us is not None, "only a show that has ended is archived"
            entries, _ = self.stage.store.entries(tx, request.merchant, show=show)
            what = [] if recording is None else [telling.said(standing.show, recording)]
            if recording is None and all(one.kind != "recording" for one in entries):
                what += telling.violations(judging.no_replay(ended_us))
            self.closing.close(tx, request.merchant, show=show)
            until = keep_until(ended_us)
            what.append(("archived", {"actor": by.actor, "kept_until": str(until)}))
            kept_us = parse_iso(f"{until}T00:00:00+08:00")
            return Scene(msgspec.structs.replace(standing, kept_until_us=kept_us), what)

        return self.stage.step(request, show, verb=Verb.ARCHIVE, do=do)

    def entries(self, merchant: str, show: str) -> tuple[Sequence[Entry], list[str]]:
        """The archive in order, and every place where its chain does not hold. Raises NotFound."""
        self.stage.find(merchant, show)
        with self.stage.once.transactions.transaction() as tx:
            entries, head = self.stage.store.entries(tx, merchant, show=show)
        return entries, faults(merchant, entries, head=head)

    def _known(
        self, tx: Tx, merchant: str, *, standing: Standing, happening: happenings.Happening
    ) -> judging.Known:
        policy, now_us = self.preparing.rules.policy, self.stage.clock.now_us()
        known = judging.Known(now_us, standing.started_us or now_us, policy=policy)
        match happening:
            case happenings.StockSaid(item=item):
                free = self.preparing.goods.in_stock(tx, merchant, item=item)
                return msgspec.structs.replace(known, free=free)
            case happenings.SlotShown(slot=id):
                slot = standing.show.slot(id)
                items = [] if slot is None else [slot.item]
                calls = self.stage.store.last_calls(tx, merchant, items=items)
                return msgspec.structs.replace(known, last_calls=calls)
            case _:
                return known


def not_now(show: Show, now_us: int) -> Refused | None:
    """Too early or too late for its start."""
    starts_us, ends_us = show.stretch
    if now_us < starts_us - EARLY_US:
        return Refused(ShowRefusal.TOO_EARLY, now_us, starts_us - EARLY_US)
    return Refused(ShowRefusal.OVER, now_us, ends_us) if now_us >= ends_us else None
