"""`pledgesim losses` runs the loans of a scenario or of a book over many paths and says who bears what."""

from __future__ import annotations

import csv
import datetime
import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_books import ALONE, DAY, MILLION, START, WITH_FUND, agreement, bullets, given_defaults, portfolio, row
from spoken import Command, write

from simulator.analysis.distribution import portfolio_distribution
from simulator.analysis.portfolio_loans import loans_of_book
from simulator.calendars import moment_at
from simulator.charts import portfolio as portfolio_charts
from simulator.cli import progress, tables
from simulator.credit.book import Dated, book_of_table
from simulator.credit.path_defaults import DefaultDraws
from simulator.experiment import path_runs
from simulator.experiment.one_path import told_path
from simulator.experiment.path_runs import run_paths, run_portfolios
from simulator.experiment.portfolio import Portfolio, share_defaults
from simulator.scenario.agreement_file import open_agreement

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "docs" / "examples"
BOOK, AGREEMENT = str(EXAMPLES / "book.csv"), str(EXAMPLES / "agreement.yaml")
LEVELS = ("95%", "99%", "99.9%")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are not what the test is about."""
    monkeypatch.setattr(portfolio_charts, "save_portfolio_charts", lambda *asked: [])


COMMAND = Command("losses")
said, answer, refused = COMMAND.said, COMMAND.answer, COMMAND.refused


def book(*rows: str, columns: str = "annual_pd,lgd", name: str = "book.csv") -> str:
    """A table of loans of 2m for a year from 1 January 2021, each with what its row says in further columns."""
    head = f"loan,borrower,principal,start,tenor_months,{columns}\n"
    told = (f'L{number},Firm {number},"2,000,000",2021-01-01,12,{row}\n' for number, row in enumerate(rows, start=1))
    return write(name, head + "".join(told))


def agreed(text: str, credit: str = "{claim_after: 60 days, correlation: 12%}", name: str = "agreement.yaml") -> str:
    return write(name, f"risk_sharing: {text}\n" + (f"credit: {credit}\n" if credit else ""))


NINETY_TEN = "{split: {insurer: 90%, bank: rest}}"


# What it says


def test_a_quota_share_loses_what_the_closed_form_says() -> None:
    """Expected loss: 200 loans of 2m, each lost by half with probability 3 %, nine tenths of it the insurer's."""
    rows = ["3%,50%"] * 200
    found = answer(agreed(NINETY_TEN), "--book", book(*rows), "--paths", "20000")
    for part, share in (("insurer", 0.9), ("bank", 0.1)):
        mean = found["parties_cny"][part]["mean"]
        assert mean["low"] < 200 * 2e6 * 0.03 * 0.5 * share < mean["high"]
        assert mean["high"] - mean["low"] < 0.04 * mean["value"]
    assert found["correlation"] == 0.12 and found["products"][0]["expected_defaults"] == pytest.approx(6)


def test_parts_of_the_parties_add_up_to_the_net_loss() -> None:
    found = answer("C9-F2", "--paths", "3000")
    parts = sum(part["mean"]["value"] for part in found["parties_cny"].values())
    assert parts == pytest.approx(found["net_cny"]["mean"]["value"])
    assert found["net_cny"]["mean"]["value"] < found["loss_cny"]["mean"]["value"]
    for figures in (found["loss_cny"], found["net_cny"], *found["parties_cny"].values()):
        risks = [figures["value_at_risk"][level]["value"] for level in LEVELS]
        assert risks == sorted(risks)
        for level in LEVELS:
            assert figures["expected_shortfall"][level]["value"] >= figures["value_at_risk"][level]["value"]


def test_it_says_what_was_run_in_words_and_tables() -> None:
    told = said("C9-F2", "--paths", "2000").stdout
    run = ["171 loans", "2,000 paths of seed 2022", "correlation 10%"]
    for each in (*run, "VaR 99.9 %", "district", "Fengxian reserve", "4.0m CNY", "too few paths"):
        assert each in told, each


def test_designs_meet_the_same_defaults() -> None:
    """Common random numbers: the loss that is shared is the same, whoever bears it."""
    split = "products.insured loan.risk_sharing.split"
    one = answer("C9-F2", "--paths", "2000")
    other = answer("C9-F2", "--paths", "2000", "--set", f"{split}.insurer=20%", "--set", f"{split}.bank=50%")
    assert one["loss_cny"] == other["loss_cny"] and one["net_cny"] == other["net_cny"]
    assert one["parties_cny"]["bank"]["mean"]["high"] < other["parties_cny"]["bank"]["mean"]["low"]


