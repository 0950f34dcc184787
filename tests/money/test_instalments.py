"""What a loan brings its lender while all goes well: drawings, instalments and interest, day by day and to the fen."""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import DRAWDOWN, firm, ledger, world, written

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

SIX = {"interest": "6%"}


def at_six(*firms: Any, repayment: Any = None, **settings: Any) -> Scenario:
    """1m CNY at 6% a year."""
    product = {"price": SIX, "repayment": repayment or {}, **settings}
    return world(*firms, product=product, population={"licence_fees": "400k CNY"})


def test_a_bullet_pays_principal_and_all_its_interest_at_maturity() -> None:
    assert ledger(at_six()) == written("""
        2021-03-01  bank -> firm  loan paid out     1,000,000.00
        2022-03-01  firm -> bank  principal repaid  1,000,000.00
        2022-03-01  firm -> bank  interest             60,000.00
    """)


def test_a_loan_without_interest_brings_back_its_principal_and_nothing_else() -> None:
    assert ledger(world()) == written("""
        2021-03-01  bank -> firm  loan paid out     1,000,000.00
        2022-03-01  firm -> bank  principal repaid  1,000,000.00
    """)


def test_interest_that_is_paid_quarterly_is_a_twelfth_of_the_year_a_month_whatever_the_days() -> None:
    assert ledger(at_six(repayment={"interest_every": "3 months"}), only=["interest"]) == written("""
        2021-06-01 2021-09-01 2021-12-01 2022-03-01  firm -> bank  interest  15,000.00
    """)


def test_the_last_period_of_interest_is_shorter_where_the_tenor_is_no_multiple_of_it() -> None:
    assert ledger(at_six(repayment={"interest_every": "5 months"}), only=["interest"]) == written("""
        2021-08-01  firm -> bank  interest  25,000.00
        2022-01-01  firm -> bank  interest  25,000.00
        2022-03-01  firm -> bank  interest  10,000.00
    """)


def test_equal_instalments_pay_interest_on_what_was_outstanding_before_them() -> None:
    assert ledger(at_six(repayment={"schedule": "equal principal", "every": "3 months"})) == written("""
        2021-03-01                                   bank -> firm  loan paid out     1,000,000.00
        2021-06-01 2021-09-01 2021-12-01 2022-03-01  firm -> bank  principal repaid    250,000.00
        2021-06-01                                   firm -> bank  interest             15,000.00
        2021-09-01                                   firm -> bank  interest             11,250.00
        2021-12-01                                   firm -> bank  interest              7,500.00
        2022-03-01                                   firm -> bank  interest              3,750.00
    """)


def test_interest_of_equal_instalments_may_be_paid_on_months_of_its_own() -> None:
    twice = {"schedule": "equal principal", "every": "3 months", "interest_every": "6 months"}
    # 1.5% of 1,000k and 750k, then of 500k and 250k
    assert ledger(at_six(repayment=twice), only=["interest"]) == written("""
        2021-09-01  firm -> bank  interest  26,250.00
        2022-03-01  firm -> bank  interest  11,250.00
    """)


def test_equal_parts_that_are_no_whole_fen_sum_to_the_principal_and_interest_is_rounded_once_a_period() -> None:
    thirds = {"schedule": "equal principal", "every": "4 months"}
    assert ledger(at_six(repayment=thirds)) == written("""
        2021-03-01  bank -> firm  loan paid out     1,000,000.00
        2021-07-01  firm -> bank  principal repaid    333,333.33
        2021-11-01  firm -> bank  principal repaid    333,333.34
        2022-03-01  firm -> bank  principal repaid    333,333.33
        2021-07-01  firm -> bank  interest             20,000.00
        2021-11-01  firm -> bank  interest             13,333.33
        2022-03-01  firm -> bank  interest              6,666.67
    """)


def test_equal_parts_stay_equal_where_the_last_period_is_shorter() -> None:
    every_five = {"schedule": "equal principal", "every": "5 months"}
    assert ledger(at_six(firm(amount_requested="900k CNY"), repayment=every_five)) == written("""
        2021-03-01                        bank -> firm  loan paid out     900,000.00
        2021-08-01 2022-01-01 2022-03-01  firm -> bank  principal repaid  300,000.00
        2021-08-01                        firm -> bank  interest           22,500.00
        2022-01-01                        firm -> bank  interest           15,000.00
        2022-03-01                        firm -> bank  interest            3,000.00
    """)


