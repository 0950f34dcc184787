"""The figures of summary.json as data frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from simulator.analysis.comparison import Comparison
from simulator.analysis.figures import product_measures, within_days
from simulator.analysis.precision import full_name
from simulator.analysis.quota_waits import room_in
from simulator.analysis.time_use import USES
from simulator.api.frames import frame_of, with_interval
from simulator.api.given import refuse_unless_text
from simulator.scenario.spoken_names import product_said
from simulator.texts import say
from simulator.texts.money import cny_of_column

if TYPE_CHECKING:
    from pandas import DataFrame

STATISTICS = ("mean", "p50", "p90")
Summary = dict[str, Any]


def _entries(summary: Summary) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Every product of every world, and the columns that say which it is."""
    for entry in summary["results"]:
        yield entry, {"world": entry["label"], "product": entry["product"]}


def _statistics(found: dict[str, Any], unit: str) -> dict[str, float | None]:
    told: dict[str, float | None] = {}
    for statistic in STATISTICS:
        told |= with_interval(f"{statistic}_{unit}", found[statistic])
    return told


def turnaround(summary: Summary) -> DataFrame:
    """Mean, median and P90 of the wait, and how many firms it is about."""
    return frame_of(
        {
            **which,
            **_statistics(entry["turnaround_days"], "days"),
            **_statistics(entry["turnaround_working_days"], "working_days"),
            "drawn": entry["cases"]["drawn"],
            "drawn_of_eligible": entry["turnaround_days"]["drawn_of_eligible"],
            "within_days": entry["drawn_within"]["days"],
            **with_interval("drawn_within_share", entry["drawn_within"]["share"]),
        }
        for entry, which in _entries(summary)
    )


def clocks(summary: Summary) -> DataFrame:
    """Mean, median and P90 of every clock."""
    return frame_of(
        (
            {**which, "clock": name, **with_columns(found)}
            for entry, which in _entries(summary)
            for name, found in entry["clocks"].items()
        ),
        ("world", "product", "clock"),
    )


def with_columns(found: dict[str, Any]) -> dict[str, float | None]:
    """The statistics of a clock, which has its own unit."""
    told: dict[str, float | None] = {}
    for statistic in STATISTICS:
        told |= with_interval(statistic, found[statistic])
    return told


def cases(summary: Summary) -> DataFrame:
    """Numbers of cases by how they ended."""
    return frame_of(
        {**which, **{name: count for name, count in entry["cases"].items() if name != "note"}}
        for entry, which in _entries(summary)
    )


def steps(summary: Summary) -> DataFrame:
    """Mean days a case in each step, and waiting for room in each quota."""
    return frame_of(
        (
            {
                **which,
                "step": row["step"] if "step" in row else room_in(row["quota"]),
                **{f"{use}_days": row["days"][use] for use in USES},
                **with_interval("days", row["total_days"]),
            }
            for entry, which in _entries(summary)
            for row in entry["days"]["steps"]
        ),
        ("world", "product", "step", *(f"{use}_days" for use in USES), "days"),
    )


def desks(summary: Summary) -> DataFrame:
    """Utilisation and queue of every desk; the desks of a world are shared by its products."""
    worlds = {entry["label"]: entry for entry in reversed(summary["results"])}
    return frame_of(
        (
            {
                "world": label,
                "desk": name,
                **with_interval("utilisation", found["utilisation"]),
                **with_interval("mean_queue_files", found["mean_queue"]),
                "longest_queue_files": found["longest_queue"],
                **with_interval("mean_days_in_queue", found["days_in_queue"]),
            }
            for label, entry in reversed(worlds.items())
            for name, found in entry["desks"].items()
        ),
        ("world", "desk"),
    )


def costs(summary: Summary) -> DataFrame:
    """Effective annual rates, all in and by what they consist of."""
    rows = []
    for entry, which in _entries(summary):
        cost = entry["firm_cost"]
        for name, found in cost.items():
            if isinstance(found, dict) and "mean" in found:
                rows.append({**which, "cost": name.replace("_", " "), **_statistics(found, "a_year")})
        for name, found in cost.get("by_component", {}).items():
            rows.append({**which, "cost": f"of it {name}", **with_interval("mean_a_year", found)})
    return frame_of(rows, ("world", "product", "cost"))


def losses(summary: Summary) -> DataFrame:
    """Net losses of all and of each party."""
    rows = []
    for entry, which in _entries(summary):
        found = entry["loss_cny"]
        rows.append({**which, "party": "all", **with_interval("loss_cny", found["total"])})
        rows += [
            {**which, "party": party, **with_interval("loss_cny", each)} for party, each in found["by_party"].items()
        ]
    return frame_of(rows)


