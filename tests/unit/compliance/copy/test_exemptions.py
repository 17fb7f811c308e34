"""Each exemption where it applies, where it just does not, and where somebody would abuse it."""

from datetime import date

import pytest

from quanyu.compliance.copy import OnRecord, review
from quanyu.compliance.copy.claims import Wanted
from quanyu.compliance.copy.context import Case, Place
from quanyu.compliance.copy.exemptions import STANDARD, wanted
from quanyu.compliance.copy.folding import Folded
from quanyu.compliance.copy.lexicon import lexicon_of
from quanyu.compliance.copy.segments import region_of
from quanyu.compliance.verdict import Hit

NOVEMBER = date(2026, 11, 22)
LAST_WITHOUT_GUIDE = date(2023, 2, 24)
LAST_WITHOUT_GUIDANCE = date(2026, 6, 11)


def hits(text: str, industry: str = "general", *, on: date = NOVEMBER) -> list[Hit]:
    return list(review(text, industry=industry, on=on).hits)


def lifted(text: str, industry: str = "general") -> set[str]:
    return {hit.exempt for hit in hits(text, industry) if hit.exempt is not None}


def counting(text: str, industry: str = "general") -> list[str]:
    return [hit.text for hit in hits(text, industry) if hit.exempt is None]


NEGATED = (
    "这不是最好的选择",
    "并非国家级项目",
    "我们不敢说第一",
    "不承诺保本保息",
    "禁止使用“最佳”",
    "严禁宣传“包治百病”",
    "广告中不得出现“稳赚不赔”",
    "请勿相信“稳赚不赔”的骗局",
    "谨防“百分百有效”的虚假宣传",
    "本品不能治疗失眠",
    "算不上最优秀",
    "别信药到病除",
)
NOT_NEGATED = (
    "不是最好的不卖",
    "不是最好的，我们不卖",
    "难道不是最好的吗",
    "谁说不是最好的",
    "是不是最好的你说了算",
    "不只是好，这是最好的",
    "不是别人，是我们做到了真正意义上的最好",
    "不涨价。国家级品质",
    "不是我们自夸，顾客都说这里的火锅是全城最好的",
)


@pytest.mark.parametrize("text", NEGATED)
def test_what_is_denied_or_forbidden_is_no_claim(text: str) -> None:
    assert counting(text) == []
    assert lifted(text)


@pytest.mark.parametrize("text", NOT_NEGATED)
def test_what_only_looks_denied_counts(text: str) -> None:
    assert counting(text)


ATTITUDE = (
    "顾客第一，信誉至上",
    "安全第一",
    "质量第一",
    "我们力争做到最好",
    "致力于成为最优秀的团队",
    "追求最佳体验，是我们的宗旨",
    "祝您拥有最好的一天",
    "愿您的生活是最好的",
    "把最好的祝福送给妈妈",
    "努力给您最好的服务",
)
NO_ATTITUDE = (
    "第一品牌",
    "品质全国第一",
    "最好的羽绒服",
    "安全系数第一的座椅",
)


@pytest.mark.parametrize("text", ATTITUDE)
def test_wishes_and_attitude_say_nothing_of_the_goods(text: str) -> None:
    assert counting(text) == []
    assert any("第五条" in one for one in lifted(text))


@pytest.mark.parametrize("text", NO_ATTITUDE)
def test_praise_of_the_goods_is_no_attitude(text: str) -> None:
    assert counting(text)


@pytest.mark.parametrize(
    ("text", "lifts"),
    [
        ("本店最好吃的一道菜", True),
        ("我家最受欢迎的面包", True),
        ("全系列中最薄的一款手机", True),
        ("旗下最畅销的毛巾", True),
        ("本店全网最低价", False),
        ("本店最好吃，全城没有对手", True),
        ("本店是行业最好的", False),
        ("本品牌同类最优", False),
        ("最好吃的一道菜", False),
        ("比上一代更轻的最新款", True),
    ],
)
def test_with_oneself_one_may_compare(text: str, lifts: bool) -> None:
    assert any("第六条第（一）项" in one for one in lifted(text)) is lifts
    assert bool(counting(text)) is not lifts


