"""Every number of the running-time oracle against ours, and the page that shows them.

Run as a script to write the tables of docs/verification/running_times.md anew.
"""

import json
import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from arterial.errors import InfeasibleError, LimitError
from arterial.running import (
    BrakeRule,
    DriveKind,
    MassModel,
    PathProfile,
    RunningTime,
    Train,
    calculate_running_time,
    run_freely,
)
from arterial.running.files import read_path_csv, read_train_toml
from arterial.units import kmh_to_ms

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "verification" / "running_times.md"
CASES = PAGE.with_suffix("")
SHARED = Path(os.environ.get("ARTERIAL_SHARED", ROOT.parent / "shared"))
TRAINRUNS = SHARED / "oracles" / "trainruns" / "test"
needs_trainruns = pytest.mark.skipif(
    not TRAINRUNS.is_dir(), reason="the TrainRuns files are not beside the checkout"
)


@dataclass(frozen=True)
class Number:
    """One number of the oracle, ours beside it, and how far apart they may be."""

    group: str
    quantity: str
    oracle: float
    ours: float
    tolerance: float

    @property
    def is_close(self) -> bool:
        return abs(self.ours - self.oracle) <= self.tolerance


@cache
def run(path: str, train: str) -> RunningTime:
    """The running time of two of the example files."""
    read = read_train_toml(CASES / f"{train}.toml")
    start = read.start_position_m
    return calculate_running_time(
        read_path_csv(CASES / f"{path}.csv"), read.train, start_position_m=start
    )


TEN_KM = {
    ("level", "constant"): ([2726.28, 4028.64, 6000, 8292.02], 416.7348, 231.1699),
    ("level", "maximum"): ([2726.28, 4992.95, 6000, 8726.28, 8992.95], 374.5031, 209.7741),
    ("20_permille", "constant"): ([4379.35, 6000, 8827.06], 488.1111, 270.8411),
    ("20_permille", "maximum"): ([5215.35, 6000, 9416.24], 444.5986, 247.3795),
}
FREE = {
    DriveKind.ACCELERATE: (
        (9.5722, 26.4308, 40.4150, 64.8725),
        (97.01, 827.06, 2173.10, 7548.82),
    ),
    DriveKind.COAST: (
        (48.8810, 46.7546, 44.7649, 40.3057),
        (988.74, 2900.98, 4730.94, 8978.77),
    ),
}
FREE_TIMES_S = (20.0, 60.0, 100.0, 200.0)
HUNDRED_KM = {"level": (3054.834, 4654.652), "hills": (3054.834, 5691.940)}
RUNS = {
    ("freight", "const"): 745.0704270565875,
    ("freight", "slope"): 840.8168602923618,
    ("freight", "speed"): 750.452847474394,
    ("freight", "realworld"): 8795.025357673,
    ("local", "const"): 391.6152532734451,
    ("local", "slope"): 395.5151496271005,
    ("local", "speed"): 523.3145700077272,
    ("local", "realworld"): 3437.5286204688355,
    ("longdistance", "const"): 330.7461710917806,
    ("longdistance", "slope"): 331.608618035596,
    ("longdistance", "speed"): 501.0209113692228,
    ("longdistance", "realworld"): 2913.10853000548,
}
PUBLISHED_SHARE = 0.007


def number_ten_km() -> list[Number]:
    numbers = []
    for (slope, brake), (places, total, middle) in TEN_KM.items():
        group = f"10 km, {slope.replace('_', ' ')}, {brake} braking"
        result = run(f"ten_km_{slope}", f"test_train_{brake}")
        changes = [
            step.position_m
            for step in result.transitions
            if step.kind is not DriveKind.STOP and step.position_m > 0.0
        ]
        found = dict(zip(places, changes, strict=True))
        numbers.extend(Number(group, "transition, m", x, found[x], 0.006) for x in places)
        numbers.append(Number(group, "total, s", total, result.total_time_s, 1e-4))
        numbers.append(Number(group, "at 6,000 m, s", middle, result.places[1, 1], 1e-4))
    return numbers


