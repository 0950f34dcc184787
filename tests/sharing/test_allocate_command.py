"""`pledgesim allocate` applies an agreement to lists of losses and recoveries, to the fen, and says why."""

from __future__ import annotations

import csv
import datetime
import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from random_agreements import MOST_LOSS, agreements, claims_of, date_of
from spoken import Command, write

from simulator.analysis.allocating import ReturnedRecovery, Settlement, SharedLoss
from simulator.analysis.claim_bases import Bases
from simulator.analysis.loss_lists import Lists, read_lists
from simulator.errors import PledgesimError
from simulator.export.allocation import written_whole
from simulator.scenario.agreement import RiskSharing
from simulator.scenario.agreement_file import open_agreement
from simulator.scenario.agreement_parts import BASES
from simulator.scenario.book_table import BookRow, BookTable
from simulator.scenario.csv_table import Problems, Table
from simulator.scenario.loss_table import LossRow, read_losses
from simulator.sharing import Agreement, Claim

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "docs" / "examples"
HEAD = "date,borrower,loan,amount\n"
PERS = ("loss", "borrower", "year of claim", "year of loss", "year of underwriting", "ever")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMAND = Command("allocate")
said, answer, refused = COMMAND.said, COMMAND.answer, COMMAND.refused


def losses(*amounts: int | str, name: str = "losses.csv") -> str:
    """A list of losses of so many CNY, one a day from 5 March 2021, each of a loan and a borrower of its own."""
    first = datetime.date(2021, 3, 5)
    rows = (
        f"{first + datetime.timedelta(days=number)},Firm {number + 1},L{number + 1},{amount}\n"
        for number, amount in enumerate(amounts)
    )
    return write(name, HEAD + "".join(rows))


