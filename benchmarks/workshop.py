"""Schedule published problems within a time limit and compare with the best values known.

Usage: ``python benchmarks/workshop.py FOLDER``: all sets with the limits of `LIMITS_S`; or some,
with ``--sets rcpsp-j30 --seconds 10``. FOLDER holds ``index.csv`` (set, file, lower_bound,
upper_bound) and the files. Each problem is run through the command line, so that the limit covers
start, imports and writing; the schedule printed is then judged. Runs of the same program that are
in the results file are not repeated, those of another are dropped; the page is written anew from
what is there.
"""

import argparse
import csv
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from statistics import mean

import arterial
from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.schedule_files import read_schedule_problem
from arterial.exchange.scheduling import Schedule
from arterial.workshop.portfolio import SearchKind, warm_search
from arterial.writing import write_whole

RESULTS = Path("docs/benchmarks/workshop.json")
PAGE = Path("docs/benchmarks/workshop.md")
COMMAND = "from arterial.cli.main import main; main()"
LIMITS_S = {
    "rcpsp-j30": 10.0,
    "rcpsp-j60": 10.0,
    "rcpsp-j120": 20.0,
    "jsp-la": 15.0,
    "jsp-ft": 10.0,
    "fjsp-mk": 10.0,
}


def digest_program() -> str:
    """What tells one version of the scheduler from another."""
    package = Path(arterial.__file__).parent
    files = [*sorted((package / "workshop").rglob("*.py")), package / "flows" / "workshop.py"]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:10]


def list_instances(folder: Path) -> list[dict[str, str]]:
    """Rows of the index, the files of the folder sorted by set."""
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def solve(folder: Path, row: dict[str, str], seconds: float, workers: int, seed: int) -> dict:
    """Run one problem through the command line and judge what it prints."""
    path = folder / row["file"]
    limits = ["--time-limit", str(seconds), "--workers", str(workers), "--seed", str(seed)]
    load = os.getloadavg()[0]
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "workshop", "solve", str(path), *limits, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    wall_s = time.perf_counter() - started
    found = json.loads(done.stdout)
    if "error" in found:
        sys.exit(f"{path}: {found['error']}")
    schedule = Schedule(tuple(found["schedule"]), tuple(found["modes"]))
    verdict = check_schedule(read_schedule_problem(path), schedule, makespan=found["makespan"])
    lower, upper = (int(row[key]) if row[key] else None for key in ("lower_bound", "upper_bound"))
    return {
        "set": row["set"],
        "name": path.stem,
        "limit_s": seconds,
        "workers": workers,
        "seed": seed,
        "makespan": found["makespan"],
        "bound": found["lower_bound"],
        "status": found["status"],
        "found_by": found["found_by"],
        "wall_s": round(wall_s, 2),
        "load_before": round(load, 1),
        "program": digest_program(),
        "listed_lower": lower,
        "listed_upper": upper,
        "is_accepted": verdict.is_accepted,
        "is_below_bound": lower is not None and found["makespan"] < lower,
        "is_bound_too_high": upper is not None and found["lower_bound"] > upper,
    }


def deviation(row: dict) -> float:
    """How much longer than the best known, as a share of it."""
    return row["makespan"] / row["listed_upper"] - 1


def format_page(rows: list[dict]) -> str:
    """The results as a page."""
    loads = [row["load_before"] for row in rows] or [0.0]
    lines = [
        "# Workshop scheduling: measured against published values",
        "",
        f"Machine: {platform.machine()}, {os.cpu_count()} cores. Tasks that wanted a core just",
        f"before a run (load average): {mean(loads):.1f} on average, {max(loads):.1f} at most.",
        "The limit is wall time of the whole command, imports included.",
        "Every schedule was judged by the independent checker. *Deviation* is from the best value",
        "known, which for open problems is not proven to be the optimum. *Proven* counts problems",
        "whose optimum the run itself proved; these end early.",
        "",
        "Source of the problems: PSPLIB [Kolisch 1997], JSPLIB, Brandimarte's flexible job shops.",
        "",
        (
            "| set | problems | limit s | workers | mean deviation | largest | equal best | proven "
            "| mean wall s | longest wall s | refused | below a bound |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        groups.setdefault((row["set"], row["limit_s"], row["workers"]), []).append(row)
    for (name, limit_s, workers), group in sorted(groups.items()):
        shares = [deviation(row) for row in group]
        faults = sum(row["is_below_bound"] or row["is_bound_too_high"] for row in group)
        lines.append(
            f"| {name} | {len(group)} | {limit_s:g} | {workers} | {100 * mean(shares):.3f} % "
            f"| {100 * max(shares):.2f} % | {sum(share <= 0 for share in shares)} "
            f"| {sum(row['status'] == 'optimal' for row in group)} "
            f"| {mean(row['wall_s'] for row in group):.1f} "
            f"| {max(row['wall_s'] for row in group):.1f} "
            f"| {sum(not row['is_accepted'] for row in group)} | {faults} |"
        )
    lines += ["", "## Problems not solved to the best known value", ""]
    lines.append("| set | problem | limit s | makespan | bound | best known |")
    lines.append("|---|---|---|---|---|---|")
    lines += [
        f"| {row['set']} | {row['name']} | {row['limit_s']:g} | {row['makespan']} | {row['bound']} "
        f"| {row['listed_lower'] or ''}..{row['listed_upper']} |"
        for row in rows
        if deviation(row) > 0
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run what is missing, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="*", default=list(LIMITS_S))
    parser.add_argument("--seconds", type=float, help="instead of the limit of each set")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--step", type=int, default=1, help="every so many problems of a set")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    found = json.loads(options.results.read_text()) if options.results.is_file() else []
    rows = [row for row in found if row.get("program") == digest_program()]
    for kind in SearchKind:
        warm_search(kind).wait()
    done = {(r["set"], r["name"], r["limit_s"], r["workers"], r["seed"]) for r in rows}
    for name in options.sets:
        limit_s = options.seconds or LIMITS_S[name]
        instances = [row for row in list_instances(options.folder) if row["set"] == name]
        for instance in instances[:: options.step]:
            stem = Path(instance["file"]).stem
            if (name, stem, limit_s, options.workers, options.seed) in done:
                continue
            row = solve(options.folder, instance, limit_s, options.workers, options.seed)
            print(name, stem, row["makespan"], f"{100 * deviation(row):.2f} %", row["status"],
                  row["bound"], row["wall_s"], row["found_by"], flush=True)  # fmt: skip
            rows.append(row)
            write_whole(options.results, json.dumps(rows, indent=1) + "\n")
    write_whole(options.page, format_page(rows))


if __name__ == "__main__":
    main()
