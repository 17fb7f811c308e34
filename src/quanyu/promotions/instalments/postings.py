"""The fee in the ledger: from who bears it to the financier, and what falls away back again.

A fee of the buyer is between buyer and financier: the agreement remembers it, nothing is posted.
What the buyer pays month by month is theirs as well: the financier has paid the whole at once.
"""

from collections.abc import Mapping
from typing import NamedTuple

from quanyu.ledger.accounts import Account
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.instalments.agreement import Agreement
from quanyu.promotions.parties import financier_fees, platform_payable, shop_payable
from quanyu.promotions.pricing.instalments import Bearer


class FeePosting(NamedTuple):
    chain: list[Transfer]
    accounts: list[Account]


def bearer_account(bearer: Bearer, merchant: str, *, name: str) -> Account:
    """``name``: of a share; a shop may be called ``platform``."""
    return platform_payable() if bearer == "platform" else shop_payable(merchant, name)


def charged(agreement: Agreement) -> FeePosting:
    return _posted(agreement, agreement.shares, step="fee")


def returned(agreement: Agreement, back: Mapping[str, int], *, key: str) -> FeePosting:
    return _posted(agreement, back, step=f"fee_back:{key}")


def _posted(agreement: Agreement, parts: Mapping[str, int], *, step: str) -> FeePosting:
    of = agreement.financed
    fees = financier_fees(of.merchant, of.method)
    code = f"instalment.{step.partition(':')[0]}"
    found = FeePosting([], [])
    for name, fen in sorted(parts.items()):
        bearer = bearer_account(agreement.plan.bearer, of.merchant, name=name)
        debit, credit = (bearer, fees) if step == "fee" else (fees, bearer)
        id = transfer_id(of.merchant, "instalment", of.order, step, name)
        found.chain.append(Transfer(id, debit.id, credit.id, fen, code, reference=of.order))
        found.accounts.extend((bearer, fees))
    return found
