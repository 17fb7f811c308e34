"""What pieces are held against, and when."""

from dataclasses import dataclass

from quanyu.clock import Clock, china_day
from quanyu.compliance.policy import Policy
from quanyu.compliance.showing import Gate, Unlawful
from quanyu.compliance.verdict import Verdict
from quanyu.content.library.reviewing import review
from quanyu.content.piece import Piece


@dataclass(frozen=True, slots=True)
class Rules:
    gate: Gate
    policy: Policy
    clock: Clock
    four_eyes: bool = False
    """Must somebody else than the author approve?"""

    def review(self, piece: Piece, merchant: str) -> Verdict:
        """As of today; changes nothing."""
        on = china_day(self.clock.now_us())
        return review(piece, merchant, gate=self.gate, policy=self.policy, on=on)

    def let_through(self, piece: Piece, merchant: str) -> Verdict:
        """Raises Unlawful unless it may be shown as it is."""
        verdict = self.review(piece, merchant)
        if not verdict.may_be_shown:
            raise Unlawful(f"content {piece.id}", verdict)
        return verdict
