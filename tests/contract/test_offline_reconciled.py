"""What tills took without a network, told to a real database: who pays for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.money_ground import SHOP, template
from tests.till_ground import RISK, Counter

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, FixedClock
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.requests import Request
from quanyu.ledger.accounts import path
from quanyu.promotions.coupons.back_online import ENTRIES_MAX, Told, read_entries
from quanyu.promotions.coupons.coupon import Done
from quanyu.promotions.coupons.devices import Device
from quanyu.promotions.coupons.offline import CLOCK_US_MAX, Entry, Kit, Till, TillRefusal
from quanyu.promotions.coupons.passes import in_text
from quanyu.promotions.coupons.passing import Issued
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State
from quanyu.promotions.offers.answers import Offer
from quanyu.settings import Settings
from quanyu.storage.postgres.coupons.reconciling import differences
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI, WU = "taobao_id:li", "taobao_id:wu"


class Town:
    """One merchant, an offer that tills take offline, and tills."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine = engine
        self.clock = clock
        self._keys = 0

    def key(self) -> str:
        self._keys += 1
        return f"k-{self._keys}"

    def publish(self, id: str = "t1", **change: Any) -> None:
        draft = template(id, **{"offline": RISK, "per_person": 50, "giftable": True, **change})
        made: Any = self.engine.offers.create(SHOP, draft, actor="lin", request=self.key())
        for verb, actor in (("submit", "lin"), ("approve", "wang")):
            made = self.engine.offers.move(SHOP, id, verb=verb, by=self.by(actor))
        assert isinstance(made, Offer), made

    def by(self, actor: str = "lin") -> Any:
        return self.engine.offers.by(actor, self.key())

    def till(self, store: str = "s1") -> Counter:
        kit = self.engine.devices.add(Request(SHOP, "device.add", self.key(), b""), store)
        assert isinstance(kit, Kit)
        return Counter(kit, at_us=self.clock.now_us())

    def act(self, verb: str, **form: Any) -> Any:
        return self.engine.coupons.act(SHOP, verb, form=form, request=self.key())

    def coupon(self, who: str = LI, *, offer: str = "t1") -> str:
        issued = self.act("issue", offer=offer, identifier=who)
        assert isinstance(issued, Done), issued
        return issued.coupon.id

    def shown(self, coupon: str, who: str = LI, *, ttl: str | None = None) -> str:
        made = self.engine.passes.pass_for(SHOP, coupon, identifier=who, ttl=ttl)
        assert isinstance(made, Issued), made
        return made.text

    def tell(self, *entries: Entry) -> list[dict[str, Any]]:
        return [one.as_json() for one in self.told(*entries)]

    def told(self, *entries: Entry) -> list[Told]:
        return self.engine.reconciling.reconcile(SHOP, list(entries))

    def balances(self, offer: str = "t1") -> dict[str, int]:
        return self.engine.offers.balances(SHOP, offer)

    def debt(self, store: str = "s1") -> int:
        account = path("party", SHOP, store, "offline_debt")
        with self.engine.database.transaction() as tx:
            return -self.engine.book.balances(tx, [account])[account].posted

    def sound(self) -> None:
        with self.engine.database.transaction() as tx:
            assert [str(one) for one in differences(tx, self.engine.book)[1]] == []


@pytest.fixture
def town(database: Database, data_dir: Path, clock: FixedClock) -> Iterator[Town]:
    engine = Engine(Settings(data_dir=data_dir), database, clock=clock)
    yield Town(engine, clock)
    engine.close()


def test_from_the_pass_to_the_book(town: Town) -> None:
    town.publish()
    till, coupon = town.till(), town.coupon()
    entry = till.took(town.shown(coupon))
    at_us = town.clock.now_us()
    town.clock.advance(6 * HOUR_US)
    assert town.tell(entry) == [
        {"sequence": 1, "outcome": "redeemed", "coupon": coupon, "offer": "t1", "discount": 2000}
    ]
    used = town.engine.coupons.find(SHOP, coupon)
    assert (used.state, used.used_us, used.store, used.spent_fen) == (
        State.USED, at_us, "s1", 2000,
    )  # fmt: skip
    assert town.balances()["fen/spent"] == 2000
    facts = [one.event for one in town.engine.log.read(0, 100)]
    (redeemed,) = [one for one in facts if one.kind == "coupon_redeemed"]
    assert (redeemed.at_us, redeemed.store, redeemed.amount_fen) == (at_us, "s1", 2000)
    town.sound()


