"""Collects what the parts of a scenario say wrongly of one another, each problem at its place."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.errors import Problem, listed
from simulator.scenario.hints import Hints
from simulator.scenario.locations import Location, locate, path_text, place_of_key, place_of_value
from simulator.scenario.sound_part import Doubt
from simulator.scenario.source import Node


class Checker:
    """Collects problems at places of one scenario's tree; silent about what `doubt` leaves open."""

    def __init__(self, tree: Node, doubt: Doubt | None = None) -> None:
        self.tree = tree
        self.problems: list[Problem] = []
        self._doubt = doubt or Doubt()
        self._hints = Hints()

    def add(self, location: Location, found: str, allowed: str = "", *, at_key: bool = False) -> None:
        """A problem at a location: at its value, or at its key."""
        place = place_of_key(self.tree, location) if at_key else place_of_value(self.tree, location)
        self.problems.append(Problem(*place, found, allowed))

    def known(
        self,
        location: Location,
        name: str,
        allowed: Iterable[str],
        what: str,
        *,
        at_key: bool = False,
        kind: str = "",
        note: str = "",
    ) -> bool:
        """Whether `name` is one of `allowed`; otherwise a problem with the nearest spelling.

        `kind` is the kind of name where `what` says more, and `note` is added to what is allowed; names of a section
        that was left out are not judged.
        """
        names = allowed if isinstance(allowed, dict) else list(allowed)
        if name in names:
            return True
        section = _SECTIONS.get(kind or what, ())
        if self._doubt.covers(name, str(section[0]) if section else "products") or self.lost_section(section):
            return False
        names = [*names, *(self._names_lost(kind or what) if names else [])]
        if not names and (kind or what) in ("calendar", "party", "desk"):
            return False
        hint = self._hints.near(name, names)
        told = f"allowed here: {listed(names)}{note}" if names else f"there is no {what} in this scenario"
        self.add(location, f"unknown {what} '{name}'{hint}", told, at_key=at_key)
        return False

    def doubts(self, name: str, section: str) -> bool:
        """Whether a name may be defined in what a section lost."""
        return self._doubt.covers(name, section)

    def _names_lost(self, kind: str) -> list[str]:
        """Names that a section defines wrongly, which count for near spellings."""
        section = _SECTIONS.get(kind)
        if section is None:
            return []
        where = locate(self.tree, section)[0]
        if kind != "desk":
            return [key for place, key in self._doubt.keys if place == where.place]
        parties = where.value if isinstance(where.value, dict) else {}
        desks = {name: party.at(["desks"]) for name, party in parties.items()}
        places = {node.place: name for name, node in desks.items() if node is not None}
        return [f"{places[place]} {key}" for place, key in self._doubt.keys if place in places]

    def defined(self, name: str, section: str) -> None:
        """Take a name as defined from here on, because it has been told that it is not."""
        self._doubt.names.setdefault(section, set()).add(name)

    def near(self, word: str, allowed: Iterable[str]) -> str:
        """`; did you mean 'x'?` or nothing."""
        return self._hints.near(word, list(allowed))

    def lost(self, location: Location, *keys: str) -> bool:
        """Whether the mapping at a location lost one of these keys to a mistake."""
        place = locate(self.tree, location)[0].place
        return any((place, key) in self._doubt.keys for key in keys)

    def lost_section(self, location: Location) -> bool:
        """Whether a section, or one around it, was left out or stands there only for want of a sound one."""
        return any(self.lost(location[:depth], str(location[depth])) for depth in range(len(location)))

    def wounded(self, location: Location) -> bool:
        """Whether anything was left out at a location or below it."""
        if not self._doubt.keys:
            return False
        places = {place for place, _ in self._doubt.keys}
        waiting = [locate(self.tree, location)[0]]
        while waiting:
            node = waiting.pop()
            if node.place in places:
                return True
            waiting.extend(node.value.values() if isinstance(node.value, dict) else [])
            waiting.extend(node.value if isinstance(node.value, list) else [])
        return False

    def path(self, location: Location) -> str:
        """A location in the words of the file."""
        return path_text(self.tree, location)


_SECTIONS: dict[str, Location] = {
    "calendar": ("calendars",),
    "party": ("parties",),
    "desk": ("parties",),
    "property": ("applicants", "population"),
    "quota": ("quotas",),
    "product": ("products",),
}
"""Where the names of each kind are defined."""
