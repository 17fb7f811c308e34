"""May this be sent, now? Asked in the transaction that sends, not when an audience was made.

消保法 29: no commercial messages without consent or after a refusal. What the desk says holds
until the caller's transaction ends: a withdrawal waits for it, and once a withdrawal has been
acknowledged nothing more is permitted. Quiet hours and fatigue are about when, not about whether,
and belong to whoever plans messages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from quanyu.clock import Clock, format_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.identifiers import is_storable
from quanyu.customers.privacy.consent import Ground, Subject, allowed, personalises
from quanyu.customers.privacy.purposes import Purpose, purpose_named
from quanyu.errors import BadInput, Refused
from quanyu.events.once import Transactions
from quanyu.events.scrub import NO_NAME, is_plain_name

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)
RECIPIENT_LENGTH_MAX = 64
ACTOR_LENGTH_MAX = 64


class Channel(StrEnum):
    SMS = "sms"
    PUSH = "push"
    MAIL = "mail"
    CALL = "call"
    IN_APP = "in_app"
    CHAT = "chat"
    """Enterprise messenger and service accounts."""
    EXPORT = "export"
    """Handed to a partner, who uses it there."""


EVERY_CHANNEL = "*"


class Suppressed(StrEnum):
    """Why nothing goes out on a channel."""

    UNSUBSCRIBED = "unsubscribed"
    COMPLAINT = "complaint"
    BOUNCED = "bounced"
    BLOCKED = "blocked"


STOPS_SERVICE = frozenset({Suppressed.BOUNCED, Suppressed.BLOCKED})
"""An unsubscribed customer still hears that the parcel has come."""


class SendRefusal(StrEnum):
    UNKNOWN_PERSON = "unknown_person"
    NO_CONSENT = "no_consent"
    WITHDRAWN = "consent_withdrawn"
    OLD_NOTICE = "notice_outdated"
    MINOR = "minor"
    GROWN_UP = "asked_as_minor"
    OFF_SWITCH = "personalisation_off"
    SUPPRESSED = "suppressed"
    RECIPIENT = "recipient_not_consented"
    ERASING = "being_erased"
    NOT_ASSESSED = "not_assessed"


OF_GROUND: Mapping[Ground, SendRefusal] = {
    Ground.NO_CONSENT: SendRefusal.NO_CONSENT,
    Ground.WITHDRAWN: SendRefusal.WITHDRAWN,
    Ground.OLD_NOTICE: SendRefusal.OLD_NOTICE,
    Ground.MINOR: SendRefusal.MINOR,
    Ground.GROWN_UP: SendRefusal.GROWN_UP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to send, and what for."""

    channel: Channel
    purpose: Purpose
    recipient: str = ""
    """Who gets the data, when it leaves the merchant."""
    personalised: bool = False
    """What is said, or that it is said to this person, hangs on the profile (PIPL 24)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts about one person at the moment of sending."""

    subject: Subject
    suppressed: Mapping[str, Suppressed] = field(default_factory=dict)
    """Channel, or ``*`` → why."""
    erasing: bool = False


@dataclass(frozen=True, slots=True)
class SendPermit:
    """Good inside the transaction in which it was given, for this wish."""

    wish: Wish
    ground: Ground
    at_us: int
    entry: int | None = None
    """Number of the line of the consent ledger on which it stands."""

    def as_json(self) -> dict[str, Any]:
        return {
            "permitted": True,
            "channel": self.wish.channel.value,
            "purpose": self.wish.purpose.key,
            "ground": self.ground.value,
            "ledger_line": self.entry,
            "at": format_iso(self.at_us),
        }


Answer = SendPermit | Refused


def wish_of(channel: str, purpose: str, *, recipient: str = "", personalised: bool = False) -> Wish:
    """From what callers write. Raises BadInput."""
    if channel not in set(Channel):
        raise BadInput("channel", f"use one of {', '.join(Channel)}")
    wanted = purpose_named(purpose)
    return Wish(
        channel=Channel(channel),
        purpose=wanted,
        recipient=recipient_of(wanted, recipient),
        personalised=personalised,
    )


def recipient_of(purpose: Purpose, recipient: str) -> str:
    """The recipient as it is stored. Raises BadInput when the purpose needs one, or knows none."""
    name = recipient.strip()
    if len(name) > RECIPIENT_LENGTH_MAX or not name.isprintable():
        raise BadInput("recipient", f"name it in at most {RECIPIENT_LENGTH_MAX} plain characters")
    if purpose.names_recipient and not name:
        raise BadInput("recipient", f"{purpose.key} needs to name who receives (PIPL 23)")
    if name and not purpose.names_recipient:
        raise BadInput("recipient", f"leave it out: {purpose.key} is not about a recipient")
    return name


