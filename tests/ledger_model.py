"""A second opinion on the ledger, written the slow way: it keeps nothing but the list of entries,
and works out every balance and every hold by reading that list from its beginning.

Written from SEMANTICS, not from ``posting.py``; it shares with it the vocabulary and no rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from quanyu.ledger.accounts import Account, Balance
from quanyu.ledger.refusals import Outcome, Posted, Refusal, Refused
from quanyu.ledger.transfers import Chain, Entry, Transfer, transfer_id

R = Refusal
CONTENT = ("phase", "debit", "credit", "amount", "pending_id", "timeout_us", "code", "reference")


@dataclass
class Model:
    accounts: dict[str, Account] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    lines: list[Entry] = field(default_factory=list)

    def open(self, accounts: Iterable[Account]) -> None:
        for account in accounts:
            self.accounts[account.id] = account

    def balance(self, name: str) -> Balance:
        """Over all lines: what was posted for good, and what is held and has not come to an end."""
        over = {line.transfer.pending_id for line in self.lines}
        told = Balance(frozen=name in self.frozen)
        for line in self.lines:
            t = line.transfer
            if t.phase in ("direct", "settle"):
                told.debits_posted += t.amount * (t.debit == name)
                told.credits_posted += t.amount * (t.credit == name)
            elif t.phase == "hold" and t.id not in over:
                told.debits_pending += t.amount * (t.debit == name)
                told.credits_pending += t.amount * (t.credit == name)
        return told

    def balances(self) -> dict[str, Balance]:
        return {name: self.balance(name) for name in self.accounts}

    def line(self, id_: bytes | None) -> Entry | None:
        return next((line for line in self.lines if line.transfer.id == id_), None)

    def end(self, id_: bytes) -> str | None:
        """How a hold came to its end, None while it is open."""
        ends = [line.transfer.phase for line in self.lines if line.transfer.pending_id == id_]
        assert len(ends) <= 1, "a hold ends once"
        return str(ends[0]) if ends else None

    def post(self, chains: Sequence[Chain], now_us: int) -> list[Outcome]:
        return [self._chain(chain, now_us) for chain in chains]

    def _chain(self, chain: Chain, now_us: int) -> Outcome:
        if not chain:
            return Refused(R.CHAIN_IS_EMPTY)
        seen: set[bytes] = set()
        for index, transfer in enumerate(chain):
            if transfer.id in seen:
                return Refused(R.ID_TWICE_IN_CHAIN, index)
            seen.add(transfer.id)
        before = [self.line(transfer.id) for transfer in chain]
        if any(line is not None for line in before):
            return self._repeated(chain, before)
        mark = len(self.lines)
        for index, transfer in enumerate(chain):
            reason = self._reason(transfer, now_us)
            if reason is not None:
                del self.lines[mark:]
                return Refused(reason, index)
            self.lines.append(Entry(transfer, now_us))
        return Posted(now_us)

    def _repeated(self, chain: Chain, before: list[Entry | None]) -> Outcome:
        for index, (transfer, line) in enumerate(zip(chain, before, strict=True)):
            if line is None:
                return Refused(R.CHAIN_PARTLY_EXISTS, index)
            for name in CONTENT:
                if getattr(transfer, name) != getattr(line.transfer, name):
                    said = "timeout" if name == "timeout_us" else name
                    return Refused(Refusal(f"exists_with_different_{said}"), index)
        assert before[0] is not None
        return Posted(before[0].at_us, repeated=True)

    def _reason(self, t: Transfer, now_us: int) -> Refusal | None:
        if (fault := self._ill_formed(t)) or (fault := self._misplaced(t)):
            return fault
        if t.phase in ("settle", "release"):
            return self._cannot_end(t, now_us)
        return self._cannot_begin(t)

    def _ill_formed(self, t: Transfer) -> Refusal | None:
        ends = t.phase in ("settle", "release")
        printable = t.code.replace(" ", "").isprintable()
        about = t.reference.replace(" ", "").isprintable()
        faults = [
            (len(t.id) != 16, R.ID_NOT_16_BYTES),
            (not 1 <= len(t.code) <= 80 or not printable, R.CODE_MALFORMED),
            (len(t.reference) > 200 or not about, R.REFERENCE_MALFORMED),
            (t.amount < 1, R.AMOUNT_NOT_POSITIVE),
            (t.amount > 10**15, R.AMOUNT_TOO_LARGE),
            (t.phase == "expire", R.PHASE_IS_THE_BOOKS_OWN),
            (t.timeout_us is not None and t.phase != "hold", R.TIMEOUT_ONLY_FOR_HOLDS),
            (t.timeout_us is not None and t.timeout_us < 1, R.TIMEOUT_NOT_POSITIVE),
            ((t.timeout_us or 0) > 36_600 * 86_400 * 10**6, R.TIMEOUT_TOO_LONG),
            (ends and t.pending_id is None, R.PENDING_ID_MISSING),
            (not ends and t.pending_id is not None, R.PENDING_ID_NOT_EXPECTED),
        ]
        return next((reason for bad, reason in faults if bad), None)

    def _misplaced(self, t: Transfer) -> Refusal | None:
        if t.debit not in self.accounts:
            return R.DEBIT_ACCOUNT_NOT_FOUND
        if t.credit not in self.accounts:
            return R.CREDIT_ACCOUNT_NOT_FOUND
        if t.debit == t.credit:
            return R.ACCOUNTS_MUST_DIFFER
        units = {self.accounts[name].unit for name in (t.debit, t.credit)}
        return R.UNITS_DIFFER if len(units) == 2 else None

    def _cannot_begin(self, t: Transfer) -> Refusal | None:
        if t.debit in self.frozen:
            return R.DEBIT_ACCOUNT_FROZEN
        if t.credit in self.frozen:
            return R.CREDIT_ACCOUNT_FROZEN
        for name in (t.debit, t.credit):
            told = self.balance(name)
            if told.debits_posted + told.debits_pending + t.amount > 2**62:
                return R.OVERFLOWS_BALANCE
            if told.credits_posted + told.credits_pending + t.amount > 2**62:
                return R.OVERFLOWS_BALANCE
        debit, credit = self.balance(t.debit), self.balance(t.credit)
        taken = debit.debits_posted + debit.debits_pending + t.amount
        if self.accounts[t.debit].limit == "debits" and taken > debit.credits_posted:
            return R.EXCEEDS_BALANCE
        given = credit.credits_posted + credit.credits_pending + t.amount
        if self.accounts[t.credit].limit == "credits" and given > credit.debits_posted:
            return R.EXCEEDS_BALANCE
        return None

    def _cannot_end(self, t: Transfer, now_us: int) -> Refusal | None:
        line = self.line(t.pending_id)
        if line is None:
            return R.PENDING_TRANSFER_NOT_FOUND
        held = line.transfer
        if held.phase != "hold":
            return R.PENDING_TRANSFER_NOT_PENDING
        if (t.debit, t.credit) != (held.debit, held.credit):
            return R.PENDING_TRANSFER_HAS_DIFFERENT_ACCOUNTS
        late = held.timeout_us is not None and now_us >= line.at_us + held.timeout_us
        how = self.end(held.id) or ("expire" if late else None)
        if how is not None:
            return {
                "settle": R.PENDING_TRANSFER_ALREADY_SETTLED,
                "release": R.PENDING_TRANSFER_ALREADY_RELEASED,
                "expire": R.PENDING_TRANSFER_EXPIRED,
            }[how]
        if t.amount > held.amount:
            return R.EXCEEDS_PENDING_AMOUNT
        return R.RELEASE_MUST_BE_WHOLE if t.phase == "release" and t.amount < held.amount else None

    def expire(self, now_us: int) -> int:
        """Every open hold whose time is over, the one that was over first before the others."""
        due = sorted(
            (line.at_us + line.transfer.timeout_us, line.transfer.id, line.transfer)
            for line in self.lines
            if line.transfer.timeout_us is not None and self.end(line.transfer.id) is None
        )
        late = [held for over_us, _, held in due if over_us <= now_us]
        for held in late:
            self.lines.append(Entry(given_back(held), now_us))
        return len(late)

    def total(self, unit: str) -> int:
        """Credits minus debits of all accounts of a unit: zero, whatever happened."""
        names = [name for name, account in self.accounts.items() if account.unit == unit]
        told = [self.balance(name) for name in names]
        return sum(one.credits_posted - one.debits_posted for one in told)


def given_back(held: Transfer) -> Transfer:
    return Transfer(
        id=transfer_id("expire", held.id.hex()),
        debit=held.debit,
        credit=held.credit,
        amount=held.amount,
        code=held.code,
        phase=type(held.phase).EXPIRE,
        pending_id=held.id,
        reference=held.reference,
    )