def cny(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def agreement(text: str) -> str:
    return write("agreement.yaml", text)


# What the source states


def test_of_two_million_the_insurer_of_the_city_pays_nine_tenths_and_the_bank_one() -> None:
    """E-01."""
    assert said("C9-F1", "--losses", losses(2_000_000)).stdout.splitlines()[2:] == [
        "                                          paid, CNY",
        "date        borrower  loan        amount       insurer          bank",
        "2021-03-05  Firm 1    L1    2,000,000.00  1,800,000.00    200,000.00",
        "",
        "1 loss of 2,000,000.00 CNY",
        "                 paid",
        "insurer  1,800,000.00",
        "bank       200,000.00",
        "in all   2,000,000.00",
    ]


def test_six_losses_of_two_million_leave_the_reserve_a_fifth_of_the_seventh() -> None:
    """E-02."""
    assert said("C9-F2", "--losses", losses(*[2_000_000] * 8)).stdout.splitlines()[2:] == [
        "                                          paid, CNY                                 left, CNY",
        "date        borrower  loan        amount       insurer          bank      district  Fengxian reserve",
        "2021-03-05  Firm 1    L1    2,000,000.00  1,200,000.00    200,000.00    600,000.00      3,400,000.00",
        "2021-03-06  Firm 2    L2    2,000,000.00  1,200,000.00    200,000.00    600,000.00      2,800,000.00",
        "2021-03-07  Firm 3    L3    2,000,000.00  1,200,000.00    200,000.00    600,000.00      2,200,000.00",
        "2021-03-08  Firm 4    L4    2,000,000.00  1,200,000.00    200,000.00    600,000.00      1,600,000.00",
        "2021-03-09  Firm 5    L5    2,000,000.00  1,200,000.00    200,000.00    600,000.00      1,000,000.00",
        "2021-03-10  Firm 6    L6    2,000,000.00  1,200,000.00    200,000.00    600,000.00        400,000.00",
        "2021-03-11  Firm 7    L7    2,000,000.00  1,400,000.00    200,000.00    400,000.00              0.00",
        "2021-03-12  Firm 8    L8    2,000,000.00  1,800,000.00    200,000.00          0.00              0.00",
        "",
        "8 losses of 16,000,000.00 CNY",
        "                   paid",
        "insurer   10,400,000.00",
        "bank       1,600,000.00",
        "district   4,000,000.00",
        "in all    16,000,000.00",
        "Fengxian reserve: 0.00 CNY left on 2021-03-12, used up on 2021-03-11",
    ]


def test_the_reserve_is_used_up_at_thirteen_and_a_third_million_of_bad_debt_and_pays_four() -> None:
    """E-03."""
    told = answer("C9-F2", "--losses", losses(5_000_000, 8_000_000, "333,333.33".join('""'), 1_000_000))
    paid = [[loss["paid"][party] for party in ("district", "insurer", "bank")] for loss in told["losses"]]
    assert paid == [
        ["1500000.00", "3000000.00", "500000.00"],
        ["2400000.00", "4800000.00", "800000.00"],
        ["100000.00", "200000.00", "33333.33"],
        ["0.00", "900000.00", "100000.00"],
    ]
    assert [loss["meters"]["Fengxian reserve"] for loss in told["losses"]] == [
        "2500000.00",
        "100000.00",
        "0.00",
        "0.00",
    ]
    assert told["totals"] == {"insurer": "8900000.00", "bank": "1433333.33", "district": "4000000.00"}


# JSON and CSV


def test_json_has_the_keys_and_texts_that_programs_rely_on() -> None:
    assert answer("C9-F2", "--losses", losses("0.01")) == {
        "losses": [
            {
                "date": "2021-03-05",
                "borrower": "Firm 1",
                "loan": "L1",
                "amount": "0.01",
                "paid": {"insurer": "0.01", "bank": "0.00", "district": "0.00"},
                "meters": {"Fengxian reserve": "4000000.00"},
            }
        ],
        "totals": {"insurer": "0.01", "bank": "0.00", "district": "0.00"},
    }


def test_recoveries_come_between_losses_after_those_of_their_day_costs_first() -> None:
    table = write("r.csv", "date,loan,amount,cost\n2021-03-07,L1,500000,20000\n2021-03-06,L2,2500000,100000\n")
    told = answer("C9-F2", "--losses", losses(*[2_000_000] * 3), "--recoveries", table)
    assert list(told) == ["losses", "recoveries", "totals", "returned", "borne"]
    assert told["recoveries"] == [
        {
            "loan": "L2", "date": "2021-03-06", "amount": "2500000.00", "cost": "100000.00", "surplus": "400000.00",
            "returned": {"insurer": "1200000.00", "bank": "200000.00", "district": "600000.00"},
        },
        {
            "loan": "L1", "date": "2021-03-07", "amount": "500000.00", "cost": "20000.00", "surplus": "0.00",
            "returned": {"insurer": "288000.00", "bank": "48000.00", "district": "144000.00"},
        },
    ]  # fmt: skip
    assert told["totals"] == {"insurer": "3600000.00", "bank": "600000.00", "district": "1800000.00"}
    assert told["returned"] == {"insurer": "1488000.00", "bank": "248000.00", "district": "744000.00"}
    assert told["borne"] == {"insurer": "2112000.00", "bank": "352000.00", "district": "1056000.00"}


def test_a_recovery_refills_the_fund_for_later_losses_where_the_agreement_says_so() -> None:
    refill = ["--set", "risk_sharing.funds.Fengxian reserve.refill=true"]
    table = write("r.csv", "date,loan,amount,cost\n2021-03-05,L1,1000000,0\n")
    told = answer("C9-F2", "--losses", losses(13_000_000, 3_000_000), "--recoveries", table, *refill)
    assert [loss["meters"]["Fengxian reserve"] for loss in told["losses"]] == ["100000.00", "0.00"]
    assert told["recoveries"][0]["refilled"] == {"Fengxian reserve": "300000.00"}
    assert told["losses"][1]["paid"]["district"] == "400000.00"


def test_several_losses_of_a_loan_are_recovered_together() -> None:
    table = write("l.csv", HEAD + "2021-03-05,A,L1,1000\n2021-03-06,A,L1,3000\n")
    sold = write("r.csv", "date,loan,amount,cost\n2021-03-05,L1,100,0\n2021-03-06,L1,5000,0\n")
    told = answer("C9-F1", "--losses", table, "--recoveries", sold)
    assert [each["returned"] for each in told["recoveries"]] == [
        {"insurer": "90.00", "bank": "10.00"},
        {"insurer": "3510.00", "bank": "390.00"},
    ]
    assert told["recoveries"][1]["surplus"] == "1100.00"


def test_what_is_written_to_a_file_is_what_json_says() -> None:
    table = write("r.csv", "date,loan,amount,cost\n2021-03-06,L2,2500000,100000\n")
    words = ["C9-F2", "--losses", losses(*[2_000_000] * 3), "--recoveries", table]
    told = answer(*words)
    done = said(*words, "--out", "paid.csv")
    assert done.stdout.endswith("\nWritten to paid.csv.\n") and "2021-03-05" not in done.stdout
    assert Path("paid.csv").read_bytes().startswith(b"\xef\xbb\xbfdate,what,borrower,loan,amount_cny,")
    with open("paid.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["what"] for row in rows] == ["loss", "loss", "recovery", "loss"]
    for row, loss in zip((row for row in rows if row["what"] == "loss"), told["losses"], strict=True):
        assert (row["date"], row["borrower"], row["loan"]) == (loss["date"], loss["borrower"], loss["loan"])
        assert {party: row[f"paid_by_{party}_cny"] for party in loss["paid"]} == loss["paid"]
        assert row["left_in_Fengxian reserve_cny"] == loss["meters"]["Fengxian reserve"]
    (sold,) = (row for row in rows if row["what"] == "recovery")
    back = told["recoveries"][0]
    assert {party: sold[f"returned_to_{party}_cny"] for party in back["returned"]} == back["returned"]
    assert (sold["cost_cny"], sold["surplus_cny"], sold["borrower"]) == ("100000.00", "400000.00", "Firm 2")


def test_json_may_be_printed_while_a_file_is_written() -> None:
    words = ["C9-F2", "--losses", losses(2_000_000)]
    assert answer(*words, "--out", "paid.csv") == answer(*words)
    assert len(Path("paid.csv").read_text(encoding="utf-8-sig").splitlines()) == 2


# Words


def test_reasons_stand_below_each_loss_and_each_recovery() -> None:
    table = write("r.csv", "date,loan,amount,cost\n2021-03-06,L2,100,10\n")
    words = ["C9-F2", "--losses", losses(13_000_000, 2_000_000), "--recoveries", table, "--explain"]
    printed = said(*words).stdout
    short = "30% of 2.0m CNY is 600,000 CNY; Fengxian reserve has 100,000 CNY left and pays that; the other 500,000 CNY"
    assert f"\n    {short} falls to the insurer\n" in printed
    assert (
        "\n    of 90 CNY recovered: 76.50 CNY to the insurer, 9 CNY to the bank, 4.50 CNY to the district\n" in printed
    )
    told = answer(*words)
    assert told["losses"][1]["because"][2].startswith(short) and len(told["recoveries"][0]["because"]) == 1
    said(*words, "--out", "paid.csv")
    assert short in Path("paid.csv").read_text(encoding="utf-8-sig")


def test_without_losses_the_agreement_is_printed_as_sentences_in_either_language() -> None:
    english, chinese = said("C9-F2").stdout, said("C9-F2", "--lang", "zh").stdout
    assert english.startswith("C9-F2: Fengxian reserve fund\n\n1. ") and "Fengxian District" in english
    assert chinese.startswith("C9-F2：奉贤区坏账风险准备金模式\n\n1. ") and "奉贤区" in chinese.splitlines()[3]
    told = answer("C9-F2", "--lang", "zh")
    assert told["name"] == "奉贤区坏账风险准备金模式"
    assert [f"{number}. {each}" for number, each in enumerate(told["sentences"], 1)] == chinese.splitlines()[2:]


def test_columns_stand_below_each_other_with_chinese_names_too() -> None:
    from rich.cells import cell_len

    table = write("l.csv", HEAD + "2021-03-05,沪江光学科技有限公司,合同1,2000000\n2021-03-06,B,L2,1\n")
    sold = write("r.csv", "date,loan,amount,cost\n2021-03-06,L2,1,0\n")
    lines = said("C9-F2", "--losses", table, "--recoveries", sold, "--lang", "zh").stdout.splitlines()
    assert len({cell_len(line) for line in lines[3:7]}) == 1
    parties = ["太平洋安信农业保险股份有限公司", "签约银行"]
    assert lines[3].split()[:8] == ["日期", "借款人", "贷款", "金额", "费用", "盈余", *parties]
    assert any(line.startswith(parties[0]) for line in lines[7:])


# Order, limits and days


def test_the_order_of_rows_decides_only_within_a_day() -> None:
    sorted_list = write("a.csv", HEAD + "2021-03-05,A,L1,13000000\n2021-03-06,B,L2,2000000\n2021-03-06,C,L3,1\n")
    mixed = write("b.csv", HEAD + "2021-03-06,B,L2,2000000\n2021-03-05,A,L1,13000000\n2021-03-06,C,L3,1\n")
    turned = write("c.csv", HEAD + "2021-03-05,A,L1,13000000\n2021-03-06,C,L3,1\n2021-03-06,B,L2,2000000\n")
    assert answer("C9-F2", "--losses", sorted_list) == answer("C9-F2", "--losses", mixed)
    assert [loss["loan"] for loss in answer("C9-F2", "--losses", turned)["losses"]] == ["L1", "L3", "L2"]


def test_meters_are_those_of_the_borrower_and_the_year_of_each_loss() -> None:
    file = agreement(
        "risk_sharing:\n  limits:\n    each firm: {at_most: 100 CNY, per: borrower}\n"
        "    each year: {at_most: 150 CNY, per: year of claim}\n    each loss: {at_most: 90 CNY, per: loss}\n"
        "  split: {insurer: {share: 90%, up to: [each firm, each year, each loss], otherwise: bank}, bank: rest}\n"
    )
    table = write("l.csv", HEAD + "2021-12-30,A,L1,50\n2021-12-31,B,L2,100\n2022-01-01,A,L3,100\n2022-01-02,C,L4,10\n")
    told = answer(file, "--losses", table)["losses"]
    assert [loss["paid"]["insurer"] for loss in told] == ["45.00", "90.00", "55.00", "9.00"]
    assert [tuple(loss["meters"].values()) for loss in told] == [
        ("55.00", "105.00", "45.00"),
        ("10.00", "15.00", "0.00"),
        ("0.00", "95.00", "35.00"),
        ("91.00", "86.00", "81.00"),
    ]


def test_losses_of_a_day_shared_pro_rata_show_what_is_left_at_night() -> None:
    file = agreement(
        "risk_sharing:\n  same_day: pro rata\n  funds: {pot: {balance: 100 CNY, owner: city}}\n"
        "  split: {city: {share: 50%, up to: pot, otherwise: bank}, bank: rest}\n"
    )
    table = write("l.csv", HEAD + "2021-03-05,A,L1,40\n2021-03-06,A,L2,100\n2021-03-06,B,L3,300\n2021-03-07,B,L4,2\n")
    told = answer(file, "--losses", table)["losses"]
    assert [loss["paid"]["city"] for loss in told] == ["20.00", "20.00", "60.00", "0.00"]
    assert [loss["meters"]["pot"] for loss in told] == ["80.00", "0.00", "0.00", "0.00"]
    assert "pot: 0.00 CNY left on 2021-03-07, used up on 2021-03-06" in said(file, "--losses", table).stdout


def test_reasons_of_losses_shared_pro_rata_tell_their_part_from_what_is_left() -> None:
    file = agreement(
        "risk_sharing:\n  same_day: pro rata\n  funds: {pot: {balance: 100 CNY, owner: city}}\n"
        "  split: {city: {share: 50%, up to: pot, otherwise: bank}, bank: rest}\n"
    )
    table = write("l.csv", HEAD + "2021-03-05,A,L1,40\n2021-03-06,A,L2,100\n2021-03-06,B,L3,300\n2021-03-07,B,L4,2\n")
    told = [loss["because"][0] for loss in answer(file, "--losses", table, "--explain")["losses"]]
    assert told == [
        "50% of 40 CNY is 20 CNY; the pot has 100 CNY left and pays all of it",
        "50% of 100 CNY is 50 CNY; the pot has for this loss 20 CNY of the 80 CNY left that morning and pays that; "
        "the other 30 CNY falls to the bank",
        "50% of 300 CNY is 150 CNY; the pot has for this loss 60 CNY of the 80 CNY left that morning and pays that; "
        "the other 90 CNY falls to the bank",
        "the pot is used up; its 50% falls to the bank",
    ]
    table = write("l.csv", HEAD + "2021-03-05,A,L1,0.01\n2021-03-05,A,L2,100000\n")
    told = [loss["because"][0] for loss in answer(file, "--losses", table, "--explain")["losses"]]
    assert told[0] == "the pot has for this loss nothing of the 100 CNY left that morning; its 50% falls to the bank"


def test_a_fund_that_is_topped_up_is_told_with_its_end_and_the_day_it_was_first_empty() -> None:
    file = agreement(
        "risk_sharing:\n  funds: {pot: {balance: 100 CNY, owner: city, top_ups: [{on: 2021-03-07, amount: 50 CNY}]}}\n"
        "  split: {city: {share: 50%, up to: pot, otherwise: bank}, bank: rest}\n"
    )
    printed = said(file, "--losses", losses(300, 10, 20)).stdout
    assert "pot: 40.00 CNY left on 2021-03-07, used up for the first time on 2021-03-05" in printed
    assert "pot: 95.00 CNY left on 2021-03-05, never used up" in said(file, "--losses", losses(10)).stdout


def test_a_fund_that_begins_empty_is_not_used_up_before_it_is_filled() -> None:
    file = agreement(
        "risk_sharing:\n  funds: {pot: {balance: 0 CNY, owner: city, top_ups: [{on: 2021-03-06, amount: 50 CNY}]}}\n"
        "  split: {city: {share: 50%, up to: pot, otherwise: bank}, bank: rest}\n"
    )
    told = answer(file, "--losses", losses(10, 20, 100))["losses"]
    assert [loss["paid"]["city"] for loss in told] == ["0.00", "10.00", "40.00"]
    assert "pot: 40.00 CNY left on 2021-03-06, never used up" in said(file, "--losses", losses(10, 20)).stdout
    assert "used up for the first time on 2021-03-07" in said(file, "--losses", losses(10, 20, 100)).stdout


# Bases of rates


def test_the_example_is_shared_as_worked_out_by_hand() -> None:
    """Premium of the loans that start in 2024: 210,000 by 11 March, 250,000 from 6 May on; eight times that is paid."""
    words = [str(EXAMPLES / name) for name in ("agreement.yaml", "losses.csv", "book.csv", "recoveries.csv")]
    told = answer(words[0], "--losses", words[1], "--book", words[2], "--recoveries", words[3])
    assert [tuple(loss["paid"].values()) for loss in told["losses"]] == [
        ("600000.00", "600000.00", "400000.00", "400000.00"),
        ("400000.00", "438000.00", "370000.00", "292000.00"),
        ("0.00", "336000.00", "240000.00", "224000.00"),
        ("0.00", "432000.00", "1680000.00", "288000.00"),
        ("300000.00", "0.00", "700000.00", "0.00"),
    ]
    assert [tuple(loss["meters"].values()) for loss in told["losses"]] == [
        ("400000.00", "680000.00"),
        ("0.00", "0.00"),
        ("0.00", "0.00"),
        ("0.00", "0.00"),
        ("200000.00", "0.00"),
    ]
    assert told["recoveries"][0]["returned"] == {
        "city": "171681.42", "guarantor": "187991.15", "bank": "370000.00", "province": "125327.43"
    }  # fmt: skip


def test_the_guaranteed_balance_leaves_out_what_fell_due_or_was_settled_before_but_not_this_loan() -> None:
    file = agreement(
        "risk_sharing:\n  limits: {ceiling: {at_most: 10% of guaranteed balance, per: ever}}\n"
        "  split: {insurer: {share: 100%, up to: ceiling, otherwise: bank}, bank: 0%}\n"
    )
    book = write(
        "book.csv",
        "loan,borrower,principal,start,tenor_months\nL1,A,1000,2020-03-05,12\nL2,B,2000,2020-03-06,12\n"
        "L3,C,4000,2020-06-01,24\nL4,C,8000,2021-03-06,24\n",
    )
    table = write("l.csv", HEAD + "2021-03-05,B,L2,100\n2021-03-06,C,L3,100\n2021-03-06,C,L4,300\n2021-03-06,C,L4,10\n")
    told = answer(file, "--losses", table, "--book", book)["losses"]
    # 5 March: L1 falls due, L2 and L3 are there: 600. The day after, L4 has started: 1,200. Then L3 is settled: 800.
    assert [loss["meters"]["ceiling"] for loss in told] == ["500.00", "1000.00", "300.00", "0.00"]


@st.composite
def books(draw: st.DrawFn) -> dict[str, BookRow]:
    """Loans of three borrowers that start in three years."""
    first = datetime.date(2020, 1, 1).toordinal()
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 2), st.integers(1, 100), st.integers(0, 1000), st.integers(1, 30), st.integers(0, 9)
            ),
            min_size=1,
            max_size=12,
        )
    )
    return {
        f"L{number}": BookRow(
            number, f"L{number}", f"B{borrower}", principal, first + start, months, None, None, None, premium
        )
        for number, (borrower, principal, start, months, premium) in enumerate(rows)
    }


