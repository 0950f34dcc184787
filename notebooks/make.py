"""Brings each notebook's .ipynb into step with its text (py:percent), and runs it: `python notebooks/make.py [1 ...]`.

The text is what is edited and reviewed; the .ipynb is made from it, with its outputs, so that it can be read on a page
that runs nothing. A live slider cannot be shown there and is left out of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parent
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
WIDGET = "application/vnd.jupyter.widget-view+json"
SECONDS_A_CELL = 300


def texts() -> list[Path]:
    """The notebooks as text, in the order in which they are read."""
    return sorted(path for path in FOLDER.glob("*.py") if path.name[0].isdigit())


def notebook_of(text: Path) -> NotebookNode:
    """The notebook that a text describes, without outputs; the same text gives the same notebook."""
    notebook = jupytext.read(text, fmt="py:percent")
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        cell.metadata = NotebookNode()
    notebook.metadata = nbformat.from_dict(KERNEL)
    return notebook


def executed(notebook: NotebookNode) -> NotebookNode:
    """The notebook with its outputs, run from top to bottom by this Python; CellExecutionError where a cell fails."""
    manager = KernelManager(kernel_name="python3")
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=40"]
    client = NotebookClient(
        notebook, km=manager, timeout=SECONDS_A_CELL, resources={"metadata": {"path": str(FOLDER)}},
        coalesce_streams=True,
    )
    client.execute(cleanup_kc=True)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if WIDGET not in each.get("data", {})]
    notebook.metadata = nbformat.from_dict(KERNEL)
    return notebook


def main(chosen: list[str]) -> None:
    """Make the notebooks whose names begin with what was chosen, or all."""
    for text in texts():
        if not chosen or text.name.startswith(tuple(chosen)):
            nbformat.write(executed(notebook_of(text)), text.with_suffix(".ipynb"))
            print(text.with_suffix(".ipynb").name)


if __name__ == "__main__":
    main(sys.argv[1:])
