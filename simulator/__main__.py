"""`python -m simulator` is the same command as `pledgesim`."""

from __future__ import annotations

from simulator.cli import main

if __name__ == "__main__":
    main()
