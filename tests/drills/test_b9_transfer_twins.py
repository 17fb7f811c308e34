"""B9 for transfers: 32 twins at once under one id have one effect and one answer; another content
under the same id is refused; keys of two merchants do not meet."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import msgspec
import pytest
from tests.ledger_ground import ACCOUNTS, moved, named

from quanyu.clock import SystemClock
from quanyu.ledger.forms import decode_transfers
from quanyu.ledger.refusals import Outcome, Posted, Refusal, Refused
from quanyu.settings import Settings
from quanyu.storage.audit.ledger import ledger_checks
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill

TWINS, ROUNDS = 32, 20


@pytest.fixture
def engines(database: Database, data_dir: Path) -> Iterator[list[Engine]]:
    """Two, as two processes have; each gathers its own callers."""
    settings = Settings(data_dir=data_dir, master_key_given=bytes(range(32)))
    made = [Engine(settings, database, clock=SystemClock()) for _ in range(2)]
    made[0].ledger.post([[moved("in", 10**6)]], accounts=ACCOUNTS)
    yield made
    for one in made:
        one.close()


def at_once(post: Callable[[int], list[Outcome]]) -> list[Outcome]:
    barrier, outcomes = threading.Barrier(TWINS), []

    def run(twin: int) -> None:
        barrier.wait()
        outcomes.extend(post(twin))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(TWINS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def test_twins_have_one_effect_and_equal_answers(engines: list[Engine], database: Database) -> None:
    duplicates = violations = 0
    begun_s = perf_counter()
    for number in range(ROUNDS):
        chain = [moved(f"{number}-a", 7), moved(f"{number}-b", 5, debit="purse", credit="till")]
        outcomes = at_once(lambda n, chain=chain: engines[n % 2].ledger.post([chain]))  # type: ignore[misc]
        answers = {one.at_us for one in outcomes if isinstance(one, Posted)}
        duplicates += sum(not one.repeated for one in outcomes if isinstance(one, Posted)) - 1
        violations += len(outcomes) != TWINS or len(answers) != 1
    with database.transaction() as conn:
        told = engines[0].book.balances(conn, ["till", "bank"])
    violations += told["till"].credits_posted != 5 * ROUNDS
    violations += told["bank"].debits_posted != 10**6 + 7 * ROUNDS
    violations += sum(len(check.violations) for check in ledger_checks(database))
    line = {"drill": "B9", "attempted": ROUNDS * TWINS, "acked": ROUNDS, "lost": 0}
    seconds = round(perf_counter() - begun_s, 2)
    found = {"duplicates": duplicates, "violations": violations, "seconds": seconds}
    print(json.dumps(line | found))
    assert (duplicates, violations) == (0, 0)


def test_of_32_contents_under_one_id_one_is_posted(engines: list[Engine]) -> None:
    outcomes = at_once(lambda n: engines[n % 2].ledger.post([[moved("same", 1 + n)]]))
    kinds = Counter(one.reason if isinstance(one, Refused) else one.repeated for one in outcomes)
    assert kinds == {False: 1, Refusal.EXISTS_WITH_DIFFERENT_AMOUNT: TWINS - 1}


def test_keys_of_two_merchants_do_not_meet(engines: list[Engine]) -> None:
    body = msgspec.json.encode(
        [{"id": "k1", "debit": "bank", "credit": "purse", "amount": 3, "code": "x"}]
    )
    for caller in ("merchant:a", "merchant:b", "operator"):
        outcomes = engines[0].ledger.post(decode_transfers(body, caller))
        assert [one.repeated for one in outcomes if isinstance(one, Posted)] == [False]
    assert named("k1") != decode_transfers(body, "merchant:a")[0][0].id
