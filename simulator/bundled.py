"""Where the bundled scenarios lie: beside the package in a clone, inside it where a wheel was installed."""

from __future__ import annotations

from pathlib import Path

from simulator.errors import PledgesimError

_PACKAGE = Path(__file__).resolve().parent


def bundled_folder() -> Path:
    """The folder of the bundled scenarios; PledgesimError when the installation has none.

    The copy inside the package goes first: in site-packages, a `scenarios` next to it would be somebody else's.
    """
    for folder in (_PACKAGE / "_scenarios", _PACKAGE.parent / "scenarios"):
        if folder.is_dir():
            return folder
    raise PledgesimError(f"the bundled scenarios are missing from {_PACKAGE}; install pledgesim again")