def defaults(summary: Summary) -> DataFrame:
    """Defaults, rates of default and loss, and amounts."""
    return frame_of(
        {
            **which,
            **with_interval("defaults", entry["defaults"]),
            **with_interval("defaults_of_loans", entry["defaults_of_loans"]),
            **with_interval("lent_cny", entry["drawn_cny"]),
            **with_interval("loss_gross_cny", entry["loss_gross_cny"]),
            **with_interval("loss_cny", entry["loss_cny"]["total"]),
            **with_interval("loss_of_lent", entry["loss_rate"]),
        }
        for entry, which in _entries(summary)
    )


def funds(summary: Summary) -> DataFrame:
    """What funds hold at the end, and how often they were used up."""
    return frame_of(
        (
            {
                **which,
                "fund": name,
                **with_interval("left_cny", found["left_cny"]),
                **with_interval("used_up_share", found["share_used_up"]),
            }
            for entry, which in _entries(summary)
            for name, found in entry["funds"].items()
        ),
        ("world", "product", "fund"),
    )


def parties(summary: Summary) -> DataFrame:
    """What each gains or loses."""
    return frame_of(
        {**which, "party": party, **with_interval("result_cny", found)}
        for entry, which in _entries(summary)
        for party, found in entry["result_cny"].items()
    )


def payments(summary: Summary) -> DataFrame:
    """What each received, less what it paid."""
    return frame_of(
        {**which, "party": party, "what": what, **with_interval("received_cny", found)}
        for entry, which in _entries(summary)
        for party, by_what in entry["payments_cny"].items()
        for what, found in by_what.items()
    )


def differences(summary: Summary, measure: str | None) -> DataFrame:
    """Differences between worlds, of all measures or of one."""
    told = summary["differences"]
    if measure is not None:
        refuse_unless_text("measure", measure)
        name = full_name(measure, dict.fromkeys(each["measure"] for each in told), "differences")
        told = [each for each in told if each["measure"] == name]
    columns = ("a", "b", "measure", "value", "low", "high", "low_together", "high_together", "paired")
    return frame_of((_difference(each) for each in told), columns)


def _difference(told: dict[str, Any]) -> dict[str, Any]:
    together = told.get("together", {"low": told["low"], "high": told["high"]})
    counts = ("pairing_gain", "drawn_in_both", "drawn_only_in_a", "drawn_only_in_b")
    return {
        **{key: told[key] for key in ("a", "b", "measure", "value", "low", "high")},
        **{f"{end}_together": together[end] for end in ("low", "high")},
        "paired": told["paired"],
        **{key: told[key] for key in counts if key in told},
    }


def by_replication(comparison: Comparison, measure: str) -> DataFrame:
    """A measure of every product of every world, replication by replication."""
    refuse_unless_text("measure", measure)
    found = [
        (world, product, product_measures(world.product(number), within_days(world.loaded.scenario)))
        for world in comparison.worlds
        for number, product in enumerate(world.product_names)
    ]
    name = full_name(measure, dict.fromkeys(name for *_, values in found for name in values), "by_replication")
    return frame_of(
        {"world": world.label, "product": product, "replication": number, "value": float(value)}
        for world, product, values in found
        for number, value in enumerate(values.get(name, ()), start=1)
    )


def overview(comparison: Comparison, summary: Summary) -> DataFrame:
    """A row for each product of each world, for a notebook's reader, in the language spoken."""
    said = {world.label: world.said for world in comparison.worlds}
    products = {
        (world.label, name): product_said(world.loaded.scenario, name)
        for world in comparison.worlds
        for name in world.product_names
    }
    rows = []
    for entry, which in _entries(summary):
        days, loss = entry["turnaround_days"], entry["loss_cny"]["total"]["value"]
        eligible = entry["cases"]["eligible"]
        rows.append(
            {
                say("world"): said[which["world"]],
                say("product"): products[which["world"], which["product"]],
                say("mean turnaround (days)"): days["mean"]["value"],
                say("P90 (days)"): days["p90"]["value"],
                say("drawn of eligible"): f"{entry['cases']['drawn'] / eligible:.1%}" if eligible else "–",
                say("net loss (m CNY)"): None if loss is None else loss / cny_of_column(),
            }
        )
    return frame_of(rows)


def one_below_the_other(frames: Sequence[DataFrame]) -> DataFrame:
    """Frames of several worlds as one; a column that a world does not have is empty there."""
    import pandas

    return frames[0] if len(frames) == 1 else pandas.concat(frames, ignore_index=True)