def number_free_runs() -> list[Number]:
    numbers = []
    train = read_train_toml(CASES / "test_train_constant.toml").train
    path = read_path_csv(CASES / "ten_km_level.csv")
    for kind, (speeds, positions) in FREE.items():
        start = 50.0 if kind is DriveKind.COAST else 0.0
        free = run_freely(path, train, FREE_TIMES_S, kind=kind, start_speed_ms=start)
        group = "coasting from 50 m/s" if start else "free acceleration"
        for k, time in enumerate(FREE_TIMES_S):
            ours = (free.speed_ms[k], free.position_m[k])
            numbers.append(Number(group, f"speed at {time:g} s, m/s", speeds[k], ours[0], 6e-5))
            numbers.append(Number(group, f"position at {time:g} s, m", positions[k], ours[1], 6e-3))
    return numbers


def number_full_run() -> list[Number]:
    result = run("full_run", "full_run_train")
    peak = next(step for step in result.transitions if step.kind is DriveKind.BRAKE)
    at = {place: result.passing_at(place).arrival_s for place in (1520, 3520, 5520)}
    group = "full run of 9,480 m"
    return [
        Number(group, "total, s", 295.83431, result.total_time_s, 1e-5),
        Number(group, "peak, m/s", 59.2047, kmh_to_ms(peak.speed_kmh), 6e-5),
        Number(group, "peak at, m", 5974.80, peak.position_m, 6e-3),
        Number(group, "at 1,520 m, s", 84.1978, at[1520], 6e-5),
        Number(group, "at 3,520 m, s", 132.2673, at[3520], 6e-5),
        Number(group, "at 5,520 m, s", 169.6442, at[5520], 6e-5),
        Number(group, "traction work, J", 1_880_955_976.0, result.traction_energy_j, 10.0),
    ]


def number_hundred_km() -> list[Number]:
    numbers = []
    for case, (time, energy) in HUNDRED_KM.items():
        result = run(f"hundred_km_{case}", "coach_train")
        group = f"100 km, {case}"
        ours = result.traction_energy_j / 1e6
        numbers.append(Number(group, "total, s", time, result.total_time_s, 1e-3))
        numbers.append(Number(group, "traction energy, MJ", energy, ours, 1e-5 * energy))
    return numbers


def number_published_runs() -> list[Number]:
    return [
        Number(
            "TrainRuns",
            f"{train} on {path}, s",
            time,
            calculate_running_time(read_runs_path(path), read_runs_train(train)).total_time_s,
            PUBLISHED_SHARE * time,
        )
        for (train, path), time in RUNS.items()
    ]


def read_runs_path(name: str) -> PathProfile:
    text = (TRAINRUNS / "data" / "paths" / f"{name}.yaml").read_text("utf-8")
    rows = yaml.safe_load(text)["paths"][0]["characteristic_sections"]
    return PathProfile(
        position_m=[row[0] for row in rows],
        speed_limit_kmh=[row[1] for row in rows[:-1]],
        gradient_permille=[row[2] for row in rows[:-1]],
        stop_position_m=[rows[-1][0]],
        stop_dwell_s=[0.0],
    )