def test_told_twice_is_told_once(town: Town) -> None:
    town.publish()
    till = town.till()
    entries = [till.took(town.shown(town.coupon())) for _ in range(2)]
    first = town.tell(*entries)
    assert [one["outcome"] for one in first] == ["redeemed"] * 2
    assert town.tell(*entries) == first
    assert town.tell(entries[1], entries[0]) == [first[1], first[0]]
    assert town.balances()["pieces/used"] == 2


def test_redeemed_after_the_end_when_it_was_taken_before(town: Town) -> None:
    """The chore that expires pieces has not come by yet: the time of the till counts."""
    town.publish(valid_for="1h")
    till = town.till()
    entry = till.took(town.shown(town.coupon()))
    town.clock.advance(2 * HOUR_US)
    assert town.tell(entry)[0]["outcome"] == "redeemed"


def elsewhere(town: Town, coupon: str) -> None:
    town.act("redeem", coupon=coupon, amount=12_000, store="s2")


def voided(town: Town, coupon: str) -> None:
    town.act("void", coupon=coupon)


def locked(town: Town, coupon: str) -> None:
    town.act("lock", coupon=coupon, order="o1", ttl="12h")


def on_its_way(town: Town, coupon: str) -> None:
    town.act("gift", coupon=coupon, identifier=LI)


def given_away(town: Town, coupon: str) -> None:
    """The giver keeps a pass that was good when it was made."""
    key = town.key()
    form = {"coupon": coupon, "identifier": LI}
    town.engine.coupons.act(SHOP, "gift", form=form, request=key)
    code = town.engine.coupons.gift_code(SHOP, coupon, request=key)
    town.act("accept", coupon=coupon, gift=code, identifier=WU)


def expired(town: Town, coupon: str) -> None:
    town.clock.advance(8 * DAY_US)
    town.engine.coupon_parts.chores.expire()


CONFLICTS = {
    elsewhere: (TillRefusal.ALREADY_USED, State.USED),
    voided: (TillRefusal.VOID, State.VOID),
    locked: (Reason.LOCKED_BY_OTHER_ORDER, State.LOCKED),
    on_its_way: (TillRefusal.GIFTING, State.GIFTING),
    given_away: (Reason.NOT_THE_HOLDER, State.ISSUED),
    expired: (Reason.EXPIRED, State.EXPIRED),
}


@pytest.mark.parametrize("story", CONFLICTS, ids=[one.__name__ for one in CONFLICTS])
def test_a_coupon_that_was_not_in_force(town: Town, story: Any) -> None:
    """The offer bears it within its risk; the coupon is not touched."""
    reason, state = CONFLICTS[story]
    town.publish()
    till, coupon = town.till(), town.coupon()
    entry = till.took(town.shown(coupon))
    story(town, coupon)
    before = town.balances()
    assert town.tell(entry) == [
        {
            "sequence": 1, "outcome": "conflict", "coupon": coupon, "offer": "t1",
            "reason": reason, "funder": 2000, "store": 0,
        }
    ]  # fmt: skip
    after = town.balances()
    assert after["fen/offline_loss"] == 2000
    assert after["fen/free"] == before["fen/free"] - 2000
    assert after["fen/spent"] == before["fen/spent"]
    assert town.engine.coupons.find(SHOP, coupon).state is state
    assert town.debt() == 0
    town.sound()


def test_a_lock_that_is_over_leaves_the_coupon_free(town: Town) -> None:
    town.publish()
    till, coupon = town.till(), town.coupon()
    entry = till.took(town.shown(coupon))
    town.act("lock", coupon=coupon, order="o1", ttl="30m")
    town.clock.advance(HOUR_US)
    assert town.tell(entry)[0]["outcome"] == "redeemed"
    town.sound()


def test_beyond_the_risk_the_store_owes(town: Town) -> None:
    """A till that was tampered with gives more than it may: the offer pays up to its risk."""
    town.publish()
    till = town.till()
    entries = []
    for _ in range(3):
        coupon = town.coupon()
        text = town.shown(coupon)
        till.till = forgetful(till)
        entries.append(till.took(text))
        elsewhere(town, coupon)
    told = town.tell(*entries)
    assert [(one["funder"], one["store"]) for one in told] == [(2000, 0), (2000, 0), (1000, 1000)]
    assert town.balances()["fen/offline_loss"] == 5000
    assert town.balances()["fen/offline_debt"] == 1000
    assert town.debt() == 1000
    town.sound()


def forgetful(counter: Counter) -> Till:
    """The same till, which has forgotten what it has given."""
    return replace(counter.till, given={})


