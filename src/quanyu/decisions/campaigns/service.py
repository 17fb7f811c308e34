"""Campaigns: written in versions, approved by a second pair of eyes, paid from a purse."""

from typing import TypeVar

import msgspec

from quanyu.clock import day_number
from quanyu.decisions.campaigns.campaign import Budget, Campaign
from quanyu.decisions.campaigns.checking import must_fit
from quanyu.decisions.campaigns.desk import Said
from quanyu.decisions.campaigns.moving import Moving
from quanyu.decisions.campaigns.moving_money import rebudget
from quanyu.decisions.campaigns.record import By, Purse, Standing, Version
from quanyu.decisions.campaigns.states import FUNDED, CampaignRefusal, CampaignState, VersionState
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.requests import Request
from quanyu.money import FEN_MAX, format_yuan

Tx = TypeVar("Tx")
OPEN = frozenset({VersionState.DRAFT, VersionState.IN_REVIEW})


class Campaigns(Moving[Tx]):
    """Every verb takes the caller's key: the same key again gives the same answer."""

    def put(self, request: Request, campaign: Campaign, *, by: By) -> Standing | Refused:
        """The first version, or the next one, as a draft; what says the same as the newest is that
        one. What is in force stays in force until the next is approved. Raises BadInput and
        Unlawful."""
        if not self._stands_there(request.merchant, campaign):
            self._grounds.look(request.merchant, campaign)

        def do(tx: Tx) -> Standing | Refused:
            merchant = request.merchant
            self._store.take_turn(tx, merchant, campaign=campaign.id)
            before = self._store.find(tx, merchant, campaign=campaign.id)
            if before is not None and before.state is CampaignState.ENDED:
                return Refused(CampaignRefusal.WRONG_STATE)
            if before is not None and self._same(tx, merchant, before=before, campaign=campaign):
                return before
            return self._written(tx, merchant, before=before, campaign=campaign, by=by)

        return self._once.run(request, do, answer=Standing)

    def budget(
        self, request: Request, campaign: str, *, budget: Budget, by: By
    ) -> Standing | Refused:
        """Counts at once, without a review; the difference moves from or to the purse. Raises
        NotFound and BadInput."""

        def do(tx: Tx) -> Standing | Refused:
            merchant = request.merchant
            found = self._taken(tx, merchant, campaign=campaign)
            if found.state is CampaignState.ENDED:
                return Refused(CampaignRefusal.WRONG_STATE)
            self._must_fit(tx, merchant, found=found, budget=budget)
            plan = self._plan(tx, merchant, standing=found, code="campaign.budget")
            if found.state in FUNDED:
                today = day_number(self._clock.now_us())
                if (no := rebudget(plan, budget, today=today)) is not None:
                    return no
            after = msgspec.structs.replace(self._carried_out(tx, plan), budget=budget)
            self._store.keep(tx, merchant, before=found, after=after)
            said = Said("budget", _told(found.budget), _told(budget), found.in_force)
            self._note(tx, merchant, campaign=campaign, said=said, by=by)
            self._purses.carry_out(tx, plan)
            return after

        return self._once.run(request, do, answer=Standing)

    def fund(self, request: Request, advertiser: str, *, fen: int) -> Purse | Refused:
        """A payment of the advertiser has come in. Raises BadInput, and NotFound for one that has
        written no campaign: a slip of the pen would bury the money."""
        if not 1 <= fen <= FEN_MAX:
            raise BadInput("amount", f"give 1 to {FEN_MAX} fen")

        def do(tx: Tx) -> Purse:
            if not self._store.is_advertiser(tx, request.merchant, advertiser=advertiser):
                raise NotFound(f"advertiser {advertiser[:64]!r}; it has written no campaign")
            return self._purses.fund(tx, request, advertiser=advertiser, fen=fen)

        return self._once.run(request, do, answer=Purse)

    def _stands_there(self, merchant: str, campaign: Campaign) -> bool:
        with self._once.transactions.transaction() as tx:
            before = self._store.find(tx, merchant, campaign=campaign.id)
            return before is not None and self._same(tx, merchant, before=before, campaign=campaign)

    def _same(self, tx: Tx, merchant: str, *, before: Standing, campaign: Campaign) -> bool:
        newest = self._store.version(tx, merchant, campaign=before.id, number=before.newest)
        return msgspec.structs.replace(newest.campaign, budget=before.budget) == campaign

    def _written(
        self, tx: Tx, merchant: str, *, before: Standing | None, campaign: Campaign, by: By
    ) -> Standing:
        number = 1
        if before is not None:
            _must_go_on(before, campaign)
            self._put_by(tx, merchant, before=before)
            number = before.newest + 1
        after = _drafted(before, campaign, number=number)
        now_us = self._clock.now_us()
        version = Version(campaign, number, VersionState.DRAFT, by.actor, now_us)
        self._store.keep(tx, merchant, before=before, after=after)
        self._store.keep_version(tx, merchant, version=version)
        state = "" if before is None else before.state.value
        said = Said("put", state, after.state.value, number)
        self._note(tx, merchant, campaign=campaign.id, said=said, by=by)
        return after

    def _put_by(self, tx: Tx, merchant: str, *, before: Standing) -> None:
        """A newer version takes the place of one that is on its way."""
        if before.newest_state in OPEN:
            self._replaced(tx, merchant, campaign=before.id, number=before.newest)

    def _must_fit(self, tx: Tx, merchant: str, *, found: Standing, budget: Budget) -> None:
        number = found.in_force or found.newest
        version = self._store.version(tx, merchant, campaign=found.id, number=number)
        must_fit(version.campaign, budget)


def _drafted(before: Standing | None, campaign: Campaign, *, number: int) -> Standing:
    """With the draft as its newest version. Before the first approval everything is the draft's;
    afterwards only the version in force counts."""
    if before is not None and before.in_force:
        return msgspec.structs.replace(before, newest=number, newest_state=VersionState.DRAFT)
    since_us, to_us = campaign.span_us
    return Standing(
        campaign.id, campaign.advertiser, campaign.title, CampaignState.DRAFT, campaign.budget,
        number, VersionState.DRAFT, since_us, to_us,
    )  # fmt: skip


def _must_go_on(before: Standing, campaign: Campaign) -> None:
    if campaign.advertiser != before.advertiser:
        mend = f"it is {before.advertiser[:40]!r}, whose purse pays; write another campaign"
        raise BadInput("campaign.advertiser", mend)
    if before.in_force and campaign.budget != before.budget:
        mend = "write the budget of now; `quanyu campaign budget` changes it at once"
        raise BadInput("campaign.budget", mend)


def _told(budget: Budget) -> str:
    return f"{format_yuan(budget.day_fen)}/day, {format_yuan(budget.total_fen)}"
