"""The rows of a batch of printed codes."""

from typing import NamedTuple

import psycopg

from quanyu.promotions.coupons.coupon import Coupon
from quanyu.storage.postgres.coupons.rows import new_id
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class CodeBatch(NamedTuple):
    merchant: str
    batch: str
    offer: str
    pieces: int
    made: int


def locked(tx: psycopg.Connection, merchant: str, *, batch: str) -> CodeBatch | None:
    args = {"merchant_no": merchant_no(tx, merchant), "batch": batch}
    row = tx.execute(sql("coupons/lock_batch"), args).fetchone()
    return None if row is None else CodeBatch(merchant, batch, row[1], row[2], row[3])


def begin(tx: psycopg.Connection, batch: CodeBatch, *, offer_no: int) -> None:
    """A twin that began first is left alone: the chunks find it."""
    args = {
        "merchant_no": merchant_no(tx, batch.merchant),
        "batch": batch.batch,
        "offer_no": offer_no,
        "pieces": batch.pieces,
    }
    tx.execute(sql("coupons/begin_batch"), args)


def add_rows(
    tx: psycopg.Connection,
    at: CodeBatch,
    *,
    offer_no: int,
    like: Coupon,
    codes: tuple[list[bytes], list[str]],
) -> None:
    """``codes``: the hashes and the last four signs."""
    hashes, lasts = codes
    pieces = len(hashes)
    nobody = [None] * pieces
    args = {
        "merchants": [merchant_no(tx, at.merchant)] * pieces,
        "offers": [offer_no] * pieces,
        "coupons": [new_id() for _ in hashes],
        "kinds": nobody,
        "tokens": nobody,
        "seqs": nobody,
        "issued": [like.issued_us] * pieces,
        "expires": [like.expires_us] * pieces,
        "faces": [like.face_fen] * pieces,
        "codes": hashes,
        "lasts": lasts,
    }
    added = tx.execute(sql("coupons/add"), args).rowcount
    assert added == pieces, f"{added} of {pieces} codes were added"


def moved(tx: psycopg.Connection, at: CodeBatch, *, made: int) -> None:
    args = {"merchant_no": merchant_no(tx, at.merchant), "batch": at.batch}
    moved_args = {**args, "before": at.made, "made": made}
    done = tx.execute(sql("coupons/move_batch"), moved_args).rowcount
    assert done == 1, "a locked batch stays as it was seen"
