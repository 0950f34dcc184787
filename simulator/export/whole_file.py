"""Files that stand under their names only when all of them is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from simulator.errors import PledgesimError


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Where to write what takes this place once it is whole; PledgesimError where it cannot be written."""
    part = Path(f"{path}.{os.getpid()}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        yield part
        os.replace(part, path)
    except BrokenPipeError:
        # It is the reader of standard output that has gone.
        raise
    except OSError as error:
        raise PledgesimError(f"--out {path}: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def written_whole(path: str | Path, encoding: str = "utf-8-sig") -> Iterator[TextIO]:
    """A file of text that stands under its name only when all of it is written."""
    with whole_file(path) as part, open(part, "w", encoding=encoding, newline="") as file:
        yield file