def read_runs_train(name: str) -> Train:
    """A TrainRuns train: loaded, mass point for gradients, tail rule for limits.

    Resistance in permille of weight: base on driven axles, rolling on the others, air with a head
    wind of 15 km/h except behind freight wagons; speeds over 100 km/h (TrainRuns' formulary).
    """
    gravity, wind, unit = 9.80665, kmh_to_ms(15.0), kmh_to_ms(100.0)
    content = yaml.safe_load((TRAINRUNS / "data" / "trains" / f"{name}.yaml").read_text("utf-8"))
    kinds = {vehicle["id"]: vehicle for vehicle in content["vehicles"]}
    vehicles = [kinds[kind] for kind in content["trains"][0]["formation"]]
    driven, cars = vehicles[0], vehicles[1:]
    full = [v["mass"] + v.get("load_limit", 0.0) for v in vehicles]
    terms = SimpleNamespace(a=0.0, b=0.0, c=0.0)

    def add(mass_t: float, base: float, rolling: float, air: float, head_wind: float) -> None:
        weight = mass_t * gravity
        terms.a += weight * (base + air * (head_wind / unit) ** 2)
        terms.b += weight * (rolling / unit + 2.0 * air * head_wind / unit**2)
        terms.c += weight * air / unit**2

    on_driven = driven.get("mass_traction", driven["mass"])
    add(on_driven, driven["base_resistance"], 0.0, 0.0, 0.0)
    add(driven["mass"] - on_driven, driven.get("rolling_resistance", 0.0), 0.0, 0.0, 0.0)
    add(driven["mass"], 0.0, 0.0, driven["air_resistance"], wind)
    is_freight = any(car["vehicle_type"] == "freight" for car in cars)
    for car in cars:
        share = sum(full[1:]) / len(cars)
        rolling, head_wind = (0.0, 0.0) if is_freight else (car["rolling_resistance"], wind)
        add(share, car["base_resistance"], rolling, car["air_resistance"], head_wind)
    empty = sum(v["mass"] for v in vehicles)
    return Train(
        mass_kg=1000.0 * sum(full),
        length_m=sum(v["length"] for v in vehicles),
        rotating_mass_coefficient=sum(v["mass"] * v["rotation_mass"] for v in vehicles) / empty,
        resistance_a_n=terms.a,
        resistance_b_n_per_ms=terms.b,
        resistance_c_n_per_ms2=terms.c,
        effort_speed_ms=[kmh_to_ms(row[0]) for row in driven["tractive_effort"]],
        effort_n=[row[1] for row in driven["tractive_effort"]],
        top_speed_ms=kmh_to_ms(min(v["speed_limit"] for v in vehicles)),
        brake_rule=BrakeRule.CONSTANT,
        brake_value=-driven.get("a_braking", -0.225 if is_freight else -0.375),
        mass_model=MassModel.POINT,
        gravity_m_s2=gravity,
    )


EXACT = [*number_ten_km(), *number_free_runs(), *number_full_run(), *number_hundred_km()]


@pytest.mark.parametrize("number", EXACT, ids=lambda n: f"{n.group}: {n.quantity} {n.oracle}")
def test_our_number_is_the_oracles(number: Number) -> None:
    assert number.ours == pytest.approx(number.oracle, abs=number.tolerance, rel=0.0)


@needs_trainruns
def test_published_running_times_are_met_within_their_own_error() -> None:
    numbers = number_published_runs()
    assert len(numbers) == 12
    assert [number for number in numbers if not number.is_close] == []


@needs_trainruns
@pytest.mark.parametrize(("train", "path"), list(RUNS))
def test_published_running_times_are_those_of_the_files(train: str, path: str) -> None:
    text = (TRAINRUNS / "snapshots" / "default" / f"{train}_{path}.csv").read_text("utf-8")
    assert float(text.split()[1]) == RUNS[train, path]


def test_a_start_that_the_effort_cannot_overcome_is_refused_with_gradient_and_effort() -> None:
    path = PathProfile(
        position_m=(0.0, 10_000.0),
        gradient_permille=(60.0,),
        speed_limit_kmh=(100.0,),
        stop_position_m=(10_000.0,),
        stop_dwell_s=(0.0,),
    )
    train = read_train_toml(CASES / "test_train_constant.toml").train
    with pytest.raises(InfeasibleError, match=r"450\.0 kN against a gradient of 60 permille"):
        calculate_running_time(path, train)


@pytest.mark.parametrize("train", sorted(CASES.glob("*.toml")), ids=lambda file: file.stem)
def test_resistance_of_every_train_shown_lies_within_10_to_80_n_per_tonne(train: Path) -> None:
    read = read_train_toml(train).train
    for speed_kmh in (80.0, 100.0):
        per_tonne = 1000.0 * read.resistance_at(kmh_to_ms(speed_kmh)) / read.mass_kg
        assert 10.0 <= per_tonne <= 80.0


def test_effort_above_the_rated_power_is_refused() -> None:
    train = read_train_toml(CASES / "coach_train.toml").train
    with pytest.raises(LimitError, match=r"4700 kW, above the rated power of 4600 kW"):
        replace(train, rated_power_w=4.6e6)


