"""After a default: who pays the claim, who sells the IP, whose the proceeds are, and what the loss is."""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import INSTANT, NINETY_TEN, Entry, defaulting, firm, ledger, moment, world, written

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

LOST = ("claim paid", "re-guarantee paid", "IP sold", "cost of sale", "recovery returned", "surplus of the sale")
MIDDAY = "2021-07-15 12:00"
"""136 days after drawdown; the claim is settled 60 days later, on 13 September, the IP sold on 10 July after that."""


def lost(
    sharing: Any = NINETY_TEN, *, at: str = MIDDAY, by: str | None = None, told: Any = None, **settings: Any
) -> Scenario:
    """A loan of 1m CNY that defaults, its IP worth 2m."""
    product = {"risk_sharing": sharing, **({"recovery": {"by": by}} if by else {}), **settings}
    return world(firm(default_at=at, **(told or {})), product=product)


def after_default(*args: Any, **settings: Any) -> list[Entry]:
    return ledger(lost(*args, **settings), only=LOST)


def test_a_claim_is_paid_before_the_ip_is_sold_and_the_proceeds_go_back_after_the_costs_of_the_sale() -> None:
    # 30% of 2m, less 5% of that; nine tenths of 570k
    assert after_default() == written("""
        2021-09-13  insurer -> bank  claim paid         900,000.00
        2022-07-10  outside -> bank  IP sold            600,000.00
        2022-07-10  bank -> outside  cost of sale        30,000.00
        2022-07-10  bank -> insurer  recovery returned  513,000.00
    """)


def test_the_party_that_sells_the_ip_gets_the_proceeds_pays_the_costs_and_hands_on_the_others_parts() -> None:
    assert after_default(by="insurer") == written("""
        2021-09-13  insurer -> bank     claim paid         900,000.00
        2022-07-10  outside -> insurer  IP sold            600,000.00
        2022-07-10  insurer -> outside  cost of sale        30,000.00
        2022-07-10  insurer -> bank     recovery returned   57,000.00
    """)
    assert [each for each in after_default(by="city") if "city" in each] == written("""
        2022-07-10  outside -> city  IP sold            600,000.00
        2022-07-10  city -> outside  cost of sale        30,000.00
        2022-07-10  city -> insurer  recovery returned  513,000.00
        2022-07-10  city -> bank     recovery returned   57,000.00
    """)


def test_a_bank_that_bears_its_losses_alone_gets_no_claim_and_keeps_what_the_sale_brings() -> None:
    assert after_default({"split": {"bank": "100%"}}) == written("""
        2022-07-10  outside -> bank  IP sold       600,000.00
        2022-07-10  bank -> outside  cost of sale   30,000.00
    """)


def test_a_re_guarantee_pays_the_guarantor_back_and_shares_in_what_the_sale_brings() -> None:
    ceded = {
        "split": {"guarantor": "80%", "bank": "rest"},
        "cede": {"guarantor": {"nation": "50%", "guarantor": "rest"}},
    }
    assert after_default(ceded) == written("""
        2021-09-13  guarantor -> bank    claim paid         800,000.00
        2021-09-13  nation -> guarantor  re-guarantee paid  400,000.00
        2022-07-10  outside -> bank      IP sold            600,000.00
        2022-07-10  bank -> outside      cost of sale        30,000.00
        2022-07-10  bank -> guarantor    recovery returned  228,000.00
        2022-07-10  bank -> nation       recovery returned  228,000.00
    """)


def test_cessions_form_a_chain_in_which_each_pays_the_one_before_it() -> None:
    chain = {
        "split": {"guarantor": "100%"},
        "cede": {
            "guarantor": {"city": "60%", "guarantor": "rest"},
            "city": {"nation": "50%", "city": "rest"},
        },
    }
    assert after_default(chain)[:3] == written("""
        2021-09-13  guarantor -> bank  claim paid         1,000,000.00
        2021-09-13  city -> guarantor  re-guarantee paid    600,000.00
        2021-09-13  nation -> city     re-guarantee paid    300,000.00
    """)


def test_who_has_the_first_rank_is_made_whole_before_the_others_get_anything() -> None:
    ranked = {**NINETY_TEN, "recoveries": {"by_rank": ["bank"]}}
    assert [each for each in after_default(ranked, by="insurer") if each.what == "recovery returned"] == written("""
        2022-07-10  insurer -> bank  recovery returned  100,000.00
    """)


@pytest.mark.parametrize("whose", ["firm", "city", "insurer"])
def test_what_the_sale_brings_beyond_the_loss_goes_to_whom_the_agreement_names(whose: str) -> None:
    sharing = {**NINETY_TEN, "recoveries": {"surplus": whose}}
    # 30% of 9m less 5% is 2,565k, and 1m of it makes everybody whole
    assert after_default(sharing, told={"appraised_value": "9m CNY"}) == written(f"""
        2021-09-13  insurer -> bank   claim paid             900,000.00
        2022-07-10  outside -> bank   IP sold              2,700,000.00
        2022-07-10  bank -> outside   cost of sale           135,000.00
        2022-07-10  bank -> insurer   recovery returned      900,000.00
        2022-07-10  bank -> {whose}   surplus of the sale  1,565,000.00
    """)


