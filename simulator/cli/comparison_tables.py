"""What `compare` and `run` print."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from simulator.analysis.comparison import Comparison
from simulator.analysis.refusals import LEAST_SHARE, refusals
from simulator.analysis.time_use import USES
from simulator.cli.money_tables import money_tables
from simulator.cli.tables import add_row, new_table, number, share
from simulator.cli.warm_up_tables import warm_up_parts
from simulator.units import format_share

USES_NOTE = "closed: nights, weekends and holidays while a file is queued or half done; long queues have more."
FUND_NOTE = "What is recovered goes to the fund's owner, not back into the fund, unless the agreement says 'refill'."
MANY_WORLDS = 5
"""With more, tables that have several rows a world are cut to the row that matters most."""
MOST_RULES = 2
REFUSAL_NOTE = "Refused by: the first rule that a firm fails; share of all applicants of replication 1."
WITHOUT_ROOM = {"still waiting": "still_waiting", "left": "left", "refused": "refused"}
"""Columns of the table of quotas and their names in summary.json."""
MANY_LEFT = 0.05
"""Share of eligible firms that leave, from which a mean time needs a warning."""


def comparison_tables(comparison: Comparison, figures: dict[str, Any]) -> list[Table | str]:
    """Everything `compare` and `run` print."""
    parts: list[Table | str] = []
    if comparison.question:
        parts += ["", comparison.question]
    if comparison.about:
        parts.append(comparison.about)
    results = figures["results"]
    several = any(entry["product"] != results[0]["product"] for entry in results) and len(
        {entry["label"] for entry in results}
    ) < len(results)
    names = [f"{entry['label']} / {entry['product']}" if several else entry["label"] for entry in results]
    parts += ["", _time_table(results, names), USES_NOTE]
    if any((entry["turnaround_days"]["left_of_eligible"] or 0) > MANY_LEFT for entry in results):
        parts.append("Many firms left before they were drawn, those who wait longest first: the times are too short.")
    for name, entry in zip(names, results, strict=True):
        if entry["cases"]["arrived"] and not entry["cases"]["eligible"] and not several:
            parts.append(f"{name} admits nobody: no applicant passes all of its rules of eligibility.")
    parts += _common_part(figures.get("common"))
    for table in (_clock_table(results, names), _quota_table(results, names)):
        parts += ["", table] if table is not None else []
    parts += _quota_notes(results)
    parts += ["", _case_table(results, names), *_refusal_lines(comparison)]
    parts += ["", _loss_table(results, names), *_rare_loss_lines(comparison, results, names)]
    for name, entry in zip(names, results, strict=True):
        if "swept_cny" in entry:
            swept, lent = number(entry["swept_cny"], 2, 1e6), number(entry["drawn_cny"], 2, 1e6)
            parts.append(f"{name}: {swept} of {lent} m CNY drawn came back out of licence payments before maturity.")
    funds = [
        (name, fund, each) for name, entry in zip(names, results, strict=True) for fund, each in entry["funds"].items()
    ]
    if funds:
        parts += [
            "",
            _fund_table(funds),
            FUND_NOTE,
        ]
    parts += money_tables(results, names)
    many = len(results) > MANY_WORLDS
    parts += ["", _desk_table(results, names, busiest_only=many)]
    if figures["differences"]:
        parts += ["", *_difference_table(figures["differences"], _without_loss(results), days_only=many)]
    if many:
        parts.append("Of so many worlds only the busiest desk and the days are shown; --out writes the rest.")
    parts += warm_up_parts(figures.get("warm_up"))
    counts = {entry["replications"] for entry in results}
    parts.append("")
    shown = " to ".join(str(count) for count in sorted({min(counts), max(counts)}))
    parts.append(f"± are 95 % confidence intervals over {shown} replication{'s' * (max(counts) > 1)}.")
    parts += _precision_lines(figures.get("precision", []))
    if any(entry["projected_calendar"] for entry in results):
        parts.append("Working days past the last published year are projected from statutory holidays.")
    if not comparison.complete:
        parts.append(
            "Interrupted: these are the replications finished until then. Run the command again for all of them."
        )
    return parts


def _precision_lines(precision: list[dict[str, Any]]) -> list[str]:
    """What was asked for, and how near the farthest from it came."""
    lines = []
    for asked in dict.fromkeys(each["asked"] for each in precision):
        mine = [each for each in precision if each["asked"] == asked]
        missed = [each for each in mine if not each["reached"]]
        if not missed:
            lines.append(f"Precision '{asked}': reached.")
        for each in missed:
            half, value = each["half_width"], each["value"]
            why = each.get("note") or "no interval"
            if half is not None:
                why = f"{_figure(value)} ± {_figure(half)}, and ± {_figure(each['wanted'])} wanted"
            lines.append(f"Precision '{asked}' is not reached for {each['of']}: {why}.")
    return lines


def _figure(value: float) -> str:
    """A number of any size, with four digits or, where it is large, whole."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _time_table(results: list[dict[str, Any]], names: list[str]) -> Table:
    days = results[0]["drawn_within"]["days"]
    columns = ["", "mean days", "median", "P90", "working days", "drawn", "left", f"in {days:g} days", *USES]
    table = new_table(
        "How long a firm waits: calendar days from application to drawdown, of firms drawn or still open", columns
    )
    for name, entry in zip(names, results, strict=True):
        time = entry["turnaround_days"]
        add_row(
            table, name, number(time["mean"]), number(time["p50"]), number(time["p90"]),
            number(entry["turnaround_working_days"]["mean"]), share(time["drawn_of_eligible"]),
            share(time["left_of_eligible"]), number(entry["drawn_within"]["share"], 1, 0.01) + " %",
            *(number({**entry["time_share"][use], "low": None}, 0, 0.01) + " %" for use in USES),
        )  # fmt: skip
    return table