def format_table(numbers: list[Number]) -> str:
    """The numbers as a Markdown table."""
    lines = [
        "| case | quantity | reference | ours | deviation | allowed |",
        "|---|---|---|---|---|---|",
    ]
    for n in numbers:
        deviation = f"{n.ours - n.oracle:+.2g}"
        if n.group == "TrainRuns":
            deviation = f"{100.0 * (n.ours / n.oracle - 1.0):+.3f} %"
        ours, oracle = (f"{value:,.5f}".rstrip("0").rstrip(".") for value in (n.ours, n.oracle))
        allowed = "0.7 %" if n.group == "TrainRuns" else f"{n.tolerance:.1g}"
        lines.append(f"| {n.group} | {n.quantity} | {oracle} | {ours} | {deviation} | {allowed} |")
    return "\n".join(lines)


def format_benchmark() -> str:
    """The measurement kept beside the page, as a Markdown table."""
    found = json.loads((CASES / "benchmark.json").read_text("utf-8"))
    long, pair = found["long"], found["against_altrios"]
    ours = pair["ours"]
    lines = [
        "| path | program | median, ms | best, ms | largest error of a passing time, s | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for path, row in (("10,000 km", long), ("1,000 km", ours)):
        times = f"{1000 * row['warm_s']:.2f} | {1000 * row['best_s']:.2f}"
        lines.append(f"| {path} | arterial | {times} | {row['largest_error_s']:.1e} | 1 |")
    for row in pair["altrios"]:
        times, ratio = "- | -", "-"
        if row["walk_s"] is not None:
            times = f"{1000 * row['walk_s']:.1f} | {1000 * row['best_s']:.1f}"
            ratio = f"{row['ratio']:.1f} (best of each: {row['ratio_of_best']:.1f})"
        name = f"altrios, step {row['step_s']:g} s"
        error = f"{row['largest_error_s']:.1e}"
        lines.append(f"| 1,000 km | {name} | {times} | {error} | {ratio} |")
    machine = ", ".join(f"{key} {value}" for key, value in found["machine"].items())
    check = found["cross_check"]
    return "\n".join(
        [
            *lines,
            "",
            f"Machine and versions: {machine}.",
            "",
            (
                "Both programs on 100 km of hills without a drop of the limit, altrios "
                f"extrapolated to step 0: largest difference at {check['points']} points "
                f"{check['largest_difference_s']:.1e} s. On the 1,000 km: "
                f"{pair['models_differ_by_s']:.1f} s, of which {pair['drift_at_drops_s']:.2f} s "
                f"arise around the {pair['drops']} drops of the limit and "
                f"{pair['drift_elsewhere_s']:.3f} s elsewhere."
            ),
        ]
    )


def replace_table(text: str, name: str, table: str) -> str:
    """The page with the table between the markers of that name replaced."""
    start, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    before, rest = text.split(start)
    return before + start + "\n" + table + "\n" + end + rest.split(end)[1]


def read_rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]


@needs_trainruns
def test_the_page_shows_these_numbers() -> None:
    text = PAGE.read_text("utf-8")
    for name, numbers in (("exact cases", EXACT), ("published runs", number_published_runs())):
        shown = text.split(f"<!-- {name} -->\n")[1].split(f"\n<!-- end of {name} -->")[0]
        rows = read_rows(shown)[2:]
        assert len(rows) == len(numbers)
        for row, number in zip(rows, numbers, strict=True):
            assert row[:2] == [number.group, number.quantity]
            values = [float(cell.replace(",", "")) for cell in row[2:4]]
            assert values == pytest.approx([number.oracle, number.ours], rel=1e-8, abs=1e-4)


def test_the_page_shows_the_measurement_kept_beside_it() -> None:
    text = PAGE.read_text("utf-8")
    shown = text.split("<!-- benchmark -->\n")[1].split("\n<!-- end of benchmark -->")[0]
    assert shown.strip() == format_benchmark()


if __name__ == "__main__":
    page = PAGE.read_text("utf-8")
    page = replace_table(page, "exact cases", format_table(EXACT))
    page = replace_table(page, "published runs", format_table(number_published_runs()))
    page = replace_table(page, "benchmark", format_benchmark())
    PAGE.write_text(page, "utf-8")
