"""Amounts stand in millions in English and in 万元 in Chinese: a hundred of these are one of those, cell by cell."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from rich.table import Table

from simulator.analysis.summary import summary
from simulator.charts.gallery import CHARTS
from simulator.cli.comparison_tables import comparison_tables
from simulator.texts import Language, speaking
from tests.test_chinese_charts import bundled, drawn

pytestmark = pytest.mark.whole
IN_MILLIONS = "m CNY"
NO_AMOUNTS = {
    "nearly full in, of runs", "waited", "days each", "still waiting", "left", "refused", "defaults", "% of drawn",
    "pairing", "compared",
}  # fmt: skip
"""Columns of tables of amounts that hold something else."""
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


@cache
def tables(language: Language) -> list[Table]:
    with speaking(language):
        return [each for each in comparison_tables(bundled(), figures()) if isinstance(each, Table)]


@cache
def figures() -> dict[str, Any]:
    return summary(bundled())


def numbers(cell: str) -> list[float]:
    return [float(each.replace(",", "")) for each in NUMBER.findall(cell)]


def step(cell: str) -> float:
    """How much the last digit of a cell's first number is worth."""
    return float(10.0 ** -len(NUMBER.findall(cell)[0].partition(".")[2]))


def test_every_cell_of_the_tables_is_the_same_amount_or_the_same_number():
    amounts, others, seen = 0, 0, set[str]()
    for english, chinese in zip(tables("en"), tables("zh"), strict=True):
        rows = [[str(cell) for cell in column._cells] for column in english.columns]
        for place, column in enumerate(chinese.columns):
            heading = str(english.columns[place].header)
            title = (english.title or "") if heading not in NO_AMOUNTS else ""
            seen.add(heading)
            told = f"{title} {heading}"
            for row, cell in enumerate(str(each) for each in column._cells):
                said = rows[place][row]
                of_an_amount = heading not in NO_AMOUNTS and any(IN_MILLIONS in each[row] for each in rows)
                in_millions = IN_MILLIONS in told or of_an_amount
                if not NUMBER.match(said):
                    continue
                factor = 100 if in_millions else 1
                room = 0.51 * (step(said) * factor + step(cell)) if factor > 1 else 0
                assert numbers(cell) == pytest.approx([factor * each for each in numbers(said)], abs=room), (told, said)
                amounts, others = amounts + (factor > 1), others + (factor == 1)
    assert amounts > 40 and others > 40 and seen >= NO_AMOUNTS


@pytest.mark.parametrize("name", CHARTS)
def test_what_is_drawn_along_an_axis_of_amounts_is_a_hundred_times_as_many(name: str):
    for english, chinese in zip(drawn(name, "en").axes, drawn(name, "zh").axes, strict=True):
        for along in ("x", "y"):
            labels = [getattr(each, f"get_{along}label")() for each in _of_one_scale(english, along)]
            factor = 100 if any(IN_MILLIONS in each for each in labels) else 1
            ends = [getattr(each, f"get_{along}lim")() for each in (english, chinese)]
            assert np.allclose(np.array(ends[0]) * factor, ends[1])
            if factor > 1:
                said = [getattr(each, f"get_{along}label")() for each in _of_one_scale(chinese, along)]
                assert ["万元" in each for each in said] == [IN_MILLIONS in each for each in labels]
                there, here = (_bars_and_lines(each, along) for each in (english, chinese))
                assert len(there) == len(here) and np.allclose(np.array(there) * factor, here)


def _of_one_scale(axes: Any, along: str) -> list[Any]:
    """Panels that share an axis, of which only the last may have its label."""
    shared = getattr(axes, f"get_shared_{along}_axes")().get_siblings(axes)
    return [each for each in axes.figure.axes if each in shared]


def _bars_and_lines(axes: Any, along: str) -> list[float]:
    side = {"x": "width", "y": "height"}[along]
    bars = [getattr(bar, f"get_{side}")() for bar in axes.patches if hasattr(bar, f"get_{side}")]
    lines = [line for line in axes.lines if line.get_transform() == axes.transData]
    return [*bars, *(float(each) for line in lines for each in getattr(line, f"get_{along}data")(orig=False))]