def test_the_seed_decides_the_paths_and_the_replication_whose_loans() -> None:
    first = answer("C9-F2", "--paths", "1000")
    assert first == answer("C9-F2", "--paths", "1000")
    other = answer("C9-F2", "--paths", "1000", "--seed", "3")
    assert first["loss_cny"] != other["loss_cny"] and first["products"] == other["products"]
    assert other["seed"] == 3 != first["seed"]
    second = answer("C9-F2", "--paths", "1000", "--replication", "2")
    assert second["products"][0]["principal_cny"] != first["products"][0]["principal_cny"]
    assert second["loans_from"] == "replication 2"


def test_correlation_moves_the_tail_and_not_the_mean() -> None:
    terms, loans = agreed(NINETY_TEN), book(*["3%,50%"] * 100)
    free, bound = (
        answer(terms, "--book", loans, "--paths", "20000", "--correlation", share)["loss_cny"] for share in ("0", "30%")
    )
    assert bound["expected_shortfall"]["99%"]["low"] > 2 * free["expected_shortfall"]["99%"]["high"]
    assert bound["mean"]["low"] < free["mean"]["high"] and free["mean"]["low"] < bound["mean"]["high"]


def test_several_products_are_added_up_path_by_path() -> None:
    whole = answer("C6-F3", "--paths", "2000")
    names = [each["product"] for each in whole["products"]]
    assert len(names) == 2
    parts = [answer("C6-F3", "--paths", "2000", "--product", name) for name in names]
    assert [part["products"][0] for part in parts] == whole["products"]
    mean = sum(part["net_cny"]["mean"]["value"] for part in parts)
    assert whole["net_cny"]["mean"]["value"] == pytest.approx(mean)
    for party, figures in whole["parties_cny"].items():
        borne = [part["parties_cny"][party]["mean"]["value"] for part in parts if party in part["parties_cny"]]
        assert figures["mean"]["value"] == pytest.approx(sum(borne))
    # A bad time for one is a bad time for the other, but not the worst of both.
    tails = [part["net_cny"]["value_at_risk"]["99%"]["value"] for part in parts]
    assert max(tails) < whole["net_cny"]["value_at_risk"]["99%"]["value"] < sum(tails) * 1.05


def test_paths_of_several_portfolios_add_up_to_the_fen() -> None:
    runs = run_portfolios([portfolio(bullets(30), WITH_FUND, name=name, correlation="20%") for name in "ab"], 1_500, 4)
    alone = [run_paths(portfolio(bullets(30), WITH_FUND, name=name, correlation="20%"), 1_500, 4) for name in "ab"]
    whole = path_runs.added_up([("a", runs[0].totals), ("b", runs[1].totals)])
    assert np.array_equal(whole.net, alone[0].net + alone[1].net)
    assert np.array_equal(whole.borne, alone[0].borne + alone[1].borne)
    assert whole.funds == ("a: reserve", "b: reserve")
    assert np.array_equal(whole.used_up, np.concatenate([alone[0].used_up, alone[1].used_up]))


@pytest.mark.usefixtures("no_charts")
def test_a_file_with_several_products_is_called_by_its_own_name() -> None:
    whole = answer("C6-F3", "--paths", "100", "--out", "result")
    assert whole["file"] == "C6-F3"
    assert json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))["file"] == "C6-F3"
    assert answer("C6-F3", "--paths", "100", "--product", "direct loan")["file"] == "C6-F3, direct loan"


def test_loans_that_outlast_the_follow_up_are_repaid_to_their_end() -> None:
    product = "products.insured loan"
    changes = [f"{product}.repayment={{schedule: equal principal, every: 3 months}}", f"{product}.tenor=48 months"]
    words = [word for change in changes for word in ("--set", change)]
    short, long = (
        answer("C9-F2", "--paths", "1000", *words, "--set", f"run.follow_up.loans={followed}")
        for followed in ("180 days", "9 years")
    )
    assert short == long


# A bad year, and another agreement


