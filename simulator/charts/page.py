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
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray

from simulator.charts.fonts import families, lacks_bold, readable, with_known_letters
from simulator.charts.labels import width_of, wrapped
from simulator.charts.palette import FAINT, GRID, INK

if TYPE_CHECKING:
    from simulator.charts.series import Series

WIDTH, HEIGHT = 10.0, 5.625
"""Inches of a page: 1600 x 900 dots at 160 dots an inch."""
DOTS_PER_INCH = 160
MARGIN, GAP, PAD = 0.28, 0.09, 0.06
TITLE, TEXT, SMALL = 15.0, 9.0, 8.0
OUTLINE = 0.045
"""Points that an outline makes bold letters thicker, for each point of their size."""
FEW = 4
"""With more series than these, what is said of each is cut short."""
Arguments = ParamSpec("Arguments")


def style() -> Any:
    """Settings under which charts are drawn and saved: the same everywhere, and the same file for the same run."""
    return {
        "font.family": families(), "font.size": TEXT, "text.parse_math": False, "axes.unicode_minus": False,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": FAINT, "xtick.color": INK, "ytick.color": INK,
        "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "axes.titlelocation": "left",
        "grid.color": GRID, "grid.linewidth": 0.6, "hatch.linewidth": 0.6, "legend.frameon": False,
        "figure.facecolor": "white", "savefig.facecolor": "white",
        "text.hinting": "none", "svg.fonttype": "path", "svg.hashsalt": "pledgesim", "path.simplify": True,
    }  # fmt: skip


def chart(draw: Callable[Arguments, Figure | None]) -> Callable[Arguments, Figure | None]:
    """Draw under the settings of `style`, whatever those of the program around, in a language that can be read."""

    @wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure | None:
        with readable(), matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(style())
            figure = draw(*args, **kwargs)
            if figure is not None:
                if lacks_bold():
                    _thicken(figure)
                # Ticks are made while drawing, and take the settings of that moment.
                figure.draw_without_rendering()
                figure.set_layout_engine("none")  # what has been laid out once stays, and is not laid out again
                for axes in figure.axes:
                    # The solver of the layout differs in its last digits from run to run; files must not.
                    left, bottom, width, height = (round(each, 6) for each in axes.get_position().bounds)
                    axes.set_position((left, bottom, width, height))
            return figure

    return drawn


def _thicken(figure: Figure) -> None:
    """Give bold texts an outline in their colour, which makes regular letters bold."""
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_fontweight() == "bold":
            size = text.get_fontproperties().get_size_in_points()
            text.set_path_effects([withStroke(linewidth=size * OUTLINE, foreground=text.get_color())])


