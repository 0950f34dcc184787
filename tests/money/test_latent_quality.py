"""Latent quality: what reviews see of it, whom they let through, and how that changes who defaults."""

from __future__ import annotations

from functools import cache
from math import sqrt
from typing import Any

import numpy as np
import pytest
from money_worlds import DRAWDOWN, lent, world

from simulator.credit.loans import CreditRisk, rated
from simulator.experiment.replication import replicate
from simulator.scenario.credit import Credit
from simulator.scenario.load import from_data
from simulator.scenario.model import Scenario
from simulator.streams import Streams
from simulator.workflow.case import DECLINED, DRAWN
from simulator.workflow.world import Happened

DECLINED_SHARE, RATE = 0.3, 0.2


def reviewed(
    informative: str | None, *, weight: str = "60%", correlation: str = "0%", odds: Any = None, more: Any = (),
    per_day: int = 200, product: Any = None, applicants: Any = None, population: Any = None, rate: Any = "20%",
) -> Scenario:  # fmt: skip
    """Firms of which a review declines 30%; of all firms 20% would default within the year."""
    seen = {} if informative is None else {"informative": informative}
    review = {"elapsed": "1 day", "odds": odds or {"declined": "30%", "approved": "rest"}, **seen}
    return world(
        product=lent(flow=[{"guarantee review": review}, *more, DRAWDOWN], **(product or {})),
        applicants={"arrivals": {"per_working_day": per_day}, **(applicants or {})},
        run={"arrivals_for": "4 weeks"},
        credit={"annual_default_rate": rate, "correlation": correlation, "quality_weight": weight},
        population=population,
    )


def close(share: float, expected: float, count: int) -> bool:
    """Whether a share of `count` independent cases is within four standard errors of what is expected."""
    return abs(share - expected) < 4 * sqrt(expected * (1 - expected) / count)


def both_below(first: float, second: float, correlation: float) -> float:
    """P(X < a, Y < b) of two standard normal numbers, a and b given by their own probabilities."""
    from scipy.integrate import quad
    from scipy.stats import norm

    a, b = norm.ppf([first, second])
    own = sqrt(1 - correlation**2)
    return float(quad(lambda x: norm.pdf(x) * norm.cdf((b - correlation * x) / own), -12, a, epsabs=1e-12)[0])


@cache
def ran(informative: str | None, weight: str = "60%") -> Happened:
    """The first replication of such a world, run once for all tests that look at it."""
    return replicate(reviewed(informative, weight=weight), 1)


def lost_share(happened: Happened) -> tuple[float, int]:
    count = len(happened.loans)
    return len(happened.losses) / count, count


@pytest.mark.parametrize("weight", ["0%", "60%"])
def test_a_review_that_sees_nothing_of_quality_decides_to_the_bit_like_one_that_does_not_look(weight: str) -> None:
    without, blind = ran(None, weight=weight), ran("0%", weight=weight)
    assert np.array_equal(without.steps, blind.steps)
    assert [loss.defaulted_at for loss in without.losses] == [loss.defaulted_at for loss in blind.losses]
    assert ledger_of(without) == ledger_of(blind)


def ledger_of(happened: Happened) -> list[Any]:
    return list(happened.payments)


@pytest.mark.parametrize("informative", [0.0, 0.3, 0.8, 1.0])
def test_whoever_is_let_through_is_as_good_on_average_as_the_normal_threshold_says(informative: float) -> None:
    from scipy.stats import norm

    happened = ran(f"{informative:.0%}")
    quality = happened.firms.quality
    approved = happened.end == DRAWN
    count = int(approved.sum())
    assert count > 2500
    # E(Q | c Q + sqrt(1 - c^2) E > z) = c phi(z) / (1 - Phi(z)); its variance is at most 1
    expected = informative * norm.pdf(norm.ppf(DECLINED_SHARE)) / (1 - DECLINED_SHARE)
    assert abs(quality[approved].mean() - expected) < 4 / sqrt(count)
    assert abs(quality.mean()) < 4 / sqrt(len(quality))


@pytest.mark.parametrize("informative", ["0%", "80%", "100%"])
def test_of_all_firms_a_review_declines_as_many_as_its_odds_say(informative: str) -> None:
    happened = ran(informative)
    count = len(happened.firms)
    assert close(float((happened.end == DECLINED).mean()), DECLINED_SHARE, count)


def test_a_review_that_sees_quality_as_it_is_declines_exactly_the_weakest() -> None:
    happened = ran("100%")
    quality, declined = happened.firms.quality, happened.end == DECLINED
    assert quality[declined].max() < quality[~declined].min()