@given(books(), st.data())
def test_bases_are_what_their_definitions_say_on_every_day(loans: dict[str, BookRow], data: st.DataObject) -> None:
    needs = [(per, base) for per in PERS for base in BASES]
    day, losses = min(loan.start for loan in loans.values()), []
    for _ in range(data.draw(st.integers(1, 6))):
        day += data.draw(st.integers(0, 400))
        lost = data.draw(st.sampled_from([loan.loan for loan in loans.values() if loan.start <= day]))
        losses.append(LossRow(2, day, loans[lost].borrower, lost, 1, None))
    unpaid = {row.loan for row in losses if loans[row.loan].matures <= row.day}
    bases, settled = Bases(loans, needs, losses), set()
    for _, day, _, lost, *_ in losses:
        started = [loan for loan in loans.values() if loan.start <= day]
        claim = Claim(1, day, lost, loans[lost].borrower, lost_on=day - 40, drawn_on=loans[lost].start)
        found = bases.of(claim)
        for per, base in needs:
            # A balance belongs to no year, but the loans drawn in one have a balance of their own.
            by_year = per == "year of underwriting" or (per.startswith("year") and base != "guaranteed balance")
            counted = [
                loan.premium if base == "premium" else loan.principal
                for loan in started
                if (base != "guaranteed balance" or loan.loan not in settled)
                and (base != "guaranteed balance" or loan.matures > day or loan.loan in unpaid)
                and (per != "loss" or loan.loan == lost)
                and (per != "borrower" or loan.borrower == claim.borrower)
                and (not by_year or _year(loan.start) == claim.counted_over(per))
            ]
            assert found[per, base] == sum(counted), (per, base)
        bases.settle(lost)
        settled.add(lost)


