"""How a chain of transfers is posted or refused. Pure: books in memory change, nothing else.

An engine loads what the chains speak of into ``Books``, calls ``post``, and writes what is new.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from quanyu.ledger.accounts import Account, Balance, within
from quanyu.ledger.refusals import Outcome, Posted, Refusal, Refused
from quanyu.ledger.transfers import ID_BYTES, Chain, Entry, Phase, Transfer, TransferId

AMOUNT_MAX = 10**15
BALANCE_MAX = 2**62
TIMEOUT_MAX_US = 100 * 366 * 24 * 3600 * 1_000_000
"""A hundred years; a time that is over after that still fits a column."""
_CODE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,80}")
_REFERENCE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{0,200}")


class HoldState(StrEnum):
    PENDING = "pending"
    SETTLED = "settled"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(slots=True)
class Hold:
    transfer: Transfer
    expires_us: int | None
    state: HoldState = HoldState.PENDING


@dataclass(slots=True)
class Books:
    """What the chains of one write speak of, and what they have added."""

    accounts: dict[str, Account] = field(default_factory=dict)
    balances: dict[str, Balance] = field(default_factory=dict)
    entries: dict[TransferId, Entry] = field(default_factory=dict)
    holds: dict[TransferId, Hold] = field(default_factory=dict)
    new: list[Entry] = field(default_factory=list)
    """Posted since the books were loaded, in order."""

    def open(self, account: Account) -> None:
        self.accounts[account.id] = account
        self.balances[account.id] = Balance()


_ENDED = {
    HoldState.SETTLED: Refusal.PENDING_TRANSFER_ALREADY_SETTLED,
    HoldState.RELEASED: Refusal.PENDING_TRANSFER_ALREADY_RELEASED,
    HoldState.EXPIRED: Refusal.PENDING_TRANSFER_EXPIRED,
}
_DIFFERENT = {
    "phase": Refusal.EXISTS_WITH_DIFFERENT_PHASE,
    "debit": Refusal.EXISTS_WITH_DIFFERENT_DEBIT,
    "credit": Refusal.EXISTS_WITH_DIFFERENT_CREDIT,
    "amount": Refusal.EXISTS_WITH_DIFFERENT_AMOUNT,
    "pending_id": Refusal.EXISTS_WITH_DIFFERENT_PENDING_ID,
    "timeout_us": Refusal.EXISTS_WITH_DIFFERENT_TIMEOUT,
    "code": Refusal.EXISTS_WITH_DIFFERENT_CODE,
    "reference": Refusal.EXISTS_WITH_DIFFERENT_REFERENCE,
}
_STARTS = (Phase.DIRECT, Phase.HOLD)
_ENDS = {Phase.SETTLE: HoldState.SETTLED, Phase.RELEASE: HoldState.RELEASED}


def post(books: Books, chain: Chain, *, now_us: int) -> Outcome:
    """All of the chain, or nothing of it and the first reason."""
    if not chain:
        return Refused(Refusal.CHAIN_IS_EMPTY)
    twice = _id_twice(chain)
    if twice is not None:
        return Refused(Refusal.ID_TWICE_IN_CHAIN, twice)
    known = [books.entries.get(transfer.id) for transfer in chain]
    if any(known):
        return _again(chain, known)
    for index, transfer in enumerate(chain):
        reason = _posted(books, transfer, now_us=now_us)
        if reason is not None:
            for done in reversed(chain[:index]):
                _undo(books, done)
            return Refused(reason, index)
    return Posted(now_us)


def expire(books: Books, hold: Hold, *, now_us: int) -> None:
    """Gives back what a timed-out hold has kept."""
    assert hold.state is HoldState.PENDING, "an ended hold keeps nothing"
    assert hold.expires_us is not None, "a hold without end does not expire"
    assert hold.expires_us <= now_us, "its time is not over"
    expired = hold.transfer.expired()
    _let_go(books, hold.transfer)
    hold.state = HoldState.EXPIRED
    _enter(books, expired, now_us=now_us)


def _id_twice(chain: Chain) -> int | None:
    """Where an id comes for the second time, also when it stands in the book already."""
    if len(chain) == 1 or len({transfer.id for transfer in chain}) == len(chain):
        return None
    ids = [transfer.id for transfer in chain]
    return next(index for index, one in enumerate(ids) if one in ids[:index])


def _again(chain: Chain, known: list[Entry | None]) -> Outcome:
    """The first result where the content is the same."""
    for index, (transfer, entry) in enumerate(zip(chain, known, strict=True)):
        if entry is None:
            return Refused(Refusal.CHAIN_PARTLY_EXISTS, index)
        for name, reason in _DIFFERENT.items():
            if getattr(transfer, name) != getattr(entry.transfer, name):
                return Refused(reason, index)
    first = known[0]
    assert first is not None, "all of them are known"
    return Posted(first.at_us, repeated=True)


def _posted(books: Books, transfer: Transfer, *, now_us: int) -> Refusal | None:
    """Applies one transfer, unless there is a reason against it."""
    reason = _form_fault(transfer) or _account_fault(books, transfer)
    if reason is None:
        starts = transfer.phase in _STARTS
        reason = (
            _start(books, transfer, now_us=now_us)
            if starts
            else _end(books, transfer, now_us=now_us)
        )
    if reason is None:
        _enter(books, transfer, now_us=now_us)
    return reason


def _enter(books: Books, transfer: Transfer, *, now_us: int) -> None:
    entry = Entry(transfer, now_us)
    books.entries[transfer.id] = entry
    books.new.append(entry)


def _form_fault(transfer: Transfer) -> Refusal | None:
    if len(transfer.id) != ID_BYTES:
        return Refusal.ID_NOT_16_BYTES
    if _CODE.fullmatch(transfer.code) is None:
        return Refusal.CODE_MALFORMED
    if _REFERENCE.fullmatch(transfer.reference) is None:
        return Refusal.REFERENCE_MALFORMED
    return _amount_fault(transfer) or _phase_fault(transfer)


def _amount_fault(transfer: Transfer) -> Refusal | None:
    if transfer.amount <= 0:
        return Refusal.AMOUNT_NOT_POSITIVE
    if transfer.amount > AMOUNT_MAX:
        return Refusal.AMOUNT_TOO_LARGE
    return None


def _phase_fault(transfer: Transfer) -> Refusal | None:
    if transfer.phase is Phase.EXPIRE:
        return Refusal.PHASE_IS_THE_BOOKS_OWN
    if transfer.timeout_us is not None:
        if transfer.phase is not Phase.HOLD:
            return Refusal.TIMEOUT_ONLY_FOR_HOLDS
        if transfer.timeout_us <= 0:
            return Refusal.TIMEOUT_NOT_POSITIVE
        if transfer.timeout_us > TIMEOUT_MAX_US:
            return Refusal.TIMEOUT_TOO_LONG
    if (transfer.pending_id is None) is (transfer.phase in _ENDS):
        missing = transfer.pending_id is None
        return Refusal.PENDING_ID_MISSING if missing else Refusal.PENDING_ID_NOT_EXPECTED
    return None


def _account_fault(books: Books, transfer: Transfer) -> Refusal | None:
    debit, credit = books.accounts.get(transfer.debit), books.accounts.get(transfer.credit)
    if debit is None:
        return Refusal.DEBIT_ACCOUNT_NOT_FOUND
    if credit is None:
        return Refusal.CREDIT_ACCOUNT_NOT_FOUND
    if transfer.debit == transfer.credit:
        return Refusal.ACCOUNTS_MUST_DIFFER
    return None if debit.unit == credit.unit else Refusal.UNITS_DIFFER


def _start(books: Books, transfer: Transfer, *, now_us: int) -> Refusal | None:
    """A direct transfer or a hold: here the limits are watched."""
    debit, credit = books.balances[transfer.debit], books.balances[transfer.credit]
    if debit.frozen:
        return Refusal.DEBIT_ACCOUNT_FROZEN
    if credit.frozen:
        return Refusal.CREDIT_ACCOUNT_FROZEN
    if max(_turnover(debit), _turnover(credit)) + transfer.amount > BALANCE_MAX:
        return Refusal.OVERFLOWS_BALANCE
    _move(books, transfer, sign=1)
    if not _within_limits(books, transfer):
        _move(books, transfer, sign=-1)
        return Refusal.EXCEEDS_BALANCE
    if transfer.phase is Phase.HOLD:
        timeout_us = transfer.timeout_us
        expires_us = None if timeout_us is None else now_us + timeout_us
        books.holds[transfer.id] = Hold(transfer, expires_us)
    return None


def _turnover(balance: Balance) -> int:
    debits = balance.debits_posted + balance.debits_pending
    return max(debits, balance.credits_posted + balance.credits_pending)


def _within_limits(books: Books, transfer: Transfer) -> bool:
    return all(
        within(books.balances[name], books.accounts[name].limit)
        for name in (transfer.debit, transfer.credit)
    )


def _end(books: Books, transfer: Transfer, *, now_us: int) -> Refusal | None:
    """Settles or releases a hold. A limit was kept when it was made, so it is kept now."""
    hold = books.holds.get(transfer.pending_id) if transfer.pending_id else None
    if hold is None:
        known = transfer.pending_id in books.entries
        return Refusal.PENDING_TRANSFER_NOT_PENDING if known else Refusal.PENDING_TRANSFER_NOT_FOUND
    reason = _hold_fault(hold, transfer, now_us=now_us)
    if reason is not None:
        return reason
    _let_go(books, hold.transfer)
    if transfer.phase is Phase.SETTLE:
        _move(books, transfer, sign=1)
    hold.state = _ENDS[transfer.phase]
    return None


def _hold_fault(hold: Hold, transfer: Transfer, *, now_us: int) -> Refusal | None:
    held = hold.transfer
    if (held.debit, held.credit) != (transfer.debit, transfer.credit):
        return Refusal.PENDING_TRANSFER_HAS_DIFFERENT_ACCOUNTS
    if hold.state is not HoldState.PENDING:
        return _ENDED[hold.state]
    if hold.expires_us is not None and hold.expires_us <= now_us:
        return Refusal.PENDING_TRANSFER_EXPIRED
    if transfer.amount > held.amount:
        return Refusal.EXCEEDS_PENDING_AMOUNT
    if transfer.phase is Phase.RELEASE and transfer.amount != held.amount:
        return Refusal.RELEASE_MUST_BE_WHOLE
    return None


def _let_go(books: Books, held: Transfer) -> None:
    _move(books, held, sign=-1)


def _move(books: Books, transfer: Transfer, *, sign: int) -> None:
    debit, credit = books.balances[transfer.debit], books.balances[transfer.credit]
    amount = sign * transfer.amount
    if transfer.phase is Phase.HOLD:
        debit.debits_pending += amount
        credit.credits_pending += amount
    else:
        debit.debits_posted += amount
        credit.credits_posted += amount


def _undo(books: Books, transfer: Transfer) -> None:
    """Takes back a transfer that was posted a moment ago, as the last one."""
    entry = books.new.pop()
    assert entry.transfer is transfer, "undone in the order of doing, backwards"
    del books.entries[transfer.id]
    if transfer.phase is not Phase.RELEASE:
        _move(books, transfer, sign=-1)
    if transfer.phase is Phase.HOLD:
        del books.holds[transfer.id]
    if transfer.pending_id is not None:
        hold = books.holds[transfer.pending_id]
        hold.state = HoldState.PENDING
        _move(books, hold.transfer, sign=1)
