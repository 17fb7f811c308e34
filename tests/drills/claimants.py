"""``python -m tests.drills.claimants N``: N people claim a piece of ``t1``, each under one key."""

import sys
from concurrent.futures import ThreadPoolExecutor

from tests.drills.coupon_ground import SHOP

from quanyu.promotions.coupons.forms import Form
from quanyu.settings import Settings
from quanyu.wiring import open_engine


def main(people: int) -> None:
    with open_engine(Settings.from_env()) as engine:

        def claim(number: int) -> None:
            form = Form(offer="t1", identifier=f"taobao_id:{number}")
            engine.coupons.act(SHOP, "claim", form=form, request=f"claim-{number}")

        with ThreadPoolExecutor(64) as threads:
            list(threads.map(claim, range(people)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
