"""A host is forgotten where nothing has to be kept, and is told what has to be, and until when."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.content.shows.plans import AI, HOST, SCRIPT, SERUM, show

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.content.piece import Segment
from quanyu.content.shows.hosts import (
    NAMELESS,
    Fate,
    Forgotten,
    HostDesk,
    fate,
    is_called,
    known_hosts,
    without,
)
from quanyu.content.shows.planning import plan_hash
from quanyu.content.shows.script import FromPiece
from quanyu.content.shows.show import Host, Plan, Show, Standing, checked_plan
from quanyu.content.shows.states import ShowState as S
from quanyu.errors import BadInput, NotFound

STARTS_US = parse_iso("2026-03-10T18:00:00+08:00")
ENDS_US = STARTS_US + 4 * 3_600_000_000
KEPT_US = 1_096 * DAY_US
WANG = {"id": "wang", "name": "王芳", "age": 31, "permission": "TB-2", "share_bp": 4_000}
LIN = HOST | {"share_bp": 6_000}
TWO: dict[str, Any] = {
    "hosts": [LIN, WANG],
    "title": "小林和王芳的春夜",
    "script": [*SCRIPT, {"text": "小林：大家好，我是小林。王芳：我是王芳。", "purpose": "value"}],
    "slots": [SERUM | {"title": "小林推荐的精华"}],
}


def standing(state: S, of: Show | None = None, **times: int) -> Standing:
    planned = of or show(**TWO)
    return Standing(planned, state, 0, "planner", plan_hash(planned), **times)


def texts(of: Show) -> str:
    return msgspec.json.encode(of).decode()


class TestStandIns:
    def test_name_number_age_and_permission_go(self) -> None:
        told = without(show(**TWO), ["lin"])
        first, second = told.hosts
        assert first == Host("former-1", NAMELESS, share_bp=6_000)
        assert second == msgspec.convert(WANG, Host)
        assert "小林" not in texts(told)
        assert "TB-2026-001" not in texts(told)
        assert "王芳" in texts(told)
        assert told.script[-1].text == "主播：大家好，我是主播。王芳：我是王芳。"
        assert (told.title, told.slots[0].title) == ("主播和王芳的春夜", "主播推荐的精华")

    def test_what_is_sold_and_shared_stays(self) -> None:
        before, after = show(**TWO), without(show(**TWO), ["lin", "wang"])
        assert [one.share_bp for one in after.hosts] == [6_000, 4_000]
        assert sum(one.share_bp for one in after.hosts) == 10_000
        assert [one.price_fen for one in after.slots] == [one.price_fen for one in before.slots]
        assert after.stretch == before.stretch
        assert len({one.id for one in after.hosts}) == 2

    @given(gone=st.sets(st.sampled_from(["lin", "wang", "nobody"])))
    def test_it_is_still_a_plan_and_can_be_done_again(self, gone: set[str]) -> None:
        told = without(show(**TWO), gone)
        assert without(told, gone) == told
        form = msgspec.to_builtins(told) | {"id": "again"}
        checked_plan(msgspec.convert(form, Plan))
        kept = {"lin": "小林", "wang": "王芳"}
        assert all((name in texts(told)) is (id not in gone) for id, name in kept.items())

    def test_a_script_that_was_taken_from_a_piece(self) -> None:
        said = (Segment("我是小林", "value"),)
        of_piece = msgspec.structs.replace(
            show(**TWO), script=FromPiece("p1", hash="h", version=2, segments=said)
        )
        script = without(of_piece, ["lin"]).script
        assert script == FromPiece("p1", "h", 2, segments=(Segment("我是主播", "value"),))

    def test_nobody_is_changed_for_nobody(self) -> None:
        assert without(show(**TWO), []) == show(**TWO)

    def test_a_name_inside_a_longer_name(self) -> None:
        """The longer one goes first, so that nothing of it is left."""
        hosts = [HOST | {"name": "小林", "id": "xiaolin"}]
        told = without(show(hosts=hosts, title="小林 xiaolin 专场"), ["xiaolin"])
        assert told.title == "主播 主播 专场"

    def test_a_name_of_one_character_would_tear_up_the_text(self) -> None:
        hosts = [HOST | {"name": "林", "id": "l1"}]
        told = without(show(hosts=hosts, title="森林护肤 l1"), ["l1"])
        assert told.title == "森林护肤 主播"
        assert told.hosts[0].name == NAMELESS

    def test_whom_retention_still_has_to_take_out(self) -> None:
        hosts = [LIN | {"share_bp": 5_000}, AI | {"share_bp": 5_000}]
        both = show(hosts=hosts)
        assert known_hosts(both) == ["lin"]
        assert known_hosts(without(both, ["lin"])) == []

    @pytest.mark.parametrize(
        ("who", "called"),
        [("lin", True), ("小林", True), ("Lin", False), ("林", False), ("", False)],
    )
    def test_by_number_or_name(self, who: str, called: bool) -> None:
        assert is_called(msgspec.convert(LIN, Host), who) is called


@pytest.mark.parametrize(
    ("state", "times", "now_us", "expected"),
    [
        (S.PLANNED, {}, STARTS_US, Fate()),
        (S.APPROVED, {}, ENDS_US - 1, Fate()),
        (S.PLANNED, {}, ENDS_US, Fate(changed=True)),
        (S.APPROVED, {}, ENDS_US + 1, Fate(changed=True)),
        (S.CANCELLED, {}, STARTS_US - DAY_US, Fate(changed=True)),
        (S.LIVE, {"started_us": STARTS_US}, STARTS_US, Fate(False, ENDS_US + KEPT_US)),
        (S.LIVE, {"started_us": STARTS_US}, ENDS_US + 9, Fate(False, ENDS_US + 9 + KEPT_US)),
        (S.ENDED, {"ended_us": ENDS_US}, ENDS_US + KEPT_US - 1, Fate(False, ENDS_US + KEPT_US)),
        (S.ENDED, {"ended_us": ENDS_US}, ENDS_US + KEPT_US, Fate(True, ENDS_US + KEPT_US)),
        (
            S.ARCHIVED,
            {"ended_us": ENDS_US, "kept_until_us": ENDS_US + KEPT_US + DAY_US},
            ENDS_US + KEPT_US,
            Fate(False, ENDS_US + KEPT_US + DAY_US),
        ),
        (
            S.ARCHIVED,
            {"ended_us": ENDS_US, "kept_until_us": ENDS_US},
            ENDS_US + KEPT_US - 1,
            Fate(False, ENDS_US + KEPT_US),
        ),
    ],
)
def test_what_becomes_of_a_show(
    state: S, times: dict[str, int], now_us: int, expected: Fate
) -> None:
    assert fate(standing(state, **times), now_us=now_us, kept_us=KEPT_US) == expected


@dataclass
class Drawer:
    shows: dict[str, Standing] = field(default_factory=dict)
    puts: int = 0

    @contextmanager
    def transaction(self):  # type: ignore[no-untyped-def]
        yield None

    def of_host(self, tx: None, merchant: str, *, host: str) -> list[Standing]:
        return [
            one
            for one in self.shows.values()
            if any(is_called(each, host) for each in one.show.hosts)
        ]

    def put(self, tx: None, merchant: str, *, standing: Standing) -> None:
        self.puts += 1
        self.shows[standing.show.id] = standing


def drawer() -> Drawer:
    made = Drawer()
    for id, state, times in (
        ("over", S.ARCHIVED, {"ended_us": ENDS_US - KEPT_US, "kept_until_us": ENDS_US}),
        ("aired", S.ARCHIVED, {"ended_us": ENDS_US, "kept_until_us": ENDS_US + KEPT_US}),
        ("cancelled", S.CANCELLED, {}),
        ("coming", S.APPROVED, {}),
    ):
        starts = "2026-03-12T18:00:00+08:00" if id == "coming" else "2026-03-10T18:00:00+08:00"
        one = show(**TWO, id=id, starts=starts)
        made.shows[id] = standing(state, one, **times)
    return made


def desk(of: Drawer) -> HostDesk[Any]:
    return HostDesk(of, of, clock=FixedClock(ENDS_US), kept_us=KEPT_US)  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["lin", "小林"])
def test_each_show_gets_what_it_should(who: str) -> None:
    kept = drawer()
    before = dict(kept.shows)
    done = desk(kept).forget("茶馆", who)
    assert done == Forgotten(
        changed=("over", "cancelled"), kept=(("aired", ENDS_US + KEPT_US),), to_come=("coming",)
    )
    for id in ("over", "cancelled"):
        assert "小林" not in texts(kept.shows[id].show)
        assert replace_show(kept.shows[id], before[id].show) == before[id], "nothing else changed"
    assert kept.shows["aired"] == before["aired"]
    assert kept.shows["coming"] == before["coming"]
    assert done.as_json()["kept"] == [
        {
            "show": "aired", "until": "2029-03-10T22:00:00+08:00",
            "why": "live_archive_of_three_years",
        }
    ]  # fmt: skip


def replace_show(one: Standing, of: Show) -> Standing:
    return msgspec.structs.replace(one, show=of)


def test_asked_again_only_what_is_left_is_told() -> None:
    kept = drawer()
    desk(kept).forget("茶馆", "lin")
    again = desk(kept).forget("茶馆", "lin")
    assert (again.changed, [show for show, _ in again.kept]) == ((), ["aired"])
    assert kept.puts == 2


def test_the_other_host_stays_whoever_asks_first() -> None:
    one, other = drawer(), drawer()
    for who in ("lin", "王芳"):
        desk(one).forget("茶馆", who)
    for who in ("wang", "小林"):
        desk(other).forget("茶馆", who)
    assert one.shows == other.shows
    assert [host.id for host in one.shows["over"].show.hosts] == ["former-1", "former-2"]


@pytest.mark.parametrize(
    ("who", "error"),
    [("", BadInput), ("  ", BadInput), (NAMELESS, BadInput), ("nobody", NotFound)],
)
def test_nobody_is_asked_for(who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        desk(drawer()).forget("茶馆", who)
