"""Random programmes with money of all sorts, for properties that hold whatever the terms are."""

from __future__ import annotations

from math import lcm
from typing import Any, NamedTuple

from hypothesis import strategies as st
from money_worlds import DRAWDOWN, INSTANT, lent, world

from simulator.scenario.model import Scenario

SPLITS: dict[str, Any] = {
    "alone": {"split": {"bank": "100%"}},
    "insured": {"split": {"insurer": "90%", "bank": "rest"}},
    "with a fund": {
        "funds": {"reserve": {"balance": "1m CNY", "owner": "city", "refill": True}},
        "split": {
            "city": {"share": "30%", "up to": "reserve", "otherwise": "insurer"}, "insurer": "60%", "bank": "rest",
        },
    },
    "re-guaranteed": {
        "split": {"guarantor": "80%", "bank": "rest"},
        "cede": {"guarantor": {"nation": "1/3", "guarantor": "rest"}},
        "recoveries": {"by_rank": ["bank"], "surplus": "nation"},
    },
    "with a breaker": {
        "rates": {"compensation": {"paid_by": "guarantor", "over": "guaranteed balance", "per": "year of claim"}},
        "limits": {"borrower": {"at_most": "50% of principal", "per": "borrower"}},
        "split": {
            "guarantor": {"share": "85%", "up to": "borrower", "when": {"compensation": {"at_most": "10%"}},
                          "otherwise": {"city": "1/3", "bank": "rest"}},
            "bank": "rest",
        },
    },
}  # fmt: skip
PARTIES = {
    "bank": {"cost_of_funds": "2.35%"},
    "insurer": {"expense_ratio": "31%"},
    "guarantor": {"expense_ratio": "27%"},
}
POPULATION = {
    "amount_requested": {"lognormal": {"median": "1m CNY", "p90": "6m CNY"}},
    "appraised_value": {"lognormal": {"median": "2m CNY", "p90": "12m CNY"}},
    "licence_fees": {"exponential": "1m CNY"},
    "small": {"yes": "60%"},
}


def _percent(least: int, most: int) -> st.SearchStrategy[str]:
    """A share in hundredths of a percent."""
    return st.integers(least, most).map(lambda number: f"{number / 100:.2f}%")


@st.composite
def charges(draw: st.DrawFn) -> dict[str, Any]:
    """Up to three charges."""
    found = {}
    for number in range(draw(st.integers(0, 3))):
        by_rate = draw(st.booleans())
        measure = {"rate": draw(_percent(0, 500))} if by_rate else {"amount": f"{draw(st.integers(0, 9999))}.07 CNY"}
        found[f"charge {number}"] = {
            "kind": draw(st.sampled_from(["guarantee fee", "premium", "appraisal fee", "other"])),
            "each": draw(st.sampled_from(["year", "loan"])),
            "paid_by": draw(st.sampled_from(["firm", "bank", "city"])),
            "paid_to": draw(st.sampled_from(["insurer", "guarantor", "outside"])),
            **measure,
        }
    return found


@st.composite
def repayments(draw: st.DrawFn, tenor: int) -> tuple[dict[str, Any], int]:
    """How a loan is repaid, and of how many months the later drawings are multiples."""
    schedule = draw(st.sampled_from(["bullet", "equal principal", "annuity"]))
    found: dict[str, Any] = {"schedule": schedule}
    step = 1
    if schedule != "bullet":
        every = draw(st.integers(1, 6))
        found["every"] = f"{every} months"
        step = every
    if schedule != "annuity" and draw(st.booleans()):
        every = draw(st.integers(1, 6))
        found["interest_every"] = f"{every} months"
        step = lcm(step, every)
    if schedule == "bullet" and draw(st.booleans()):
        found["sweep"] = {
            "of": "licence_fees",
            "share": draw(_percent(0, 10_000)),
            "every": f"{draw(st.integers(1, tenor - 1))} months",
            "licensee_default_rate": draw(_percent(0, 5000)),
        }
    return found, step


