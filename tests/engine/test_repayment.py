"""Repayment out of licence payments, what is pledged and registered, and defaults at a stated moment."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_worlds import clock, minutes, scenario, tell

from simulator.analysis.explanation import explain_in
from simulator.analysis.loan_story import loan_in_words
from simulator.analysis.measure import measure
from simulator.analysis.rounds import WorldResult
from simulator.analysis.rules import RuleCheck
from simulator.credit.loans import CreditRisk, rated
from simulator.credit.repayment import SweepPlan, sweep_plan
from simulator.experiment.replication import replicate
from simulator.export.tables import write_tables
from simulator.scenario.credit import Sweep
from simulator.scenario.load import AS_STATED, LoadedScenario, node_of
from simulator.scenario.model import Scenario
from simulator.streams import Streams
from simulator.workflow.loan import Loan

INSTANT = {"contract": {"elapsed": "0 min"}}
POPULATION = {"licence_fees": "400k CNY", "patent_value": "3m CNY"}
LATE = {"follow_up": {"cases": "500 days", "loans": "5 years"}}


def licensing(*firms: Any, rate: str = "0%", sweep: Any = None, product: Any = None, **rest: Any) -> Scenario:
    """A loan of 1m, repaid out of licence fees of 400k a year, of which 60% go to the loan every 3 months."""
    credit = {
        "annual_default_rate": rate,
        "claim_after": "60 days",
        "recovery": {"haircut": "70%", "cost": "5%", "time": "300 days"},
    }
    swept = {"of": "licence_fees", "share": "60%", "every": "3 months", **(sweep or {})}
    given_product = {"repayment": {"sweep": swept}, **(product or {})}
    population = {**POPULATION, **rest.pop("population", {})}
    run = {**LATE, **rest.pop("run", {})}
    return scenario(
        [INSTANT], firms=list(firms), credit=credit, product=given_product, population=population, run=run, **rest
    )


def earning(moment: str, fees: str) -> Any:
    return moment, {"licence_fees": fees}


def defaulting(at: str, default_at: str, **attributes: Any) -> dict[str, Any]:
    """Arrivals of one firm whose loan is to default at a moment."""
    return {"arrivals": {"firms": [{"at": f"2021-{at}", "default_at": default_at, "attributes": attributes}]}}


def paid(loan: Loan) -> list[tuple[str, int]]:
    return [(clock(moment), fen) for moment, fen, _ in loan.payments]


def test_a_share_of_each_licence_payment_goes_to_the_loan_and_the_rest_is_due_at_maturity() -> None:
    (loan,) = tell(licensing("03-01 10:00")).happened.loans
    # 100k of fees every three months, of which 60k
    early = [(day, 6_000_000) for day in ("06-01 10:00", "09-01 10:00", "12-01 10:00")]
    assert paid(loan) == [*early, ("03-01 10:00", 82_000_000)]
    assert (loan.status, loan.ended_at, loan.outstanding) == ("repaid", loan.matures_at, 0)


def test_payments_come_on_the_same_day_of_later_months_or_on_their_last() -> None:
    (loan,) = tell(licensing("03-31 10:00", run={"arrivals_for": "2 months"})).happened.loans
    assert [moment for moment, _ in paid(loan)] == ["06-30 10:00", "09-30 10:00", "12-31 10:00", "03-31 10:00"]


def test_no_more_is_swept_than_is_outstanding_and_a_loan_repaid_early_ends_then() -> None:
    told = tell(licensing(earning("03-01 10:00", "3m CNY")))
    (loan,) = told.happened.loans
    assert paid(loan) == [("06-01 10:00", 45_000_000), ("09-01 10:00", 45_000_000), ("12-01 10:00", 10_000_000)]
    assert (loan.status, clock(loan.ended_at)) == ("repaid", "12-01 10:00")
    assert loan_in_words(loan) == "the loan is repaid before it is due, out of licence payments"


def test_a_loan_repaid_early_gives_its_line_back_then() -> None:
    approval = {"credit approval": {"elapsed": "0 min", "reserves": "line"}}
    world = scenario(
        [approval], firms=[earning("03-01 10:00", "9m CNY"), earning("03-02 10:00", "9m CNY")],
        population=POPULATION, quotas={"line": {"limit": "1m CNY"}}, run=LATE,
        product={"repayment": {"sweep": {"of": "licence_fees", "share": "100%", "every": "3 months"}}},
    )  # fmt: skip
    assert tell(world).drawn == ["03-01 10:00", "06-01 10:00"]


def test_what_was_swept_before_a_default_stays_and_the_loss_is_what_is_outstanding() -> None:
    told = tell(licensing(applicants=defaulting("03-01 10:00", "2021-10-15 12:00")))
    (loan,), (loss,) = told.happened.loans, told.happened.losses
    assert paid(loan) == [("06-01 10:00", 6_000_000), ("09-01 10:00", 6_000_000)]
    assert (loan.status, loan.repaid, loan.outstanding) == ("defaulted", 12_000_000, 88_000_000)
    assert loss.principal == 88_000_000
    assert dict(loss.allocation.paid) == {"bank": 88_000_000}


def test_a_loan_that_has_been_repaid_does_not_default() -> None:
    never = defaulting("03-01 10:00", "2021-12-15", licence_fees="3m CNY")
    told = tell(licensing(applicants=never))
    assert [loan.status for loan in told.happened.loans] == ["repaid"]
    assert told.happened.losses == []


def test_a_licensee_that_has_stopped_paying_never_pays_again() -> None:
    world = licensing(sweep={"every": "1 month", "licensee_default_rate": "60%"},
                      applicants={"arrivals": {"per_working_day": 60}})  # fmt: skip
    happened = replicate(world, 1)
    assert len(happened.loans) > 1000
    counts = []
    for loan in happened.loans:
        months = [round((moment - loan.drawn_at) / 1440 / 30.4) for moment, _, _ in loan.payments[:-1]]
        assert months == list(range(1, len(months) + 1))
        counts.append(len(months))
    # 40% of the licensees pay for a whole year, and 1 - 0.4^(1/12) of those left stop every month
    share = 0.4 ** (11 / 12)
    assert abs(np.mean(np.array(counts) == 11) - share) < 4 * (share * (1 - share) / len(counts)) ** 0.5


def test_a_licensee_that_pays_nothing_leaves_the_whole_loan_due_at_maturity() -> None:
    (loan,) = tell(licensing("03-01 10:00", sweep={"licensee_default_rate": "100%"})).happened.loans
    assert loan.payments == [(loan.matures_at, 100_000_000, "maturity")]


def test_a_licensee_stops_whether_or_not_the_borrower_defaults() -> None:
    world = licensing(rate="30%")
    assert world.credit is not None
    sweep = Sweep.model_validate({"of": "fees", "share": "60%", "every": "3 months", "licensee_default_rate": "30%"})
    streams, count = Streams(1, 1), 5000
    stops = sweep_plan(sweep, np.zeros(count), streams).pays_for_years
    risk = CreditRisk.of(world.credit, streams, np.zeros(count))
    defaults = risk.draws(rated(world.credit, None, {}, count)).default_years
    assert abs(np.corrcoef(stops, defaults)[0, 1]) < 4 / count**0.5


def test_whether_licensees_stop_shifts_no_other_draw() -> None:
    many = {"applicants": {"arrivals": {"per_working_day": 20}}, "rate": "30%"}
    first, second, without = (
        replicate(world, 1)
        for world in (
            licensing(**many),
            licensing(**many, sweep={"licensee_default_rate": "50%"}),
            licensing(**many, product={"repayment": {"schedule": "bullet"}}),
        )
    )
    defaults = {loss.case: loss.defaulted_at for loss in first.losses}
    assert len(defaults) > 50
    assert defaults == {loss.case: loss.defaulted_at for loss in second.losses}
    assert defaults == {loss.case: loss.defaulted_at for loss in without.losses}


@given(
    fees=st.integers(0, 10**15),
    share=st.fractions(0, 1, max_denominator=10_000),
    every=st.sampled_from([1, 2, 3, 5, 6, 12, 24]),
)
def test_a_payment_is_whole_fen_and_a_year_of_payments_is_never_above_the_share_of_a_years_fees(
    fees: int, share: Fraction, every: int
) -> None:
    sweep = Sweep.model_validate({"of": "fees", "share": "0%", "every": f"{every} months"})
    plan = sweep_plan(sweep.model_copy(update={"share": share}), np.array([float(fees)]), Streams(1, 1))
    part = plan.part_of_payment(0, every)
    exact = fees * share * every / 12
    assert exact - 2 < part <= exact


def test_a_payment_due_when_the_licensee_stops_is_not_made() -> None:
    plan = SweepPlan([7], np.array([0.75]))
    assert [plan.part_of_payment(0, month) for month in (3, 6, 9, 12)] == [7, 7, 0, 0]


def test_in_a_renewed_tenor_payments_go_on_until_the_licensee_stops_and_not_after() -> None:
    """Every five months in tenors of a year: in months 5, 10, 17 and 22, as long as the licensee pays."""
    world = licensing(
        sweep={"every": "5 months", "licensee_default_rate": "60%", "share": "10%"},
        product={"renewal": {"share": "100%", "at_most": 1}},
        applicants={"arrivals": {"per_working_day": 10}},
    )
    happened, repayment = replicate(world, 1), world.products["loan"].repayment
    assert repayment.sweep is not None and world.run is not None
    stops = sweep_plan(repayment.sweep, np.zeros(len(happened.firms)), Streams(world.run.seed, 1)).pays_for_years
    counts = set()
    for loan in happened.loans:
        swept = [moment for moment, _, why in loan.payments if why != "maturity"]
        months = [round((moment - loan.drawn_at) / 1440 / 30.42) for moment in swept]
        assert months == [month for month in (5, 10, 17, 22) if month / 12 < stops[loan.case]], loan.case
        counts.add(len(months))
    assert counts == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("share", ["0%", "35%", "100%"])
@pytest.mark.parametrize("every", ["1 month", "5 months"])
def test_what_is_repaid_and_what_is_outstanding_are_the_principal_at_all_times(share: str, every: str) -> None:
    watched = {
        "servicing": [
            {"status monitoring": {"elapsed": "2 days", "every": "2 months", "odds": {"sound": "rest", "exit": "8%"}}}
        ]
    }
    world = licensing(
        rate="25%", sweep={"share": share, "every": every, "licensee_default_rate": "30%"}, product=watched,
        applicants={"arrivals": {"per_working_day": 20}},
        population={"licence_fees": {"lognormal": {"median": "1m CNY", "p90": "9m CNY"}}},
        run={"follow_up": {"cases": "200 days", "loans": "300 days"}},
    )  # fmt: skip
    statuses: set[str] = set()
    for number in (1, 2, 3):
        happened = replicate(world, number)
        for loan in happened.loans:
            assert loan.repaid + loan.outstanding == loan.principal
            left = loan.principal
            for moment, fen, _ in loan.payments:
                assert 0 < fen <= left
                left -= fen
                assert loan.drawn_at < moment <= min(loan.matures_at, loan.ended_at)
            assert loan.payments == sorted(loan.payments)
            assert (loan.outstanding == 0) == (loan.status in ("repaid", "exited")) == (left == 0)
            statuses.add(loan.status)
        owed = {loan.case: loan.outstanding for loan in happened.loans}
        assert all(loss.principal == owed[loss.case] for loss in happened.losses)
        assert measure(world, happened, number).products[0].loss_gross == sum(
            loan.outstanding for loan in happened.loans if loan.case in {loss.case for loss in happened.losses}
        )
    assert {"exited", "defaulted", "claim open", "outstanding"} <= statuses


def test_a_stated_default_comes_at_its_moment_whatever_the_rate() -> None:
    for rate in ("0%", "100%"):
        told = tell(licensing(rate=rate, applicants=defaulting("03-01 10:00", "2021-07-05 08:30")))
        assert [clock(loss.defaulted_at) for loss in told.happened.losses] == ["07-05 08:30"]


@pytest.mark.parametrize("moment", ["2021-03-02 12:00", "2022-03-03 10:00", "2023-01-01"])
def test_a_stated_default_outside_the_time_of_the_loan_does_not_come_and_nor_does_any_other(moment: str) -> None:
    # Drawn on 3 March, because the contract takes two days; due a year later.
    credit = {
        "annual_default_rate": "100%",
        "claim_after": "60 days",
        "recovery": {"haircut": "70%", "cost": "5%", "time": "300 days"},
    }
    contract = {"contract": {"elapsed": "2 days"}}
    happened = tell(
        scenario([contract], applicants=defaulting("03-01 10:00", moment), credit=credit, run=LATE)
    ).happened
    assert [(loan.status, clock(loan.drawn_at)) for loan in happened.loans] == [("repaid", "03-03 10:00")]


def test_a_stated_default_moves_no_default_of_another_firm() -> None:
    def defaults(also: list[Any]) -> dict[int, float]:
        applicants = {"arrivals": {"per_working_day": 10}, "also": also}
        return {
            loss.case: loss.defaulted_at for loss in replicate(licensing(rate="30%", applicants=applicants), 1).losses
        }

    alone = defaults([])
    beside = defaults([{"at": "2021-03-02 10:00", "default_at": "2021-06-06", "attributes": {}}])
    assert len(alone) > 20
    (stated,) = set(beside) - set(alone)
    assert beside.pop(stated) == minutes("06-06 00:00")
    assert beside == alone


def test_what_is_sold_after_a_default_is_what_was_pledged() -> None:
    stated = defaulting("03-01 10:00", "2021-04-01")
    proceeds = [
        tell(licensing(applicants=stated, product={"pledged": name})).happened.losses[0].proceeds
        for name in ("appraised_value", "patent_value", "licence_fees")
    ]
    assert proceeds == [60_000_000, 90_000_000, 12_000_000]


def test_the_rule_on_amount_to_value_divides_by_what_is_pledged() -> None:
    rules = {"K1": {"source": "page 1", "every_drawn": {"amount_to_value": {"at_most": "40%"}}}}

    def broken(pledged: str) -> list[str]:
        world = licensing("03-01 10:00", product={"pledged": pledged}, published_rules=rules)
        return RuleCheck(world, "K1", world.published_rules["K1"], replicate(world, 1)).run()[1]

    # 1m against 2m, and against 3m
    assert len(broken("appraised_value")) == 1
    assert broken("patent_value") == []


def test_the_registered_amount_is_the_sum_of_shares_and_never_below_the_credit_line() -> None:
    def registered(registers: Any) -> list[int]:
        firms: list[Any] = ["03-01 10:00", ("03-01 10:00", {"patent_value": "100k CNY"})]
        return tell(licensing(*firms, product={"registers": registers})).happened.registered.tolist()

    assert registered({"patent_value": "100%", "appraised_value": "25%"}) == [350_000_000, 100_000_000]
    assert registered({"patent_value": "50%"}) == [150_000_000, 100_000_000]
    assert registered({}) == [100_000_000, 100_000_000]


def test_the_line_is_registered_even_where_less_is_drawn_and_nothing_where_nothing_is() -> None:
    firms: list[Any] = ["03-01 10:00", ("03-01 10:00", {"urgent": True})]
    product = {"amount": {"drawn_share": "80%"}, "eligibility": {"urgent": False}}
    told = tell(licensing(*firms, product=product))
    assert told.happened.registered.tolist() == [100_000_000, 0]
    measures = measure(told.scenario, told.happened, 1).products[0]
    assert (measures.registered, measures.credit_line, measures.drawn) == (100_000_000, 100_000_000, 80_000_000)


def loaded(world: Scenario) -> LoadedScenario:
    return LoadedScenario(world, {}, None, AS_STATED, node_of({}, "small"))


def test_the_story_of_a_loan_tells_payments_default_and_what_is_left() -> None:
    world = licensing(applicants=defaulting("03-01 10:00", "2021-10-15 12:00"))
    story = explain_in(loaded(world), replicate(world, 1), 0, 1)
    assert [(clock(each.moment), each.what, each.paid, each.left) for each in story.after_drawdown] == [
        ("06-01 10:00", "out of a licence payment", 6_000_000, 94_000_000),
        ("09-01 10:00", "out of a licence payment", 6_000_000, 88_000_000),
        ("10-15 12:00", "default", 0, 88_000_000),
    ]
    assert story.loan is not None
    assert loan_in_words(story.loan) == "the loan defaults"


def test_the_tables_tell_what_is_repaid_outstanding_and_registered(tmp_path: Path) -> None:
    stated = defaulting("03-01 10:00", "2021-10-15 12:00")
    world = licensing(applicants=stated, product={"registers": {"patent_value": "50%"}})
    write_tables(WorldResult(loaded(world), "small", [measure(world, replicate(world, 1), 1)]), tmp_path)

    def rows(name: str) -> list[dict[str, str]]:
        with open(tmp_path / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    (loan,), (case,) = rows("loans"), rows("cases")
    assert (loan["principal_cny"], loan["repaid_cny"], loan["outstanding_cny"]) == (
        "1000000.00", "120000.00", "880000.00",
    )  # fmt: skip
    assert (case["drawn_cny"], case["registered_cny"]) == ("1000000.00", "1500000.00")
    licence = [each for each in rows("payments") if each["what"] == "licence payment"]
    assert {(each["from"], each["to"], each["amount_cny"]) for each in licence} == {("outside", "firm", "60000.00")}
    assert [each["time"][:10] for each in licence] == ["2021-06-01", "2021-09-01"]
    repaid = [each for each in rows("payments") if each["what"] == "principal repaid"]
    assert [(each["from"], each["to"], each["amount_cny"]) for each in repaid] == [("firm", "bank", "60000.00")] * 2
