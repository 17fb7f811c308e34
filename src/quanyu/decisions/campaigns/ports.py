"""Where campaigns are kept. Engines live in ``storage``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.decisions.campaigns.record import Change, Standing, Version
from quanyu.decisions.campaigns.states import CampaignState

In = TypeVar("In", contravariant=True)


class CampaignStore(Protocol[In]):
    def take_turn(self, tx: In, merchant: str, *, campaign: str) -> None:
        """Nobody else changes the campaign until commit, also where none of that id exists yet."""

    def find(self, tx: In, merchant: str, *, campaign: str) -> Standing | None: ...

    def keep(self, tx: In, merchant: str, *, before: Standing | None, after: Standing) -> None:
        """A new one, or in the place of ``before``; anything else stored is a bug."""

    def versions(self, tx: In, merchant: str, *, campaign: str) -> Sequence[Version]:
        """Oldest first."""

    def version(self, tx: In, merchant: str, *, campaign: str, number: int) -> Version: ...

    def keep_version(self, tx: In, merchant: str, *, version: Version) -> None:
        """A new one, or the next state of one; what it says never changes."""

    def note(self, tx: In, merchant: str, *, campaign: str, change: Change) -> None:
        """A line of history; the revision of the merchant goes up by one."""

    def history(self, tx: In, merchant: str, *, campaign: str) -> Sequence[Change]: ...

    def listed(
        self, tx: In, merchant: str, *, state: CampaignState | None, after: str
    ) -> Sequence[Standing]:
        """By id, those behind ``after``; a page."""

    def running(self, tx: In, merchant: str, *, at_us: int) -> Iterator[tuple[int, Campaign]]:
        """(Version in force, campaign with its budget of now) of those that run at that time and
        are not withheld, by id."""

    def unended(self, tx: In, merchant: str) -> Iterator[Campaign]:
        """What is in force of all that have not ended, withheld or not."""

    def revision(self, tx: In, merchant: str) -> int:
        """Grows with every change of what may be shown, withholding included."""

    def due(self, tx: In, *, at_us: int) -> Sequence[tuple[str, str]]:
        """(Merchant, id) of those whose start or end has come, or whose money is not back."""

    def is_advertiser(self, tx: In, merchant: str, *, advertiser: str) -> bool:
        """Has it ever written a campaign?"""

    def days(self, tx: In, merchant: str, *, campaign: str) -> Mapping[int, int]:
        """Day number → fen that the day was given, of every day that was opened."""

    def keep_day(self, tx: In, merchant: str, *, campaign: str, day: tuple[int, int]) -> None:
        """(Day number, fen): opens it, or changes what it was given."""
