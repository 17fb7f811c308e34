"""How minors were treated in a year (《未成年人网络保护条例》 37: an audit each year)."""

import msgspec

EXPECTED_ZERO = ("profiled", "in_audiences", "marketing_sent")


class MinorsReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of people at one merchant; nobody is named."""

    year: int
    minors: int
    """People known to be under age at the end of the year, or now while it runs."""
    came_of_age: int
    """People for whom this is the first year as an adult."""
    said_yes_since: int
    """Of those, people who agreed as adults to personalisation; nobody else's past is used."""
    profiled: int
    """Minors with tags. 0 unless something is broken."""
    in_audiences: int
    """Places of minors in audiences. 0 unless something is broken."""
    marketing_sent: int
    """Messages to minors in the year for anything but what they had asked for."""
    refused_words: int
    """Lines of the consent ledger in which a minor said yes: kept, and without effect."""

    @property
    def faults(self) -> tuple[str, ...]:
        """What should be 0 and is not."""
        return tuple(name for name in EXPECTED_ZERO if getattr(self, name))
