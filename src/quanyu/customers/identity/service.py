"""The identity desk: link, unlink, look up, review. Nothing is merged that cannot be undone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.answers import Edge, EdgeId, No, Person, Rebuilt, Refused
from quanyu.customers.identity.identifiers import is_storable, read_identifier
from quanyu.customers.identity.kinds import Kinds, shipped_kinds
from quanyu.customers.identity.ledger import Verdict
from quanyu.customers.identity.rules import rule_code, rule_names, shipped_rules
from quanyu.errors import BadInput, NotFound
from quanyu.events.scrub import NO_NAME, is_plain_name, scrub_props
from quanyu.ids import Tokeniser

REVIEW_MAX = 200
EVIDENCE_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says about a pair. ``evidence`` holds no personal values."""

    rule: str
    actor: str
    at_us: int
    evidence: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 0.0


Ends = tuple[Identifier, Identifier]


class IdentityStore(Protocol):
    """The ledger and what follows from it; each call is one transaction."""

    def link(
        self, merchant: str, ends: Ends, *, said: Statement, only_if_accepted: bool = False
    ) -> Edge:
        """With ``only_if_accepted`` nothing is kept unless the edge comes out accepted."""

    def link_many(self, merchant: str, stated: Sequence[tuple[Ends, Statement]]) -> int:
        """Returns the number of lines that changed something. All statements share one rule
        and actor."""

    def unlink(self, merchant: str, edge: EdgeId, *, said: Statement) -> Edge: ...

    def edge(self, merchant: str, edge: EdgeId) -> Edge | None: ...

    def edges(self, merchant: str, nodes: Iterable[int]) -> list[Edge]: ...

    def review(self, merchant: str, limit: int) -> list[Edge]: ...

    def person(self, merchant: str, identifier: Identifier) -> Person | None: ...

    def rebuild(self, merchant: str) -> Rebuilt: ...

    def merchants(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class LikelyPair:
    """Two rows of a table that may be one person's. Weight in log2 of the odds."""

    left: int
    right: int
    weight: float
    levels: Mapping[str, int]
    """Comparison → level of agreement: 0 differs, higher agrees more, -1 unknown."""


@dataclass(frozen=True, slots=True)
class Matched:
    """``identifiers[row]`` are (kind, value) of the row, in memory only."""

    identifiers: Sequence[tuple[str, str]]
    pairs: Sequence[LikelyPair]
    model: str


class Matcher(Protocol):
    def match(self, table: Path) -> Matched: ...


@dataclass(frozen=True, slots=True)
class MatchReport:
    rows: int
    pairs: int
    accepted: int
    review: int
    new: int

    def as_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


class IdentityService:
    def __init__(
        self,
        store: IdentityStore,
        *,
        tokeniser_of: Callable[[str], Tokeniser],
        clock: Clock,
        kinds: Kinds | None = None,
        matcher: Matcher | None = None,
    ) -> None:
        self._store = store
        self._tokeniser_of = tokeniser_of
        self._clock = clock
        self._kinds = kinds or shipped_kinds()
        self._matcher = matcher

    def identifier(self, merchant: str, text: str) -> Identifier:
        """``"phone:138…"`` → (kind, token). Raises BadInput."""
        kind, value = read_identifier(text)
        return kind, self._tokeniser_of(merchant).token(kind, value)

    def link(
        self,
        merchant: str,
        ends: tuple[str, str],
        *,
        rule: str,
        actor: str,
        evidence: Mapping[str, Any] | None = None,
    ) -> Edge:
        """Says that two identifiers are one person's. The edge tells what came of it: accepted,
        or waiting for review and why. Raises BadInput."""
        if rule not in rule_names("caller", "review"):
            usable = ", ".join(rule_names("caller", "review"))
            raise BadInput("rule", f"{rule!r} is not one of {usable}")
        one, other = (self._linkable(merchant, text) for text in ends)
        if one == other:
            raise BadInput("identifier", "the two are the same; give two different identifiers")
        said = _said(rule, actor, at_us=self._clock.now_us(), evidence=evidence or {})
        return self._store.link(merchant, (one, other), said=said)

    def unlink(self, merchant: str, edge: str, *, actor: str, reason: str = "") -> Edge | Refused:
        """Retracts an edge: people become what they would be without it. Raises BadInput and
        NotFound."""
        found = self._edge(merchant, edge)
        if found.verdict is Verdict.RETRACTED:
            return Refused(No.ALREADY_RETRACTED)
        said = self._retraction(found, actor, reason=reason)
        return self._store.unlink(merchant, found.id, said=said)

    def edges(self, merchant: str, identifier: str) -> list[Edge]:
        """Every edge at the person of an identifier, whatever became of it."""
        person = self.person(merchant, identifier)
        return self._store.edges(merchant, [node.node for node in person.nodes])

    def review(self, merchant: str, limit: int = REVIEW_MAX) -> list[Edge]:
        return self._store.review(merchant, limit)

    def accept_review(
        self, merchant: str, edge: str, *, actor: str, reason: str = ""
    ) -> Edge | Refused:
        """A person decides that the two ends are one customer's: a manual edge, which outranks
        all others. Refused when even so a cap would be broken."""
        found = self._edge(merchant, edge)
        if found.verdict.status != "review":
            return Refused(No.NOT_IN_REVIEW)
        evidence = {"review": str(found.id), "was": found.verdict.reason, "reason": reason}
        said = _said("manual", actor, at_us=self._clock.now_us(), evidence=evidence)
        made = self._store.link(merchant, found.ends, said=said, only_if_accepted=True)
        return made if made.verdict is Verdict.ACCEPTED else Refused(_REFUSALS[made.verdict])

    def reject_review(
        self, merchant: str, edge: str, *, actor: str, reason: str = ""
    ) -> Edge | Refused:
        """A person decides against: the edge is retracted, and comes back to review only when it
        is found in new behaviour."""
        found = self._edge(merchant, edge)
        if found.verdict.status != "review":
            return Refused(No.NOT_IN_REVIEW)
        said = self._retraction(found, actor, reason=reason)
        return self._store.unlink(merchant, found.id, said=said)

    def person(self, merchant: str, identifier: str) -> Person:
        """Raises BadInput, and NotFound when nobody has been seen with it."""
        kind, token = self.identifier(merchant, identifier)
        person = self._store.person(merchant, (kind, token))
        if person is None:
            raise NotFound(f"no customer of {merchant!r} has been seen with this {kind}")
        return person

    def rebuild(self, merchant: str | None = None) -> list[Rebuilt]:
        """Works out all people again from the ledger; of one merchant or of all."""
        names = self._store.merchants() if merchant is None else [merchant]
        return [self._store.rebuild(name) for name in names]

    def match(self, merchant: str, table: Path, *, actor: str = "match") -> MatchReport:
        """Finds rows of a table that are likely one person's and asserts edges between their
        identifiers. Personal columns stay in memory; levels of agreement are kept as evidence."""
        assert self._matcher is not None, "wiring gives a matcher"
        found = self._matcher.match(table)
        tokeniser, at_us = self._tokeniser_of(merchant), self._clock.now_us()
        tokens = [(kind, tokeniser.token(kind, value)) for kind, value in found.identifiers]
        stated: list[tuple[Ends, Statement]] = []
        for pair in found.pairs:
            ends = tokens[pair.left], tokens[pair.right]
            if ends[0] != ends[1]:
                evidence = {"model": found.model, "levels": dict(pair.levels)}
                said = Statement("probabilistic", actor, at_us, evidence, pair.weight)
                stated.append((ends, said))
        new = self._store.link_many(merchant, stated) if stated else 0
        needed = shipped_rules()[rule_code("probabilistic")].accept
        sure = sum(said.weight >= needed for _, said in stated)
        return MatchReport(len(tokens), len(stated), sure, len(stated) - sure, new)

    def _linkable(self, merchant: str, text: str) -> Identifier:
        kind, value = read_identifier(text)
        if self._kinds.is_blocked(kind, value):
            raise BadInput("identifier", f"this {kind} stands for nobody, so it can join nobody")
        return kind, self._tokeniser_of(merchant).token(kind, value)

    def _edge(self, merchant: str, text: str) -> Edge:
        edge = self._store.edge(merchant, EdgeId.parse(text))
        if edge is None:
            raise NotFound(f"{merchant!r} has no edge {text}; see person edges")
        return edge

    def _retraction(self, edge: Edge, actor: str, *, reason: str) -> Statement:
        """Not before anything that the edge says, so that a clock behind cannot void it."""
        at_us = max(self._clock.now_us(), *(line.at_us for line in edge.ledger))
        evidence = {"reason": reason} if reason else {}
        return _said(edge.id.rule, actor, at_us=at_us, evidence=evidence)


_REFUSALS = {
    Verdict.CAP: No.BREAKS_A_CAP,
    Verdict.SHARED: No.SHARED_DEVICE,
    Verdict.BLOCKED: No.BLOCKED_VALUE,
    Verdict.RETRACTED: No.ALREADY_RETRACTED,
}
"""The last one meets a clock that went back: the decision is older than an earlier retraction."""


def _said(rule: str, actor: str, *, at_us: int, evidence: Mapping[str, Any]) -> Statement:
    """Raises BadInput for what the ledger cannot keep."""
    if not actor.strip() or not is_storable(actor):
        raise BadInput("actor", "name who says so, in plain text")
    texts = (one for one in (*evidence, *evidence.values()) if isinstance(one, str))
    if not all(map(is_storable, texts)):
        raise BadInput("evidence", "write plain text without NUL characters")
    if len(msgspec.json.encode(evidence)) > EVIDENCE_BYTES_MAX:
        raise BadInput("evidence", f"write at most {EVIDENCE_BYTES_MAX} bytes")
    if not is_plain_name(actor):
        raise BadInput("actor", NO_NAME)
    return Statement(rule, actor, at_us, scrub_props(evidence))
