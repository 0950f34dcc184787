"""The diagram of one product of a scenario."""

from __future__ import annotations

from simulator.diagrams.flow_graph import FlowDrawing
from simulator.diagrams.loan_graph import draw_loan
from simulator.diagrams.model import FIRM, Diagram, Interruption, Span
from simulator.diagrams.step_facts import lane_said
from simulator.diagrams.wording import clock_sentence, duration, end_said, moment_said, time_said
from simulator.errors import PledgesimError, did_you_mean, listed
from simulator.scenario.flow import Clock, split_moment
from simulator.scenario.load import AS_STATED
from simulator.scenario.model import Product, Scenario
from simulator.scenario.spoken_names import clock_said, product_said, step_said
from simulator.texts import say, say_count


def product_of(scenario: Scenario, asked: str | None = None) -> str:
    """The product that is asked for, or the only one there is; PledgesimError lists them otherwise."""
    products = list(scenario.products)
    if asked is None and len(products) == 1:
        return products[0]
    if asked in products:
        return str(asked)
    found = f"{scenario.id} has several products" if asked is None else f"{scenario.id} has no product '{asked}'"
    raise PledgesimError(f"{found}{did_you_mean(asked or '', products)}; choose with --product: {listed(products)}")


def diagram_of(scenario: Scenario, product_key: str, variant: str = AS_STATED) -> Diagram:
    """The flow and the servicing of a product, in the language spoken."""
    product = scenario.products[product_key]
    name = product.name.said() if product.name is not None else product_said(scenario, product_key)
    diagram = Diagram(
        title=say("{product} ({scenario})", product=name, scenario=scenario.id),
        subtitle="" if variant == AS_STATED else variant,
        name=name,
        lanes={FIRM: lane_said(scenario, FIRM)},
    )
    drawing = FlowDrawing(diagram, scenario, product)
    drawing.draw()
    draw_loan(drawing)
    steps = {step.title: step_said(step) for step in product.all_steps}
    for key, clock in product.clocks.items():
        _add_clock(diagram, _clock_name(product, key), clock, steps)
    patience = scenario.applicants.patience if scenario.applicants is not None else None
    if patience is not None:
        label = say("The applicant's patience is over: {time}", time=time_said(patience))
        diagram.interruptions.append(Interruption(label, "withdrawn", end_said("withdrawn")))
    diagram.about = _about(product)
    return diagram


def _clock_name(product: Product, key: str) -> str:
    """What a clock is called; before it its sign, such as T4, by which tables call it."""
    name = product.clocks[key].name
    if name is None or name.said() in ("", key):
        return clock_said(product, key)
    return name.said() if " " in key else say("{key}: {what}", key=key, what=name.said())


def _about(product: Product) -> tuple[str, ...]:
    """What holds for the whole flow."""
    limit = say_count(
        "A file sent back more than {n} time is declined.",
        "A file sent back more than {n} times is declined.",
        product.rework_limit,
    )
    return (limit,) if any(step.on for step in product.all_steps) else ()


def _add_clock(diagram: Diagram, name: str, clock: Clock, steps: dict[str, str]) -> None:
    """A clock as a span over the lanes; one whose deadline moves the case also as what may happen anywhere."""
    said = clock_sentence(name, clock)
    begins, ends = (split_moment(moment)[1] for moment in (clock.begins, clock.ends))
    diagram.spans.append(Span(said, begins, ends, clock.within is not None))
    if clock.within is None or clock.when_passed == "count":
        return
    end = "expired" if clock.when_passed == "give up" else ""
    stretch = say(
        "{clock}, from {begins} to {ends}",
        clock=said,
        begins=moment_said(clock.begins, steps),
        ends=moment_said(clock.ends, steps),
    )
    end_label = end_said(end) if end else say("goes first from here")
    diagram.interruptions.append(Interruption(stretch, end, end_label, duration(clock.within)))
