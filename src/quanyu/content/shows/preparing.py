"""Before a show: the checklist, the approval, the cancellation."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from quanyu.compliance.showing import Unlawful
from quanyu.compliance.verdict import Verdict, joined
from quanyu.content.library.rules import Rules
from quanyu.content.library.version import By
from quanyu.content.shows.checklist import APPROVED, Checklist, Point, checked, review_approval
from quanyu.content.shows.moving import Done, Scene, Stage, no_show
from quanyu.content.shows.ports import Goods, Scripts
from quanyu.content.shows.script import FromPiece, superseded
from quanyu.content.shows.show import Standing
from quanyu.content.shows.states import ShowRefusal, ShowState
from quanyu.content.shows.states import ShowVerb as Verb
from quanyu.errors import Refused
from quanyu.events.requests import Request

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class Preparing(Generic[Tx]):
    stage: Stage[Tx]
    goods: Goods[Tx]
    scripts: Scripts[Tx]
    rules: Rules

    def checklist(self, merchant: str, show: str) -> Checklist:
        """As of now; changes nothing. Raises NotFound."""
        with self.stage.once.transactions.transaction() as tx:
            standing = self.stage.store.find(tx, merchant, show=show)
            if standing is None:
                raise no_show(show)
            return self._checklist(tx, merchant, standing=standing)

    def approve(self, request: Request, show: str, *, by: By) -> Done | Refused:
        """Of this plan, word for word. Raises Unlawful where a point does not hold."""

        def do(tx: Tx, standing: Standing) -> Scene | Refused:
            if self.rules.four_eyes and by.actor == standing.planner:
                return Refused(ShowRefusal.PLANNER_APPROVES)
            found = self._checklist(tx, request.merchant, standing=standing)
            _must_pass(show, found.verdict)
            said: dict[str, Any] = {
                "actor": by.actor, "note": by.note, "plan": standing.hash,
                "points": [one.label for one in found.points],
                "warnings": [hit.why for hit in found.verdict.hits],
            }  # fmt: skip
            script = standing.show.script
            if isinstance(script, FromPiece):
                said["script"] = [script.piece, script.version, script.hash]
            return Scene(standing, [(APPROVED, said)])

        return self.stage.step(request, show, verb=Verb.APPROVE, do=do)

    def cancel(self, request: Request, show: str, *, by: By) -> Done | Refused:
        """It will not take place."""

        def do(tx: Tx, standing: Standing) -> Scene:
            return Scene(standing, [("cancelled", {"actor": by.actor, "note": by.note})])

        return self.stage.step(request, show, verb=Verb.CANCEL, do=do)

    def must_hold(self, tx: Tx, merchant: str, *, standing: Standing) -> None:
        """At the start: approved as it is, and every point still holds. Raises Unlawful."""
        show = standing.show.id
        found = self._checklist(tx, merchant, standing=standing)
        entries, _ = self.stage.store.entries(tx, merchant, show=show)
        start = review_approval(found, entries, at_us=self.rules.clock.now_us())
        _must_pass(show, joined((found.verdict, start)))

    def _checklist(self, tx: Tx, merchant: str, *, standing: Standing) -> Checklist:
        show = standing.show
        items = [one.item for one in show.slots]
        calls = self.stage.store.last_calls(tx, merchant, items=items)
        points = checked(
            show, merchant, gate=self.rules.gate, policy=self.rules.policy, last_calls=calls
        )
        goods = Point("商品与优惠", self.goods.review(tx, merchant, show=show))
        script = self._script(tx, merchant, standing=standing)
        return Checklist(show.id, standing.hash, (*points, goods, *script))

    def _script(self, tx: Tx, merchant: str, *, standing: Standing) -> list[Point]:
        """Once the show is approved its words are frozen, whatever becomes of the piece."""
        script = standing.show.script
        if not isinstance(script, FromPiece) or standing.state is not ShowState.PLANNED:
            return []
        versions = self.scripts.versions(tx, merchant, piece=script.piece)
        return [Point("脚本版本", Verdict(tuple(superseded(script, versions))))]


def _must_pass(show: str, verdict: Verdict) -> None:
    if not verdict.may_be_shown:
        raise Unlawful(f"show {show}", verdict)
