"""A diagram as data: nodes, the routes between them, and what is said about each, in the language spoken.

Steps, gateways and events are nodes. Ends and deadlines hang on another node, their host, and are drawn below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

NodeKind = Literal[
    "start",  # the application; the loan's beginning
    "end",
    "task",  # a step
    "outcome",  # what a step decides, as an exclusive gateway
    "choice",
    "merge",
    "fork",
    "join",
    "deadline",  # a timer on the border of its step
    "race",  # whichever comes first, while a loan runs
    "every",  # a look at a loan is due
    "repaid",
]
Mark = Literal["", "added", "removed", "moved", "changed"]
FIRM = "firm"
"""Lane of what the firm does itself, and of what takes time at nobody's desk."""


@dataclass(frozen=True)
class Node:
    """One symbol of a diagram."""

    key: str
    kind: NodeKind
    lane: str
    label: str = ""
    desk: str = ""
    """Who does it at the party in whose lane it stands."""
    lines: tuple[str, ...] = ()
    """What stands in a step below its name and its desk: how long it takes."""
    facts: tuple[tuple[str, str], ...] = ()
    """Everything known of it, as pairs of a word and what it says."""
    by_role: tuple[tuple[str, str], ...] = ()
    """The same, with parties, desks and quotas by their keys: another bank in the same part is no other step."""
    step: str = ""
    """The title of its step in the scenario."""
    ends: str = ""
    """How a case ends here, by its name in results."""
    host: str = ""
    """Node on whose border (a deadline) or below which (an end) it stands."""
    stops: bool = True
    """A deadline: whether the case ends, instead of going on late."""
    within: str = ""
    """A timer: its duration as ISO 8601 has it, where that is exact."""
    group: int = 0
    """Nodes of one stretch of a sequence, between two forks; each keeps to its row."""
    part: Literal["application", "loan"] = "application"
    marks: tuple[Mark, ...] = ()

    @property
    def removed(self) -> bool:
        """Whether it belongs only to the flow that this one is compared with."""
        return "removed" in self.marks


@dataclass(frozen=True)
class Route:
    """An arrow between two nodes."""

    source: str
    target: str
    label: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    sent_back: bool = False
    """It counts as a return of the file."""
    named: bool = False
    """It leads to a step by name, instead of to the next."""
    removed: bool = False


@dataclass(frozen=True)
class Span:
    """A clock of the product: from one step to another, perhaps with a deadline."""

    label: str
    begins: str
    ends: str
    deadline: bool


@dataclass(frozen=True)
class Interruption:
    """What can end or hurry a case wherever it stands: the applicant's patience, a deadline over several steps."""

    label: str
    ends: str
    """How a case ends by it; empty where it goes to the front of all queues instead."""
    end_label: str
    within: str = ""


@dataclass(frozen=True)
class Block:
    """Steps that run together, or the ways of a choice, between where they part and where they meet."""

    parts: str
    meets: str
    steps: frozenset[str]


@dataclass
class Diagram:
    """The flow of one product."""

    title: str
    subtitle: str = ""
    name: str = ""
    about: tuple[str, ...] = ()
    lanes: dict[str, str] = field(default_factory=dict)
    """Parties in the order of their lanes, and what each is called."""
    nodes: dict[str, Node] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    interruptions: list[Interruption] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        """Titles of the steps drawn, without those that were removed."""
        return [node.step for node in self.nodes.values() if node.kind == "task" and not node.removed]

    def leaving(self, key: str) -> list[Route]:
        """The routes that begin at a node, those to what hangs on it included."""
        return [route for route in self.routes if route.source == key]

    def hanging(self, key: str) -> list[Node]:
        """What hangs on a node: its deadlines and its ends."""
        return [node for node in self.nodes.values() if node.host == key]

    def standing(self) -> Iterator[Node]:
        """Nodes with a place of their own."""
        return (node for node in self.nodes.values() if not node.host)