def test_the_next_shift_and_the_next_till_have_their_own_risk(town: Town) -> None:
    town.publish(offline={"per_device_fen": 2000, "per_coupon_fen": 2000}, valid_for="30d")
    first, second = town.till(), town.till()

    def lost(till: Counter) -> tuple[int, int]:
        coupon = town.coupon()
        text = town.shown(coupon)
        till.till, till.at_us = forgetful(till), town.clock.now_us()
        entry = till.took(text)
        voided(town, coupon)
        (told,) = town.tell(entry)
        return told["funder"], told["store"]

    assert [lost(first), lost(first), lost(second)] == [(2000, 0), (0, 2000), (2000, 0)]
    town.clock.advance(DAY_US)
    assert lost(first) == (2000, 0)
    town.sound()


def test_an_offer_without_money_leaves_it_to_the_store(town: Town) -> None:
    """The caps hold: a loss is paid out of what is free, and nothing is."""
    town.publish(pieces=2, money=4000)
    till = town.till()
    coupons = [town.coupon() for _ in range(2)]
    entry = till.took(town.shown(coupons[0]))
    elsewhere(town, coupons[0])
    assert town.balances()["fen/free"] == 0
    (told,) = town.tell(entry)
    assert (told["outcome"], told["funder"], told["store"]) == ("conflict", 0, 2000)
    assert town.tell(entry) == [told]
    assert town.debt() == 2000
    town.sound()


def test_money_for_one_of_two_losses(town: Town) -> None:
    """In one write: the first takes what is free, the second is the store's."""
    town.publish(pieces=3, money=6000)
    till = town.till()
    coupons = [town.coupon() for _ in range(2)]
    entries = [till.took(town.shown(one)) for one in coupons]
    for one in coupons:
        elsewhere(town, one)
    told = town.tell(*entries)
    assert sorted((one["funder"], one["store"]) for one in told) == [(0, 2000), (2000, 0)]
    assert town.balances()["fen/free"] == 0
    town.sound()


def test_one_pass_at_two_tills(town: Town) -> None:
    """One of them redeems, the other has a conflict, in whatever order they come back."""
    town.publish()
    first, second, coupon = town.till(), town.till("s2"), town.coupon()
    text = town.shown(coupon)
    one, other = first.took(text), second.took(text)
    told = town.tell(other, one)
    assert [one["outcome"] for one in told] == ["redeemed", "conflict"]
    assert told[1]["reason"] == TillRefusal.ALREADY_USED
    assert town.engine.coupons.find(SHOP, coupon).store == "s2"
    assert town.balances()["pieces/used"] == 1
    town.sound()


SWITCHES = {
    "killed": Reason.KILLED,
    "paused": Reason.OFFER_PAUSED,
}


def turn(town: Town, switch: str, *, on: bool) -> None:
    offers = town.engine.offers
    if switch == "killed":
        offers.kill(SHOP, "t1", killed=on, by=town.by())
    else:
        offers.move(SHOP, "t1", verb="pause" if on else "resume", by=town.by())


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_was_taken_before_the_switch_is_honoured(town: Town, switch: str) -> None:
    town.publish()
    till = town.till()
    entry = till.took(town.shown(town.coupon()))
    town.clock.advance(MINUTE_US)
    turn(town, switch, on=True)
    assert town.tell(entry)[0]["outcome"] == "redeemed"


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_was_taken_after_the_switch_is_the_stores(town: Town, switch: str) -> None:
    town.publish()
    till, coupon = town.till(), town.coupon()
    text = town.shown(coupon)
    turn(town, switch, on=True)
    town.clock.advance(MINUTE_US)
    till.at_us = town.clock.now_us()
    (told,) = town.tell(till.took(text))
    assert (told["outcome"], told["reason"]) == ("conflict", SWITCHES[switch])
    assert (told["funder"], told["store"]) == (0, 2000)
    assert town.engine.coupons.find(SHOP, coupon).state is State.ISSUED
    town.sound()


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_that_was_turned_back_does_not_count(town: Town, switch: str) -> None:
    town.publish()
    till, coupon = town.till(), town.coupon()
    text = town.shown(coupon)
    turn(town, switch, on=True)
    turn(town, switch, on=False)
    assert town.tell(till.took(text))[0]["outcome"] == "redeemed"


def test_a_breaker_that_tripped_before(town: Town) -> None:
    town.publish()
    till, coupon = town.till(), town.coupon()
    text = town.shown(coupon)
    with town.engine.database.transaction() as tx:
        tx.execute(
            "INSERT INTO offer_trip SELECT offer_no, %s, 'redeemed', 1, 1 FROM offer",
            [town.clock.now_us()],
        )
    (told,) = town.tell(till.took(text))
    assert (told["reason"], told["store"]) == (Reason.BREAKER_TRIPPED, 2000)


