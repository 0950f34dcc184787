"""One applicant's story: why case 17 took so many days, and who bore its loss."""

from __future__ import annotations

from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from simulator.analysis.comparison import Comparison, label_of
from simulator.analysis.explanation import Explanation, as_json, explain_in, loss_in_words
from simulator.analysis.measure import measure
from simulator.analysis.rounds import WorldResult
from simulator.analysis.time_use import USES
from simulator.api.frames import frame_of, html_of
from simulator.api.given import refuse_unless_whole
from simulator.api.languages import in_language
from simulator.api.pictures import axes_of
from simulator.api.scenarios import Source, scenario_of
from simulator.experiment.estimate import refuse_endless
from simulator.experiment.replication import replicate
from simulator.scenario.load import LoadedScenario
from simulator.texts import Language
from simulator.workflow.world import Happened

if TYPE_CHECKING:
    from pandas import DataFrame

MINUTES_A_DAY = 1440
MOMENTS = ("entry", "start", "work_end", "end")


class CaseStory:
    """One case from application to drawdown, or to the end that it met, and its loan from there.

    >>> story = simulator.explain("C9-F2", case=22)
    >>> story.end
    'drawn'
    >>> story.timeline[["step", "outcome"]].head(2).values.tolist()
    [['need confirmation', 'confirmed'], ['expert valuation', 'valued']]
    """

    def __init__(self, loaded: LoadedScenario, happened: Happened, story: Explanation) -> None:
        """Made by `explain`."""
        self._loaded, self._happened, self._story = loaded, happened, story

    @property
    def case(self) -> int:
        """Its number, from 0, in the order of application."""
        return self._story.case

    @property
    def end(self) -> str:
        """How it ended: drawn, declined, withdrawn, expired, open, or not eligible."""
        return self._story.end

    @cached_property
    def data(self) -> dict[str, Any]:
        """All that is told, as `pledgesim explain --json` prints it; moments are ISO times, money is in CNY."""
        return as_json(self._loaded, self._story)

    @cached_property
    def timeline(self) -> DataFrame:
        """Each visit to a step: who, when, the outcome, and its days by what they were spent on.

        Moments are timestamps (Shanghai time): handed in, work begun, work ended, left; NaT where there was none.
        """
        import pandas

        frame = frame_of(
            {
                **{key: value for key, value in told.items() if key != "minutes"},
                **{f"{use}_days": told["minutes"][use] / MINUTES_A_DAY for use in USES},
            }
            for told in self.data["timeline"]
        )
        for name in MOMENTS:
            if name in frame:
                frame[name] = pandas.to_datetime(frame[name])
        return frame

    @property
    def days(self) -> dict[str, float]:
        """Calendar days from application to drawdown (or the end), each instant counted once, by what they went to:
        work, waiting for a desk, closed desks, and time that has to pass."""
        return {use: minutes / MINUTES_A_DAY for use, minutes in zip(USES, self._story.uses, strict=True)}

    @property
    def after_drawdown(self) -> DataFrame:
        """What was paid back and done for the loan, in order; money in CNY."""
        return frame_of(self.data["after_drawdown"], ("at", "what", "by", "outcome", "paid_cny", "outstanding_cny"))

    @property
    def loss(self) -> list[str]:
        """How its loss was shared, sentence by sentence; empty without a default."""
        return loss_in_words(self._loaded, self._story.loss) if self._story.loss is not None else []

    def chart(self, lang: Language | None = None) -> Any:
        """The timeline as a chart, in the language spoken or in `lang`: its Axes; a notebook shows it at once.

        PledgesimError for a case that never came to a step.
        """
        from simulator.charts import timeline

        # What happened is kept with replication 1, whichever it was.
        world = WorldResult(self._loaded, label_of(self._loaded), [measure(self._loaded.scenario, self._happened, 1)])
        with in_language(lang):
            return axes_of("timeline", {"timeline": lambda: timeline.draw(Comparison([world]), self.case)})

    def __repr__(self) -> str:
        where = f"{label_of(self._loaded)}, replication {self._story.replication}"
        return f"<CaseStory of case {self.case} in {where}: {self.end}>"

    def _repr_html_(self) -> str:
        return html_of(self.timeline) + "".join(f"<p>{escape(sentence)}</p>" for sentence in self.loss)


def explain(scenario: Source, case: int | None = None, replication: int = 1) -> CaseStory:
    """Tell one case; by default the first that defaulted, or else the first that was drawn.

    PledgesimError for a case that there is not, ScenarioError for a scenario that cannot be read.

    >>> simulator.explain("C8-F1", case=17)
    <CaseStory of case 17 in C8-F1, replication 1: not eligible>
    """
    if case is not None:
        refuse_unless_whole("case", case, 0)
    refuse_unless_whole("replication", replication, 1)
    loaded = scenario_of(scenario).loaded
    refuse_endless([(loaded, 1)], limit_hours=1)
    happened = replicate(loaded.scenario, replication)
    return CaseStory(loaded, happened, explain_in(loaded, happened, case, replication))
