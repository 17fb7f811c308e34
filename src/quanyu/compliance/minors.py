"""Minors: what is not advertised to them, and from which age somebody may speak for goods."""

from collections.abc import Iterator
from datetime import date

import msgspec

from quanyu.compliance.industries import concerns
from quanyu.compliance.law import Law
from quanyu.compliance.verdict import Hit, Verdict
from quanyu.errors import BadInput


def age_on(born: date, on: date) -> int:
    """Whole years. Raises BadInput for somebody who is not born yet."""
    if born > on:
        raise BadInput("born", f"{born} lies after {on}")
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks in a live show; an AI has no age."""

    age: int | None
    guardian_consents: bool = False


def review_media(industry: str, *, for_minors: bool, on: date) -> Verdict:
    """An ad of this industry in a medium. Raises BadInput for an industry that nobody knows."""
    law = Law.of("person", on)
    rule = law.rules.get("minor.media")
    if rule is None or not concerns(rule.industries, industry) or not for_minors:
        return Verdict()
    return Verdict(tuple(law.hits("minor.media", "industry")))


def review_endorser(age: int, *, on: date) -> Verdict:
    law = Law.of("person", on)
    least = law.figure("minor.endorser", "age_min")
    if least is None or age >= least:
        return Verdict()
    return Verdict(tuple(law.hits("minor.endorser", "endorser.age")))


def review_host(host: Host, *, on: date) -> Verdict:
    """From sixteen, and until eighteen with the consent of a guardian."""
    return Verdict(tuple(_host(host, Law.of("person", on))))


def _host(host: Host, law: Law) -> Iterator[Hit]:
    rule = law.rules.get("minor.host")
    if host.age is None or rule is None:
        return
    if host.age < rule.figures["age_min"]:
        yield from law.hits("minor.host", "host.age")
    elif host.age < rule.figures["consent_below"] and not host.guardian_consents:
        yield from law.hits("minor.host_consent", "host.guardian_consents")
