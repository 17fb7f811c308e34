"""One question with all that it is answered from."""

from dataclasses import dataclass

from quanyu.decisions.guards.viewer import NoAds, no_ads
from quanyu.decisions.moment import Moment
from quanyu.decisions.serving.grounds import Asked, Grounds
from quanyu.decisions.serving.moments import Around, moment_of
from quanyu.touchpoints.touchpoint import Touchpoint


@dataclass(frozen=True, slots=True)
class Case:
    asked: Asked
    grounds: Grounds
    moment: Moment

    @property
    def spared(self) -> NoAds | None:
        """Why nothing may be advertised to this person here, whoever paid."""
        device = self.asked.ask.context.device
        closed = device in self.grounds.ecosystem.consent_devices
        return NoAds.DEVICE if closed else no_ads(self.touchpoint, self.asked.viewer)

    @property
    def touchpoint(self) -> Touchpoint:
        return self.asked.touchpoint


def case_of(asked: Asked, grounds: Grounds) -> Case:
    around = Around(grounds.index.contents, grounds.words, ordered=asked.ordered)
    moment = moment_of(
        asked.ask, asked.touchpoint, at_us=asked.at_us, words=grounds.words, around=around
    )
    return Case(asked, grounds, moment)
