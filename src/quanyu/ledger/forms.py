"""Transfers and accounts as JSON: decoded strictly, and told again in the same words."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from quanyu.clock import format_iso
from quanyu.errors import BadInput
from quanyu.ledger.accounts import Account, Balance, Limit
from quanyu.ledger.refusals import Outcome, Posted
from quanyu.ledger.transfers import Chain, Phase, Transfer, TransferId, transfer_id

KEY_MAX = 128
LINES_MAX = 10_000
SECOND_US = 1_000_000
TIMEOUT_MAX_S = 100 * 366 * 24 * 3600


class TransferForm(msgspec.Struct, forbid_unknown_fields=True):
    """``id`` and ``pending_id`` are keys of the caller; what they stand for inside follows from
    them and from who calls."""

    id: str
    debit: str
    credit: str
    amount: int
    code: str
    phase: Phase = Phase.DIRECT
    pending_id: str | None = None
    timeout_s: int | None = None
    reference: str = ""


class AccountForm(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    unit: str
    owner: str
    limit: Limit = Limit.NONE


class BookForm(msgspec.Struct, forbid_unknown_fields=True):
    """What `quanyu ledger post` reads: accounts to open first, then transfers and chains."""

    accounts: list[AccountForm] = []
    transfers: list[TransferForm | list[TransferForm]] = []


_transfers = msgspec.json.Decoder(list[TransferForm | list[TransferForm]]).decode
_book = msgspec.json.Decoder(BookForm).decode
_PLACE = " - at `$"
_BLANKS = (b" :", b"\t:", b"\r:", b"\n:")
_REQUIRED = 5


def decode_transfers(body: bytes, caller: str) -> list[Chain]:
    """A JSON array of transfers, or of arrays of them: chains. Raises BadInput with the place."""
    forms = _decoded(_transfers, body)
    if _doubtful(body, forms):
        _refuse_equal_keys(body)
    return chains_of(forms, caller)


def decode_book(body: bytes, caller: str) -> tuple[list[Account], list[Chain]]:
    """Raises BadInput with the place."""
    form: BookForm = _decoded(_book, body)
    _refuse_equal_keys(body)
    accounts = [Account(one.id, one.unit, one.owner, one.limit) for one in form.accounts]
    return accounts, chains_of(form.transfers, caller)


def _decoded(decode: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        mend, _, place = str(error).partition(_PLACE)
        raise BadInput(place.rstrip("`").lstrip(".") or "body", mend) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput("body", f"not JSON: {error}") from None


def _doubtful(body: bytes, forms: Sequence[TransferForm | list[TransferForm]]) -> bool:
    """The decoder takes the last of two equal keys without a word. Every pair has one ``":`` when
    no blank stands before a colon, so as many of them as decoded pairs proves that none was
    swallowed; whatever breaks the count is read again, slowly."""
    if any(blank in body for blank in _BLANKS):
        return True
    pairs = sum(
        sum(map(_pairs, form)) if isinstance(form, list) else _pairs(form) for form in forms
    )
    return body.count(b'":') != pairs


def _pairs(form: TransferForm) -> int:
    """How many at least have been written."""
    return (
        _REQUIRED
        + (form.phase is not Phase.DIRECT)
        + (form.pending_id is not None)
        + (form.timeout_s is not None)
        + (form.reference != "")
    )


def _refuse_equal_keys(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_once)
    except ValueError as error:
        raise BadInput("body", str(error)) from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"the key {key!r} stands twice in one object; name each once")


def chains_of(forms: Sequence[TransferForm | list[TransferForm]], caller: str) -> list[Chain]:
    made: list[Chain] = []
    lines = 0
    for place, form in enumerate(forms):
        some = form if isinstance(form, list) else (form,)
        lines += len(some)
        if lines > LINES_MAX:
            raise BadInput(f"[{place}]", f"send at most {LINES_MAX} transfers at a time")
        made.append([transfer_of(one, caller, place=f"[{place}]") for one in some])
    return made


def transfer_of(form: TransferForm, caller: str, *, place: str) -> Transfer:
    pending = None if form.pending_id is None else key_of(form.pending_id, caller, place=place)
    timeout_us = None if form.timeout_s is None else _timeout_us(form.timeout_s, place)
    return Transfer(
        key_of(form.id, caller, place=place), form.debit, form.credit, form.amount, form.code,
        form.phase, pending, timeout_us, form.reference,
    )  # fmt: skip


def key_of(key: str, caller: str, *, place: str) -> TransferId:
    """The same key of two callers stands for two transfers."""
    if not 1 <= len(key) <= KEY_MAX:
        raise BadInput(f"{place}.id", f"use 1 to {KEY_MAX} characters")
    try:
        return transfer_id("caller", caller, key)
    except UnicodeEncodeError:
        raise BadInput(f"{place}.id", "holds half a character (a lone surrogate)") from None


def _timeout_us(timeout_s: int, place: str) -> int:
    if not 1 <= timeout_s <= TIMEOUT_MAX_S:
        raise BadInput(f"{place}.timeout_s", f"use 1 to {TIMEOUT_MAX_S} seconds")
    return timeout_s * SECOND_US


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Posted):
        return {"posted": True, "repeated": outcome.repeated, "at": format_iso(outcome.at_us)}
    return {"posted": False, "reason": outcome.reason.value, "index": outcome.index}


def balance_json(account: Account, balance: Balance) -> dict[str, Any]:
    return {
        "account": account.id,
        "unit": account.unit,
        "owner": account.owner,
        "limit": account.limit.value,
        "posted": balance.posted,
        "available": balance.available,
        **msgspec.structs.asdict(balance),
    }


def entry_json(no: int, transfer: Transfer, *, at_us: int) -> dict[str, Any]:
    pending = transfer.pending_id
    return {
        "no": no,
        "id": transfer.id.hex(),
        "phase": transfer.phase.value,
        "debit": transfer.debit,
        "credit": transfer.credit,
        "amount": transfer.amount,
        "code": transfer.code,
        "reference": transfer.reference,
        "pending_id": None if pending is None else pending.hex(),
        "timeout_us": transfer.timeout_us,
        "at": format_iso(at_us),
    }
