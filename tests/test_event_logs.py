"""Event logs say what happened, to the second, and other tools read them: XES, OCEL 2.0, CSV and Parquet."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pandas
import pyarrow.parquet
import pytest
from logged_runs import (
    SMALL,
    attributes,
    events_of_xes,
    export,
    moment,
    read_by_r4pm,
    table,
    turnarounds,
    write_small_run,
)
from lxml import etree

from simulator.export.logged_run import logged_worlds
from simulator.export.world_log import log_of

pytestmark = pytest.mark.whole

SCHEMAS = Path(__file__).parent / "schemas"
TRUTH = {"true": True, "false": False}
WORLDS = ("C8-F1", "C9-F2")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_small_run(tmp_path_factory.mktemp("run") / "result", WORLDS)
    for form in ("xes", "ocel", "csv", "parquet"):
        export(str(folder), "--format", form)
    return folder


def logs(run: Path, suffix: str) -> Iterator[tuple[Path, Path]]:
    """(log, tables) of each world."""
    for world in WORLDS:
        yield run / "event-logs" / f"{world}{suffix}", run / "tables" / world


def all_events(run: Path) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The rows of each case in the CSV logs of a run."""
    for log, _ in logs(run, ".csv"):
        with open(log, encoding="utf-8", newline="") as file:
            rows: dict[str, list[dict[str, str]]] = {}
            for row in csv.DictReader(file):
                rows.setdefault(row["case:concept:name"], []).append(row)
        yield from rows.items()


# What another tool reads


def test_xes_read_back_has_the_cases_events_resources_and_turnarounds_of_the_tables(run: Path) -> None:
    for log, tables in logs(run, ".xes"):
        events = list(events_of_xes(log))
        assert {case for case, _ in events} == {row["case"] for row in table(tables, "cases")}
        steps = table(tables, "steps")
        told = Counter(event["lifecycle:transition"] for _, event in events if event["part"] == "step")
        assert told["start"] == sum(bool(row["start"]) for row in steps)
        assert told["complete"] == sum(row["outcome"] not in ("left", "open") for row in steps)
        assert told["withdraw"] + told["ate_abort"] == sum(row["outcome"] == "left" for row in steps)
        people = {f"{row['by']} {row['person']}" for row in steps if row["person"] and "committee" not in row["by"]}
        resources = {event.get("org:resource") for _, event in events if event["part"] == "step"}
        assert people <= resources
        applied = {case: event for case, event in events if event["concept:name"] == "application received"}
        paid: dict[str, Any] = {}
        for case, event in events:
            if event["concept:name"] == "loan paid out":
                paid.setdefault(case, event)
        found = {
            case: (moment(paid[case]["time:timestamp"]) - moment(applied[case]["time:timestamp"])).total_seconds()
            for case in paid
        }
        assert found == turnarounds(tables) != {}
        assert all(event["time:timestamp"].endswith("+08:00") for _, event in events)


def test_ocel_read_back_has_the_objects_events_and_turnarounds_of_the_tables(run: Path) -> None:
    for log, tables in logs(run, ".ocel.json"):
        told = read_by_r4pm("OCEL", log)
        kinds = Counter(each["type"] for each in told["objects"])
        cases, loans, losses = (table(tables, name) for name in ("cases", "loans", "losses"))
        assert kinds["application"] == kinds["firm"] == len(cases)
        assert kinds["loan"] == len(loans) and kinds["claim"] == len(losses) > 0
        assert kinds["IP right"] == sum(bool(row["product"]) for row in cases)
        people = {f"{row['by']} {row['person']}" for row in table(tables, "steps") if row["person"]}
        known = {each["id"].removeprefix("person: ") for each in told["objects"] if each["type"] == "person"}
        assert {each for each in people if "committee" not in each} <= known
        at: dict[tuple[str, str], str] = {}
        for event in told["events"]:
            (case,) = [each["objectId"] for each in event["relationships"] if each["qualifier"] == "application"]
            at.setdefault((case.removeprefix("application-"), event["type"]), event["time"])
        found = {
            case: (moment(when) - moment(at[case, "application received"])).total_seconds()
            for (case, kind), when in at.items()
            if kind == "loan paid out"
        }
        assert found == turnarounds(tables)