def test_the_years_of_a_path_add_up_to_it_and_its_worst_is_one_of_them() -> None:
    (run,) = run_portfolios([portfolio(_over_years(), WITH_FUND, correlation="20%", **SOLD)], 800, 3)
    totals = run.totals
    assert totals.years == (2021, 2022, 2023, 2024, 2025)
    assert np.array_equal(totals.borne_in.sum(axis=1), totals.borne)
    assert np.array_equal(totals.paid_in.sum(axis=(0, 1)), totals.loss)
    assert (totals.paid_in >= totals.borne_in).all() and (totals.paid_in > totals.borne_in).any()
    figures = portfolio_distribution(totals, START)
    assert figures.worst_year.all.mean.value == pytest.approx(totals.borne_in.sum(axis=0).max(axis=0).mean())
    district = totals.borne_in[totals.parties.index("district")].max(axis=0)
    assert figures.worst_year.parties["district"].mean.value == pytest.approx(district.mean())
    assert sum(each.mean.value or 0 for each in figures.years.values()) == pytest.approx(figures.net.mean.value)


SOLD: dict[str, Any] = {"recovery": {"haircut": "50%", "time": "100 days"}, "claim_after": "60 days"}


def _over_years() -> Any:
    starts = [datetime.date(2021 + number % 3, 1 + number % 12, 1) for number in range(60)]
    loans = [
        row(f"L{number}", start, lgd=None, appraised_value=MILLION, annual_pd=Fraction(1, 5))
        for number, start in enumerate(starts)
    ]
    return book_of_table(loans)


def test_claims_count_in_the_year_in_which_they_are_settled() -> None:
    """A loan of 2021 that certainly defaults on its first day, settled 60 days later, and one of late 2021."""
    loans = book_of_table(
        [row(name, start, annual_pd=Fraction(1)) for name, start in (("a", START), ("b", datetime.date(2021, 12, 1)))]
    )
    totals = run_paths(portfolio(loans, ALONE, claim_after="60 days"), 5, 1)
    assert totals.years[:2] == (2021, 2022)
    assert totals.paid_in[0, :2].tolist() == [[2 * MILLION] * 5] * 2


def test_portfolios_of_different_years_are_added_up_year_by_year() -> None:
    early, late = bullets(20, annual_pd=0.3), bullets(20, annual_pd=0.3, start=datetime.date(2023, 1, 1))
    runs = run_portfolios([portfolio(early, name="a"), portfolio(late, name="b")], 50, 1)
    whole = path_runs.added_up([("a", runs[0].totals), ("b", runs[1].totals)])
    assert whole.years == (2021, 2022, 2023, 2024)
    assert np.array_equal(whole.borne_in.sum(axis=1), whole.borne)
    assert np.array_equal(whole.borne_in[:, 2:], runs[1].totals.borne_in)


def test_a_year_is_told_in_words_where_the_loans_run_over_several() -> None:
    told = said("C9-F2", "--paths", "500").stdout
    for each in ("A bad year (m CNY)", "borne: 1 in 100", "paid at first: mean", "by the end of the year (%)", "2017"):
        assert each in told, each
    found = answer("C9-F2", "--paths", "500")
    by_end_of = [each["value"] for each in found["funds"]["Fengxian reserve"]["by_end_of"].values()]
    assert by_end_of == sorted(by_end_of) and list(found["years_cny"]) == list(map(str, range(2017, 2024)))
    assert by_end_of[-1] == found["funds"]["Fengxian reserve"]["probability"]["value"]


@pytest.mark.usefixtures("no_charts")
def test_another_agreement_shares_the_same_losses_path_by_path() -> None:
    terms, loans = agreed(NINETY_TEN), book(*["3%,50%"] * 100)
    other = agreed("{split: {insurer: 60%, city: 30%, bank: rest}}", name="other.yaml")
    found = answer(terms, "--book", loans, "--paths", "2000", "--against", other, "--out", "result")["against"]
    assert found["file"] == "other.yaml"
    insurer, city = found["parties_cny"]["insurer"], found["parties_cny"]["city"]
    assert insurer["difference_of_means"]["value"] == pytest.approx(-insurer["here"]["mean"]["value"] / 3)
    # Paired path by path, the difference is known far better than either mean.
    width = insurer["difference_of_means"]["high"] - insurer["difference_of_means"]["low"]
    assert width == pytest.approx((insurer["here"]["mean"]["high"] - insurer["here"]["mean"]["low"]) / 3)
    assert city["here"]["mean"]["value"] == 0 < city["there"]["mean"]["value"]
    alone = answer("other.yaml", "--book", loans, "--paths", "2000")["parties_cny"]["city"]
    assert alone == city["there"]
    paths = rows("result/paths.csv")
    assert all(float(each["there_borne_by_city_cny"]) == pytest.approx(float(each["net_cny"]) * 0.3) for each in paths)
    told = said(terms, "--book", loans, "--paths", "200", "--against", other).stdout
    assert "Here, and there: other.yaml" in told and "there less here" in told


