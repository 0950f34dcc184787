"""A chart's page, made for a slide: title, subtitle, legend, panels, a list beside them, and notes below.

Everything but the panels is measured as it is written, so that the panels get the room that is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from simulator.charts.fonts import families
from simulator.charts.labels import width_of, wrapped
from simulator.charts.palette import FAINT, GRID, INK

if TYPE_CHECKING:
    from simulator.charts.series import Series

WIDTH, HEIGHT = 10.0, 5.625
"""Inches of a page: 1600 x 900 dots at 160 dots an inch."""
MARGIN, GAP, PAD = 0.28, 0.09, 0.06
TITLE, TEXT, SMALL = 15.0, 9.0, 8.0
Arguments = ParamSpec("Arguments")


def style() -> dict[str, Any]:
    """Settings under which charts are drawn and saved: the same everywhere, and the same file for the same run."""
    return {
        "font.family": families(), "font.size": TEXT, "text.parse_math": False, "axes.unicode_minus": False,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": FAINT, "xtick.color": INK, "ytick.color": INK,
        "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "axes.titlelocation": "left",
        "grid.color": GRID, "grid.linewidth": 0.6, "hatch.linewidth": 0.6, "legend.frameon": False,
        "figure.facecolor": "white", "savefig.facecolor": "white",
        "svg.fonttype": "path", "svg.hashsalt": "pledgesim", "path.simplify": True,
    }  # fmt: skip


def chart(draw: Callable[Arguments, Figure | None]) -> Callable[Arguments, Figure | None]:
    """Draw under the settings of `style`, whatever the settings of the program around."""

    @wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure | None:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(style())
            figure = draw(*args, **kwargs)
            if figure is not None:
                # Ticks are made while drawing, and take the settings of that moment.
                figure.draw_without_rendering()
            return figure

    return drawn


class Page:
    """A figure on which texts are stacked from above and below; `panels` takes what is left."""

    def __init__(self, title: str, subtitle: str, height: float = HEIGHT) -> None:
        self.figure = Figure(figsize=(WIDTH, height))
        self._canvas = FigureCanvasAgg(self.figure)
        self._height = height
        self._top, self._bottom, self._right = height - MARGIN, MARGIN, WIDTH - MARGIN
        self._line(title, TITLE, INK, weight="bold")
        self._line(subtitle, TEXT + 0.5, FAINT)

    def _size(self, artist: Artist) -> tuple[float, float]:
        box = artist.get_window_extent(self._canvas.get_renderer())
        return box.width / self.figure.dpi, box.height / self.figure.dpi

    def _text(self, text: str, x: float, y: float, **settings: Any) -> Any:
        return self.figure.text(x / WIDTH, y / self._height, text, **settings)

    def _line(self, text: str, size: float, colour: str, *, below: bool = False, **settings: Any) -> None:
        """Write text across the page, in as many lines (up to three) as it needs."""
        columns = min(width_of(text), 200)
        align = "bottom" if below else "top"
        place = self._bottom if below else self._top
        settings |= {"size": size, "color": colour, "va": align, "linespacing": 1.2}
        written = self._text(wrapped(text, columns, 3), MARGIN, place, **settings)
        while columns > 20 and self._size(written)[0] > WIDTH - 2 * MARGIN:
            columns -= 3
            written.set_text(wrapped(text, columns, 3))
        taken = self._size(written)[1] + (GAP * 0.6)
        if below:
            self._bottom += taken
        else:
            self._top -= taken

    def note(self, *notes: str) -> None:
        """Notes in small print at the foot of the page."""
        for note in reversed([each for each in notes if each]):
            self._line(note, SMALL, FAINT, below=True)

    def legend(self, handles: Sequence[Artist]) -> None:
        """A legend in one row, or as many as it needs, below the subtitle."""
        columns = len(handles)
        while True:
            legend = self.figure.legend(
                handles=list(handles), loc="upper left", ncols=columns, fontsize=SMALL + 0.5, borderpad=0,
                borderaxespad=0, columnspacing=1.5, handletextpad=0.5, handlelength=1.8, labelspacing=0.35,
                bbox_to_anchor=(MARGIN / WIDTH, (self._top - GAP * 0.4) / self._height),
            )  # fmt: skip
            width, height = self._size(legend)
            if width <= WIDTH - 2 * MARGIN or columns == 1:
                break
            legend.remove()
            columns -= 1
        legend.set_in_layout(False)
        self._top -= height + GAP * 1.2

    def side_list(self, series: Sequence[Series], texts: Sequence[str], width: float = 2.75) -> None:
        """A column right of the panels: for each series its line, its name and what is said of it."""
        left = self._right - width
        y = self._top - GAP * 2.5
        for each, text in zip(series, texts, strict=True):
            line = Line2D(
                [left / WIDTH, (left + 0.32) / WIDTH], [(y - 0.075) / self._height] * 2,
                color=each.colour, linestyle=each.line, linewidth=2.2, transform=self.figure.transFigure,
            )  # fmt: skip
            line.set_in_layout(False)
            self.figure.add_artist(line)
            name = wrapped(each.label, round((width - 0.4) * 12.2), 2)
            heading = self._text(name, left + 0.4, y, size=SMALL + 0.5, weight="bold", va="top", color=each.colour)
            y -= self._size(heading)[1] + 0.03
            said = self._text(text, left + 0.4, y, size=SMALL, va="top", linespacing=1.25)
            y -= self._size(said)[1] + 0.12
        self._right = left - GAP

    def panels(self, rows: int, columns: int, **settings: Any) -> NDArray[Any]:
        """A grid of axes, shape (rows, columns), in the room that is left."""
        room = (
            (MARGIN - PAD) / WIDTH, self._bottom / self._height, (self._right - MARGIN + 2 * PAD) / WIDTH,
            (self._top - GAP - self._bottom) / self._height,
        )  # fmt: skip
        self.figure.set_layout_engine("constrained", rect=room, h_pad=PAD, w_pad=PAD)
        axes: NDArray[Any] = np.asarray(self.figure.subplots(rows, columns, squeeze=False, **settings))
        return axes


def panel_grid(count: int) -> tuple[int, int]:
    """Rows and columns for a number of panels that share their rows' names."""
    return (1, count) if count <= 4 else (2, (count + 1) // 2)


def quiet(axes: Axes, grid: str) -> None:
    """Faint grid lines across one axis, and no ticks on the other."""
    axes.grid(axis=grid, visible=True)  # type: ignore[arg-type]
    axes.tick_params(axis="both", length=0, labelsize=SMALL + 0.5)
    axes.spines["left" if grid == "x" else "bottom"].set_color(GRID)
