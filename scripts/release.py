# ruff: noqa: INP001, T201
"""Make a release and try it: version, changelog, sdist, wheel with compiled kernels.

usage: python scripts/release.py VERSION     sets version and changelog, then all of the below
       python scripts/release.py --try       leaves both as they are

1. The version is written, and what the changelog calls unreleased is put under it.
2. The sdist is made, with the page parts of the report ready in it.
3. It is installed into a fresh environment, where every kernel is compiled for the pinned level of
   processors, and the main job run.
4. The wheel is made from the sdist and these kernels.
5. It is installed into another fresh environment, with empty caches, and the main job run: nothing
   may be compiled.

Sdist and wheel are then in ``dist/``. Kernels serve the system and the minor release of Python that
this is run with; elsewhere, and with other releases of numba or numpy, they are compiled on the
first run. Needs git, and pip's own access to packages.
"""

import argparse
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
VERSION_FILE: Final = ROOT / "src" / "arterial" / "version.py"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
UNRELEASED: Final = "## Unreleased\n"
WARMINGS: Final = (
    *(f"arterial.flows.warming:warm_{part}" for part in ("paths", "line", "coaches")),
    *(f"arterial.workshop.warming:warm_{part}" for part in ("lists", "project", "shop")),
    *(f"arterial.dispatching.warming:warm_{part}" for part in ("search", "exact")),
    "arterial.dispatching.paths.warming:warm_plans",
)
CALLS: Final = {
    "run": ("run", "studies/pyongyang_moscow"),
    "campaign": ("campaign", "studies/renewal_2025", "--time-limit", "20"),
}


def main() -> None:
    """Make the release, or stop with what is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("version", nargs="?", help="as 0.2.0")
    which.add_argument("--try", dest="is_trial", action="store_true")
    options = parser.parse_args()
    if not options.is_trial:
        set_version(options.version)
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="arterial-release-") as place:
        folder = Path(place)
        builder = make_environment(folder / "builder", "hatchling")
        run(builder, "-m", "hatchling", "build", "-t", "sdist", cwd=ROOT)
        (sdist,) = (ROOT / "dist").glob("*.tar.gz")
        source = unpack(sdist, folder / "source")
        compile_kernels(make_environment(folder / "from-sdist", str(sdist)), source)
        target = ("-t", "wheel", "-d", str(ROOT / "dist"))
        run(builder, "-m", "hatchling", "build", *target, cwd=source)
        (wheel,) = (ROOT / "dist").glob("*.whl")
        try_wheel(make_environment(folder / "from-wheel", str(wheel)), folder)
    for made in (sdist, wheel):
        say(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.1f} MB")


def set_version(version: str) -> None:
    """Write the version and name what was unreleased after it."""
    if re.fullmatch(r"\d+\.\d+\.\d+", version) is None:
        sys.exit(f"{version!r} is not a version: write 0.2.0.")
    if run("git", "status", "--porcelain", cwd=ROOT):
        sys.exit("There are changes that are not committed.")
    text = CHANGELOG.read_text("utf-8")
    _, mark, after = text.partition(UNRELEASED)
    if not mark or not after.partition("\n## ")[0].strip():
        sys.exit("CHANGELOG.md names nothing that is unreleased: what would the release bring?")
    head = f"{UNRELEASED}\n## {version} ({dt.datetime.now(tz=dt.UTC).date()})\n"
    CHANGELOG.write_text(text.replace(UNRELEASED, head, 1), encoding="utf-8")
    code = VERSION_FILE.read_text("utf-8")
    code = re.sub(r'(?m)^__version__ = ".*"$', f'__version__ = "{version}"', code)
    VERSION_FILE.write_text(code, encoding="utf-8")


def make_environment(folder: Path, package: str) -> str:
    """Make a fresh environment with one package; its Python."""
    say(f"Installing {Path(package).name} into a fresh environment")
    run(sys.executable, "-m", "venv", str(folder), cwd=ROOT)
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    # Most of what is installed is never imported; what is, Python compiles when it is.
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
    run(python, "-m", "pip", "install", *quiet, package, cwd=folder)
    return python


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack a source distribution; the folder in it."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return source


def compile_kernels(python: str, source: Path) -> None:
    """Compile all kernels with an installed package and put them into the source of the wheel."""
    kernels = source / "src" / "arterial" / "kernels"
    warm = "import sys; from arterial.compiling import warm; warm(sys.argv[1])"
    calls = [("-c", warm, target) for target in WARMINGS]
    say(f"Compiling the kernels of {len(calls)} families")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = [
            pool.submit(run, python, "-P", *call, cwd=source, kernels=kernels) for call in calls
        ]
    for each in done:
        each.result()
    # What else the commands compile; the main job itself has to find everything.
    with tempfile.TemporaryDirectory() as place:
        for name, call in CALLS.items():
            before = count_kernels(kernels)
            output = ("-o", str(Path(place) / name))
            run(python, "-m", "arterial", *call, *output, cwd=source, kernels=kernels)
            say(f"arterial {name}: {count_kernels(kernels) - before} compiled besides")


def try_wheel(python: str, folder: Path) -> None:
    """Run the main job with nothing but the wheel; stop if it compiles."""
    empty = folder / "no-kernels"
    started_s = time.monotonic()
    name = "pyongyang_moscow"
    run(python, "-m", "arterial", "new", str(folder / name), "--from", name, cwd=folder)
    run(python, "-m", "arterial", "run", str(folder / name), cwd=folder, kernels=empty)
    compiled = count_kernels(empty)
    say(f"Main job from the wheel: {time.monotonic() - started_s:.1f} s, {compiled} compiled")
    if compiled:
        sys.exit("The wheel does not bring all kernels of the main job.")


def count_kernels(folder: Path) -> int:
    """Number of compiled forms in a folder."""
    return sum(1 for _ in folder.rglob("*.kernel"))


def run(*command: str, cwd: Path, kernels: Path | None = None) -> str:
    """Run a command away from this checkout; its output, or its words of failure and an end."""
    variables = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    if kernels is not None:
        variables["ARTERIAL_KERNELS"] = str(kernels)
    answer = subprocess.run(  # noqa: S603 commands of this file
        command, cwd=cwd, env=variables, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{answer.stdout}{answer.stderr}")
    return answer.stdout


def say(text: str) -> None:
    """Tell what is being done."""
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    main()
