"""Where the money of ads is: in a purse, set aside for a campaign, in its day, at work, earned."""

from functools import lru_cache

from quanyu.ledger.accounts import PLATFORM, Account, Limit, path


def ads_paid_in(merchant: str) -> Account:
    """What a merchant's advertisers have paid in, before it is anything else."""
    return Account(path("ads", merchant, "paid_in"), "fen", PLATFORM)


def ads_purse(merchant: str, advertiser: str) -> Account:
    """Prepaid, and not yet promised to any campaign."""
    return _limited(merchant, "ads", merchant, "purse", advertiser)


def campaign_total(merchant: str, campaign: str) -> Account:
    """Set aside at approval; what no day has taken yet."""
    return _limited(merchant, "campaign", merchant, campaign, "total")


def campaign_day(merchant: str, campaign: str, *, day: int) -> Account:
    """``day``: day number in China."""
    return _limited(merchant, "campaign", merchant, campaign, "day", str(day))


def campaign_out(merchant: str, campaign: str) -> Account:
    """At work in leases: neither spent nor back."""
    return _limited(merchant, "campaign", merchant, campaign, "out")


def ads_revenue() -> Account:
    """What ads have earned the platform."""
    return Account(path("ads", "revenue"), "fen", PLATFORM)


@lru_cache(maxsize=65_536)
def _limited(merchant: str, *parts: str) -> Account:
    return Account(path(*parts), "fen", merchant, Limit.DEBITS)
