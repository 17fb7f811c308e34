"""A question that has been looked at: its touchpoint is there, its place and time can be used, its
identifiers are tokens."""

from dataclasses import dataclass

from quanyu.customers.identity.identifiers import read_identifier
from quanyu.decisions.asking import Ask
from quanyu.decisions.serving.moments import at_us_of, check_place
from quanyu.decisions.serving.ports import Identifiers
from quanyu.errors import BadInput
from quanyu.ids import Tokeniser
from quanyu.touchpoints.ecosystem import Ecosystem


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    merchant: str
    ask: Ask
    who: Identifiers
    trace: bytes
    """16 bytes."""
    at_us: int


def checked(ask: Ask, ecosystem: Ecosystem, *, now_us: int) -> int:
    """The moment that counts. Raises BadInput with the field."""
    touchpoint, page = ecosystem.touchpoint(ask.touchpoint), ask.context.page
    slots = touchpoint.slots if ask.slots is None else min(touchpoint.slots, ask.slots)
    if page is not None and page.modules < slots + page.ads:
        mend = f"count the {slots} slots asked for and the ads elsewhere among the modules"
        raise BadInput("context.page.modules", mend)
    check_place(ask.context)
    return at_us_of(ask.context, now_us)


def tokens_of(ask: Ask, tokeniser: Tokeniser) -> Identifiers:
    """Sorted by kind. Raises BadInput for what is no identifier."""
    read = (read_identifier(f"{kind}:{value}") for kind, value in ask.identifiers.items())
    return tuple(sorted((kind, tokeniser.token(kind, value)) for kind, value in read))