def _common_part(common: dict[str, Any] | None) -> list[Table | str]:
    """The worlds over the firms that all of them admit, where that tells more than the first table."""
    if common is None or common["same_everywhere"]:
        return []
    if not common["eligible_in_all"]:
        return ["", "No firm is eligible in every world, so that they cannot be compared over the same firms."]
    columns = ["", "eligible", "mean days", "median", "P90", "drawn"]
    table = new_table("The same firms only: those eligible in every world", columns)
    for each in common["worlds"]:
        days = [number(each["turnaround_days"][name]) for name in ("mean", "p50", "p90")]
        own = number(each["eligible_share"], 0, 0.01) + " %"
        add_row(table, each["label"], own, *days, number(each["drawn_share"], 0, 0.01) + " %")
    counts = f"{common['eligible_in_all']:,} of {common['applicants']:,}"
    note = f"{counts} applicants of all replications. 'eligible' is a share of all applicants, 'drawn' of these firms."
    return ["", table, note]


def _clock_table(results: list[dict[str, Any]], names: list[str]) -> Table | None:
    rows = [
        (name, clock, each)
        for name, entry in zip(names, results, strict=True)
        for clock, each in entry["clocks"].items()
    ]
    if not rows:
        return None
    table = new_table(
        "Clocks (days or working days, as the scenario says)", ["", "clock", "mean", "median", "P90", "kept"], left=2
    )
    for name, clock, each in rows:
        kept = number(each["kept"], 1, 0.01) + " %" if "kept" in each else ""
        add_row(table, name, clock, number(each["mean"]), number(each["p50"]), number(each["p90"]), kept)
    return table


def _quota_table(results: list[dict[str, Any]], names: list[str]) -> Table | None:
    rows = [
        (name, quota, each)
        for name, entry in zip(names, results, strict=True)
        for quota, each in entry["quotas"].items()
    ]
    if not rows:
        return None
    columns = ["", "quota", "limit", "highest use", "nearly full in, of runs", "waited", "days each", *WITHOUT_ROOM]
    table = new_table("Quotas (m CNY; files per replication that waited for room, and what became of them)", columns, 2)
    for name, quota, each in rows:
        full = _of_replications(each["share_nearly_full"])
        amounts = [f"{each['limit_cny'] / 1e6:,.1f}", number(each["highest_use_cny"], 1, 1e6)]
        days = each.get("mean_days_waited")
        # Mostly nothing or a few: an interval of no width would look certain.
        counts = [each.get(what) for what in ("waited", *WITHOUT_ROOM.values())]
        means = [number({**count, "low": None}) if count is not None else "–" for count in counts]
        add_row(table, name, quota, *amounts, full, means[0], number(days), *means[1:])
    return table