def test_costs_come_first_and_are_never_above_the_proceeds() -> None:
    dear = world(firm(default_at=MIDDAY), product={"risk_sharing": NINETY_TEN}, recovery={"cost": "150%"})
    assert ledger(dear, only=LOST) == written("""
        2021-09-13  insurer -> bank  claim paid    900,000.00
        2022-07-10  outside -> bank  IP sold       600,000.00
        2022-07-10  bank -> outside  cost of sale  600,000.00
    """)


def test_a_product_may_have_its_own_haircut_cost_and_time_of_sale() -> None:
    own = {"haircut": "50%", "cost": "10%", "time": "100 days"}
    told = world(firm(default_at=MIDDAY), product={"recovery": own})
    assert ledger(told, only=LOST) == written("""
        2021-12-22  outside -> bank  IP sold       1,000,000.00
        2021-12-22  bank -> outside  cost of sale    100,000.00
    """)


SIX = {"interest": "6%"}
WITH_INTEREST = {**NINETY_TEN, "covers": "principal and interest"}


def test_a_loss_is_the_principal_outstanding_at_the_default() -> None:
    quarterly = {"schedule": "equal principal", "every": "3 months"}
    told = lost(repayment=quarterly, price=SIX)
    assert ledger(told, only=["claim paid"]) == written("2021-09-13  insurer -> bank  claim paid  675,000.00")


def test_where_the_agreement_covers_it_the_interest_owed_is_part_of_the_loss() -> None:
    # 60,000 x 136 / 365 = 22,356.164...; nine tenths of 1,022,356.16 are 920,120.544
    told = lost(WITH_INTEREST, price=SIX)
    (loss,) = replicate(told, 1).losses
    assert (loss.principal, loss.interest) == (100_000_000, 2_235_616)
    assert ledger(told, only=["claim paid"]) == written("2021-09-13  insurer -> bank  claim paid  920,120.54")


def test_of_interest_only_what_was_not_paid_yet_is_owed() -> None:
    # 44 days since 1 June: 60,000 x 44 / 365 = 7,232.876...
    (loss,) = replicate(lost(WITH_INTEREST, price=SIX, repayment={"interest_every": "3 months"}), 1).losses
    assert loss.interest == 723_288
    # Three months of 1m that were not due yet, and 44 days of 750k: 15,000 + 45,000 x 44 / 365 = 20,424.657...
    halves = {"schedule": "equal principal", "every": "3 months", "interest_every": "6 months"}
    (loss,) = replicate(lost(WITH_INTEREST, price=SIX, repayment=halves), 1).losses
    assert (loss.principal, loss.interest) == (75_000_000, 2_042_466)


def test_no_interest_runs_from_the_default_to_the_claim() -> None:
    product = {"risk_sharing": WITH_INTEREST, "price": SIX}
    for after in ("1 day", "300 days"):
        told = world(firm(default_at=MIDDAY), product=product, credit={"claim_after": after})
        assert [loss.interest for loss in replicate(told, 1).losses] == [2_235_616]


def test_a_recovery_goes_back_pro_rata_to_what_each_bore_of_principal_and_interest() -> None:
    told = after_default(WITH_INTEREST, price=SIX)
    # 92,012,054 of 102,235,616 fen, of 57,000,000
    returned = round(57_000_000 * 92_012_054 / 102_235_616)
    assert [each.fen for each in told if each.what == "recovery returned"] == [returned]


def test_the_firm_pays_no_interest_that_was_lost() -> None:
    assert ledger(lost(WITH_INTEREST, price=SIX), only=["interest"]) == []


def test_a_claim_that_is_not_settled_by_the_end_of_the_follow_up_moves_no_money() -> None:
    run = {"arrivals_for": "1 week", "follow_up": {"cases": "1 day", "loans": "180 days"}}
    told = replicate(world(firm(default_at=MIDDAY), product={"risk_sharing": NINETY_TEN}, run=run), 1)
    assert ledger(told, only=LOST) == []
    assert [loan.status for loan in told.loans] == ["claim open"]
    run["follow_up"] = {"cases": "1 day", "loans": "300 days"}
    told = replicate(world(firm(default_at=MIDDAY), product={"risk_sharing": NINETY_TEN}, run=run), 1)
    assert [each.what for each in ledger(told, only=LOST)] == ["claim paid"]


