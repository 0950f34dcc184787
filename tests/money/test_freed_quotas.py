"""What a loan leaves free of its quota: as much as is repaid, and the rest of its line as it ends."""

from __future__ import annotations

from typing import Any

from money_worlds import DRAWDOWN, NINETY_TEN, day_of, firm, lent, moment, world

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

APPROVAL = {"credit approval": {"elapsed": "0 min", "by": "bank", "reserves": "programme"}}
QUARTERLY = {"schedule": "equal principal", "every": "3 months"}


def programme(*firms: Any, limit: str = "1m CNY", quotas: Any = None, **settings: Any) -> Scenario:
    """Loans in a quota that the first of them fills."""
    product = lent(**{"flow": [APPROVAL, DRAWDOWN], **settings})
    return world(*firms, products={"loan": product}, quotas=quotas or {"programme": {"limit": limit}})


def drawn_on(told: Scenario) -> list[str]:
    """The day on which each firm was drawn."""
    return [day_of(at) for at in replicate(told, 1).drawn_at.tolist()]


def waiting(*amounts: str) -> list[Any]:
    """Firms that ask for so much, a day after another from 2 March."""
    return [firm(f"2021-03-{day:02}", amount_requested=amount) for day, amount in enumerate(amounts, start=2)]


def test_every_instalment_frees_as_much_as_it_repays() -> None:
    # 250k at a time; the second of those that wait needs two of them
    told = programme(firm(), *waiting("250k CNY", "500k CNY"), repayment=QUARTERLY)
    assert drawn_on(told) == ["2021-03-01", "2021-06-01", "2021-12-01"]


def test_what_was_not_drawn_of_the_line_is_freed_as_the_loan_ends() -> None:
    told = programme(firm(), *waiting("800k CNY"), amount={"drawn_share": "80%"}, repayment=QUARTERLY)
    # After three instalments of 200k the next frees 200k, and the end of the loan the last 200k
    assert drawn_on(told) == ["2021-03-01", "2022-03-01"]
    use = [(day_of(at), used) for at, _, used in replicate(told, 1).quota_use]
    assert use[:7] == [
        ("2021-03-01", 100_000_000), ("2021-06-01", 80_000_000), ("2021-09-01", 60_000_000),
        ("2021-12-01", 40_000_000), ("2022-03-01", 20_000_000), ("2022-03-01", 100_000_000),
        ("2022-03-01", 80_000_000),
    ]  # fmt: skip


def test_licence_payments_free_the_quota_too() -> None:
    sweep = {"of": "appraised_value", "share": "50%", "every": "3 months"}
    assert drawn_on(programme(firm(), *waiting("250k CNY"), repayment={"sweep": sweep})) == ["2021-03-01", "2021-06-01"]


def test_a_loan_in_default_keeps_its_line_until_its_claim_is_settled() -> None:
    lost = firm(default_at="2021-07-15 10:00")
    told = programme(lost, *waiting("250k CNY", "750k CNY"), repayment=QUARTERLY, risk_sharing=NINETY_TEN)
    # 250k were repaid before
    assert drawn_on(told) == ["2021-03-01", "2021-06-01", "2021-09-13"]


def test_a_renewed_loan_frees_nothing_at_its_first_maturity() -> None:
    assert drawn_on(programme(firm(), *waiting("1m CNY"), renewal={"share": "100%"}))[1] == "2023-03-01"


def test_what_is_freed_is_freed_in_every_quota_around_it() -> None:
    quotas = {"all": {"limit": "1m CNY"}, "programme": {"limit": "1m CNY", "inside": "all"}}
    told = replicate(programme(firm(), repayment=QUARTERLY, quotas=quotas), 1)
    by_quota = {name: [(at, used) for at, quota, used in told.quota_use if quota == name] for name in quotas}
    assert by_quota["all"] == by_quota["programme"]
    assert by_quota["all"][-1] == (moment("2022-03-01"), 0)


def test_no_more_is_lent_than_the_quota_has_room_for_where_the_ip_is_valued_after_the_approval() -> None:
    valuation = {"valuation": {"elapsed": "1 day", "valuer": {"bias": "50%"}}}
    told = programme(
        firm(amount_requested="9m CNY"), limit="1m CNY",
        amount={"of": {"appraised_value": "40%"}}, flow=[APPROVAL, valuation, DRAWDOWN],
    )  # fmt: skip
    assert sum(replicate(told, 1).drawn.tolist()) <= 100_000_000


def test_one_customer_never_owes_more_at_a_time_than_the_most_per_customer() -> None:
    twins = [firm("2021-03-01", name="Apex"), firm("2021-04-01", name="Apex")]
    told = world(*twins, product={"amount": {"at_most": "1m CNY"}})
    assert sum(replicate(told, 1).drawn.tolist()) <= 100_000_000
