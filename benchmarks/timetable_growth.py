"""How the work on a whole timetable grows with its size: processor time over four sizes.

Networks of `arterial new --network` grow as a railway does: twice the trains run over twice the
stations, in twice as many different runs. Each command is a process of its own whose user and
system time is counted, that of its children too; one run of the smallest size before is thrown
away, so that kernels are compiled. The exponent is the slope of a straight line through the
logarithms of trains and seconds.

usage: python benchmarks/timetable_growth.py [--trains N ...] [--commands NAME ...] [--json]
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from arterial.study.networks import NetworkSize, write_network

SIZES = (250, 500, 1000, 2000)
LIMIT = 1.3
"""Exponent that growth stays below [1]."""

CALL = (sys.executable, "-c", "from arterial.cli.main import main; main()")
FIRST_DAY = "2026-01-02"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trains", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--commands", nargs="+", default=["check", "conflicts", "timetable", "run"])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        studies = {
            trains: write_network(Path(folder) / f"n{trains}", size_network(trains))
            for trains in sorted(arguments.trains)
        }
        figures = {name: measure_growth(name, studies) for name in arguments.commands}
    exponents = {name: fit_exponent(cpu_s) for name, cpu_s in figures.items()}
    if arguments.json:
        print(json.dumps({"python": platform.python_version(), "cpu_s": figures,
                          "exponents": exponents, "limit": LIMIT}, indent=2))  # fmt: skip
        return
    print(f"{'command':10}" + "".join(f"{trains:>9}" for trains in studies) + "  exponent")
    for name, cpu_s in figures.items():
        row = "".join(f"{seconds:9.2f}" for seconds in cpu_s.values())
        print(f"{name:10}{row}  {exponents[name]:8.2f}")


def size_network(trains: int) -> NetworkSize:
    """A network of so many trains, half as many stations and a fifth as many runs."""
    return NetworkSize(
        stations=trains // 2, trains=trains, runs=max(trains // 5, 1), stops=100, assets=10 * trains
    )


def measure_growth(name: str, studies: Mapping[int, Path]) -> dict[int, float]:
    """Processor time of a command on each study, by trains [s]."""
    smallest = min(studies)
    measure(list_words(name, studies[smallest]))
    return {trains: measure(list_words(name, study)) for trains, study in studies.items()}


def list_words(name: str, study: Path) -> Sequence[str]:
    """A command on a study."""
    words = [*CALL, name, str(study)]
    if name == "timetable":
        words += ["--date", FIRST_DAY, "--moves", "2000"]
    if name == "run":
        words += ["--output", str(study.parent / f"{study.name}-run")]
    return [*words, "--json"]


def measure(words: Sequence[str]) -> float:
    """User and system time of a process and its children [s]."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        message = f"{' '.join(words[3:])} ended with status {status}"
        raise SystemExit(message)
    return usage.ru_utime + usage.ru_stime


def fit_exponent(cpu_s: Mapping[int, float]) -> float:
    """Slope of a straight line through the logarithms of trains and seconds [1]."""
    xs = [math.log(trains) for trains in cpu_s]
    ys = [math.log(seconds) for seconds in cpu_s.values()]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    over = sum((one - x) * (two - y) for one, two in zip(xs, ys, strict=True))
    return over / sum((one - x) ** 2 for one in xs)


if __name__ == "__main__":
    main()