def test_all_formats_tell_of_the_same_events(run: Path) -> None:
    for world in WORLDS:
        place = run / "event-logs" / world
        by_pandas = pandas.read_csv(f"{place}.csv", low_memory=False)
        by_arrow = pyarrow.parquet.read_table(f"{place}.parquet")
        events = [event for _, event in events_of_xes(Path(f"{place}.xes"))]
        assert len(by_pandas) == by_arrow.num_rows == len(events)
        assert list(by_pandas.columns) == by_arrow.column_names
        assert by_pandas["concept:instance"].tolist() == [event["concept:instance"] for event in events]
        by_objects = read_by_r4pm("OCEL", Path(f"{place}.ocel.json"))
        assert by_pandas["concept:instance"].nunique() == len(by_objects["events"])
        assert by_pandas["org:resource"].nunique() == len({event.get("org:resource", "") for event in events} - {""})
        times = pandas.to_datetime(by_pandas["time:timestamp"])
        assert times.tolist() == by_arrow["time:timestamp"].to_pylist()
        assert by_pandas["amount_cny"].sum() == pytest.approx(pandas.Series(by_arrow["amount_cny"]).astype(float).sum())


def test_parquet_columns_have_types_and_say_which_run_it_was(run: Path) -> None:
    schema = pyarrow.parquet.read_schema(run / "event-logs" / "C8-F1.parquet")
    assert str(schema.field("time:timestamp").type) == "timestamp[ms, tz=+08:00]"
    assert str(schema.field("visit").type) == "int64" and str(schema.field("case:in_park").type) == "bool"
    assert schema.metadata[b"scenario"] == b"C8-F1" and schema.metadata[b"seed"] == b"2022"


# What the standards demand


def test_xes_is_valid_and_every_event_has_what_its_globals_promise(run: Path) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "xes.xsd"))
    for log, _ in logs(run, ".xes"):
        document = etree.parse(log)
        schema.assertValid(document)
        root = document.getroot()
        for scope, elements in (("trace", root.findall("trace")), ("event", root.findall("trace/event"))):
            promised = {each.get("key") for each in root.findall(f"global[@scope='{scope}']/*")}
            assert all(promised <= {each.get("key") for each in element} for element in elements)
        prefixes = {each.get("prefix") for each in root.findall("extension")}
        keys = {each.get("key") for each in root.iter("string", "float", "int", "date", "boolean")}
        assert {key.split(":")[0] for key in keys if ":" in key} <= prefixes
        declared = {each.get("key") for each in root.findall("global[@scope='event']/*")}
        assert all(set(each.get("keys").split()) <= declared for each in root.findall("classifier"))
        for element in root.iter("trace", "event"):
            found = [each.get("key") for each in element if each.get("key")]
            assert len(found) == len(set(found))


def test_ocel_is_valid_and_everything_it_names_is_there(run: Path) -> None:
    schema = json.loads((SCHEMAS / "ocel20.schema.json").read_text(encoding="utf-8"))
    for log, _ in logs(run, ".ocel.json"):
        told = json.loads(log.read_text(encoding="utf-8"))
        jsonschema.Draft7Validator(schema).validate(told)
        read = {
            "string": str, "time": datetime.fromisoformat, "integer": int, "float": float,
            "boolean": TRUTH.__getitem__,
        }  # fmt: skip
        for things, types in (("events", "eventTypes"), ("objects", "objectTypes")):
            declared = {each["name"]: {a["name"]: a["type"] for a in each["attributes"]} for each in told[types]}
            assert len(declared) == len(told[types])
            for each in told[things]:
                for attribute in each["attributes"]:
                    read[declared[each["type"]][attribute["name"]]](attribute["value"])
        identifiers = [each["id"] for each in told["objects"]]
        assert len(identifiers) == len(set(identifiers))
        assert len({each["id"] for each in told["events"]}) == len(told["events"])
        for each in [*told["events"], *told["objects"]]:
            assert {relation["objectId"] for relation in each["relationships"]} <= set(identifiers)


# What a log says


