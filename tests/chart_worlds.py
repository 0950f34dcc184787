"""Small worlds for the tests of charts, and what a reader sees on a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import WeakKeyDictionary

import matplotlib.text
import pytest
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison, comparison_of
from simulator.analysis.rounds import run_worlds
from simulator.analysis.warm_up import find_warm_up
from simulator.charts.gallery import CHARTS

SCENARIO = """
id: WORLD
calendars: {{office: {{hours: "9:00-17:00"}}}}
parties:
  district: {{}}
  city: {{}}
  insurer: {{desks: {{underwriter: {{staff: 1}}}}, expense_ratio: 25%}}
  bank:
    cost_of_funds: 2.5%
    desks:
      reviewer: {{staff: {staff}}}
      committee: {{committee: {{meets: [Wednesday], takes: 9, lasts: 2 h}}}}
applicants:
  arrivals: {{per_working_day: {rate}}}
  population: {{amount_requested: {amount}, appraised_value: 6m CNY, fit: {{yes: {fit}}}}}
quotas: {quotas}
products:
  loan:
    eligibility: {{fit: {{equals: true}}}}
    tenor: 12 months
    price: {price}
    flow:
      - due diligence: {{by: bank reviewer, work: {work}, odds: {{reported: 90%, declined: rest}}}}
      - credit approval:
          by: bank committee
          odds: {{approved: 80%, returned: 20%}}
          on: {{returned: due diligence}}
          {reserves}
      - together:
          - [{valuation}: {{stage: valuation, by: insurer underwriter, work: {{exponential: 3 h}}}}]
          - [contract: {{by: bank, elapsed: {{uniform: [1 working days, 3 working days]}}}}]
      - drawdown: {{by: bank reviewer, work: 30 min}}
      {later}
    risk_sharing: {sharing}
policy: {policy}
credit:
  annual_default_rate: {default}
  claim_after: 60 days
  recovery: {{haircut: {{uniform: [50%, 95%]}}, cost: 5%, time: 300 days}}
run:
  start: 2021-01-04
  arrivals_for: 4 months
  warm_up: 10 days
  follow_up: {{cases: 60 days, loans: {loans}}}
  replications: 3
  seed: 7
  drawn_within: 30 days
evidence: {{{evidence}}}
"""
FUND = (
    "{funds: {reserve: {balance: 2m CNY, owner: district}}, "
    "split: {district: {share: 30%, up to: reserve, otherwise: insurer}, insurer: 60%, bank: rest}}"
)
PLAIN = "{split: {insurer: 90%, bank: rest}}"
CHAIN = (
    "{covers: principal and interest, limits: {合作机构首损上限: {at_most: 200k CNY, per: loss}}, "
    "split: {bank: {share: 10%, up to: 合作机构首损上限, otherwise: insurer}, insurer: rest}, "
    "cede: {insurer: {city: 40%, insurer: rest}}}"
)
VARIED = (("amount", "{lognormal: {median: 1m CNY, p90: 3m CNY}, rounded_to: 10k CNY}"),)
PRICE = "{interest: 4.35%, charges: {cover: {kind: premium, rate: 2%, paid_to: insurer}}}"
POLICY = "{interest subsidy: {of: interest, share: 50%, paid_by: district}}"
ORDINARY = {
    "staff": "2", "rate": "1", "fit": "80%", "work": "{triangular: [2 h, 6 h, 12 h]}", "valuation": "valuation",
    "sharing": PLAIN, "default": "30%", "quotas": "{}", "reserves": "", "evidence": "",
    "later": "", "amount": "3m CNY", "loans": "3 years", "price": PRICE, "policy": POLICY,
}  # fmt: skip
AWKWARD = (
    "$x_1^2$ costs <script>alert(1)</script> 100%", "奉贤区三方合作知识产权质押融资方案（风险准备金）", "D" * 190,
    "Short", "Three-party loan with the district's reserve fund and the city's re-guarantee company", "线上秒批",
    "a & b", "One more",
)  # fmt: skip


@cache
def compared(*changes: tuple[tuple[str, str], ...], labels: tuple[str, ...]) -> Comparison:
    """Worlds that differ from the ordinary one as told, run twice each."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"w{number}.yaml" for number in range(len(changes))]
        for file, change in zip(files, changes, strict=True):
            file.write_text(SCENARIO.format(**(ORDINARY | dict(change))), encoding="utf-8")
        asked = comparison_of([str(file) for file in files])
    run_worlds(asked.worlds, replications=2)
    asked.warm_up = find_warm_up(asked.worlds, replications=2)
    asked.worlds = [replace(world, label=label) for world, label in zip(asked.worlds, labels, strict=True)]
    return asked


