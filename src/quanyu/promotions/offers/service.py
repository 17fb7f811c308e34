"""What a marketer does with an offer."""

from collections.abc import Callable, Sequence
from typing import Any

from quanyu.clock import Clock
from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.compliance.showing import Unlawful
from quanyu.errors import BadInput, NotFound
from quanyu.events.scrub import NO_NAME, is_plain_name
from quanyu.ids import random_id
from quanyu.promotions.offers.answers import Change, Offer, OfferAnswer
from quanyu.promotions.offers.lifecycle import OfferState, OfferVerb, moved
from quanyu.promotions.offers.page import page_of
from quanyu.promotions.offers.ports import By, OfferStore
from quanyu.promotions.offers.terms import read_template

ACTOR_MAX = 64
AUTOMATIC = "quanyu"
"""The actor of what nobody does by hand."""
BY_PEOPLE = (
    OfferVerb.SUBMIT, OfferVerb.APPROVE, OfferVerb.REJECT, OfferVerb.PAUSE, OfferVerb.RESUME,
    OfferVerb.STOP, OfferVerb.END,
)  # fmt: skip
GATED = {OfferVerb.SUBMIT, OfferVerb.APPROVE, OfferVerb.RESUME}
"""Law and licences may have changed since the draft was written."""


class OfferService:
    """Every verb takes the caller's key: the same key again gives the same answer."""

    def __init__(
        self,
        store: OfferStore,
        clock: Clock,
        *,
        door: Doorkeeper,
        is_audience: Callable[[str, str], bool] = lambda merchant, name: False,
    ) -> None:
        """``is_audience``: (merchant, name)."""
        self._store = store
        self._clock = clock
        self._door = door
        self._is_audience = is_audience

    def create(self, merchant: str, template: Any, *, actor: str, request: str) -> OfferAnswer:
        """A draft. Raises BadInput with the path and the mend, and Unlawful."""
        by, read = self.by(actor, request), read_template(template)
        if read.audience is not None and not self._is_audience(merchant, read.audience):
            raise BadInput("template.audience", "there is none; see `quanyu audience list`")
        if self._store.find(merchant, str(read.terms["id"])) is None:
            self._door.admit(merchant, page_of(read), place="template")
        return self._store.create(merchant, read, by=by)

    def move(self, merchant: str, offer: str, *, verb: str, by: By) -> OfferAnswer:
        """submit, approve, reject, pause, resume, stop, end. Raises Unlawful where it publishes."""
        if verb not in BY_PEOPLE:
            raise BadInput("verb", f"choose from {', '.join(BY_PEOPLE)}")
        if verb in GATED:
            self._gate(merchant, offer, verb=OfferVerb(verb))
        return self._store.move(merchant, offer, verb=OfferVerb(verb), by=by)

    def _gate(self, merchant: str, offer: str, *, verb: OfferVerb) -> None:
        """A move that the table does not allow changes nothing: a retry hears what it heard."""
        found = self._store.find(merchant, offer)
        if found is not None and moved(found.state, verb) is not None:
            self.look(found)

    def look(self, offer: Offer) -> None:
        """May it be shown today? Raises Unlawful."""
        self._door.admit(offer.merchant, page_of(offer.template), place="template")

    def recheck(self, merchant: str) -> list[str]:
        """Pauses what runs and may not be shown any more: a licence has ended, or the law has
        changed. Returns the offers."""
        stopped = []
        for offer in self._store.listed(merchant):
            if offer.state is not OfferState.ACTIVE:
                continue
            try:
                self.look(offer)
            except Unlawful as no:
                by = self.by(AUTOMATIC, random_id("gate"), note=no.mend[:500])
                self._store.move(merchant, offer.id, verb=OfferVerb.PAUSE, by=by)
                stopped.append(offer.id)
        return stopped

    def kill(self, merchant: str, offer: str | None, *, killed: bool, by: By) -> list[str]:
        """Turns the kill switch of one offer, or (None) of every offer of the merchant."""
        return self._store.kill(merchant, offer, killed=killed, by=by)

    def reset_breaker(self, merchant: str, offer: str, *, by: By) -> OfferAnswer:
        return self._store.reset_breaker(merchant, offer, by=by)

    def by(self, actor: str, request: str, *, note: str = "") -> By:
        if not 1 <= len(actor) <= ACTOR_MAX or not actor.isprintable():
            raise BadInput("actor", f"say who does it, in 1 to {ACTOR_MAX} characters")
        if not is_plain_name(actor):
            raise BadInput("actor", NO_NAME)
        return By(actor, self._clock.now_us(), request, note)

    def find(self, merchant: str, offer: str) -> Offer:
        found = self._store.find(merchant, offer)
        if found is None:
            raise NotFound(f"offer {offer[:40]!r}; see `quanyu offer list`")
        return found

    def listed(self, merchant: str) -> Sequence[Offer]:
        return self._store.listed(merchant)

    def history(self, merchant: str, offer: str) -> Sequence[Change]:
        return self._store.history(merchant, offer)

    def balances(self, merchant: str, offer: str) -> dict[str, int]:
        return self._store.balances(merchant, offer)
