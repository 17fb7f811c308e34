"""Every reason for which the book says no."""

from enum import StrEnum

import msgspec


class Refusal(StrEnum):
    CHAIN_IS_EMPTY = "chain_is_empty"
    ID_TWICE_IN_CHAIN = "id_twice_in_chain"
    CHAIN_PARTLY_EXISTS = "chain_partly_exists"
    EXISTS_WITH_DIFFERENT_PHASE = "exists_with_different_phase"
    EXISTS_WITH_DIFFERENT_DEBIT = "exists_with_different_debit"
    EXISTS_WITH_DIFFERENT_CREDIT = "exists_with_different_credit"
    EXISTS_WITH_DIFFERENT_AMOUNT = "exists_with_different_amount"
    EXISTS_WITH_DIFFERENT_PENDING_ID = "exists_with_different_pending_id"
    EXISTS_WITH_DIFFERENT_TIMEOUT = "exists_with_different_timeout"
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code"
    EXISTS_WITH_DIFFERENT_REFERENCE = "exists_with_different_reference"
    ID_NOT_16_BYTES = "id_not_16_bytes"
    CODE_MALFORMED = "code_malformed"
    REFERENCE_MALFORMED = "reference_malformed"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AMOUNT_TOO_LARGE = "amount_too_large"
    PHASE_IS_THE_BOOKS_OWN = "phase_is_the_books_own"
    TIMEOUT_ONLY_FOR_HOLDS = "timeout_only_for_holds"
    TIMEOUT_NOT_POSITIVE = "timeout_not_positive"
    TIMEOUT_TOO_LONG = "timeout_too_long"
    PENDING_ID_MISSING = "pending_id_missing"
    PENDING_ID_NOT_EXPECTED = "pending_id_not_expected"
    ACCOUNTS_MUST_DIFFER = "accounts_must_differ"
    DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found"
    CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found"
    UNITS_DIFFER = "units_differ"
    DEBIT_ACCOUNT_FROZEN = "debit_account_frozen"
    CREDIT_ACCOUNT_FROZEN = "credit_account_frozen"
    EXCEEDS_BALANCE = "exceeds_balance"
    OVERFLOWS_BALANCE = "overflows_balance"
    PENDING_TRANSFER_NOT_FOUND = "pending_transfer_not_found"
    PENDING_TRANSFER_NOT_PENDING = "pending_transfer_not_pending"
    PENDING_TRANSFER_HAS_DIFFERENT_ACCOUNTS = "pending_transfer_has_different_accounts"
    PENDING_TRANSFER_ALREADY_SETTLED = "pending_transfer_already_settled"
    PENDING_TRANSFER_ALREADY_RELEASED = "pending_transfer_already_released"
    PENDING_TRANSFER_EXPIRED = "pending_transfer_expired"
    EXCEEDS_PENDING_AMOUNT = "exceeds_pending_amount"
    RELEASE_MUST_BE_WHOLE = "release_must_be_whole"


class Refused(msgspec.Struct, frozen=True):
    """The chain was not posted, because of one of its transfers. Nothing has changed."""

    reason: Refusal
    index: int = 0


class Posted(msgspec.Struct, frozen=True):
    """The chain stands in the book since ``at_us``."""

    at_us: int
    repeated: bool = False
    """It stood there before; this call changed nothing."""


Outcome = Posted | Refused