def _year(day: int) -> int:
    return datetime.date.fromordinal(day).year


def test_what_the_agreement_needs_and_the_lists_lack_is_told_with_its_clause_and_the_way_out() -> None:
    file = agreement(
        "risk_sharing:\n  limits: {stop: {at_most: 150% of premium, per: year of loss}}\n"
        "  rates: {paid out: {paid_by: insurer, over: guaranteed balance}}\n"
        "  split: {insurer: {share: 90%, up to: stop, when: {paid out: {below: 5%}}, otherwise: bank}, bank: rest}\n"
        "  changes: [{starts: 2021-01-01, by: underwriting, split: {bank: 100%}}]\n"
    )
    untold = "of the loans, which losses do not tell"
    assert refused(file, "--losses", losses(1)).splitlines() == [
        f"agreement.yaml:2:12: the limit 'stop' of 150% of premium needs the premium {untold}",
        "    add --book FILE with the columns loan, borrower, principal, start, premium",
        f"agreement.yaml:3:11: the rate 'paid out' needs the guaranteed balance {untold}",
        "    add --book FILE with the columns loan, borrower, principal, start, tenor_months",
        f"agreement.yaml:5:38: the change of terms from 2021-01-01 on goes by the drawdown {untold}",
        "    add --book FILE with the columns loan, borrower, principal, start",
        "losses.csv:1:1: there is no column 'lost_on', by which the limit 'stop' goes",
        "    write 'lost_on' or '违约日' in the first row",
    ]


