"""What came out of a run or a comparison: figures and tables as data frames, charts, the folder, the report."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analysis.comparison import Comparison
from simulator.analysis.rounds import WorldResult
from simulator.analysis.summary import summary
from simulator.api import figure_frames
from simulator.api.folders import as_in_python
from simulator.api.frames import html_of, table_frame
from simulator.api.given import path_of, refuse_unless_text
from simulator.api.languages import in_language
from simulator.api.pictures import axes_of
from simulator.errors import PledgesimError, did_you_mean
from simulator.export.tables import TABLES, rows_of
from simulator.texts import Language, say, say_count

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame


class Result:
    """The result of `run` or `compare`; every figure in it is that of `summary`, over all replications.

    Frames have a row for each product of each world. A figure stands in three columns: NAME, NAME_low and NAME_high,
    the ends of its 95 % interval; all three are empty where a figure is not finite (a case still open at the end is
    infinitely long), and the ends alone where one replication gives no interval.

    >>> result = simulator.run("C7-F2-online", replications=2)
    >>> result.turnaround().filter(like="p90_days").round(1).values.tolist()
    [[14.1, 13.1, 15.0]]
    """

    def __init__(self, comparison: Comparison, called: str) -> None:
        """Made by `run` and `compare`; `called` is which of them."""
        self._comparison, self._called = comparison, called

    @property
    def comparison(self) -> Comparison:
        """The worlds with all that was measured, which the rest of the simulator works with."""
        return self._comparison

    @property
    def worlds(self) -> tuple[str, ...]:
        """Labels of the worlds."""
        return tuple(world.label for world in self._comparison.worlds)

    @property
    def replications(self) -> int:
        """Finished replications of each world."""
        return self._comparison.replications

    @property
    def complete(self) -> bool:
        """False after an interrupt."""
        return self._comparison.complete

    @cached_property
    def summary(self) -> dict[str, Any]:
        """All figures with their intervals, as they stand in summary.json."""
        return summary(self._comparison)

    def turnaround(self) -> DataFrame:
        """How long firms that got the money waited: mean, median and P90, in calendar and in working days.

        Beside it `drawn_of_eligible`, the share that got it at all, and `drawn_within_share`, the share of eligible
        firms that had it within `within_days` of applying, which no survivor flatters.
        """
        return figure_frames.turnaround(self.summary)

    def clocks(self) -> DataFrame:
        """The named spans between two steps, such as T4 of the source: mean, median and P90 in the clock's own unit."""
        return figure_frames.clocks(self.summary)

    def cases(self) -> DataFrame:
        """What became of the firms: numbers over all replications together."""
        return figure_frames.cases(self.summary)

    def steps(self) -> DataFrame:
        """Where the days go: mean calendar days a case in each step, by whether it is worked on, waits for a desk, the
        desk is closed, or time simply has to pass. Over the cases drawn or still open; steps side by side overlap.
        """
        return figure_frames.steps(self.summary)

    def desks(self) -> DataFrame:
        """How busy every desk is over the arrival period, and how long files lie before it."""
        return figure_frames.desks(self.summary)

    def costs(self) -> DataFrame:
        """What the money costs the firm a year: effective rates by contract and as it came, and what is in them."""
        return figure_frames.costs(self.summary)

    def losses(self) -> DataFrame:
        """Who bears the losses of defaults, net of recoveries: CNY a replication, all parties together first."""
        return figure_frames.losses(self.summary)

    def defaults(self) -> DataFrame:
        """How often loans default, and how much of what was lent is lost."""
        return figure_frames.defaults(self.summary)

    def funds(self) -> DataFrame:
        """What is left in each fund at the end, and in which share of replications it was used up."""
        return figure_frames.funds(self.summary)

    def parties(self) -> DataFrame:
        """What each party gains or loses by the product, in CNY a replication; all of it sums to zero."""
        return figure_frames.parties(self.summary)

    def payments(self) -> DataFrame:
        """What each party received, less what it paid, by what it was for, in CNY a replication."""
        return figure_frames.payments(self.summary)

    def differences(self, measure: str | None = None) -> DataFrame:
        """How much more of each measure world b has than world a, paired firm by firm or replication by replication.

        `low_together` and `high_together` hold for all differences of a measure at once (Bonferroni). `measure` leaves
        only one, with or without its unit: "turnaround.mean", "loss.total".
        """
        return figure_frames.differences(self.summary, measure)

    def by_replication(self, measure: str) -> DataFrame:
        """One measure, replication by replication: what the intervals of all figures are made from.

        `measure` is called as in `differences`. A value is infinite where a case is still open at the end, and empty
        where the replication has none.
        """
        return figure_frames.by_replication(self._comparison, measure)

    def table(self, name: str, world: str | None = None) -> DataFrame:
        """A table of replication 1, of all worlds or one: cases, steps, firms, loans, losses, payments, funds, desks.

        Times are timestamps (Shanghai time), money is in CNY. PledgesimError, with the nearest spelling, for an unknown
        table or world.

        >>> simulator.run("C7-F2-online", replications=1).table("loans").dtypes["drawn_at"]
        dtype('<M8[us]')
        """
        refuse_unless_text("name", name)
        if name not in TABLES:
            raise PledgesimError(f"no table '{name}'{did_you_mean(name, TABLES)}; allowed: {', '.join(TABLES)}")
        chosen = self._comparison.worlds if world is None else [self._world(world)]
        frames = []
        for each in chosen:
            frame = table_frame(rows_of(each, name))
            frame.insert(0, "world", each.label)
            frames.append(frame)
        return figure_frames.one_below_the_other(frames)

    @property
    def charts(self) -> list[str]:
        """Names of the charts that have something to show here, for `chart`; all are drawn once to see it."""
        return [name for name in self._drawings() if name in self._shown]

    def chart(self, name: str, lang: Language | None = None) -> Any:
        """A chart in the language spoken, or in `lang`: its Axes, or an array of them where it has several panels.

        A notebook shows it at once; `axes.figure.savefig(...)` saves it. PledgesimError, with the nearest spelling, for
        an unknown name, and for a chart with nothing to show.
        """
        with in_language(lang):
            return axes_of(name, self._drawings())

    def save(self, folder: str | PathLike[str]) -> Path:
        """Write summary.json, manifest.json, tables and charts, as `--out` does; the folder.

        PledgesimError for a folder that holds something else than an earlier run, or cannot be written.
        """
        return self._write(path_of("folder", folder), with_charts=True)

    def report(self, page: str | PathLike[str], lang: Language | None = None) -> Path:
        """Write the whole result as one page that opens from a mail, in the language spoken or in `lang`; the page.

        PledgesimError for a page that does not end in .html, or cannot be written.
        """
        from tempfile import TemporaryDirectory

        from simulator.export.whole_file import refuse_place, written_whole
        from simulator.report.page import report_page
        from simulator.report.results import read_results

        path = path_of("page", page)
        refuse_place(path, (".html", ".htm"), str(path))
        with TemporaryDirectory() as folder, in_language(lang):
            text = report_page(read_results(self._write(Path(folder), with_charts=False)))
        with written_whole(path, encoding="utf-8", told=str(path)) as file:
            file.write(text)
        return path

    def _write(self, path: Path, with_charts: bool) -> Path:
        from simulator.charts.gallery import save_charts
        from simulator.export.folder import manifest_of, results_in, write_run

        with as_in_python(), results_in(path, manifest_of(self._comparison, [f"simulator.{self._called}(...)"])):
            write_run(self._comparison, self.summary, path)
            if with_charts:
                save_charts(self._comparison, path / "charts")
        return path

    def _world(self, label: str) -> WorldResult:
        refuse_unless_text("world", label)
        for each in self._comparison.worlds:
            if each.label == label:
                return each
        raise PledgesimError(f"no world '{label}'{did_you_mean(label, self.worlds)}; worlds: {', '.join(self.worlds)}")

    def _drawings(self) -> dict[str, Callable[[], Figure | None]]:
        from simulator.charts.gallery import CHARTS

        return {name: partial(draw, self._comparison) for name, (_, draw) in CHARTS.items()}

    @cached_property
    def _shown(self) -> set[str]:
        return {name for name, draw in self._drawings().items() if draw() is not None}

    def __repr__(self) -> str:
        count = len(self.worlds)
        told = "a world" if count == 1 else f"{count} worlds"
        runs = "1 replication" if self.replications == 1 else f"{self.replications} replications each"
        return f"<Result of {told}, {runs}{'' if self.complete else ' (interrupted)'}: {', '.join(self.worlds)}>"

    def _repr_html_(self) -> str:
        told = say_count("{n} replication of each world.", "{n} replications of each world.", self.replications)
        stopped = "" if self.complete else f" {say('Interrupted: these are the replications finished until then.')}"
        return html_of(figure_frames.overview(self._comparison, self.summary)) + f"<p>{told}{stopped}</p>"
