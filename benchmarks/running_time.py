"""Speed and error of the running-time calculation, in one run; `--json` prints JSON.

1. A path of 10,000 km with a gradient change every 500 m, a limit every 3 to 15 km and 100 stops:
   warm time on one core (median) and error against a refined reference.
2. A path of 1,000 km that altrios runs with the same physics: time of each, error of each against
   its own refinement, and their ratio. altrios needs an environment of its own; the variable
   ARTERIAL_ALTRIOS_PYTHON names its Python, otherwise one is made with pip for this run.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from arterial.running import BrakeRule, PathProfile, RunningTime, Train, calculate_running_time

ALTRIOS = "altrios==1.1.0"
REFINED = 1e-12
COACH_TRAIN = {
    "mass_kg": 804_000.0,
    "locomotive_mass_kg": 132_000.0,
    "length_m": 294.0,
    "rotating_mass_kg": 36_000.0,
    "a_n": 10019.4229,
    "b_n_per_ms": 364.7520,
    "c_n_per_ms2": 18.29204,
    "power_w": 4.7e6,
    "effort_max_n": 370_000.0,
    "brake_n": 987_996.0,
}
ALTRIOS_STEPS = [[1.0, 15], [0.5, 7], [0.1, 3], [0.02, 0], [0.01, 0]]


def make_train() -> Train:
    """Locomotive of 4.7 MW with 12 coaches, as altrios can describe it too."""
    return Train(
        mass_kg=COACH_TRAIN["mass_kg"],
        rotating_mass_kg=COACH_TRAIN["rotating_mass_kg"],
        length_m=COACH_TRAIN["length_m"],
        resistance_a_n=COACH_TRAIN["a_n"],
        resistance_b_n_per_ms=COACH_TRAIN["b_n_per_ms"],
        resistance_c_n_per_ms2=COACH_TRAIN["c_n_per_ms2"],
        effort_max_n=COACH_TRAIN["effort_max_n"],
        power_w=COACH_TRAIN["power_w"],
        top_speed_ms=60.0,
        brake_rule=BrakeRule.FORCE,
        brake_value=COACH_TRAIN["brake_n"],
        gravity_m_s2=9.80154849,
    )


def make_path(length_km: int, *, gradient_m: float, stop_km: int) -> PathProfile:
    """A path with random gradients and limits, the same on every machine."""
    generator = np.random.Generator(np.random.Philox(20_251_122))
    n_pieces = round(1000.0 * length_km / gradient_m)
    gradients = np.round(generator.uniform(-9.0, 9.0, n_pieces), 1)
    limits: list[float] = []
    while len(limits) < n_pieces:
        run = max(1, round(float(generator.uniform(3000.0, 15_000.0)) / gradient_m))
        limits.extend([float(generator.choice([60, 80, 100, 120, 140]))] * run)
    stops = [1000.0 * km for km in range(stop_km, length_km + 1, stop_km)]
    return PathProfile(
        position_m=(np.arange(n_pieces + 1) * gradient_m).tolist(),
        gradient_permille=gradients.tolist(),
        speed_limit_kmh=limits[:n_pieces],
        stop_position_m=stops,
        stop_dwell_s=[120.0] * len(stops),
    )


def time_warm(
    path: PathProfile,
    train: Train,
    repeats: int,
    **options: Any,  # noqa: ANN401
) -> dict[str, float]:
    """Median and best time of a calculation [s], compiled code and caches warm."""
    calculate_running_time(path, train, **options)
    durations = []
    for _ in range(repeats):
        start = time.perf_counter()
        calculate_running_time(path, train, **options)
        durations.append(time.perf_counter() - start)
    return {"warm_s": statistics.median(durations), "best_s": min(durations)}


def largest_error_s(result: RunningTime, reference: RunningTime) -> float:
    """Largest difference of passing times [s]."""
    return float(np.abs(result.places[:, 1] - reference.places[:, 1]).max())


def measure_long(repeats: int) -> dict[str, float]:
    """The 10,000 km path."""
    path, train = make_path(10_000, gradient_m=500.0, stop_km=100), make_train()
    result = calculate_running_time(path, train)
    reference = calculate_running_time(path, train, step_tolerance=REFINED)
    return {
        "length_km": 10_000.0,
        "pieces": float(len(path.gradient_permille)),
        "stops": float(len(path.stop_position_m)),
        **time_warm(path, train, repeats),
        "running_time_s": result.running_time_s,
        "largest_error_s": largest_error_s(result, reference),
        "energy_error_share": abs(result.traction_energy_j / reference.traction_energy_j - 1.0),
    }


def measure_against_altrios(repeats: int) -> dict[str, Any]:
    """The 1,000 km path here and in altrios, each against its own refinement."""
    path, train = make_path(1000, gradient_m=1000.0, stop_km=1000), make_train()
    start_m = COACH_TRAIN["length_m"]
    points = [float(x) for x in range(10_000, 996_000, 5000)]
    options = {"start_position_m": start_m, "points_m": points}
    result = calculate_running_time(path, train, **options)
    reference = calculate_running_time(path, train, step_tolerance=REFINED, **options)
    at_points = np.array([reference.passing_at(x).arrival_s for x in points])
    runs = run_altrios(describe_case(path, points, ALTRIOS_STEPS))
    times = {run["step_s"]: np.array(run["passing_s"]) for run in runs}
    # Errors of altrios shrink with the step: the two finest are extrapolated to step 0.
    limit = 2.0 * times[0.01] - times[0.02]
    timing = time_warm(path, train, repeats, **options)
    return {
        "length_km": 1000.0,
        "points": len(points),
        "ours": {
            **timing,
            "largest_error_s": largest_error_s(result, reference),
            "at_last_point_s": float(at_points[-1]),
        },
        "altrios": [
            {
                "step_s": run["step_s"],
                "walk_s": run["walk_s"],
                "largest_error_s": float(np.abs(times[run["step_s"]] - limit).max()),
                "at_last_point_s": float(times[run["step_s"]][-1]),
                "best_s": run["best_s"],
                "ratio": None if run["walk_s"] is None else run["walk_s"] / timing["warm_s"],
                "ratio_of_best": run["best_s"] and run["best_s"] / timing["best_s"],
            }
            for run in runs
        ],
        "altrios_limit_at_last_point_s": float(limit[-1]),
        "models_differ_by_s": float(np.abs(limit - at_points).max()),
        **split_by_drops(path, points, limit - at_points),
    }


def split_by_drops(
    path: PathProfile, points: list[float], difference: np.ndarray
) -> dict[str, float]:
    """Where the two models drift apart: between points with a drop of the limit, or elsewhere."""
    limits = np.array(path.speed_limit_kmh)
    drops = np.array(path.position_m)[1:-1][np.diff(limits) < 0.0]
    braking_m = 800.0
    has_drop = [
        bool(np.any((drops >= start - braking_m) & (drops <= end + braking_m)))
        for start, end in pairwise(points)
    ]
    drift = np.diff(difference)
    return {
        "drops": int(drops.size),
        "drift_at_drops_s": float(drift[has_drop].sum()),
        "drift_elsewhere_s": float(drift[~np.array(has_drop)].sum()),
    }


def cross_check() -> dict[str, float]:
    """100 km of hills at 120 km/h, without a drop of the limit: here and in altrios at step 0."""
    gradients = [0.0, 6.0, 9.0, -9.0, -6.0, 0.0, 4.0, -4.0, 9.0, 0.0]
    path = PathProfile(
        position_m=[10_000.0 * k for k in range(11)],
        gradient_permille=gradients,
        speed_limit_kmh=[120.0] * 10,
        stop_position_m=[100_000.0],
        stop_dwell_s=[0.0],
    )
    points = [float(x) for x in range(1000, 99_000, 1000)]
    result = calculate_running_time(
        path, make_train(), start_position_m=COACH_TRAIN["length_m"], points_m=points
    )
    ours = np.array([result.passing_at(x).arrival_s for x in points])
    fine, finer = run_altrios(describe_case(path, points, [[0.02, 0], [0.01, 0]]))
    limit = 2.0 * np.array(finer["passing_s"]) - np.array(fine["passing_s"])
    return {"points": len(points), "largest_difference_s": float(np.abs(limit - ours).max())}


def describe_case(
    path: PathProfile, points_m: list[float], steps: list[list[float]]
) -> dict[str, Any]:
    """A case as running_time_altrios.py reads it."""
    return {
        "train": COACH_TRAIN,
        "path": {
            "position_m": list(path.position_m),
            "gradient_permille": list(path.gradient_permille),
            "speed_limit_kmh": list(path.speed_limit_kmh),
        },
        "points_m": points_m,
        "altrios_steps": steps,
    }


def run_altrios(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Results of running_time_altrios.py in altrios' own environment."""
    script = Path(__file__).with_name("running_time_altrios.py")
    with tempfile.TemporaryDirectory() as name:
        python = os.environ.get("ARTERIAL_ALTRIOS_PYTHON") or make_environment(Path(name) / "venv")
        file = Path(name) / "case.json"
        file.write_text(json.dumps(case), encoding="utf-8")
        done = subprocess.run(
            [python, str(script), str(file)], check=True, capture_output=True, text=True
        )
    runs: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return runs


