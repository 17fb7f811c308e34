"""Of what and where a first place is claimed, and whether that is wide enough.

The 2026 guidance: with a segment narrower than the classes of GB/T 4754, or a region smaller than a
province, “第一/最佳” misleads and article 6(6) of the 2023 guide does not apply.
"""

import re

from quanyu.compliance.copy.context import Place
from quanyu.compliance.copy.folding import folded
from quanyu.compliance.copy.lexicon import Exemption

YEAR = re.compile(r"20\d\d")
_PERIOD = re.compile(r"20\d\d(?:年度?|全年)?(?:[上下]半年|第?\d季度|q\d|\d{1,2}月|双11|618)?")
_SMALLER = re.compile(r"[\u4e00-\u9fff]{2,5}?(?:市|区|县|镇|街道|商圈|路|小区|城)(?!场)")
_FILLING = re.compile("本品牌|本公司|我们|品牌|品类|行业|同类|市场|产品|连续|在|的|内|类|按|度")


def region_of(place: Place) -> str | None:
    """The country, province or smaller region that the sentence names, folded."""
    if wide := _wide_region(place):
        return wide
    smaller = _SMALLER.search(_PERIOD.sub("", place.sentence))
    return smaller.group() if smaller else None


def too_narrow(place: Place, metric: Exemption) -> str | None:
    """Why article 6(6) does not apply, in Chinese. A segment that is on no list counts as narrow:
    it cannot be told, so the strict case."""
    known = place.case.lexicon.exemptions
    said = place.before + place.word
    if (last := metric.last_in(said)) is not None:
        said = said[: last[0]]
    for name in place.case.record.names:
        said = said.replace(folded(name), "")
    region = region_of(place)
    rest = _PERIOD.sub("", said)
    if small := _SMALLER.search(rest.replace(_wide_region(place) or "\0", "")):
        return f"“{small.group()}”小于省级行政区，易误导，不适用销量排序的豁免"
    rest = _FILLING.sub("", rest.replace(region or "\0", ""))
    wide = known.get("exempt.class")
    if "细分" in place.sentence or "赛道" in place.sentence:
        return "细分市场窄于《国民经济行业分类》（GB/T 4754）的类别，易误导，不适用销量排序的豁免"
    if rest and not (wide and wide.speaks_in(rest) and _is_all(wide, rest)):
        return f"“{rest}”不在已知的 GB/T 4754 类别之内，按从严处理，不适用销量排序的豁免"
    return None


def _wide_region(place: Place) -> str | None:
    regions = place.case.lexicon.exemptions.get("exempt.region")
    found = regions.last_in(place.sentence) if regions else None
    return place.sentence[found[0] : found[1]] if found else None


def _is_all(wide: Exemption, rest: str) -> bool:
    found = wide.last_in(rest)
    return found is not None and found == (0, len(rest))