def test_what_the_other_agreement_needs_to_know_of_a_book_is_asked_for_too() -> None:
    other = agreed(
        "{limits: {most: {at_most: 150% of premium, per: ever}}, "
        "split: {insurer: {share: 90%, up to: most, otherwise: bank}, bank: rest}}",
        name="other.yaml",
    )
    told = refused(agreed(NINETY_TEN), "--book", book("3%,50%"), "--against", other)
    assert "there is no column 'premium', which the limit 'most' of 150% of premium needs" in told
    assert "did you mean 'C9-F2'" in refused("C9-F2", "--against", "C9-F22")


def test_an_interruption_while_the_other_agreement_is_run_keeps_what_both_have(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def interrupting(what: str) -> Any:
        yield _interrupted_after(4_000 + 1_000)

    monkeypatch.setattr(progress, "progress", interrupting)
    monkeypatch.setattr(path_runs, "shared_paths", _in_small_pieces(path_runs.shared_paths))
    done = said("C9-F2", "--paths", "4000", "--against", "C9-F1", "--json")
    assert done.exit_code == 130
    found = json.loads(done.stdout)
    assert 1_000 <= found["paths"] < 4_000 and not found["complete"] and "against" in found


# The loans of a book


def test_a_book_under_a_scenario_defaults_at_its_own_rates() -> None:
    """The scenario knows nothing of the quality of the firms of a book, so that all of it is luck."""
    loans = book(*["3%,50%"] * 200)
    found = answer("C9-F2", "--book", loans, "--paths", "20000")
    assert found["products"][0]["expected_defaults"] == pytest.approx(6)
    assert found["loss_cny"]["mean"]["low"] < 200 * 2e6 * 0.03 * 0.5 < found["loss_cny"]["mean"]["high"]


def test_the_order_of_the_loans_changes_nothing() -> None:
    def told(*order: int) -> Any:
        head = "loan,borrower,principal,start,tenor_months,annual_pd,lgd\n"
        lines = [f"L{number},Firm {number},2000000,2021-01-01,12,{number}%,50%\n" for number in range(1, 21)]
        write("book.csv", head + "".join(lines[number] for number in order))
        return answer(agreed(NINETY_TEN), "--book", "book.csv", "--paths", "2000")

    forwards, backwards = told(*range(20)), told(*range(19, -1, -1))
    for one in (forwards, backwards):
        del one["products"][0]["expected_defaults"]  # a sum of fractions in another order
    assert forwards == backwards


def test_a_given_share_of_a_loss_is_exact_and_rounded_half_up() -> None:
    amounts = ["0.01", "0.03", "0.10", "123456789012345.67"]
    lines = [f'L{number},F,"{amount}",2021-01-01,12,100%,{{}}\n' for number, amount in enumerate(amounts)]
    for lgd, fen in (("50%", [1, 2, 5, 6172839450617284]), ("100%", [1, 3, 10, 12345678901234567])):
        loans = write(
            "book.csv", "loan,borrower,principal,start,tenor_months,annual_pd,lgd\n" + "".join(lines).format(*[lgd] * 4)
        )
        run = loans_of_book(open_agreement(agreed(NINETY_TEN)), loans).portfolio
        given = [(0, number, 1.0) for number in range(4)]
        shared = share_defaults(run.book, run.agreement, run.recovery, given_defaults(*given))
        assert shared.claims.amount[np.argsort(shared.claims.loan)].tolist() == fen


def test_what_an_lgd_means_is_said_where_there_is_one() -> None:
    told = said(agreed(NINETY_TEN), "--book", book("3%,50%"), "--paths", "50").stdout
    assert "nothing comes back" in told and "net of what IP brings" not in told
    assert "nothing comes back" not in said("C9-F2", "--paths", "50").stdout


def test_a_book_of_more_money_than_can_be_added_up_is_refused_in_words() -> None:
    lines = "".join(f'L{number},F,"999999999999999",2021-01-01,12,1%,50%\n' for number in range(20))
    loans = write("book.csv", "loan,borrower,principal,start,tenor_months,annual_pd,lgd\n" + lines)
    assert "must come to less than 11,529,215,046,068,469 CNY" in refused(agreed(NINETY_TEN), "--book", loans)


def test_a_loan_without_a_rate_of_its_own_has_that_of_the_file() -> None:
    terms = agreed(NINETY_TEN, "{claim_after: 60 days, annual_default_rate: 100%}")
    found = answer(terms, "--book", book("50%", "50%", columns="lgd"), "--paths", "50")
    assert found["loss_cny"]["mean"]["value"] == 2_000_000
    assert found["products"][0]["loans_without_annual_pd"] == 2
    mixed = answer(terms, "--book", book("0%,50%", ",50%"), "--paths", "50")
    assert mixed["loss_cny"]["mean"]["value"] == 1_000_000
    assert "1 without annual_pd" in said(terms, "--book", "book.csv", "--paths", "50").stdout


def test_interest_of_a_book_is_lost_from_the_start_of_the_loan_where_it_is_covered() -> None:
    terms = agreed("{covers: principal and interest, split: {bank: 100%}}")
    loans = book("100%,100%,6%", columns="annual_pd,lgd,interest_rate")
    opened = open_agreement(terms)
    run = loans_of_book(opened, loans).portfolio
    shared = share_defaults(run.book, run.agreement, run.recovery, given_defaults((0, 0, 100.5 * DAY)))
    assert shared.claims.amount.tolist() == [2 * MILLION + round(2 * MILLION * 0.06 * 100 / 365)]


def test_ip_of_a_book_is_sold_as_the_file_assumes_it() -> None:
    credit = "{claim_after: 60 days, recovery: {haircut: 50%, cost: 10%, time: 300 days}}"
    loans = book('100%,"1,000,000"', columns="annual_pd,appraised_value")
    found = answer(agreed(NINETY_TEN, credit), "--book", loans, "--paths", "20")
    assert found["net_cny"]["mean"]["value"] == 2_000_000 - 500_000 * 0.9


def test_a_product_sells_ip_as_it_says_itself() -> None:
    loans = book('100%,"1,000,000"', columns="annual_pd,appraised_value")
    changes = [
        word
        for change in ("haircut=50%", "cost=0%", "time=300 days", "decay=0%", "volatility=0%", "on_factor=0%")
        for word in ("--set", f"products.*.recovery.{change}")
    ]
    found = answer("C9-F1", "--book", loans, "--paths", "20", *changes)
    assert found["net_cny"]["mean"]["value"] == 1_500_000


def test_the_loans_come_from_standard_input_too() -> None:
    text = Path(book("3%,50%")).read_text(encoding="utf-8")
    told = said(agreed(NINETY_TEN), "--book", "-", "--paths", "50", text=text)
    assert told.exit_code == 0 and "Loans from standard input" in told.stdout


# What is refused


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((AGREEMENT,), "is an agreement's own file, which has no loans; add them with --book FILE"),
        (("ten-cases",), "ten-cases is a comparison and has no agreement"),
        (("shanghai",), "shanghai has no product, and so no agreement"),
        (("C9-F2", "--product", "insured lone"), "has no product 'insured lone'; did you mean 'insured loan'?"),
        (("C6-F3", "--book", BOOK), "C6-F3 has several products; name one with --product"),
        (("C9-F2", "--book", BOOK, "--replication", "2"), "--replication says whose loans are taken"),
        (("C9-F2", "--correlation", "12"), "'12' is more than 100%; did you mean '12%'?"),
        (("C9-F2", "--correlation", "high"), "'high' is not a share"),
        (("C9-F2", "--paths", "0"), "0 is not in the range x>=1"),
        (("C9-F2", "--paths", "100000000"), "100,000,000 paths"),
        (("C9-F2", "--paths", "1000000", "--limit-hours", "0.001"), "hours on one core; the limit is 0.001"),
        (("C9-F2", "--set", "run.arrivals_for=1 days", "--set", "applicants.arrivals.per_working_day=0.0001"),
         "no loan is drawn in replication 1 of C9-F2, so that there is nothing to lose"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused_with_the_reason(words: tuple[str, ...], why: str) -> None:
    assert why in refused(*words)


def test_everything_that_a_book_and_its_agreement_lack_is_named_at_once() -> None:
    terms = agreed(
        "{covers: principal and interest, limits: {most: {at_most: 150% of premium, per: ever}}, "
        "split: {insurer: {share: 90%, up to: most, otherwise: bank}, bank: rest}}",
        credit="",
    )
    told = refused(terms, "--book", book("50%", columns="lgd"))
    for each in (
        "agreement.yaml:1:1: agreement.yaml says nothing of when claims are settled",
        "add: credit: {claim_after",
        "there is no column 'premium', which the limit 'most' of 150% of premium needs",
        "there is no column 'interest_rate', which losses include",
        "there is no column 'annual_pd'",
    ):
        assert each in told, each


def test_loans_whose_ip_is_sold_need_to_know_what_it_brings() -> None:
    told = refused(agreed(NINETY_TEN), "--book", book('3%,"1,000,000"', columns="annual_pd,appraised_value"))
    assert "agreement.yaml:2:1: loans with an appraised value need to know what the sale of IP brings" in told
    assert "add: recovery: {haircut" in told


def test_every_bad_row_of_a_book_is_named() -> None:
    told = refused(agreed(NINETY_TEN), "--book", book("3%,50%", "300,50%", "3%,", "3%,1.5"))
    for place in ("book.csv:3:6", "book.csv:4:7", "book.csv:5:7"):
        assert place in told


def test_rules_of_credit_in_an_agreement_file_are_checked() -> None:
    told = refused(agreed(NINETY_TEN, "{claim_after: 60 days, quality_weight: 30%}"), "--book", book("3%,50%"))
    assert "agreement.yaml:2:" in told and "unknown key 'quality_weight'" in told


# Interruptions and what is written


def _interrupted_after(done: int) -> Any:
    def progress(paths: int, total: int) -> None:
        if paths >= done:
            raise KeyboardInterrupt

    return progress


def test_an_interruption_keeps_the_paths_that_were_finished() -> None:
    run = portfolio(bullets(200), WITH_FUND, correlation="20%")
    (kept,) = run_portfolios([run], 5_000, 3, _interrupted_after(2_000), at_once=5_000)
    whole = run_paths(run, 5_000, 3)
    assert 2_000 <= len(kept.totals) < 5_000
    assert np.array_equal(kept.totals.borne, whole.first(len(kept.totals)).borne)


def test_an_interruption_before_any_path_was_finished_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*asked: Any) -> Any:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(path_runs, "shared_paths", interrupted)
    done = said("C9-F2", "--paths", "2000")
    assert (done.exit_code, done.stdout, done.stderr) == (130, "", "interrupted before anything was finished\n")


@pytest.mark.usefixtures("no_charts")
def test_an_interrupted_command_says_so_and_writes_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def interrupting(what: str) -> Any:
        yield _interrupted_after(1_000)

    monkeypatch.setattr(progress, "progress", interrupting)
    monkeypatch.setattr(path_runs, "shared_paths", _in_small_pieces(path_runs.shared_paths))
    done = said("C9-F2", "--paths", "4000", "--out", "result")
    assert done.exit_code == 130
    assert "Interrupted: these are the first" in done.stdout
    told = json.loads(Path("result/summary.json").read_text(encoding="utf-8"))
    assert not told["complete"] and told["paths_asked"] == 4_000 and 1_000 <= told["paths"] < 4_000
    assert len(rows("result/paths.csv")) == told["paths"]


def _in_small_pieces(shared_paths: Any) -> Any:
    return lambda portfolio, paths, seed, at_once: shared_paths(portfolio, paths, seed, 1_000)


def rows(path: str) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_holds_every_path_the_figures_and_the_charts() -> None:
    done = said("C9-F2", "--paths", "1500", "--out", "result")
    assert done.exit_code == 0 and "Written to result" in done.stdout
    figures = json.loads(Path("result/summary.json").read_text(encoding="utf-8"))
    paths = rows("result/paths.csv")
    assert [int(row["path"]) for row in paths] == list(range(1, 1_501))
    for name, told in (("net_cny", figures["net_cny"]), ("borne_by_bank_cny", figures["parties_cny"]["bank"])):
        amounts = [float(row[name]) for row in paths]
        assert np.mean(amounts) == pytest.approx(told["mean"]["value"])
        assert np.std(amounts, ddof=1) == pytest.approx(told["standard_deviation"]["value"])
    used_up = [row["Fengxian reserve_used_up_on"] for row in paths]
    assert sum(map(bool, used_up)) / 1_500 == figures["funds"]["Fengxian reserve"]["probability"]["value"]
    assert all(datetime.date.fromisoformat(day) for day in used_up if day)
    for path in paths:
        parts = [round(float(value) * 100) for name, value in path.items() if name.startswith("borne_by")]
        assert sum(parts) == round(float(path["net_cny"]) * 100)
    charts = {path.name for path in Path("result/charts").iterdir()}
    assert charts == {f"{name}.{end}" for name in ("distribution", "fund", "waterfall") for end in ("png", "svg")}
    manifest = json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["paths"], manifest["seed"], manifest["file"]) == (1_500, 2022, "C9-F2")