@pytest.mark.parametrize(
    ("text", "lifts"),
    [
        ("最佳饮用温度60℃", True),
        ("最佳赏味期为7天", True),
        ("最佳使用时间是早晨", True),
        ("最佳观赏期在四月", True),
        ("最佳拍摄角度在桥头", True),
        ("冷藏后食用口感最佳", True),
        ("最 佳 饮 用 温 度 60℃", True),
        ("㝡佳饮用溫度60℃", True),
        ("最佳口感", False),
        ("最佳位置的商铺", False),
        ("最佳性价比", False),
        ("第一饮用水品牌", False),
        ("顶级冲泡方式", False),
    ],
)
def test_tips_of_use(text: str, lifts: bool) -> None:
    assert any("第六条第（二）项" in one for one in lifted(text, "food")) is lifts
    assert bool(counting(text, "food")) is not lifts


@pytest.mark.parametrize(
    ("text", "standard"),
    [
        ("特级初榨橄榄油（GB/T 23347）", "GB/T 23347"),
        ("特级初榨橄榄油，执行标准GB/T 23347-2021", "GB/T 23347-2021"),
        ("一级大豆油 GB/T 1535-2017", "GB/T 1535-2017"),
        ("特级龙井 GB/T 18650", "GB/T 18650"),
        ("特级初榨橄榄油", None),
        ("特级初榨橄榄油。另：GB/T 23347", None),
        ("特级初榨橄榄油（国标）", None),
    ],
)
def test_a_grade_has_its_standard_in_the_sentence(text: str, standard: str | None) -> None:
    if standard is None:
        assert [hit.severity for hit in hits(text, "food")] == ["need_proof"]
    else:
        assert lifted(text, "food") == {f"《广告绝对化用语执法指南》第六条第（三）项（{standard}）"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GB/T 23347-2021", "GB/T 23347-2021"),
        ("GB 7718", "GB 7718"),
        ("NY/T 1234", "NY/T 1234"),
        ("DB33/T 123", "DB33/T 123"),
        ("T/CNLIC 0001", "T/CNLIC 0001"),
        ("GB 12", None),
        ("型号23347", None),
    ],
)
def test_numbers_of_standards(text: str, found: str | None) -> None:
    match = STANDARD.search(text)
    assert (match.group() if match else None) == found


@pytest.mark.parametrize(
    ("text", "lifts"),
    [
        ("电影《最好的我们》上映", True),
        ("小说《天下第一剑客》连载中", True),
        ("《最佳》面霜", False),
        ("《最好》", False),
        ("最好的《我们》", False),
    ],
)
def test_titles_of_works(text: str, lifts: bool) -> None:
    assert any("第六条第（四）项" in one for one in lifted(text, "media")) is lifts


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2025年全国白酒销量第一", "need_proof"),
        ("2025年度中国服装市场份额第一", "need_proof"),
        ("2025年上半年浙江省餐饮营业额第一", "need_proof"),
        ("本品牌2025年全球家具出口量第一", "need_proof"),
        ("全国白酒销量第一", "block"),
        ("2025年白酒销量第一", "block"),
        ("2025年全国酱香型白酒销量第一", "block"),
        ("2025年杭州市白酒销量第一", "block"),
        ("2025年全国高端白酒细分市场销量第一", "block"),
        ("2025年全国白酒口感第一", "block"),
    ],
)
def test_facts_of_sales_since_2026(text: str, kind: str) -> None:
    assert [hit.severity.value for hit in hits(text)] == [kind]


@pytest.mark.parametrize("text", ["2025年杭州市白酒销量第一", "2025年全国酱香型白酒销量第一"])
def test_before_the_guidance_a_corner_needed_proof_only(text: str) -> None:
    assert [hit.severity for hit in hits(text, on=LAST_WITHOUT_GUIDANCE)] == ["need_proof"]


