"""Run one case in altrios; called by running_time.py with the Python of altrios' own environment.

Reads a case as JSON (file named by the first argument), prints passing times, works and the time
that the calculation took as JSON. Nothing of arterial is imported here.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import altrios as alt
import numpy as np
import yaml

N_CARS = 12
N_AXLES = 4 * N_CARS
GRAVITY = 9.80154849
AIR_DENSITY = 1.225


def build_locomotive(train: dict[str, float]) -> alt.Locomotive:
    """A loss-free electric locomotive whose drive is limited to the case's power and effort."""
    values = alt.Locomotive.default_battery_electric_loco().to_pydict()
    electric = values["loco_type"]["BatteryElectricLoco"]
    electric["res"].update(pwr_out_max_watts=1e9, energy_capacity_joules=1e15, save_interval=None)
    drive = alt.ElectricDrivetrain(
        pwr_out_frac_interp=[0.0, 1.0],
        eta_interp=[1.0, 1.0],
        pwr_out_max_watts=train["power_w"],
        save_interval=None,
    )
    electric["edrv"] = drive.to_pydict()
    # Without buffers the battery gives full power at every speed and state of charge.
    electric["pt_cntrl"]["RGWDB"].update(
        speed_soc_disch_buffer_meters_per_second=0.0,
        speed_soc_regen_buffer_meters_per_second=100.0,
    )
    values.update(
        mass_kilograms=train["locomotive_mass_kg"],
        force_max_newtons=train["effort_max_n"],
        pwr_aux_offset_watts=0.0,
        pwr_aux_traction_coeff=0.0,
        save_interval=None,
    )
    return alt.Locomotive.from_pydict(values)


def build_simulation(case: dict[str, Any], folder: Path) -> alt.SpeedLimitTrainSim:
    """The train on its path; coefficients of altrios such that A, B and C are the case's."""
    train, path = case["train"], case["path"]
    weight = train["mass_kg"] * GRAVITY
    coach = {
        "car_type": "Coach",
        "freight_type": "Coach",
        "length_meters": train["length_m"] / N_CARS,
        "axle_count": 4,
        "brake_count": 1,
        "mass_static_base_kilograms": (train["mass_kg"] - train["locomotive_mass_kg"]) / N_CARS,
        "mass_freight_kilograms": 0.0,
        "speed_max_meters_per_second": 60.0,
        "braking_ratio": train["brake_n"]
        / ((train["mass_kg"] - train["locomotive_mass_kg"]) * GRAVITY),
        "mass_rot_per_axle_kilograms": train["rotating_mass_kg"] / N_AXLES,
        "bearing_res_per_axle_newtons": 0.0,
        "rolling_ratio": train["a_n"] / weight,
        "davis_b_seconds_per_meter": train["b_n_per_ms"] / weight,
        "cd_area_square_meters": train["c_n_per_ms2"] / AIR_DENSITY / N_CARS,
        "curve_coeff_0": 0.0,
        "curve_coeff_1": 0.0,
        "curve_coeff_2": 0.0,
    }
    vehicle = alt.RailVehicle.from_yaml(yaml.safe_dump(coach))
    config = alt.TrainConfig(
        rail_vehicles=[vehicle],
        n_cars_by_type={"Coach": N_CARS},
        train_length_meters=train["length_m"],
        train_mass_kilograms=None,
    )
    builder = alt.TrainSimBuilder(
        train_id="0",
        train_config=config,
        loco_con=alt.Consist([build_locomotive(train)], None),
        origin_id="A",
        destination_id="B",
        init_train_state=None,
    )
    places = folder / "locations.csv"
    places.write_text(
        "Location ID,Link Index,Offset (m),Is Front End,Grid Emissions Region,"
        "Electricity Price Region,Liquid Fuel Price Region\n"
        f"A,1,0,FALSE,X,X,X\nB,1,{path['position_m'][-1]},FALSE,X,X,X\n",
        encoding="utf-8",
    )
    write_network(path, folder / "network.yaml")
    return builder.make_speed_limit_train_sim(
        location_map=alt.import_locations(str(places)), save_interval=None
    )


def write_network(path: dict[str, list[float]], file: Path) -> None:
    """One link with the path's heights and limits, and its reverse."""
    position = path["position_m"]
    rises = np.array(path["gradient_permille"]) * 1e-3 * np.diff(position)
    heights = np.concatenate([[0.0], np.cumsum(rises)])
    end = position[-1]
    limits = list(
        zip(position[:-1], position[1:], np.array(path["speed_limit_kmh"]) / 3.6, strict=True)
    )
    forward = list(zip(position, heights, strict=True))
    links = [
        describe_link(0, 0, 0.0, [], []),
        describe_link(1, 2, end, forward, limits),
        describe_link(
            2,
            1,
            end,
            [(end - x, h) for x, h in reversed(forward)],
            [(end - b, end - a, v) for a, b, v in reversed(limits)],
        ),
    ]
    file.write_text(yaml.safe_dump(links), encoding="utf-8")