@pytest.mark.usefixtures("no_charts")
def test_the_folder_of_a_book_names_the_book_it_was_made_of() -> None:
    said(AGREEMENT, "--book", BOOK, "--paths", "500", "--out", "result")
    manifest = json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))
    assert manifest["loans_from"] == BOOK and len(manifest["book_sha256"]) == 64
    assert manifest["resolved"]["credit"]["correlation"] == "10%"


def test_results_are_there_although_nobody_reads_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*parts: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(tables, "show", closed)
    assert said("C9-F2", "--paths", "200", "--out", "result").exit_code == 1
    manifest = json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"] and manifest["written"] == "whole"
    assert len(list(Path("result/charts").iterdir())) == 6


@pytest.mark.usefixtures("no_charts")
@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (OSError(28, "No space left on device"), 2, "No space left on device; the folder holds only a part"),
        (KeyboardInterrupt(), 130, "interrupted while the results were written; result holds only a part of them"),
    ],
)
def test_a_folder_that_is_not_written_to_the_end_says_so(
    monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, told: str
) -> None:
    words = ["C9-F2", "--paths", "200", "--out", "result"]
    assert said(*words).exit_code == 0

    def failing(*asked: object) -> None:
        raise raised

    with monkeypatch.context() as patch:
        patch.setattr(portfolio_charts, "save_portfolio_charts", failing)
        done = said(*words)
    assert (done.exit_code, done.stdout) == (code, "") and told in done.stderr
    manifest = json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))
    assert not manifest["complete"] and manifest["written"] == "in part"
    # The next run takes its place.
    assert said(*words).exit_code == 0
    assert json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))["written"] == "whole"


