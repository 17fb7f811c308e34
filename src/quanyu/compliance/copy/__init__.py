"""Review of advertising copy under the law of a day."""

from quanyu.compliance.copy.claims import Claim, OnRecord, Override, with_files
from quanyu.compliance.copy.reviewing import review

__all__ = ["Claim", "OnRecord", "Override", "review", "with_files"]
