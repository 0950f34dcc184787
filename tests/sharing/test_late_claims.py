"""A loan that defaults is guaranteed until its claim is settled, also when that is after it would have fallen due."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simulator.cli import group

AGREEMENT = """
risk_sharing:
  limits: {cap: {at_most: 50% of guaranteed balance, per: ever}}
  split: {insurer: {share: 90%, up to: cap, otherwise: bank}, bank: rest}
"""
BOOK = """loan,borrower,principal,start,tenor_months
early,A,1000000,2021-01-01,6
late,B,2000000,2021-03-01,12
repaid,C,4000000,2021-01-01,6
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("agreement.yaml").write_text(AGREEMENT, encoding="utf-8")
    Path("book.csv").write_text(BOOK, encoding="utf-8")


def insured(*losses: str) -> list[float]:
    """What the insurer pays of each loss."""
    Path("losses.csv").write_text("date,borrower,loan,amount\n" + "\n".join(losses) + "\n", encoding="utf-8")
    words = ["allocate", "agreement.yaml", "--losses", "losses.csv", "--book", "book.csv", "--json"]
    done = CliRunner().invoke(group, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return [float(each["paid"]["insurer"]) for each in told["losses"]]


def test_a_claim_settled_after_the_loan_fell_due_finds_the_loan_in_the_balance() -> None:
    assert insured("2022-04-01,B,late,2000000") == [1_000_000]


def test_other_claims_find_it_too_and_repaid_loans_are_gone() -> None:
    # On 1 March 2022 both that will have claims are guaranteed, 3m; what was repaid is not.
    assert insured("2022-03-01,A,early,1000000", "2022-04-01,B,late,2000000") == [900_000, 100_000]
