"""The tables of `compare` and `run` about applicants on their way: days, clocks, quotas, ends, desks."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from simulator.analysis.comparison import Comparison
from simulator.analysis.refusals import LEAST_SHARE, refusals
from simulator.analysis.time_use import USES
from simulator.cli.shown_names import ShownNames
from simulator.cli.tables import add_row, new_table, number, of_runs, percentage, rounded, share
from simulator.scenario.spoken_names import clock_said, desk_said, product_said
from simulator.texts import phrase, say
from simulator.texts.money import cny_of_column, decimals_of_column
from simulator.units import format_share

USES_NOTE = phrase(
    "closed: nights, weekends and holidays while a file is queued or half done; long queues have more."
)
REFUSAL_NOTE = phrase("Refused by: the first rule that a firm fails; share of all applicants.")
MOST_RULES = 2
WITHOUT_ROOM = {
    phrase("still waiting"): "still_waiting",
    phrase("left", context="a queue"): "left",
    phrase("refused"): "refused",
}
"""Columns of the table of quotas and their names in summary.json."""
MANY_LEFT = 0.05
"""Share of eligible firms that leave, from which a mean time needs a warning."""


def time_parts(results: list[dict[str, Any]], names: list[str]) -> list[Table | str]:
    """How long a firm waits, and what to know before one believes it."""
    parts: list[Table | str] = ["", _time_table(results, names), say(USES_NOTE)]
    if any((entry["turnaround_days"]["left_of_eligible"] or 0) > MANY_LEFT for entry in results):
        parts.append(
            say("Many firms left before they were drawn, those who wait longest first: the times are too short.")
        )
    several = len({entry["label"] for entry in results}) < len(results)
    for name, entry in zip(names, results, strict=True):
        if entry["cases"]["arrived"] and not entry["cases"]["eligible"] and not several:
            parts.append(say("{world} admits nobody: no applicant passes all of its rules of eligibility.", world=name))
    return parts


def _time_table(results: list[dict[str, Any]], names: list[str]) -> Table:
    days = results[0]["drawn_within"]["days"]
    columns = [
        "", say("mean days"), say("median"), say("P90"), say("working days"), say("drawn"), say("left"),
        say("in {days} days", days=f"{days:g}"), *map(say, USES),
    ]  # fmt: skip
    table = new_table(
        say("How long a firm waits: calendar days from application to drawdown, of firms drawn or still open"), columns
    )
    for name, entry in zip(names, results, strict=True):
        time = entry["turnaround_days"]
        add_row(
            table, name, number(time["mean"]), number(time["p50"]), number(time["p90"]),
            number(entry["turnaround_working_days"]["mean"]), share(time["drawn_of_eligible"]),
            share(time["left_of_eligible"]), percentage(number(entry["drawn_within"]["share"], 1, 0.01)),
            *(percentage(number({**entry["time_share"][use], "low": None}, 0, 0.01)) for use in USES),
        )  # fmt: skip
    return table


def common_parts(common: dict[str, Any] | None, shown: ShownNames) -> list[Table | str]:
    """The worlds over the firms that all of them admit, where that tells more than the first table."""
    if common is None or common["same_everywhere"]:
        return []
    if not common["eligible_in_all"]:
        return ["", say("No firm is eligible in every world, so that they cannot be compared over the same firms.")]
    columns = ["", say("eligible"), say("mean days"), say("median"), say("P90"), say("drawn")]
    table = new_table(say("The same firms only: those eligible in every world"), columns)
    for each in common["worlds"]:
        days = [number(each["turnaround_days"][name]) for name in ("mean", "p50", "p90")]
        own = percentage(number(each["eligible_share"], 0, 0.01))
        add_row(table, shown.of(each["label"]), own, *days, percentage(number(each["drawn_share"], 0, 0.01)))
    note = say(
        "{count} of {all} applicants of all replications. 'eligible' is a share of all applicants, 'drawn' of these "
        "firms.",
        count=f"{common['eligible_in_all']:,}",
        all=f"{common['applicants']:,}",
    )
    return ["", table, note]


def clock_parts(results: list[dict[str, Any]], names: list[str], shown: ShownNames) -> list[Table | str]:
    """The clocks of all products, where there are any."""
    rows = [
        (name, clock_said(shown.product(entry), clock), each)
        for name, entry in zip(names, results, strict=True)
        for clock, each in entry["clocks"].items()
    ]
    if not rows:
        return []
    columns = ["", say("clock"), say("mean"), say("median"), say("P90"), say("kept")]
    table = new_table(say("Clocks (days or working days, as the scenario says)"), columns, left=2)
    for name, clock, each in rows:
        kept = percentage(number(each["kept"], 1, 0.01)) if "kept" in each else ""
        add_row(table, name, clock, number(each["mean"]), number(each["p50"]), number(each["p90"]), kept)
    return ["", table]


def quota_parts(results: list[dict[str, Any]], names: list[str], shown: ShownNames) -> list[Table | str]:
    """The quotas, where there are any, and what the numbers of files mean, where some found no room."""
    rows = [
        (name, said[quota], each)
        for name, said, entry in zip(names, shown.quotas(results), results, strict=True)
        for quota, each in entry["quotas"].items()
    ]
    if not rows:
        return []
    columns = [
        "", say("quota"), say("limit"), say("highest use"), say("nearly full in, of runs"), say("waited"),
        say("days each"), *(say(what, context="a queue") for what in WITHOUT_ROOM),
    ]  # fmt: skip
    title = say("Quotas (m CNY; files per replication that waited for room, and what became of them)")
    table = new_table(title, columns, 2)
    for name, quota, each in rows:
        full = of_runs(each["share_nearly_full"])
        limit = rounded(each["limit_cny"] / cny_of_column(), decimals_of_column(1))
        amounts = [limit, number(each["highest_use_cny"], 1, 1e6)]
        days = each.get("mean_days_waited")
        # Mostly nothing or a few: an interval of no width would look certain.
        counts = [each.get(what) for what in ("waited", *WITHOUT_ROOM.values())]
        means = [number({**count, "low": None}) if count is not None else "–" for count in counts]
        add_row(table, name, quota, *amounts, full, means[0], number(days), *means[1:])
    notes = []
    if any(each.get("still_waiting", {}).get("value") for _, _, each in rows):
        notes.append(say("Days of files that still wait count to the end of the cases' follow-up."))
    if any("waited" not in each for _, _, each in rows):
        notes.append(say("A file counts at the quota that its step reserves, also where a wider one is what is full."))
    return ["", table, *notes]


def case_parts(comparison: Comparison, results: list[dict[str, Any]], names: list[str]) -> list[Table | str]:
    """What becomes of applicants, and by which rules most are refused."""
    ends = ("arrived", "eligible", "drawn", "declined", "withdrawn", "expired")
    columns = [
        say("applicants (mean per replication)"), say("arrived"), say("eligible"), say("drawn"), say("declined"),
        say("withdrawn"), say("expired"), say("open"), say("mean loan, m CNY"),
    ]  # fmt: skip
    table = new_table(say("What becomes of applicants"), columns)
    for name, entry in zip(names, results, strict=True):
        counts, times = entry["cases"], entry["replications"]
        still_open = f"{counts['open'] / times:,.1f}"
        if counts["open"]:
            of = format_share(counts["open"] / counts["eligible"])
            still_open = say("{count} ({share} of eligible)", count=still_open, share=of)
        lent = entry["drawn_cny"]["value"] * times / counts["drawn"] / cny_of_column() if counts["drawn"] else None
        loan = "–" if lent is None else rounded(lent, decimals_of_column(2))
        add_row(table, name, *(f"{counts[end] / times:,.1f}" for end in ends), still_open, loan)
    return ["", table, *_refusal_lines(comparison)]


def _refusal_lines(comparison: Comparison) -> list[str]:
    """For each world that admits less than all firms, the rules that most of the others fail first."""
    said: dict[str, str] = {}
    for world in comparison.worlds:
        found = [(words, share(part)) for part, words in refusals(world) if part >= LEAST_SHARE][:MOST_RULES]
        if found:
            name = world.said
            if len(world.product_names) > 1:
                product = product_said(world.loaded.scenario, world.product_names[0])
                name = say("{world} ({product})", world=name, product=product)
            said[name] = say(", ").join(say("{rule} {share}", rule=words, share=part) for words, part in found)
    if 1 < len(said) == len(comparison.worlds) and len(set(said.values())) == 1:
        said = {say("Every world"): next(iter(said.values()))}
    lines = [say("{world}: most are refused by: {rules}.", world=name, rules=rules) for name, rules in said.items()]
    return [*lines, say(REFUSAL_NOTE)] if lines else []


def desk_table(results: list[dict[str, Any]], names: list[str], shown: ShownNames, *, busiest_only: bool) -> Table:
    """How busy desks are, and how long files wait at them."""
    columns = ["", say("desk"), say("busy"), say("mean queue"), say("longest queue"), say("days in queue")]
    table = new_table(say("Desks (over the arrival period; days in queue with nights)"), columns, left=2)
    seen = set()
    for name, entry in zip(names, results, strict=True):
        for desk, each in entry["desks"].items():
            idle = not each["longest_queue"] and not each["utilisation"]["value"]
            if idle or (entry["label"], desk) in seen or (busiest_only and desk != _busiest(entry["desks"])):
                continue
            seen.add((entry["label"], desk))
            busy = each["utilisation"]["value"]
            add_row(
                table,
                name,
                desk_said(shown.scenario(entry), desk),
                say("meets") if busy is None else percentage(f"{busy * 100:.0f}"),
                number(each["mean_queue"]),
                each["longest_queue"],
                number(each["days_in_queue"]),
            )
    return table


def _busiest(desks: dict[str, Any]) -> str:
    return max(desks, key=lambda desk: desks[desk]["utilisation"]["value"] or 0.0)
