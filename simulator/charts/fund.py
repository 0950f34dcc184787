"""How long the funds of a risk-sharing agreement last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.analysis.fund_path import FEWEST, balances
from simulator.calendars import minutes_since, moment_at
from simulator.charts.dates import day_number
from simulator.charts.fan import MOST_PANELS, QUANTILES, Fan, Floats, draw_fans
from simulator.charts.labels import cut, distinct, money_text, shown
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.scenario.agreement_parts import TopUp

TITLE = "What is left in the fund"
MOMENTS = 400
MOST_TOP_UPS = 2
"""Of more only the number and the sum are told."""


def draw(comparison: Comparison) -> Figure | None:
    """Balance over time with its spread over replications, and when each fund was used up; None without a fund."""
    series = series_of(comparison)
    having = [one for one in series if _has_fund(one)]
    if not having:
        return None
    fans = [_fan(one, name) for one in having for name in one.product.risk_sharing.funds]
    labels = distinct(_label(one, name, having) for one in having for name in one.product.risk_sharing.funds)
    rest = [cut(label, 40) for label in labels[MOST_PANELS:]]
    few = comparison.replications < FEWEST
    warm_up = any(one.run.warm_up for one in having)
    notes = [
        f"With fewer than {FEWEST} replications there are no bands, but a line for each. " * few
        + "Used up: for the first time; the date is the median of the replications in which it was."
        + " Loans of the warm-up draw on it too." * warm_up,
        f"More funds: {', '.join(rest)}." if rest else "",
        *notes_of(comparison, series, _has_fund),
    ]
    return draw_fans(TITLE, setting_of(comparison, having), fans, notes, "replications")


def _fan(one: Series, fund: str) -> Fan:
    last = one.happened.last_loan_moment
    top_ups = _top_ups(one, fund)
    paid_in = [minutes_since(one.run.start, each.on) for each in top_ups]
    moments = np.unique([*np.linspace(0.0, last, MOMENTS), *paid_in])
    left = balances(one.measures, fund, moments)
    few = len(one.measures) < FEWEST
    return Fan(
        label=_label(one, fund, [one]),
        said=_said(one, fund, top_ups),
        days=np.array([day_number(one.run.start, moment) for moment in moments]),
        quantiles={} if few else dict(zip(QUANTILES, np.quantile(left, QUANTILES, axis=0), strict=True)),
        lines=[_course(one, fund, number, last) for number in range(len(one.measures) if few else 1)],
        top_ups=[day_number(one.run.start, moment) for moment in paid_in],
        colour=one.colour,
        line=one.line,
    )


def _course(one: Series, fund: str, number: int, last: float) -> tuple[Floats, Floats]:
    """Every change of a fund in one replication: days and fen."""
    history = one.measures[number].fund_history[fund]
    days = [day_number(one.run.start, moment) for moment, _ in [*history, (last, 0)]]
    return np.array(days), np.array([fen for _, fen in [*history, history[-1]]], dtype=np.float64)


def _top_ups(one: Series, fund: str) -> list[TopUp]:
    """Those of the time that is followed; earlier ones are in the fund when it begins."""
    last = moment_at(one.run.start, one.happened.last_loan_moment).date()
    return [each for each in one.product.risk_sharing.funds[fund].top_ups if one.run.start < each.on <= last]


def _said(one: Series, fund: str, top_ups: list[TopUp]) -> list[str]:
    used_up = np.array([each.fund_used_up_at[fund] for each in one.measures])
    emptied = used_up[np.isfinite(used_up)]
    count = len(used_up)
    told = [f"used up in {len(emptied) or 'none'} of {count} replication{'s' * (count > 1)}"]
    if len(emptied):
        told.append(f"{moment_at(one.run.start, float(np.median(emptied))).date()} (median)")
    at_first = one.measures[0].fund_history[fund][0][1]
    left = float(np.mean([each.fund_left[fund] for each in one.measures]))
    return told + left_in_words(left, at_first, top_ups)


def left_in_words(left: float, at_first: int, top_ups: Sequence[TopUp]) -> list[str]:
    """What a fund holds at last, at first, and what was paid in between."""
    told = [f"{money_text(left)} of {money_text(at_first)} left (mean)"]
    if len(top_ups) > MOST_TOP_UPS:
        told.append(f"{len(top_ups)} top-ups, {money_text(sum(each.amount for each in top_ups))} in all")
    elif top_ups:
        told.append(f"topped up by {' and '.join(money_text(each.amount) for each in top_ups)}")
    return told


def _has_fund(one: Series) -> bool:
    return bool(one.product.risk_sharing.funds)


def _label(one: Series, fund: str, having: list[Series]) -> str:
    """A panel's name: the world's, with the fund's where it has several."""
    several = len(one.product.risk_sharing.funds) > 1
    return f"{one.label} / {shown(fund)}" if several else one.label
