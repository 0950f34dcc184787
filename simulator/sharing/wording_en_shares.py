"""Who bears which share of a loss, and how far, in plain legal English."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from simulator.scenario.agreement import FIRM, Dated
from simulator.scenario.agreement_parts import Base, Limit, Per
from simulator.sharing.clauses import Bound, Clause, exact_money, the
from simulator.sharing.wording_statements import DAY, Bounded, Divided, Period, Straddled, Whole, by_rate, exact_percent

_DATED: Mapping[Dated, str] = {
    "claim": "each loss whose claim is settled",
    "loss": "each loss on a loan that falls into default",
    "underwriting": "each loss on a loan drawn down",
}
_OVER: Mapping[Per, str] = {
    "loss": "per loss",
    "borrower": "in all per borrower",
    "year of claim": "in all for the claims settled in one calendar year",
    "year of loss": "in all for the loans that fall into default in one calendar year",
    "year of underwriting": "in all for the loans drawn down in one calendar year",
    "ever": "in all",
}
_OVER_THAT_YEAR: Mapping[Per, str] = {
    "year of claim": "in all for the claims settled in that year",
    "year of loss": "in all for the loans that fall into default in that year",
    "year of underwriting": "in all for those loans",
}
_PAID: Mapping[Base, str] = {"principal": "the principal paid out", "premium": "the premium paid"}
_PAID_OVER: Mapping[Per, str] = {
    "loss": "for the loan",
    "borrower": "for the borrower's loans",
    "year of claim": "in a calendar year",
    "year of loss": "in a calendar year",
    "year of underwriting": "for the loans drawn down in a calendar year",
    "ever": "so far",
}
_BALANCE: Mapping[Per, str] = {
    "loss": "the guaranteed balance of the loan",
    "borrower": "the guaranteed balance of the borrower's loans",
    "year of underwriting": "the guaranteed balance of the loans drawn down in a calendar year",
}


class EnglishShares:
    """Says who bears what; `names` are the shown names of parties, funds, limits and rates."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def _name(self, key: str) -> str:
        return self._names.get(key, "borrower" if key == FIRM else key)

    def _party(self, key: str) -> str:
        return the(self._name(key))

    def _kept(self, key: str) -> str:
        """A fund or a rate, once it has been introduced."""
        return f"the {self._name(key)}"

    def _divided(self, statement: Divided) -> str:
        in_full = " in full" if len(statement.clauses) == 1 else ""
        return self._bear(statement.clauses, self._whole(statement.whole)) + in_full

    def _whole(self, whole: Whole) -> str:
        """What is divided, named in full."""
        if whole.rest is not None:
            return _rest(whole.rest)
        loss = _dated(whole.period) if whole.period else "each loss"
        if whole.giver is None:
            return loss
        also = " (reimbursements to others included)" if whole.takes else ""
        return f"what {self._party(whole.giver)} has paid on {loss}{also}"

    def _bear(self, clauses: Sequence[Clause], of: str) -> str:
        first, *others = clauses
        if not others:
            return f"{self._party(first.party)} bears {of}"
        shares = [f"{self._party(each.party)} {share_of_one(each.share)}" for each in others]
        return f"{listed([f'{self._party(first.party)} bears {share_of_one(first.share)}', *shares])} of {of}"

    def _bounded(self, statement: Bounded) -> str:
        clause, whole = statement.clause, statement.whole
        bounds = [f"only while {self._tests(clause.tests)}"] if clause.tests else []
        if statement.funds:
            lasts = " and only as far as it lasts" if statement.lasting else ""
            bounds.append(f"out of {listed([self._kept(name) for name in statement.funds])}{lasts}")
        of_a_loss = statement.alone and whole.giver is None and whole.rest is None
        bounds += [f"up to {ceiling(limit).removesuffix(' per loss' * of_a_loss)}" for limit in statement.limits]
        bounds += [f"within the limit “{self._name(name)}”" for name in statement.shared]
        share = "its share" if whole.only else f"its share of {_one(whole)}"
        bears = f"{self._party(clause.party)} bears {self._whole(whole) if statement.alone else share}"
        within = ", and ".join([", ".join(bounds[:-1]), bounds[-1]] if len(bounds) > 1 else bounds)
        return f"{bears} {within}; {self._beyond(statement)}"

    def _beyond(self, statement: Bounded) -> str:
        """Who bears what its bounds keep a party from bearing."""
        own = _the(statement.whole) if statement.alone else "that share"
        limited = bool(statement.limits or statement.shared)
        failing = "while that is not so"
        cases = [failing] if statement.clause.tests else []
        if statement.funds and not statement.lasting:
            cases.insert(0, f"when {' or '.join(self._kept(name) for name in statement.funds)} is used up")
        if not limited and not (statement.funds and statement.lasting):
            when = "otherwise" if cases == [failing] else f"{' or '.join(cases)},"
            return f"{when} {self._falls(statement, own)}"
        # What a fund cannot pay is no part of what goes on from here where other rules share it.
        beyond = "what of {} is above a limit" if statement.funds and not statement.lasting else "the rest of {}"
        rest = beyond.format(own)
        return self._falls(statement, f"{rest} or, {' or '.join(cases)}, all of it" if cases else rest)

    def _falls(self, statement: Bounded, what: str) -> str:
        if statement.rest is None:
            return self._bear(statement.clause.otherwise, what)
        return f"{what} is {'' if statement.rest else 'the '}“{_rest(statement.rest).removeprefix('the ')}”"

    def _tests(self, tests: Iterable[Bound]) -> str:
        return " and ".join(
            f"{self._kept(rate)} is "
            + " and ".join(f"{each.kind.replace('_', ' ')} {share_of_one(each.share)}" for each in bounds)
            for rate, bounds in by_rate(tests)
        )

    def _straddled(self, statement: Straddled) -> str:
        one, this, several = _one(statement.whole), _the(statement.whole), len(statement.funds) > 1
        funds = " or ".join(self._kept(name) for name in statement.funds)
        said = f"if {funds} is not used up but holds less than it would have to pay of {one}, it"
        if statement.straddle == "all or nothing":
            said += " pays nothing of it and keeps its money for smaller losses"
            if statement.instead is not None:
                return f"{said}; {self._bear(statement.instead, this)}"
            again = "; this is repeated until no fund holds too little" if several else ""
            return f"{said}; {this} is shared as if {'that fund' if several else funds} were used up{again}"
        rest = f"all the rest of {this}"
        if statement.straddle == "shortfall shared":
            rest = "the shortfall" + " (what is above a limit included)" * statement.limited
        if several and statement.straddle == "remainder shared":
            rest += " (what other funds would pay included)"
        if statement.instead is not None:
            return f"{said} pays what it holds; {self._bear(statement.instead, rest)}"
        used_up = "every fund" if statement.several else funds
        return f"{said} pays what it holds; {rest} is shared as {one} would be if {used_up} were used up"


