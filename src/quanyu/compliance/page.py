"""The texts of one page are judged together: a standard's number beside a grade name lifts it, and
a notice has to stand there once, not in each field."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate

import msgspec

from quanyu.compliance.verdict import Hit, Verdict

WHOLE = "page"
"""Field of a hit that is about what stands nowhere."""
STANDARD = "standard"
"""The field whose number speaks for every other one, as if it stood behind it in brackets."""
BETWEEN = "\n"
Review = Callable[[str], Verdict]


def review_page(texts: Mapping[str, str], review: Review) -> Verdict:
    """Hits with the field they are in, and spans that count from its beginning."""
    given = {field: text for field, text in texts.items() if text}
    if not given:
        return Verdict()
    note = f"（{given[STANDARD]}）" if STANDARD in given else ""
    read = {field: text + note * (field != STANDARD) for field, text in given.items()}
    whole = review(BETWEEN.join(read.values()))
    starts = _starts(list(read.values()))
    hits = [
        found for hit in whole.hits for found in _placed(hit, given, starts=starts, review=review)
    ]
    return Verdict(tuple(dict.fromkeys(hits)))


def _placed(
    hit: Hit, texts: Mapping[str, str], *, starts: Sequence[int], review: Review
) -> Iterator[Hit]:
    """Two fields side by side do not make a word: what goes over an end is looked at again."""
    if hit.start == hit.end:
        yield msgspec.structs.replace(hit, field=WHOLE)
        return
    fields = list(texts)
    first = bisect_right(starts, hit.start) - 1
    last = bisect_right(starts, hit.end - 1) - 1
    field, at = fields[first], starts[first]
    if hit.end - at <= len(texts[field]):
        start, end = hit.start - at, hit.end - at
        yield msgspec.structs.replace(hit, field=field, start=start, end=end)
        return
    for field in fields[first : last + 1]:
        for one in review(texts[field]).hits:
            if one.start != one.end:
                yield msgspec.structs.replace(one, field=field)


def _starts(texts: Sequence[str]) -> list[int]:
    return list(accumulate((len(text) + len(BETWEEN) for text in texts[:-1]), initial=0))