def test_events_of_a_case_stand_in_the_order_of_time_and_of_the_lifecycle(run: Path) -> None:
    place = {"schedule": 0, "start": 1, "complete": 2, "withdraw": 2, "ate_abort": 2}
    for _, rows in all_events(run):
        times = [row["time:timestamp"] for row in rows]
        assert times == sorted(times)
        by_instance: dict[str, list[str]] = {}
        for row in rows:
            by_instance.setdefault(row["concept:instance"], []).append(row["lifecycle:transition"])
        for transitions in by_instance.values():
            assert all(place[a] < place[b] for a, b in pairwise(transitions)), transitions


def test_an_application_begins_its_case_and_one_refused_at_the_door_has_that_event_alone(run: Path) -> None:
    refused = 0
    for _, rows in all_events(run):
        if rows[0]["case:end"] == "not eligible":
            (row,) = rows
            assert row["concept:name"] == "not eligible" and row["refused_by"]
            refused += 1
            continue
        assert rows[0]["concept:name"] == "application received"
        ended = rows[0]["case:end"]
        ends = [row for row in rows if row["concept:name"] in ("declined", "withdrawn", "expired", "completed")]
        assert [row["concept:name"] for row in ends] == ([ended] if ended not in ("drawn", "open") else [])
        assert all(row["time:timestamp"] == row["case:ended_at"] for row in ends)
    assert refused > 10


def test_a_loan_lives_on_in_its_case_to_its_repayment_or_the_sharing_of_its_loss(run: Path) -> None:
    sums: Counter[str] = Counter()
    for _, rows in all_events(run):
        names = Counter(row["concept:name"] for row in rows)
        status = rows[0]["case:loan_status"]
        assert names["loan repaid"] == (status == "repaid")
        assert names["default"] == (status in ("defaulted", "claim open"))
        sums["renewed"] += names["loan renewed"]
        for row in rows:
            if row["concept:name"] == "claim settled":
                shares = [float(value) for key, value in row.items() if key.startswith("paid_by_") and value]
                assert sum(shares) == pytest.approx(float(row["amount_cny"])) == float(row["case:loss_cny"])
                sums["settled"] += 1
            if row["concept:name"] == "IP sold":
                back = [float(value) for key, value in row.items() if key.startswith("returned_to_") and value]
                left = sum(back) + float(row["surplus_cny"]) + float(row["sale_cost_cny"])
                assert left == pytest.approx(float(row["amount_cny"]))
                sums["sold"] += 1
    assert sums["settled"] > 0 and sums["sold"] > 0


def test_renewals_stand_where_a_tenor_ends(tmp_path: Path) -> None:
    run = write_small_run(tmp_path / "renewed", ["C8-F1"], [*SMALL, "renewal={share: 60%, at_most: 2}"])
    export(str(run), "--format", "xes")
    told: dict[str, list[str]] = {}
    for case, event in events_of_xes(run / "event-logs" / "C8-F1.xes"):
        if event["concept:name"] == "loan renewed":
            told.setdefault(case, []).append(event["time:timestamp"])
    loans = {row["case"]: row for row in table(run / "tables" / "C8-F1", "loans")}
    assert {case: len(each) for case, each in told.items()} == {
        case: int(row["renewals"]) for case, row in loans.items() if row["renewals"] != "0"
    }
    assert max(map(len, told.values())) == 2
    for case, moments in told.items():
        year, rest = loans[case]["drawn_at"][:4], loans[case]["drawn_at"][4:].replace(" ", "T")
        assert moments == [f"{int(year) + tenor}{rest}+08:00" for tenor in range(1, len(moments) + 1)]


def test_money_between_parties_is_told_to_the_fen_and_what_work_costs_stands_with_the_case(run: Path) -> None:
    left_out = ("staff", "expenses", "cost of funds", "IP sold", "cost of sale", "surplus of the sale")
    for log, tables in logs(run, ".xes"):
        payments = [row for row in table(tables, "payments") if row["what"] not in left_out]
        told = [event for _, event in events_of_xes(log) if event["part"] == "payment"]
        assert Counter((event["concept:name"], f"{event['amount_cny']:.2f}") for event in told) == Counter(
            (row["what"], row["amount_cny"]) for row in payments
        )
        assert {event["concept:name"] for event in told if "cost:total" in event} <= {
            "interest", "guarantee fee", "premium", "appraisal fee", "other charge",
        }  # fmt: skip
        costs = sum(attributes(trace).get("cost:total", 0) for trace in read_by_r4pm("EventLog", log)["traces"])
        spent = sum(
            float(row["amount_cny"])
            for row in table(tables, "payments")
            if row["what"] in ("staff", "expenses", "cost of funds")
        )
        assert costs == pytest.approx(spent) and spent > 0


