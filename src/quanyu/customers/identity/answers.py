"""What identity answers: people, edges and what was refused. Identifiers are shown masked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quanyu.clock import format_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.kinds import shipped_kinds
from quanyu.customers.identity.ledger import Verdict
from quanyu.customers.identity.rules import rule_names
from quanyu.errors import BadInput
from quanyu.ids import Token

_EDGE = re.compile(r"(\d{1,18})-(\d{1,18})-([a-z_]{1,32})", re.ASCII)


def masked(identifier: Identifier) -> str:
    """``"phone:…a3f9"``: enough to tell two of a person's apart, too little to look one up."""
    kind, token = identifier
    return f"{kind}:…{token.hex()[-4:]}"


def public_id(tokens: Iterable[Token]) -> str:
    """``p_`` and the first 10 bytes of the smallest token: the same whatever came first."""
    return f"p_{min(tokens)[:10].hex()}"


@dataclass(frozen=True, slots=True)
class Node:
    node: int
    kind: str
    token: Token

    def as_json(self) -> dict[str, Any]:
        kind = shipped_kinds().of(self.kind)
        shown = masked((self.kind, self.token))
        return {"identifier": shown, "label": kind.label, "strength": kind.strength}


@dataclass(frozen=True, slots=True)
class Person:
    """One customer: the nodes that belong together. ``person`` is the smallest of them."""

    person: int
    nodes: tuple[Node, ...]

    @property
    def public_id(self) -> str:
        return public_id(node.token for node in self.nodes)

    def as_json(self) -> dict[str, Any]:
        kinds = shipped_kinds()
        ordered = sorted(self.nodes, key=lambda n: (-kinds.strength(n.kind), n.kind, n.token))
        return {"person": self.public_id, "identifiers": [node.as_json() for node in ordered]}


@dataclass(frozen=True, slots=True, order=True)
class EdgeId:
    """Names an edge for ever: node numbers are never given twice."""

    a: int
    b: int
    rule: str

    @classmethod
    def parse(cls, text: str) -> "EdgeId":
        found = _EDGE.fullmatch(text.strip())
        if found is None or int(found[1]) >= int(found[2]) or found[3] not in rule_names():
            raise BadInput("edge", f"{text!r} is not an edge such as 12-57-login; see person edges")
        return cls(int(found[1]), int(found[2]), found[3])

    def __str__(self) -> str:
        return f"{self.a}-{self.b}-{self.rule}"


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the ledger as people read it."""

    retracts: bool
    at_us: int
    weight: float
    actor: str
    evidence: Mapping[str, Any]
    recorded_us: int

    def as_json(self) -> dict[str, Any]:
        weighed = {"weight": round(self.weight, 3)} if self.weight else {}
        return {
            "action": "retract" if self.retracts else "assert",
            "at": format_iso(self.at_us),
            "actor": self.actor,
            **weighed,
            "evidence": dict(self.evidence),
            "recorded_at": format_iso(self.recorded_us),
        }


@dataclass(frozen=True, slots=True)
class Edge:
    id: EdgeId
    ends: tuple[Identifier, Identifier]
    verdict: Verdict
    ledger: tuple[Said, ...]
    """Oldest first by event time."""

    def as_json(self) -> dict[str, Any]:
        return {
            "edge": str(self.id),
            "between": [masked(end) for end in self.ends],
            "rule": self.id.rule,
            "status": self.verdict.status,
            "reason": self.verdict.reason,
            "ledger": [line.as_json() for line in self.ledger],
        }


class No(StrEnum):
    """Why a decision is not carried out."""

    NOT_IN_REVIEW = "not_in_review"
    BREAKS_A_CAP = "breaks_a_cap"
    SHARED_DEVICE = "shared_device"
    BLOCKED_VALUE = "blocked_value"
    ALREADY_RETRACTED = "already_retracted"


MENDS = {
    No.NOT_IN_REVIEW: "the edge does not wait for review; see quanyu identity review",
    No.BREAKS_A_CAP: "unlink an edge of one of the two people first: together they have more "
    "identifiers of one kind than a person may have",
    No.SHARED_DEVICE: "a shared device is no person's own; unlink its other edges first",
    No.BLOCKED_VALUE: "the value stands for nobody, so it can join nobody",
    No.ALREADY_RETRACTED: "the edge is retracted already; link the two again to restore it",
}


@dataclass(frozen=True, slots=True)
class Refused:
    reason: No

    @property
    def mend(self) -> str:
        return MENDS[self.reason]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Totals of one merchant after a rebuild."""

    merchant: str
    identifiers: int
    people: int
    edges: int
    accepted: int
    review: int
    retracted: int

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}
