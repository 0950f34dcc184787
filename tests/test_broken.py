"""Every file of tests/broken is refused with exactly the message beside it.

After a message is changed on purpose, `PLEDGESIM_UPDATE=1 pytest tests/test_broken.py` writes the new ones; read them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import group
from simulator.scenario import resolve

BROKEN = Path(__file__).parent / "broken"
FILES = sorted(path.name for path in BROKEN.glob("*.yaml"))
JARGON = re.compile(
    r"Input should|Value error|NoneType|\bdict\b|\bNone\b|\bTrue\b|\bFalse\b|Traceback|function-|pydantic|_type\b"
)


def told(file: str) -> str:
    """What `pledgesim validate` says of a file, which it refuses."""
    done = CliRunner().invoke(group, ["validate", file])
    assert done.exit_code == 2, (done.output, done.exception)
    assert done.stdout == ""
    return done.stderr


@pytest.fixture(autouse=True)
def in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    # Messages list what is bundled; they shall not change with every new scenario.
    monkeypatch.setattr(resolve, "bundled_folder", lambda: BROKEN / "bundled")


@pytest.mark.parametrize("file", FILES)
def test_a_broken_file_is_refused_with_the_message_beside_it(file: str) -> None:
    beside = (BROKEN / file).with_suffix(".txt")
    message = told(file)
    if os.environ.get("PLEDGESIM_UPDATE"):
        beside.write_text(message, encoding="utf-8")
    assert message == beside.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES)
def test_messages_speak_of_the_file_and_not_of_python(file: str) -> None:
    message = told(file)
    assert not JARGON.search(message)
    for line in message.splitlines():
        assert line.startswith("    ") or re.match(r"[^:]+(:[1-9]\d*:[1-9]\d*)?: \S", line), line


def test_twelve_mistakes_and_more_are_told_at_once_each_at_its_place() -> None:
    problems = [line for line in told("twelve-mistakes.yaml").splitlines() if not line.startswith("    ")]
    assert len({problem.split(": ")[0] for problem in problems}) == len(problems) == 17


def test_the_file_that_the_broken_ones_change_is_sound() -> None:
    assert CliRunner().invoke(group, ["validate", "base/sound.yaml"]).exit_code == 0


def test_every_message_has_its_file() -> None:
    assert {path.stem for path in BROKEN.glob("*.txt")} == {Path(file).stem for file in FILES}
