"""Which amounts move between the accounts of a campaign when its budget, day or state changes.
Pure: the plan is worked out on balances that were read, and posted as one chain."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from quanyu.decisions.campaigns.accounts import (
    ads_purse,
    campaign_day,
    campaign_out,
    campaign_total,
)
from quanyu.decisions.campaigns.campaign import Budget
from quanyu.decisions.campaigns.record import Money, Standing
from quanyu.decisions.campaigns.states import CampaignRefusal
from quanyu.errors import Refused
from quanyu.ledger.accounts import Account, Balance
from quanyu.ledger.transfers import Transfer, transfer_id

EMPTY = Balance()


@dataclass(frozen=True, slots=True)
class Place:
    """The accounts of one campaign."""

    merchant: str
    standing: Standing

    @property
    def purse(self) -> Account:
        return ads_purse(self.merchant, self.standing.advertiser)

    @property
    def total(self) -> Account:
        return campaign_total(self.merchant, self.standing.id)

    @property
    def out(self) -> Account:
        return campaign_out(self.merchant, self.standing.id)

    def day(self, day: int) -> Account:
        return campaign_day(self.merchant, self.standing.id, day=day)


@dataclass(slots=True)
class Plan:
    """What is free in each account as the plan goes on, and the transfers so far."""

    at: Place
    given: dict[int, int]
    """Day number → what the day was given, net."""
    balances: Mapping[str, Balance]
    committed_fen: int
    code: str
    transfers: list[Transfer] = field(default_factory=list)
    _free: dict[str, int] = field(default_factory=dict)
    _debits: dict[str, int] = field(default_factory=dict)

    def free(self, account: Account) -> int:
        """Fen that can be taken out now; what is held for somebody cannot."""
        balance = self.balances.get(account.id, EMPTY)
        return self._free.get(account.id, balance.available)

    @property
    def takeable_fen(self) -> int:
        """Of total and days together."""
        return self.free(self.at.total) + sum(self.free(self.at.day(day)) for day in self.given)

    @property
    def money(self) -> Money:
        """As the balances stood when they were read."""

        def posted(account: Account) -> int:
            return self.balances.get(account.id, EMPTY).posted

        left, out = posted(self.at.total), posted(self.at.out)
        days = sum(posted(self.at.day(day)) for day in self.given)
        spent = self.at.standing.committed_fen - left - days - out
        return Money(left, days, out, spent)

    def move(self, source: Account, target: Account, *, fen: int) -> None:
        """A source that is debited again has another sum of debits: so ids never meet."""
        if fen <= 0:
            return
        balance = self.balances.get(source.id, EMPTY)
        debits = self._debits.get(source.id, balance.debits_posted)
        id = transfer_id(self.at.merchant, self.code, source.id, str(debits))
        reference = self.at.standing.id
        self.transfers.append(
            Transfer(id, source.id, target.id, fen, self.code, reference=reference)
        )
        free = self.free(target) + fen
        self._free[source.id] = self.free(source) - fen
        self._free[target.id] = free
        self._debits[source.id] = debits + fen
        self.committed_fen += fen * ((source == self.at.purse) - (target == self.at.purse))

    def give(self, day: int, fen: int) -> None:
        """From the total to the day, or back."""
        source, target = self.at.total, self.at.day(day)
        if fen < 0:
            source, target = target, source
        self.move(source, target, fen=abs(fen))
        self.given[day] = self.given.get(day, 0) + fen

    def sweep_days(self, but: int | None = None) -> None:
        """What days have not used goes back to the total."""
        for day in sorted(self.given):
            if day != but:
                self.give(day, -self.free(self.at.day(day)))


def put_aside(plan: Plan) -> Refused | None:
    """At the first approval: the total leaves the purse."""
    return _from_purse(plan, plan.at.standing.budget.total_fen)


def _from_purse(plan: Plan, fen: int) -> Refused | None:
    have = plan.free(plan.at.purse)
    if have < fen:
        return Refused(CampaignRefusal.PURSE_TOO_SMALL, have, fen)
    plan.move(plan.at.purse, plan.at.total, fen=fen)
    return None


def rebudget(plan: Plan, budget: Budget, *, today: int) -> Refused | None:
    """The difference moves at once, that of the open day too. What is spent, at work or held
    cannot be taken back."""
    more = budget.total_fen - plan.committed_fen
    if more > 0 and (no := _from_purse(plan, more)) is not None:
        return no
    if -more > plan.takeable_fen:
        gone = plan.committed_fen - plan.takeable_fen
        return Refused(CampaignRefusal.BELOW_SPENT, budget.total_fen, gone)
    plan.sweep_days(but=today)
    open_day = today in plan.given
    if open_day:
        too_much = max(0, plan.given[today] - budget.day_fen)
        plan.give(today, -min(too_much, plan.free(plan.at.day(today))))
    if more < 0:
        lacking = -more - plan.free(plan.at.total)
        if lacking > 0:
            plan.give(today, -lacking)
        plan.move(plan.at.total, plan.at.purse, fen=-more)
    if open_day:
        rest = max(0, budget.day_fen - plan.given[today])
        plan.give(today, min(rest, plan.free(plan.at.total)))
    return None


def begin_day(plan: Plan, day: int) -> None:
    """Other days give back what they did not use; this one takes its budget, or what is left."""
    plan.sweep_days(but=day)
    plan.give(day, min(plan.at.standing.budget.day_fen, plan.free(plan.at.total)))


def give_back(plan: Plan) -> None:
    """After the end: everything that nobody uses, to the purse. What is at work comes later."""
    plan.sweep_days()
    plan.move(plan.at.total, plan.at.purse, fen=plan.free(plan.at.total))
