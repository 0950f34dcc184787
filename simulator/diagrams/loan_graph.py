"""From the servicing of a product to nodes and routes: what is done while the loan runs, and once it is repaid."""

from __future__ import annotations

from simulator.diagrams.flow_graph import FlowDrawing, Loose
from simulator.diagrams.model import Route
from simulator.diagrams.routes import ways_of
from simulator.diagrams.step_facts import lane_of
from simulator.diagrams.wording import duration, joined, way_said
from simulator.scenario.flow import Step
from simulator.scenario.lender import lender_of
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import say

PART = "loan"


def draw_loan(drawing: FlowDrawing) -> None:
    """Add the servicing of the product to its diagram: a process of its own for each loan, as in a run."""
    product = drawing.product
    if not product.servicing:
        return
    lender = lender_of(drawing.scenario, product) or ""
    start = drawing.add("start", say("Money paid out, the loan runs"), lender, part=PART)
    repaid = _watched(drawing, start, lender)
    at_the_end = [step for step in product.servicing if step.every is None]
    loose = [Loose(repaid)]
    if len(at_the_end) > 1:
        fork = drawing.add("fork", part=PART)
        drawing.connect(loose, fork)
        loose = [Loose(fork)]
    ends = []
    for step in at_the_end:
        drawing.next_stretch()
        task = drawing.task(step, part=PART)
        drawing.connect(loose, task)
        ends.append(Loose(task))
    if len(ends) > 1:
        drawing.next_stretch()
        join = drawing.add("join", lane=lender, part=PART)
        drawing.connect(ends, join)
        ends = [Loose(join)]
    end = drawing.add("end", say("the loan is over"), part=PART)
    drawing.connect(ends or loose, end)


def _watched(drawing: FlowDrawing, start: str, lender: str) -> str:
    """The looks at a running loan; the event of its repayment."""
    watching = [step for step in drawing.product.servicing if step.every is not None]
    race = drawing.add("race", say("whichever comes first"), part=PART) if watching else start
    if watching:
        drawing.connect([Loose(start)], race)
    called: list[Loose] = []
    for step in watching:
        assert step.every is not None
        drawing.next_stretch()
        said = say("every {time}", time=span_said(step.every))
        due = drawing.add(
            "every", said, lane_of(drawing.scenario, drawing.product, step), part=PART, within=duration(step.every)
        )
        drawing.connect([Loose(race)], due)
        task = drawing.task(step, part=PART)
        drawing.connect([Loose(due)], task)
        called += _looked(drawing, step, task, race)
    drawing.next_stretch()
    repaid = drawing.add("repaid", say("loan repaid"), lender, part=PART)
    drawing.connect([Loose(race), *called], repaid)
    return repaid


def _looked(drawing: FlowDrawing, step: Step, task: str, race: str) -> list[Loose]:
    """After a look: the loan runs on, or it is called and repaid early."""
    ways = ways_of(step, drawing.scenario.quotas)
    runs_on = [way_said(way) for way in ways if way.outcome == step.first_outcome]
    calls = [way_said(way) for way in ways if way.outcome != step.first_outcome]
    source = task
    if calls and runs_on:
        source = drawing.add("outcome", part=PART)
        drawing.connect([Loose(task)], source)
    if runs_on:
        drawing.diagram.routes.append(Route(source, race, joined(runs_on) if calls else "", named=True))
    return [Loose(source, joined(calls))] if calls else []