def test_terms_change_by_the_day_of_the_drawdown_that_the_book_states() -> None:
    file = agreement(
        "risk_sharing:\n  split: {insurer: 90%, bank: rest}\n"
        "  changes: [{starts: 2021-01-01, by: underwriting, split: {insurer: 50%, bank: rest}}]\n"
    )
    book = write("b.csv", "loan,borrower,principal,start\nL1,Firm 1,10,2020-12-31\nL2,Firm 2,10,2021-01-01\n")
    told = answer(file, "--losses", losses(10, 10), "--book", book)["losses"]
    assert [loss["paid"]["insurer"] for loss in told] == ["9.00", "5.00"]


def test_a_loss_with_interest_may_be_above_the_principal() -> None:
    file = agreement("risk_sharing: {covers: principal and interest, split: {bank: 100%}}\n")
    book = write("b.csv", "loan,borrower,principal,start\nL1,Firm 1,10,2020-12-31\n")
    assert answer(file, "--losses", losses(11), "--book", book)["totals"] == {"bank": "11.00"}
    file = agreement("risk_sharing: {split: {bank: 100%}}\n")
    assert "losses.csv:2:4: a loss of 11 CNY is more than the principal of loan 'L1'" in refused(
        file, "--losses", losses(11), "--book", book
    )


