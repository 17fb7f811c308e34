"""The people of the pretend market, each with several accounts and one true identity."""

from dataclasses import dataclass
from random import Random

from quanyu.simulator.catalogue import Catalogue, City, Goods, Meals

BIRTH_YEARS = (1960, 2007)
PARENT_SHARE = 0.35
MEMBER_SHARE = 0.5
HOME_SPREAD_DEGREES = 0.12


@dataclass(frozen=True, slots=True)
class Shopper:
    number: int
    gender: str
    birth_year: int
    city: City
    home: tuple[float, float]
    """WGS-84 (lat, lng)."""
    tastes: tuple[Goods, ...]
    """Favourite goods first."""
    meals: Meals
    parent: bool
    member: bool
    activity: float
    """Expected sessions in a day."""
    phone: str

    def account(self, kind: str) -> dict[str, str]:
        return {f"{kind}_id": f"{kind}-{self.number:07d}"}

    @property
    def accounts(self) -> dict[str, str]:
        """Every identifier that truly belongs to this shopper."""
        named = {k: v for kind in ACCOUNTS for k, v in self.account(kind).items()}
        return named | {"phone": self.phone}


ACCOUNTS = ("taobao", "alipay", "eleme", "amap", "youku")


def shopper(number: int, catalogue: Catalogue, *, chance: Random) -> Shopper:
    city = chance.choices(catalogue.cities, [c.weight for c in catalogue.cities])[0]
    spread = HOME_SPREAD_DEGREES
    home = (city.lat + chance.uniform(-spread, spread), city.lng + chance.uniform(-spread, spread))
    return Shopper(
        number=number,
        gender=chance.choice(("female", "female", "male")),
        birth_year=chance.randint(*BIRTH_YEARS),
        city=city,
        home=(round(home[0], 6), round(home[1], 6)),
        tastes=tuple(chance.sample(catalogue.goods, len(catalogue.goods))),
        meals=chance.choice(catalogue.meals),
        parent=chance.random() < PARENT_SHARE,
        member=chance.random() < MEMBER_SHARE,
        activity=chance.lognormvariate(-0.4, 0.7),
        phone=f"1{chance.choice('3578')}{chance.randrange(10**9):09d}",
    )
