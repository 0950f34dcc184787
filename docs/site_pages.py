"""What the site does with files of the repository that do not lie in this folder.

Changes and how to contribute become pages. A link to any other file becomes the name of that file, so that pages read
well on the site and, with the link, where the repository is shown.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
INTO_DOCS = re.compile(r"(?<=\]\()docs/")
LINK_OUT = re.compile(r"(?<!!)\[(?P<label>[^\]]+)\]\((?P<path>(?:\.\./)+[^)#\s]*)(?P<anchor>#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand elsewhere, with links into this folder as they are inside it."""
    for origin, name in ELSEWHERE.items():
        text = INTO_DOCS.sub("", (ROOT / origin).read_text(encoding="utf-8"))
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **kwargs: Any) -> str:
    """Take out links that lead out of this folder."""
    return within_the_site(markdown, page.file.src_uri)


def within_the_site(markdown: str, uri: str) -> str:
    """A page's text, with links to what the site lacks as the names of files in the repository."""
    folder = posixpath.dirname(uri)

    def kept(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", folder, match["path"]))
        if path.startswith("docs/"):
            return match[0]
        if path in ELSEWHERE:
            target = posixpath.relpath(ELSEWHERE[path], folder or ".")
            return f"[{match['label']}]({target}{match['anchor'] or ''})"
        return f"{match['label']} (`{path}` in the repository)"

    return LINK_OUT.sub(kept, markdown)
