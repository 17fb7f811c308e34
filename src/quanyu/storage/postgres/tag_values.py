"""Tags of many people at once."""

from collections.abc import Mapping, Sequence

import psycopg

from quanyu.clock import Clock, china_datetime
from quanyu.customers.profile.catalogue import Catalogue, States
from quanyu.customers.profile.definitions import TagValue
from quanyu.storage.postgres.audience_consent import refusing
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.profile_projection import decode_states
from quanyu.storage.postgres.sql_files import sql


class TagValues:
    """Tags of many persons at once, for audiences."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._keys_of_purpose: dict[str, set[str]] = {}
        for key, tag in catalogue.tags.items():
            self._keys_of_purpose.setdefault(tag.purpose, set()).add(key)

    def of_persons(
        self, conn: psycopg.Connection, merchant: str, *, persons: Sequence[int]
    ) -> dict[int, Mapping[str, TagValue]]:
        """Person number → tag → value. People without tags, or who may not be profiled, are
        missing, and so are the tags of a purpose that a person said no to."""
        now_us = self._clock.now_us()
        args = {
            "merchant_no": known_merchant_no(conn, merchant),
            "persons": list(persons),
            "now_us": now_us,
            "year": china_datetime(now_us).year,
        }
        held: dict[int, list[States]] = {}
        for person, raw in conn.execute(sql("profiles/states_of_persons"), args, binary=True):
            held.setdefault(person, []).append(decode_states(raw))
        merge, values = self._catalogue.merge, self._catalogue.values
        found: dict[int, Mapping[str, TagValue]] = {
            person: values(merge(states), now_us) for person, states in held.items()
        }
        for purpose, keys in self._keys_of_purpose.items():
            for person in refusing(conn, list(found), purpose=purpose, now_us=now_us):
                found[person] = {k: v for k, v in found[person].items() if k not in keys}
        return found