def describe_link(
    index: int,
    reverse: int,
    length: float,
    heights: list[tuple[float, float]],
    limits: list[tuple[float, float, float]],
) -> dict[str, Any]:
    """A link in altrios' words; limits bind head and tail (is_head_end is false)."""
    merged: list[list[float]] = []
    for start, end, speed in limits:
        if merged and merged[-1][2] == float(speed):
            merged[-1][1] = float(end)
        else:
            merged.append([float(start), float(end), float(speed)])
    speeds = {
        "speed_limits": [
            {"offset_start_meters": a, "offset_end_meters": b, "speed_meters_per_second": v}
            for a, b, v in merged
        ],
        "speed_params": [],
        "is_head_end": False,
    }
    ends = (0.0, length) if heights else ()
    return {
        "idx_curr": index,
        "idx_flip": reverse,
        "idx_next": 0,
        "idx_next_alt": 0,
        "idx_prev": 0,
        "idx_prev_alt": 0,
        "length_meters": float(length),
        "elevs": [{"offset_meters": float(x), "elev_meters": float(h)} for x, h in heights],
        "headings": [{"offset_meters": float(x), "heading_radians": 0.0} for x in ends],
        "speed_set": speeds if heights else None,
        "cat_power_limits": [],
        "link_idxs_lockout": [],
    }


def prepare(base: alt.SpeedLimitTrainSim, network: Path, step_s: float) -> alt.SpeedLimitTrainSim:
    """The simulation with its path laid and its time step set."""
    values = base.to_pydict()
    values["state"]["dt_seconds"] = step_s
    simulation = alt.SpeedLimitTrainSim.from_pydict(values)
    simulation.set_save_interval(None)
    simulation.extend_path(str(network), [alt.LinkIdx(1)])
    values = simulation.to_pydict()
    values["path_tpc"]["is_finished"] = True
    return alt.SpeedLimitTrainSim.from_pydict(values)


def pass_points(
    points: np.ndarray, offsets: np.ndarray, times: np.ndarray, speeds: np.ndarray
) -> np.ndarray:
    """Passing times between rows of the history, at constant acceleration from row to row."""
    after = np.clip(np.searchsorted(offsets, points), 1, offsets.size - 1)
    before = after - 1
    run = offsets[after] - offsets[before]
    rise = (speeds[after] ** 2 - speeds[before] ** 2) / run
    ahead = points - offsets[before]
    here = np.sqrt(speeds[before] ** 2 + rise * ahead)
    return times[before] + 2.0 * ahead / (speeds[before] + here)


def run(case: dict[str, Any], step_s: float, repeats: int, folder: Path) -> dict[str, Any]:
    """Passing times at the case's points, and the median time of a walk without history."""
    base = build_simulation(case, folder)
    ready = prepare(base, folder / "network.yaml", step_s)
    durations = []
    for _ in range(repeats):
        simulation = ready.copy()
        start = time.perf_counter()
        simulation.walk()
        durations.append(time.perf_counter() - start)
    simulation = ready.copy()
    simulation.set_save_interval(max(1, round(0.5 / step_s)))
    simulation.walk()
    history = simulation.to_pydict()["history"]
    state = simulation.to_pydict()["state"]
    speed = np.array(history["speed_meters_per_second"])
    times = np.array(history["time_seconds"])
    offsets = np.array(history["offset_meters"])
    return {
        "step_s": step_s,
        "passing_s": pass_points(np.array(case["points_m"]), offsets, times, speed).tolist(),
        "best_s": min(durations, default=None),
        "walk_s": statistics.median(durations) if durations else None,
        "end_m": float(state["offset_meters"]),
        "end_s": float(state["time_seconds"]),
        "traction_j": float(state["energy_whl_out_pos_joules"]),
        "highest_ms": float(speed.max()),
        "aero_coefficient": float(
            np.median(np.array(history["res_aero_newtons"])[1:-1] / speed[:-2].clip(1e-9) ** 2)
        ),
    }


def main() -> None:
    """Run every time step that the case asks for."""
    case = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        results = [run(case, step, n, Path(name)) for step, n in case["altrios_steps"]]
    print(json.dumps(results))


if __name__ == "__main__":
    main()
