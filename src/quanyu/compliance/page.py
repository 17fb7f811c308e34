"""The texts of one page are judged together: a standard's number beside a grade name lifts it, and
a notice has to stand there once, not in each field."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate

import msgspec

from quanyu.compliance.verdict import Hit, Verdict

WHOLE = "page"
"""Field of a hit that is about what stands nowhere."""
BETWEEN = "\n"


def review_page(texts: Mapping[str, str], review: Callable[[str], Verdict]) -> Verdict:
    """Hits with the field they are in, and spans that count from its beginning."""
    given = {field: text for field, text in texts.items() if text}
    if not given:
        return Verdict()
    whole = review(BETWEEN.join(given.values()))
    hits = [hit for one in whole.hits for hit in _placed(one, given, review=review)]
    return Verdict(tuple(dict.fromkeys(hits)))


def _placed(
    hit: Hit, texts: Mapping[str, str], *, review: Callable[[str], Verdict]
) -> Iterator[Hit]:
    """Two fields side by side do not make a word: what goes over an end is looked at again."""
    if hit.start == hit.end:
        yield msgspec.structs.replace(hit, field=WHOLE)
        return
    fields, starts = list(texts), _starts(list(texts.values()))
    first = bisect_right(starts, hit.start) - 1
    last = bisect_right(starts, hit.end - 1) - 1
    if first == last and hit.end <= starts[first] + len(texts[fields[first]]):
        at = starts[first]
        yield msgspec.structs.replace(
            hit, field=fields[first], start=hit.start - at, end=hit.end - at
        )
        return
    for field in fields[first : last + 1]:
        for one in review(texts[field]).hits:
            if one.start != one.end:
                yield msgspec.structs.replace(one, field=field)


def _starts(texts: Sequence[str]) -> list[int]:
    return list(accumulate((len(text) + len(BETWEEN) for text in texts[:-1]), initial=0))
