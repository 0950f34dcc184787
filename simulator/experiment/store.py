"""Finished replications on disk, under everything that decides them, so that a long run picks up where it was.

A store is one SQLite file. A replication is written in a transaction of its own as soon as it is finished: whatever
stops the program, killed or out of disk, what stands in the store is whole. Several programs may use one store at once.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from simulator.errors import PledgesimError
from simulator.scenario.decisive import decisive_part
from simulator.versions import engine_digest, versions

APPLICATION = 0x506C4753
"""Stands in the header of every store."""
FORM = 1
"""Of the tables; another one is another kind of store."""
WAITS = 60.0
"""Seconds that a program waits for another that is writing."""
NOT_RUN = frozenset({"compare", "examples"})
"""Sections of a scenario that decide no replication, although they decide what is run."""
_MAGIC = b"SQLite format 3\0"
_TABLES = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORM};
CREATE TABLE worlds (
    key TEXT PRIMARY KEY, scenario TEXT NOT NULL, variant TEXT NOT NULL, seed INTEGER NOT NULL, engine TEXT NOT NULL,
    versions TEXT NOT NULL, resolved TEXT NOT NULL, begun TEXT NOT NULL
);
CREATE TABLE replications (
    key TEXT NOT NULL REFERENCES worlds (key), number INTEGER NOT NULL, sha256 BLOB NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (key, number)
);
"""
_SAFE = {
    "builtins": {"set", "frozenset", "complex", "slice", "range", "bytearray"},
    "collections": {"OrderedDict", "deque"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "fractions": {"Fraction"},
    "itertools": {"count"},
    "numpy": {"ndarray", "dtype"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "simpy.events": {"Event"},
}
"""What may be made anew besides the classes of this package; a store is data, and runs nothing."""


class StoreError(PledgesimError):
    """A store that cannot be read or written."""


@dataclass(frozen=True)
class World:
    """A world whose replications are kept: what it is called, and all that decides them."""

    scenario: str
    variant: str
    seed: int
    decisive: Mapping[str, Any]
    """The resolved scenario without what only tells of it."""

    @cached_property
    def key(self) -> str:
        """A digest of all that decides a replication: the world, and the versions of what computes it."""
        told = {"decisive": self.decisive, "engine": engine_digest(), "versions": versions()}
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Kept:
    """One world of a store."""

    key: str
    scenario: str
    variant: str
    seed: int
    versions: Mapping[str, str]
    begun: str
    numbers: tuple[int, ...]
    """Its replications."""
    size: int
    """Bytes that they take."""
    usable: bool
    """Whether this version would have computed the same, and so can use them."""


class Store:
    """A file of finished replications; StoreError for one that is no store, or is damaged, which is left as it is."""

    def __init__(self, path: str | Path, *, make: bool = True) -> None:
        """Open a store; with `make` a missing or empty file becomes one."""
        self.path = Path(path)
        new = _is_new(self.path)
        if new and not make:
            raise PledgesimError(f"{path}: there is no such store")
        self._known: set[str] = set()
        with self._told():
            self._file = sqlite3.connect(self.path, timeout=WAITS, isolation_level=None)
            self._file.execute(f"PRAGMA busy_timeout = {int(WAITS * 1000)}")
            if new:
                self._make()

    def _make(self) -> None:
        self._file.execute("BEGIN IMMEDIATE")
        # Another program may have made it meanwhile.
        if not self._file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in _TABLES.strip().split(";\n"):
                self._file.execute(statement)
        self._file.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What goes wrong with the file, in words."""
        try:
            yield
        except BaseException as error:
            if hasattr(self, "_file") and self._file.in_transaction:
                self._file.rollback()
            if isinstance(error, sqlite3.DatabaseError):
                raise StoreError(f"{self.path}: {_in_words(error)}") from None
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def numbers(self, world: World) -> set[int]:
        """Replications that are kept of a world."""
        with self._told():
            found = self._file.execute("SELECT number FROM replications WHERE key = ?", (world.key,)).fetchall()
        return {number for (number,) in found}

    def get(self, world: World, number: int) -> Any:
        """A replication as it was put, or None; PledgesimError where the store is damaged."""
        with self._told():
            asked = "SELECT sha256, content FROM replications WHERE key = ? AND number = ?"
            found = self._file.execute(asked, (world.key, number)).fetchone()
        if found is None:
            return None
        digest, content = found
        if hashlib.sha256(content).digest() != digest:
            raise StoreError(f"{self.path}: replication {number} of {world.scenario} is damaged; it was left as it is")
        return _Reader(io.BytesIO(zlib.decompress(content))).load()

    def put(self, world: World, number: int, result: object) -> None:
        """Keep a replication; one that is there already stays, since it is the same."""
        content = zlib.compress(pickle.dumps(result, protocol=5), 1)
        with self._told():
            self._file.execute("BEGIN IMMEDIATE")
            if world.key not in self._known:
                row = (world.key, world.scenario, world.variant, world.seed, engine_digest(), json.dumps(versions()),
                       json.dumps(world.decisive, ensure_ascii=False), _now())  # fmt: skip
                self._file.execute("INSERT OR IGNORE INTO worlds VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            row_of = (world.key, number, hashlib.sha256(content).digest(), content)
            self._file.execute("INSERT OR IGNORE INTO replications VALUES (?, ?, ?, ?)", row_of)
            self._file.execute("COMMIT")
        self._known.add(world.key)

    def worlds(self) -> list[Kept]:
        """What is kept, the oldest first."""
        with self._told():
            rows = self._file.execute(
                "SELECT key, scenario, variant, seed, engine, versions, begun FROM worlds ORDER BY begun, key"
            ).fetchall()
            numbers: dict[str, list[int]] = {}
            sizes: dict[str, int] = {}
            for key, number, size in self._file.execute("SELECT key, number, length(content) FROM replications"):
                numbers.setdefault(key, []).append(number)
                sizes[key] = sizes.get(key, 0) + size
        return [
            Kept(
                key, scenario, variant, seed, json.loads(told), begun, tuple(sorted(numbers.get(key, []))),
                sizes.get(key, 0), engine == engine_digest() and json.loads(told) == versions(),
            )
            for key, scenario, variant, seed, engine, told, begun in rows
        ]  # fmt: skip

    def resolved(self, key: str) -> dict[str, Any]:
        """The scenario of a world that is kept."""
        with self._told():
            (told,) = self._file.execute("SELECT resolved FROM worlds WHERE key = ?", (key,)).fetchone()
        found: dict[str, Any] = json.loads(told)
        return found

    def drop(self, keys: list[str]) -> None:
        """Take worlds out, and give their room back."""
        with self._told():
            self._file.execute("BEGIN IMMEDIATE")
            for key in keys:
                self._file.execute("DELETE FROM replications WHERE key = ?", (key,))
                self._file.execute("DELETE FROM worlds WHERE key = ?", (key,))
            self._file.execute("COMMIT")
            self._file.execute("VACUUM")
        self._known.clear()


class _Reader(pickle.Unpickler):
    """Makes results anew, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """A class that results consist of; StoreError for anything else."""
        found = super().find_class(module, name) if module.split(".")[0] == "simulator" else None
        if isinstance(found, type) or name in _SAFE.get(module, ()):
            return found if found is not None else super().find_class(module, name)
        raise StoreError(f"the store holds '{module}.{name}', which no result consists of")


def _is_new(path: Path) -> bool:
    """Whether nothing is there yet; PledgesimError for a file that is no store. Nothing is written."""
    try:
        if path.is_dir():
            raise StoreError(f"{path}: this is a folder; name a file")
        if not path.exists():
            if not path.absolute().parent.is_dir():
                raise StoreError(f"{path}: there is no folder {path.parent}")
            return True
        with open(path, "rb") as file:
            head = file.read(100)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from None
    if not head:
        return True
    if not head.startswith(_MAGIC) or len(head) < 100:
        raise StoreError(f"{path}: this is no store of pledgesim; name another file")
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        raise StoreError(f"{path}: this is a database of another program; name another file")
    form = int.from_bytes(head[60:64], "big")
    if form != FORM:
        raise StoreError(f"{path}: this store is of another version of pledgesim (form {form}); name another file")
    return False


def _in_words(error: sqlite3.DatabaseError) -> str:
    told = str(error)
    if "full" in told:
        return "the disk is full"
    if "locked" in told:
        return f"another program has been writing to it for {WAITS:.0f} s"
    if "malformed" in told or "not a database" in told:
        return "the file is damaged; it was left as it is"
    return told


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def decisive_of(plain: Mapping[str, Any]) -> dict[str, Any]:
    """What of a resolved scenario decides a replication: neither its texts nor how many there are."""
    kept = {key: value for key, value in decisive_part(plain).items() if key not in NOT_RUN}
    if isinstance(kept.get("run"), dict):
        kept["run"] = {key: value for key, value in kept["run"].items() if key != "replications"}
    return kept