FUND = {
    "funds": {"reserve": {"balance": "1m CNY", "owner": "city"}},
    "split": {"city": {"share": "100%", "up to": "reserve", "otherwise": "bank"}},
}
ON_ONE_DAY = [
    ("2021-03-01", "2021-07-15 08:00"), ("2021-03-02", "2021-07-15 12:00"), ("2021-03-03", "2021-07-15 20:00"),
]  # fmt: skip


def settled(*pairs: tuple[str, str], same_day: str, sharing: Any = None, amounts: Any = ()) -> list[tuple[str, int]]:
    """When each claim was settled and what the city paid of it, where claims are settled at once."""
    firms = defaulting(*pairs)
    for each, amount in zip(firms, amounts, strict=False):
        each["attributes"]["amount_requested"] = amount
    told = world(
        *firms, product={"risk_sharing": {**(sharing or FUND), "same_day": same_day}}, credit={"claim_after": "0 min"}
    )
    losses = sorted(replicate(told, 1).losses, key=lambda loss: loss.case)
    return [(f"{loss.settled_at - moment('2021-07-15 00:00'):g}", loss.allocation.paid["city"]) for loss in losses]


def test_claims_of_one_day_are_settled_together_at_its_end_where_they_share_what_is_left() -> None:
    amounts = ["1m CNY", "2m CNY", "1m CNY"]
    in_order = settled(*ON_ONE_DAY, same_day="in order", amounts=amounts)
    assert in_order == [("480", 100_000_000), ("720", 0), ("1200", 0)]
    together = settled(*ON_ONE_DAY, same_day="pro rata", amounts=amounts)
    assert together == [("1440", 25_000_000), ("1440", 50_000_000), ("1440", 25_000_000)]


def test_a_claim_of_the_next_day_finds_only_what_the_day_before_left() -> None:
    pairs = [*ON_ONE_DAY[:1], ("2021-03-02", "2021-07-16 00:00")]
    # The second one is of the 16th, though its moment is that at which those of the 15th are settled.
    told = settled(*pairs, same_day="pro rata")
    assert told == [("1440", 100_000_000), ("2880", 0)]


def test_claims_that_are_settled_at_the_end_of_a_day_count_to_that_day_its_year_and_its_fund() -> None:
    yearly = {
        "limits": {"a year": {"at_most": "600k CNY", "per": "year of claim"}},
        "split": {"city": {"share": "100%", "up to": "a year", "otherwise": "bank"}},
    }
    pairs = [("2021-03-01", "2021-12-31 08:00"), ("2021-03-02", "2022-01-01 08:00")]
    paid = [fen for _, fen in settled(*pairs, same_day="pro rata", sharing=yearly)]
    assert paid == [60_000_000, 60_000_000]
    both = [fen for _, fen in settled(("2021-03-01", "2021-12-31 08:00"), ("2021-03-02", "2021-12-31 23:59"),
                                      same_day="pro rata", sharing=yearly)]  # fmt: skip
    assert both == [30_000_000, 30_000_000]
    topped_up = {**FUND, "funds": {"reserve": {**FUND["funds"]["reserve"], "top_ups": [
        {"on": "2021-07-16", "amount": "5m CNY"}]}}}  # fmt: skip
    paid = [fen for _, fen in settled(*ON_ONE_DAY, same_day="pro rata", sharing=topped_up)]
    assert sum(paid) == 100_000_000


def test_claims_settled_on_one_day_are_paid_in_the_ledger_at_its_end() -> None:
    sharing = {**FUND, "same_day": "pro rata"}
    told = world(*defaulting(*ON_ONE_DAY), product={"risk_sharing": sharing}, credit={"claim_after": "0 min"})
    moments = {each.moment for each in replicate(told, 1).payments if each.what == "claim paid"}
    assert moments == {moment("2021-07-16 00:00")}


def test_the_default_and_not_the_claim_decides_which_terms_hold_where_the_agreement_says_so() -> None:
    def insurer_pays(by: str, starts: str) -> int:
        change = {"starts": starts, "by": by, "split": {"insurer": "50%", "bank": "rest"}}
        (paid,) = ledger(lost({**NINETY_TEN, "changes": [change]}), only=["claim paid"])
        return paid.fen

    # Drawn on 1 March, lost on 15 July, settled on 13 September
    assert [insurer_pays("underwriting", day) for day in ("2021-03-01", "2021-03-02")] == [50_000_000, 90_000_000]
    assert [insurer_pays("loss", day) for day in ("2021-07-15", "2021-07-16")] == [50_000_000, 90_000_000]
    assert [insurer_pays("claim", day) for day in ("2021-09-13", "2021-09-14")] == [50_000_000, 90_000_000]


def test_a_firm_that_is_never_lent_to_has_no_entry() -> None:
    declined = {"credit approval": {"elapsed": "0 min", "by": "bank", "odds": {"declined": "100%", "approved": "rest"}}}
    flow = [INSTANT, declined, {"drawdown": {"elapsed": "0 min", "by": "bank"}}]
    assert ledger(world(product={"flow": flow})) == []