@pytest.mark.parametrize(
    ("text", "industry"),
    [
        ("最佳饮用温度60℃", "food"),
        ("顾客第一", "general"),
        ("本店最好吃的一道菜", "catering"),
        ("2025年全国白酒销量第一", "alcohol"),
    ],
)
def test_before_the_guide_nothing_was_lifted(text: str, industry: str) -> None:
    assert review(text, industry=industry, on=LAST_WITHOUT_GUIDE).verdict == "block"
    assert review(text, industry=industry, on=NOVEMBER).verdict != "block"


@pytest.mark.parametrize(
    ("text", "industry"),
    [
        ("本店祛斑效果最好的精华", "cosmetics"),
        ("我家最有效的减肥茶", "health_food"),
        ("本院疗效最好的疗法", "medical"),
        ("旗下收益最好的产品", "investment"),
        ("本校通过率最好的班", "education"),
        ("追求最好的疗效", "drugs"),
        ("致力于最高级的美白功效", "cosmetics"),
    ],
)
def test_article_11_is_stronger_than_any_exemption(text: str, industry: str) -> None:
    blocked = [hit for hit in hits(text, industry) if hit.severity == "block" and not hit.exempt]
    assert [hit for hit in blocked if not hit.rule.startswith("must.")]


def test_and_it_is_told() -> None:
    told = [hit.why for hit in hits("本店最有效的面霜", "cosmetics")]
    assert any("第十一条" in why for why in told)


@pytest.mark.parametrize(
    "text", ["荣获国家级非物质文化遗产称号", "入选国家级示范基地", "被认定为国家级旅游度假区"]
)
def test_titles_of_the_state_need_their_papers(text: str) -> None:
    found = hits(text)
    assert [hit.severity for hit in found] == ["need_proof"]
    assert "奖项、称号" in found[0].why


def place(text: str, *, word: str = "第一") -> Place:
    case = Case(
        Folded(text), lexicon_of(industry="general", on=NOVEMBER, touchpoint=None),
        on=NOVEMBER, record=OnRecord(),
    )  # fmt: skip
    end = text.index(word) + len(word)
    return next(
        found for one in case.lexicon.find(case.text) if (found := Place(case, one)).end == end
    )


@pytest.mark.parametrize(
    ("text", "year", "region"),
    [
        ("2025年全国销量第一", 2025, "全国"),
        ("二〇二五年全国销量第一", 2025, "全国"),
        ("２０２５年上海市销量第一", 2025, "上海市"),
        ("2024年广西壮族自治区销量第一", 2024, "广西壮族自治区"),
        ("2024年朝阳区销量第一", 2024, "朝阳区"),
        ("销量第一", None, None),
        ("2024年的事。全国销量第一", None, "全国"),
    ],
)
def test_what_a_statement_says_of_itself(text: str, year: int | None, region: str | None) -> None:
    found = wanted(place(text))
    plain = Folded(region).plain if region else None
    assert found == Wanted(on=NOVEMBER, year=year, region=plain)
    assert region_of(place(text)) == plain


@pytest.mark.parametrize(
    ("text", "before", "after", "clause"),
    [
        ("前一句。本店第一，后一句", "本店", "", "本店第1"),
        ("本店第一的菜！后一句", "本店", "的菜", "本店第1的菜"),
        ("第一", "", "", "第1"),
    ],
)
def test_where_in_the_text(text: str, before: str, after: str, clause: str) -> None:
    found = place(text)
    assert (found.before, found.after, found.clause) == (before, after, clause)
    assert text[found.start : found.end] == found.written == "第一"


def test_context_is_looked_at_only_so_far() -> None:
    found = place("长" * 500 + "第一" + "长" * 500)
    assert len(found.clause) == 60 + 2 + 60
