"""Dispatching against published values: every instance of a folder, and the page that shows them.

Each instance is solved within a time limit and judged by the independent checker. Results are kept
in a JSON file, so that a run can be stopped and taken up again; instances already there with the
same limits are left out. The folder holds `problems/`, `best_known.json` and `line/` with
`_optima.json`; the files have no licence and are not part of this repository.

usage: python benchmarks/dispatching.py FOLDER [--seconds 60] [--workers 1] [--only nor1]
       [--results docs/benchmarks/dispatching.json] [--page docs/benchmarks/dispatching.md]
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
from pathlib import Path
from typing import Any

from arterial.dispatching import dispatch_trains
from arterial.errors import InfeasibleError
from arterial.exchange.displib import read_problem, write_solution
from arterial.exchange.displib_check import check_solution

FAMILY_HEAD = (
    "| family | instances | feasible | equal best known | median gap | largest gap "
    "| not worse than fifth | bound closed |"
)
INSTANCE_HEAD = (
    "| instance | trains | operations | best known | fifth | ours | gap | bound | wall s | CPU s "
    "| limit s | found by |"
)


def list_instances(folder: Path) -> list[dict[str, Any]]:
    """Every instance with its published values."""
    listed = []
    published = {}
    known = folder / "best_known.json"
    if known.is_file():
        published = {item["name"]: item for item in json.loads(known.read_text())["instances"]}
    for path in sorted((folder / "problems").glob("*.json")):
        item = published.get(path.stem, {})
        listed.append(
            {
                "name": path.stem,
                "family": re.sub(r"_?\d+$", "", path.stem),
                "path": path,
                "best_known": item.get("best_known"),
                "fifth": item.get("fifth_placed_team_10min"),
            }
        )
    optima = folder / "line" / "_optima.json"
    if optima.is_file():
        listed += [
            {
                "name": item["name"],
                "family": "line",
                "path": folder / "line" / f"{item['name']}.json",
                "best_known": item["proven_optimum"],
                "fifth": None,
            }
            for item in json.loads(optima.read_text())["instances"]
        ]
    return listed


def cpu_seconds() -> float:
    """CPU time of this process [s]."""
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


def solve(
    instance: dict[str, Any], seconds: float, workers: int, seed: int, keep: Path
) -> dict[str, Any]:
    """Solve one instance; None as value where no plan was found.

    A plan below the best known value is kept as a solution file, so that others can judge it.
    """
    problem = read_problem(instance["path"])
    before = cpu_seconds()
    row = {key: value for key, value in instance.items() if key != "path"}
    row |= {"trains": len(problem.trains), "operations": sum(map(len, problem.trains))}
    row |= {"limit_s": seconds, "workers": workers, "seed": seed}
    try:
        outcome = dispatch_trains(problem, seconds=seconds, workers=workers, seed=seed)
    except InfeasibleError as error:
        return row | {"value": None, "error": error.message}
    verdict = check_solution(problem, outcome.solution)
    if row["best_known"] is not None and outcome.value < row["best_known"]:
        keep.mkdir(parents=True, exist_ok=True)
        write_solution(outcome.solution, keep / f"{row['name']}_{outcome.value}.json")
    return row | {
        "value": outcome.value,
        "is_accepted": verdict.is_accepted,
        "bound": outcome.bound,
        "found_by": outcome.found_by,
        "seconds": round(outcome.seconds, 1),
        # The processes of a pool are children of a server and cannot be counted from here.
        "cpu_s": round(cpu_seconds() - before, 1) if workers == 1 else None,
    }


def gap_of(row: dict[str, Any]) -> float | None:
    """Distance from the best known value, as a share of it."""
    if row["value"] is None or row["best_known"] is None:
        return None
    if row["value"] == row["best_known"]:
        return 0.0
    return row["value"] / row["best_known"] - 1 if row["best_known"] else float("inf")


def describe_share(share: float | None) -> str:
    """A share in per cent."""
    return "" if share is None else f"{100 * share:.1f} %"


def format_page(rows: list[dict[str, Any]]) -> str:
    """The page: what was measured, by family, then by instance."""
    limits = sorted({(row["limit_s"], row["workers"]) for row in rows})
    limits_text = "; ".join(f"{limit:g} s, processes: {count}" for limit, count in limits)
    lines = [
        "# Dispatching: measured against published values",
        "",
        f"Machine: {platform.machine()}, {os.cpu_count()} cores, shared with other work while",
        f"these runs were made. Limits used: {limits_text}.",
        "The competition allowed 600 s and 8 threads. Every value was counted by the independent",
        "checker. *Fifth* is the fifth-placed team's value after 10 minutes.",
        "",
        "## By family",
        "",
        FAMILY_HEAD,
        "|---|---|---|---|---|---|---|---|",
    ]
    for family in sorted({row["family"] for row in rows}):
        part = [row for row in rows if row["family"] == family]
        gaps = [gap for gap in map(gap_of, part) if gap is not None]
        judged = [row for row in part if row["fifth"] is not None and row["value"] is not None]
        better = sum(row["value"] <= row["fifth"] for row in judged)
        closed = sum(row["value"] is not None and row["bound"] >= row["value"] for row in part)
        lines.append(
            f"| {family} | {len(part)} | {sum(row.get('is_accepted', False) for row in part)}"
            f" | {sum(gap <= 0 for gap in gaps)} of {len(gaps)}"
            f" | {describe_share(statistics.median(gaps)) if gaps else ''}"
            f" | {describe_share(max(gaps, default=None))}"
            f" | {f'{better} of {len(judged)}' if judged else ''} | {closed} |"
        )
    lines += format_headlines(rows)
    lines += [
        "",
        "## By instance",
        "",
        INSTANCE_HEAD,
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: (row["family"], row["name"])):
        cells = [row["name"], row["trains"], row["operations"], row["best_known"], row["fifth"]]
        cells += [row["value"], describe_share(gap_of(row)), row.get("bound"), row.get("seconds")]
        cells += [row.get("cpu_s"), f"{row['limit_s']:g}", row.get("found_by", row.get("error"))]
        lines.append("| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |")
    return "\n".join([*lines, ""])


def format_headlines(rows: list[dict[str, Any]]) -> list[str]:
    """What is below the best known value, or new where there was no optimum."""
    better = [row for row in rows if (gap_of(row) or 0) < 0]
    if not better:
        return []
    lines = ["", "## Below the best known value", ""]
    lines += [
        f"- **{row['name']}**: {row['value']} instead of {row['best_known']}"
        f" ({describe_share(gap_of(row))})"
        for row in sorted(better, key=lambda row: gap_of(row) or 0)
    ]
    return lines


def main() -> None:
    """Run what is missing, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="regular expression on family and name")
    parser.add_argument("--results", type=Path, default=Path("docs/benchmarks/dispatching.json"))
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    rows = json.loads(options.results.read_text()) if options.results.is_file() else []
    done = {(row["name"], row["limit_s"], row["workers"], row["seed"]) for row in rows}
    for instance in list_instances(options.folder):
        key = (instance["name"], options.seconds, options.workers, options.seed)
        if key in done or not re.search(options.only, f"{instance['family']} {instance['name']}"):
            continue
        keep = options.results.parent / "below_best_known"
        row = solve(instance, options.seconds, options.workers, options.seed, keep)
        print(
            row["name"], row["value"], describe_share(gap_of(row)), row.get("seconds"), flush=True
        )
        rows = [*rows, row]
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(rows, indent=1))
    if options.page:
        options.page.parent.mkdir(parents=True, exist_ok=True)
        options.page.write_text(format_page(rows))


if __name__ == "__main__":
    main()