def permit(standing: Standing | None, wish: Wish, *, at_us: int) -> Answer:
    """The whole rule; ``None``: nobody has this identifier."""
    contract = wish.purpose.basis == "contract"
    if standing is None:
        return Refused(SendRefusal.UNKNOWN_PERSON)
    if standing.erasing:
        return Refused(SendRefusal.ERASING)
    why = standing.suppressed.get(wish.channel) or standing.suppressed.get(EVERY_CHANNEL)
    if why is not None and (why in STOPS_SERVICE or not contract):
        return Refused(SendRefusal.SUPPRESSED)
    return _by_consent(standing.subject, wish, at_us=at_us)


def _by_consent(subject: Subject, wish: Wish, *, at_us: int) -> Answer:
    recipient = wish.recipient if wish.purpose.names_recipient else None
    answer = allowed(subject, wish.purpose, at_us=at_us, recipient=recipient)
    if not answer.allowed:
        elsewhere = allowed(subject, wish.purpose, at_us=at_us).allowed
        return Refused(SendRefusal.RECIPIENT if elsewhere else OF_GROUND[answer.ground])
    if wish.personalised and not personalises(subject, at_us):
        return Refused(SendRefusal.OFF_SWITCH)
    entry = None if answer.entry is None else answer.entry.number
    return SendPermit(wish, answer.ground, at_us, entry)


class Standings(Protocol[In]):
    """Storage of the desk."""

    def hold(self, tx: In, merchant: str, *, identifier: Identifier) -> Standing | None:
        """What counts about the person, as of now; withdrawals, suppressions and erasures of the
        person wait until ``tx`` ends."""

    def suppress(
        self, merchant: str, identifier: Identifier, *, channel: str, said: "Suppression"
    ) -> None:
        """In force when it returns; an identifier that is new is noted."""

    def lift(self, merchant: str, identifier: Identifier, *, channel: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Suppression:
    reason: Suppressed
    at_us: int
    actor: str


class SendDesk(Generic[Tx]):
    """Where everything that goes out to a person asks. ``assessed(feature)``: whether an impact
    assessment in force covers it."""

    def __init__(
        self,
        transactions: Transactions[Tx],
        standings: Standings[Tx],
        *,
        clock: Clock,
        assessed: Callable[[str], bool],
    ) -> None:
        self._transactions = transactions
        self._standings = standings
        self._clock = clock
        self._assessed = assessed

    def permit(self, tx: Tx, merchant: str, *, identifier: Identifier, wish: Wish) -> Answer:
        """Inside the transaction that sends; holds until it ends."""
        if wish.purpose.assessed and not self._assessed(wish.purpose.key):
            return Refused(SendRefusal.NOT_ASSESSED)
        standing = self._standings.hold(tx, merchant, identifier=identifier)
        return permit(standing, wish, at_us=self._after(standing))

    def _after(self, standing: Standing | None) -> int:
        """Now; a line that another machine's faster clock has stamped counts all the same."""
        said = () if standing is None else standing.subject.entries
        return max([self._clock.now_us(), *(entry.at_us for entry in said)])

    def send(
        self,
        merchant: str,
        identifier: Identifier,
        *,
        wish: Wish,
        hand_over: Callable[[Tx, SendPermit], None],
    ) -> Answer:
        """``hand_over`` is called when it may be sent, in one transaction with the answer."""
        with self._transactions.transaction() as tx:
            answer = self.permit(tx, merchant, identifier=identifier, wish=wish)
            if isinstance(answer, SendPermit):
                hand_over(tx, answer)
        return answer

    def ask(self, merchant: str, identifier: Identifier, *, wish: Wish) -> Answer:
        """As of now, for a sender outside: good for the moment only, so send at once."""
        return self.send(merchant, identifier, wish=wish, hand_over=lambda tx, permit: None)

    def suppress(
        self, merchant: str, identifier: Identifier, *, channel: str, said: tuple[str, str]
    ) -> None:
        """``said``: (reason, actor). Raises BadInput."""
        reason, actor = said
        if reason not in set(Suppressed):
            raise BadInput("reason", f"use one of {', '.join(Suppressed)}")
        noted = Suppression(Suppressed(reason), self._clock.now_us(), actor_of(actor))
        self._standings.suppress(merchant, identifier, channel=_channel(channel), said=noted)

    def lift(self, merchant: str, identifier: Identifier, *, channel: str) -> bool:
        """Whether there was one. Raises BadInput."""
        return self._standings.lift(merchant, identifier, channel=_channel(channel))


def actor_of(actor: str) -> str:
    """Who says so, as it is kept. Raises BadInput."""
    if not actor.strip() or len(actor) > ACTOR_LENGTH_MAX or not is_storable(actor):
        raise BadInput("actor", f"name who says so in at most {ACTOR_LENGTH_MAX} characters")
    if not is_plain_name(actor):
        raise BadInput("actor", NO_NAME)
    return actor


def _channel(channel: str) -> str:
    if channel != EVERY_CHANNEL and channel not in set(Channel):
        raise BadInput("channel", f"use one of {', '.join(Channel)}, or * for all")
    return channel
