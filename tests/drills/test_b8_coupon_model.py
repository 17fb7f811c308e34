"""B8 for coupons: any commands of many people at any time, in groups and alone, against a model
that knows nothing of the code; the book is added up after each step. Seeded mutants are caught.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import FreshDatabases
from tests.money_ground import SHOP, Desk, person

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, FixedClock, parse_iso
from quanyu.errors import Refused
from quanyu.promotions.coupons import deciding
from quanyu.promotions.coupons.coupon import Issue
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.coupons.step import Move, Step
from quanyu.storage.postgres.coupons.reconciling import differences
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.drill
START_US = parse_iso("2026-03-10T12:00:00+08:00")
FACE_FEN = 2000
PIECES, BUDGET_FEN, PER_PERSON = 6, 5 * FACE_FEN + 500, 3


@dataclass
class Piece:
    holder: int
    ends_us: int
    face_fen: int = FACE_FEN
    state: str = "issued"
    order: str = ""
    until_us: int = 0
    spent_fen: int = 0
    used_us: int = 0


@dataclass
class Model:
    """An offer on paper: a list of pieces and two numbers."""

    now_us: int = START_US
    pieces: dict[str, Piece] = field(default_factory=dict)
    free_fen: int = BUDGET_FEN
    rests: list[Piece] = field(default_factory=list)
    """Parts that came back and have no name yet."""

    def wake(self, name: str) -> Piece | None:
        found = self.pieces.get(name)
        if found and found.state in ("locked", "gifting") and found.until_us <= self.now_us:
            found.state, found.order = "issued", ""
        return found

    def issue(self, who: int) -> bool:
        had = sum(piece.holder == who for piece in self.issued_to.values())
        return had < PER_PERSON and len(self.issued_to) < PIECES and self.free_fen >= FACE_FEN

    issued_to: dict[str, Piece] = field(default_factory=dict)

    def issued(self, name: str, who: int) -> None:
        piece = Piece(who, self.now_us + 7 * DAY_US)
        self.pieces[name] = piece
        self.issued_to[name] = Piece(who, 0)
        self.free_fen -= FACE_FEN

    def act(self, verb: str, name: str, *, who: int, order: str, fen: int) -> bool:
        piece = self.wake(name)
        if piece is None:
            return False
        over = piece.ends_us <= self.now_us
        return {
            "lock": self._lock, "unlock": self._unlock, "use": self._use, "redeem": self._redeem,
            "undo": self._undo, "return": self._return, "void": self._void, "expire": self._expire,
            "gift": self._gift, "accept": self._accept, "take_back": self._take_back,
            "give_back": self._give_back,
        }[verb](piece, over, who, order, fen)  # fmt: skip

    def _lock(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "issued" or over:
            return False
        p.state, p.order, p.until_us = "locked", order, self.now_us + HOUR_US
        return True

    def _unlock(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "locked" or p.order != order:
            return False
        p.state, p.order = "issued", ""
        return True

    def _use(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "locked" or p.order != order or fen > p.face_fen:
            return False
        p.state, p.spent_fen, p.used_us = "used", fen, self.now_us
        self.free_fen += p.face_fen - fen
        return True

    def _redeem(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "issued" or over or fen < 10_000:
            return False
        p.state, p.order, p.spent_fen, p.used_us = "used", "", p.face_fen, self.now_us
        return True

    def _undo(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "used" or p.order or self.now_us > p.used_us + 15 * MINUTE_US:
            return False
        return self._back(p, over)

    def _return(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        mine = p.state == "used" and p.order == order and p.face_fen > 0
        return mine and self._back(p, over)

    def _give_back(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "used" or p.order != order or over or not 0 < fen <= p.spent_fen:
            return False
        p.face_fen, p.spent_fen = p.face_fen - fen, p.spent_fen - fen
        self.rests.append(Piece(p.holder, p.ends_us, face_fen=fen))
        return True

    def _back(self, p: Piece, over: bool) -> bool:
        if over:
            self.free_fen += p.spent_fen
            p.state = "expired"
        elif self.free_fen < p.face_fen - p.spent_fen:
            return False
        else:
            self.free_fen -= p.face_fen - p.spent_fen
            p.state = "issued"
        p.order, p.spent_fen = "", 0
        return True

    def _void(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "issued" or over:
            return False
        p.state = "void"
        self.free_fen += p.face_fen
        return True

    def _expire(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "issued" or not over:
            return False
        p.state = "expired"
        self.free_fen += p.face_fen
        return True

    def _gift(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "issued" or over or p.holder != who:
            return False
        p.state, p.until_us = "gifting", min(self.now_us + DAY_US, p.ends_us)
        return True

    def _accept(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "gifting" or over:
            return False
        p.state, p.holder = "issued", who
        return True

    def _take_back(self, p: Piece, over: bool, who: int, order: str, fen: int) -> bool:
        if p.state != "gifting" or over or p.holder != who:
            return False
        p.state = "issued"
        return True


VERBS = (
    "issue", "lock", "unlock", "use", "redeem", "undo", "return", "void", "expire", "gift",
    "accept", "take_back", "give_back",
)  # fmt: skip
Ask = tuple[str, int, int, int, int]
"""(verb, which piece, who, which order, fen)"""
ASKS = st.tuples(
    st.sampled_from(VERBS), st.integers(0, 6), st.integers(0, 2), st.integers(0, 1),
    st.sampled_from([0, 1, 700, FACE_FEN, FACE_FEN + 1, 9_999, 10_000]),
)  # fmt: skip
GROUPS = st.lists(
    st.tuples(
        st.lists(ASKS, min_size=1, max_size=6),
        st.sampled_from([0, MINUTE_US, 16 * MINUTE_US, HOUR_US, DAY_US, 7 * DAY_US]),
    ),
    min_size=3,
    max_size=10,
)


class Table:
    """The desk and the model side by side."""

    def __init__(self, desk: Desk, clock: FixedClock) -> None:
        self.desk, self.clock, self.model = desk, clock, Model()
        self.names: list[str] = []
        self.asked = 0
        desk.publish(
            pieces=PIECES, money=BUDGET_FEN, per_person=PER_PERSON, giftable=True, trips_at=1000
        )

    def write(self, asks: list[Ask], later_us: int) -> None:
        names = list(self.names)
        commands = [self.command(ask, names) for ask in asks]
        told = self.desk.writer.write(commands)
        for ask, command, answer in zip(asks, commands, told, strict=True):
            verb, _, who, order, fen = ask
            if isinstance(command, Issue):
                expected = self.model.issue(who)
                if not isinstance(answer, Refused):
                    self.names.append(answer.coupon.id)
                    self.model.issued(answer.coupon.id, who)
            else:
                expected = self.model.act(verb, command.coupon, who=who, order=f"o{order}", fen=fen)
            assert (not isinstance(answer, Refused)) is expected, (ask, answer, self.model)
        assert self.desk.writer.write(commands) == told, "the same keys, the same answers"
        self.name_rests()
        self.asked += len(asks)
        self.check()
        self.clock.advance(later_us)
        self.model.now_us = self.clock.now_us()

    def name_rests(self) -> None:
        """Parts that came back have got their names in the order in which they came."""
        with self.desk.database.transaction() as tx:
            rows = tx.execute("SELECT coupon, face_fen FROM coupon ORDER BY coupon_no").fetchall()
        new = [(name, face_fen) for name, face_fen in rows if name not in self.model.pieces]
        rests, self.model.rests = self.model.rests, []
        assert [face_fen for _, face_fen in new] == [rest.face_fen for rest in rests]
        for (name, _), rest in zip(new, rests, strict=True):
            self.names.append(name)
            self.model.pieces[name] = rest

    def command(self, ask: Ask, names: list[str]) -> Any:
        verb, which, who, order, fen = ask
        if verb == "issue":
            holder = person(who)
            return Issue(merchant=SHOP, request=self.desk.key(), offer="t1", holder=holder)
        words: dict[str, Any] = {"order": f"o{order}", "amount_fen": fen}
        if verb in ("redeem", "undo"):
            words = {"store": "s1", "amount_fen": fen}
        if verb in ("gift", "accept", "take_back"):
            words = {"holder": person(who), "gift": b"word"}
        name = names[which % len(names)] if names else "c_none"
        return self.desk.command(Verb(verb), name, **words)

    def check(self) -> None:
        book, pieces = self.desk.balances(), self.model.pieces.values()
        assert book["fen/free"] == self.model.free_fen
        assert book["fen/spent"] == sum(p.spent_fen for p in pieces if p.state == "used")
        assert book["fen/free"] + book["fen/out"] + book["fen/spent"] == BUDGET_FEN
        assert min(v for k, v in book.items() if not k.endswith(("minted", "granted"))) >= 0
        assert book["pieces/free"] == PIECES - len(self.model.issued_to)
        live = [p for p in pieces if p.state in ("issued", "locked", "gifting")]
        assert book["pieces/out"] == len(live)
        assert book["fen/out"] == sum(p.face_fen for p in live)
        assert book["pieces/used"] == sum(p.state == "used" for p in pieces)
        with self.desk.database.transaction() as tx:
            assert differences(tx, self.desk.book)[1] == []


@contextmanager
def table(fresh_databases: FreshDatabases) -> Iterator[Table]:
    url = fresh_databases.take()
    clock = FixedClock(START_US)
    with Database(url) as database:
        yield Table(Desk(database, clock), clock)
    fresh_databases.discard(url)


def test_the_desk_does_what_the_model_says(fresh_databases: FreshDatabases) -> None:
    asked = 0

    @settings(max_examples=25, database=None, derandomize=True)
    @given(GROUPS)
    def play(groups: list[tuple[list[Ask], int]]) -> None:
        nonlocal asked
        with table(fresh_databases) as one:
            one.write([("issue", 0, who, 0, 0) for who in (0, 1)], 0)
            for asks, later_us in groups:
                one.write(asks, later_us)
            asked += one.asked

    play()
    report = {"attempted": asked, "acked": asked, "lost": 0, "duplicates": 0, "violations": 0}
    print(json.dumps({"drill": "B8 coupons", **report}))


def _free_pieces(step: Step) -> Step:
    """Forgets to take the money out."""
    moves = tuple(move for move in step.moves if (move.unit, move.source) != ("fen", "free"))
    return msgspec.structs.replace(step, moves=moves)


def _keeps_the_rest(step: Step) -> Step:
    """Does not give back what a use has not spent."""
    moves = tuple(m for m in step.moves if (m.source, m.target) != ("out", "free"))
    return msgspec.structs.replace(step, moves=moves)


def _one_fen_more(step: Step) -> Step:
    moves = tuple(
        Move(m.unit, m.source, m.target, m.amount + (m.unit == "fen" and m.target == "spent"))
        for m in step.moves
    )
    return msgspec.structs.replace(step, moves=moves)


def _no_limit(step: Step) -> Step:
    """A lock that never falls back."""
    coupon = step.coupon
    if coupon.until_us is None:
        return step
    later = msgspec.structs.replace(coupon, until_us=coupon.until_us + 365 * DAY_US)
    return msgspec.structs.replace(step, coupon=later)


def _rest_for_nothing(step: Step) -> Step:
    """A part that comes back is worth a fen more than it was."""
    if step.rest is None:
        return step
    more = msgspec.structs.replace(step.rest, face_fen=step.rest.face_fen + 1)
    return msgspec.structs.replace(step, rest=more)


def _twice_worth(step: Step) -> Step:
    """What has come back in part stays with the used piece too."""
    if step.rest is None:
        return step
    fen = step.rest.face_fen
    kept = msgspec.structs.replace(step.coupon, face_fen=step.coupon.face_fen + fen)
    return msgspec.structs.replace(step, coupon=kept)


MUTANTS: dict[str, Callable[[Step], Step]] = {
    "issue without money": _free_pieces,
    "the rest stays out": _keeps_the_rest,
    "one fen too many": _one_fen_more,
    "locks without end": _no_limit,
    "a rest for nothing": _rest_for_nothing,
    "worth twice": _twice_worth,
}
STORY: list[tuple[list[Ask], int]] = [
    ([("issue", 0, 0, 0, 0), ("issue", 0, 1, 0, 0), ("issue", 0, 1, 0, 0)], 0),
    ([("lock", 0, 0, 0, 0), ("lock", 1, 1, 1, 0)], 0),
    ([("use", 0, 0, 0, 700)], 0),
    ([("give_back", 0, 0, 0, 701), ("give_back", 0, 0, 0, 1)], 2 * HOUR_US),
    ([("lock", 1, 1, 0, 0), ("redeem", 2, 1, 0, 10_000)], MINUTE_US),
    ([("return", 0, 0, 0, 0), ("undo", 2, 1, 0, 0), ("void", 2, 1, 0, 0)], 7 * DAY_US),
    ([("expire", 0, 0, 0, 0), ("use", 1, 1, 0, 1)], 0),
]


def play_story(one: Table) -> None:
    for asks, later_us in STORY:
        one.write(asks, later_us)


def test_the_story_is_true_without_a_mutant(fresh_databases: FreshDatabases) -> None:
    with table(fresh_databases) as one:
        play_story(one)


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_a_mutant_is_caught(
    fresh_databases: FreshDatabases, monkeypatch: pytest.MonkeyPatch, mutant: Callable[[Step], Step]
) -> None:
    right = {"issue": deciding.issue, "step": deciding.step}

    def wrong(name: str) -> Callable[..., Any]:
        def decide(*words: Any, **more: Any) -> Any:
            told = right[name](*words, **more)  # type: ignore[operator]
            return mutant(told) if isinstance(told, Step) else told

        return decide

    for name in right:
        monkeypatch.setattr(deciding, name, wrong(name))
    with table(fresh_databases) as one, pytest.raises(AssertionError):
        play_story(one)
