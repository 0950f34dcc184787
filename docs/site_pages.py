"""Pages of the site that stand elsewhere in the repository: changes, and how to contribute."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
INTO_DOCS = re.compile(r"(?<=\]\()docs/")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add them, with links into this folder as they are inside it."""
    for origin, name in ELSEWHERE.items():
        text = INTO_DOCS.sub("", (ROOT / origin).read_text(encoding="utf-8"))
        files.append(File.generated(config, name, content=text))
    return files
