"""What `compare` and `run` print."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from simulator.analysis.comparison import Comparison
from simulator.cli.difference_tables import difference_parts
from simulator.cli.loss_tables import fund_parts, loss_parts
from simulator.cli.money_tables import money_tables
from simulator.cli.process_tables import case_parts, clock_parts, common_parts, desk_table, quota_parts, time_parts
from simulator.cli.shown_names import ShownNames
from simulator.cli.warm_up_tables import warm_up_parts
from simulator.texts import say

MANY_WORLDS = 5
"""With more, tables that have several rows a world are cut to the row that matters most."""


def comparison_tables(comparison: Comparison, figures: dict[str, Any]) -> list[Table | str]:
    """Everything `compare` and `run` print."""
    parts: list[Table | str] = []
    if comparison.question:
        parts += ["", comparison.question]
    if comparison.about:
        parts.append(comparison.about)
    results, shown = figures["results"], ShownNames(comparison)
    names, many = shown.rows(results), len(results) > MANY_WORLDS
    parts += time_parts(results, names)
    parts += common_parts(figures.get("common"), shown)
    parts += clock_parts(results, names, shown)
    parts += quota_parts(results, names, shown)
    parts += case_parts(comparison, results, names)
    parts += loss_parts(comparison, results, names, shown)
    parts += fund_parts(results, names, shown)
    parts += money_tables(results, names, shown)
    parts += ["", desk_table(results, names, shown, busiest_only=many)]
    parts += difference_parts(figures["differences"], results, shown, days_only=many)
    if many:
        parts.append(say("Of so many worlds only the busiest desk and the days are shown; --out writes the rest."))
    parts += warm_up_parts(figures.get("warm_up"), comparison.warm_up, shown)
    parts += ["", _intervals_line(results)]
    parts += _precision_lines(figures.get("precision", []), shown)
    if any(entry["projected_calendar"] for entry in results):
        parts.append(say("Working days past the last published year are projected from statutory holidays."))
    if not comparison.complete:
        parts.append(
            say("Interrupted: these are the replications finished until then. Run the command again for all of them.")
        )
    return parts


def _intervals_line(results: list[dict[str, Any]]) -> str:
    """Of what the intervals are, and over how many replications."""
    counts = {entry["replications"] for entry in results}
    fewest, most = min(counts), max(counts)
    if fewest != most:
        return say(
            "± are 95 % confidence intervals over {fewest} to {most} replications.",
            fewest=fewest, most=most,
        )  # fmt: skip
    return say(
        "± are 95 % confidence intervals over {count} replications."
        if most > 1
        else "± are 95 % confidence intervals over {count} replication.",
        count=most,
    )


def _precision_lines(precision: list[dict[str, Any]], shown: ShownNames) -> list[str]:
    """What was asked for, and how near the farthest from it came."""
    lines = []
    for asked in dict.fromkeys(each["asked"] for each in precision):
        mine = [each for each in precision if each["asked"] == asked]
        missed = [each for each in mine if not each["reached"]]
        if not missed:
            lines.append(say("Precision '{asked}': reached.", asked=asked))
        for each in missed:
            half, value = each["half_width"], each["value"]
            why = say(each["note"]) if each.get("note") else say("no interval")
            if half is not None:
                why = say(
                    "{value} ± {half}, and ± {wanted} wanted",
                    value=_figure(value), half=_figure(half), wanted=_figure(each["wanted"]),
                )  # fmt: skip
            where = shown.of(each["of"])
            lines.append(
                say("Precision '{asked}' is not reached for {where}: {why}.", asked=asked, where=where, why=why)
            )
    return lines


def _figure(value: float) -> str:
    """A number of any size, with four digits or, where it is large, whole."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
