"""How long a text takes to say, and how the rest of the time is shared."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from quanyu.content.generation.draft import Part

SECONDS_MIN = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """Characters a minute. A host in a show speaks at 200 to 260, a voice-over at 250 to 300."""

    per_minute: int

    def seconds(self, text: str) -> int:
        return max(SECONDS_MIN, -(-len(text) * 60 // self.per_minute))

    def part(self, role: str, text: str, *, items: tuple[str, ...] = ()) -> Part:
        return Part(role, text, seconds=self.seconds(text), items=items)


SHOW = Pace(240)
VIDEO = Pace(280)


def time_of(parts: Sequence[Part]) -> int:
    return sum(one.seconds or 0 for one in parts)


def stretched(
    parts: Sequence[Part], seconds: int, *, roles: Sequence[str], most: int
) -> list[Part]:
    """Gives the rest of the time to parts of these roles in turn, at most so much to each; what is
    left even then goes to all parts that do not sell. Raises ValueError when there is no rest."""
    left = seconds - time_of(parts)
    if left < 0:
        raise ValueError("the parts take longer than the time")
    given = [0] * len(parts)
    chosen = [place for place, one in enumerate(parts) if one.role in roles]
    shared = min(left, most * len(chosen))
    _share(given, chosen, seconds=shared)
    _share(
        given, [n for n, one in enumerate(parts) if one.purpose == "value"], seconds=left - shared
    )
    return [msgspec.structs.replace(one, seconds=(one.seconds or 0) + more)
            for one, more in zip(parts, given, strict=True)]  # fmt: skip


def _share(given: list[int], places: Sequence[int], *, seconds: int) -> None:
    for number, place in enumerate(places):
        each, rest = divmod(seconds, len(places))
        given[place] += each + (number < rest)
