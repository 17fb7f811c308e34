"""The naive model of points: every single point is an entry of a list with a word for its state.

Written without a look at ``promotions.loyalty``: nothing is summed up that could be counted.
"""

from dataclasses import dataclass, field

DAY_US = 86_400_000_000
EAST_US = 8 * 3_600_000_000
RETURN_DAYS, GOOD_DAYS = 7, 20


@dataclass
class Grant:
    order: str
    points: list[str]
    opens_us: int
    ends_us: int
    cash_fen: int
    refunded_fen: int = 0
    taken_back: int = 0

    def count(self, *states: str) -> int:
        return sum(point in states for point in self.points)


@dataclass
class Model:
    now_us: int
    grants: list[Grant] = field(default_factory=list)
    debt: int = 0
    spends: dict[str, int] = field(default_factory=dict)

    def count(self, *states: str) -> int:
        return sum(grant.count(*states) for grant in self.grants)

    def by_end(self) -> list[Grant]:
        return sorted(self.grants, key=lambda g: (g.ends_us, g.opens_us, self.grants.index(g)))

    def change(self, grants: list[Grant], number: int, *, words: tuple[str, str]) -> int:
        """Up to so many points pass from one word to another, grant by grant; returns how many."""
        old, new = words
        done = 0
        for grant in grants:
            for at, point in enumerate(grant.points):
                if point == old and done < number:
                    grant.points[at] = new
                    done += 1
        return done

    def pass_time(self, days: int) -> None:
        self.now_us += days * DAY_US
        self.catch_up()

    def catch_up(self) -> None:
        for grant in self.grants:
            if grant.opens_us <= self.now_us:
                self.change([grant], len(grant.points), words=("pending", "available"))
        self.pay()
        for grant in self.grants:
            if grant.ends_us <= self.now_us:
                self.change([grant], len(grant.points), words=("available", "expired"))

    def pay(self) -> None:
        self.debt -= self.change(self.by_end(), self.debt, words=("available", "paid"))

    def earn(self, order: str, cash_fen: int) -> int:
        number = cash_fen // 100
        if number:
            day = (self.now_us + EAST_US) // DAY_US
            ends_us = (day + GOOD_DAYS + 1) * DAY_US - EAST_US
            opens_us = self.now_us + RETURN_DAYS * DAY_US
            self.grants.append(Grant(order, ["pending"] * number, opens_us, ends_us, cash_fen))
        return number

    def spend(self, order: str, number: int) -> bool:
        if number > self.count("available") or order in self.spends:
            return False
        self.change(self.by_end(), number, words=("available", f"spent {order}"))
        self.spends[order] = number
        return True

    def out(self, order: str) -> int:
        return self.count(f"spent {order}")

    def cancel(self, order: str, number: int) -> int:
        """Returns how many came too late."""
        gone, left = 0, number
        for grant in reversed(self.by_end()):
            word = "expired" if grant.ends_us <= self.now_us else "available"
            back = self.change([grant], left, words=(f"spent {order}", word))
            left -= back
            gone += back if word == "expired" else 0
        assert left == 0
        self.pay()
        return gone

    def refund(self, order: str, cash_fen: int) -> int:
        (grant,) = [one for one in self.grants if one.order == order]
        grant.refunded_fen += cash_fen
        whole = len(grant.points) * grant.refunded_fen
        number = -(-whole // grant.cash_fen) - grant.taken_back
        grant.taken_back += number
        left = number
        for word in ("pending", "available"):
            left -= self.change([grant], left, words=(word, "reversed"))
        for word in ("pending", "available"):
            left -= self.change(self.by_end(), left, words=(word, "reversed"))
        self.debt += left
        return number
