"""Is somebody where a campaign wants people to be?"""

import numpy as np

from quanyu.decisions.asking import Point
from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.decisions.recall.coordinates import metres
from quanyu.decisions.recall.geo import Places


def is_near(campaign: Campaign, here: Point | None, *, places: Places | None) -> bool:
    """Within its radius of one of its stores or points. Nowhere where nobody says where, and a
    store that is gone is no place."""
    near = campaign.near
    if here is None or near is None:
        return False
    there = [(one.lat, one.lng) for one in near.points]
    if places is not None:
        rows = [places.row_of[one] for one in near.stores if one in places.row_of]
        there += [(float(places.lat[row]), float(places.lng[row])) for row in rows]
    if not there:
        return False
    lat, lng = np.array(there).T
    return float(metres((here.lat, here.lng), (lat, lng)).min()) <= near.radius_m
