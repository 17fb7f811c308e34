"""Every refusal says what to do: each code of an enum has a mend, and no mend is left over."""

import importlib
import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from types import ModuleType

import pytest

import quanyu.content
import quanyu.customers.privacy
import quanyu.customers.profile
import quanyu.decisions
import quanyu.promotions
from quanyu.errors import BadInput, Refused
from quanyu.events.requests import Conflict
from quanyu.interfaces.refusals import MEND, figures, granted, mend_of

PACKAGES = (
    quanyu.promotions, quanyu.content, quanyu.customers.privacy, quanyu.customers.profile,
    quanyu.decisions,
)  # fmt: skip


def walked(package: ModuleType) -> list[pkgutil.ModuleInfo]:
    return list(pkgutil.walk_packages(package.__path__, f"{package.__name__}."))


def enums_of_refusals() -> Iterator[type[StrEnum]]:
    """By name: a package that refuses has an enum called Reason or …Refusal."""
    yield Conflict
    for found in [one for package in PACKAGES for one in walked(package)]:
        module = importlib.import_module(found.name)
        for name, one in vars(module).items():
            named = name == "Reason" or name.endswith("Refusal")
            if named and isinstance(one, type) and one.__module__ == module.__name__:
                yield one


CODES = sorted({str(code) for one in enums_of_refusals() for code in one})


def test_the_packages_that_refuse_are_found() -> None:
    found = {one.__module__.removeprefix("quanyu.promotions.") for one in enums_of_refusals()}
    assert {"coupons.refusals", "loyalty.refusals", "orders.states", "pricing.refunds"} <= found


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_says_what_to_do(code: str) -> None:
    assert 10 <= len(mend_of(Refused(code))) <= 120


def test_no_mend_is_left_over() -> None:
    assert sorted(MEND) == CODES


@pytest.mark.parametrize(
    ("no", "says"),
    [
        (Refused("cap_money", 300, 500), " (have 300, need 500)"),
        (Refused("coupon_not_usable", need=1), " (have 0, need 1)"),
        (Refused("killed"), ""),
    ],
)
def test_figures_where_they_decided(no: Refused, says: str) -> None:
    assert figures(no) == says


def test_a_code_of_nobody_is_a_defect() -> None:
    with pytest.raises(KeyError):
        mend_of(Refused("because"))


def test_a_command_line_ends_with_code_mend_and_figures() -> None:
    assert granted(7) == 7
    with pytest.raises(BadInput) as caught:
        granted(Refused("over_face", 9, 5))
    told = caught.value
    assert (told.field, told.mend) == (
        "over_face", "take off no more than its face (have 9, need 5)",
    )  # fmt: skip
