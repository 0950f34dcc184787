"""`pledgesim losses` runs the loans of a scenario or of a book over many paths and says who bears what."""

from __future__ import annotations

import csv
import datetime
import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from small_books import DAY, MILLION, START, WITH_FUND, agreement, bullets, given_defaults, portfolio

from simulator.analysis.portfolio_loans import loans_of_book
from simulator.cli import group, progress
from simulator.credit.book import Dated
from simulator.credit.path_defaults import DefaultDraws
from simulator.experiment import path_runs
from simulator.experiment.one_path import told_path
from simulator.experiment.path_runs import run_paths, run_portfolios
from simulator.experiment.portfolio import Portfolio, share_defaults
from simulator.scenario.agreement_file import open_agreement

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "docs" / "examples"
BOOK, AGREEMENT = str(EXAMPLES / "book.csv"), str(EXAMPLES / "agreement.yaml")
LEVELS = ("95%", "99%", "99.9%")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*words: str, text: str | None = None) -> Result:
    """How `pledgesim losses` ends, which may not be a fault of the program; `text` is standard input."""
    done = CliRunner().invoke(group, ["losses", *words], input=text)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "fault of pledgesim" not in done.output
    return done


def answer(*words: str) -> Any:
    """What it says as JSON."""
    done = said(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(*words: str) -> str:
    """Why it refuses, without having printed anything."""
    done = said(*words)
    assert done.exit_code == 2 and done.stdout == "", done.output
    return done.stderr


def write(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


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


def test_the_seed_decides_all_and_the_replication_whose_loans() -> None:
    first = answer("C9-F2", "--paths", "1000")
    assert first == answer("C9-F2", "--paths", "1000")
    assert first["loss_cny"] != answer("C9-F2", "--paths", "1000", "--seed", "3")["loss_cny"]
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


# The loans of a book


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
    for row in paths:
        parts = [round(float(value) * 100) for name, value in row.items() if name.startswith("borne_by")]
        assert sum(parts) == round(float(row["net_cny"]) * 100)
    charts = {path.name for path in Path("result/charts").iterdir()}
    assert charts == {f"{name}.{end}" for name in ("distribution", "fund", "waterfall") for end in ("png", "svg")}
    manifest = json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["paths"], manifest["seed"], manifest["file"]) == (1_500, 2022, "C9-F2")


def test_the_folder_of_a_book_names_the_book_it_was_made_of() -> None:
    said(AGREEMENT, "--book", BOOK, "--paths", "500", "--out", "result")
    manifest = json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))
    assert manifest["loans_from"] == BOOK and len(manifest["book_sha256"]) == 64
    assert manifest["resolved"]["credit"]["correlation"] == "10%"


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
