"""The naive model of a flash sale: a list of pieces that were handed out, searched again each time.

Written without a look at ``promotions.flash_sales``; two names of one person are told to it.
"""

from dataclasses import dataclass, field

SAME_PERSON = {"taobao_id:twin-a": "twin", "phone:13764021985": "twin"}


@dataclass
class Piece:
    request: str
    who: str
    ends_us: int
    word: str = "held"
    order: str = ""
    taken: bool = True
    """Out of the stock: until it is let go, or the book has noticed that its time is over."""

    def alive(self, now_us: int) -> bool:
        return self.word == "sold" or (self.word == "held" and now_us < self.ends_us)


@dataclass
class Till:
    now_us: int
    opens_us: int
    ends_us: int
    stock: int
    limit: int
    hold_us: int
    closed: bool = False
    pieces: list[Piece] = field(default_factory=list)

    def of(self, request: str) -> Piece | None:
        return next((one for one in self.pieces if one.request == request), None)

    def attempt(self, who: str, request: str) -> str:
        before = self.of(request)
        if before is not None:
            return before.word if before.who == who else "key_used_for_another_request"
        if self.closed:
            return "closed"
        if self.now_us >= self.ends_us:
            return "over"
        if self.now_us < self.opens_us:
            return "not_started"
        person = SAME_PERSON.get(who, who)
        mine = [p for p in self.pieces if SAME_PERSON.get(p.who, p.who) == person]
        if sum(one.alive(self.now_us) for one in mine) >= self.limit:
            return "per_person_limit"
        if self.free == 0:
            return "sold_out"
        self.pieces.append(Piece(request, who, self.now_us + self.hold_us))
        return "held"

    def claim(self, piece: Piece, order: str) -> str:
        if self.now_us >= piece.ends_us or piece.word == "expired":
            return "hold_expired"
        if piece.word != "held" or piece.order not in ("", order):
            return "wrong_state"
        piece.order = order
        return "held"

    def end(self, piece: Piece, order: str, *, word: str) -> str:
        if piece.word == word:
            return word if piece.order == order else "wrong_state"
        if piece.word == "expired" or (piece.word == "held" and self.now_us >= piece.ends_us):
            return "hold_expired"
        if piece.word != "held" or piece.order not in ("", order):
            return "wrong_state"
        piece.word, piece.order = word, order
        piece.taken = word == "sold"
        return word

    def book_expires(self) -> None:
        for one in self.pieces:
            if one.word in ("held", "expired") and one.ends_us <= self.now_us:
                one.taken = False

    def rows_expire(self) -> None:
        for one in self.pieces:
            if one.word == "held" and one.ends_us <= self.now_us:
                one.word = "expired"

    @property
    def free(self) -> int:
        return self.stock - sum(one.taken for one in self.pieces)

    @property
    def sold(self) -> int:
        return sum(one.word == "sold" for one in self.pieces)
