"""Who bears which share of a loss, and how far, in the Chinese of financing guarantees."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from simulator.scenario.agreement import FIRM, Dated
from simulator.scenario.agreement_parts import Base, Limit, Per
from simulator.sharing.clauses import Bound, Clause
from simulator.sharing.wording_statements import Bounded, Divided, Period, Straddled, Whole, by_rate, exact_percent

_DIGITS = "零一二三四五六七八九十"
_KINDS = {"at_least": "不低于", "above": "高于", "at_most": "不高于", "below": "低于"}
_DATED: Mapping[Dated, str] = {"claim": "结算代偿的", "loss": "违约的贷款的", "underwriting": "放款的贷款的"}
_OVER: Mapping[Per, str] = {
    "loss": "就每笔损失以",
    "borrower": "就每一借款人累计以",
    "year of claim": "就每一自然年度结算的代偿累计以",
    "year of loss": "就每一自然年度违约的贷款累计以",
    "year of underwriting": "就每一自然年度放款的贷款累计以",
    "ever": "累计以",
}
_OF: Mapping[Per, str] = {
    "loss": "该笔贷款",
    "borrower": "其全部贷款",
    "year of claim": "该年度",
    "year of loss": "该年度",
    "year of underwriting": "该等贷款",
    "ever": "全部",
}
BASES: Mapping[Base, str] = {"principal": "已发放的本金", "premium": "已缴保费", "guaranteed balance": "在保余额"}


class ChineseShares:
    """Says who bears what; `names` are the shown names of parties, funds, limits and rates."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def _party(self, key: str) -> str:
        return self._names.get(key, "借款人" if key == FIRM else key)

    def _term(self, key: str) -> str:
        """A fund, a limit or a rate."""
        return f"“{self._names.get(key, key)}”"

    def _divided(self, statement: Divided) -> str:
        all_of = "全部" if len(statement.clauses) == 1 else ""
        return f"{self._whole(statement.whole)}{all_of}{self._borne(statement.clauses, statement.whole.giver)}"

    def _whole(self, whole: Whole) -> str:
        """What is divided, named in full."""
        if whole.rest is not None:
            return _rest(whole.rest)
        loss = f"{_dated(whole.period) if whole.period else ''}每笔损失"
        if whole.giver is None:
            return loss
        return f"{self._party(whole.giver)}就{loss}已支付的金额{'（含为他方分担的金额）' * whole.takes}，"

    def _borne(self, clauses: Sequence[Clause], keeper: str | None = None) -> str:
        if len(clauses) == 1:
            return f"由{self._party(clauses[0].party)}承担"
        verbs = ["自留" if each.party == keeper else "承担" for each in clauses]
        return "由" + "、".join(
            f"{self._party(each.party)}{verb}{share_of_one(each.share)}"
            for each, verb in zip(clauses, verbs, strict=True)
        )

    def _bounded(self, statement: Bounded) -> str:
        clause, whole = statement.clause, statement.whole
        while_so = f"仅在{self._tests(clause.tests)}时" if clause.tests else ""
        if statement.alone:
            bears = f"{self._whole(whole)}{while_so}由{self._party(clause.party)}承担"
        else:
            within = "" if whole.only else f"在{_these(whole)}中"
            bears = f"{self._party(clause.party)}{within}的份额{f'{while_so}由其承担' if while_so else ''}"
        bounds = []
        if statement.funds:
            paid = f"从{'和'.join(self._term(name) for name in statement.funds)}中支付"
            bounds += [paid, *["以其余额为限"] * statement.lasting]
        of_a_loss = statement.alone and whole.giver is None and whole.rest is None
        bounds += [f"{ceiling(limit).removeprefix('就每笔损失' * of_a_loss)}为限" for limit in statement.limits]
        bounds += [f"以{self._term(name)}的余额为限" for name in statement.shared]
        joined = "，" if bounds and (statement.alone or while_so) else ""
        return f"{bears}{joined}{'，'.join(bounds)}{self._beyond(statement)}"

    def _beyond(self, statement: Bounded) -> str:
        """Who bears what its bounds keep a party from bearing."""
        limited = bool(statement.limits or statement.shared)
        falls_short = bool(statement.funds) and statement.lasting
        own = _this(statement.whole) if statement.alone else "该份额"
        cases = []
        if statement.funds and not statement.lasting:
            cases.append(f"{'或'.join(self._term(name) for name in statement.funds)}用完时")
        if statement.clause.tests:
            cases.append("不符合上述条件时" if statement.funds or limited else "否则")
        if not limited and not falls_short:
            when = "，否则" if cases == ["否则"] else f"；{'或'.join(cases)}，"
            return when + self._falls(statement, own)
        beyond = "不足或超出的部分" if limited and falls_short else "超出部分" if limited else "不足部分"
        all_of = f"（{'或'.join(cases)}为{own}的全部）" if cases else ""
        return f"，{self._falls(statement, beyond + all_of)}"

    def _falls(self, statement: Bounded, what: str) -> str:
        if statement.rest is not None:
            return f"{what}为{_rest(statement.rest)}"
        return what + self._borne(statement.clause.otherwise)

    def _tests(self, tests: Iterable[Bound]) -> str:
        return "且".join(
            self._term(rate) + "且".join(f"{_KINDS[each.kind]}{share_of_one(each.share)}" for each in bounds)
            for rate, bounds in by_rate(tests)
        )

    def _straddled(self, statement: Straddled) -> str:
        this, several = _this(statement.whole), len(statement.funds) > 1
        funds = "或".join(self._term(name) for name in statement.funds)
        used_up = "各项资金均已用完" if statement.several else f"{funds}已用完"
        said = f"{funds}尚未用完但不足以支付其在{_one(statement.whole)}中应付金额的，"
        if statement.straddle == "all or nothing":
            said += f"不予支付，其余额留待金额较小的损失使用，{this}"
            if statement.instead is not None:
                return said + self._borne(statement.instead)
            again = "，依此重复，直至再无余额不足的资金" if several else ""
            return f"{said}视同{'该资金' if several else funds}已用完进行分担{again}"
        rest = f"{this}的其余全部"
        if statement.straddle == "shortfall shared":
            rest = "差额" + "（包括超出限额的部分）" * statement.limited
        if several and statement.straddle == "remainder shared":
            rest += "（包括其他资金应付的部分）"
        if statement.instead is not None:
            return f"{said}以其余额支付，{rest}{self._borne(statement.instead)}"
        return f"{said}以其余额支付，{rest}视同{used_up}，按{this}的分担办法分担"