def test_of_three_outcomes_the_best_firms_get_the_first_and_the_weakest_the_last() -> None:
    odds = {"declined": "20%", "returned": "30%", "approved": "rest"}
    happened = replicate(
        world(
            product=lent(
                flow=[{"guarantee review": {"elapsed": "1 day", "odds": odds, "informative": "100%", "on": {
                    "returned": "end withdrawn"}}}, DRAWDOWN],
            ),
            applicants={"arrivals": {"per_working_day": 50}}, run={"arrivals_for": "4 weeks"},
        ),
        1,
    )  # fmt: skip
    quality, rows = happened.firms.quality, happened.steps
    returned, declined = (quality[rows["case"][rows["outcome"] == outcome]] for outcome in (1, 2))
    assert declined.max() < returned.min() < returned.max() < quality[happened.end == DRAWN].min()


@pytest.mark.parametrize(("informative", "weight"), [(0.0, 0.6), (0.8, 0.6), (0.8, 0.0), (1.0, 1.0), (0.3, 0.6)])
def test_the_default_rate_of_those_let_through_is_that_of_the_bivariate_normal(
    informative: float, weight: float
) -> None:
    share, count = lost_share(ran(f"{informative:.0%}", weight=f"{weight:.0%}"))
    # What the review sees and what decides the default correlate by c sqrt(w)
    seen = informative * sqrt(weight)
    both = both_below(RATE, DECLINED_SHARE, seen) if seen < 1 else min(RATE, DECLINED_SHARE)
    expected = (RATE - both) / (1 - DECLINED_SHARE)
    if not expected:
        assert share == 0
    else:
        assert close(share, expected, count)


def test_reviews_do_not_touch_defaults_where_quality_decides_none_of_them() -> None:
    blind, keen = (ran(sees, weight="0%") for sees in ("0%", "100%"))
    moments = [{loss.case: loss.defaulted_at for loss in each.losses} for each in (blind, keen)]
    common = moments[0].keys() & moments[1].keys()
    assert len(common) > 200
    assert all(moments[0][case] == moments[1][case] for case in common)
    assert abs(lost_share(keen)[0] - lost_share(blind)[0]) < 0.03


def test_a_firm_that_two_worlds_both_lend_to_defaults_at_the_same_moment_in_both() -> None:
    blind, keen = (ran(sees) for sees in ("0%", "80%"))
    lent_to = {loan.case for loan in blind.loans} & {loan.case for loan in keen.loans}
    moments = [{loss.case: loss.defaulted_at for loss in each.losses if loss.case in lent_to} for each in (blind, keen)]
    assert moments[0] == moments[1]
    assert len(moments[0]) > 100


def test_a_second_look_with_noise_of_its_own_sees_more() -> None:
    again = {"elapsed": "1 day", "odds": {"declined": "30%", "approved": "rest"}, "informative": "60%"}
    once, twice = (replicate(reviewed("60%", more=more), 1) for more in ([], [{"credit approval": again}]))
    qualities = [each.firms.quality[each.end == DRAWN].mean() for each in (once, twice)]
    assert qualities[1] > qualities[0] + 0.1
    # Those that the first let through are better than all firms, so that the second declines fewer of them
    met = twice.steps[twice.steps["step"] == 1]
    declined = float((met["outcome"] == 2).mean())
    assert 0.15 < declined < 0.27
    assert lost_share(twice)[0] < lost_share(once)[0]


def test_a_dropped_review_adds_the_losses_of_those_it_would_have_stopped() -> None:
    dropped = world(
        product=lent(), applicants={"arrivals": {"per_working_day": 200}}, run={"arrivals_for": "4 weeks"},
        credit={"annual_default_rate": "20%", "quality_weight": "60%"},
    )  # fmt: skip
    with_review = ran("80%")
    without = replicate(dropped, 1)
    lost = {loss.case for loss in with_review.losses}
    assert lost < {loss.case for loss in without.losses}
    assert len(without.losses) - len(lost) == sum(with_review.end[loss.case] == DECLINED for loss in without.losses)


def test_a_property_may_go_together_with_quality() -> None:
    matched = {"correlations": [{"between": ["annual_sales", "latent quality"], "rho": 0.7}]}
    sales = {"annual_sales": {"lognormal": {"median": "5m CNY", "p90": "20m CNY"}}}
    happened = replicate(reviewed("80%", applicants=matched, population=sales), 1)
    logs = np.log(happened.firms.columns["annual_sales"])
    count = len(logs)
    assert abs(np.corrcoef(logs, happened.firms.quality)[0, 1] - 0.7) < 4 * 0.51 / sqrt(count)
    assert logs[happened.end == DRAWN].mean() > logs[happened.end == DECLINED].mean()
    # Its own draw stays what it is
    alone = replicate(reviewed("80%", population=sales), 1)
    assert np.allclose(logs, np.log(alone.firms.columns["annual_sales"]), rtol=1e-8)