def test_the_breaker_does_not_watch_what_has_happened(town: Town) -> None:
    """A morning's takings that come in one minute are no rush."""
    town.publish(forecast_hour=1, trips_at=1, offline={**RISK, "per_device_fen": 100_000})
    till = town.till()
    entries = [till.took(town.shown(town.coupon())) for _ in range(20)]
    assert {one["outcome"] for one in town.tell(*entries)} == {"redeemed"}
    assert not town.engine.offers.find(SHOP, "t1").tripped


def forged(town: Town, till: Counter, entry: Entry) -> Entry:
    last = "g" if entry.text.endswith("A") else "A"
    return msgspec.structs.replace(entry, text=entry.text[:-1] + last)


def cheaper(town: Town, till: Counter, entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, amount=50_000)


def bolder(town: Town, till: Counter, entry: Entry) -> Entry:
    """Signed by the till, which has written another discount than the pass gives."""
    bare = msgspec.structs.replace(entry, discount=3000, signature="")
    return msgspec.structs.replace(bare, signature=in_text(till.till.kit.signer.sign(bare.body)))


def in_another_name(town: Town, till: Counter, entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, device=town.till().till.kit.device)


def unknown(town: Town, till: Counter, entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, device="d_nobody")


def revoked(town: Town, till: Counter, entry: Entry) -> Entry:
    request = Request(SHOP, "device.revoke", town.key(), b"")
    assert isinstance(town.engine.devices.revoke(request, entry.device), Device)
    return entry


def tomorrow(town: Town, till: Counter, entry: Entry) -> Entry:
    till.at_us += CLOCK_US_MAX + 1
    return till.took(town.shown(town.coupon()))


REJECTED = {
    forged: TillRefusal.BAD_SIGNATURE,
    cheaper: TillRefusal.BAD_SIGNATURE,
    bolder: TillRefusal.ALTERED_AMOUNT,
    in_another_name: TillRefusal.BAD_SIGNATURE,
    unknown: TillRefusal.UNKNOWN_DEVICE,
    revoked: TillRefusal.DEVICE_REVOKED,
    tomorrow: TillRefusal.FROM_THE_FUTURE,
}


@pytest.mark.parametrize("mend", REJECTED, ids=[one.__name__ for one in REJECTED])
def test_an_entry_that_is_rejected(town: Town, mend: Any) -> None:
    town.publish()
    till, coupon = town.till(), town.coupon()
    entry = mend(town, till, till.took(town.shown(coupon)))
    before = town.balances()
    (told,) = town.tell(entry)
    assert (told["outcome"], told["reason"]) == ("rejected", REJECTED[mend])
    assert town.engine.coupons.find(SHOP, coupon).state is State.ISSUED
    assert town.balances()["fen/out"] == before["fen/out"]
    assert town.balances()["fen/offline_loss"] == 0
    town.sound()


def test_another_entry_under_a_known_number(town: Town) -> None:
    """A till whose journal was put back: two entries of one number are one too many."""
    town.publish()
    till = town.till()
    copy = Counter(till.till.kit, at_us=till.at_us)
    first = till.took(town.shown(town.coupon()))
    other = copy.took(town.shown(town.coupon()))
    assert [one["outcome"] for one in town.tell(first, other)] == ["redeemed", "rejected"]
    assert town.tell(other)[0]["reason"] == Reason.KEY_USED_FOR_ANOTHER_REQUEST
    after = copy.took(town.shown(town.coupon()))
    assert town.tell(after)[0]["reason"] == TillRefusal.BROKEN_CHAIN
    town.sound()


def test_a_rejected_entry_holds_up_no_other(town: Town) -> None:
    town.publish()
    till = town.till()
    first, second = (till.took(town.shown(town.coupon())) for _ in range(2))
    told = town.tell(forged(town, till, first), second)
    assert [one["outcome"] for one in told] == ["rejected", "redeemed"]
    assert town.tell(first)[0]["outcome"] == "redeemed"


def test_an_undone_redemption_may_be_told_again(town: Town) -> None:
    town.publish()
    till, coupon = town.till(), town.coupon()
    entry = till.took(town.shown(coupon))
    town.tell(entry)
    assert isinstance(town.act("undo", coupon=coupon, store="s1"), Done)
    assert town.tell(entry)[0]["outcome"] == "redeemed"
    assert town.engine.coupons.find(SHOP, coupon).state is State.ISSUED
    town.sound()


