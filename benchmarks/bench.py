"""All benchmarks, one after another, and the page of their results.

    python benchmarks/bench.py [--quick] [--write]

`--quick` leaves out what takes long (peers, the million cases, workers). `--write` puts what was printed, the machine
and what follows for a large study into docs/benchmarks.md.
"""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- results -->\n", "<!-- end of results -->"
SCRIPTS = (
    ("six_stages.py", "Against bare SimPy"),
    ("peers.py", "Against Ciw and Prosimos"),
    ("products.py", "Bundled products, whole"),
    ("growth.py", "With the number of cases"),
    ("backlog.py", "With the length of a queue"),
    ("shape.py", "With steps and products"),
    ("sharing.py", "Losses on many paths, against a plain program"),
    ("portfolio.py", "Losses of a book of loans"),
    ("allocate.py", "A million losses through `allocate`"),
    ("events.py", "A million events through `export`"),
    ("report.py", "The report of the ten cases"),
    ("study.py", "What a large study takes"),
    ("workers.py", "With worker processes"),
)
LONG = {"peers.py", "growth.py", "workers.py", "allocate.py", "events.py"}


def machine() -> str:
    """The machine and the versions, in a line."""
    from importlib.metadata import version

    versions = ", ".join(f"{name} {version(name)}" for name in ("simpy", "numpy", "scipy"))
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = named[0] if named else cpu
    return f"{cpu}, {os.cpu_count()} cores, CPython {platform.python_version()}, {versions}"


def main() -> None:
    """Run what is asked for; ends with 1 when a script failed, after all others."""
    quick, write = "--quick" in sys.argv, "--write" in sys.argv
    where = f"{datetime.date.today()}; {machine()}"
    print(where, flush=True)
    told, failed = [f"Measured on {where}.\n"], []
    for script, title in SCRIPTS:
        if quick and script in LONG:
            continue
        print(f"\n== {title} ({script})", flush=True)
        began = time.perf_counter()
        lines = []
        process = subprocess.Popen(
            [sys.executable, str(HERE / script)], stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
        _, process.returncode, used = os.wait4(process.pid, 0)
        if process.returncode:
            failed.append(script)
        took = f"{time.perf_counter() - began:.0f} s, at most {used.ru_maxrss / 1024:,.0f} MB in one process"
        print(took)
        told.append(f"### {title}\n\n`benchmarks/{script}`, {took}\n\n```text\n{''.join(lines)}```\n")
    if write and not failed:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        PAGE.write_text(before + BEGIN + "\n".join(told) + END + rest.split(END)[1], encoding="utf-8")
        print(f"\nWritten to {PAGE.relative_to(HERE.parent)}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
