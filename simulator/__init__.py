"""Simulator of intellectual-property pledge financing: how long a firm waits, what it costs, who bears the loss.

>>> import simulator
>>> scenario = simulator.load("C8-F1")
>>> result = simulator.compare(scenario, scenario.variant("three reviews"), replications=2)
>>> result.turnaround()[["world", "mean_days"]].round(1)
                  world  mean_days
0                 C8-F1       18.8
1  C8-F1: three reviews       25.4

`docs/python.md` shows the whole of it. Nothing is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.api.agreement_sources import agreement as agreement
    from simulator.api.agreements import Agreement as Agreement
    from simulator.api.books import Losses as Losses
    from simulator.api.books import losses as losses
    from simulator.api.cases import CaseStory as CaseStory
    from simulator.api.cases import explain as explain
    from simulator.api.drawings import Diagram as Diagram
    from simulator.api.languages import speak as speak
    from simulator.api.matches import Matches as Matches
    from simulator.api.matches import match as match
    from simulator.api.results import Result as Result
    from simulator.api.runs import compare as compare
    from simulator.api.runs import run as run
    from simulator.api.scenarios import Scenario as Scenario
    from simulator.api.scenarios import catalogue as catalogue
    from simulator.api.scenarios import load as load
    from simulator.api.scenarios import loads as loads
    from simulator.api.sweeps import Sweep as Sweep
    from simulator.api.sweeps import sweep as sweep
    from simulator.errors import PledgesimError as PledgesimError
    from simulator.errors import ScenarioError as ScenarioError

__version__ = "0.1.0"

_DEFINED_IN = {
    "Agreement": "api.agreements",
    "agreement": "api.agreement_sources",
    "Losses": "api.books",
    "losses": "api.books",
    "CaseStory": "api.cases",
    "explain": "api.cases",
    "Diagram": "api.drawings",
    "speak": "api.languages",
    "Matches": "api.matches",
    "match": "api.matches",
    "Result": "api.results",
    "compare": "api.runs",
    "run": "api.runs",
    "Scenario": "api.scenarios",
    "catalogue": "api.scenarios",
    "load": "api.scenarios",
    "loads": "api.scenarios",
    "Sweep": "api.sweeps",
    "sweep": "api.sweeps",
    "PledgesimError": "errors",
    "ScenarioError": "errors",
}
"""The public names, and where each is defined."""

__all__ = [
    "Agreement",
    "CaseStory",
    "Diagram",
    "Losses",
    "Matches",
    "PledgesimError",
    "Result",
    "Scenario",
    "ScenarioError",
    "Sweep",
    "__version__",
    "agreement",
    "catalogue",
    "compare",
    "explain",
    "load",
    "loads",
    "losses",
    "match",
    "run",
    "speak",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """A public name, with its module loaded when it is first asked for."""
    if name not in _DEFINED_IN:
        raise AttributeError(f"module 'simulator' has no attribute '{name}'")
    found = getattr(import_module(f"simulator.{_DEFINED_IN[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
