"""The wheel holds all we need, and nobody else's package answers to our names."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.structure.sources import PACKAGES, ROOT, tracked_files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT))
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("tocsin-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a fresh environment with our wheel in it and the dependencies of this one beside it."""
    environment = tmp_path_factory.mktemp("environment")
    assert run(sys.executable, "-m", "venv", "--without-pip", str(environment)).returncode == 0
    python = environment / "bin" / "python"
    done = run(sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--quiet", str(wheel))
    assert done.returncode == 0, done.stderr
    # A path in a .pth is added as it is: the .pth of our own editable install, in that folder, is not followed.
    site = Path(run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin"


def test_the_wheel_holds_every_file_of_our_packages(wheel: Path) -> None:
    """Rules, SQL, schemas and settings of the embedded servers are data: an installer that forgets them fails late."""
    kept = {str(path.relative_to(ROOT)) for path in tracked_files() if path.relative_to(ROOT).parts[0] in PACKAGES}
    with zipfile.ZipFile(wheel) as archive:
        missing = kept - set(archive.namelist())
        strangers = {name.split("/")[0] for name in archive.namelist()} - {*PACKAGES, "tocsin-0.1.0.dist-info"}
    assert not missing, sorted(missing)
    assert not strangers, f"the wheel also holds {sorted(strangers)}"


def test_the_command_runs_from_anywhere(installed: Path) -> None:
    done = run(str(installed / "tocsin"), "--help")
    assert done.returncode == 0, done.stderr
    assert "replay" in done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_typed_and_imports_from_the_wheel(installed: Path, package: str) -> None:
    code = f"import {package}; print({package}.__file__)"
    done = run(str(installed / "python"), "-c", code)
    assert done.returncode == 0, done.stderr
    where = Path(done.stdout.strip())
    assert where.is_relative_to(installed.parent), f"{package} came from {where}"
    assert (where.parent / "py.typed").exists()


def test_nobody_else_ships_our_names() -> None:
    """pip lets a second distribution overwrite `schemas`, and removing it would then delete ours."""
    owners = packages_distributions()
    for name in (*PACKAGES, "tests"):
        assert set(owners.get(name, ["tocsin"])) == {"tocsin"}, f"{name} also belongs to {owners[name]}"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    # Of the caller's: it would answer in the wheel's place.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False, timeout=100)
