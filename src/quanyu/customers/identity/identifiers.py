"""Identifiers as people type them: ``kind:value``."""

import re

from quanyu.errors import BadInput
from quanyu.events.admission import normalised

VALUE_MAX = 256
_KIND = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)


def read_identifier(text: str) -> tuple[str, str]:
    """``"phone:+86 138 0013 8001"`` → ``("phone", "13800138001")``. Raises BadInput."""
    kind, colon, value = text.strip().partition(":")
    if not colon or _KIND.fullmatch(kind) is None:
        raise BadInput("identifier", "write kind:value, such as taobao_id:543462")
    plain = normalised(kind, value)
    if not plain or len(value) > VALUE_MAX or not is_storable(value):
        raise BadInput("identifier", f"give a {kind} of 1 to {VALUE_MAX} characters")
    return kind, plain


def is_storable(text: str) -> bool:
    """Can it be kept as UTF-8 in PostgreSQL? A NUL or half a surrogate pair cannot."""
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