def test_an_annuity_pays_the_same_every_time_and_its_last_payment_takes_what_rounding_left() -> None:
    # 3% a period, two periods: 1m x 1.03^2 x 0.03 / (1.03^2 - 1) = 522,610.837...
    assert ledger(at_six(repayment={"schedule": "annuity", "every": "6 months"})) == written("""
        2021-03-01  bank -> firm  loan paid out     1,000,000.00
        2021-09-01  firm -> bank  interest             30,000.00
        2021-09-01  firm -> bank  principal repaid    492,610.84
        2022-03-01  firm -> bank  interest             15,221.67
        2022-03-01  firm -> bank  principal repaid    507,389.16
    """)


def test_payments_fall_on_the_day_of_drawdown_or_on_the_last_of_a_shorter_month() -> None:
    quarterly = at_six(firm("2021-08-31"), repayment={"interest_every": "3 months"})
    assert ledger(quarterly, only=["interest"]) == written("""
        2021-11-30 2022-02-28 2022-05-31 2022-08-31  firm -> bank  interest  15,000.00
    """)


LATER = [{"share": "40%", "after": "6 months"}]


def test_a_later_drawing_is_paid_out_after_what_is_due_that_day_and_bears_interest_from_then_on() -> None:
    assert ledger(at_six(repayment={"interest_every": "3 months"}, drawings=LATER)) == written("""
        2021-03-01             bank -> firm  loan paid out       600,000.00
        2021-09-01             bank -> firm  loan paid out       400,000.00
        2021-06-01 2021-09-01  firm -> bank  interest              9,000.00
        2021-12-01 2022-03-01  firm -> bank  interest             15,000.00
        2022-03-01             firm -> bank  principal repaid  1,000,000.00
    """)


def test_every_drawing_is_repaid_by_itself_on_the_dates_that_come_after_it() -> None:
    quarterly = {"schedule": "equal principal", "every": "3 months"}
    # 600k by 150k four times, 400k by 200k twice; 1.5% of 600k, 450k, 700k and 350k
    assert ledger(at_six(repayment=quarterly, drawings=LATER)) == written("""
        2021-03-01             bank -> firm  loan paid out     600,000.00
        2021-09-01             bank -> firm  loan paid out     400,000.00
        2021-06-01 2021-09-01  firm -> bank  principal repaid  150,000.00
        2021-12-01 2022-03-01  firm -> bank  principal repaid  350,000.00
        2021-06-01             firm -> bank  interest            9,000.00
        2021-09-01             firm -> bank  interest            6,750.00
        2021-12-01             firm -> bank  interest           10,500.00
        2022-03-01             firm -> bank  interest            5,250.00
    """)


def test_the_first_drawing_takes_what_the_shares_of_the_later_ones_leave_to_the_fen() -> None:
    # A third of 10.00, twice, in whole fen
    later = [{"share": "33.33%", "after": "3 months"}, {"share": "33.33%", "after": "6 months"}]
    paid = ledger(at_six(firm(amount_requested="10.01 CNY"), drawings=later), only=["loan paid out"])
    assert paid == written("""
        2021-03-01             bank -> firm  loan paid out  3.35
        2021-06-01 2021-09-01  bank -> firm  loan paid out  3.33
    """)


SWEEP = {"of": "licence_fees", "share": "60%", "every": "3 months"}


def test_what_licence_payments_bring_lowers_the_interest_and_the_rest_is_due_at_maturity() -> None:
    swept = at_six(repayment={"interest_every": "3 months", "sweep": SWEEP})
    # 60% of 100k a quarter; none at maturity, when all is due
    assert ledger(swept) == written("""
        2021-03-01                        bank -> firm     loan paid out     1,000,000.00
        2021-06-01 2021-09-01 2021-12-01  outside -> firm  licence payment      60,000.00
        2021-06-01 2021-09-01 2021-12-01  firm -> bank     principal repaid     60,000.00
        2022-03-01                        firm -> bank     principal repaid    820,000.00
        2021-06-01                        firm -> bank     interest             15,000.00
        2021-09-01                        firm -> bank     interest             14,100.00
        2021-12-01                        firm -> bank     interest             13,200.00
        2022-03-01                        firm -> bank     interest             12,300.00
    """)


def test_a_loan_that_licence_payments_clear_early_pays_its_interest_then() -> None:
    # 450k a quarter, at last the 100k that are left; 1.5% of 1,000k, 550k and 100k
    assert ledger(at_six(firm(licence_fees="3m CNY"), repayment={"sweep": SWEEP})) == written("""
        2021-03-01             bank -> firm     loan paid out     1,000,000.00
        2021-06-01 2021-09-01  outside -> firm  licence payment     450,000.00
        2021-06-01 2021-09-01  firm -> bank     principal repaid    450,000.00
        2021-12-01             outside -> firm  licence payment     100,000.00
        2021-12-01             firm -> bank     principal repaid    100,000.00
        2021-12-01             firm -> bank     interest             24,750.00
    """)


