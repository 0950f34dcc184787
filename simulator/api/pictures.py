"""Charts as Matplotlib axes, shown at once where a notebook is open."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from simulator.api.given import refuse_unless_text
from simulator.errors import PledgesimError, did_you_mean
from simulator.texts import language, speaking

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 96
"""Of a chart in a notebook."""


def axes_of(name: str, known: Mapping[str, Callable[[], Figure | None]]) -> Any:
    """Draw a chart of those known, show it, and give its Axes, or an array of them where it has several panels.

    Where Chinese is spoken and no font has its letters the chart is English, and a warning says what to install.
    PledgesimError for an unknown name, and for a chart that has nothing to show.
    """
    refuse_unless_text("name", name)
    if name not in known:
        raise PledgesimError(f"unknown chart '{name}'{did_you_mean(name, known)}; allowed: {', '.join(known)}")
    figure = _drawn(known[name])
    if figure is None:
        raise PledgesimError(f"chart '{name}' has nothing to show here; see .charts for those that have")
    _show(figure)
    axes = figure.axes
    if len(axes) == 1:
        return axes[0]
    import numpy as np

    panels = np.empty(len(axes), dtype=object)
    panels[:] = axes
    return panels


def _drawn(draw: Callable[[], Figure | None]) -> Figure | None:
    from simulator.charts.fonts import message_for

    missing = message_for(["中文"]) if language() == "zh" else None
    if missing:
        warnings.warn(missing, stacklevel=4)
    with speaking("en" if missing else language()):
        return draw()


def _show(figure: Figure) -> None:
    """Show a figure below the cell of a notebook; nothing elsewhere."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        return
    from IPython.display import Image, display

    display(Image(data=_png(figure)))  # type: ignore[no-untyped-call]


def _png(figure: Figure) -> bytes:
    """The picture in a palette of 256 colours: a chart has few, and a notebook that is kept stays small."""
    import matplotlib
    from PIL import Image

    from simulator.charts.page import style

    drawn, kept = BytesIO(), BytesIO()
    with matplotlib.rc_context(style()):
        figure.savefig(drawn, format="png", dpi=DOTS_PER_INCH)
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(256).save(kept, format="png", optimize=True)
    return kept.getvalue()
