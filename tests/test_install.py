"""What a wheel brings with it, seen from a folder elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from simulator import __version__

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """What the command prints; the test fails with its errors when it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel; it borrows the dependencies of this one, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("install")
    source = folder / "source"  # a copy, because building leaves files behind and picks up those left before
    for name in ("simulator", "scenarios"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder / "wheels", source, cwd=folder)
    shutil.rmtree(source)
    wheels = [str(path) for path in (folder / "wheels").iterdir()]

    venv.create(folder / "environment", with_pip=False, symlinks=os.name != "nt")
    python = next((folder / "environment").glob("[bS]*/python*"))
    run(*pip, "--python", python, "install", "-q", "--no-deps", "--no-index", *wheels, cwd=folder)
    site_packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (Path(site_packages) / "borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
    return python


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    command = next(installed.parent.glob("pledgesim*"))
    assert __version__ in run(command, "--version", cwd=tmp_path)
    assert __version__ in run(installed, "-m", "simulator", "--version", cwd=tmp_path)


def test_a_wheel_holds_every_module_and_every_bundled_scenario(installed: Path, tmp_path: Path) -> None:
    program = "from simulator.bundled import bundled_folder; print(bundled_folder())"
    bundled = Path(run(installed, "-c", program, cwd=tmp_path).strip())
    assert installed.parent.parent in bundled.parents
    assert files_of(bundled) == files_of(ROOT / "scenarios")
    assert files_of(bundled.parent) - {f"_scenarios/{name}" for name in files_of(bundled)} == files_of(
        ROOT / "simulator"
    )


def files_of(folder: Path) -> set[str]:
    """All files under a folder by their relative path, save what Python compiled."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in paths}
