"""Six stages in a row in Prosimos, on weekdays: processor time, rows of the log and mean turnaround as JSON.

`peers.py` runs it in an environment of its own and passes the model as JSON. What Prosimos reads, a BPMN file and a
JSON file, is written here for every run, as is its log, to a folder that is removed at the end.
"""

from __future__ import annotations

import csv
import datetime
import json
import platform
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from prosimos.simulation_engine import run_simulation

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OPEN_DAYS = 5
LONGEST_SECONDS = 10 * 365 * 86_400
"""Beyond every draw, as Prosimos asks for a highest value."""


def write_bpmn(path: Path, stages: list[str]) -> None:
    """One task a stage between a start and an end."""
    ElementTree.register_namespace("", BPMN)
    definitions = ElementTree.Element(f"{{{BPMN}}}definitions", targetNamespace="six-stages")
    process = ElementTree.SubElement(definitions, f"{{{BPMN}}}process", id="six-stages")
    tasks = [f"task-{number}" for number in range(len(stages))]
    ElementTree.SubElement(process, f"{{{BPMN}}}startEvent", id="start", name="start")
    for task, stage in zip(tasks, stages, strict=True):
        ElementTree.SubElement(process, f"{{{BPMN}}}task", id=task, name=stage)
    ElementTree.SubElement(process, f"{{{BPMN}}}endEvent", id="end", name="end")
    points = ["start", *tasks, "end"]
    for number, (source, target) in enumerate(pairwise(points)):
        ElementTree.SubElement(
            process, f"{{{BPMN}}}sequenceFlow", id=f"flow-{number}", sourceRef=source, targetRef=target
        )
    ElementTree.ElementTree(definitions).write(path, encoding="utf-8", xml_declaration=True)


def write_parameters(path: Path, model: dict[str, Any]) -> None:
    """One person a task, all in the same hours."""
    opens, closes = model["hours"]
    hours = [{"from": "MONDAY", "to": "FRIDAY", "beginTime": f"{opens:02d}:00:00", "endTime": f"{closes:02d}:00:00"}]
    # A gap that reaches past closing time ends at opening, so that every day begins with an arrival: the others must be
    # one a day fewer for the same load.
    minutes = (closes - opens) * 60
    gap = minutes / (minutes / model["gap"] - 1)
    parameters = {
        "resource_profiles": [
            {
                "id": f"pool-{number}",
                "name": stage,
                "resource_list": [
                    {
                        "id": f"person-{number}",
                        "name": f"person of {stage}",
                        "cost_per_hour": 0,
                        "amount": 1,
                        "calendar": "office",
                        "assignedTasks": [f"task-{number}"],
                    }
                ],
            }
            for number, stage in enumerate(model["stages"])
        ],
        "arrival_time_distribution": exponential(gap),
        "arrival_time_calendar": hours,
        "gateway_branching_probabilities": [],
        "task_resource_distribution": [
            {
                "task_id": f"task-{number}",
                "resources": [{"resource_id": f"person-{number}", **exponential(model["work"])}],
            }
            for number in range(len(model["stages"]))
        ],
        "resource_calendars": [{"id": "office", "name": "office", "time_periods": hours}],
    }
    path.write_text(json.dumps(parameters), encoding="utf-8")


def exponential(minutes: float) -> dict[str, Any]:
    """A distribution as Prosimos reads it: mean, least and highest value in seconds."""
    values = [minutes * 60, 0, LONGEST_SECONDS]
    return {"distribution_name": "expon", "distribution_params": [{"value": value} for value in values]}


def simulate(model: dict[str, Any], cases: int, folder: Path) -> Path:
    """The log of a run of so many cases."""
    log = folder / "log.csv"
    np.random.seed(1)
    run_simulation(
        str(folder / "model.bpmn"),
        str(folder / "parameters.json"),
        cases,
        log_out_path=str(log),
        starting_at=f"{model['monday']}T{model['hours'][0]:02d}:00:00+00:00",
    )
    return log


def open_minutes(moment: str, model: dict[str, Any]) -> float:
    """Minutes within office hours from the first Monday to a moment of the log."""
    at = datetime.datetime.fromisoformat(moment)
    weeks, weekday = divmod((at.date() - datetime.date.fromisoformat(model["monday"])).days, 7)
    opens, closes = (hour * 60 for hour in model["hours"])
    days = weeks * OPEN_DAYS + min(weekday, OPEN_DAYS)
    today = at.hour * 60 + at.minute + at.second / 60 + at.microsecond / 60e6 if weekday < OPEN_DAYS else 0
    return days * (closes - opens) + min(max(today - opens, 0), closes - opens)


def main() -> None:
    """Run the model once, after a short run that is not timed."""
    model = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_bpmn(folder / "model.bpmn", model["stages"])
        write_parameters(folder / "parameters.json", model)
        simulate(model, 100, folder)
        began = time.process_time()
        log = simulate(model, model["cases"], folder)
        spent = time.process_time() - began
        with log.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    first, last = model["stages"][0], model["stages"][-1]
    arrival = {row["case_id"]: open_minutes(row["enable_time"], model) for row in rows if row["activity"] == first}
    passed = [open_minutes(row["end_time"], model) - arrival[row["case_id"]] for row in rows if row["activity"] == last]
    print(
        json.dumps(
            {
                "seconds": spent,
                "cases": len(passed),
                "rows": len(rows),
                "turnaround": sum(passed) / len(passed),
                "python": platform.python_version(),
            }
        )
    )


if __name__ == "__main__":
    main()
