"""Requests as the doors make them: the content in one spelling, people as tokens."""

from collections.abc import Mapping
from typing import Any

import msgspec

from quanyu.customers.identity.identifiers import read_identifier
from quanyu.events.requests import Request
from quanyu.ids import Tokeniser

PEOPLE = ("identifier", "to")
"""Fields that name somebody. A plain hash of a phone number would be reversed in minutes."""


def request_for(
    merchant: str, operation: str, *, key: str, body: Mapping[str, Any], tokeniser: Tokeniser
) -> Request:
    """Raises BadInput for an identifier or a key that cannot be."""
    plain = {name: body[name] for name in sorted(body) if body[name] is not None}
    for name in PEOPLE:
        if name in plain:
            kind, value = read_identifier(plain[name])
            plain[name] = f"{kind}:{tokeniser.token(kind, value).hex()}"
    return Request(merchant, operation, key, msgspec.json.encode(plain))
