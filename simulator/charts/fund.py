"""How long the funds of a risk-sharing agreement last."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.calendars import moment_at
from simulator.charts.dates import date_axis, day_number
from simulator.charts.labels import cut, money_text, shown
from simulator.charts.page import FEW, HEIGHT, Page, chart, quiet
from simulator.charts.series import Series, notes_of, series_of, setting_of

TITLE = "What is left in the fund"
FUND_LINES = (1.0, 0.55, 0.35)


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Balance over time in replication 1, and when funds were used up in all; None without a fund."""
    series = series_of(comparison)
    having = [one for one in series if _has_fund(one)]
    if not having:
        return None
    warm_up = any(one.run.warm_up for one in having)
    page = Page(TITLE, setting_of(comparison, having), HEIGHT + 0.28 * max(0, len(having) - FEW))
    page.note(
        "Line: replication 1. Marks at the right: balance at the end of follow-up, mean and 10th to 90th percentile of "
        "the replications. Date: median of the replications in which the fund was used up."
        + (" Loans of the warm-up draw on it too." if warm_up else ""),
        *notes_of(comparison, series, _has_fund),
    )
    page.side_list(having, [_said(one) for one in having])
    (axes,) = page.panels(1, 1)[0]
    ends = [day_number(one.run.start, one.happened.last_loan_moment) for one in having]
    first = min(day_number(one.run.start, 0.0) for one in having)
    length = max(ends) - first
    for place, (one, end) in enumerate(zip(having, ends, strict=True)):
        for number, name in enumerate(one.product.risk_sharing.funds):
            mine = [each for each in one.happened.funds if (each[1], each[2]) == (one.number, name)]
            days = [*(day_number(one.run.start, moment) for moment, *_ in mine), end]
            left = [*(fen / 1e8 for *_, fen in mine), mine[-1][-1] / 1e8]
            faint = FUND_LINES[min(number, 2)]
            axes.step(days, left, where="post", color=one.colour, linestyle=one.line, linewidth=2.2, alpha=faint)
            final = np.array([each.fund_left[name] for each in one.measures]) / 1e8
            low, high = np.quantile(final, (0.1, 0.9))
            at = max(ends) + length * (0.02 + 0.014 * place)
            axes.plot([at, at], [low, high], color=one.colour, linewidth=1.6, alpha=faint)
            axes.plot([at], [final.mean()], "o", color=one.colour, markersize=6, alpha=faint)
    largest = max(fund.balance for one in having for fund in one.product.risk_sharing.funds.values()) / 1e8
    axes.set(xlim=(first, max(ends) + length * (0.04 + 0.014 * len(having))), ylim=(-0.02 * largest, 1.05 * largest))
    axes.set_ylabel("fund balance (m CNY)")
    date_axis(axes)
    quiet(axes, "y")
    return page.figure


def _has_fund(one: Series) -> bool:
    return bool(one.product.risk_sharing.funds)


def _said(one: Series) -> str:
    lines = []
    for name, fund in one.product.risk_sharing.funds.items():
        if len(one.product.risk_sharing.funds) > 1:
            lines.append(cut(shown(name), 34))
        used_up = np.array([each.fund_used_up_at[name] for each in one.measures])
        emptied = np.sort(used_up[np.isfinite(used_up)])
        left = float(np.mean([each.fund_left[name] for each in one.measures]))
        lines.append(f"{money_text(left)} of {money_text(fund.balance)} CNY left (mean)")
        date = f", {moment_at(one.run.start, float(np.median(emptied))).date()}" if len(emptied) else ""
        lines.append(f"used up in {len(emptied)} of {len(used_up)} replications{date}")
    return "\n".join(lines)