NO_PASS = {
    "not offline": ({"offline": None}, None, TillRefusal.NOT_OFFLINE),
    "used": ({}, elsewhere, Reason.WRONG_STATE),
    "killed": ({}, lambda town, _: turn(town, "killed", on=True), Reason.KILLED),
    "over": ({}, lambda town, _: town.clock.advance(8 * DAY_US), Reason.EXPIRED),
}


@pytest.mark.parametrize(("change", "story", "reason"), NO_PASS.values(), ids=NO_PASS)
def test_no_pass_is_made(town: Town, change: dict[str, Any], story: Any, reason: str) -> None:
    town.publish(**change)
    coupon = town.coupon()
    if story is not None:
        story(town, coupon)
    assert town.engine.passes.pass_for(SHOP, coupon, identifier=LI) == Refused(reason)


def test_a_pass_is_for_the_holder_and_for_hours(town: Town) -> None:
    town.publish()
    coupon = town.coupon()
    with pytest.raises(NotFound):
        town.engine.passes.pass_for(SHOP, coupon, identifier=WU)
    with pytest.raises(BadInput, match="12h"):
        town.engine.passes.pass_for(SHOP, coupon, identifier=LI, ttl="13h")
    made = town.engine.passes.pass_for(SHOP, coupon, identifier=LI, ttl="30m")
    assert isinstance(made, Issued)
    assert made.ends_us == town.clock.now_us() + 30 * MINUTE_US
    assert town.shown(coupon) != town.shown(coupon), "each has a nonce of its own"


def test_a_device_is_enrolled_once_per_request(town: Town) -> None:
    request = Request(SHOP, "device.add", "same", b"s1")
    first, again = (town.engine.devices.add(request, "s1") for _ in range(2))
    assert first == again
    (listed,) = town.engine.devices.listed(SHOP, "s1")
    assert listed.as_json()["revoked"] is None
    assert town.engine.devices.listed(SHOP, "s2") == []
    assert town.engine.devices.listed("shoes") == []
    assert isinstance(first, Kit)
    gone = town.engine.devices.revoke(Request(SHOP, "device.revoke", "a", b""), first.device)
    assert isinstance(gone, Device)
    assert gone.revoked_us == town.clock.now_us()
    twice = town.engine.devices.revoke(Request(SHOP, "device.revoke", "b", b""), first.device)
    assert twice == Refused(TillRefusal.DEVICE_REVOKED)


@pytest.mark.parametrize("store", ["", "x" * 129, "a\nb", "a;b"])
def test_a_store_that_cannot_be(town: Town, store: str) -> None:
    with pytest.raises(BadInput) as refused:
        town.engine.devices.add(Request(SHOP, "device.add", "k", b""), store)
    assert refused.value.field == "store"


def test_devices_of_other_merchants_and_stores_are_not_found(town: Town) -> None:
    device = town.till().till.kit.device
    with pytest.raises(NotFound):
        town.engine.devices.revoke(Request("shoes", "device.revoke", "k", b""), device)
    with pytest.raises(NotFound):
        town.engine.devices.revoke(Request(SHOP, "device.revoke", "k", b""), device, store="s9")


def test_a_pass_of_one_merchant_at_the_till_of_another(town: Town) -> None:
    town.publish()
    text = town.shown(town.coupon())
    kit = town.engine.devices.add(Request("shoes", "device.add", "k", b""), "s1")
    assert isinstance(kit, Kit)
    till = Counter(kit, at_us=town.clock.now_us())
    assert till.take(text) == Refused(TillRefusal.FORGED)


@pytest.mark.parametrize(
    ("documents", "field"),
    [
        ([], "entries"),
        ([{}] * (ENTRIES_MAX + 1), "entries"),
        ([{}], "entries[0]"),
        ([[]], "entries[0]"),
        ([{"sequence": 0}], "entries[0].sequence"),
        ([{"sequence": "1"}], "entries[0].sequence"),
    ],
)
def test_entries_that_cannot_be_read(documents: list[Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_entries(documents)
    assert refused.value.field == field


def test_the_audit_sees_a_loss_that_was_rubbed_out(town: Town) -> None:
    town.publish()
    till, coupon = town.till(), town.coupon()
    entry = till.took(town.shown(coupon))
    voided(town, coupon)
    town.tell(entry)
    with town.engine.database.transaction() as tx:
        tx.execute("UPDATE coupon_offline SET funder_fen = 0")
    with town.engine.database.transaction() as tx:
        (found,) = differences(tx, town.engine.book)[1]
    assert (found.place, found.in_rows, found.in_book) == ("fen/offline_loss", 0, 2000)
