"""Internal rates of return against documented examples, by hand, and one by one against many at once."""

from __future__ import annotations

from datetime import date
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.credit.internal_rate import HIGHEST, LOWEST, internal_rate, internal_rates


def test_dated_payments_have_the_rate_that_spreadsheets_document() -> None:
    days = [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)]
    years = [(day - days[0]).days / 365 for day in days]
    # The example of the documentation of XIRR.
    assert internal_rate(years, [-10_000, 2_750, 4_250, 3_250, 2_750]) == pytest.approx(0.373362535, abs=5e-9)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        # The examples of the documentation of the spreadsheet function IRR.
        ([-70_000, 12_000, 15_000, 18_000, 21_000], -0.021244848),
        ([-70_000, 12_000, 15_000, 18_000, 21_000, 26_000], 0.086630948),
        ([-70_000, 12_000, 15_000], -0.443506941),
        # Those of the documentation of NumPy's irr.
        ([-100, 39, 59, 55, 20], 0.28095),
        ([-100, 0, 0, 74], -0.0955),
        ([-100, 100, 0, -7], -0.0833),
        ([-100, 100, 0, 7], 0.06206),
        ([-5, 10.5, 1, -8, 1], 0.0886),
    ],
)
def test_yearly_payments_have_the_documented_rate(flows: list[float], rate: float) -> None:
    assert internal_rate(range(len(flows)), flows) == pytest.approx(rate, abs=5e-6)


def test_a_loan_repaid_with_its_interest_costs_its_rate() -> None:
    assert internal_rate([0, 1], [100, -105]) == pytest.approx(0.05)
    assert internal_rate([0, 0.5], [100, -105]) == pytest.approx(1.05**2 - 1)
    assert internal_rate([0, 1], [100, -100]) == 0.0


def test_a_fee_that_is_paid_before_makes_a_loan_dearer() -> None:
    without, with_fee = internal_rate([0, 1], [98, -105]), internal_rate([-0.1, 0, 1], [-2, 100, -105])
    assert without == pytest.approx(105 / 98 - 1)
    assert with_fee > 0.05
    assert sum(flow * (1 + with_fee) ** -t for t, flow in [(-0.1, -2), (0, 100), (1, -105)]) == pytest.approx(0)


def test_of_several_rates_the_one_nearest_to_nothing_counts() -> None:
    # (1.05 x - 1) (3 x - 1) with x = 1 / (1 + r): a small rate and a huge one.
    flows = [1.0, -(1.05 + 3), 1.05 * 3]
    assert internal_rate([0, 1, 2], flows) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("times", "flows"),
    [
        ([], []),
        ([0.0], [100.0]),
        ([0.0, 1.0], [100.0, 5.0]),
        ([0.0, 1.0], [-100.0, -5.0]),
        ([0.0, 0.0], [100.0, -100.0]),
        ([0.0, 1.0, 2.0], [1.0, -1.0, 1.0]),
        ([0.0, 1.0], [1.0, -1e6]),
    ],
)
def test_payments_without_a_rate_have_none(times: list[float], flows: list[float]) -> None:
    assert isnan(internal_rate(times, flows))
    assert isnan(internal_rates(np.array([times]), np.array([flows]))[0])


def test_rates_are_found_to_the_ends_of_the_range() -> None:
    for rate in (LOWEST, -0.99, 10.0, HIGHEST):
        flows = [1.0, -(1 + rate) * (1 if rate != HIGHEST else 1 - 1e-12)]
        assert internal_rate([0, 1], flows) == pytest.approx(rate)


def test_what_is_not_finite_is_refused() -> None:
    for times, flows in ([0.0, nan], [1.0, -1.0]), ([0.0, 1.0], [float("inf"), -1.0]):
        with pytest.raises(ValueError, match="must be finite"):
            internal_rate(times, flows)
        with pytest.raises(ValueError, match="must be finite"):
            internal_rates(np.array([times]), np.array([flows]))
    with pytest.raises(ValueError, match=r"must be \(firms, payments\)"):
        internal_rates(np.zeros((2, 3)), np.zeros((2, 4)))


amounts = st.one_of(st.just(0.0), st.integers(-(10**6), 10**6).map(float))
times = st.integers(-12, 120).map(lambda months: months / 12)
payments = st.lists(st.tuples(times, amounts), min_size=1, max_size=6)


@given(st.lists(payments, min_size=1, max_size=5))
def test_many_firms_at_once_have_the_rates_they_have_one_by_one(firms: list[list[tuple[float, float]]]) -> None:
    width = max(len(firm) for firm in firms)
    table = np.zeros((2, len(firms), width))
    for number, firm in enumerate(firms):
        table[:, number, : len(firm)] = np.transpose(firm)
    for found, firm in zip(internal_rates(table[0], table[1]), firms, strict=True):
        alone = internal_rate([time for time, _ in firm], [flow for _, flow in firm])
        assert found == pytest.approx(alone, rel=1e-6, abs=1e-9, nan_ok=True)


@given(payments)
def test_a_rate_discounts_all_payments_to_nothing(firm: list[tuple[float, float]]) -> None:
    rate = internal_rate([time for time, _ in firm], [flow for _, flow in firm])
    if not isnan(rate):
        terms = [flow * (1 + rate) ** -time for time, flow in firm]
        assert abs(sum(terms)) <= 1e-8 * sum(map(abs, terms))


@given(st.integers(1, 10**7), st.floats(-0.5, 5), times.filter(lambda time: time > 0.05))
def test_the_rate_of_a_bullet_is_found_again(principal: int, rate: float, years: float) -> None:
    assert internal_rate([0, years], [principal, -principal * (1 + rate) ** years]) == pytest.approx(rate, abs=1e-9)
