"""What customers can say about their data: yes, no, off, give me a copy, forget me."""

from collections.abc import Callable
from typing import Protocol

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.customers.privacy.consent import (
    Action,
    ConsentEntry,
    Permission,
    Subject,
    allowed,
    personalises,
)
from quanyu.customers.privacy.erasure import Eraser, Receipt
from quanyu.customers.privacy.purposes import PERSONALISATION, SHARING, Purpose, purpose_named
from quanyu.customers.privacy.sending import actor_of, recipient_of
from quanyu.errors import BadInput, NotFound
from quanyu.ids import Tokeniser


class ConsentStore(Protocol):
    def subject(self, merchant: str, identifier: Identifier) -> Subject | None:
        """Ledger and year of birth of a person; None when nobody has the identifier."""

    def add(
        self, merchant: str, identifier: Identifier, *, entry: ConsentEntry, purpose: Purpose
    ) -> None:
        """Add a line; an identifier that is new is noted. Tags of somebody who switched
        personalisation off are gone when it returns."""


class PrivacyService:
    """An identifier is a text such as taobao_id:543462. All methods raise BadInput.

    ``demand(feature)`` raises BadInput while nobody has assessed what a yes would be to.
    """

    def __init__(
        self,
        store: ConsentStore,
        eraser: Eraser,
        *,
        clock: Clock,
        tokeniser_of: Callable[[str], Tokeniser],
        demand: Callable[[str], None] = lambda feature: None,
    ) -> None:
        self._store = store
        self._eraser = eraser
        self._clock = clock
        self._tokeniser_of = tokeniser_of
        self._demand = demand

    def grant(
        self,
        merchant: str,
        identifier: str,
        *,
        purpose: str,
        actor: str = "customer",
        notice_version: int | None = None,
    ) -> Subject:
        """Note a yes, by default to the notice that is in force. Raises BadInput."""
        return self._write(
            merchant, identifier, line=("grant", purpose, actor), notice_version=notice_version
        )

    def withdraw(
        self, merchant: str, identifier: str, *, purpose: str, actor: str = "customer"
    ) -> Subject:
        """Note a no, which counts at once, and for every recipient. Raises BadInput."""
        return self._write(merchant, identifier, line=("withdraw", purpose, actor))

    def share(
        self,
        merchant: str,
        identifier: str,
        *,
        recipient: str,
        actor: str = "customer",
        notice_version: int | None = None,
    ) -> Subject:
        """The separate yes to one recipient who is named (PIPL 23). Raises BadInput."""
        return self._write(
            merchant,
            identifier,
            line=("grant", SHARING, actor),
            notice_version=notice_version,
            recipient=recipient,
        )

    def unshare(
        self, merchant: str, identifier: str, *, recipient: str, actor: str = "customer"
    ) -> Subject:
        """The no to one recipient; ``withdraw`` is the no to all. Raises BadInput."""
        line: tuple[Action, str, str] = ("withdraw", SHARING, actor)
        return self._write(merchant, identifier, line=line, recipient=recipient)

    def personalise(
        self, merchant: str, identifier: str, *, on: bool, actor: str = "customer"
    ) -> Subject:
        """The off switch. Off: tags are deleted and none are made; on: they are made again."""
        change = self.grant if on else self.withdraw
        return change(merchant, identifier, purpose=PERSONALISATION, actor=actor)

    def subject(self, merchant: str, identifier: str) -> Subject | None:
        return self._store.subject(merchant, self.token(merchant, identifier))

    def known_subject(self, merchant: str, identifier: str) -> Subject:
        """As ``subject``; raises NotFound."""
        found = self.subject(merchant, identifier)
        if found is None:
            raise NotFound(f"nobody with {identifier} at {merchant}")
        return found

    def allowed(self, merchant: str, identifier: str, *, purpose: str) -> Permission:
        """May personal data of this person be used for a purpose now? Raises BadInput."""
        subject = self.subject(merchant, identifier) or Subject()
        return allowed(subject, purpose_named(purpose), at_us=self._clock.now_us())

    def is_off(self, subject: Subject) -> bool:
        """True while the off switch is on; age aside."""
        return not personalises(Subject(subject.entries), self._clock.now_us())

    def erase(self, merchant: str, identifier: str) -> Receipt | None:
        """Erase the person with this identifier and all identifiers linked to it; None when
        nobody has it."""
        token = self.token(merchant, identifier)
        _, _, raw = identifier.partition(":")
        spellings = {raw.strip(), read_identifier(identifier)[1]}
        return self._eraser.erase(merchant, token, spellings=sorted(spellings))

    def resume(self) -> list[Receipt]:
        return self._eraser.resume()

    def erased(self, merchant: str, identifier: str) -> str | None:
        return self._eraser.erased(merchant, self.token(merchant, identifier))

    def token(self, merchant: str, identifier: str) -> Identifier:
        """What the stores know an identifier by."""
        kind, value = read_identifier(identifier)
        return kind, self._tokeniser_of(merchant).token(kind, value)

    def _write(
        self,
        merchant: str,
        identifier: str,
        *,
        line: tuple[Action, str, str],
        notice_version: int | None = None,
        recipient: str = "",
    ) -> Subject:
        action, key, actor = line
        purpose = purpose_named(key)
        if action == "grant" or recipient:
            recipient = recipient_of(purpose, recipient)
        if action == "grant" and purpose.assessed and key != PERSONALISATION:
            self._demand(key)
        entry = ConsentEntry(
            purpose=key,
            action=action,
            notice_version=_version(purpose, notice_version),
            at_us=self._clock.now_us(),
            actor=actor_of(actor),
            recipient=recipient,
        )
        token = self.token(merchant, identifier)
        self._store.add(merchant, token, entry=entry, purpose=purpose)
        return self._store.subject(merchant, token) or Subject((entry,))


def _version(purpose: Purpose, given: int | None) -> int:
    if given is None:
        return purpose.notice_version
    if not 0 <= given <= purpose.notice_version:
        raise BadInput("notice_version", f"use a version from 0 to {purpose.notice_version}")
    return given
