"""Sets up `.venv` beside this file, as far as a command needs it, and runs the command there.

It says what is missing when Python is too old or cannot make environments, so it keeps to what any Python can read.
"""

import hashlib
import os
import shutil
import subprocess
import sys

USAGE = """usage: python3 run.py demo [OPTIONS]          compare three financing products and draw the charts
       python3 run.py test [OPTIONS]          run the tests (any option of pytest)
       python3 run.py pledgesim COMMAND ...   any command of pledgesim; `pledgesim --help` lists them
       python3 run.py notebooks               open the notebooks in a browser
       python3 run.py docs                    build the documentation as a site in site/
       python3 run.py bench [--quick]         the benchmarks; docs/benchmarks.md tells what they are
       python3 run.py ruff|mypy ...           the checks of the code"""
NEEDS = {
    "demo": "", "pledgesim": "", "test": "[test]", "notebooks": "[lab]", "docs": "[docs]", "bench": "",
    "ruff": "[dev]", "mypy": "[dev]",
}  # fmt: skip
HELD_BY = {"": ["[test]", "[dev]", "[docs]", "[lab]"], "[docs]": ["[test]", "[dev]"], "[test]": ["[dev]"]}
MODULES = {
    "test": ["-m", "pytest"],
    "notebooks": ["-m", "jupyter", "lab", "notebooks"],
    "docs": ["-m", "mkdocs", "build", "--strict"],
    "bench": [os.path.join("benchmarks", "bench.py")],
}
HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
STAMP = os.path.join(VENV, "installed-by-run.txt")


def described():
    """What `.venv` has to agree with: the declared dependencies, and the folder, since installed commands name it."""
    digest = hashlib.sha256(HERE.encode("utf-8", "surrogateescape"))
    for name in ("setup.cfg", "pyproject.toml"):
        with open(os.path.join(HERE, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def installed():
    """The stamp's words: `unfinished`, or what was installed and with which extras; empty when there is no stamp."""
    if not os.path.isfile(STAMP):
        return []
    with open(STAMP) as file:
        return file.read().split("\n")


def write_stamp(*words):
    with open(STAMP, "w") as file:
        file.write("\n".join(words))


def run_quietly(*command):
    """Runs a step of the installation; its output is shown only when it fails."""
    process = subprocess.Popen(
        command, cwd=HERE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = process.communicate()[0].decode("utf-8", "replace")
    if process.returncode:
        sys.stderr.write(output)
        sys.exit("run.py: the environment could not be set up; the reason stands above. The next run tries again.")


def prepare(extra):
    """Brings `.venv` to where a command can run; does nothing when it is there already."""
    stamp = installed()
    there = stamp[1:] if stamp[:1] == [described()] and os.path.exists(PYTHON) else []
    if any(each in there for each in [extra] + HELD_BY.get(extra, [])):
        return
    try:
        import ensurepip  # noqa: F401  (Debian packs it apart from Python, and then `venv` fails)
        import venv  # noqa: F401
    except ImportError:
        sys.exit("run.py: this Python cannot make environments; on Debian or Ubuntu: sudo apt install python3-venv")
    sys.stdout.write("Setting up .venv for '%s' (a minute or two, from the network; again when setup.cfg changes)\n"
                     % sys.argv[1])  # fmt: skip
    sys.stdout.flush()
    if stamp == ["unfinished"] or (os.path.isdir(VENV) and not os.path.exists(PYTHON)):
        shutil.rmtree(VENV)  # what an interrupted installation leaves can look complete to pip
    if not os.path.isdir(VENV):
        os.makedirs(VENV)
    write_stamp("unfinished")
    run_quietly(sys.executable, "-m", "venv", VENV)
    run_quietly(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-q", "-e", "." + extra)
    write_stamp(described(), extra, *there)


def main():
    if sys.version_info < (3, 11):
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit("run.py: pledgesim needs Python 3.11 or newer, and this is %s (%s). "
                 "If a newer one is installed, name it, for example: python3.11 run.py demo"
                 % (found, sys.executable))  # fmt: skip
    if len(sys.argv) < 2 or sys.argv[1] not in NEEDS:
        asked_for_help = sys.argv[1:2] in (["-h"], ["--help"])
        (sys.stdout if asked_for_help else sys.stderr).write(USAGE + "\n")
        sys.exit(0 if asked_for_help else 2)
    name, arguments = sys.argv[1], sys.argv[2:]
    try:
        prepare(NEEDS[name])
    except KeyboardInterrupt:
        sys.exit("run.py: stopped; the next run sets the environment up afresh")
    except OSError as error:
        sys.exit("run.py: the environment could not be set up: %s" % error)
    if name in ("demo", "pledgesim"):
        command = [os.path.join(BIN, "pledgesim")] + (sys.argv[1:] if name == "demo" else arguments)
    else:
        os.chdir(HERE)
        what = MODULES.get(name, ["-m", name])
        command = [PYTHON] + what + arguments
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # a page-long banner of the theme
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)  # so that signals and the exit code are the command's own


if __name__ == "__main__":
    main()
