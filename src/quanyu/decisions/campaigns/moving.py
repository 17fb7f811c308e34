"""Moves along the tables of ``states``: by people, and by the clock."""

from typing import NamedTuple, TypeVar

import msgspec

from quanyu.decisions.campaigns.checking import must_fit
from quanyu.decisions.campaigns.desk import Said
from quanyu.decisions.campaigns.moving_money import Plan, begin_day, give_back, put_aside
from quanyu.decisions.campaigns.reading import Reading
from quanyu.decisions.campaigns.record import By, Standing, Version
from quanyu.decisions.campaigns.states import (
    BY_PEOPLE,
    FUNDED,
    GATED,
    MOVES,
    OF_THE_VERSION,
    VERSION_MOVES,
    CampaignRefusal,
    CampaignState,
    VersionState,
)
from quanyu.decisions.campaigns.states import CampaignVerb as Verb
from quanyu.errors import BadInput, Refused
from quanyu.events.once import Raced
from quanyu.events.requests import Request

Tx = TypeVar("Tx")
AUTOMATIC = By("quanyu")
"""The actor of what the clock does."""


class Step(NamedTuple):
    verb: Verb
    by: By


class Moving(Reading[Tx]):
    def move(
        self, request: Request, campaign: str, *, verb: Verb, by: By, version: int | None = None
    ) -> Standing | Refused:
        """submit, reject, approve, pause, resume, end. ``version``: the one that was looked at,
        for who approves. Raises NotFound, BadInput and Unlawful."""
        if verb not in BY_PEOPLE:
            raise BadInput("verb", f"choose from {', '.join(BY_PEOPLE)}")
        seen = {self._look(request.merchant, campaign, verb=verb), version} - {None}

        def do(tx: Tx) -> Standing | Refused:
            found = self._taken(tx, request.merchant, campaign=campaign)
            if not _allowed(found, verb):
                return Refused(CampaignRefusal.WRONG_STATE)
            if verb not in OF_THE_VERSION:
                return self._turned(tx, request.merchant, found=found, step=Step(verb, by))
            if seen - {found.newest}:
                return Refused(CampaignRefusal.VERSION_CHANGED)
            return self._reviewed(tx, request.merchant, found=found, step=Step(verb, by))

        return self._once.run(request, do, answer=Standing)

    def settle(self) -> int:
        """What the clock brings: starts, ends, and money that came back after an end. Returns how
        many have changed."""
        now_us = self._clock.now_us()
        with self._once.transactions.transaction() as tx:
            due = self._store.due(tx, at_us=now_us)
        return sum(self._settled(merchant, id, now_us=now_us) for merchant, id in due)

    def open_day(self, tx: Tx, merchant: str, *, campaign: str, day: int) -> int:
        """Fen that the account of the day was given: its budget, or what is left of the whole.
        Once, however often it is asked; 0 unless the campaign runs. ``day`` is a day number in
        China. It posts to the book, so give it a transaction of its own. Raises NotFound, and
        Raced when the money moved meanwhile: try again."""
        found = self._taken(tx, merchant, campaign=campaign)
        given = self._store.days(tx, merchant, campaign=campaign)
        if day in given:
            return given[day]
        if found.state is not CampaignState.RUNNING:
            return 0
        plan = self._plan(tx, merchant, standing=found, code="campaign.day")
        begin_day(plan, day)
        after = self._carried_out(tx, plan)
        self._store.keep(tx, merchant, before=found, after=after)
        self._purses.carry_out(tx, plan)
        return plan.given[day]

    def _look(self, merchant: str, campaign: str, *, verb: Verb) -> int | None:
        """The version that the law has looked at. What the table does not allow changes nothing:
        a retry hears what it heard."""
        with self._once.transactions.transaction() as tx:
            found = self._standing(tx, merchant, campaign=campaign)
            if verb not in GATED or not _allowed(found, verb):
                return None
            number = found.newest if verb in OF_THE_VERSION else found.in_force
            version = self._store.version(tx, merchant, campaign=campaign, number=number)
        must_fit(version.campaign, found.budget)
        self._grounds.look(merchant, version.campaign)
        return number

    def _reviewed(
        self, tx: Tx, merchant: str, *, found: Standing, step: Step
    ) -> Standing | Refused:
        """Of the newest version."""
        verb, by = step
        version = self._store.version(tx, merchant, campaign=found.id, number=found.newest)
        if verb is Verb.APPROVE and by.actor in (version.author, version.submitter):
            return Refused(CampaignRefusal.AUTHOR_APPROVES)
        if verb is Verb.APPROVE and found.in_force:
            self._replaced(tx, merchant, campaign=found.id, number=found.in_force)
        moved = self._version_moved(tx, merchant, version=version, step=step)
        state = MOVES.get((found.state, verb), found.state)
        after = msgspec.structs.replace(found, state=state, newest_state=moved.state)
        if verb is Verb.APPROVE:
            return self._approved(tx, merchant, found=found, ends=(after, moved), by=by)
        return self._kept(tx, merchant, found=found, after=after, step=step)

    def _version_moved(self, tx: Tx, merchant: str, *, version: Version, step: Step) -> Version:
        submitter = step.by.actor if step.verb is Verb.SUBMIT else version.submitter
        moved = msgspec.structs.replace(
            version, state=VERSION_MOVES[version.state, step.verb], submitter=submitter,
            since_us=self._clock.now_us(),
        )  # fmt: skip
        self._store.keep_version(tx, merchant, version=moved)
        return moved

    def _approved(
        self, tx: Tx, merchant: str, *, found: Standing, ends: tuple[Standing, Version], by: By
    ) -> Standing | Refused:
        """The first approval puts the money aside; a later one changes what is in force."""
        after, version = ends
        since_us, to_us = version.campaign.span_us
        after = msgspec.structs.replace(
            after, in_force=version.number, title=version.campaign.title, from_us=since_us,
            to_us=to_us,
        )  # fmt: skip
        step = Step(Verb.APPROVE, by)
        if found.in_force:
            return self._kept(tx, merchant, found=found, after=after, step=step)
        plan = self._plan(tx, merchant, standing=after, code="campaign.approve")
        if (no := put_aside(plan)) is not None:
            return no
        approved = self._kept(
            tx, merchant, found=found, after=self._carried_out(tx, plan), step=step
        )
        begun = self._begun(tx, merchant, found=approved)
        self._purses.carry_out(tx, plan)
        return begun

    def _begun(self, tx: Tx, merchant: str, *, found: Standing) -> Standing:
        """Runs at once where its time has come."""
        if found.from_us > self._clock.now_us():
            return found
        return self._turned(tx, merchant, found=found, step=Step(Verb.START, AUTOMATIC))

    def _replaced(self, tx: Tx, merchant: str, *, campaign: str, number: int) -> None:
        old = self._store.version(tx, merchant, campaign=campaign, number=number)
        gone = msgspec.structs.replace(
            old, state=VersionState.REPLACED, since_us=self._clock.now_us()
        )
        self._store.keep_version(tx, merchant, version=gone)

    def _turned(self, tx: Tx, merchant: str, *, found: Standing, step: Step) -> Standing:
        """Start, pause, resume, end."""
        after = msgspec.structs.replace(found, state=MOVES[found.state, step.verb])
        if step.verb is not Verb.END:
            return self._kept(tx, merchant, found=found, after=after, step=step)
        plan = self._given_back(tx, merchant, found=after)
        kept = self._kept(tx, merchant, found=found, after=self._ended(tx, plan), step=step)
        self._purses.carry_out(tx, plan)
        return kept

    def _given_back(self, tx: Tx, merchant: str, *, found: Standing) -> Plan:
        plan = self._plan(tx, merchant, standing=found, code="campaign.end")
        give_back(plan)
        return plan

    def _ended(self, tx: Tx, plan: Plan) -> Standing:
        settled = plan.committed_fen == plan.money.spent_fen
        return msgspec.structs.replace(self._carried_out(tx, plan), settled=settled)

    def _kept(
        self, tx: Tx, merchant: str, *, found: Standing, after: Standing, step: Step
    ) -> Standing:
        self._store.keep(tx, merchant, before=found, after=after)
        number = after.newest if step.verb in OF_THE_VERSION else after.in_force
        said = Said(step.verb.value, found.state.value, after.state.value, number)
        self._note(tx, merchant, campaign=found.id, said=said, by=step.by)
        return after

    def _settled(self, merchant: str, campaign: str, *, now_us: int) -> bool:
        try:
            with self._once.transactions.transaction() as tx:
                found = self._taken(tx, merchant, campaign=campaign)
                return self._brought_on(tx, merchant, found=found, now_us=now_us)
        except Raced:
            return False

    def _brought_on(self, tx: Tx, merchant: str, *, found: Standing, now_us: int) -> bool:
        if found.state is CampaignState.ENDED:
            plan = self._given_back(tx, merchant, found=found)
            after = self._ended(tx, plan)
            self._store.keep(tx, merchant, before=found, after=after)
            self._purses.carry_out(tx, plan)
            return after != found
        if found.state in FUNDED and found.to_us <= now_us:
            self._turned(tx, merchant, found=found, step=Step(Verb.END, AUTOMATIC))
            return True
        if found.state is CampaignState.APPROVED and found.from_us <= now_us:
            self._turned(tx, merchant, found=found, step=Step(Verb.START, AUTOMATIC))
            return True
        return False


def _allowed(found: Standing, verb: Verb) -> bool:
    """Of a campaign that has a version in force, submit, reject and approve are about the next."""
    if verb in OF_THE_VERSION:
        return found.state is not CampaignState.ENDED and (
            (found.newest_state, verb) in VERSION_MOVES
        )
    return (found.state, verb) in MOVES