def test_a_loan_that_the_book_lacks_is_told_with_the_nearest() -> None:
    file = agreement("risk_sharing: {split: {bank: 100%}}\n")
    book = write("b.csv", "loan,borrower,principal,start\nYH-2021-001,Firm 1,10,2020-12-31\n")
    table = write("l.csv", HEAD + "2021-03-05,Firm 1,YH-2021-O01,1\n")
    told = refused(file, "--losses", table, "--book", book)
    assert told.startswith("l.csv:2:3: loan 'YH-2021-O01' is not in the book b.csv; did you mean 'YH-2021-001'?")


# The command's own ways


def test_a_list_may_come_from_standard_input_but_only_one() -> None:
    text = Path(losses(2_000_000)).read_text(encoding="utf-8")
    assert (
        said("C9-F1", "--losses", "-", "--json", text=text).stdout
        == said("C9-F1", "--losses", "losses.csv", "--json").stdout
    )
    assert "only one table can come from standard input" in refused("C9-F1", "--losses", "-", "--book", "-")


def test_tables_and_files_are_refused_without_losses() -> None:
    for option in ("--recoveries", "--book", "--out"):
        assert f"{option} goes with --losses" in refused("C9-F1", option, "x.csv")


@pytest.mark.parametrize(
    ("out", "found"),
    [("losses.csv", "this file is read; name another"), ("paid.txt", "name a file that ends in .csv"),
     ("losses.csv/paid.csv", "losses.csv is not a folder"), ("folder.csv", "this is a folder; name a file in it")],
)  # fmt: skip
def test_a_file_is_never_written_over_what_is_read_nor_where_it_cannot_be(out: str, found: str) -> None:
    Path("folder.csv").mkdir()
    table = losses(2_000_000)
    before = Path(table).read_bytes()
    assert refused("C9-F1", "--losses", table, "--out", out) == f"--out {out}: {found}\n"
    assert Path(table).read_bytes() == before


def test_the_folder_of_a_file_is_made() -> None:
    assert said("C9-F1", "--losses", losses(2_000_000), "--out", "new/folder/paid.csv").exit_code == 0
    assert Path("new/folder/paid.csv").exists()


def test_the_same_loss_twice_is_refused_and_another_of_the_loan_is_not() -> None:
    table = write("l.csv", HEAD + "2021-03-05,A,L1,5\n2021-03-05,B,L2,5\n2021-03-05,A,L1,5\n2021-03-06,A,L1,5\n")
    assert refused("C9-F1", "--losses", table) == (
        "l.csv:4:3: the same loss as in line 2: day, borrower, loan and amount\n"
        "    delete one, or add them up if both are meant\n"
    )
    table = write("l.csv", HEAD + "2021-03-05,A,L1,5\n2021-03-05,A,L1,6\n2021-03-06,A,L1,5\n2021-03-05,A,L1,7\n")
    assert said("C9-F1", "--losses", table).exit_code == 0


