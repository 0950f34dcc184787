"""What the IP is worth as time goes by, and what a sale brings in good and in bad times."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
import pytest
from money_worlds import firm, world

from simulator.credit.loans import CreditRisk, common_factor, rated
from simulator.experiment.replication import replicate
from simulator.scenario.load import from_data
from simulator.streams import Streams
from simulator.workflow.world import Happened


def sold_after(days: int, *firms: Any, many: bool = False, recovery: Any = None, number: int = 1) -> Happened:
    """Firms that default at once and whose IP, worth 2m, is sold so many days after drawdown at no haircut and cost."""
    given = {"haircut": "0%", "cost": "0%", "time": f"{days} days", **(recovery or {})}
    crowd = {"applicants": {"arrivals": {"per_working_day": 60}}, "run": {"arrivals_for": "4 weeks"}} if many else {}
    told = world(*firms, recovery=given, credit={"annual_default_rate": "100%", "claim_after": "0 min"}, **crowd)
    return replicate(told, number)


@pytest.mark.parametrize(("days", "value"), [(0, 200_000_000), (365, 160_000_000), (730, 128_000_000)])
def test_the_ip_loses_its_share_of_value_each_year_from_drawdown_on(days: int, value: int) -> None:
    (loss,) = sold_after(days, recovery={"decay": "20%"}).losses
    assert loss.proceeds == value


def test_half_a_year_is_the_root_of_a_year() -> None:
    (loss,) = sold_after(146, recovery={"decay": "20%"}).losses
    assert loss.proceeds == round(200_000_000 * 0.8**0.4)


@pytest.mark.parametrize("days", [146, 584])
def test_values_scatter_lognormally_around_the_mean_and_the_wider_the_later(days: int) -> None:
    losses = sold_after(days, many=True, recovery={"volatility": "30%", "decay": "20%"}).losses
    years, count = days / 365, len(losses)
    values = np.array([loss.proceeds / 200_000_000 for loss in losses])
    assert count > 1000
    spread = 0.3 * sqrt(years)
    assert abs(np.log(values).std(ddof=1) - spread) < 4 * spread / sqrt(2 * count)
    assert abs(np.log(values).mean() - (years * log(0.8) - spread**2 / 2)) < 4 * spread / sqrt(count)
    mean, sd = 0.8**years, 0.8**years * sqrt(np.expm1(spread**2))
    assert abs(values.mean() - mean) < 4 * sd / sqrt(count)


def test_ip_that_has_done_badly_goes_on_doing_so() -> None:
    early, late = (
        {loss.case: loss.proceeds for loss in sold_after(days, many=True, recovery={"volatility": "30%"}).losses}
        for days in (100, 400)
    )
    assert [case for case, _ in sorted(early.items(), key=lambda each: each[1])] == [
        case for case, _ in sorted(late.items(), key=lambda each: each[1])
    ]


def test_without_decay_and_volatility_the_ip_keeps_its_value() -> None:
    assert {loss.proceeds for loss in sold_after(1500, many=True).losses} == {200_000_000}


def test_nobody_gets_money_for_ip_of_negative_value() -> None:
    told = sold_after(0, firm(appraised_value="-5m CNY"))
    assert [loss.proceeds for loss in told.losses] == [0]


ON_FACTOR = {"haircut": {"uniform": ["0%", "100%"]}, "on_factor": "100%"}


def test_a_haircut_that_follows_the_factor_is_the_same_for_all_and_low_in_good_times() -> None:
    from scipy.special import ndtr

    haircuts = []
    for number in range(1, 9):
        losses = sold_after(0, firm(), firm(), firm(), recovery=ON_FACTOR, number=number).losses
        (proceeds,) = {loss.proceeds for loss in losses}
        haircuts.append(1 - proceeds / 200_000_000)
        # The higher the factor, the better the times
        assert haircuts[-1] == pytest.approx(float(ndtr(-common_factor(Streams(1, number)))), abs=1e-8)
    assert len(set(haircuts)) == 8


def test_bad_times_have_more_defaults_and_larger_haircuts() -> None:
    lost, haircut = [], []
    for number in range(1, 13):
        told = world(
            applicants={"arrivals": {"per_working_day": 20}}, run={"arrivals_for": "4 weeks"},
            credit={"annual_default_rate": "30%", "correlation": "40%"}, recovery=ON_FACTOR,
        )  # fmt: skip
        losses = replicate(told, number).losses
        lost.append(len(losses))
        haircut.append(1 - losses[0].proceeds / 200_000_000 if losses else 0.0)
    assert np.corrcoef(lost, haircut)[0, 1] > 0.6


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_the_normal_scores_of_haircuts_correlate_with_the_factor_as_stated_and_stay_uniform(share: float) -> None:
    from scipy.special import ndtri

    recovery = {"haircut": {"uniform": ["0%", "100%"]}, "cost": "0%", "time": "1 day", "on_factor": f"{share:.0%}"}
    credit = from_data({"id": "base", "kind": "base", "credit": {
        "annual_default_rate": "1%", "claim_after": "1 day", "recovery": recovery}}).scenario.credit  # fmt: skip
    assert credit is not None
    rates, factors, scores = rated(credit, None, {}, 20), [], []
    for number in range(1, 1001):
        risk = CreditRisk.of(credit, Streams(7, number), np.zeros(20))
        factors.append(risk.factor)
        scores.append(ndtri(risk.draws(rates).haircut))
    found, factor = np.array(scores), np.array(factors)
    # Of 20 firms that share a factor, in 1000 independent replications
    by_factor = (found.mean(axis=1) * factor).mean()
    assert abs(by_factor + share) < 4 * sqrt((1 + share**2) / 1000)
    assert abs(found.mean()) < 4 * sqrt(share**2 / 1000 + 1 / 20_000)
    assert abs((found**2).mean() - 1) < 4 * sqrt(2 * share**4 / 1000 + 2 / 20_000)
