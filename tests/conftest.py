"""Property tests take the same examples on every machine, and no example fails for being slow.

Tests that are marked neither `slow` nor `whole` nor `browser` are `unit` tests, to be run all the time.

The fast run tries some examples of each property; `-m slow` runs all properties again with many more.
"""

from __future__ import annotations

import gc
import signal

import pytest
from hypothesis import settings

settings.register_profile("pledgesim", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=500)

# A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Thousands of collected tests and shared worlds live to the end; to walk through them often takes a tenth of the time.
gc.set_threshold(50_000, 20, 50)


def _thorough(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "slow")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("thorough" if _thorough(config) else "pledgesim")


LONGER = ("slow", "whole", "browser")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if not any(map(item.get_closest_marker, LONGER)):
            item.add_marker(pytest.mark.unit)
    for item in items if _thorough(config) else ():
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.slow)