def ceiling(limit: Limit) -> str:
    """The most that a limit lets through, and what it is counted over; `为限` closes it."""
    cap = limit.at_most
    most = money(cap.amount) if cap.base is None else f"{base_over(cap.base, limit.per)}的{share_of_one(cap.rate)}"
    return f"{_OVER[limit.per]}{most}"


def base_over(base: Base, per: Per) -> str:
    """The base of a ceiling or a rate that is counted over `per`."""
    if base == "guaranteed balance" and per in ("year of claim", "year of loss", "ever"):
        return BASES[base]
    return f"{_OF[per]}{BASES[base]}"


def share_of_one(share: Fraction) -> str:
    """`33.3333%`, or `三分之一` where no percentage says it exactly."""
    percent = exact_percent(share)
    if percent is not None:
        return percent
    above, below = share.numerator, share.denominator
    return f"{_DIGITS[below]}分之{_DIGITS[above]}" if max(above, below) <= 10 else f"{above}/{below}"


def money(fen: int) -> str:
    """An amount exactly: `1.25亿元`, `400万元`, `8,200.50元`."""
    yuan = Decimal(fen) / 100
    for unit, size, places in (("亿元", 10**8, 4), ("万元", 10**4, 2)):
        if yuan >= size and fen * 10**places % (size * 100) == 0:
            return f"{(yuan / size).normalize():,f}{unit}"
    return f"{yuan:,.2f}元"


def date(day: datetime.date) -> str:
    """`2022年1月1日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def _dated(period: Period) -> str:
    """The days on which a loss must be dated."""
    if period.first is None:
        assert period.last is not None
        days = f"{date(period.last)}及以前"
    elif period.last is None:
        days = f"{date(period.first)}及以后"
    else:
        days = f"{date(period.first)}至{date(period.last)}（均含当日）"
    return f"{days}{_DATED[period.by]}"


def _rest(number: int) -> str:
    """A rest that sentences of its own divide."""
    return f"“其余部分{_number(number)}”" if number else "“其余部分”"


def _one(whole: Whole) -> str:
    """Any one of what is divided."""
    if whole.rest is not None:
        return _rest(whole.rest)
    return "一笔损失" if whole.only else "一笔上述损失" if whole.giver is None else "一笔上述金额"


def _these(whole: Whole) -> str:
    """All that is divided in this way."""
    return _rest(whole.rest) if whole.rest is not None else "上述损失" if whole.giver is None else "上述金额"


def _this(whole: Whole) -> str:
    """The one that has been spoken of."""
    return _rest(whole.rest) if whole.rest is not None else "该笔损失" if whole.giver is None else "该笔金额"


def _number(number: int) -> str:
    """1 to 99 in Chinese; anything larger in digits."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    return f"{_DIGITS[tens] * (tens > 1)}{'十' * (tens > 0)}{_DIGITS[ones] * (ones > 0)}"
