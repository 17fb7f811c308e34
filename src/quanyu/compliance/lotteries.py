"""Lotteries (抽奖): what must be published, what may not change, and a draw that anybody can redo.

A ticket's roll is HMAC-SHA256(seed, lottery id and ticket): nobody chooses it, and with the seed,
whose hash was published before the start, everybody can compute it again.
"""

import hmac
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from hashlib import sha256

import msgspec

from quanyu.clock import china_day, months_later
from quanyu.compliance.law import Law
from quanyu.compliance.verdict import Hit, Verdict
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX, format_yuan

WHOLE_PPM = 1_000_000
SEED_BYTES_MIN = 16


class Prize(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    value_fen: int
    pieces: int
    odds_ppm: int
    """Of one ticket, in millionths."""


class Lottery(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    prizes: tuple[Prize, ...]
    starts_us: int
    ends_us: int
    terms: str
    """Who may take part, when and how it is drawn, how prizes are handed out, by whom."""
    seed_hash: str
    """Hex SHA-256 of the seed of the draw."""
    published: bool = False


def review_lottery(lottery: Lottery, *, on: date) -> Verdict:
    """Before it starts. Raises BadInput for one that contradicts itself."""
    _sound(lottery)
    return Verdict(tuple(_unlawful(lottery, Law.of("lottery", on))))


def _sound(lottery: Lottery) -> None:
    if lottery.starts_us >= lottery.ends_us:
        raise BadInput("lottery.ends", "let it end after it starts")
    for n, prize in enumerate(lottery.prizes):
        if not 0 <= prize.value_fen <= FEN_MAX:
            raise BadInput(f"lottery.prizes[{n}].value", f"write fen from 0 to {FEN_MAX}")
    if len({prize.name for prize in lottery.prizes}) < len(lottery.prizes):
        raise BadInput("lottery.prizes", "give each prize a name of its own")
    if sum(max(0, prize.odds_ppm) for prize in lottery.prizes) > WHOLE_PPM:
        raise BadInput("lottery.prizes", "let the odds sum to a million parts at most")


def _unlawful(lottery: Lottery, law: Law) -> Iterator[Hit]:
    most_fen = law.figure("lottery.prize_max", "prize_fen_max")
    for n, prize in enumerate(lottery.prizes):
        place = f"prizes[{n}]"
        if most_fen is not None and prize.value_fen > most_fen:
            why = f"{prize.name} 值 {format_yuan(prize.value_fen)}，超过 {format_yuan(most_fen)}"
            yield from law.hits("lottery.prize_max", f"{place}.value", why=why)
        for name in ("name", "pieces", "odds_ppm"):
            told = getattr(prize, name)
            if not told or (isinstance(told, int) and told < 0):
                yield from law.hits("lottery.unpublished", f"{place}.{name}")
    if not lottery.prizes:
        yield from law.hits("lottery.unpublished", "prizes")
    if not lottery.terms.strip():
        yield from law.hits("lottery.unpublished", "terms")
    if not lottery.published:
        yield from law.hits("lottery.unpublished", "published")


def review_change(before: Lottery, after: Lottery, *, now_us: int) -> Verdict:
    """Once it has started nothing changes, not even in favour of people (the strict reading)."""
    if now_us < before.starts_us or before == after:
        return Verdict()
    fields = [name for name in Lottery.__struct_fields__
              if getattr(before, name) != getattr(after, name)]  # fmt: skip
    law = Law.of("lottery", china_day(now_us))
    return Verdict(tuple(hit for name in fields for hit in law.hits("lottery.changed", name)))


def review_winners(
    lottery: Lottery, won: Iterable[str], *, told: Collection[str], on: date
) -> Verdict:
    """``won``: names of the prizes that were won; ``told``: those whose winners are published."""
    law = Law.of("lottery", on)
    least_fen = law.figure("lottery.winners", "winner_fen_min")
    values = {prize.name: prize.value_fen for prize in lottery.prizes}
    hidden = sorted(
        name for name in set(won) - set(told)
        if least_fen is not None and values[name] >= least_fen
    )  # fmt: skip
    return Verdict(
        tuple(hit for name in hidden for hit in law.hits("lottery.winners", f"winners.{name}"))
    )


def keep_until(lottery: Lottery) -> date:
    """The first day on which its records may go."""
    ended = china_day(lottery.ends_us)
    years = Law.of("lottery", ended).figure("lottery.records", "keep_years_min")
    return months_later(ended, 12 * (years or 0))


class Drawn(msgspec.Struct, frozen=True):
    """One ticket. ``rolled`` is what its roll fell on; it is won while there are pieces of it."""

    ticket: str
    roll_ppm: int
    rolled: str | None
    won: bool
    chain: str
    """Hex SHA-256 over the entry before and this one."""


def draw(lottery: Lottery, tickets: Iterable[str], *, seed: bytes) -> list[Drawn]:
    """In the order of the tickets, opaque names of chances; the same again gives the same.

    Raises BadInput for a seed that is not the published one, and for a ticket that comes twice.
    """
    if len(seed) < SEED_BYTES_MIN or sha256(seed).hexdigest() != lottery.seed_hash:
        raise BadInput("seed", "draw with the seed whose SHA-256 was published")
    left = {prize.name: prize.pieces for prize in lottery.prizes}
    log: list[Drawn] = []
    seen: set[str] = set()
    chain = sha256(msgspec.json.encode(lottery)).hexdigest()
    for ticket in tickets:
        if ticket in seen:
            raise BadInput("tickets", f"{ticket[:40]!r} comes twice")
        seen.add(ticket)
        one = _drawn(lottery, ticket, seed=seed, left=left, chain=chain)
        chain = one.chain
        log.append(one)
    return log


def _drawn(
    lottery: Lottery, ticket: str, *, seed: bytes, left: dict[str, int], chain: str
) -> Drawn:
    roll_ppm = roll_of(lottery.id, ticket, seed=seed)
    rolled = prize_at(lottery.prizes, roll_ppm)
    won = rolled is not None and left[rolled] > 0
    if won and rolled is not None:
        left[rolled] -= 1
    entry = msgspec.json.encode([chain, ticket, roll_ppm, rolled, won])
    return Drawn(ticket, roll_ppm, rolled, won, sha256(entry).hexdigest())


def roll_of(lottery: str, ticket: str, *, seed: bytes) -> int:
    """0 … 999,999; of 128 bits, so that no roll is likelier by more than 10⁻³²."""
    digest = hmac.digest(seed, msgspec.json.encode([lottery, ticket]), "sha256")
    return int.from_bytes(digest[:16]) * WHOLE_PPM >> 128


def prize_at(prizes: Sequence[Prize], roll_ppm: int) -> str | None:
    for prize in prizes:
        if roll_ppm < prize.odds_ppm:
            return prize.name
        roll_ppm -= prize.odds_ppm
    return None


def first_fault(lottery: Lottery, log: Sequence[Drawn], *, seed: bytes) -> int | None:
    """The number of the first entry that a draw with the seed does not give, from 0."""
    right = draw(lottery, [one.ticket for one in log], seed=seed)
    pairs = enumerate(zip(log, right, strict=True))
    return next((number for number, (one, other) in pairs if one != other), None)


def p_value(lottery: Lottery, log: Sequence[Drawn]) -> float:
    """χ² of what the rolls fell on against the published odds; small means: they differ."""
    from scipy.stats import chisquare

    odds_of: dict[str | None, int] = {one.name: one.odds_ppm for one in lottery.prizes}
    odds_of[None] = WHOLE_PPM - sum(odds_of.values())
    counts = dict.fromkeys((name for name, ppm in odds_of.items() if ppm), 0)
    for one in log:
        counts[one.rolled] += 1
    expected = [len(log) * odds_of[name] / WHOLE_PPM for name in counts]
    return float(chisquare(list(counts.values()), expected).pvalue)