def test_the_same_loss_twice_is_found_in_a_list_that_is_not_in_order() -> None:
    table = write("l.csv", HEAD + "2021-03-06,A,L1,5\n2021-03-05,B,L2,5\n2021-03-06,A,L1,5\n2021-03-06,A,L1,5\n")
    assert refused("C9-F1", "--losses", table).splitlines()[::2] == [
        f"l.csv:{line}:3: the same loss as in line 2: day, borrower, loan and amount" for line in (4, 5)
    ]


def test_names_that_a_spreadsheet_would_run_are_written_as_texts() -> None:
    names = ["=HYPERLINK(x)", "@SUM(A1)", "+cmd|x", "-A1", "＝A1", "-12", "A=1"]
    rows = "".join(f'2021-03-05,"{name}","{name}",1\n' for name in names)
    sold = write("r.csv", 'date,loan,amount\n2021-03-06,"@SUM(A1)",1\n')
    file = agreement("parties: {bank: {zh: =A1}}\nrisk_sharing: {split: {bank: 100%}}\n")
    words = [file, "--losses", write("l.csv", HEAD + rows), "--recoveries", sold]
    told = said(*words, "--out", "paid.csv", "--lang", "zh", "--json")
    with open("paid.csv", encoding="utf-8-sig", newline="") as lines:
        heading, *written = csv.reader(lines)
    shown = ["'=HYPERLINK(x)", "'@SUM(A1)", "'+cmd|x", "'-A1", "'＝A1", "-12", "A=1", "'@SUM(A1)"]
    assert [(row[2], row[3]) for row in written] == [(name, name) for name in shown]
    assert heading[6] == "'=A1承担(元)"
    # Programs get what was given.
    assert [loss["loan"] for loss in json.loads(told.stdout)["losses"]] == names


def test_a_loan_of_two_borrowers_is_refused_where_that_counts() -> None:
    table = write("l.csv", HEAD + "2021-03-05,A,L1,5\n2021-03-06,B,L1,5\n")
    by_borrower = agreement(
        "risk_sharing:\n  limits: {most: {at_most: 5m CNY, per: borrower}}\n"
        "  split: {insurer: {share: 90%, up to: most, otherwise: bank}, bank: rest}\n"
    )
    told = "l.csv:3:2: loan 'L1' is of 'B' here, and of 'A' before\n    a loan has one borrower\n"
    assert refused(by_borrower, "--losses", table) == told
    sold = write("r.csv", "date,loan,amount\n2021-03-07,L1,1\n")
    assert refused("C9-F1", "--losses", table, "--recoveries", sold) == told
    assert said("C9-F1", "--losses", table).exit_code == 0


def test_a_recovery_without_a_cost_cost_nothing() -> None:
    table = losses(2_000_000)
    for told in ("date,loan,amount\n2022-03-07,L1,100\n", "date,loan,amount,cost\n2022-03-07,L1,100,\n"):
        found = answer("C9-F1", "--losses", table, "--recoveries", write("r.csv", told))["recoveries"]
        assert [(each["cost"], each["amount"]) for each in found] == [("0.00", "100.00")]


def test_a_book_given_as_losses_is_told_at_once() -> None:
    for heading in ("loan,borrower,principal,start,tenor_months", "贷款编号,企业,贷款金额,放款日期,期限"):
        table = write("l.csv", f"{heading}\nL1,A,100,2021-01-01,12\n")
        told = "l.csv:1:1: this is a list of loans, not of losses\n    a book of loans goes with --book\n"
        assert refused("C9-F1", "--losses", table) == told


def test_a_heading_is_not_taken_for_a_column_that_is_there() -> None:
    row = "L1,A,100,2021-01-01,12,1\n"
    table = write("b.csv", f"loan,borrower,principal,start,tenor_months,tenor_years\n{row}")
    told = refused("C9-F1", "--losses", losses(1), "--book", table)
    assert "unknown column 'tenor_years'; 'tenor_months' is there already\n" in told
    table = write("b.csv", f"loan,borrower,Amount,start,tenor_months,premium\n{row}")
    told = refused("C9-F1", "--losses", losses(1), "--book", table)
    assert "unknown column 'Amount'; did you mean 'principal'?" in told


def test_broken_lists_leave_an_earlier_file_as_it_was() -> None:
    write("paid.csv", "earlier")
    refused("C9-F1", "--losses", losses(-1), "--out", "paid.csv")
    assert Path("paid.csv").read_text(encoding="utf-8") == "earlier"


