"""Free wording: what the packs see without a listed word, each sentence with the rule that it
breaks, and sentences that use the same words and break none."""

from datetime import date

import pytest

from quanyu.compliance.copy import review
from quanyu.compliance.copy.reviewing import yuan_in
from quanyu.compliance.verdict import Hit, Severity

NOVEMBER = date(2026, 11, 22)


def objections(text: str, industry: str = "general") -> list[Hit]:
    found = review(text, industry=industry, on=NOVEMBER).hits
    return [
        hit for hit in found
        if hit.exempt is None and hit.severity is not Severity.WARN
        and not hit.rule.startswith("must.")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "industry", "rule"),
    [
        ("论手感，这条街上没有第二家能做出来", "general", "absolute.paraphrase"),
        ("行业里能做到这个水准的，只有我们", "general", "absolute.paraphrase"),
        ("把同行都卷哭了", "general", "disparage.others"),
        ("全亚洲头一份的工艺", "general", "absolute.paraphrase"),
        ("口碑甩别人几条街", "general", "disparage.others"),
        ("音质秒掉万元耳机", "electronics", "disparage.others"),
        ("睡上它，多年的腰病自己就好了", "home", "medical.ordinary_goods"),
        ("吃了这个鸡蛋，孩子智商蹭蹭涨", "food", "medical.food"),
        ("三高人群的救命粮", "food", "medical.food"),
        ("喝一碗汤，感冒立马就走", "catering", "medical.food"),
        ("吃了它，三高统统降下来", "health_food", "health_food.assurance"),
        ("连主任医师自己都在吃", "health_food", "health_food.assurance"),
        ("不吃保健品，老了遭罪", "health_food", "health_food.assurance"),
        ("一周告别黄脸婆", "cosmetics", "guarantee.effect"),
        ("七天淡掉十年老斑", "cosmetics", "cosmetics.special"),
        ("比打玻尿酸还管用", "cosmetics", "cosmetics.medical"),
        ("涂上就像换了层皮", "cosmetics", "cosmetics.false"),
        ("做一次瘦十斤，不瘦不要钱", "beauty_services", "guarantee.effect"),
        ("一针下去永不再犯", "medical", "medical.assurance"),
        ("吃三天保证退烧不反复", "drugs", "medical.assurance"),
        ("报名就送内部真题", "education", "education.promises"),
        ("没过线，学费原路退", "education", "education.promises"),
        ("年底翻三番，稳如泰山", "investment", "finance.promises"),
        ("闭着眼睛买都能赚", "investment", "finance.promises"),
        ("不上班也有钱花，一分钟拿五万", "finance", "finance.promises"),
        ("加入我们，下个月就能提车", "general", "finance.promises"),
        ("买下就是躺着升值", "realestate", "realestate.promises"),
        ("出门五百米就是重点小学，直接入学", "realestate", "realestate.promises"),
        ("军区大院特供的好酒", "general", "authority.state"),
        ("央视都夸过的锅", "general", "authority.state"),
        ("班里小朋友都有，就你没有", "toys", "minors.pester"),
        ("哭着也要让妈妈买", "toys", "minors.pester"),
        ("未成年也能充，妈妈不会发现", "general", "minors.spending"),
        ("转盘转一转，人人能中大奖", "general", "lottery.terms"),
        ("大奖是一辆小轿车", "general", "lottery.terms"),
        ("卡一旦办了就不能退", "services", "terms.void"),
        ("东西丢了我们不管", "services", "terms.void"),
        ("本活动怎么解释由我们说了算", "services", "terms.void"),
        ("一键抹掉AI痕迹，平台发现不了", "media", "ai.label_removed"),
        ("用AI把明星的脸换上来带货", "general", "ai.deepfake"),
        ("成本都不够，纯亏本给粉丝", "general", "live.false"),
        ("隔壁卖三百，我们才九十九", "general", "price.compared"),
        ("这条不是广告，我自己花钱买的", "general", "ad.denied"),
        ("不戴这个，今年要倒大霉", "general", "fear.superstition"),
        ("家里没有它，等于和细菌睡觉", "general", "fear.threat"),
        ("用了它，地球都在谢谢你", "general", "green.claims"),
        ("别家的都掺东西，我家的干净", "general", "disparage.others"),
        ("写满五颗星，返三块", "general", "reviews.bought"),
        ("倒计时三分钟，没了就真没了", "general", "live.scarcity"),
        ("仓库见底，卖完就永远没有了", "general", "live.scarcity"),
        ("科学家都说好", "general", "claims.figures"),
        ("九成九的妈妈选它", "general", "claims.figures"),
        ("喝了这杯，啥烦恼都没了", "alcohol", "food.alcohol"),
        ("男人不喝酒，枉在世上走", "alcohol", "food.alcohol"),
        ("跟亲喂没有两样", "infant_formula", "food.infant"),
        ("买它就对了，业界良心天花板，谁用谁说第一", "general", "absolute.paraphrase"),
        ("吃了它，多年的老胃病再也没犯过", "food", "medical.food"),
        ("坚持用半个月，脸上的斑全下去了", "cosmetics", "guarantee.effect"),
        ("把钱交给我们，每个月固定拿分红，一分都不会少", "investment", "finance.promises"),
        ("我们班去年个个考上重点高中", "education", "education.promises"),
        ("走路三分钟就到地铁口", "realestate", "realestate.promises"),
        ("老伴吃了半年，降压药都不用吃了", "health_food", "health_food.assurance"),
        ("长辈喝了关节不疼了", "food", "medical.food"),
        ("同款别处都比我们贵，我们就是底价", "general", "price.lowest"),
        ("办卡后概不退款，不可转让", "services", "terms.void"),
        ("快去跟妈妈说你也想要一个", "toys", "minors.pester"),
        ("戴上它好运自然来，小人远离", "general", "fear.superstition"),
        ("画质远超所有同行，别的牌子都是弟弟", "electronics", "disparage.others"),
        ("敷一次顶去十次美容院", "cosmetics", "cosmetics.medical"),
        ("手术零失败，术后永不复发", "medical", "medical.assurance"),
        ("吃一个疗程就能断根", "drugs", "medical.assurance"),
        ("兄弟们今晚必须喝倒", "alcohol", "food.alcohol"),
        ("征信花了也能贷，十分钟到账", "finance", "finance.loans"),
        ("买这张床，腰疼腿疼全没了", "home", "medical.ordinary_goods"),
        ("国家领导同款保温杯", "general", "authority.state"),
        ("五星晒图私聊领五元红包", "general", "reviews.bought"),
        ("全球最大的户外用品集合店", "general", "absolute.paraphrase"),
        ("同类产品里做工最讲究的", "apparel", "absolute.paraphrase"),
        ("中华老字号，天下第一楼", "food", "absolute.terms"),
        ("半永久纹眉终身不掉色", "beauty_services", "guarantee.effect"),
        ("拿不到offer学费全退", "education", "education.promises"),
        ("原价三千，今天只要三百", "general", "price.compared"),
        ("抽中即送价值十二万的新能源车", "general", "lottery.prize"),
        ("本品经权威机构检测，零农残", "food", "claims.figures"),
        ("手慢无，最后五十单抢完涨价", "general", "live.scarcity"),
        ("营养和妈妈的奶一模一样", "infant_formula", "food.infant"),
        ("晒不黑，紫外线统统挡住", "cosmetics", "cosmetics.special"),
        ("掉发星人救星，长出小绒毛", "cosmetics", "cosmetics.special"),
        ("跟对老师，翻十倍不是梦", "investment", "finance.promises"),
        ("现在上车，三年后价格翻一番", "realestate", "realestate.promises"),
        ("这支牙刷是医生都推荐的", "general", "medical.ordinary_goods"),
        ("环保到可以喝的涂料", "general", "green.claims"),
        ("教你三步去掉AI水印", "media", "ai.label_removed"),
        ("本店所有商品最终解释权归商家", "general", "terms.void"),
        ("不好用你来找我，保你一次去根", "general", "guarantee.effect"),
        ("越吃越聪明的核桃", "food", "medical.food"),
        ("每天两粒，告别医院", "health_food", "health_food.assurance"),
        ("世界上最美的海岛，没有之一", "travel", "absolute.paraphrase"),
        ("品质冠绝全国", "general", "absolute.paraphrase"),
        ("全市收费最低的搬家公司", "services", "price.lowest"),
    ],
)
def test_what_is_said_in_other_words(text: str, industry: str, rule: str) -> None:
    assert rule in {hit.rule for hit in objections(text, industry)}


