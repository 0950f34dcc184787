"""Tables on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.analysis.checks import Coverage, Verdict
from simulator.analysis.comparison import Comparison
from simulator.analysis.explanation import Explanation
from simulator.analysis.time_use import USES
from simulator.calendars import moment_at
from simulator.scenario.load import LoadedScenario
from simulator.units import format_money, format_share

WIDTH_WITHOUT_TERMINAL = 140
WIDTH_OF_STORIES = 150
MOST_NAMED = 10
LONGEST_WORD = 12
USES_NOTE = "closed: nights, weekends and holidays while a file is queued or half done; long queues have more."
FUND_NOTE = "What is recovered goes to the fund's owner, not back into the fund, unless the agreement says 'refill'."
MANY_LEFT = 0.05
"""Share of eligible firms that leave, from which a mean time needs a warning."""


def show(*parts: Table | str, width: int = WIDTH_WITHOUT_TERMINAL) -> None:
    """Print tables and lines to standard output; names from files are printed as they are, without markup.

    `width` is that of output that does not go to a terminal.
    """
    width_shown = None if sys.stdout.isatty() else width
    console = Console(width=width_shown, highlight=False, markup=False, emoji=False)
    for part in parts:
        console.print(part)


def _table(title: str, columns: Sequence[str], left: int = 1, whole: Sequence[str] = ()) -> Table:
    """A table whose first `left` columns stand left; the columns in `whole` are never broken."""
    table = Table(
        title=title or None, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False
    )
    for number, column in enumerate(columns):
        justify: Literal["left", "right"] = "left" if number < left else "right"
        least = LONGEST_WORD if number == 0 else None
        table.add_column(Text(column), justify=justify, overflow="fold", no_wrap=column in whole, min_width=least)
    return table


def _row(table: Table, *cells: object) -> None:
    table.add_row(*(Text(str(cell)) for cell in cells))


def catalogue_table(entries: list[dict[str, Any]]) -> Table:
    """The bundled scenarios."""
    table = _table("", ["id", "case", "kind", "name", "名称"], left=5)
    for entry in entries:
        _row(table, entry["id"], entry["case"] or "", entry["kind"], entry["name_en"], entry["name_zh"])
    return table


def number(entry: dict[str, Any] | None, digits: int = 1, scale: float = 1.0) -> str:
    """An estimate with its half width: `17.2 ± 0.3`; the reason where there is none."""
    if entry is None or entry["value"] is None:
        return "not finite" if entry and "not finite" in entry.get("note", "") else "–"
    value = _rounded(entry["value"] / scale, digits)
    if entry.get("low") is None:
        return value
    return f"{value} ± {_rounded((entry['high'] - entry['value']) / scale, digits)}"


def _rounded(value: float, digits: int) -> str:
    """A number with so many decimals, and no minus sign before zero."""
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def comparison_tables(comparison: Comparison, figures: dict[str, Any]) -> list[Table | str]:
    """Everything `compare` and `run` print."""
    parts: list[Table | str] = []
    if comparison.question:
        parts += ["", comparison.question]
    results = figures["results"]
    several = any(entry["product"] != results[0]["product"] for entry in results) and len(
        {entry["label"] for entry in results}
    ) < len(results)
    names = [f"{entry['label']} / {entry['product']}" if several else entry["label"] for entry in results]
    parts += ["", _time_table(results, names), USES_NOTE]
    if any((entry["turnaround_days"]["left_of_eligible"] or 0) > MANY_LEFT for entry in results):
        parts.append("Many firms left before they were drawn, those who wait longest first: the times are too short.")
    for table in (_clock_table(results, names), _quota_table(results, names)):
        parts += ["", table] if table is not None else []
    parts += ["", _case_table(results, names), "", _loss_table(results, names)]
    funds = [
        (name, fund, each) for name, entry in zip(names, results, strict=True) for fund, each in entry["funds"].items()
    ]
    if funds:
        parts += [
            "",
            _fund_table(funds),
            FUND_NOTE,
        ]
    by_world = zip(names, results, strict=True)
    fees = [(name, payer, each) for name, entry in by_world for payer, each in entry["fees_cny"].items()]
    if fees:
        parts += ["", _fee_table(fees)]
    parts += ["", _desk_table(results, names)]
    if figures["differences"]:
        parts += ["", *_difference_table(figures["differences"])]
    counts = {entry["replications"] for entry in results}
    parts.append("")
    shown = " to ".join(str(count) for count in sorted({min(counts), max(counts)}))
    parts.append(f"± are 95 % confidence intervals over {shown} replication{'s' * (max(counts) > 1)}.")
    if any(entry["projected_calendar"] for entry in results):
        parts.append("Working days past the last published year are projected from statutory holidays.")
    if not comparison.complete:
        parts.append(
            "Interrupted: these are the replications finished until then. Run the command again for all of them."
        )
    return parts


def _time_table(results: list[dict[str, Any]], names: list[str]) -> Table:
    days = results[0]["drawn_within"]["days"]
    columns = ["", "mean days", "median", "P90", "working days", "drawn", "left", f"in {days:g} days", *USES]
    table = _table(
        "How long a firm waits: calendar days from application to drawdown, of firms drawn or still open", columns
    )
    for name, entry in zip(names, results, strict=True):
        time = entry["turnaround_days"]
        _row(
            table, name, number(time["mean"]), number(time["p50"]), number(time["p90"]),
            number(entry["turnaround_working_days"]["mean"]), share(time["drawn_of_eligible"]),
            share(time["left_of_eligible"]), number(entry["drawn_within"]["share"], 1, 0.01) + " %",
            *(number({**entry["time_share"][use], "low": None}, 0, 0.01) + " %" for use in USES),
        )  # fmt: skip
    return table


def share(value: float | None) -> str:
    """A share as a whole percentage."""
    return "–" if value is None else f"{value * 100:.0f} %"


def _clock_table(results: list[dict[str, Any]], names: list[str]) -> Table | None:
    rows = [
        (name, clock, each)
        for name, entry in zip(names, results, strict=True)
        for clock, each in entry["clocks"].items()
    ]
    if not rows:
        return None
    table = _table(
        "Clocks (days or working days, as the scenario says)", ["", "clock", "mean", "median", "P90", "kept"], left=2
    )
    for name, clock, each in rows:
        kept = number(each["kept"], 1, 0.01) + " %" if "kept" in each else ""
        _row(table, name, clock, number(each["mean"]), number(each["p50"]), number(each["p90"]), kept)
    return table


def _quota_table(results: list[dict[str, Any]], names: list[str]) -> Table | None:
    rows = [
        (name, quota, each)
        for name, entry in zip(names, results, strict=True)
        for quota, each in entry["quotas"].items()
    ]
    if not rows:
        return None
    table = _table("Quotas (m CNY)", ["", "quota", "limit", "highest use", "nearly full in"], left=2)
    for name, quota, each in rows:
        full = f"{each['share_nearly_full']['value'] * 100:.0f} % of replications"
        _row(table, name, quota, f"{each['limit_cny'] / 1e6:,.1f}", number(each["highest_use_cny"], 1, 1e6), full)
    return table


def _case_table(results: list[dict[str, Any]], names: list[str]) -> Table:
    columns = [
        "applicants (mean per replication)",
        "arrived",
        "eligible",
        "drawn",
        "declined",
        "withdrawn",
        "expired",
        "open",
    ]
    table = _table("What becomes of applicants", columns)
    for name, entry in zip(names, results, strict=True):
        counts, times = entry["cases"], entry["replications"]
        cells = [f"{counts[key] / times:,.1f}" for key in columns[1:-1]]
        still_open = counts["open"]
        share = f" ({format_share(still_open / counts['eligible'])} of eligible)" if still_open else ""
        _row(table, name, *cells, f"{still_open / times:,.1f}{share}")
    return table


def _loss_table(results: list[dict[str, Any]], names: list[str]) -> Table:
    parties = list(dict.fromkeys(party for entry in results for party in entry["loss_cny"].get("by_party", {})))
    table = _table(
        f"Who bears the loss (m CNY per replication, {results[0]['loss_cny']['note']})",
        ["", "drawn", "defaults", "gross loss", "net loss", *parties],
    )
    for name, entry in zip(names, results, strict=True):
        by_party = entry["loss_cny"].get("by_party", {})
        _row(
            table, name, number(entry["drawn_cny"], 1, 1e6), number(entry["defaults"]),
            number(entry["loss_gross_cny"], 2, 1e6), number(entry["loss_cny"]["total"], 2, 1e6),
            *(number(by_party.get(party), 2, 1e6) for party in parties),
        )  # fmt: skip
    return table


def _fund_table(funds: list[tuple[str, str, dict[str, Any]]]) -> Table:
    table = _table("Funds at the end of follow-up", ["", "fund", "left, m CNY", "used up in"], left=2)
    for name, fund, entry in funds:
        _row(
            table,
            name,
            fund,
            number(entry["left_cny"], 2, 1e6),
            f"{entry['share_used_up']['value'] * 100:.0f} % of replications",
        )
    return table


def _fee_table(fees: list[tuple[str, str, dict[str, Any]]]) -> Table:
    table = _table("Fees of single steps (m CNY per replication)", ["", "paid by", "amount"], left=2)
    for name, payer, entry in fees:
        _row(table, name, payer, number(entry, 2, 1e6))
    return table


def _desk_table(results: list[dict[str, Any]], names: list[str]) -> Table:
    table = _table(
        "Desks (over the arrival period; days in queue with nights)",
        ["", "desk", "busy", "mean queue", "longest queue", "days in queue"],
        left=2,
    )
    seen = set()
    for name, entry in zip(names, results, strict=True):
        for desk, each in entry["desks"].items():
            idle = not each["longest_queue"] and not each["utilisation"]["value"]
            if idle or (entry["label"], desk) in seen:
                continue
            seen.add((entry["label"], desk))
            busy = each["utilisation"]["value"]
            _row(
                table,
                name,
                desk,
                "meets" if busy is None else f"{busy * 100:.0f} %",
                number(each["mean_queue"]),
                each["longest_queue"],
                number(each["days_in_queue"]),
            )
    return table


SHOWN_DIFFERENCES = {
    "turnaround_days.mean": ("turnaround, days", 1, 1.0),
    "drawn_within.share": ("share drawn in time, % points", 1, 0.01),
    "drawn_cny": ("drawn, m CNY", 2, 1e6),
    "loss_cny.total": ("net loss, m CNY", 2, 1e6),
}


def _difference_table(differences: list[dict[str, Any]]) -> list[Table | str]:
    table = _table("Differences", ["world", "against", "measure", "difference", "real?", "compared"], left=3)
    same: dict[tuple[str, str], list[str]] = {}
    for each in differences:
        party = each["measure"].removeprefix("loss_cny.by_party.")
        shown = SHOWN_DIFFERENCES.get(each["measure"])
        if party != each["measure"]:
            shown = (f"loss of {party}, m CNY", 2, 1e6)
        if shown is None:
            continue
        title, digits, scale = shown
        if each["value"] == each["low"] == each["high"] == 0:
            same.setdefault((each["b"], each["a"]), []).append(title.split(",")[0])
            continue
        both = each.get("drawn_in_both")
        how = "firm by firm" if both is not None else "pairwise" if each["paired"] else "independent runs"
        if both is not None:
            how += f": {both:,} in both, +{each['drawn_only_in_b']:,} −{each['drawn_only_in_a']:,}"
        _row(table, each["b"], each["a"], title, number(each, digits, scale), _real(each), how)
    lines = [f"{b} and {a} are equal in: {', '.join(titles)}." for (b, a), titles in same.items()]
    return [*([table] if table.row_count else []), *lines]


def _real(each: dict[str, Any]) -> str:
    if each["low"] is None:
        return "–"
    return "yes" if each["low"] > 0 or each["high"] < 0 else "no"


def verdict_table(title: str, verdicts: list[Verdict]) -> Table:
    """Published outcomes and rules against the run."""
    table = _table(title, ["", "verdict", "what was found", "source"], left=4)
    for verdict in verdicts:
        text = "\n".join([verdict.text, *(f"  {finding}" for finding in verdict.findings)])
        _row(table, verdict.name, verdict.status, text, verdict.source)
    return table


def assumption_lines(verdicts: list[Verdict]) -> list[str]:
    """Which assumptions each figure rests on."""
    return [f"{each.name} rests on assumptions: {', '.join(each.rests_on)}." for each in verdicts if each.rests_on]


def coverage_lines(found: Coverage) -> list[str]:
    """How many numbers have evidence, and which have none."""
    counted = ", ".join(f"{count} {origin}" for origin, count in found.by_origin.items() if count) or "none"
    numbers = sum(found.by_origin.values()) + len(found.without)
    lines = [f"Evidence: {numbers - len(found.without)} of {numbers} numbers have an entry ({counted})."]
    if found.without:
        more = f" and {len(found.without) - MOST_NAMED} more" if len(found.without) > MOST_NAMED else ""
        lines.append("Without evidence: " + ", ".join(found.without[:MOST_NAMED]) + more)
    return lines


def assumption_table(found: Coverage) -> Table:
    """What a scenario assumes, why, and within which range."""
    table = _table("Assumptions", ["path", "plausible range", "why"], left=3)
    for path, why, extent in found.assumptions:
        _row(table, path, extent, why)
    return table


def story_tables(loaded: LoadedScenario, story: Explanation) -> list[Table | str]:
    """One case's timeline and totals."""
    assert loaded.scenario.run is not None
    start = loaded.scenario.run.start

    def time(minutes: float) -> str:
        return f"{moment_at(start, minutes):%m-%d %a %H:%M}" if minutes != float("inf") else "–"

    title = f"case {story.case} of replication {story.replication}, for {story.product}"
    parts: list[Table | str] = ["", f"{story.firm}, {title}" if story.firm else title]
    told = []
    assert loaded.scenario.applicants is not None
    for name, value in story.properties.items():
        kind = loaded.scenario.applicants.population[name].kind
        told.append(f"{name} {_property(kind, value)}")
    parts.append("; ".join(told))
    if story.refused_by:
        parts.append(f"Not eligible: {story.refused_by}.")
        return parts
    ending = f"Applied {moment_at(start, story.arrival):%Y}-{time(story.arrival)}; {story.end}"
    if story.end == "drawn":
        ending += f" {time(story.drawn_at)}: {format_money(story.drawn)} of a line of "
        ending += f"{format_money(story.credit_line)}; {LOAN_WORDS[story.loan_status]}"
    parts.append(ending)
    times = ["handed in", "work begins", "done"]
    uses = [f"{use} h" for use in USES]
    table = _table("", ["step", "by", *times, "outcome", *uses], left=6, whole=[*times, "outcome", *uses])
    for each in story.timeline:
        title = each.step if each.visit == 1 else f"{each.step} ({each.visit})"
        _row(
            table,
            title,
            each.by,
            time(each.entry),
            time(each.start),
            time(each.end),
            each.outcome,
            *(hours(m) for m in each.uses),
        )
    _row(table, "in all (each instant once)", "", "", "", "", "", *(hours(minutes) for minutes in story.uses))
    return [*parts, "", table]


LOAN_WORDS = {
    "outstanding": "the loan is outstanding at the end of follow-up",
    "repaid": "the loan is repaid",
    "defaulted": "the loan defaults",
    "claim open": "the loan defaults, its claim not settled by the end of follow-up",
}


def _property(kind: str, value: Any) -> str:
    if kind == "money":
        return format_money(round(value))
    if kind in ("ratio", "share"):
        return format_share(value) if value != float("inf") else "infinite"
    if kind == "yes/no":
        return "yes" if value else "no"
    return f"{value:g}" if kind == "count" else str(value)


def hours(minutes: float) -> str:
    """Minutes as hours with one decimal."""
    return f"{minutes / 60:,.1f}"
