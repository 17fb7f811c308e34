"""Review of an advertising text: find, decide, combine."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice

import msgspec

from quanyu.compliance.copy.claims import NOTHING, OnRecord, Override, checked_overrides, said_by
from quanyu.compliance.copy.context import SENTENCE_ENDS, Case, Place
from quanyu.compliance.copy.exemptions import TESTS, Ruling, proved
from quanyu.compliance.copy.folding import Folded, folded, lookalikes
from quanyu.compliance.copy.hidden import hidden_spans
from quanyu.compliance.copy.lexicon import Exemption, Found, Lexicon, lexicon_of
from quanyu.compliance.rulebook import Rule, rulebook
from quanyu.compliance.verdict import STRICTNESS, Hit, Severity, Verdict
from quanyu.errors import BadInput

TEXT_MAX = 1 << 20
"""Characters of one text."""
HITS_MAX = 1_000
"""More than that nobody mends one by one; the gravest are told."""
JUDGED_MAX = 5_000
"""Findings whose exemptions are looked at; those behind them count as they stand."""
HIDDEN_RULE = "hidden.characters"
SUM = re.compile("[0-9十百千万亿]+")
FIGURE = re.compile("([0-9]+)([十百千万亿]?)|([十百千万亿])")
POWERS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
RUNS_ON = re.compile(r"\.\d|[-–—~～至到]第?\d{1,2}(?!\d)")
"""Behind a figure: it is the first part of a decimal, or of a range (第1-3集)."""
HARD = frozenset("，。！？；,!?;\n\r")
NEVER_LAST = frozenset("最第唯")
"""No clause ends with these, so a stop behind them is no end of a clause."""


def review(
    text: str,
    *,
    industry: str,
    on: date,
    touchpoint: str | None = None,
    record: OnRecord = NOTHING,
) -> Verdict:
    """Every hit of that day's law, the lifted ones with the article that lifts them.

    Spans count characters of ``text`` as given. Raises BadInput for a text over TEXT_MAX, an
    unknown industry, a day before every pack, an override of a rule read in the law itself."""
    if len(text) > TEXT_MAX:
        raise BadInput("text", f"review at most {TEXT_MAX:,} characters at a time")
    lexicon = lexicon_of(industry=industry, on=on, touchpoint=touchpoint)
    overrides = checked_overrides(record.overrides, _known()) if record.overrides else {}
    case = Case(Folded(text), lexicon, on=on, record=record)
    found = lexicon.find(case.text)
    places = _places(case, found)
    hits = [
        *_hidden(text, lexicon),
        *(_ruled(place, overrides) for place in islice(places, JUDGED_MAX)),
        *(_hit(one.found.rule, text, span=(one.start, one.end)) for one in places),
    ]
    return Verdict((*combined(hits), *_unsaid(case)))


def _unsaid(case: Case) -> Iterator[Hit]:
    """What has to stand in the text and does not; an empty text advertises nothing."""
    if not case.text.plain:
        return
    said = [case.text.plain, *map(folded, case.record.beside)]
    for must in case.lexicon.musts:
        if not any(must.speaks_in(plain) for plain in said):
            yield _hit(must.rule, case.text.text, span=(0, 0))


def _known() -> Mapping[str, Rule]:
    return {rule.id: rule for rule in rulebook()}


def _hidden(text: str, lexicon: Lexicon) -> Iterator[Hit]:
    rule = lexicon.rules.get(HIDDEN_RULE)
    for start, end in hidden_spans(text) if rule else ():
        assert rule is not None
        yield _hit(rule, text, span=(start, end))


def _hit(rule: Rule, text: str, *, span: tuple[int, int]) -> Hit:
    start, end = span
    return Hit(
        rule=rule.id, article=rule.cited, severity=rule.severity, why=rule.why,
        suggestion=rule.suggestion, start=start, end=end, text=text[start:end],
    )  # fmt: skip


def _places(case: Case, found: Iterable[Found]) -> Iterator[Place]:
    """Each finding once, of rules for this industry first."""
    ordered = sorted(found, key=lambda one: (not one.rule.industries, one.rule.id, one.start))
    for rule_id, start, end in dict.fromkeys((f.rule.id, f.start, f.end) for f in ordered):
        place = Place(case, Found(case.lexicon.rules[rule_id], start, end))
        if meant(place) and not within_limit(place):
            yield place


def meant(place: Place) -> bool:
    """Is it one word or phrase of the text, not the end of one beside the beginning of another?"""
    text, written = place.case.text.text, place.written
    if len(written) > len(place.word) and not _one_stretch(place, text):
        return False
    before, after = text[max(0, place.start - 1) : place.start], text[place.end : place.end + 5]
    return not (
        _ends_a_word(place)
        or _side_by_side(before, written[0])
        or _side_by_side(written[-1], after[:1])
        or _counts_on(place, after)
    )


def _ends_a_word(place: Place) -> bool:
    """兄弟一样, 当地一家: a sound-alike of 第 that belongs to the word before it."""
    known = lookalikes()
    if place.word[0] not in known.ends_of_words or place.word[1:2] != "1":
        return False
    if not place.before:
        return len(place.word) <= 2
    return place.before[-1] not in known.claimed


def _side_by_side(one: str, other: str) -> bool:
    """A figure and a figure, or a letter and a letter: parts of one number or word."""
    figures = one.isdecimal() and other.isdecimal()
    return figures or (one.isascii() and one.isalpha() and other.isascii() and other.isalpha())


def _counts_on(place: Place, after: str) -> bool:
    """1.5, 1万, 1-3; 第一百 is an ordinal, but 唯一百分百 is not."""
    figure = place.written[-1].isdecimal()
    if figure and RUNS_ON.match(after):
        return True
    units = "十百千万亿" if figure else "十百千" if place.word.startswith("第") else ""
    return after[:1] in tuple(units)


def within_limit(place: Place) -> bool:
    """Of a rule that speaks of prizes above a sum: is the sum that was found below it?"""
    limit_fen = place.found.rule.figures.get("prize_fen_max")
    if limit_fen is None:
        return False
    sums = yuan_in(place.word + place.after[:2])
    return bool(sums) and max(sums) * 100 <= limit_fen


def _one_stretch(place: Place, text: str) -> bool:
    """Stops inside it: a phrase ends with the sentence; a word is not torn by one stop, unless the
    text is full of them."""
    inside = [one for one in place.written if one in HARD]
    if not inside or place.word[0] in NEVER_LAST:
        return True
    around = text[max(0, place.start - 1) : place.start] + text[place.end : place.end + 1]
    short = len(place.word) <= 4
    if len(inside) >= len(place.word) - 1 or (short and any(one in inside for one in around)):
        return len(place.word) > 2 or any(one in inside for one in around)
    return short or not any(one in SENTENCE_ENDS for one in inside)


def yuan_in(plain: str) -> list[int]:
    """Sums in a folded text: 8万 is 80,000; 十2万 is 120,000; 5千 is 5,000."""
    return [_sum(said) for said in SUM.findall(plain[:200])]


def _sum(said: str) -> int:
    """Digits and powers from the left; a power without a digit before it is one of them."""
    whole = part = 0
    for figure, power, alone in FIGURE.findall(said):
        times = POWERS.get(power or alone, 1)
        if times < POWERS["万"]:
            part += int(figure or 1) * times
        else:
            whole, part = whole + (part + int(figure or 0) or 1) * times, 0
    return whole + part


def _ruled(place: Place, overrides: Mapping[str, Override]) -> Hit:
    rule = place.found.rule
    hit = _hit(rule, place.case.text.text, span=(place.start, place.end))
    ruling = _ruling(place)
    if ruling is not None:
        hit = msgspec.structs.replace(
            hit, exempt=ruling.exempt, severity=ruling.severity or hit.severity,
            suggestion=ruling.suggestion or hit.suggestion, why=ruling.why or hit.why,
            article=ruling.article or hit.article,
        )  # fmt: skip
    return _overridden(hit, overrides.get(rule.id))


def _overridden(hit: Hit, override: Override | None) -> Hit:
    if override is None or hit.exempt is not None:
        return hit
    said = said_by(override)
    if override.severity is Severity.PASS:
        return msgspec.structs.replace(hit, exempt=said)
    return msgspec.structs.replace(hit, severity=override.severity, why=f"{hit.why}。{said}")


def _ruling(place: Place) -> Ruling | None:
    """The first exemption that says something; then whether a proof is on record."""
    never = _never(place)
    for name in place.found.rule.exemptions:
        by = place.case.lexicon.exemptions.get(f"exempt.{name}")
        if by is None or (never is not None and name != "negation"):
            continue
        if (ruling := TESTS[name](place, by)) is not None:
            return ruling
    if never is not None and _of_the_guide(place.found.rule):
        return Ruling(why=f"{place.found.rule.why}；{never.rule.why}（{never.rule.cited}）")
    if place.found.rule.evidence is not None:
        return _evidence(place)
    return None


def _of_the_guide(rule: Rule) -> bool:
    return not {"negation", "title"}.issuperset(rule.exemptions)


def _never(place: Place) -> Exemption | None:
    """Efficacy, yield and results of education are no minor matter, art. 11 of the 2023 guide."""
    for one in place.case.lexicon.nevers:
        if one.speaks_in(place.clause):
            return one
    return None


def _evidence(place: Place) -> Ruling | None:
    by = place.case.lexicon.exemptions.get("exempt.evidence")
    wants = place.found.rule.severity is Severity.NEED_PROOF
    return proved(place, by, why=place.found.rule.why) if by and wants else None


def combined(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Of hits that overlap the strictest, then the longest, then the first given (rules of an
    industry come before those for all); in the order of the text."""
    ordered = sorted(
        hits, key=lambda hit: (-STRICTNESS[hit.counts_as], hit.start - hit.end, hit.start)
    )
    taken: list[Hit] = []
    covered: dict[int, bool] = {}
    for hit in ordered:
        if any(place in covered for place in range(hit.start, hit.end)):
            continue
        covered.update(dict.fromkeys(range(hit.start, hit.end), True))
        taken.append(hit)
        if len(taken) == HITS_MAX:
            break
    return tuple(sorted(taken, key=lambda hit: (hit.start, hit.end)))
