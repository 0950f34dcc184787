"""An agreement in the sentences of a contract, in English or Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from simulator.scenario.agreement import RiskSharing
from simulator.sharing.wording_en import English
from simulator.sharing.wording_outline import outline
from simulator.sharing.wording_zh import Chinese


def sentences(
    model: RiskSharing, lang: Literal["en", "zh"] = "en", names: Mapping[str, str] | None = None
) -> list[str]:
    """The whole agreement, a clause a sentence: whoever has them can share any loss and any recovery to the fen.

    `names` are the shown names of parties (of funds, limits and rates too, where there are any); without one the name
    in the file is shown.
    """
    language = English(names or {}) if lang == "en" else Chinese(names or {})
    return [language.say(statement) for statement in outline(model)]
