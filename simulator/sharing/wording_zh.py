"""The statements of an agreement in the Chinese of financing guarantees."""

from __future__ import annotations

from simulator.sharing.wording_statements import (
    BasesMeant,
    Bounded,
    Divided,
    FundProvided,
    GivenBack,
    LimitShared,
    LossMeant,
    Ordered,
    PaidBeforeSale,
    RateMeant,
    Refilled,
    Reimbursed,
    Rounded,
    Statement,
    Straddled,
)
from simulator.sharing.wording_zh_shares import BASES, ChineseShares, base_over, ceiling, date, money


class Chinese(ChineseShares):
    """Puts statements into Chinese."""

    def say(self, statement: Statement) -> str:
        """The statement as a sentence with its full stop."""
        return f"{self._said(statement)}。"

    def _said(self, statement: Statement) -> str:
        match statement:
            case LossMeant(covers):
                interest = "，不包括利息及其他费用" if covers == "principal" else "及应付未付的利息"
                return f"本协议所称损失，指代偿结算时该笔贷款尚未清偿的本金{interest}"
            case FundProvided():
                return self._fund(statement)
            case LimitShared(name, limit):
                together = "适用该限额的各项份额合并计算，同一笔损失中列在前面的先行占用"
                return f"{self._term(name)}为共同限额，{ceiling(limit)}为限，{together}"
            case RateMeant():
                return self._rate(statement)
            case BasesMeant():
                return _bases(statement)
            case Divided():
                return self._divided(statement)
            case Bounded():
                return self._bounded(statement)
            case Straddled():
                return self._straddled(statement)
            case Reimbursed():
                return "他方分担的部分，由分担方支付给先行支付的一方，对贷款人的支付不受影响"
            case Ordered():
                return _ordered(statement)
            case PaidBeforeSale():
                return "各方应承担的金额于代偿结算时先行支付，不待质押物处置"
            case Rounded():
                return _rounded(statement)
            case GivenBack():
                return self._given_back(statement)
            case Refilled(owner, funds):
                into = f"{'依次' * (len(funds) > 1)}补入{'、'.join(self._term(name) for name in funds)}"
                return f"{self._party(owner)}收回的款项{into}，直至{'各' * (len(funds) > 1)}该资金恢复至历次投入的总额"

    def _fund(self, statement: FundProvided) -> str:
        fund = statement.fund
        said = f"{self._party(fund.owner)}出资{money(fund.balance)}设立{self._term(statement.name)}"
        if fund.top_ups:
            top_ups = sorted(fund.top_ups, key=lambda each: each.on)
            added = "、".join(f"{date(each.on)}追加{money(each.amount)}" for each in top_ups)
            said += f"，并于{added}，追加的资金仅用于到账当日及以后结算的损失"
        return said if fund.refill else f"{said}，追偿所得不回补"

    def _rate(self, statement: RateMeant) -> str:
        rate = statement.rate
        year = "同一自然年度内" if rate.per == "year of claim" else ""
        paid = f"{self._party(rate.paid_by)}就{year}此前结算的损失已支付的金额"
        gross = "按他方分担之前计算，" * statement.ceded + "不扣除追偿所得"
        return f"{self._term(statement.name)}指{paid}（{gross}）与{base_over(rate.over, rate.per)}之比"

    def _given_back(self, statement: GivenBack) -> str:
        borne = "最终承担" if statement.ceded else "承担"
        ways = [f"返还{self._party(party)}，以其{borne}的金额为限" for party in statement.ranked]
        if len(statement.others) == 1:
            ways.append(f"返还{self._party(statement.others[0])}，以其{borne}的金额为限")
        elif statement.others:
            order = "、".join(self._party(party) for party in statement.order)
            ties = f"（尾差相同的，先后顺序为{order}）" if order else ""
            whom = "其他各方" if ways else "各方"
            ways.append(f"按{whom}对该笔损失{borne}金额的比例返还{whom}{ties}，任何一方所得不超过其{borne}的金额")
        goes = f"首先{'，其后'.join(ways)}" if len(ways) > 1 else ways[0]
        return f"代偿后的追偿及处置所得，扣除相关费用后，{goes}；如有剩余，归{self._party(statement.surplus)}所有"


def _bases(statement: BasesMeant) -> str:
    balance, moment = (
        "在保余额指各笔贷款尚未清偿的本金，违约贷款在代偿结算前仍计算在内",
        "以该笔代偿结算前一刻的数额为准",
    )
    if statement.bases == ("guaranteed balance",):
        said = f"{balance}，{moment}"
    else:
        said = "、".join(BASES[base] for base in statement.bases) + moment
        said += f"；{balance}" * ("guaranteed balance" in statement.bases)
    nil = "；分母为零的，未有支付时比率视为零，已有支付时视为高于任何界限"
    return said + nil * statement.in_rates


def _ordered(statement: Ordered) -> str:
    order = "各笔损失按代偿结算的先后顺序"
    money = [kind for kind, count in (("资金", statement.funds), ("限额", statement.limits)) if count]
    if not statement.pro_rata:
        found = "、".join([f"{kind}余额" for kind in money] + ["比率"] * bool(statement.rates))
        return f"{order}逐笔分担，同一日结算的亦同，每笔均以此前各笔分担后的{found}为准"
    rules = []
    if money:
        words = {"borrower": "借款人", "year": "年度"}
        alike = [words[what] for what in words if any(what in per for per in statement.over)]
        same = "或".join(f"同一{each}" for each in alike)
        narrower = f"（按{'或'.join(alike)}计算的限额，仅在{same}的损失之间分配）" if alike else ""
        rules.append(
            f"{'、'.join(money)}当日日初的余额按损失金额的比例在各笔之间分配{narrower}，依次累计并舍去不足一分的部分，"
            "某笔未用完的部分当日不得用于其他各笔"
        )
    if statement.rates:
        rules.append("比率以当日日初的数值为准")
    return f"{order}分担，同一日结算的合并处理：{'；'.join(rules)}"


def _rounded(statement: Rounded) -> str:
    said = "金额计算至分：各项金额先舍去不足一分的部分，尾差按舍去部分由大到小逐分补足，相同的按所列先后顺序"
    if statement.added:
        said += "；份额在支付之前即全部转由他方承担的，先分解后取整，同一方不受限制的份额合并计算"
    return said + "；按比例确定的限额舍去不足一分的部分" * statement.capped
