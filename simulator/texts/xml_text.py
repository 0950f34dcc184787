"""Texts of scenarios as XML can carry them."""

from __future__ import annotations

import re

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def in_xml(text: str) -> str:
    """The text with characters that no XML may hold replaced; markup in it is escaped by whoever writes it."""
    return _NOT_IN_XML.sub("\ufffd", text)
