"""What every verb of a campaign needs: its turn, how it stands, its money, its history."""

from typing import Generic, NamedTuple, TypeVar

import msgspec

from quanyu.clock import Clock
from quanyu.decisions.campaigns.grounds import Grounds
from quanyu.decisions.campaigns.money import Purses
from quanyu.decisions.campaigns.moving_money import Place, Plan
from quanyu.decisions.campaigns.ports import CampaignStore
from quanyu.decisions.campaigns.record import By, Change, Standing
from quanyu.errors import NotFound
from quanyu.events.once import Once

Tx = TypeVar("Tx")


class Said(NamedTuple):
    """What a line of history says besides who and when."""

    verb: str
    before: str
    after: str
    number: int


class Desk(Generic[Tx]):
    def __init__(
        self,
        once: Once[Tx],
        store: CampaignStore[Tx],
        *,
        purses: Purses[Tx],
        grounds: Grounds,
    ) -> None:
        self._once = once
        self._store = store
        self._purses = purses
        self._grounds = grounds

    @property
    def _clock(self) -> Clock:
        return self._grounds.clock

    def _standing(self, tx: Tx, merchant: str, *, campaign: str) -> Standing:
        found = self._store.find(tx, merchant, campaign=campaign)
        if found is None:
            raise NotFound(f"campaign {campaign[:64]!r}; see `quanyu campaign list`")
        return found

    def _taken(self, tx: Tx, merchant: str, *, campaign: str) -> Standing:
        """Nobody else changes it until commit."""
        self._store.take_turn(tx, merchant, campaign=campaign)
        return self._standing(tx, merchant, campaign=campaign)

    def _plan(self, tx: Tx, merchant: str, *, standing: Standing, code: str) -> Plan:
        given = self._store.days(tx, merchant, campaign=standing.id)
        return self._purses.plan(tx, Place(merchant, standing), given=given, code=code)

    def _carried_out(self, tx: Tx, plan: Plan) -> Standing:
        """How it stands after the plan, which is kept; the book is written last."""
        place = plan.at
        before = self._store.days(tx, place.merchant, campaign=place.standing.id)
        for day, fen in sorted(plan.given.items()):
            if before.get(day) != fen:
                self._store.keep_day(tx, place.merchant, campaign=place.standing.id, day=(day, fen))
        return msgspec.structs.replace(place.standing, committed_fen=plan.committed_fen)

    def _note(self, tx: Tx, merchant: str, *, campaign: str, said: Said, by: By) -> None:
        now_us = self._clock.now_us()
        change = Change(*said, actor=by.actor, at_us=now_us, note=by.note)
        self._store.note(tx, merchant, campaign=campaign, change=change)
