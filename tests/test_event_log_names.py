"""Whatever things are called, a log stays whole: nothing is run, torn, or taken for markup, in any format."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas
import pyarrow.parquet
import pytest
from logged_runs import events_of_xes, export, read_by_r4pm, table, write_small_run
from lxml import etree

from simulator.export.event_log import key_of

pytestmark = pytest.mark.whole

SCRIPT, LONG, QUOTED, FORMULA = "<script>alert(1)<&>", "長" * 200, "both \"kinds\" of 'quotes', and commas;", "+1-1@A1"
FIRM = '=HYPERLINK("http://x.test","a")&<b>\u202eevil\u202c\x07\x1b\n]]>'
TOWN = {
    "id": SCRIPT,
    "calendars": {"office": {"hours": "9:00-17:00"}},
    "parties": {SCRIPT: {"desks": {QUOTED: {"staff": 1}}}, FORMULA: {}, "bank": {}},
    "applicants": {
        "arrivals": {"firms": [
            {"at": "2021-01-04 10:00", "name": "=1+1", "default_at": "2021-06-01 10:00"},
            {"at": "2021-02-04 10:00", "name": "=1+1"},
            {"at": "2021-03-04 10:00", "name": "平常"},
        ]},
        "population": {
            "amount_requested": "1m CNY", "appraised_value": "2m CNY", "annual sales <&>": "3m CNY", QUOTED: 3,
            "words": {"odds": {SCRIPT: "50%", FORMULA: "rest"}},
        },
    },
    "products": {LONG: {
        "tenor": "12 months",
        "lender": "bank",
        "flow": [
            {SCRIPT: {"stage": "due diligence", "by": f"{SCRIPT} {QUOTED}", "work": "1 h"}},
            {FORMULA: {"stage": "valuation", "by": FORMULA, "elapsed": "1 day"}},
            {LONG: {"stage": "drawdown", "elapsed": "1 day"}},
        ],
        "risk_sharing": {"split": {SCRIPT: "50%", FORMULA: "rest"}},
    }},
    "credit": {"annual_default_rate": "0%", "claim_after": "30 days",
               "recovery": {"haircut": "80%", "cost": "5%", "time": "200 days"}},
    "run": {"start": "2021-01-04", "arrivals_for": "90 days", "follow_up": {"cases": "60 days", "loans": "3 years"},
            "replications": 1, "seed": 5, "drawn_within": "10 days"},
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which everything has an awkward name; one firm's and the world's were written by somebody else."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "town.yaml").write_text(json.dumps(TOWN, ensure_ascii=False), encoding="utf-8")
    run = write_small_run(folder / "run", [str(folder / "town.yaml")], ())
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    (world,) = manifest["worlds"]
    world["label"] = FIRM
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    firms = run / world["tables"] / "firms.csv"
    rows = [list(row.values()) for row in table(firms.parent, "firms")]
    with open(firms, encoding="utf-8-sig", newline="") as file:
        headings = next(csv.reader(file))
    rows[2][1] = FIRM
    with open(firms, "w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    for form, name in (("csv", "log.csv"), ("xes", "log.xes"), ("ocel", "log.json"), ("parquet", "log.parquet")):
        export(str(run), "--format", form, "--out", str(run / name))
    return run


def names_of(events: list[dict[str, Any]]) -> set[str]:
    return {event["concept:name"] for event in events if event["part"] == "step"}


def test_in_xes_names_come_back_as_they_were_and_what_xml_cannot_hold_is_replaced(run: Path) -> None:
    schema = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "xes.xsd"))
    schema.assertValid(document := etree.parse(run / "log.xes"))
    told = [event for _, event in events_of_xes(run / "log.xes")]
    assert names_of(told) == {SCRIPT, FORMULA, LONG}
    assert {event.get("org:resource") for event in told} >= {f"{SCRIPT} {QUOTED} 1", FORMULA}
    firms = [each.get("value") for each in document.findall("trace/string[@key='firm']")]
    assert firms == ["=1+1", "=1+1", FIRM.replace("\x07", "\ufffd").replace("\x1b", "\ufffd")]
    assert document.find("string[@key='concept:name']").get("value") == firms[2]
    assert document.findall(".//script") == []


def test_in_ocel_names_come_back_as_they_were_and_a_firm_that_applies_again_is_one_firm(run: Path) -> None:
    told = read_by_r4pm("OCEL", run / "log.json")
    firms = [each for each in told["objects"] if each["type"] == "firm"]
    assert [each["id"] for each in firms] == ["firm-2", "firm: =1+1"]
    again = [each for each in firms[1]["attributes"] if each["name"] == "words"]
    assert len({each["time"] for each in again}) == 2
    assert next(each["value"] for each in firms[0]["attributes"] if each["name"] == "name") == FIRM
    assert {event["type"] for event in told["events"]} >= {SCRIPT, FORMULA, LONG}
    assert sum(each["qualifier"] == "made by" for o in told["objects"] for each in o["relationships"]) == 3


def test_in_csv_nothing_is_run_and_identifiers_are_as_they_were(run: Path) -> None:
    with open(run / "log.csv", encoding="utf-8", newline="") as file:
        assert file.read(1) != "\ufeff"
        file.seek(0)
        rows = list(csv.DictReader(file))
    assert not any(value.startswith(("=", "@", "+")) for row in rows for value in row.values())
    assert {row["case:firm"] for row in rows} == {"'=1+1", f"'{FIRM}"}
    assert {row["case:concept:name"] for row in rows} == {"0", "1", "2"}
    assert len({row["concept:instance"] for row in rows}) == len(read_by_r4pm("OCEL", run / "log.json")["events"])
    assert {row["concept:name"] for row in rows if row["part"] == "step"} == {SCRIPT, f"'{FORMULA}", LONG}
    assert len(pandas.read_csv(run / "log.csv")) == len(rows)


def test_in_parquet_names_are_as_they_were(run: Path) -> None:
    rows = pyarrow.parquet.read_table(run / "log.parquet").to_pylist()
    assert {row["case:firm"] for row in rows} == {"=1+1", FIRM}
    assert names_of(rows) == {SCRIPT, FORMULA, LONG}


def test_keys_are_names_in_xml_and_each_is_its_own() -> None:
    assert key_of("annual sales <&>") == "annual_sales____"
    assert key_of("年销售额") == "年销售额" and key_of("3 years") == "_3_years"
    assert key_of("end", {"end": "string"}) == "end_"
