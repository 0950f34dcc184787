"""A command of pledgesim as tests speak to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from simulator.cli import group


class Command:
    """A command, with words that stand in front of all others."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def said(self, *words: str, text: str | None = None) -> Result:
        """How it ends, which may not be a fault of the program; `text` is standard input."""
        done = CliRunner().invoke(group, [*self._words, *words], input=text)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "fault of pledgesim" not in done.output
        return done

    def answer(self, *words: str) -> Any:
        """What it says as JSON."""
        done = self.said(*words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def refused(self, *words: str) -> str:
        """Why it refuses, without having printed anything."""
        done = self.said(*words)
        assert done.exit_code == 2 and done.stdout == "", done.output
        return done.stderr


def write(name: str, text: str) -> str:
    """A file of the current folder."""
    Path(name).write_text(text, encoding="utf-8")
    return name
