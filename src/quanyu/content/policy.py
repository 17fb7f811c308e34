"""Limits of the ecosystem on content: policy, not law, so an installation may set its own."""

import msgspec

from quanyu.content.piece import Kind

WHOLE_PERMILLE = 1_000
POLICY = "平台内容规范"
"""What stands where a hit of law names its article."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Shares are in thousandths of the whole; 1000 sets a limit off."""

    marketing_max_permille: int = 300
    """Of a video, an article, a passage: 70 % is worth watching for itself."""
    air_time_max_permille: int = 100
    """Of a live show: advertising besides the show's own goods."""
    four_eyes: bool = False
    """Must somebody else than the author approve?"""

    def limit_permille(self, kind: Kind) -> int:
        """A creative is an ad from end to end, and marked as one."""
        if kind == "creative":
            return WHOLE_PERMILLE
        return self.air_time_max_permille if kind == "show" else self.marketing_max_permille
