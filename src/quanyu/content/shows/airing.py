"""A show while it is live, and after: start, what happens, end, archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from quanyu.clock import MINUTE_US, china_day, format_iso
from quanyu.compliance.showing import Unlawful
from quanyu.compliance.verdict import Hit
from quanyu.content.library.version import By
from quanyu.content.shows import happenings as told
from quanyu.content.shows import judging
from quanyu.content.shows.archive import Entry, faults, kept_until_us
from quanyu.content.shows.moving import VIOLATION, Done, Scene, Stage, Told
from quanyu.content.shows.ports import Goods
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
    goods: Goods[Tx]

    def start(self, request: Request, show: str, *, by: By, label: bool = False) -> Done | Refused:
        """``label``: the screen says that the host is made by a machine. Raises BadInput without it
        for such a host, and Unlawful where an offer of the show is not there any more."""

        def do(tx: Tx, standing: Standing) -> Scene | Refused:
            plan, now_us = standing.show, self.stage.clock.now_us()
            opens_us = plan.stretch[0] - EARLY_US
            if now_us < opens_us:
                return Refused(ShowRefusal.TOO_EARLY, now_us, opens_us)
            if now_us >= plan.ends_us:
                return Refused(ShowRefusal.OVER, now_us, plan.ends_us)
            if plan.has_ai_host and not label:
                raise BadInput("label", "数字人直播须持续显示标识：先打开，再开播（--label）")
            verdict = self.goods.review(tx, request.merchant, show=plan)
            if not verdict.may_be_shown:
                raise Unlawful(f"show {show}", verdict)
            said = {"actor": by.actor, "plan": standing.hash, "label": label}
            live = msgspec.structs.replace(standing, started_us=now_us)
            return Scene(live, [("started", said)])

        return self.stage.step(request, show, verb=Verb.START, do=do)

    def log(self, request: Request, show: str, *, happening: told.Happening) -> Done | Refused:
        """It has happened: what is wrong with it becomes an entry of its own."""

        def do(tx: Tx, standing: Standing) -> Scene | Refused:
            refusal = judging.refusal(standing.show, happening)
            if refusal is None and isinstance(happening, told.CouponDropped):
                offer = happening.offer
                refusal = self.goods.may_drop(tx, request.merchant, offer=offer)
            if refusal is not None:
                return refusal
            known = self._known(tx, request.merchant, standing=standing, happening=happening)
            hits = judging.hits(standing.show, happening, known=known)
            said = _said(standing.show, happening)
            return Scene(standing, [said, *violations(hits)])

        return self.stage.step(request, show, verb=Verb.LOG, do=do)

    def end(self, request: Request, show: str, *, by: By) -> Done | Refused:
        """Its offers hold no longer."""

        def do(tx: Tx, standing: Standing) -> Scene:
            now_us = self.stage.clock.now_us()
            entries, _ = self.stage.store.entries(tx, request.merchant, show=show)
            gaps = judging.unlabelled(entries, ended_us=now_us) if standing.show.has_ai_host else []
            said = {
                "actor": by.actor,
                "unlabelled": [[format_iso(one), format_iso(other)] for one, other in gaps],
            }
            over = msgspec.structs.replace(standing, ended_us=now_us)
            return Scene(over, [("ended", said)])

        return self.stage.step(request, show, verb=Verb.END, do=do)

    def archive(
        self, request: Request, show: str, *, by: By, recording: told.Recording | None = None
    ) -> Done | Refused:
        """Nothing is added any more, and nothing goes for three years. A replay that is nowhere is
        a violation."""

        def do(tx: Tx, standing: Standing) -> Scene:
            ended_us = standing.ended_us
            assert ended_us is not None, "only a show that has ended is archived"
            entries, _ = self.stage.store.entries(tx, request.merchant, show=show)
            kept_us = kept_until_us(ended_us)
            said = {"actor": by.actor, "kept_until": str(china_day(kept_us))}
            what: list[Told] = [] if recording is None else [_said(standing.show, recording)]
            if recording is None and all(one.kind != "recording" for one in entries):
                what += violations([judging.NO_REPLAY])
            kept = msgspec.structs.replace(standing, kept_until_us=kept_us)
            return Scene(kept, [*what, ("archived", said)])

        return self.stage.step(request, show, verb=Verb.ARCHIVE, do=do)

    def entries(self, merchant: str, show: str) -> tuple[Sequence[Entry], list[str]]:
        """The archive in order, and every place where its chain does not hold. Raises NotFound."""
        self.stage.find(merchant, show)
        with self.stage.once.transactions.transaction() as tx:
            entries, head = self.stage.store.entries(tx, merchant, show=show)
        return entries, faults(merchant, entries, head=head)

    def _known(
        self, tx: Tx, merchant: str, *, standing: Standing, happening: told.Happening
    ) -> judging.Known:
        into_us = self.stage.clock.now_us() - (standing.started_us or 0)
        match happening:
            case told.StockSaid(item=item):
                return judging.Known(into_us, self.goods.in_stock(tx, merchant, item=item))
            case told.SlotShown(slot=id):
                slot = standing.show.slot(id)
                items = [] if slot is None else [slot.item]
                promises = self.stage.store.promises(tx, merchant, items=items)
                return judging.Known(into_us, promises=promises)
            case _:
                return judging.Known(into_us)


def violations(hits: Sequence[Hit]) -> list[Told]:
    return [
        (VIOLATION, {"rule": one.rule, "article": one.article, "why": one.why,
                     "suggestion": one.suggestion})
        for one in hits
    ]  # fmt: skip


def _said(show: Show, happening: told.Happening) -> Told:
    """With the price at which a slot is shown: a plan may be read otherwise later."""
    said: dict[str, Any] = msgspec.to_builtins(happening)
    kind = said.pop("kind")
    if isinstance(happening, told.SlotShown | told.LastChance):
        slot = show.slot(happening.slot)
        assert slot is not None, "judging.refusal has looked"
        said |= {"shop": slot.shop, "item": slot.item, "price_fen": slot.price_fen}
    return kind, said
