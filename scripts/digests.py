# ruff: noqa: INP001, S603, T201
"""Digests of results, to show that a change of the code leaves every number as it was.

usage: python scripts/digests.py [GROUP ...] [--workers N] [--record]

Without ``--record`` the digests of the groups (all by default) are compared with those in
``docs/verification/digests.csv``; differences are listed, and the exit code is 1 if there are any.
A digest is the first 16 digits of the SHA-256 of a result as text: of a table its columns, types
and every value in order of the rows, numbers to the last bit. It does not depend on workers.

No search here is ended by the clock: limits of time lie far beyond what they take, rounds, moves
or proofs end them. What is left out says `LEFT_OUT`, with the reason. Problems of dispatching and
of workshops lie in ``../shared/data`` (or below ``ARTERIAL_SHARED``).
"""

import argparse
import base64
import csv
import gzip
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

ROOT: Final = Path(__file__).resolve().parents[1]
DATA: Final = Path(os.environ.get("ARTERIAL_SHARED", ROOT.parent / "shared")) / "data"
RECORD: Final = ROOT / "docs" / "verification" / "digests.csv"
COMMAND: Final = "from arterial.cli import main; main()"
HEAD: Final = ("group", "name", "digest")
DIGITS: Final = 16
SEED: Final = 7
# A limit of time that nothing reaches [s].
ENDLESS_S: Final = 1e5
PAYLOAD: Final = re.compile(r'id="payload" data-encoding="([^"]+)">(.*?)</script>', re.DOTALL)
LOOK: Final = re.compile(r'<(head|style|table class="stamps").*?</(head|style|table)>', re.DOTALL)

ANNEALED: Final = ("nor1_full_0", "nor1_critical_0", "wab_small_1")
SHIPPED: Final = ("two_stations", "pyongyang_beijing", "tumangang_border")
PROVEN: Final = ("line/origA1", "line/trackB2", "mini/displib_testinstances_headway1")
SCHEDULED: Final = (
    "rcpsp/j30/j30_13_1.rcp", "rcpsp/j60/j60_13_1.rcp", "jsp/instances/ft10", "jsp/instances/la20",
    "fjsp/Brandimarte1993/mk01.txt", "fjsp/Brandimarte1993/mk04.txt",
)  # fmt: skip

# (file, column): columns of result tables and files of a run that say nothing of the results.
LEFT_OUT: Final = {
    ("campaign_totals", "seconds"): "wall time of the solver",
    ("campaign_totals", "is_cut"): "whether the clock ended the search: depends on the machine",
    **{(f"campaign_{name}", "is_cut"): "the same" for name in ("prices", "ranges", "curves")},
    ("page of a campaign", ""): "order of its elements: equal ones came in a random order",
    ("run.toml", ""): "version of the program; what else it says is in the data of the page",
    ("report.html", ""): "scripts, styles, version; the data or body of the page are digested",
}

Results = Iterator[tuple[str, object]]


def digest(value: object) -> str:
    """First digits of the SHA-256 of a value of any kind."""
    return hashlib.sha256(b"\n".join(write_down(value))).hexdigest()[:DIGITS]


def write_down(value: object) -> Iterator[bytes]:
    """A value as bytes; names of classes and of their fields do not matter."""
    if isinstance(value, pl.DataFrame):
        for column in value.get_columns():
            yield f"{column.name} {column.dtype!r} {len(column)}".encode()
            # Floats as the shortest text that gives the same bits again.
            yield repr(column.to_list()).encode()
    elif isinstance(value, np.ndarray) and value.dtype.names:
        yield from write_down({name: value[name] for name in value.dtype.names})
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype.str} {value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif is_dataclass(value):
        yield from write_down([getattr(value, each.name) for each in fields(value)])
    elif isinstance(value, Mapping):
        yield from write_down(list(value.items()))
    elif isinstance(value, list | tuple):
        yield f"{len(value)} items".encode()
        for item in value:
            yield from write_down(item)
    else:
        value = value.value if isinstance(value, Enum) else value
        yield repr(value.item() if isinstance(value, np.generic) else value).encode()


def call(*arguments: object) -> dict[str, object]:
    """What a command prints as JSON."""
    words = [sys.executable, "-c", COMMAND, *map(str, arguments), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words[3:])}: {done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout))


