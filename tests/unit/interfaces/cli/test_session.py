"""What every command begins with: caught up, and sure whose data it speaks of."""

from pathlib import Path

import pytest
from tests.engine_ground import KEY, TEA, opened, paid, said, settled, tell

from quanyu.clock import DAY_US, FixedClock
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli import session
from quanyu.measurement.overview import OverviewQuery
from quanyu.storage.postgres.database import Database
from quanyu.wiring import engine as wiring

LI = {"taobao_id": "li"}
BOUGHT = {"event": "payment_completed", "op": "ge", "value": 1, "within": "7d"}


@pytest.fixture(autouse=True)
def environment(
    database_url: str, data_dir: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "QUANYU_DATABASE_URL": database_url,
        "QUANYU_DATA_DIR": str(data_dir),
        "QUANYU_MASTER_KEY": KEY.hex(),
        "QUANYU_MERCHANT": TEA,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "SystemClock", lambda: clock)


def test_an_answer_covers_everything_that_was_accepted(
    database: Database, clock: FixedClock, data_dir: Path
) -> None:
    with opened(database, clock, data_dir) as elsewhere:
        tell(elsewhere, TEA, paid("e1", LI, at_us=clock.now_us()))
    with session.open_session(catch_up=False) as engine:
        assert engine.app.profile(TEA, "taobao_id:li") is None
        assert engine.app.report().overview(TEA, OverviewQuery()).events == 1, "needs nobody"
    with session.open_session() as engine:
        assert engine.app.profile(TEA, "taobao_id:li") is not None
        assert session.bring_up_to_date(engine) == 0, "already there"
        assert set(engine.projector.lag().values()) == {0}


def test_catching_up_says_how_much_was_applied(
    database: Database, clock: FixedClock, data_dir: Path
) -> None:
    with opened(database, clock, data_dir) as engine:
        tell(engine, TEA, *(said(f"e{n}", LI, at_us=clock.now_us()) for n in range(5)))
        assert session.bring_up_to_date(engine) == 5 * len(engine.projector.names)


def test_time_has_passed_between_two_commands(
    database: Database, clock: FixedClock, data_dir: Path
) -> None:
    with opened(database, clock, data_dir) as engine:
        tell(engine, TEA, paid("e1", LI, at_us=clock.now_us()))
        settled(engine)
        assert engine.audiences.create(TEA, "买过", definition=BOUGHT).people == 1
    clock.advance(9 * DAY_US)
    with session.open_session() as engine:
        assert engine.audiences.count(TEA, "买过") == 0


class TestMerchant:
    @pytest.mark.parametrize(
        "option", ["", " ", "a\nb", "a/b", "x" * 65, " 茶馆", "茶馆 ", ".", "../x"]
    )
    def test_a_name_that_cannot_be(self, option: str) -> None:
        with session.open_session() as engine, pytest.raises(BadInput, match="merchant"):
            session.merchant(option, engine, may_begin=True)

    @pytest.mark.parametrize("option", ["茶馆", "Tea House", "tea-house.2", "a", "x" * 64, "a:b"])
    def test_a_name_that_may_begin(self, option: str) -> None:
        with session.open_session() as engine:
            assert session.merchant(option, engine, may_begin=True) == option

    def test_a_named_one_must_be_known_and_the_set_one_need_not(self, clock: FixedClock) -> None:
        with session.open_session() as engine:
            assert session.merchant(None, engine) == TEA
            with pytest.raises(NotFound, match="begins one"):
                session.merchant(TEA, engine)
            tell(engine, TEA, said("e1", LI, at_us=clock.now_us()))
            assert session.merchant(TEA, engine) == TEA
            with pytest.raises(NotFound, match="鞋店"):
                session.merchant("鞋店", engine)