def test_an_interruption_leaves_no_half_of_a_file(folder: Path) -> None:
    write("paid.csv", "earlier")
    write("losses.csv", HEAD + "".join(f"2021-03-05,A,L{number},1\n" for number in range(5_000)))
    words = ["allocate", "C9-F2", "--losses", "losses.csv", "--out", "paid.csv", "--json"]
    command, known = [sys.executable, "-m", "simulator", *words], {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        # Nobody reads its standard output: it stands still when the pipe is full, in the middle of both files.
        while run.poll() is None and not list(folder.glob("*.part")):
            time.sleep(0.005)
        run.send_signal(signal.SIGINT)
        run.communicate()
        assert run.returncode == 130
    assert Path("paid.csv").read_text(encoding="utf-8") == "earlier"
    assert sorted(path.name for path in folder.iterdir()) == ["losses.csv", "paid.csv"]


def test_a_file_that_cannot_be_finished_is_told_and_a_reader_that_has_gone_is_no_fault_of_the_file(
    folder: Path,
) -> None:
    with pytest.raises(PledgesimError, match=r"--out paid.csv: No space left on device"), written_whole("paid.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(BrokenPipeError), written_whole("paid.csv"):
        raise BrokenPipeError
    assert list(folder.iterdir()) == []


# The same as the agreement itself


@given(agreements(), st.data())
def test_lists_are_shared_as_the_agreement_shares_claims(agreed: Agreement, data: st.DataObject) -> None:
    claims = [replace(claim, amount=claim.amount + 1) for claim in data.draw(claims_of(agreed))]
    premium = data.draw(st.integers(0, 10**6))
    loans = {
        f"L{claim.loan}": BookRow(
            2, f"L{claim.loan}", f"B{claim.borrower}", MOST_LOSS, claim.drawn_on or 0, 12, None, None, None, premium
        )
        for claim in claims
    }
    rows = "".join(
        f"{date_of(claim.day)},B{claim.borrower},L{claim.loan},{cny(claim.amount)},{date_of(claim.lost_on or 0)}\n"
        for claim in claims
    )
    table = write("l.csv", f"{HEAD.strip()},lost_on\n{rows}")
    lists = Lists(read_losses(table, Problems()), book=BookTable(cast("Table", None), loans))

    meters, bases, expected = agreed.open(), Bases(loans, agreed.needs, lists.losses), []
    days = [list(of_day) for _, of_day in groupby(claims, key=lambda claim: claim.day)]
    for of_day in days:
        together = [of_day] if agreed.model.same_day == "pro rata" else [[claim] for claim in of_day]
        for settled in together:
            named = [replace(claim, loan=f"L{claim.loan}", borrower=f"B{claim.borrower}") for claim in settled]
            expected += agreed.share_day([replace(claim, bases=bases.of(claim)) for claim in named], meters)
            for claim in named:
                bases.settle(str(claim.loan))

    events = [event for event in Settlement(agreed, lists) if isinstance(event, SharedLoss)]
    assert [event.allocation for event in events] == expected
    funds = agreed.funds_left(meters, claims[-1].day)
    assert {name: events[-1].left[name] for name in funds} == funds


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, MOST_LOSS)), min_size=1, max_size=8),
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 60), st.integers(1, MOST_LOSS), st.integers(0, 100)), max_size=6
    ),
    st.sampled_from(["pro rata", {"by_rank": ["bank"]}, {"surplus": "city"}]),
)
def test_what_is_paid_got_back_and_borne_adds_up_to_the_fen(
    lost: list[tuple[int, int]], sold: list[tuple[int, int, int, int]], recoveries: object
) -> None:
    model = RiskSharing.model_validate(
        {
            "funds": {"pot": {"balance": "20000 CNY", "owner": "city", "refill": True}},
            "split": {
                "city": {"share": "1/3", "up to": "pot", "otherwise": "insurer"},
                "insurer": "50%",
                "bank": "rest",
            },
            "recoveries": recoveries,
        }
    )
    first = datetime.date(2021, 3, 5).toordinal()
    table = "".join(f"{date_of(first + day)},A,L{number},{cny(fen)}\n" for number, (day, fen) in enumerate(lost))
    rows = [
        (loan, lost[loan][0] + later, fen, fen * share // 100) for loan, later, fen, share in sold if loan < len(lost)
    ]
    assume(rows)
    back = "".join(f"{date_of(first + day)},L{loan},{cny(fen)},{cny(cost)}\n" for loan, day, fen, cost in rows)
    opened = open_agreement(write("a.yaml", "risk_sharing: {split: {bank: 100%}}\n"))
    lists = read_lists(opened, write("l.csv", HEAD + table), write("r.csv", f"date,loan,amount,cost\n{back}"))
    settlement = Settlement(Agreement(model), lists)
    events = list(settlement)
    days = [event.row.day for event in events]
    assert days == sorted(days)
    totals = settlement.totals
    assert sum(totals.paid.values()) == totals.lost == sum(fen for _, fen in lost)
    assert sum(totals.returned.values()) + totals.surplus == sum(fen - cost for _, _, fen, cost in rows)
    for party, borne in totals.borne.items():
        assert 0 <= borne <= totals.paid[party]
    for event in events:
        if isinstance(event, SharedLoss):
            assert sum(event.allocation.paid.values()) == event.row.amount
        else:
            assert isinstance(event, ReturnedRecovery)
            assert sum(event.recovered.received.values()) + event.recovered.surplus == event.row.amount - event.row.cost