def read_run(name: str, folder: Path, printed: Mapping[str, object]) -> Results:
    """What a run says and wrote: sentences, tables, exported files, and the data of its page."""
    yield f"{name}/summary", printed["summary"]
    yield f"{name}/page", read_page(folder / "report.html")
    for path in sorted(folder.iterdir()):
        if path.suffix == ".parquet":
            yield f"{name}/{path.stem}", read_table(path)
        elif path.is_file() and (path.name, "") not in LEFT_OUT:
            yield f"{name}/{path.name}", path.read_bytes()


def read_table(path: Path) -> pl.DataFrame:
    """A result table without what is left out."""
    frame = pl.read_parquet(path)
    return frame.drop(column for column in frame.columns if (path.stem, column) in LEFT_OUT)


def read_page(path: Path) -> object:
    """The data in a page, or the elements of its body in any order, without the run's name."""
    found = PAYLOAD.search(page := path.read_text("utf-8"))
    if found is None:
        return sorted(LOOK.sub("", page).split("<"))
    encoding, text = found.groups()
    data = json.loads(text if encoding == "json" else gzip.decompress(base64.b64decode(text)))
    return {key: item for key, item in data.items() if key != "stamp"}


def copy_study(name: str, folder: Path, changes: Mapping[str, str]) -> Path:
    """A shipped study with other settings."""
    study = folder / name
    shutil.copytree(ROOT / "studies" / name, study, ignore=shutil.ignore_patterns("runs"))
    settings = study / "study.toml"
    for before, after in changes.items():
        settings.write_text(settings.read_text("utf-8").replace(before, after), "utf-8")
    return study


def digest_runs(folder: Path, workers: int) -> Results:
    """Tables of `arterial run`; renewal_2025 has no coaches and so no such run."""
    fewer = {"draws = 300": "draws = 2", "replications = 12": "replications = 10"}
    studies = {
        "new": folder / "new",
        **{name: ROOT / "studies" / name for name in SHIPPED},
        "pyongyang_moscow": copy_study("pyongyang_moscow", folder, fewer),
    }
    call("new", studies["new"])
    for name, study in studies.items():
        output = folder / f"run_{name}"
        yield from read_run(name, output, call("run", study, "-o", output, "--workers", workers))


def digest_simulations(folder: Path, workers: int) -> Results:
    """Tables and parts of `arterial simulate`; of the other studies nothing can be simulated."""
    name = "pyongyang_moscow"
    study, output = ROOT / "studies" / name, folder / name
    size = ("--size", "3x8", "--workers", workers)
    yield from read_run(name, output, call("simulate", study, "-o", output, *size))
    for table in sorted((folder / f"{name}.parts" / "parts").iterdir()):
        found = [(path.stem, read_table(path)) for path in sorted(table.glob("*.parquet"))]
        yield f"{name}/parts/{table.name}", found


def digest_campaigns(folder: Path, workers: int) -> Results:
    """A campaign from its study to its tables, with fewer assets; reference problems."""
    sys.path.append(str(ROOT / "benchmarks"))
    from arterial.campaign import solve_campaign
    from campaign_problems import Regime, make_reference_problem

    study, output = make_small_renewal(folder), folder / "campaign"
    limits = ("--time-limit", ENDLESS_S, "--workers", workers)
    yield from read_run("renewal_2025", output, call("campaign", study, "-o", output, *limits))
    kept = ("option", "month", "value", "price_bound", "bound", "gap", "prices", "packing_prices")
    for regime in Regime:
        problem = make_reference_problem(1000, regime=regime, seed=SEED, n_months=24)
        how: dict[str, Any] = {"time_limit_s": ENDLESS_S, "seed": SEED, "workers": workers}
        first = solve_campaign(problem, rounds=2, **how)
        again = solve_campaign(problem.with_limits(labour=0.8), rounds=2, start=first, **how)
        for name, found in (("first", first), ("again", again)):
            yield f"{regime.name}/{name}", [getattr(found, key) for key in (*kept, "site_worth")]