WITH_FUND = (("sharing", FUND),)
QUOTAS = "{pledge: {limit: 40m CNY, inside: city}, city: {limit: 300m CNY}}"
WIDER_QUOTAS = QUOTAS.replace("40m", "60m").replace("city", "知识产权质押融资专项额度")
WITH_QUOTA = (("quotas", QUOTAS), ("reserves", "reserves: pledge"))
WIDER = (("quotas", WIDER_QUOTAS), ("reserves", "reserves: pledge"))
OPEN = (("work", "4000 h"),)


def one() -> Comparison:
    return compared((), labels=("Ordinary",))


def two() -> Comparison:
    return compared((), (*WITH_FUND, *WITH_QUOTA), labels=("Ninety-ten", "With the fund"))


def eight() -> Comparison:
    changes = [(("staff", str(1 + number % 3)), ("sharing", FUND if number % 2 else PLAIN)) for number in range(8)]
    changes[1] = (*changes[1], ("valuation", "合作评估机构对专利权与商标权进行价值评估并出具报告"))
    changes[2], changes[6], changes[7] = (*changes[2], *WITH_QUOTA), (*changes[6], *WIDER), (*changes[7], *WIDER)
    changes[3], changes[5] = (*changes[3], ("policy", "{}")), (*changes[5], ("sharing", CHAIN))
    changes[4] = (*changes[4], ("valuation", "valuation of the patents and the trade marks by an outside appraiser"))
    return compared(*changes, labels=AWKWARD)


def all_open() -> Comparison:
    return compared(OPEN, labels=("Overloaded",))


def nobody_eligible() -> Comparison:
    return compared((("fit", "0%"),), labels=("Nobody",))


def no_arrivals() -> Comparison:
    return compared((("rate", "0.00001"),), labels=("Empty",))


def no_loss() -> Comparison:
    return compared((("default", "0%"), *WITH_FUND), labels=("Safe",))


_CHARTS: dict[tuple[str, int], tuple[Comparison, Figure | None]] = {}
_TEXTS: WeakKeyDictionary[Figure, dict[str, list[tuple[float, ...]]]] = WeakKeyDictionary()


def chart_of(name: str, comparison: Comparison) -> Figure | None:
    """One chart, drawn once for all tests that look at it; `afresh` draws it again."""
    known = _CHARTS.get((name, id(comparison)))
    if known is None:
        known = _CHARTS[name, id(comparison)] = comparison, CHARTS[name][1](comparison)
    return known[1]


def drawn(name: str, comparison: Comparison) -> Figure:
    """One chart, drawn once for all tests, which must have something to show."""
    figure = chart_of(name, comparison)
    assert figure is not None
    return figure


def afresh(name: str, comparison: Comparison) -> Figure:
    """One chart, drawn for this test alone."""
    figure = CHARTS[name][1](comparison)
    assert figure is not None
    return figure


def texts_of(figure: Figure) -> dict[str, list[tuple[float, ...]]]:
    """Every text that is painted, with its places: left, bottom, right and top, in dots."""
    known = _TEXTS.get(figure)
    if known is not None:
        return known
    found: dict[str, list[tuple[float, ...]]] = {}
    paint = matplotlib.text.Text.draw

    def note(self: matplotlib.text.Text, renderer: object, *args: object, **kwargs: object) -> None:
        if self.get_text() and self.get_visible():
            found.setdefault(self.get_text(), []).append(tuple(self.get_window_extent(renderer).extents.tolist()))
        paint(self, renderer, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matplotlib.text.Text, "draw", note)
        figure.draw_without_rendering()  # everything but the dots themselves
    _TEXTS[figure] = found
    return found


def collisions(figure: Figure) -> Iterator[str]:
    """Texts that lie on one another or leave the page."""
    places = [(text, place) for text, many in texts_of(figure).items() for place in dict.fromkeys(many)]
    width, height = figure.bbox.size
    for number, (text, (a, b, c, d)) in enumerate(places):
        if a < 0 or b < 0 or c > width or d > height:
            yield f"off the page: {text!r}"
        for other, (e, f, g, h) in places[number + 1 :]:
            if min(c, g) - max(a, e) > 2 and min(d, h) - max(b, f) > 2:
                yield f"{text!r} on {other!r}"
