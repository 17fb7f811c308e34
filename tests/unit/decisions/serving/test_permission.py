"""Why somebody gets everybody's answer, as a table and as a property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import DAY_US, parse_iso
from quanyu.customers.privacy.consent import Action, ConsentEntry, Subject, is_minor, personalises
from quanyu.decisions.guards.viewer import Plain
from quanyu.decisions.serving.permission import plain_because

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")


def said(action: Action, at_us: int = NOON_US - DAY_US) -> ConsentEntry:
    return ConsentEntry(
        purpose="personalisation", action=action, notice_version=1, at_us=at_us, actor="app"
    )


SILENT, NO = Subject(), Subject((said("withdraw"),))
CHILD = Subject((said("grant"),), 2015, True)
GROWN = Subject((), 2000, True)
TABLE = [
    (None, True, False, Plain.ANONYMOUS),
    (None, False, True, Plain.ANONYMOUS),
    (SILENT, True, False, None),
    (SILENT, False, False, Plain.NOT_ASSESSED),
    (SILENT, True, True, Plain.ERASING),
    (NO, True, False, Plain.OFF_SWITCH),
    (NO, False, True, Plain.OFF_SWITCH),
    (CHILD, True, False, Plain.MINOR),
    (CHILD, False, True, Plain.MINOR),
    (GROWN, True, False, Plain.OFF_SWITCH),
    (Subject((said("grant"),), 2000, True), True, False, None),
    (Subject((said("grant", parse_iso("2017-05-05T00:00:00+08:00")),), 2000, True), True, False,
     Plain.OFF_SWITCH),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "assessed", "erasing", "why"), TABLE)
def test_reasons(subject: Subject | None, assessed: bool, erasing: bool, why: Plain | None) -> None:
    found = plain_because(subject, at_us=NOON_US, assessed=assessed, erasing=erasing)
    assert found is why


def test_a_no_that_a_faster_clock_has_stamped_counts_now() -> None:
    ahead = Subject((said("grant"), said("withdraw", NOON_US + 5)))
    assert plain_because(ahead, at_us=NOON_US, assessed=True) is Plain.OFF_SWITCH


@given(
    words=st.lists(
        st.builds(said, st.sampled_from(["grant", "withdraw"]), st.integers(0, NOON_US)), max_size=4
    ),
    born=st.none() | st.integers(1950, 2026),
    assessed=st.booleans(),
    erasing=st.booleans(),
)
def test_personal_only_where_the_one_judge_says_so(
    words: list[ConsentEntry], born: int | None, assessed: bool, erasing: bool
) -> None:
    subject = Subject(tuple(words), born, born is not None)
    why = plain_because(subject, at_us=NOON_US, assessed=assessed, erasing=erasing)
    may = personalises(subject, NOON_US)
    assert (why is None) == (may and assessed and not erasing)
    assert (why is Plain.MINOR) == is_minor(born, NOON_US)
