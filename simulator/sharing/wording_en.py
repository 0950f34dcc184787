"""The statements of an agreement in plain legal English."""

from __future__ import annotations

from simulator.sharing.clauses import exact_money
from simulator.sharing.wording_en_shares import EnglishShares, base_over, ceiling, date, listed
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


class English(EnglishShares):
    """Puts statements into English."""

    def say(self, statement: Statement) -> str:
        """The statement as a sentence with its full stop."""
        said = self._said(statement)
        return f"{said[0].upper()}{said[1:]}{'' if said.endswith('.') else '.'}"

    def _said(self, statement: Statement) -> str:
        match statement:
            case LossMeant():
                return _loss(statement)
            case FundProvided():
                return self._fund(statement)
            case LimitShared(name, limit):
                together = "the shares that name it use it up together, within one loss in the order stated here"
                return f"the limit “{self._name(name)}” is {ceiling(limit)}; {together}"
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
                return (
                    "what others bear of a party's payment they reimburse to that party; what is paid to the lender "
                    "stays the same"
                )
            case Ordered():
                return _ordered(statement)
            case PaidBeforeSale():
                return "every party's part falls due when the claim is settled, before the pledge is realised"
            case Rounded():
                return _rounded(statement)
            case GivenBack():
                return self._given_back(statement)
            case Refilled(owner, funds):
                into = " and then into ".join(self._kept(name) for name in funds)
                each = "each " if len(funds) > 1 else ""
                full = f"{each}until it again holds all that was ever paid into it"
                return f"what {self._party(owner)} gets back is paid into {into}, {full}"

    def _fund(self, statement: FundProvided) -> str:
        fund, term = statement.fund, f"the “{self._name(statement.name)}”"
        said = f"{self._party(fund.owner)} provides a fund of {exact_money(fund.balance)} ({term})"
        if fund.top_ups:
            top_ups = sorted(fund.top_ups, key=lambda each: each.on)
            added = listed([f"{exact_money(each.amount)} on {date(each.on)}" for each in top_ups])
            said += f" and adds {added}, for losses settled on or after the day of payment"
        return said if fund.refill else f"{said}; recoveries are not paid back into it"

    def _rate(self, statement: RateMeant) -> str:
        rate = statement.rate
        year = " in the same calendar year" if rate.per == "year of claim" else ""
        gross = "before any reimbursement and " * statement.ceded + "without deduction of recoveries"
        paid = f"what {self._party(rate.paid_by)} has paid on losses settled earlier{year}, {gross}"
        base = base_over(rate.over, rate.per).replace("in a calendar year", "in that year")
        return f"the “{self._name(statement.name)}” is {paid}, divided by {base}"

    def _given_back(self, statement: GivenBack) -> str:
        borne = "has in the end borne of the loss" if statement.ceded else "has borne of the loss"
        alone = (*statement.ranked, *(statement.others if len(statement.others) == 1 else ()))
        ways = [f"to {self._party(party)} up to what it {borne}" for party in alone]
        if len(statement.others) > 1:
            whom = "the other parties" if ways else "the parties"
            order = listed([self._party(party) for party in statement.order]) if statement.order else ""
            ties = f" (fen left over in a tie going to the first of {order})" if order else ""
            ways.append(f"to {whom} in proportion to what each {borne}, to none more than that{ties}")
        goes = "first " * (len(ways) > 1) + ", then ".join(ways)
        surplus = f"any surplus goes to {self._party(statement.surplus)}"
        return f"whatever is recovered afterwards goes, less its costs, {goes}; {surplus}"


def _loss(statement: LossMeant) -> str:
    principal = "a loss is the principal of a loan that is outstanding when the claim for it is settled"
    if statement.covers == "principal":
        return f"{principal}; interest and other charges are not part of it"
    return f"{principal}, together with the interest owed on it"


def _bases(statement: BasesMeant) -> str:
    balance = (
        "the guaranteed balance is the outstanding principal of the loans, those in default included until their "
        "claims are settled"
    )
    moment = "just before the claim is settled"
    if statement.bases == ("guaranteed balance",):
        said = f"{balance}, as it stands {moment}"
    else:
        names = listed([f"the {base}" if base == "guaranteed balance" else base for base in statement.bases])
        said = f"{names} {'is taken as it stands' if len(statement.bases) == 1 else 'are taken as they stand'} {moment}"
        said += f"; {balance}" * ("guaranteed balance" in statement.bases)
    nil = "; a rate over nil counts as nil where nothing has been paid, and otherwise as above every bound"
    return said + nil * statement.in_rates


def _ordered(statement: Ordered) -> str:
    counts = {"fund": statement.funds, "limit": statement.limits, "rate": statement.rates}
    order = "in the order in which their claims are settled"
    if not statement.pro_rata:
        kinds = listed([f"the {kind}{'s' * (count > 1)}" for kind, count in counts.items() if count])
        left = "it" if sum(counts.values()) == 1 else "them"
        found = f"each finds {kinds} as the earlier ones have left {left}"
        return f"losses are shared one after another {order}, on the same day too; {found}"
    rules = []
    if statement.funds or statement.limits:
        kinds = " or ".join(f"a {kind}" for kind in ("fund", "limit") if counts[kind])
        alike = " or ".join(what for what in ("borrower", "year") if any(what in per for per in statement.over))
        narrower = f", or under a limit per {alike} among those of one {alike}," if alike else ""
        rules.append(
            f"what {kinds} has left that morning is divided among them{narrower} in proportion to their amounts, "
            "cumulated in their order and rounded down to the fen, and what one of them does not use of its part the "
            "others cannot use on that day"
        )
    if statement.rates:
        rules.append("rates are those of that morning")
    return f"losses are shared {order}, those of one day together: {'; '.join(rules)}"


def _rounded(statement: Rounded) -> str:
    said = (
        "amounts are rounded to the fen: each part is rounded down, and the fen left over go one each to the parts "
        "with the largest remainders, in a tie to the part stated first"
    )
    if statement.added:
        said += (
            "; a share that passes to others before anything is paid of it is divided before rounding, a party's "
            "shares without a bound counting as one"
        )
    return said + "; limits given as a percentage are rounded down" * statement.capped
