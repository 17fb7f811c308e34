"""Offers and coupons for drill A2: every command that may die."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.money_ground import template
from tests.till_ground import Counter

from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.promotions.coupons.coupon import Done, OnCoupon
from quanyu.promotions.coupons.devices import Device
from quanyu.promotions.coupons.offline import Kit
from quanyu.promotions.coupons.passing import Issued
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.offers.answers import Offer
from quanyu.storage.till.journal import opened

if TYPE_CHECKING:
    from quanyu.wiring import Engine

CAFE = "bakery"
EVE, FAY = "taobao_id:eve", "taobao_id:fay"
RISK = {"per_device_fen": 6_000, "per_coupon_fen": 2_000}
ROOMY = {"giftable": True, "per_person": 100, "money": 20_000_000, "undo_within": "1d"}
PIECES = ("locked", "redeemed", "given", "idle", "returned", "brief", "far", "gone", "farther")
JOURNAL = "offline.journal"


def act(engine: "Engine", verb: str, key: str, **form: Any) -> Done:
    told = engine.coupons.act(CAFE, verb, form=form, request=key)
    assert not isinstance(told, Refused), (verb, told)
    return told


def create(engine: "Engine", id: str) -> None:
    draft = template(id, **ROOMY, offline=RISK)
    made = engine.offers.create(CAFE, draft, actor="lin", request=f"create-{id}")
    assert isinstance(made, Offer), made


def move(engine: "Engine", id: str, verb: str, actor: str) -> None:
    by = engine.offers.by(actor, f"{verb}-{id}")
    told = engine.offers.move(CAFE, id, verb=verb, by=by)
    assert isinstance(told, Offer), told


def piece(engine: "Engine", name: str) -> str:
    """The coupon that was issued for a purpose."""
    with engine.database.transaction() as tx:
        row = tx.execute(
            "SELECT coupon FROM coupon_step WHERE operation = 'issue' AND request = %s",
            [f"piece-{name}"],
        ).fetchone()
    assert row is not None
    return str(row[0])


def prepare_coupons(engine: "Engine") -> None:
    for id in ("cake", "tart"):
        create(engine, id)
        move(engine, id, "submit", "lin")
    move(engine, "cake", "approve", "wang")
    made = {
        name: act(engine, "issue", f"piece-{name}", offer="cake", identifier=EVE).coupon.id
        for name in PIECES
    }
    act(engine, "lock", "p-locked", coupon=made["locked"], order="o1")
    act(engine, "redeem", "p-redeemed", coupon=made["redeemed"], amount=12_000, store="s1")
    act(engine, "gift", "p-given", coupon=made["given"], identifier=EVE)
    act(engine, "lock", "p-returned", coupon=made["returned"], order="o2")
    act(engine, "use", "u-returned", coupon=made["returned"], order="o2", amount=700)
    act(engine, "lock", "p-brief", coupon=made["brief"], order="o3", ttl="1s")
    take_offline(engine, [made[name] for name in ("far", "gone", "farther")])
    act(engine, "void", "p-gone", coupon=made["gone"])


def enrolled(engine: "Engine", key: str) -> Kit:
    kit = engine.devices.add(Request(CAFE, "device.add", key, b""), "s1")
    assert isinstance(kit, Kit), kit
    return kit


def take_offline(engine: "Engine", coupons: list[str]) -> None:
    """A till takes them while it has no network; its journal waits in the data directory."""
    counter = Counter(enrolled(engine, "p-till"), at_us=engine.clock.now_us())
    with opened(engine.settings.data_dir / JOURNAL) as journal:
        for coupon in coupons:
            made = engine.passes.pass_for(CAFE, coupon, identifier=EVE)
            assert isinstance(made, Issued), made
            journal.append(counter.took(made.text))


def offer_create(engine: "Engine") -> None:
    create(engine, "pie")


def offer_approve(engine: "Engine") -> None:
    move(engine, "tart", "approve", "wang")


def offer_kill(engine: "Engine") -> None:
    by = engine.offers.by("lin", "kill")
    engine.offers.kill(CAFE, "cake", killed=True, by=by)


def coupon_issue(engine: "Engine") -> None:
    act(engine, "issue", "i1", offer="cake", identifier=FAY)


def coupon_claim(engine: "Engine") -> None:
    marks = {"device": "d1"}
    act(engine, "claim", "c1", offer="cake", identifier=FAY, marks=marks)


def coupon_codes(engine: "Engine") -> None:
    made = engine.coupons.make_codes(CAFE, "spring", form=("cake", 30))
    assert not isinstance(made, Refused), made


def coupon_step(engine: "Engine", *, verb: str, name: str, **form: Any) -> None:
    act(engine, verb, f"step-{verb}", coupon=piece(engine, name), **form)


def coupon_accept(engine: "Engine") -> None:
    coupon = piece(engine, "given")
    code = engine.coupons.gift_code(CAFE, coupon, request="p-given")
    act(engine, "accept", "a1", coupon=coupon, gift=code, identifier=FAY)


def coupon_lapse(engine: "Engine") -> None:
    from threading import Event

    Event().wait(1.1)
    engine.coupon_parts.chores.lapse()


def coupon_give_back(engine: "Engine") -> None:
    """What a refund of some units does: a part comes back as a piece of its own."""
    command = OnCoupon(
        merchant=CAFE, request="back-1", verb=Verb.GIVE_BACK, coupon=piece(engine, "returned"),
        order="o2", amount_fen=300,
    )  # fmt: skip
    (told,) = engine.coupon_parts.writer.write([command])
    assert isinstance(told, Done), told


def coupon_reconcile(engine: "Engine") -> None:
    """In two batches: a till that died in between sends both again."""
    with opened(engine.settings.data_dir / JOURNAL) as journal:
        entries = journal.entries()
    told = [engine.reconciling.reconcile(CAFE, some) for some in (entries[:2], entries[2:])]
    names = [one.name for some in told for one in some]
    assert names == ["redeemed", "conflict", "redeemed"], told


def device_add(engine: "Engine") -> None:
    enrolled(engine, "another")


def device_revoke(engine: "Engine") -> None:
    device = enrolled(engine, "p-till").device
    gone = engine.devices.revoke(Request(CAFE, "device.revoke", "r1", b""), device)
    assert isinstance(gone, Device), gone


STEPS: dict[str, Callable[["Engine"], None]] = {
    "coupon_lock": partial(coupon_step, verb="lock", name="idle", order="o9"),
    "coupon_unlock": partial(coupon_step, verb="unlock", name="locked", order="o1"),
    "coupon_use": partial(coupon_step, verb="use", name="locked", order="o1", amount=900),
    "coupon_return": partial(coupon_step, verb="return", name="returned", order="o2"),
    "coupon_redeem": partial(coupon_step, verb="redeem", name="idle", amount=15_000, store="s1"),
    "coupon_undo": partial(coupon_step, verb="undo", name="redeemed", store="s1"),
    "coupon_gift": partial(coupon_step, verb="gift", name="idle", identifier=EVE),
    "coupon_take_back": partial(coupon_step, verb="take_back", name="given", identifier=EVE),
    "coupon_void": partial(coupon_step, verb="void", name="idle"),
}
COMMANDS: dict[str, Callable[["Engine"], None]] = {
    command.__name__: command
    for command in (
        offer_create, offer_approve, offer_kill, coupon_issue, coupon_claim, coupon_codes,
        coupon_accept, coupon_give_back, coupon_lapse, coupon_reconcile, device_add, device_revoke,
    )
} | STEPS  # fmt: skip