@pytest.mark.parametrize(
    ("text", "industry"),
    [
        ("这个问题没有人能回答我", "general"),
        ("没有人比你更了解自己的尺码", "general"),
        ("全国只有三家门店有现货", "general"),
        ("别的店铺的券在本店不能使用", "general"),
        ("其他品牌的配件请勿混用", "general"),
        ("和同行一起聊聊选品", "general"),
        ("比上一代更轻更薄", "general"),
        ("市面上有很多种材质，这款用的是棉", "general"),
        ("世界杯期间照常营业", "general"),
        ("登顶黄山看日出", "general"),
        ("一定先断电再清洁", "general"),
        ("绝对不要放进微波炉", "general"),
        ("我们保证七天内发货", "general"),
        ("再也不用手洗，机洗也可以", "general"),
        ("不满意七天内可退", "general"),
        ("孩子长高了，裤子短了，可以免费改裤脚", "general"),
        ("听医生的话，多喝水", "general"),
        ("医院旁边有停车场", "general"),
        ("糖尿病人请遵医嘱食用", "food"),
        ("对坚果过敏的请勿食用", "food"),
        ("睡觉前少喝水", "food"),
        ("脂肪含量每100克3克", "food"),
        ("敏感肌请先试用", "cosmetics"),
        ("香味是柑橘调", "cosmetics"),
        ("使用两周后请记录感受", "cosmetics"),
        ("课程共三十节，每节四十分钟", "education"),
        ("退费按未上课时计算，七个工作日到账", "education"),
        ("年化利率7.2%，具体以审批为准", "finance"),
        ("每月固定还款日为10号", "finance"),
        ("积分翻倍日，每周三", "general"),
        ("投一元硬币即可启动", "general"),
        ("项目距地铁站约800米", "realestate"),
        ("周边学校以教育局划片为准", "realestate"),
        ("市长热线12345", "general"),
        ("政府发放的消费券可在本店使用", "general"),
        ("祝您生意兴隆，财源广进", "general"),
        ("平安扣寓意平安", "general"),
        ("小心烫口", "general"),
        ("别等快递员，放驿站即可", "general"),
        ("和爸爸妈妈一起完成拼图", "toys"),
        ("你是买给自己，还是买给家里人？", "general"),
        ("未成年人须由监护人陪同", "general"),
        ("抽奖结果将在公众号公布，奖品为帆布袋一个", "general"),
        ("一等奖：保温杯一个，共5名，价值99元", "general"),
        ("优惠券不可转让，请在有效期内使用", "general"),
        ("定制商品不支持无理由退货，请确认后下单", "general"),
        ("卡内余额可退，七日内无条件退款", "services"),
        ("丢失会员卡可免费补办", "general"),
        ("评价后可得10积分，请如实评价", "general"),
        ("本视频由AI生成，已标注", "general"),
        ("广告：本内容为品牌合作", "general"),
        ("电量告急的时候也能打一通电话", "electronics"),
        ("产品从包装中取出", "general"),
        ("没有异味的房间", "general"),
        ("她再也没有生病，直到那年冬天", "media"),
        ("算命先生在桥头摆了一张桌子", "media"),
        ("唯一不同的是拉链的颜色", "general"),
    ],
)
def test_the_same_words_in_lawful_sentences(text: str, industry: str) -> None:
    assert objections(text, industry) == []


