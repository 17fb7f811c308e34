"""Campaigns in PostgreSQL. Every changing statement is guarded and counted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.decisions.campaigns.campaign import Budget, Campaign
from quanyu.decisions.campaigns.record import Change, Standing, Version
from quanyu.decisions.campaigns.states import CampaignState, VersionState
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

PAGE = 500
FETCH = 500
_campaign = msgspec.json.Decoder(Campaign).decode


class PostgresCampaigns:
    """The port ``CampaignStore``."""

    def take_turn(self, tx: psycopg.Connection, merchant: str, *, campaign: str) -> None:
        tx.execute(sql("campaigns/take_turn"), _place(tx, merchant, campaign=campaign))

    def find(self, tx: psycopg.Connection, merchant: str, *, campaign: str) -> Standing | None:
        args = _place(tx, merchant, campaign=campaign)
        row = tx.execute(sql("campaigns/find"), args).fetchone()
        return None if row is None else _standing(row)

    def keep(
        self, tx: psycopg.Connection, merchant: str, *, before: Standing | None, after: Standing
    ) -> None:
        row = {**_place(tx, merchant, campaign=after.id), **_columns(after)}
        if before is None:
            kept = tx.execute(sql("campaigns/add"), row).rowcount
        else:
            was = {f"was_{name}": value for name, value in _columns(before).items()}
            kept = tx.execute(sql("campaigns/change"), row | was).rowcount
        assert kept == 1, f"{after.id} does not stand as it was seen any more"
        killpoint("campaigns.kept")

    def versions(
        self, tx: psycopg.Connection, merchant: str, *, campaign: str
    ) -> Sequence[Version]:
        return _versions(tx, merchant, campaign=campaign)

    def version(
        self, tx: psycopg.Connection, merchant: str, *, campaign: str, number: int
    ) -> Version:
        (found,) = _versions(tx, merchant, campaign=campaign, number=number)
        return found

    def keep_version(self, tx: psycopg.Connection, merchant: str, *, version: Version) -> None:
        row = {
            **_place(tx, merchant, campaign=version.campaign.id),
            "number": version.number,
            "state": version.state.value,
            "body": msgspec.json.encode(version.campaign),
            "author": version.author,
            "submitter": version.submitter,
            "since_us": version.since_us,
        }
        kept = tx.execute(sql("campaigns/keep_version"), row).rowcount
        assert kept == 1, "what a version says never changes"
        killpoint("campaigns.version_kept")

    def note(self, tx: psycopg.Connection, merchant: str, *, campaign: str, change: Change) -> None:
        row = {
            **_place(tx, merchant, campaign=campaign),
            "change": msgspec.json.encode(change),
        }
        tx.execute(sql("campaigns/note"), row)
        tx.execute(sql("campaigns/count_change"), row)
        killpoint("campaigns.noted")

    def history(self, tx: psycopg.Connection, merchant: str, *, campaign: str) -> Sequence[Change]:
        rows = tx.execute(sql("campaigns/history"), _place(tx, merchant, campaign=campaign))
        return [msgspec.json.decode(bytes(change), type=Change) for (change,) in rows]

    def listed(
        self, tx: psycopg.Connection, merchant: str, *, state: CampaignState | None, after: str
    ) -> Sequence[Standing]:
        args = {
            "merchant_no": merchant_no(tx, merchant),
            "state": state and state.value,
            "after": after,
            "limit": PAGE,
        }
        return [_standing(row) for row in tx.execute(sql("campaigns/listed"), args)]

    def running(
        self, tx: psycopg.Connection, merchant: str, *, at_us: int
    ) -> Iterator[tuple[int, Campaign]]:
        return _streamed(tx, merchant, statement="running", at_us=at_us)

    def unended(self, tx: psycopg.Connection, merchant: str) -> Iterator[Campaign]:
        return (one for _, one in _streamed(tx, merchant, statement="unended"))

    def revision(self, tx: psycopg.Connection, merchant: str) -> int:
        args = {"merchant_no": merchant_no(tx, merchant)}
        row = tx.execute(sql("campaigns/revision"), args).fetchone()
        assert row is not None, "a sum is one row"
        return int(row[0])

    def due(self, tx: psycopg.Connection, *, at_us: int) -> Sequence[tuple[str, str]]:
        return tx.execute(sql("campaigns/due"), {"at_us": at_us}).fetchall()

    def is_advertiser(self, tx: psycopg.Connection, merchant: str, *, advertiser: str) -> bool:
        args = {"merchant_no": merchant_no(tx, merchant), "advertiser": advertiser}
        row = tx.execute(sql("campaigns/is_advertiser"), args).fetchone()
        return row is not None and bool(row[0])

    def days(self, tx: psycopg.Connection, merchant: str, *, campaign: str) -> Mapping[int, int]:
        rows = tx.execute(sql("campaigns/days"), _place(tx, merchant, campaign=campaign))
        return dict(rows.fetchall())

    def keep_day(
        self, tx: psycopg.Connection, merchant: str, *, campaign: str, day: tuple[int, int]
    ) -> None:
        number, given_fen = day
        row = {
            **_place(tx, merchant, campaign=campaign),
            "day": number,
            "given_fen": given_fen,
        }
        kept = tx.execute(sql("campaigns/keep_day"), row).rowcount
        assert kept == 1, "a day is one row"
        killpoint("campaigns.day_kept")


def _place(tx: psycopg.Connection, merchant: str, *, campaign: str) -> dict[str, Any]:
    return {"merchant_no": merchant_no(tx, merchant), "campaign": campaign}


def _columns(one: Standing) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(one)
    budget = told.pop("budget")
    return {name: value for name, value in {**told, **budget}.items() if name != "type"}


def _standing(row: tuple[Any, ...]) -> Standing:
    id, advertiser, title, state, day_fen, total_fen, newest, newest_state, *rest = row
    budget = Budget(day_fen, total_fen)
    states = CampaignState(state), VersionState(newest_state)
    return Standing(id, advertiser, title, states[0], budget, newest, states[1], *rest)


def _versions(
    tx: psycopg.Connection, merchant: str, *, campaign: str, number: int | None = None
) -> list[Version]:
    args = {**_place(tx, merchant, campaign=campaign), "number": number}
    return [
        Version(_campaign(bytes(body)), number, VersionState(state), author, since_us, submitter)
        for body, number, state, author, since_us, submitter in tx.execute(
            sql("campaigns/versions"), args
        )
    ]


def _streamed(
    tx: psycopg.Connection, merchant: str, *, statement: str, **args: Any
) -> Iterator[tuple[int, Campaign]]:
    """With the budget of now in the place of the one that the version was written with."""
    place = {"merchant_no": merchant_no(tx, merchant), **args}
    with tx.cursor(name="campaigns") as cursor:
        cursor.itersize = FETCH
        for number, body, *budget in cursor.execute(sql(f"campaigns/{statement}"), place):
            yield number, msgspec.structs.replace(_campaign(bytes(body)), budget=Budget(*budget))