def make_environment(folder: Path) -> str:
    """A new virtual environment with altrios; its Python."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", ALTRIOS], check=True)
    return python


def describe_machine() -> dict[str, str]:
    """Processor and versions."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [x for x in info.read_text("utf-8").splitlines() if x.startswith("model name")]
        processor = names[0].split(":")[1].strip() if names else processor
    return {
        "processor": processor,
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
        "numba": importlib.metadata.version("numba"),
        "altrios": ALTRIOS.split("==")[1],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--repeats", type=int, default=15, help="calculations to time")
    parser.add_argument("--skip-altrios", action="store_true", help="leave altrios out")
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"machine": describe_machine(), "long": measure_long(options.repeats)}
    if not options.skip_altrios:
        found["cross_check"] = cross_check()
        found["against_altrios"] = measure_against_altrios(options.repeats)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(", ".join(f"{key} {value}" for key, value in found["machine"].items()))
    long = found["long"]
    print(
        f"10,000 km: {long['warm_s'] * 1000:.1f} ms warm (best {long['best_s'] * 1000:.1f}), "
        f"largest "
        f"error of a passing time {long['largest_error_s']:.1e} s in {long['running_time_s']:.0f} s"
    )
    if "against_altrios" in found:
        print_comparison(found["against_altrios"])
        check = found["cross_check"]
        print(
            f"100 km of hills without a drop of the limit: models differ by at most "
            f"{check['largest_difference_s']:.1e} s at {check['points']} points"
        )


def print_comparison(found: dict[str, Any]) -> None:
    """The 1,000 km case as lines of text."""
    ours = found["ours"]
    print(
        f"1,000 km: {ours['warm_s'] * 1000:.2f} ms warm (best {ours['best_s'] * 1000:.2f}), "
        f"largest error {ours['largest_error_s']:.1e} s, "
        f"last point at {ours['at_last_point_s']:.3f} s"
    )
    for run in found["altrios"]:
        walk = "" if run["walk_s"] is None else f"{run['walk_s'] * 1000:.1f} ms,"
        ratio = ""
        if run["ratio"] is not None:
            ratio = f", {run['ratio']:.1f} times ours (best of each: {run['ratio_of_best']:.1f})"
        print(
            f"  altrios, step {run['step_s']:g} s: {walk} largest error "
            f"{run['largest_error_s']:.1e} s, last point at {run['at_last_point_s']:.3f} s{ratio}"
        )
    print(
        f"  altrios at step 0 (extrapolated): {found['altrios_limit_at_last_point_s']:.3f} s; "
        f"models differ by at most {found['models_differ_by_s']:.3f} s at a point"
    )


if __name__ == "__main__":
    sys.exit(main())