@pytest.mark.parametrize(
    ("text", "industry"),
    [
        ("本店不刷单，也不做好评返现", "general"),
        ("这只产品不保本，也不保收益，投资有风险", "investment"),
        ("更不会带单、不收会员费，投资有风险", "investment"),
        ("凡是说稳赚不赔的群，请直接退出，投资有风险", "investment"),
        ("我们不承诺分数，也不承诺录取", "education"),
        ("没有哪家医院能保证治好", "medical"),
        ("本品为普通化妆品，没有美白、祛斑、防晒作用", "cosmetics"),
        ("枕头治不了颈椎病，睡得舒服就行", "home"),
        ("到期后余额不清零，可以延期", "services"),
        ("绿茶用80度左右的水泡，口感最好", "food"),
        ("冷藏存放，开盖后三天内吃完风味最佳", "food"),
        ("孕期、有伤口或皮肤病的客人，请不要做这个项目", "beauty_services"),
        ("房价有涨有跌，买房先想好自己住不住", "realestate"),
    ],
)
def test_what_is_denied_is_not_claimed(text: str, industry: str) -> None:
    assert objections(text, industry) == []


@pytest.mark.parametrize(
    ("text", "industry"),
    [
        ("做好评返现", "general"),
        ("这只产品保本，也保收益", "investment"),
        ("不得不说它稳赚不赔", "investment"),
        ("没有不保本的产品", "investment"),
        ("我们承诺录取", "education"),
        ("难道不保本吗", "investment"),
        ("不保本不卖", "investment"),
        ("有美白、祛斑、防晒作用", "cosmetics"),
        ("没有刺激，美白祛斑", "cosmetics"),
        ("枕头治颈椎病", "home"),
        ("到期后余额清零", "services"),
        ("口感最好", "food"),
        ("我们的茶口感最好，全国都这么说", "food"),
        ("80度水泡的最好喝的茶", "food"),
        ("专治皮肤病", "beauty_services"),
    ],
)
def test_what_only_sounds_denied_is_claimed(text: str, industry: str) -> None:
    assert objections(text, industry)