def test_a_licensee_that_pays_nothing_brings_nothing_and_all_is_due_at_maturity() -> None:
    sweep = {**SWEEP, "licensee_default_rate": "100%"}
    assert ledger(at_six(repayment={"sweep": sweep})) == ledger(at_six())


def looked_at(every: str, repayment: Any = None, **settings: Any) -> Scenario:
    """A loan that is called ten days after its first look."""
    call = {"elapsed": "10 days", "every": every, "odds": {"exit": "100%", "sound": "rest"}}
    return at_six(repayment=repayment, servicing=[{"status monitoring": call}], **settings)


def test_a_loan_that_is_called_pays_interest_by_the_day_since_drawdown() -> None:
    # 71 days from 1 March to 11 May: 60,000 x 71 / 365 = 11,671.2328...
    assert ledger(looked_at("2 months")) == written("""
        2021-03-01  bank -> firm  loan paid out     1,000,000.00
        2021-05-11  firm -> bank  principal repaid  1,000,000.00
        2021-05-11  firm -> bank  interest             11,671.23
    """)


def test_days_count_only_since_the_last_date_on_which_something_was_due() -> None:
    # 40 days from 1 June to 11 July: 60,000 x 40 / 365 = 6,575.342...
    assert ledger(looked_at("4 months", {"interest_every": "3 months"}), only=["interest"]) == written("""
        2021-06-01  firm -> bank  interest  15,000.00
        2021-07-11  firm -> bank  interest   6,575.34
    """)


def test_a_called_loan_pays_the_interest_of_whole_months_that_was_not_due_yet_besides() -> None:
    twice = {"schedule": "equal principal", "every": "3 months", "interest_every": "6 months"}
    # 15,000 for three months of 1m, and 45,000 x 40 / 365 = 4,931.506... for 40 days of 750k
    assert ledger(looked_at("4 months", twice)) == written("""
        2021-03-01  bank -> firm  loan paid out     1,000,000.00
        2021-06-01  firm -> bank  principal repaid    250,000.00
        2021-07-11  firm -> bank  principal repaid    750,000.00
        2021-07-11  firm -> bank  interest             19,931.51
    """)


def test_a_called_loan_is_paid_out_no_further() -> None:
    told = ledger(looked_at("4 months", drawings=LATER), only=["loan paid out", "principal repaid"])
    assert told == written("""
        2021-03-01  bank -> firm  loan paid out     600,000.00
        2021-07-11  firm -> bank  principal repaid  600,000.00
    """)


def test_after_a_default_nothing_that_falls_due_is_paid() -> None:
    quarterly = {"schedule": "equal principal", "every": "3 months"}
    told = at_six(firm(default_at="2021-07-15 12:00"), repayment=quarterly, drawings=LATER)
    assert ledger(told, only=["loan paid out", "principal repaid", "interest"]) == written("""
        2021-03-01  bank -> firm  loan paid out     600,000.00
        2021-06-01  firm -> bank  principal repaid  150,000.00
        2021-06-01  firm -> bank  interest            9,000.00
    """)


@pytest.mark.parametrize(("hour", "repaid"), [("10:00", []), ("10:01", ["2021-06-01"])])
def test_a_default_comes_before_what_is_due_at_the_same_moment(hour: str, repaid: list[str]) -> None:
    quarterly = {"schedule": "equal principal", "every": "3 months"}
    told = at_six(firm(default_at=f"2021-06-01 {hour}"), repayment=quarterly)
    assert [each.day for each in ledger(told, only=["principal repaid"])] == repaid


def test_nothing_is_paid_after_the_end_of_the_follow_up() -> None:
    run = {"arrivals_for": "1 week", "follow_up": {"cases": "1 day", "loans": "200 days"}}
    told = world(product={"price": SIX, "repayment": {"interest_every": "3 months"}}, run=run)
    assert ledger(told, only=["interest"]) == written("""
        2021-06-01 2021-09-01  firm -> bank  interest  15,000.00
    """)
    assert [loan.status for loan in replicate(told, 1).loans] == ["outstanding"]


def test_the_first_payment_comes_months_after_drawdown_and_not_after_application() -> None:
    slow = at_six(repayment={"interest_every": "6 months"}, flow=[{"contract": {"elapsed": "20 days"}}, DRAWDOWN])
    assert [each.day for each in ledger(slow)] == ["2021-03-21", "2021-09-21", "2022-03-21", "2022-03-21"]
