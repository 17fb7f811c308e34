"""How much of a piece may sell: limits of the ecosystem (``compliance.policy``), by kind."""

from quanyu.compliance.policy import Policy
from quanyu.content.piece import Kind

WHOLE_PERMILLE = 1_000
POLICY = "生态规则"
"""What stands where a hit of law names its article."""


def limit_permille(policy: Policy, kind: Kind) -> int:
    """Marketing of the whole, in thousandths; 1000 is no limit. A creative is an ad from end to
    end, and marked as one. In a show it is advertising besides the show's own goods."""
    if kind == "creative":
        return WHOLE_PERMILLE
    if kind == "show":
        return policy.live_ads_permille_max
    return WHOLE_PERMILLE - policy.content_value_permille_min
