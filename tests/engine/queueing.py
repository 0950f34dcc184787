"""What queueing theory says, for tests to hold the simulation against."""

from __future__ import annotations

from math import factorial


def erlang_c(servers: int, offered: float) -> float:
    """Share of files that wait in M/M/c (A. K. Erlang, 1917; L. Kleinrock, Queueing Systems I, 1975, section 3.5)."""
    last = offered**servers / factorial(servers) / (1 - offered / servers)
    return last / (sum(offered**k / factorial(k) for k in range(servers)) + last)