@pytest.mark.usefixtures("no_charts")
def test_an_interrupted_run_leaves_the_results_of_an_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said("C9-F2", "--paths", "200", "--out", "result").exit_code == 0
    before = {path: path.read_bytes() for path in Path("result").rglob("*") if path.is_file()}

    def interrupted(*asked: Any) -> Any:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(path_runs, "shared_paths", interrupted)
    assert said("C9-F2", "--paths", "300", "--out", "result").exit_code == 130
    assert {path: path.read_bytes() for path in Path("result").rglob("*") if path.is_file()} == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_an_answer_that_cannot_be_written_is_no_fault_of_the_program() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "simulator", "losses", AGREEMENT, "--book", BOOK, "--paths", "50"],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "the answer cannot be written: No space left on device\n"


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_figure_and_no_name_is_cut_off_however_narrow_the_screen(
    width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tables.new_table("Title", ["", *(f"VaR {number} %" for number in range(9))], whole=[])
    figures = [f"{number},{number}23,456.00\n[1,234.00, {number},{number}99.00]" for number in range(9)]
    tables.add_row(table, "net of what IP brings", *figures)
    for column in table.columns[1:]:
        column.no_wrap = True
    tables.show(table, width=width)
    told = capsys.readouterr().out
    for figure in figures:
        for line in figure.split("\n"):
            assert line in told
    assert max(map(len, told.splitlines())) <= width
    parts = [line for line in told.splitlines() if "VaR" in line]
    assert len(parts) > 1 and told.count("net of what") + told.count("net of") >= len(parts)
    assert told.count("Title") == 1


def test_a_fund_is_used_up_on_the_day_of_the_claim_whatever_the_order_of_the_day() -> None:
    days = set()
    for same_day in ("in order", "pro rata"):
        one = bullets(1, annual_pd=Fraction(1), start=datetime.date(2021, 3, 1))
        fund = {"reserve": {"balance": "1m CNY", "owner": "city"}}
        clauses = {
            "funds": fund, "same_day": same_day,
            "split": {"city": {"share": "100%", "up to": "reserve", "otherwise": "bank"}},
        }  # fmt: skip
        totals = run_paths(portfolio(one, clauses, claim_after="60 days"), 1, 1)
        days.add(moment_at(one.origin, float(totals.used_up[0, 0])).date())
    assert len(days) == 1


def test_a_fund_that_begins_with_nothing_is_not_used_up_before_it_is_filled() -> None:
    fund = {"balance": "0 CNY", "owner": "city", "top_ups": [{"on": "2021-06-01", "amount": "10m CNY"}]}
    clauses = {
        "funds": {"reserve": fund},
        "split": {"city": {"share": "50%", "up to": "reserve", "otherwise": "bank"}, "bank": "rest"},
    }
    totals = run_paths(portfolio(bullets(1, annual_pd=Fraction(1)), clauses, claim_after="60 days"), 3, 1)
    assert np.isinf(totals.used_up).all() and (totals.borne[totals.parties.index("bank")] == totals.loss).all()
    small = {**clauses, "funds": {"reserve": {**fund, "top_ups": [{"on": "2021-01-05", "amount": "1 CNY"}]}}}
    totals = run_paths(portfolio(bullets(1, annual_pd=Fraction(1)), small, claim_after="60 days"), 3, 1)
    assert np.isfinite(totals.used_up).all()


def test_balances_of_many_funds_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_runs, "MOST_BALANCES", 12_000)
    (run,) = run_portfolios([portfolio(bullets(50), WITH_FUND)], 2_000, 1)
    assert run.courses.paths == 12_000 // len(run.courses.moments)
    assert len(run.courses.balances(2_000)["reserve"]) == run.courses.paths


