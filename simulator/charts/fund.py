"""How long the funds of a risk-sharing agreement last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.analysis.fund_path import FEWEST, balances
from simulator.analysis.intervals import tells_quantile
from simulator.calendars import minutes_since, moment_at
from simulator.charts.dates import day_number
from simulator.charts.fan import MOST_PANELS, QUANTILES, Fan, Floats, draw_fans
from simulator.charts.fonts import readable
from simulator.charts.labels import cut, distinct, money_text, shown
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.scenario.agreement import RiskSharing
from simulator.scenario.agreement_parts import TopUp
from simulator.scenario.spoken_names import called
from simulator.texts import phrase, say, say_count, told

TITLE = phrase("What is left in the fund")
MOMENTS = 400
MOST_TOP_UPS = 2
"""Of more only the number and the sum are told."""


@readable()
def draw(comparison: Comparison) -> Figure | None:
    """Balance over time with its spread over replications, and when each fund was used up; None without a fund."""
    series = series_of(comparison)
    having = [one for one in series if _has_fund(one)]
    if not having:
        return None
    fans = [_fan(one, name) for one in having for name in one.product.risk_sharing.funds]
    labels = distinct(_label(one, name) for one in having for name in one.product.risk_sharing.funds)
    rest = [cut(label, 40) for label in labels[MOST_PANELS:]]
    few = comparison.replications < FEWEST
    warm_up = any(one.run.warm_up for one in having)
    notes = [
        told(
            say("With fewer than {count} replications there are no bands, but a line for each.", count=FEWEST)
            if few
            else "",
            say("Used up: for the first time; a date is the median of the replications in which it was, ten or more."),
            say("Loans of the warm-up draw on it too.") if warm_up else "",
        ),
        say("More funds: {names}.", names=say(", ").join(rest)) if rest else "",
        *notes_of(comparison, series, _has_fund),
    ]
    return draw_fans(say(TITLE), setting_of(comparison, having), fans, notes, "replications")


def _fan(one: Series, fund: str) -> Fan:
    last = one.happened.last_loan_moment
    top_ups = _top_ups(one, fund)
    paid_in = [minutes_since(one.run.start, each.on) for each in top_ups]
    moments = np.unique([*np.linspace(0.0, last, MOMENTS), *paid_in])
    left = balances(one.measures, fund, moments)
    few = len(one.measures) < FEWEST
    told_ones = [each for each in QUANTILES if tells_quantile(len(one.measures), each)]
    return Fan(
        label=_label(one, fund),
        said=_said(one, fund, top_ups),
        days=np.array([day_number(one.run.start, moment) for moment in moments]),
        quantiles={} if few else {each: np.quantile(left, each, axis=0) for each in told_ones},
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
    count, times = len(used_up), len(emptied)
    lines = [
        say_count("used up in {times} of {n} replication", "used up in {times} of {n} replications", count, times=times)
        if times
        else say_count("used up in none of {n} replication", "used up in none of {n} replications", count)
    ]
    if tells_quantile(times, 0.5):
        lines.append(say("{day} (median)", day=moment_at(one.run.start, float(np.median(emptied))).date()))
    at_first = one.measures[0].fund_history[fund][0][1]
    left = float(np.mean([each.fund_left[fund] for each in one.measures]))
    return lines + left_in_words(left, at_first, top_ups)


def left_in_words(left: float, at_first: int, top_ups: Sequence[TopUp]) -> list[str]:
    """What a fund holds at last, at first, and what was paid in between."""
    lines = [say("{left} of {first} left (mean)", left=money_text(left), first=money_text(at_first))]
    if len(top_ups) > MOST_TOP_UPS:
        total = money_text(sum(each.amount for each in top_ups))
        lines.append(say("{count} top-ups, {total} in all", count=len(top_ups), total=total))
    elif top_ups:
        amounts = say(" and ").join(money_text(each.amount) for each in top_ups)
        lines.append(say("topped up by {amounts}", amounts=amounts))
    return lines


def _has_fund(one: Series) -> bool:
    return bool(one.product.risk_sharing.funds)


def _label(one: Series, fund: str) -> str:
    """A panel's name: the world's, with the fund's where it has several."""
    several = len(one.product.risk_sharing.funds) > 1
    return f"{one.label} / {names_of_meters(one.product.risk_sharing)[fund]}" if several else one.label


def names_of_meters(sharing: RiskSharing) -> dict[str, str]:
    """What is drawn for the funds, limits and rates of an agreement, by their keys."""
    named = {
        **{key: fund.name for key, fund in sharing.funds.items()},
        **{key: limit.name for key, limit in sharing.limits.items()},
        **{key: rate.name for key, rate in sharing.rates.items()},
    }
    return {key: shown(called(key, name), name) for key, name in named.items()}
