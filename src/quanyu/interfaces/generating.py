"""What the doors of generation share: the form, the work, and the answer."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from quanyu.compliance.copy import OnRecord, with_files
from quanyu.content.generation.brief import Brief, GeneratedKind
from quanyu.content.generation.making import Maker, Tally, Try, Wish, gate_of, proofs_of
from quanyu.content.generation.ports import WriterUnavailable
from quanyu.errors import BadInput
from quanyu.settings import Settings
from quanyu.strict import decoded
from quanyu.wiring.writing import Provider, producer_of, writer_for

REASONS_TOLD_MAX = 20
Read = Callable[[str], bytes | None]
"""The bytes of a proof; None: there is no such file."""


class GenerateForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: GeneratedKind
    brief: Brief
    count: Annotated[int, Meta(ge=1, le=50)] = 1
    seed: Annotated[int, Meta(ge=0, le=10**9)] = 0
    provider: Provider = "template"


def read_brief(text: bytes) -> Brief:
    """Raises BadInput with the path of the field."""
    return decoded(text, Brief, name="brief").checked()


def maker_for(
    brief: Brief, settings: Settings, *, merchant: str, provider: Provider, read: Read
) -> Maker:
    """Raises BadInput when the settings do not name the provider."""
    record = OnRecord(claims=with_files(proofs_of(brief).claims, read))
    writer = writer_for(settings, provider)
    return Maker(writer, gate_of(brief, record), producer_of(settings, merchant))


class Batch:
    """Tries as they come: pieces, a tally, and the reasons of what was given up."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self.tally = Tally(asked=wish.count)
        self.pieces: list[Try] = []
        self.given_up: list[Try] = []
        self.stopped: str | None = None

    def fill(self, maker: Maker, *, after: Callable[[int], object] = lambda made: None) -> "Batch":
        """All tries; ``after`` hears how many pieces there are. A writer that goes away ends it,
        and what is there stays. Raises BadInput or WriterUnavailable when there is nothing."""
        try:
            for one in maker.tries(self._wish):
                self.add(one)
                after(self.tally.made)
        except WriterUnavailable as away:
            if not self.pieces:
                raise
            self.stopped = str(away)
        if not self.pieces and self.given_up:
            raise no_piece(self.given_up[0])
        return self

    def add(self, one: Try) -> None:
        self.tally.add(one)
        if one.made is not None:
            self.pieces.append(one)
        elif not one.duplicate and len(self.given_up) < REASONS_TOLD_MAX:
            self.given_up.append(one)

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self.tally)
        told["stopped"] = self.stopped
        told["reasons"] = [given_up_json(one) for one in self.given_up]
        return told


def no_piece(one: Try) -> BadInput:
    """The gravest reason, with its article and its mend."""
    hits = one.outcome.reasons
    if not hits:
        return BadInput("brief", one.outcome.failure or "nothing usable was written; try again")
    hit = hits[0]
    return BadInput(hit.field, f"“{hit.text}”{hit.article}：{hit.why}。{hit.suggestion}")


def piece_json(one: Try) -> dict[str, Any]:
    assert one.made is not None, "a try that made something"
    outcome = one.outcome
    told = one.made.as_json()
    told["seed"], told["rounds"] = one.seed, outcome.rounds
    told["changes"] = [msgspec.to_builtins(change) for change in outcome.changes]
    told["review"] = outcome.verdict.as_json()
    return told


def given_up_json(one: Try) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "seed": one.seed, "rounds": outcome.rounds, "failure": outcome.failure,
        "hits": [msgspec.to_builtins(hit) for hit in outcome.reasons],
    }  # fmt: skip


def titles(pieces: Sequence[Try]) -> list[str]:
    return [one.made.piece.title for one in pieces if one.made is not None]