def test_a_folder_with_something_else_in_it_is_left_alone() -> None:
    Path("mine").mkdir()
    write("mine/letter.txt", "dear")
    assert "is not empty and holds no run" in refused("C9-F2", "--paths", "10", "--out", "mine")


# One path once more, and funds over time


CLAUSES: dict[str, Any] = {
    "funds": {
        "reserve": {
            "balance": "2m CNY", "owner": "city", "refill": True, "top_ups": [{"on": "2021-09-01", "amount": "1m CNY"}],
        }
    },
    "limits": {"stop loss": {"at_most": "60% of guaranteed balance", "per": "year of claim"}},
    "split": {
        "city": {"share": "1/3", "up to": "reserve", "otherwise": "insurer"},
        "insurer": {"share": "1/3", "up to": "stop loss", "otherwise": "bank"},
        "bank": "rest",
    },
}  # fmt: skip


def risky(same_day: str, loans: int = 30) -> Portfolio:
    return portfolio(
        bullets(loans, lgd=None, appraised_value=3 * MILLION, annual_pd=0.3),
        {**CLAUSES, "same_day": same_day},
        correlation="20%",
        claim_after={"uniform": ["1 days", "4 days"]},
        recovery={"haircut": {"uniform": ["30%", "90%"]}, "time": {"exponential": "30 days"}},
    )


