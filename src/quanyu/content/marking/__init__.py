"""The marks of generated content: one that people see, one that machines read (GB 45438-2025)."""

from quanyu.content.marking.record import Aigc, aigc_of

__all__ = ["Aigc", "aigc_of"]