def _quota_notes(results: list[dict[str, Any]]) -> list[str]:
    """What the numbers of files mean, where some found no room."""
    quotas = [each for entry in results for each in entry["quotas"].values()]
    said = []
    if any(each.get("still_waiting", {}).get("value") for each in quotas):
        said.append("Days of files that still wait count to the end of the cases' follow-up.")
    if any("waited" not in each for each in quotas):
        said.append("A file counts at the quota that its step reserves, also where a wider one is what is full.")
    return said


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
        "mean loan, m CNY",
    ]
    table = new_table("What becomes of applicants", columns)
    for name, entry in zip(names, results, strict=True):
        counts, times = entry["cases"], entry["replications"]
        cells = [f"{counts[key] / times:,.1f}" for key in columns[1:-2]]
        still_open = counts["open"]
        share = f" ({format_share(still_open / counts['eligible'])} of eligible)" if still_open else ""
        lent = entry["drawn_cny"]["value"] * times / counts["drawn"] / 1e6 if counts["drawn"] else None
        loan = "–" if lent is None else f"{lent:,.2f}"
        add_row(table, name, *cells, f"{still_open / times:,.1f}{share}", loan)
    return table


def _refusal_lines(comparison: Comparison) -> list[str]:
    """For each world that admits less than all firms, the rules that most of the others fail first."""
    said: dict[str, str] = {}
    for world in comparison.worlds:
        chief = [f"{words} {share(part)}" for part, words in refusals(world) if part >= LEAST_SHARE][:MOST_RULES]
        if chief:
            of_first = f" ({world.product_names[0]})" if len(world.product_names) > 1 else ""
            said[f"{world.label}{of_first}"] = f"most are refused by: {', '.join(chief)}."
    if 1 < len(said) == len(comparison.worlds) and len(set(said.values())) == 1:
        said = {"Every world": next(iter(said.values()))}
    return [*(f"{name}: {words}" for name, words in said.items()), REFUSAL_NOTE] if said else []


def _without_loss(results: list[dict[str, Any]]) -> set[str]:
    """Products in which nothing was lost in any replication, as differences name them."""
    labels = [entry["label"] for entry in results]
    return {
        entry["label"] if labels.count(entry["label"]) == 1 else f"{entry['label']} / {entry['product']}"
        for entry in results
        if not entry["loss_gross_cny"]["value"]
    }


def _rare_loss_lines(comparison: Comparison, results: list[dict[str, Any]], names: list[str]) -> list[str]:
    """Where no loan defaulted though loans may, that so few replications do not say how often they do."""
    may_default = {
        world.label
        for world in comparison.worlds
        if world.loaded.scenario.credit is not None and max(world.loaded.scenario.credit.annual_default_rate) > 0
    }
    rare = [
        name
        for name, entry in zip(names, results, strict=True)
        if not entry["defaults"]["value"] and entry["cases"]["drawn"] and entry["label"] in may_default
    ]
    if not rare:
        return []
    return [f"No loan defaulted in {', '.join(rare)}: too few replications to say what is lost there."]


def _loss_table(results: list[dict[str, Any]], names: list[str]) -> Table:
    parties = list(dict.fromkeys(party for entry in results for party in entry["loss_cny"].get("by_party", {})))
    table = new_table(
        f"Who bears the loss (m CNY per replication, {results[0]['loss_cny']['note']})",
        ["", "drawn", "defaults", "gross loss", "net loss", "% of drawn", *parties],
    )
    for name, entry in zip(names, results, strict=True):
        by_party = entry["loss_cny"].get("by_party", {})
        none = f"none in {entry['replications']}"
        losses = [number(entry["loss_gross_cny"], 2, 1e6), number(entry["loss_cny"]["total"], 2, 1e6)]
        losses.append(number(entry["loss_rate"], 2, 0.01))
        losses += [number(by_party.get(party), 2, 1e6) for party in parties]
        if not entry["loss_gross_cny"]["value"]:
            # Without a loss the interval would be of no width, as if it were certain.
            losses = ["–" if not entry["defaults"]["value"] else none, *["–"] * (len(losses) - 1)]
        defaults = number(entry["defaults"]) if entry["defaults"]["value"] else none
        add_row(table, name, number(entry["drawn_cny"], 1, 1e6), defaults, *losses)
    return table


