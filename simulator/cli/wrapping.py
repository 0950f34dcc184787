"""Lines of a terminal in Chinese: broken between letters, but never inside a number or before a closing mark."""

from __future__ import annotations

import re
from typing import Any

from rich.cells import cell_len
from rich.containers import Lines
from rich.text import Text

_CHINESE = "\u2e80-\u9fff\uff01-\uff60"
_OPENING, _CLOSING = "（“《【", "，。；：、？！）”》】"
_PIECE = re.compile(rf"\s*[{_OPENING}]*(?:[^\s{_CHINESE}{_OPENING}{_CLOSING}]+|[{_CHINESE}])?(?: %)?[{_CLOSING}]*")
"""What stays together: a letter of Chinese or a word, with its percent sign, its marks and the blanks before."""
_HAS_CHINESE = re.compile(f"[{_CHINESE}]")


class Words(Text):
    """A text that rich breaks as it does, or, where it has Chinese, as Chinese is broken."""

    def wrap(self, console: Any, width: int, **options: Any) -> Lines:
        """Its lines in so many columns."""
        if not _HAS_CHINESE.search(self.plain):
            return super().wrap(console, width, **options)
        broken = "\n".join(filled(line, width) for line in self.plain.split("\n"))
        return Text(broken, style=self.style).wrap(console, width, **options)


def filled(line: str, width: int) -> str:
    """A line in lines of so many columns at most, of which each letter of Chinese takes two."""
    lines = [""]
    for piece in _PIECE.findall(line):
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return "\n".join(lines)
