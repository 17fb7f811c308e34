"""Buyers who claim, redeem, order, pay, return and spend over HTTP. Each writes down what it sends
before it sends it, sends it again under the same key until it is answered, and keeps on paper what
the answers promise."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from tests.drills.siege import Answer, Siege

LATER = (429, 500, 503, 507)
ITEMS = [
    {"line": "A", "shop": "main", "item": "cream", "quantity": 3, "list_price": 5_000},
    {"line": "B", "shop": "main", "item": "serum", "quantity": 1, "list_price": 20_000},
    {"line": "V", "shop": "main", "item": "hotpot-200", "quantity": 2, "list_price": 9_900},
]
CREAM, SERUM, HOTPOT = ITEMS


class Call(NamedTuple):
    path: str
    body: bytes


@dataclass
class Paper:
    """What must be there, if the answers were true."""

    things: dict[str, str] = field(default_factory=dict)
    """Coupon, order, hold, voucher or code → its state."""
    points: Counter[str] = field(default_factory=Counter)
    """Member → points, without those that paid orders have earned."""
    earning: dict[str, str] = field(default_factory=dict)
    """Paid order of a member → the member."""
    goods_back_fen: Counter[str] = field(default_factory=Counter)
    """Order → cash of the goods that came back."""
    cash_fen: int = 0


@dataclass
class Shoppers(Siege):
    codes: Iterator[str] = field(default_factory=lambda: iter(()))
    """Printed ones, each for one till."""
    journal: dict[str, Call] = field(default_factory=dict)
    told: dict[str, Answer] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    unanswered: int = 0

    def client(self, number: int) -> None:
        """Stories until it is over; then everything once more, and the answers must be equal."""
        paper = Paper()
        with self.lock:
            self.papers.append(paper)
        mine: list[str] = []
        for turn in count():
            if self.over.is_set():
                break
            buyer = Buyer(self, paper, number=number, turn=turn)
            STORIES[(number // 2 + turn) % len(STORIES)](buyer)
            mine += buyer.keys
        for key in mine:
            self.ask(key, self.journal[key])

    def ask(self, key: str, call: Call) -> Answer:
        with self.lock:
            self.journal.setdefault(key, call)
        while (answer := self.send(call.path, call.body, key=key)) is None or _later(answer):
            self.unanswered += answer is None
            if answer is not None and answer.status == 500:
                self.surprises.append(f"{call.path}: {answer.document}")
        with self.lock:
            if _lasting(self.told.setdefault(key, answer)) != _lasting(answer):
                self.surprises.append(f"{call.path}: {self.told[key]}, then {answer}")
        return answer


def _lasting(answer: Answer) -> Answer:
    """Of a reserved piece the answer says how it stands now."""
    said = answer.document
    return Answer(answer.status, said | {"state": ""}) if "hold" in said else answer


def _later(answer: Answer) -> bool:
    too_fast = answer.status == 429 and answer.document["error"]["code"] == "too_fast"
    return answer.status in LATER and not too_fast


class Buyer:
    """One person in one story."""

    def __init__(self, crowd: Shoppers, paper: Paper, *, number: int, turn: int) -> None:
        self.crowd, self.paper = crowd, paper
        self.name = f"{number}-{turn}"
        self.pair = f"pair-{number // 2}-{turn}"
        self.who = f"taobao_id:{self.name}"
        self.keys: list[str] = []

    def ask(self, path: str, body: Any = None, *, no: tuple[str, ...] = (), key: str = "") -> Any:
        """The document; None for one of the refusals that may be."""
        key = key or f"{self.name}-{len(self.keys)}"
        if key not in self.keys:
            self.keys.append(key)
        answer = self.crowd.ask(key, Call(f"/v1/{path}", json.dumps(body or {}).encode()))
        verb = "/".join(re.findall(r"(?:^|/)([a-z_]+)(?![^/])", path))
        if answer.status in (200, 201):
            self.crowd.done[verb] += 1
            return answer.document
        code = answer.document["error"]["code"]
        self.crowd.refused[code] += 1
        if code not in no:
            self.crowd.surprises.append(f"{path} {body}: {answer}")
        return None

    def read(self, path: str, body: Any) -> Any:
        while True:
            answer = self.crowd.send(f"/v1/{path}", json.dumps(body).encode())
            if answer is not None and not _later(answer):
                assert answer.status == 200, answer
                return answer.document

    def coupon(self, verb: str = "claim", *, offer: str = "shop20", **change: Any) -> str | None:
        """A piece, unless they are all gone."""
        form = {"offer": offer, "identifier": self.who}
        no = ("cap_pieces", "offer_not_active") if offer == "few" else ()
        made = self.ask(f"coupons/{verb}", form, no=no, **change)
        return self._kept(made) if made else None

    def redeem(self, **what: str) -> Any:
        return self._kept(self.ask("redemptions", {"amount": 12_000, "store": "s1", **what}))

    def redeem_shown(self, coupon: str) -> None:
        """A code that went stale while nobody answered is shown anew, under the same key; so it is
        not among what is sent once more in the end."""
        key, wanted = f"{self.name}-shown", {"coupon": coupon, "identifier": self.who}
        done = None
        while not done:
            self.crowd.told.pop(key, None)
            bill = {"amount": 12_000, "store": "s1"}
            bill["code"] = self.read("coupons/shown-code", wanted)["qr"]
            done = self.ask("redemptions", bill, no=("bad_code",), key=key)
        self.keys.remove(key)
        self._kept(done)

    def _kept(self, coupon: Any) -> str:
        state = coupon["state"]
        said = {"used": f"used for {coupon['discount']}", "issued": "issued"}[state]
        self.paper.things[f"coupon {coupon['coupon']}"] = said
        return str(coupon["coupon"])

    def join(self) -> None:
        joined = self.ask("points/members", {"programme": "stars", "identifier": self.who})
        self.paper.points[self.who] += joined["gift_points"]

    def place(self, order: str, lines: list[Any], *, no: tuple[str, ...] = (), **more: Any) -> Any:
        points = more.pop("points", 0)
        cart = {"now": "2026-03-10T12:00:00+08:00", "lines": lines, "points_to_spend": points}
        identifiers = {"taobao_id": self.who.partition(":")[2]}
        form = {"order": order, "identifiers": identifiers, "touchpoint": "taobao.detail"}
        placed = self.ask("orders", {**form, "cart": cart, "programme": "stars", **more}, no=no)
        if placed:
            self._stands(order, "placed", coupons=more.get("coupons", ()), state=f"locked {order}")
            self._pays(points)
            for hold in more.get("holds", ()):
                self.paper.things[f"hold {hold}"] = "held"
        return placed

    def pay(self, order: str, placed: Any, **with_it: Any) -> None:
        notice = {"amount": placed["payable"], "method": "alipay"}
        self.ask(f"orders/{order}/pay", notice)
        self.paper.cash_fen += placed["payable"]
        self._stands(order, "paid", coupons=with_it.get("coupons", ()), state=f"used {order}")
        if self.who in self.paper.points:
            self.paper.earning[order] = self.who
        for hold in with_it.get("holds", ()):
            self.paper.things[f"hold {hold}"] = "sold"
        self.ask(f"orders/{order}/pay", notice, no=("order_in_wrong_state",))

    def cancel(self, order: str, *, coupons: list[str], points: int) -> None:
        self.ask(f"orders/{order}/cancel")
        self._stands(order, "cancelled", coupons=coupons, state="issued")
        self._pays(-points)

    def refund(self, order: str, *units: tuple[str, int], no: tuple[str, ...] = ()) -> Any:
        said = {"units": [{"line": line, "unit": unit} for line, unit in units]}
        back = self.ask(f"orders/{order}/refund", said, no=no)
        if back:
            self.paper.cash_fen -= back["cash_fen"]
            self.paper.goods_back_fen[order] += back["cash_fen"] - back["shipping_fen"]
            self._pays(-back["points"])
            state = "refunded" if back["complete"] else "paid"
            self._stands(order, state, coupons=back["coupons"], state="issued")
        return back

    def _pays(self, points: int) -> None:
        if points:
            self.paper.points[self.who] -= points

    def _stands(self, order: str, at: str, *, coupons: Any, state: str) -> None:
        self.paper.things[f"order {order}"] = f"{at}, {self.paper.goods_back_fen[order]} back"
        for coupon in coupons:
            self.paper.things[f"coupon {coupon}"] = state

    def points(self, verb: str, said: Any, *, of: str, amount: int) -> Any:
        told = self.ask(f"points/{verb}", {"programme": "stars", **said})
        self.paper.points[of] += amount
        return told


def tills(buyer: Buyer) -> None:
    """By the code of the screen, by id, taken back, and by a printed code."""
    claimed, issued = buyer.coupon(), buyer.coupon("issue")
    buyer.coupon(offer="few")
    assert claimed is not None
    assert issued is not None
    buyer.redeem_shown(claimed)
    buyer.redeem(coupon=issued)
    buyer._kept(buyer.ask("redemptions/undo", {"coupon": issued, "store": "s1"}))
    buyer.redeem(code=next(buyer.crowd.codes))
    again = buyer.ask(
        "redemptions", {"amount": 12_000, "store": "s1", "coupon": claimed}, no=("wrong_state",)
    )
    assert again is None


def whole_order(buyer: Buyer) -> None:
    """Coupon, points and a reserved piece; paid; a unit goes back, and is asked for twice."""
    buyer.join()
    coupons = [buyer.coupon()]
    held = buyer.ask("flash-sales/noon/attempts", {"identifier": buyer.who}, no=("sold_out",))
    holds = [held["hold"]] if held else []
    lines, order = [CREAM, SERUM] if held else [CREAM], f"o-{buyer.name}"
    placed = buyer.place(order, lines, coupons=coupons, points=100, holds=holds)
    buyer.pay(order, placed, coupons=coupons, holds=holds)
    buyer.refund(order, ("A", 2))
    buyer.refund(order, ("A", 2), no=("unit_returned_already",))
    rest = [("A", 1), ("A", 3), ("B", 1)]
    buyer.refund(order, *rest[: len(lines) + 1])


def changed_mind(buyer: Buyer) -> None:
    """Cancelled; coupon and points go with the next order."""
    buyer.join()
    coupon = buyer.coupon()
    assert coupon is not None
    first, second = f"o-{buyer.name}-1", f"o-{buyer.name}-2"
    buyer.place(first, [CREAM], coupons=[coupon], points=200)
    buyer.cancel(first, coupons=[coupon], points=200)
    buyer.ask(f"orders/{first}/pay", {"amount": 1, "method": "x"}, no=("order_in_wrong_state",))
    placed = buyer.place(second, [CREAM], coupons=[coupon], points=150)
    buyer.pay(second, placed, coupons=[coupon])


def member(buyer: Buyer) -> None:
    """Points earned, spent, partly given back, given away and exchanged."""
    buyer.join()
    me, friend = buyer.who, f"{buyer.who}-friend"
    buyer.who = friend
    buyer.join()
    buyer.who = me
    mine, order = {"identifier": me}, f"e-{buyer.name}"
    earned = buyer.points(
        "earn", {**mine, "order": order, "lines": [{"cash": 50_000}]}, of=me, amount=500
    )
    assert earned["points"] == 500
    buyer.points("spend", {**mine, "order": order, "points": 90}, of=me, amount=-90)
    buyer.points("cancel", {"order": order, "points": 40}, of=me, amount=40)
    buyer.points("transfer", {**mine, "to": friend, "points": 33}, of=me, amount=-33)
    buyer.paper.points[friend] += 33
    code = buyer.ask(
        "points/exchange", {"programme": "stars", **mine, "item": "ride"}, no=("sold_out",)
    )
    if code:
        buyer.paper.points[me] -= code["points"]
        buyer.paper.things[f"code {code['code']}"] = "ordered"
    buyer.points("refund", {"order": order, "cash": 20_000}, of=me, amount=-200)


def dinner(buyer: Buyer) -> None:
    """Two vouchers are bought: one is scanned, undone, scanned and the rest refunded; one returned
    with its order."""
    order = f"v-{buyer.name}"
    buyer.pay(order, buyer.place(order, [HOTPOT]))
    held = buyer.read("vouchers/held", {"identifier": buyer.who})
    codes = {one["voucher"]: one["code"] for one in held}
    first, things = f"{order}:V:1", buyer.paper.things
    things[f"voucher {first}"] = things[f"voucher {order}:V:2"] = "0 used"
    scan = {"code": codes[first], "store": "s1"}
    used = buyer.ask("vouchers/use", {**scan, "amount": 5_000})
    buyer.ask(f"vouchers/uses/{used['use']}/undo")
    buyer.ask("vouchers/use", {**scan, "amount": 12_000})
    buyer.ask("vouchers/use", {**scan, "amount": 9_000}, no=("exceeds_rest_of_voucher",))
    back = buyer.ask(f"vouchers/{first}/refund")
    buyer.paper.cash_fen -= back["amount_fen"]
    things[f"voucher {first}"] = "12000 used, refunded"
    buyer.refund(order, ("V", 2))
    things[f"voucher {order}:V:2"] = "0 used, refunded"


def rivals(buyer: Buyer) -> None:
    """Two clients of one person: one coupon, asked for under one key, and an order of each."""
    buyer.who = f"taobao_id:{buyer.pair}"
    coupon = buyer.coupon("issue", key=buyer.pair)
    order = f"r-{buyer.name}"
    no = ("locked_by_other_order", "used_by_other_order", "wrong_state", "coupon_not_usable")
    placed = buyer.place(order, [CREAM], coupons=[coupon], no=no)
    if placed:
        buyer.pay(order, placed, coupons=[coupon])


STORIES: tuple[Callable[[Buyer], None], ...] = (
    whole_order, rivals, tills, changed_mind, member, dinner,
)  # fmt: skip