@pytest.mark.parametrize("same_day", ["in order", "pro rata"])
def test_a_path_is_told_to_the_fen_as_it_was_run(same_day: str) -> None:
    run = risky(same_day)
    totals = run_paths(run, 1_100, 5)
    for path in (0, 7, 999, 1_000, 1_099):
        told = told_path(run, 5, path)
        shares = told.shared.shares
        assert told.shared.claims.amount.sum() == totals.loss[path] > 0
        for place, allocation in enumerate(told.allocations):
            paid = dict(zip(shares.parties, shares.paid[:, place].tolist(), strict=True))
            assert allocation.paid == paid and allocation.steps


@pytest.mark.parametrize("same_day", ["in order", "pro rata"])
def test_what_a_fund_holds_over_time_is_what_claims_top_ups_and_recoveries_leave(same_day: str) -> None:
    run = risky(same_day)
    (found,) = run_portfolios([run], 40, 5, at_once=100)
    balances = found.courses.balances(40)["reserve"]
    assert balances.shape == (40, len(found.courses.moments)) and (balances >= 0).all()
    defaults = DefaultDraws(run.book, run.credit, run.recovery, run.name).block(5, 0, 40)
    for path in range(40):
        shared = share_defaults(run.book, run.agreement, run.recovery, defaults.on_paths(path, path))
        for moment, balance in zip(found.courses.moments.tolist(), balances[path].tolist(), strict=True):
            day = START + datetime.timedelta(minutes=moment)
            paid_in = 2 * MILLION + (MILLION if day >= datetime.date(2021, 9, 1) else 0)
            out = shared.shares.from_fund[0, shared.claims.settled_at <= moment].sum()
            back = shared.shares.refilled[0, shared.sales.moment[shared.sold] <= moment].sum()
            assert balance == paid_in - out + back


def test_what_is_pledged_later_is_sold_with_the_rest_unless_the_loan_has_defaulted_before() -> None:
    later = Dated(np.array([0, 0, 1]), np.array([10.0, 20.0, 10.0]) * DAY, np.array([100, 200, 400]))
    loans = replace(bullets(2, lgd=None, appraised_value=0), pledged_later=later)
    terms, recovery = agreement({"split": {"bank": "100%"}}), portfolio(loans).recovery
    given = given_defaults((0, 0, 15 * DAY), (1, 0, 25 * DAY), (1, 1, 5 * DAY), haircut=0.5, cost=0.0)
    shared = share_defaults(loans, terms, recovery, given)
    assert shared.sales.proceeds.tolist() == [50, 0, 150]