def make_small_renewal(folder: Path) -> Path:
    """The study of renewals with fewer assets and vehicles, two draws and three months."""
    part = "[campaign]\nmonths = 3\nloops = 1\n\n[reliability]"
    changes = {"draws = 10": "draws = 2", "replications = 10": "replications = 4"}
    changes |= {"line_days = 5": "line_days = 1", "[reliability]": part}
    tables = copy_study("renewal_2025", folder, changes) / "tables"
    found = pl.read_csv(tables / "asset_densities.csv", infer_schema=False)
    is_track = pl.col("kind") == "track"
    length_m, density = pl.col("unit_length_m").cast(float), pl.col("units_per_km").cast(float)
    found.with_columns(
        unit_length_m=pl.when(is_track).then(8 * length_m).otherwise(length_m),
        units_per_km=pl.when(is_track).then(density).otherwise((density / 16).round(5)),
    ).write_csv(tables / "asset_densities.csv")
    # A works whose schedule ends by its rounds even where the machine is busy.
    jobs = pl.read_csv(tables / "works_jobs.csv", infer_schema=False)
    jobs.with_columns(vehicles_count=pl.lit("2")).write_csv(tables / "works_jobs.csv")
    return tables.parent


def digest_dispatching(_folder: Path, _workers: int) -> Results:
    """Plans of annealing after stated moves, and of proofs that come to an end."""
    from arterial.dispatching.effort import Cooling
    from arterial.dispatching.encode import encode_problem
    from arterial.dispatching.outcome import decode_plan
    from arterial.dispatching.proofs import prove_plan
    from arterial.dispatching.rounds import Task, TaskKind, run_task
    from arterial.dispatching.state import make_state
    from arterial.exchange.displib import read_problem

    files = DATA / "dispatching"
    coolings = {
        "fixed": Cooling(first=1.0, last=0.005, most_trains=5, iterations=1500),
        "yielding": Cooling(first=1.0, most_trains=5, gives_way=True, iterations=600),
    }
    for file, (name, cooling) in product(ANNEALED, coolings.items()):
        graphs = encode_problem(read_problem(files / "problems" / f"{file}.json"))
        task = Task(TaskKind.SEARCH, None, cooling, seed=SEED, draw=0, ends_at=math.inf)
        found = run_task(make_state(graphs, seed=SEED), task)
        if (plan := found.plan) is not None:
            trains = zip(graphs.train_first[:-1], plan.length, strict=True)
            used = np.concatenate([np.arange(first, first + steps) for first, steps in trains])
            parts = (plan.operation[used], plan.time[used], plan.length, plan.price)
            yield f"{file}/{name}", (parts, found.bound)
    for file in PROVEN:
        problem = read_problem(files / f"{file}.json")
        graphs = encode_problem(problem)
        proof = prove_plan(make_state(graphs, seed=SEED), None, seconds=ENDLESS_S, seed=SEED)
        best = None if proof.plan is None else decode_plan(graphs, proof.plan)
        yield f"{file}/proof", (proof.bound, proof.is_decided, best)


def digest_workshops(_folder: Path, _workers: int) -> Results:
    """Schedules of a problem of each kind, improved by stated rounds, and of a study's works."""
    from arterial.exchange.schedule_files import read_schedule_problem
    from arterial.study import apply_defaults, read_study
    from arterial.workshop.construction import construct_schedule
    from arterial.workshop.overhaul.scheduling import resolve_works
    from arterial.workshop.portfolio import improve_schedule

    for file in SCHEDULED:
        problem = read_schedule_problem(DATA / "schedlib" / file)
        known = construct_schedule(problem)
        found = improve_schedule(problem, known, seconds=ENDLESS_S, seed=SEED, effort=6)
        yield file, (known, found)
    study = read_study(ROOT / "studies" / "renewal_2025")
    tables = {name: apply_defaults(study, name) for name in study.tables}
    works = resolve_works(tables, study.settings.as_of, seconds=ENDLESS_S, seed=SEED)
    yield from ((f"renewal_2025/{name}", table) for name, table in works.items())


