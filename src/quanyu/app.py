"""The verbs of the product, for who uses it as a library.

    from quanyu.settings import Settings
    from quanyu.wiring import open_engine

    with open_engine(Settings.from_env()) as engine:
        receipt = engine.app.record("demo", body)

Each verb is one line: the rules are in the packages.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from quanyu.customers.audiences.ports import Audience
from quanyu.customers.audiences.service import AudienceService
from quanyu.customers.identity.answers import Person
from quanyu.customers.identity.service import IdentityService
from quanyu.customers.privacy.erasure import Receipt as ErasureReceipt
from quanyu.customers.privacy.service import PrivacyService
from quanyu.customers.profile.service import Profile, ProfileService
from quanyu.events.bodies import Unusable
from quanyu.events.service import Events, Receipt
from quanyu.measurement.reports import Reports


class Services(Protocol):
    """What the verbs are passed on to. ``quanyu.wiring`` makes it."""

    @property
    def events(self) -> Events: ...
    @property
    def identity(self) -> IdentityService: ...
    @property
    def profiles(self) -> ProfileService: ...
    @property
    def privacy(self) -> PrivacyService: ...
    @property
    def audiences(self) -> AudienceService: ...
    @property
    def reports(self) -> Reports: ...


@dataclass(frozen=True, slots=True)
class Quanyu:
    services: Services

    def record(self, merchant: str, body: bytes) -> Receipt | Unusable:
        """Take in events, a JSON array or NDJSON; durable when it returns."""
        return self.services.events.record(merchant, body)

    def identify(self, merchant: str, identifier: str) -> Person:
        """Who has ``kind:value``. Raises NotFound."""
        return self.services.identity.person(merchant, identifier)

    def profile(self, merchant: str, identifier: str) -> Profile | None:
        """The 360° profile of whoever has ``kind:value``."""
        return self.services.profiles.profile(merchant, identifier)

    def define(self, merchant: str, name: str, *, definition: Any) -> Audience:
        """Create an audience, or give it its next version. Raises BadInput with the path."""
        return self.services.audiences.create(merchant, name, definition=definition)

    def report(self) -> Reports:
        """Overview, funnel, paths, retention, top items, trends."""
        return self.services.reports

    def erase(self, merchant: str, identifier: str) -> ErasureReceipt | None:
        """Forget whoever has ``kind:value``, everywhere."""
        return self.services.privacy.erase(merchant, identifier)
