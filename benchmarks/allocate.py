"""How long a million losses take through `pledgesim allocate`, and how much memory (bar: 60 s, flat).

The losses stand in the order of their dates, so that they are streamed: once to look at every row, once to share them.
Each run is a process of its own; a tenth as many losses show whether memory grows.

    python benchmarks/allocate.py [losses]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
LOSSES_A_DAY, FIRMS = 400, 50_000
WAYS = {
    "--out paid.csv": ["--out", "paid.csv"],
    "--json > paid.json": ["--json"],
    "> paid.txt": [],
}


def write_losses(path: Path, count: int) -> None:
    """A sorted list of so many losses, of 10 to 5,000,000 CNY."""
    random = Random(1)
    with open(path, "w", encoding="utf-8") as file:
        file.write("date,borrower,loan,amount\n")
        for number in range(count):
            amount = random.randrange(1_000, 500_000_000)
            day = date(2017, 1, 1) + timedelta(days=number // LOSSES_A_DAY)
            file.write(f"{day},Firm {number % FIRMS},L{number:07d},{amount // 100}.{amount % 100:02d}\n")


def run(folder: Path, words: Sequence[str]) -> tuple[float, float, float]:
    """Seconds on the wall, seconds of the processor and megabytes at most, of one run."""
    command = [sys.executable, "-m", "simulator", "allocate", "C9-F2", "--losses", "losses.csv", *words]
    began = time.perf_counter()
    with open(folder / "printed", "w", encoding="utf-8") as printed:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=printed, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Print time and memory for each way to write the answer."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for losses in (count // 10, count):
            write_losses(folder / "losses.csv", losses)
            for way, words in WAYS.items():
                wall, processor, megabytes = run(folder, words)
                spent = f"{wall:5.1f} s ({processor:.1f} s of the processor), at most {megabytes:.0f} MB"
                print(f"{losses:>9,} losses  {way:<20} {spent}", flush=True)
    print("bar: 1,000,000 losses in 60 s, memory as for a tenth of them")


if __name__ == "__main__":
    main()
