"""One firm against many products: which it may have, how much, how soon, who bears a loss, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from simulator.analysis.known_firms import KnownFirm, find_firm, firm_told
from simulator.analysis.matching import Match, in_order, with_days
from simulator.analysis.matching import match as matches_of
from simulator.api.frames import frame_of, html_of, with_interval
from simulator.api.given import refuse_unless_callable
from simulator.api.runs import Progress
from simulator.api.scenarios import Source, load, scenario_of
from simulator.experiment.estimate import refuse_endless
from simulator.scenario.load import catalogue
from simulator.scenario.plain_data import tree_of

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = (
    "scenario", "kind", "product", "status", "amount_cny", "amount", "pledges", "loss_borne_by", "failed", "not_told",
)  # fmt: skip


class Matches:
    """The products that one firm may have, those it may have first, the quicker ones before the slower ones."""

    def __init__(self, firm: KnownFirm, matches: Sequence[Match]) -> None:
        """Made by `match`."""
        self._firm, self._matches = firm, matches

    @property
    def firm(self) -> str:
        """The firm's name in the language spoken."""
        return self._firm.name.said()

    @property
    def frame(self) -> DataFrame:
        """A row for each product.

        `status` is "eligible", "not all told" (no rule fails, but some are about what is not told of the firm) or "not
        eligible"; `amount_cny` the credit line it would have, empty where it cannot be told; `failed` and `not_told`
        the rules, in words; `mean_days` and `p90_days`, from application to the money, those of all firms that the
        product drew in a few simulated runs.
        """
        return frame_of(map(_row, self._matches), COLUMNS)

    @property
    def eligible(self) -> DataFrame:
        """Those rows that it may have, as far as can be said."""
        frame = self.frame
        return frame[frame["status"] == "eligible"].reset_index(drop=True)

    def __repr__(self) -> str:
        count = sum(each.status == "eligible" for each in self._matches)
        return f"<Matches of {self.firm}: eligible for {count} of {len(self._matches)} products>"

    def _repr_html_(self) -> str:
        return html_of(self.frame.drop(columns=["kind", "pledges"]))


def _row(match: Match) -> dict[str, Any]:
    amount = match.amount
    known = amount.fen is not None and not amount.not_told and not match.failed
    row = {
        "scenario": match.scenario,
        "kind": match.kind,
        "product": match.name.said(),
        "status": match.status,
        "amount_cny": amount.fen / 100 if known and amount.fen is not None else None,
        "amount": "" if match.failed else amount.words,
        "pledges": match.pledges,
        "loss_borne_by": match.loss,
        "failed": "; ".join(match.failed),
        "not_told": "; ".join(rule.words for rule in match.not_told),
    }
    if match.days is not None:
        row |= {**with_interval("mean_days", match.days.mean), **with_interval("p90_days", match.days.p90)}
    return row


def match(
    firm: str | PathLike[str] | Mapping[str, Any],
    *scenarios: Source,
    replications: int = 5,
    days: bool = True,
    workers: int = 1,
    progress: Progress | None = None,
    limit_hours: float = 1.0,
) -> Matches:
    """Which products a firm may have: of the scenarios given, or else of all bundled ones.

    `firm` is an example firm of a bundled scenario by name, a file that describes one, or its properties as data.
    Without `days` nothing is simulated. PledgesimError for an unknown firm, ScenarioError for a property that no firm
    has, each with the nearest spelling.

    >>> told = {"industry": "software and AI", "annual_sales": "20m CNY", "amount_requested": "3m CNY"}
    >>> simulator.match(told, "C8-F1", "C10-F5", days=False).frame[["scenario", "status"]].values.tolist()
    [['C8-F1', 'not all told'], ['C10-F5', 'not all told']]
    """
    if progress is not None:
        refuse_unless_callable("progress", progress)
    if scenarios:
        worlds = [scenario_of(each).loaded for each in scenarios]
    else:
        worlds = [load(each["id"]).loaded for each in catalogue() if each["kind"] in ("product", "contrast")]
    if isinstance(firm, Mapping):
        found = firm_told(tree_of(firm if "firm" in firm else {"firm": firm}, "firm"), worlds)
    else:
        found = find_firm(str(firm), worlds)
    matches = matches_of(found, worlds)
    if days:
        refuse_endless([(world, replications) for world in worlds], limit_hours)
        matches = with_days(matches, worlds, replications, workers, progress or (lambda done, total: None))
    return Matches(found, in_order(matches))
