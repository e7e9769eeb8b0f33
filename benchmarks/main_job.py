"""Time, memory and start-up of the main job: ``arterial run`` on a study, import, ``--help``.

Each figure is of a whole process, warm (one run before is thrown away), and is printed as the
median of several runs beside its limit, as a ratio.

usage: python benchmarks/main_job.py [STUDY] [--repeats N] [--json]
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMITS = {"run_s": 20.0, "run_gib": 1.5, "import_s": 0.5, "help_s": 0.5}


def measure(command: list[str]) -> dict[str, float]:
    """Wall time [s] and peak resident memory [GiB] of one process and its children."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        message = f"{' '.join(command)} ended with status {status}"
        raise SystemExit(message)
    scale = 1.0 if platform.system() == "Darwin" else 1024.0
    return {"wall_s": wall, "peak_gib": usage.ru_maxrss * scale / 2**30}


def repeat(command: list[str], repeats: int) -> dict[str, float]:
    """Median of several warm runs."""
    measure(command)
    runs = [measure(command) for _ in range(repeats)]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = Path(__file__).parents[1]
    parser.add_argument("study", nargs="?", default=str(root / "studies" / "pyongyang_moscow"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    call = [sys.executable, "-c", "from arterial.cli.main import main; main()"]
    with tempfile.TemporaryDirectory() as folder:
        job = [*call, "run", arguments.study, "--output", str(Path(folder) / "run"), "--json"]
        run = repeat(job, arguments.repeats)
    figures = {
        "run_s": run["wall_s"],
        "run_gib": run["peak_gib"],
        "import_s": repeat([sys.executable, "-c", "import arterial"], arguments.repeats)["wall_s"],
        "help_s": repeat([*call, "--help"], arguments.repeats)["wall_s"],
    }
    rows = {
        name: {"measured": round(value, 3), "limit": LIMITS[name], "ratio": value / LIMITS[name]}
        for name, value in figures.items()
    }
    if arguments.json:
        print(json.dumps({"python": platform.python_version(), "figures": rows}, indent=2))
        return
    print(f"{'figure':10} {'measured':>9} {'limit':>7} {'of limit':>9}")
    for name, row in rows.items():
        print(f"{name:10} {row['measured']:9.3f} {row['limit']:7.2f} {row['ratio']:9.1%}")


if __name__ == "__main__":
    main()