@st.composite
def products(draw: st.DrawFn) -> dict[str, Any]:
    """A product with terms of all sorts."""
    tenor = draw(st.sampled_from([6, 12, 18, 25]))
    repayment, step = draw(repayments(tenor))
    agreement = {**SPLITS[draw(st.sampled_from(sorted(SPLITS)))]}
    agreement["covers"] = draw(st.sampled_from(["principal", "principal and interest"]))
    agreement["same_day"] = draw(st.sampled_from(["in order", "pro rata"]))
    settings: dict[str, Any] = {
        "tenor": f"{tenor} months",
        "price": {"interest": draw(_percent(0, 1500)), "charges": draw(charges())},
        "repayment": repayment,
        "risk_sharing": agreement,
        "amount": {"drawn_share": draw(st.sampled_from(["100%", "73%"]))},
        "flow": [{"credit approval": {"elapsed": "0 min", "by": "bank", "reserves": "programme"}}, INSTANT, DRAWDOWN],
    }
    months = range(step, tenor, step)
    if months and draw(st.booleans()):
        chosen = draw(st.lists(st.sampled_from(list(months)), min_size=1, max_size=2))
        settings["drawings"] = [{"share": draw(_percent(1, 4900)), "after": f"{month} months"} for month in chosen]
    if repayment["schedule"] == "bullet" and draw(st.booleans()):
        settings["renewal"] = {"share": draw(_percent(5000, 10_000)), "at_most": draw(st.integers(1, 2))}
    if draw(st.booleans()):
        cover = {"at_least": draw(_percent(0, 25_000)), "topped_up": draw(_percent(0, 10_000))}
        settings["servicing"] = [
            {"status monitoring": {"elapsed": "3 days", "every": "5 months", "cover": cover, "odds": {
                "exit": draw(_percent(0, 2000)), "sound": "rest"}}}
        ]  # fmt: skip
    if draw(st.booleans()):
        settings["recovery"] = {"by": draw(st.sampled_from(["insurer", "city", "guarantor"]))}
    return lent(**settings)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """Up to two subsidies."""
    found = {}
    for number in range(draw(st.integers(0, 2))):
        found[f"subsidy {number}"] = {
            "of": draw(st.sampled_from(["interest", "guarantee fee", "premium"])),
            "share": draw(_percent(0, 10_000)),
            "per": draw(st.sampled_from(["loan", "applicant", "applicant and year"])),
            "paid_by": "nation",
            "paid_to": draw(st.sampled_from(["firm", "payer"])),
            **({"at_most": f"{draw(st.integers(0, 50_000))} CNY"} if draw(st.booleans()) else {}),
            **({"eligibility": {"small": True}} if draw(st.booleans()) else {}),
        }
    return found


class Programme(NamedTuple):
    """What is random of a programme, short enough to be read when a property fails."""

    products: dict[str, Any]
    policy: dict[str, Any]
    loans_for: str


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """One or two products among which the firms choose."""
    offered = {name: draw(products()) for name in ("first", "second")[: draw(st.integers(1, 2))]}
    if len(offered) == 2:
        offered["first"]["eligibility"] = {"small": True}
    return Programme(offered, draw(policies()), draw(st.sampled_from(["200 days", "2 years", "5 years"])))


def world_of(programme: Programme, **rest: Any) -> Scenario:
    """A world of about twenty firms, four in ten of which default within a year; two applications bear one name."""
    twins = [
        {"at": f"2021-03-{day} 10:00", "name": "Apex", "attributes": {"amount_requested": "900001.01 CNY"}}
        for day in ("02", "09")
    ]
    credit = {
        "annual_default_rate": "40%", "correlation": "20%", "claim_after": {"uniform": ["0 days", "90 days"]},
        "recovery": {
            "haircut": {"uniform": ["20%", "110%"]}, "cost": {"uniform": ["0%", "30%"]},
            "time": {"uniform": ["0 days", "300 days"]}, "decay": "10%", "volatility": "20%", "on_factor": "30%",
        },
    }  # fmt: skip
    chosen = {"prefer": list(programme.products), "fallback": True}
    applicants = {"arrivals": {"per_working_day": 1.2}, "also": twins, **chosen}
    return world(
        products=programme.products,
        policy=programme.policy,
        parties=PARTIES,
        population=POPULATION,
        credit=credit,
        applicants=applicants,
        quotas={"programme": {"limit": "20m CNY"}},
        run={"arrivals_for": "3 weeks", "follow_up": {"cases": "500 days", "loans": programme.loans_for}},
        **rest,
    )