def _of_replications(share: dict[str, Any]) -> str:
    value, low, high = (share[name] * 100 for name in ("value", "low", "high"))
    return f"{value:.0f} % ({low:.0f} to {high:.0f})"


def _fund_table(funds: list[tuple[str, str, dict[str, Any]]]) -> Table:
    table = new_table("Funds at the end of follow-up", ["", "fund", "left, m CNY", "used up in, of runs"], left=2)
    for name, fund, entry in funds:
        add_row(
            table,
            name,
            fund,
            number(entry["left_cny"], 2, 1e6),
            _of_replications(entry["share_used_up"]),
        )
    return table


def _desk_table(results: list[dict[str, Any]], names: list[str], *, busiest_only: bool) -> Table:
    table = new_table(
        "Desks (over the arrival period; days in queue with nights)",
        ["", "desk", "busy", "mean queue", "longest queue", "days in queue"],
        left=2,
    )
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
                desk,
                "meets" if busy is None else f"{busy * 100:.0f} %",
                number(each["mean_queue"]),
                each["longest_queue"],
                number(each["days_in_queue"]),
            )
    return table


def _busiest(desks: dict[str, Any]) -> str:
    return max(desks, key=lambda desk: desks[desk]["utilisation"]["value"] or 0.0)


SHOWN_DIFFERENCES = {
    "turnaround_days.mean": ("turnaround, days", 1, 1.0),
    "drawn_within.share": ("share drawn in time, % points", 1, 0.01),
    "drawn_cny": ("drawn, m CNY", 2, 1e6),
    "default_rate": ("defaults per 100 loans", 2, 0.01),
    "loss_cny.total": ("net loss, m CNY", 2, 1e6),
}


GAIN = "Pairing: how many times as many runs it would take if the worlds did not meet the same firms and luck."
TOGETHER = "Of one measure, the intervals of all worlds hold together, 95 times in 100 (Bonferroni)."


def _difference_table(
    differences: list[dict[str, Any]], without_loss: set[str], *, days_only: bool
) -> list[Table | str]:
    columns = ["world", "against", "measure", "difference", "real?", "pairing", "compared"]
    table = new_table("Differences", columns, left=3)
    same: dict[tuple[str, str], list[str]] = {}
    several = paired = False
    for each in differences:
        party = each["measure"].removeprefix("loss_cny.by_party.")
        shown = SHOWN_DIFFERENCES.get(each["measure"])
        if party != each["measure"]:
            shown = (f"loss of {party}, m CNY", 2, 1e6)
        if shown is None or (days_only and each["measure"] != "turnaround_days.mean"):
            continue
        of_losses = each["measure"].startswith("loss_cny.") or each["measure"] == "default_rate"
        if of_losses and {each["a"], each["b"]} <= without_loss:
            continue
        title, digits, scale = shown
        if each["value"] == each["low"] == each["high"] == 0:
            same.setdefault((each["b"], each["a"]), []).append(title.split(",")[0])
            continue
        both = each.get("drawn_in_both")
        how = "firm by firm" if both is not None else "pairwise" if each["paired"] else "independent runs"
        if both is not None:
            how += f": {both:,} in both, +{each['drawn_only_in_b']:,} −{each['drawn_only_in_a']:,}"
        gain = each.get("pairing_gain")
        held = {**each, **each.get("together", {})}
        gained = "" if gain is None else f"{gain:,.1f} ×"
        add_row(table, each["b"], each["a"], title, number(held, digits, scale), _real(held), gained, how)
        several, paired = several or "together" in each, paired or gain is not None
    lines = [TOGETHER] * several + [GAIN] * paired
    lines += [f"{b} and {a} are equal in: {', '.join(titles)}." for (b, a), titles in same.items()]
    return [*([table] if table.row_count else []), *lines]


def _real(each: dict[str, Any]) -> str:
    if each["low"] is None:
        return "–"
    return "yes" if each["low"] > 0 or each["high"] < 0 else "no"