BANDS = [
    {"below": 40, "annual_default_rate": "30%"},
    {"below": 70, "annual_default_rate": "10%"},
    {"annual_default_rate": "2%"},
]


def test_each_band_of_a_score_has_its_own_default_rate() -> None:
    scoring = {"scoring": {"of": "score", "bands": BANDS}}
    told = reviewed(None, odds={"declined": "0%", "approved": "rest"}, product=scoring, per_day=300, weight="0%",
                    population={"score": {"uniform": [0, 100]}})  # fmt: skip
    happened = replicate(told, 1)
    score = happened.firms.columns["score"]
    lost = np.isin(np.arange(len(score)), [loss.case for loss in happened.losses])
    for low, high, rate in ((-1, 40, 0.3), (40, 70, 0.1), (70, 101, 0.02)):
        mine = (score >= low) & (score < high)
        assert mine.sum() > 1000
        assert close(float(lost[mine].mean()), rate, int(mine.sum()))


def test_a_score_at_a_bound_belongs_to_the_band_above_it() -> None:
    bands = [{"below": 40, "annual_default_rate": "100%"}, {"annual_default_rate": "0%"}]
    firms = [{"at": "2021-03-01 10:00", "attributes": {"score": score}} for score in (39, 40, 41)]
    told = world(
        *firms, product={"scoring": {"of": "score", "bands": bands}}, population={"score": {"uniform": [0, 100]}},
        credit={"annual_default_rate": "50%"},
    )  # fmt: skip
    assert [loss.case for loss in replicate(told, 1).losses] == [0]


def test_a_share_may_be_a_score() -> None:
    bands = [{"below": "40%", "annual_default_rate": "100%"}, {"annual_default_rate": "0%"}]
    firms = [{"at": "2021-03-01 10:00", "attributes": {"score": score}} for score in ("39.99%", "40%")]
    told = world(
        *firms, product={"scoring": {"of": "score", "bands": bands}},
        population={"score": {"uniform": ["0%", "100%"]}},
    )  # fmt: skip
    assert [loss.case for loss in replicate(told, 1).losses] == [0]


def credit_of(rate: str, correlation: str, weight: str = "0%") -> Credit:
    recovery = {"haircut": "50%", "cost": "0%", "time": "1 day"}
    told = {"annual_default_rate": rate, "correlation": correlation, "quality_weight": weight, "claim_after": "1 day"}
    credit = from_data({"id": "base", "kind": "base", "credit": {**told, "recovery": recovery}}).scenario.credit
    assert credit is not None
    return credit


@pytest.mark.parametrize(
    ("replications", "correlation", "weight"),
    [
        (400, 0.0, 0.0), (400, 0.2, 0.0), (400, 0.2, 0.5),
        pytest.param(8000, 0.12, 0.0, marks=pytest.mark.slow), pytest.param(8000, 0.3, 0.4, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_two_firms_default_together_as_often_as_the_bivariate_normal_says(
    replications: int, correlation: float, weight: float
) -> None:
    credit, firms = credit_of("10%", f"{correlation:.0%}", f"{weight:.0%}"), 200
    rates = rated(credit, None, {}, firms)
    from scipy.special import ndtri

    pairs, shares = [], []
    for number in range(1, replications + 1):
        streams = Streams(3, number)
        quality = ndtri(streams.uniforms("firm: latent quality", firms))
        lost = int((CreditRisk.of(credit, streams, quality).draws(rates).default_years < 1).sum())
        pairs.append(lost * (lost - 1) / (firms * (firms - 1)))
        shares.append(lost / firms)
    for found, expected in ((pairs, both_below(0.1, 0.1, correlation)), (shares, 0.1)):
        assert abs(np.mean(found) - expected) < 4 * np.std(found) / sqrt(replications)


def test_in_one_world_defaults_cluster_where_fortunes_go_together() -> None:
    def spread(correlation: str) -> float:
        told = reviewed(None, odds={"declined": "0%", "approved": "rest"}, correlation=correlation, per_day=5)
        return float(np.std([len(replicate(told, number).losses) for number in range(1, 13)]))

    assert spread("50%") > 2 * spread("0%")