@pytest.mark.parametrize(
    ("said", "yuan"),
    [
        ("十", 10),
        ("十2万", 120_000),
        ("2十", 20),
        ("5千", 5_000),
        ("1千2百", 1_200),
        ("8十8万", 880_000),
        ("5万8千", 58_000),
        ("百万", 1_000_000),
        ("1千2百万", 12_000_000),
        ("1亿", 100_000_000),
        ("50001", 50_001),
        ("万", 10_000),
    ],
)
def test_a_sum_in_words(said: str, yuan: int) -> None:
    assert yuan_in(said) == [yuan]


@pytest.mark.parametrize(
    ("prize", "blocked"),
    [("五万元", False), ("五万零一元", True), ("五万一千元", True), ("十二万元", True),
     ("4万9千元", False), ("五千元", False), ("百万元", True)],
)  # fmt: skip
def test_a_prize_in_words_above_fifty_thousand(prize: str, blocked: bool) -> None:
    found = {hit.rule for hit in objections(f"抽奖特等奖价值{prize}的家电")}
    assert ("lottery.prize" in found) is blocked


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("找不出第二家比它更鲜", "《广告法》第九条第（三）项"),
        ("甩开同行几条街", "《广告法》第十三条"),
        ("把卡办了就不能退", "适用法律若干问题的解释》第九条"),
        ("写满五颗星，返三块", "《反不正当竞争法》第九条"),
    ],
)
def test_free_wording_is_told_with_its_article(text: str, article: str) -> None:
    assert any(article in hit.article for hit in objections(text))


def test_a_novel_may_use_superlatives_that_an_ad_may_not() -> None:
    text = "他跑遍全城也找不到第二家药铺"
    assert objections(text, "media") == []
    assert objections(text, "general")