def digest_engines(_folder: Path, _workers: int) -> Results:
    """Both engines of operations, running times, and train paths."""
    sys.path += [str(ROOT / "tests"), str(ROOT / "benchmarks")]
    from arterial.dispatching.paths import PlanOptions, Traffic, find_path, plan_paths
    from arterial.operations.line.event_engine import Policy, simulate_events
    from arterial.running.files import time_files
    from arterial.timetable import paths
    from arterial.units import DAY_S
    from fixed_order import simulate_fixed_order
    from operations_cases import KEY, random_line, rough_hazards
    from operations_corridor import disturb_evenly, make_corridor
    from path_engine import draw_requests, make_line

    corridor, line = make_corridor(21, 40, spacing_s=1800, slack_share=0.08), random_line(SEED)
    even, rough = disturb_evenly(corridor, 0.05, 300.0), rough_hazards(line)
    how: dict[str, Any] = {"key": KEY, "replications": 100, "with_times": True}
    for name, plan, hazards in (("corridor", corridor, even), ("line", line, rough)):
        yield f"{name}/plan", (plan.runs, plan.events, plan.arcs)
        yield f"{name}/fixed order", simulate_fixed_order(plan, hazards, **how)
        for policy in Policy:
            yield f"{name}/{policy.name}", simulate_events(plan, hazards, policy=policy, **how)
    folder = ROOT / "docs" / "verification" / "running_times"
    for path, train in product(sorted(folder.glob("*.csv")), sorted(folder.glob("*.toml"))):
        yield f"{path.stem}/{train.stem}", time_files(path, train)
    model = make_line(40, tracks_count=1)
    requests = list(draw_requests(model, 100, DAY_S, longest=25))
    for moves in (0, 600):
        laid = plan_paths(model, requests, options=PlanOptions(moves=moves, leaves_late=True))
        occupied = paths.tabulate_occupations(model, laid.paths)
        yield f"paths/{moves} moves", (occupied, laid.unplaced, laid.cost, laid.bound)
        window = paths.DepartureWindow(DAY_S // 2)
        wish = paths.make_request(model, "X", model.point_ids, [450.0] * 40, window=window)
        more = find_path(Traffic(model, laid.paths), wish)
        yield f"paths/{moves} moves and one more", more and paths.tabulate_paths(model, [more])


GROUPS: Final[Mapping[str, Callable[[Path, int], Results]]] = {
    "run": digest_runs,
    "simulate": digest_simulations,
    "campaign": digest_campaigns,
    "dispatch": digest_dispatching,
    "workshop": digest_workshops,
    "engines": digest_engines,
}


def make_digests(group: str, workers: int) -> dict[tuple[str, str], str]:
    """Digests of a group by group and name."""
    before = os.times()
    with tempfile.TemporaryDirectory(prefix="digests-") as folder:
        results = GROUPS[group](Path(folder), workers)
        found = {(group, name): digest(value) for name, value in results}
    spent_s = [after - earlier for after, earlier in zip(os.times(), before, strict=True)]
    print(f"{group}: {len(found)} digests, {sum(spent_s[:4]):.0f} CPU-s", flush=True)
    return found


def main() -> None:
    """Record or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--record", action="store_true", help="write the digests of the groups")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    groups = options.groups or list(GROUPS)
    if unknown := set(groups) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    with RECORD.open(encoding="utf-8", newline="") as file:
        record = {(group, name): value for group, name, value in csv.reader(file)}
    found: dict[tuple[str, str], str] = {}
    for group in groups:
        found |= make_digests(group, options.workers)
    if options.record:
        kept = {key: value for key, value in record.items() if key[0] in set(GROUPS) - set(groups)}
        rows = [(*key, value) for key, value in sorted((kept | found).items())]
        with RECORD.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEAD, *rows])
        return
    known = {key for key in record if key[0] in groups}
    differing = sorted(key for key in known | set(found) if record.get(key) != found.get(key))
    for key in differing:
        print(f"{'/'.join(key)}: {record.get(key)} recorded, {found.get(key)} now")
    print(f"{len(found)} digests, {len(differing)} differ.")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
