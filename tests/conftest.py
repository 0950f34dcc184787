"""Property tests take the same examples on every machine, and no example fails for being slow."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("pledgesim", deadline=None, derandomize=True)
settings.load_profile("pledgesim")
