"""A loan told to its firm, day by day, and the tables of a run that hold every payment."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from money_worlds import NINETY_TEN, day_of, firm, world

from simulator.analysis.explanation import as_json, explain_in, loss_in_words
from simulator.analysis.loan_story import loan_in_words
from simulator.analysis.measure import measure
from simulator.analysis.rounds import WorldResult
from simulator.experiment.replication import replicate
from simulator.export.tables import write_tables
from simulator.scenario.load import AS_STATED, LoadedScenario, node_of
from simulator.scenario.model import Scenario

PRICE = {
    "interest": "6%",
    "charges": {"cover": {"kind": "premium", "rate": "2%", "paid_to": "insurer"}},
}
HALF = {"of": "premium", "share": "50%", "paid_by": "city"}


def loaded(told: Scenario) -> LoadedScenario:
    return LoadedScenario(told, {}, None, AS_STATED, node_of({}, "money"))


def insured(*firms: Any, **settings: Any) -> Scenario:
    product = {"price": PRICE, "risk_sharing": NINETY_TEN, **settings}
    return world(*firms, product=product, policy={"city": HALF})


def story(told: Scenario) -> list[tuple[str, str, str, int, int | None]]:
    """Day, what, by whom, CNY, CNY still outstanding."""
    events = explain_in(loaded(told), replicate(told, 1), 0, 1).after_drawdown
    return [
        (day_of(each.moment), each.what, each.by, each.paid // 100, None if each.left is None else each.left // 100)
        for each in events
    ]


def test_the_story_of_a_loan_tells_instalments_interest_charges_and_subsidies_in_order() -> None:
    assert story(insured(repayment={"schedule": "equal principal", "every": "6 months"}, tenor="18 months")) == [
        ("2021-03-01", "premium", "firm to insurer", 20_000, None),
        ("2021-03-01", "premium subsidy", "city to firm", 10_000, None),
        ("2021-09-01", "interest", "firm to bank", 30_000, None),
        ("2021-09-01", "instalment repaid", "", 333_333, 666_666),
        ("2022-03-01", "interest", "firm to bank", 20_000, None),
        ("2022-03-01", "premium", "firm to insurer", 3_333, None),
        ("2022-03-01", "premium subsidy", "city to firm", 1_666, None),
        ("2022-03-01", "instalment repaid", "", 333_333, 333_333),
        ("2022-09-01", "interest", "firm to bank", 10_000, None),
        ("2022-09-01", "repaid at maturity", "", 333_333, 0),
    ]


def test_the_story_of_a_loan_tells_later_drawings() -> None:
    told = story(insured(drawings=[{"share": "40%", "after": "6 months"}]))
    assert [each for each in told if each[0] == "2021-09-01"] == [
        ("2021-09-01", "premium", "firm to insurer", 4_000, None),
        ("2021-09-01", "premium subsidy", "city to firm", 2_000, None),
        ("2021-09-01", "drawn", "", 400_000, 1_000_000),
    ]




def test_on_a_day_with_both_the_instalment_is_told_before_the_drawing_as_it_comes_before_it() -> None:
    both = {"repayment": {"schedule": "equal principal", "every": "6 months"}, "drawings": [
        {"share": "40%", "after": "6 months"}]}  # fmt: skip
    assert [each[1:] for each in story(insured(**both)) if each[4] is not None] == [
        ("instalment repaid", "", 300_000, 300_000),
        ("drawn", "", 400_000, 700_000),
        ("repaid at maturity", "", 700_000, 0),
    ]


def test_the_story_of_a_renewed_loan_goes_on_to_the_end_of_its_last_tenor() -> None:
    told = insured(renewal={"share": "100%"})
    assert story(told) == [
        ("2021-03-01", "premium", "firm to insurer", 20_000, None),
        ("2021-03-01", "premium subsidy", "city to firm", 10_000, None),
        ("2022-03-01", "interest", "firm to bank", 60_000, None),
        ("2022-03-01", "premium", "firm to insurer", 20_000, None),
        ("2022-03-01", "premium subsidy", "city to firm", 10_000, None),
        ("2023-03-01", "interest", "firm to bank", 60_000, None),
        ("2023-03-01", "repaid at maturity", "", 1_000_000, 0),
    ]
    (loan,) = replicate(told, 1).loans
    assert loan_in_words(loan) == "the loan is repaid, renewed once"


def test_the_story_as_data_has_the_same_amounts_in_cny() -> None:
    told = insured(firm(default_at="2021-07-15 10:00"), repayment={"interest_every": "3 months"})
    data = as_json(loaded(told), explain_in(loaded(told), replicate(told, 1), 0, 1))
    assert [(each["what"], each["paid_cny"], each["outstanding_cny"]) for each in data["after_drawdown"]] == [
        ("premium", 20_000, None), ("premium subsidy", 10_000, None), ("interest", 15_000, None),
        ("default", 0, 1_000_000),
    ]  # fmt: skip
    assert data["loan"] == "defaulted"
    assert data["loss"]["paid_cny"] == {"insurer": 900_000, "bank": 100_000}


def words(sharing: Any, **told: Any) -> list[str]:
    settings = insured(firm(default_at="2021-07-15 10:00", **told), risk_sharing=sharing)
    return loss_in_words(loaded(settings), replicate(settings, 1).losses[0])


def test_a_surplus_of_the_sale_is_said_to_be_the_firms() -> None:
    told = words(NINETY_TEN, appraised_value="9m CNY")
    assert told[-2] == "    Returned: insurer 900,000 CNY, bank 100,000 CNY. The rest, 1.565m CNY, goes to the firm."


def test_a_surplus_that_goes_to_a_party_is_not_said_to_be_the_firms() -> None:
    told = words({**NINETY_TEN, "recoveries": {"surplus": "city"}}, appraised_value="9m CNY")
    assert told[-2].endswith("goes to the city.")


def test_the_interest_in_a_loss_is_told_beside_its_principal() -> None:
    told = words({**NINETY_TEN, "covers": "principal and interest"})
    assert "interest" in told[0]


def tables(told: Scenario, folder: Path) -> dict[str, list[dict[str, str]]]:
    """The tables of a run by their names."""
    write_tables(WorldResult(loaded(told), "money", [measure(told, replicate(told, 1), 1)]), folder)
    found = {}
    for path in folder.glob("*.csv"):
        with open(path, encoding="utf-8-sig", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def test_the_table_of_payments_comes_to_zero_and_to_what_each_party_has(tmp_path: Path) -> None:
    lost, odd = firm("2021-04-01", default_at="2021-07-15 10:00"), firm(amount_requested="123456.78 CNY")
    told = insured(firm(), lost, odd, repayment={"schedule": "annuity", "every": "1 month"}, tenor="30 months")
    sums: dict[str, Decimal] = {}
    payments = tables(told, tmp_path)["payments"]
    for each in payments:
        amount = Decimal(each["amount_cny"])
        assert amount > 0
        assert each["from"] != each["to"]
        sums[each["to"]] = sums.get(each["to"], Decimal()) + amount
        sums[each["from"]] = sums.get(each["from"], Decimal()) - amount
    assert len(payments) > 60
    assert sum(sums.values()) == 0
    results = measure(told, replicate(told, 1), 1).products[0].results
    assert {actor: total for actor in results.cash if (total := Decimal(results.total(actor)) / 100)} == sums


def test_rows_of_a_case_stand_together_in_the_order_of_time(tmp_path: Path) -> None:
    lost = [firm("2021-04-01", default_at="2021-07-15 10:00"), firm(default_at="2021-08-15 10:00")]
    told = insured(firm(), *lost, repayment={"interest_every": "1 month"})
    found = tables(told, tmp_path)
    for table, moment in (("steps", "end"), ("payments", "time"), ("loans", "drawn_at"), ("losses", "settled_at")):
        places = [(int(each["case"]), each[moment]) for each in found[table]]
        assert places == sorted(places), table
        assert len({case for case, _ in places}) >= 2, table


def test_the_tables_tell_renewals_interest_in_losses_and_what_is_still_owed(tmp_path: Path) -> None:
    sharing = {**NINETY_TEN, "covers": "principal and interest"}
    lost = firm(default_at="2022-07-15 10:00")
    found = tables(insured(firm(), lost, renewal={"share": "100%"}, risk_sharing=sharing), tmp_path)
    columns = ("renewals", "status", "repaid_cny", "outstanding_cny")
    assert [tuple(each[column] for column in columns) for each in found["loans"]] == [
        ("1", "repaid", "1000000.00", "0.00"),
        ("1", "defaulted", "0.00", "1000000.00"),
    ]
    (loss,) = found["losses"]
    # 136 days from 1 March 2022: 60,000 x 136 / 365 = 22,356.164...
    assert (loss["principal_cny"], loss["interest_cny"]) == ("1000000.00", "22356.16")
    assert (loss["paid_by_insurer_cny"], loss["paid_by_bank_cny"]) == ("920120.54", "102235.62")
