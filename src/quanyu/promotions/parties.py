"""Who owes whom: the accounts between buyers, shops, partners and the platform."""

from quanyu.ledger.accounts import PLATFORM, Account, Limit, path


def shop_payable(merchant: str, shop: str) -> Account:
    """What the clearing owes a shop; the entries of a day are its settlement."""
    return Account(path("party", merchant, shop, "payable"), "fen", merchant)


def party_payable(party: str) -> Account:
    """The same of a merchant as a partner of others, and of the platform, which mostly owes."""
    return Account(path("party", party, "payable"), "fen", party)


def platform_payable() -> Account:
    return party_payable(PLATFORM)


def clearing(method: str) -> Account:
    """Buyers' money that came in by a method of payment."""
    return Account(path("clearing", method), "fen", PLATFORM)


def deferred(merchant: str, shop: str) -> Account:
    """Buyers' money that waits in vouchers until they are used."""
    return Account(path("party", merchant, shop, "deferred"), "fen", merchant, Limit.DEBITS)


def given(merchant: str, shop: str) -> Account:
    """Discounts that the shop bears itself."""
    return Account(path("party", merchant, shop, "discounts"), "fen", merchant)


def forgone(merchant: str, shop: str) -> Account:
    """The other side of ``given``: list prices that nobody paid."""
    return Account(path("party", merchant, shop, "forgone"), "fen", merchant)


def host_payable(merchant: str, host: str) -> Account:
    """What a merchant owes the host of its live shows."""
    return Account(path("host", merchant, host, "payable"), "fen", merchant)


def financier_fees(merchant: str, method: str) -> Account:
    """What the financier of a method of payment has earned by lending to a merchant's buyers."""
    return Account(path("financier", method, merchant, "fees"), "fen", PLATFORM)