def ceiling(limit: Limit) -> str:
    """The most that a limit lets through, and what it is counted over."""
    cap, per = limit.at_most, limit.per
    if cap.base is None:
        return f"{exact_money(cap.amount)} {_OVER[per]}"
    base = base_over(cap.base, per)
    if per == "loss":
        return f"{share_of_one(cap.rate)} of {base}"
    over = _OVER_THAT_YEAR[per] if base.endswith("a calendar year") else _OVER[per]
    return f"{share_of_one(cap.rate)} of {base}, {over}"


def base_over(base: Base, per: Per) -> str:
    """The base of a ceiling or a rate that is counted over `per`."""
    if base == "guaranteed balance":
        return _BALANCE.get(per, "the guaranteed balance")
    return f"{_PAID[base]} {_PAID_OVER[per]}"


def share_of_one(share: Fraction) -> str:
    """`33.3333%`, or `1/3` where no percentage says it exactly."""
    return exact_percent(share) or str(share)


def date(day: datetime.date) -> str:
    """`1 January 2022`."""
    return f"{day.day} {day:%B %Y}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _dated(period: Period) -> str:
    """Every loss of a period."""
    if period.first is None:
        assert period.last is not None
        return f"{_DATED[period.by]} before {date(period.last + DAY)}"
    if period.last is None:
        return f"{_DATED[period.by]} on or after {date(period.first)}"
    return f"{_DATED[period.by]} from {date(period.first)} to {date(period.last)} (both included)"


def _rest(number: int) -> str:
    """A rest that sentences of its own divide."""
    return f"Remainder {number}" if number else "the Remainder"


def _one(whole: Whole) -> str:
    """Any one of what is divided."""
    if whole.rest is not None:
        return _rest(whole.rest)
    return "a loss" if whole.only else "such a loss" if whole.giver is None else "such a payment"


def _the(whole: Whole) -> str:
    """The one that has been spoken of."""
    return _rest(whole.rest) if whole.rest is not None else "the loss" if whole.giver is None else "the payment"
