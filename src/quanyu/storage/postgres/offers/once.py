"""A change of an offer happens once per key, and is answered the same ever after."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg

from quanyu.errors import BadInput
from quanyu.events.requests import Conflict, Request, Requests
from quanyu.promotions.offers.answers import OfferAnswer
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import killpoint

Work = Callable[[psycopg.Connection], OfferAnswer]
_encode = msgspec.json.Encoder(order="deterministic").encode
_answer = msgspec.json.Decoder(OfferAnswer).decode


@dataclass(frozen=True, slots=True)
class Once:
    database: Database
    requests: Requests[psycopg.Connection]

    def run(self, place: tuple[str, str, str], work: Work, *, content: Any) -> OfferAnswer:
        """``place``: (merchant, operation, key). Raises BadInput for a key that was used for
        something else."""
        request = Request(*place, _encode(content))
        with self.database.transaction() as tx:
            before = self.requests.begin(tx, request)
            if isinstance(before, Conflict):
                mend = "it was used for another request; choose a new one"
                raise BadInput("idempotency_key", mend)
            if before is not None:
                told: OfferAnswer = _answer(before)
                return told
            answer = work(tx)
            self.requests.answer(tx, request, answer=msgspec.json.encode(answer))
            killpoint("offers.answered")
        killpoint("offers.committed")
        return answer