class Page:
    """A figure on which texts are stacked from above and below; `panels` takes what is left."""

    def __init__(self, title: str, subtitle: str, height: float = HEIGHT) -> None:
        self.figure = Figure(figsize=(WIDTH, height), dpi=DOTS_PER_INCH)
        self._canvas = FigureCanvasAgg(self.figure)
        self._height = height
        self._top, self._bottom, self._right = height - MARGIN, MARGIN, WIDTH - MARGIN
        self._line(title, TITLE, INK, weight="bold")
        self._line(subtitle, TEXT + 0.5, FAINT)

    def _size(self, artist: Artist) -> tuple[float, float]:
        canvas: Any = self._canvas
        box = artist.get_window_extent(canvas.get_renderer())
        return box.width / self.figure.dpi, box.height / self.figure.dpi

    def _text(self, text: str, x: float, y: float, **settings: Any) -> Any:
        return self.figure.text(x / WIDTH, y / self._height, text, **settings)

    def _line(self, text: str, size: float, colour: str, *, below: bool = False, **settings: Any) -> None:
        """Write text across the page, in as many lines (up to three) as it needs."""
        align = "bottom" if below else "top"
        place = self._bottom if below else self._top
        settings |= {"size": size, "color": colour, "va": align, "linespacing": 1.2}
        written = self._text("", MARGIN, place, **settings)
        known = "\n".join(map(with_known_letters, text.split("\n")))
        self.fit(written, known, WIDTH - 2 * MARGIN, 3)
        taken = self._size(written)[1] + (GAP * 0.6)
        if below:
            self._bottom += taken
        else:
            self._top -= taken

    def fit(self, written: Any, text: str, inches: float, lines: int) -> None:
        """Write a text in at most so many lines of at most so many inches."""
        columns = min(width_of(text), 240)
        while True:
            written.set_text(wrapped(text, columns, lines))
            width = self._size(written)[0] if text else 0.0
            if width <= inches or columns <= 4:
                return
            columns = max(4, min(columns - 1, int(max(map(width_of, written.get_text().split("\n"))) * inches / width)))

    def heading(self, axes: Axes, text: str, inches: float, **settings: Any) -> None:
        """A panel's name above it, in at most two lines."""
        self.fit(axes.set_title(text, size=SMALL + 1, weight="bold", **settings), text, inches, 2)

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
                borderaxespad=0, columnspacing=1.5, handletextpad=0.5,
                handlelength=3 if any(isinstance(each, Line2D) for each in handles) else 1.8,
                bbox_to_anchor=(MARGIN / WIDTH, (self._top - GAP * 0.4) / self._height),
            )  # fmt: skip
            width, height = self._size(legend)
            if width <= WIDTH - 2 * MARGIN or columns == 1:
                break
            legend.remove()
            columns -= 1
        legend.set_in_layout(False)
        self._top -= height + GAP * 1.2

    def side_list(
        self, series: Sequence[Series], texts: Sequence[str], width: float = 2.9, *, marks: bool = False
    ) -> None:
        """A column right of the panels: for each series its line (or its mark), its name and what is said of it."""
        left = self._right - width
        y = self._top - GAP * 2.5
        for each, text in zip(series, texts, strict=True):
            ends = [left + 0.16] if marks else [left, left + 0.32]
            line = Line2D(
                [end / WIDTH for end in ends], [(y - 0.075) / self._height] * len(ends),
                color=each.colour, linestyle=each.line, linewidth=2.2, transform=self.figure.transFigure,
                marker=each.marker if marks else "", markersize=8, markeredgecolor=INK,
            )  # fmt: skip
            line.set_in_layout(False)
            self.figure.add_artist(line)
            heading = self._text("", left + 0.4, y, size=SMALL + 0.5, weight="bold", va="top", color=each.colour)
            self.fit(heading, each.label, width - 0.4, 1 if len(series) > FEW else 2)
            y -= self._size(heading)[1] + 0.03
            said = self._text(text, left + 0.4, y, size=SMALL, va="top", linespacing=1.25)
            y -= self._size(said)[1] + 0.12
        self._right = left - GAP

    def panels(self, rows: int, columns: int, between: float = PAD, **settings: Any) -> NDArray[Any]:
        """A grid of axes, shape (rows, columns), in the room that is left; `between` is inches at each side of one."""
        room = (
            (MARGIN - PAD) / WIDTH, self._bottom / self._height, (self._right - MARGIN + 2 * PAD) / WIDTH,
            (self._top - GAP - self._bottom) / self._height,
        )  # fmt: skip
        self.figure.set_layout_engine("constrained", rect=room, h_pad=PAD, w_pad=between)
        axes: NDArray[Any] = np.asarray(self.figure.subplots(rows, columns, squeeze=False, **settings))
        return axes


def panel_grid(count: int) -> tuple[int, int]:
    """Rows and columns for a number of panels that share their rows' names."""
    return (1, count) if count <= 4 else (2, (count + 1) // 2)


def patch_of(colour: str, hatch: str, label: str) -> Patch:
    """A legend's swatch of a bar."""
    return Patch(facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0, label=label)


def line_of(one: Series, label: str) -> Line2D:
    """A legend's line of a series."""
    return Line2D([], [], color=one.colour, linestyle=one.line, linewidth=2.2, label=label)


def quiet(axes: Axes, grid: str) -> None:
    """Faint grid lines across one axis, and no ticks on the other."""
    axes.grid(axis=grid, visible=True)  # type: ignore[arg-type]
    axes.tick_params(axis="both", length=0, labelsize=SMALL + 0.5)
    axes.tick_params(axis="x", pad=7)  # clear of the lowest number of the y axis
    axes.spines["left" if grid == "x" else "bottom"].set_color(GRID)


def rows_shown(count: int, least: int = 3) -> tuple[float, float]:
    """Limits of an axis with one row each, the first on top; few rows stand in the middle, no thicker than others."""
    room = max(0, least - count) / 2
    return count - 0.45 + room, -0.6 - room
