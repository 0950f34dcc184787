"""The chart of one case tells its way to the money; what is done for the loan afterwards is not part of it."""

from __future__ import annotations

from simulator.analysis.comparison import Comparison, comparison_of
from simulator.analysis.rounds import run_worlds
from simulator.charts import timeline


def test_the_timeline_of_a_loan_that_is_watched_ends_with_the_drawdown() -> None:
    worlds = comparison_of(["C1-F2"]).worlds[:1]
    run_worlds(worlds, replications=1)
    figure = timeline.draw(Comparison(worlds))
    assert figure is not None
    steps = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert steps[0].startswith("due diligence")
    assert steps[-1].startswith("drawdown")