def test_a_loan_of_an_object_centric_log_tells_what_is_outstanding_from_when_on(run: Path) -> None:
    for log, tables in logs(run, ".ocel.json"):
        objects = {each["id"]: each for each in json.loads(log.read_text(encoding="utf-8"))["objects"]}
        for row in table(tables, "loans"):
            loan = objects[f"loan-{row['case']}"]
            owed = [float(each["value"]) for each in loan["attributes"] if each["name"] == "outstanding_cny"]
            status = [each["value"] for each in loan["attributes"] if each["name"] == "status"]
            assert owed[-1] == float(row["outstanding_cny"]) and status[-1] == row["status"]
            related = {each["qualifier"]: each["objectId"] for each in loan["relationships"]}
            assert related["granted on"] == f"application-{row['case']}" and related["lent by"] == "party: bank"


def test_a_row_an_activity_has_all_its_times_and_each_activity_once(run: Path, tmp_path: Path) -> None:
    said = export(str(run), "--format", "csv", "--rows", "activities", "--world", "C8-F1", "--out", str(tmp_path))
    rows = pandas.read_csv(tmp_path / "C8-F1.csv", low_memory=False)
    assert rows["concept:instance"].is_unique and f"{len(rows):,} events" in said
    steps = table(run / "tables" / "C8-F1", "steps")
    done = rows[(rows["part"] == "step") & (rows["lifecycle:transition"] == "complete")]
    assert len(done) == sum(row["outcome"] not in ("left", "open") for row in steps)
    assert (done["start_timestamp"] <= done["time:timestamp"]).all()
    assert (done["schedule_timestamp"].dropna() <= done["start_timestamp"][done["schedule_timestamp"].notna()]).all()


def test_a_log_in_chinese_names_steps_and_parties_as_the_scenario_does(run: Path, tmp_path: Path) -> None:
    said = export(str(run), "--format", "xes", "--world", "C8-F1", "--out", str(tmp_path / "log.xes"), "--lang", "zh")
    assert said.startswith("已写入") and "28笔申请" in said
    events = [event for _, event in events_of_xes(tmp_path / "log.xes")]
    names = {event["concept:name"] for event in events}
    assert {"收到申请", "尽职调查", "放款", "发放贷款", "不符合条件"} <= names
    assert "application received" not in names and "due diligence" not in names
    english = [event for _, event in events_of_xes(run / "event-logs" / "C8-F1.xes")]
    assert [each["time:timestamp"] for each in events] == [each["time:timestamp"] for each in english]


def test_no_more_than_one_case_is_held(run: Path) -> None:
    (world,) = logged_worlds(run, "C8-F1")
    cases = log_of(world).cases()
    assert [next(cases).number, next(cases).number] == [0, 1]
    assert isinstance(cases, Iterator)


@pytest.mark.slow
def test_the_ten_cases_of_the_demo_come_back_whole(tmp_path: Path) -> None:
    run = write_small_run(tmp_path / "ten", ["ten-cases"], ())
    worlds = logged_worlds(run)
    assert len(worlds) == 10
    for form in ("xes", "ocel"):
        export(str(run), "--format", form)
    for world in worlds:
        events = list(events_of_xes(run / "event-logs" / f"{world.name}.xes"))
        assert len({case for case, _ in events}) == len(table(world.tables, "cases"))
        applied = {c: e["time:timestamp"] for c, e in events if e["concept:name"] == "application received"}
        paid: dict[str, str] = {}
        for case, event in events:
            if event["concept:name"] == "loan paid out":
                paid.setdefault(case, event["time:timestamp"])
        found = {case: (moment(when) - moment(applied[case])).total_seconds() for case, when in paid.items()}
        assert found == turnarounds(world.tables)
        told = read_by_r4pm("OCEL", run / "event-logs" / f"{world.name}.ocel.json")
        assert len({event["concept:instance"] for _, event in events}) == len(told["events"])
        people = {event["org:resource"] for _, event in events if event.get("org:role")}
        assert people == {each["id"].removeprefix("person: ") for each in told["objects"] if each["type"] == "person"}
