"""The content library in PostgreSQL. Every changing statement is guarded and counted."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.content.library.states import PieceState
from quanyu.content.library.version import Change, Version
from quanyu.content.piece import Kind, Piece
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

PAGE = 500


class PostgresPieces:
    """The port ``PieceStore``."""

    def take_turn(self, tx: psycopg.Connection, merchant: str, *, piece: str) -> None:
        tx.execute(sql("contents/take_turn"), _place(tx, merchant, piece=piece))

    def add(self, tx: psycopg.Connection, merchant: str, *, version: Version) -> None:
        row = {
            **_place(tx, merchant, piece=version.piece.id),
            "number": version.number,
            "kind": version.piece.kind,
            "state": version.state.value,
            "body": msgspec.json.encode(version.piece),
            "author": version.author,
            "submitter": version.submitter,
            "since_us": version.since_us,
        }
        added = tx.execute(sql("contents/add"), row).rowcount
        assert added == 1, "a version is one row"
        killpoint("contents.added")

    def versions(self, tx: psycopg.Connection, merchant: str, *, piece: str) -> Sequence[Version]:
        return _read(tx, "versions", **_place(tx, merchant, piece=piece))

    def move(self, tx: psycopg.Connection, merchant: str, *, version: Version, to: Version) -> None:
        args = {
            **_place(tx, merchant, piece=version.piece.id),
            "number": version.number,
            "from": version.state.value,
            "to": to.state.value,
            "since_us": to.since_us,
            "submitter": to.submitter,
        }
        moved = tx.execute(sql("contents/move"), args).rowcount
        assert moved == 1, f"{version.piece.id} was not {version.state} any more"
        killpoint("contents.moved")

    def note(self, tx: psycopg.Connection, merchant: str, *, piece: str, change: Change) -> None:
        row = {**_place(tx, merchant, piece=piece), "change": msgspec.json.encode(change)}
        tx.execute(sql("contents/note"), row)
        killpoint("contents.noted")

    def history(self, tx: psycopg.Connection, merchant: str, *, piece: str) -> Sequence[Change]:
        rows = tx.execute(sql("contents/history"), _place(tx, merchant, piece=piece))
        return [msgspec.json.decode(bytes(change), type=Change) for (change,) in rows]

    def latest(
        self,
        tx: psycopg.Connection,
        merchant: str,
        *,
        kind: Kind | None,
        state: PieceState | None,
        after: str,
    ) -> Sequence[Version]:
        wanted = {"kind": kind, "state": state and state.value, "after": after, "limit": PAGE}
        return _read(tx, "latest", merchant_no=merchant_no(tx, merchant), **wanted)

    def shown(self, tx: psycopg.Connection, merchant: str, *, piece: str) -> Version | None:
        return next(iter(_read(tx, "shown", **_place(tx, merchant, piece=piece))), None)


def _place(tx: psycopg.Connection, merchant: str, *, piece: str) -> dict[str, Any]:
    return {"merchant_no": merchant_no(tx, merchant), "piece": piece}


def _read(tx: psycopg.Connection, statement: str, **args: Any) -> list[Version]:
    return [
        Version(
            msgspec.json.decode(bytes(body), type=Piece),
            number,
            PieceState(state),
            author,
            since_us,
            submitter,
        )
        for body, number, state, author, since_us, submitter in tx.execute(
            sql(f"contents/{statement}"), args
        )
    ]
