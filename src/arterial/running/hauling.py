"""From formation and locomotive to the train that physics needs, stretch by stretch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Final

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.running import BrakeRule, Train
from arterial.running.adhesion import ADHESION_LAWS
from arterial.running.resistance import (
    RESISTANCE_FORMULAS,
    VehicleResistance,
    combine_resistance,
)
from arterial.running.stretches import HauledTrain, MakeTrain, TractionKey
from arterial.stock import Traction, formation_vehicles_table, traction_for
from arterial.study.settings import RunningSettings
from arterial.units import TONNE_TO_KG, add_in_order, kmh_to_ms

__all__ = ["DEFAULT_ROTATING_MASS_COEFFICIENT", "make_hauling"]

DEFAULT_ROTATING_MASS_COEFFICIENT: Final = 1.06
"""Factor on the mass for inertia where a vehicle type states none [Wende 2003, recalled]."""

DEFAULT_RESISTANCE_LAWS: Final = {
    "coach": "passenger_jointed",
    "wagon": "freight_jointed",
    "locomotive": "locomotive_power_jointed",
    "multiple_unit": "passenger_jointed",
}
"""Formula of the specific resistance where a vehicle type states none."""

DEFAULT_LENGTHS_M: Final = {
    "coach": 24.5,
    "wagon": 14.0,
    "locomotive": 20.0,
    "multiple_unit": 25.0,
}
"""Length over couplers where a vehicle type states none; it matters little for running times."""

FORMULA_NAMES: Final = {
    "freight_jointed": "freight_4_axle_jointed",
    "freight_welded": "freight_4_axle_welded",
    "locomotive_power_jointed": "locomotive_powered_jointed",
}
KILO: Final = 1000.0


@dataclass(frozen=True, slots=True)
class _Load:
    """Vehicles of one kind in a train: what they weigh and how they resist."""

    kind: str
    count: int
    mass_t: float
    axles_count: float
    length_m: float
    top_speed_kmh: float
    rotating_mass_coefficient: float
    law: str

    @property
    def mass_kg(self) -> float:
        return self.count * self.mass_t * TONNE_TO_KG


Hauling = Callable[[Mapping[str, object]], MakeTrain]
"""For a row of ``trains``, what gives its train under each railway and contact line."""


def make_hauling(tables: Mapping[str, pl.DataFrame], settings: RunningSettings) -> Hauling:
    """For a row of ``trains``, what gives its train under each railway and contact line.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables ``formations``, ``formation_vehicles``, ``vehicle_types``,
        ``traction_assignments`` and ``effort_points``.
    settings : RunningSettings
        Braking and gravity.

    Returns
    -------
    callable
        Takes a row of ``trains``; gives what :func:`arterial.running.stretches.time_route` takes.

    Raises
    ------
    StudyError
        When called for a train whose formation or locomotive is not known well enough.
    """
    made: dict[tuple[object, ...], MakeTrain] = {}

    def for_train(row: Mapping[str, object]) -> MakeTrain:
        like = (row["formation_id"], row["category"] == "freight", row["top_speed_kmh"])
        if like not in made:
            made[like] = _haul(tables, settings, row)
        return made[like]

    return for_train


def _haul(
    tables: Mapping[str, pl.DataFrame], settings: RunningSettings, row: Mapping[str, object]
) -> MakeTrain:
    """What gives the train of a row under each railway and contact line, each once."""
    rakes: dict[str | None, list[_Load]] = {None: read_rake(tables, row)}

    @cache
    def make(key: TractionKey, more: int) -> HauledTrain:
        traction = traction_for(
            tables,
            railway_id=key.railway_id,
            electrification=key.electrification,
            category="freight" if row["category"] == "freight" else "passenger",
        )
        count = traction.count + more
        if key.formation_id not in rakes:
            rakes[key.formation_id] = read_rake(tables, {**row, "formation_id": key.formation_id})
        rake = rakes[key.formation_id]
        train = _assemble_train(tables, rake, traction, count, row["top_speed_kmh"], settings)
        return HauledTrain(train, traction.vehicle_type_id, count)

    return make


def read_rake(tables: Mapping[str, pl.DataFrame], row: Mapping[str, object]) -> list[_Load]:
    """Vehicle groups of a train without its locomotive."""
    if row["formation_id"] is None:
        fault = Fault(
            f"Train {row['train_id']} has no formation.",
            "Name one of formations.",
            "tables/trains.csv",
            column="formation_id",
        )
        message = "A train without formation cannot be run."
        raise StudyError(message, [fault])
    vehicles = formation_vehicles_table(tables, str(row["formation_id"]))
    return [
        _read_load(vehicle, int(vehicle["count"])) for vehicle in vehicles.iter_rows(named=True)
    ]


def _read_load(vehicle: Mapping[str, object], count: int) -> _Load:
    """One group of vehicles, with the named defaults for length, inertia and resistance."""
    needed = ("mass_t", "axles_count", "top_speed_kmh")
    faults = [
        Fault(
            f"{column} of {vehicle['vehicle_type_id']} is unknown.",
            "State it, with its grade; a train cannot be run without it.",
            "tables/vehicle_types.csv",
            column=column,
        )
        for column in needed
        if vehicle[column] is None
    ]
    if faults:
        message = f"Vehicle type {vehicle['vehicle_type_id']} is not known well enough."
        raise StudyError(message, faults)
    numbers = {column: float(str(vehicle[column])) for column in needed}
    rotating = vehicle["rotating_mass_coefficient"]
    length = vehicle["length_m"]
    kind = str(vehicle["kind"])
    return _Load(
        kind=kind,
        count=count,
        length_m=DEFAULT_LENGTHS_M[kind] if length is None else float(str(length)),
        rotating_mass_coefficient=(
            DEFAULT_ROTATING_MASS_COEFFICIENT if rotating is None else float(str(rotating))
        ),
        law=str(vehicle["resistance_law"] or DEFAULT_RESISTANCE_LAWS[kind]),
        **numbers,
    )


def _read_locomotive(traction: Traction, count: int) -> _Load:
    """The locomotives of a train as one group."""
    return _read_load(
        {
            "vehicle_type_id": traction.vehicle_type_id,
            "kind": "locomotive",
            "mass_t": traction.mass_t,
            "axles_count": traction.axles_count,
            "length_m": traction.length_m,
            "top_speed_kmh": traction.top_speed_kmh,
            "rotating_mass_coefficient": traction.rotating_mass_coefficient,
            "resistance_law": traction.resistance_law,
        },
        count,
    )


def _assemble_train(
    tables: Mapping[str, pl.DataFrame],
    rake: Sequence[_Load],
    traction: Traction,
    count: int,
    top_speed_kmh: object,
    settings: RunningSettings,
) -> Train:
    """Train of a rake behind a number of locomotives."""
    locomotive = _read_locomotive(traction, count)
    loads = [locomotive, *rake]
    mass_kg = add_in_order(load.mass_kg for load in loads)
    inertia_kg = add_in_order(load.mass_kg * load.rotating_mass_coefficient for load in loads)
    speeds = [load.top_speed_kmh for load in loads]
    if top_speed_kmh is not None:
        speeds.append(float(str(top_speed_kmh)))
    resistance = combine_resistance(
        [
            VehicleResistance(
                formula=RESISTANCE_FORMULAS[FORMULA_NAMES.get(load.law, load.law)],
                mass_kg=load.mass_kg,
                axle_load_t=load.mass_t / load.axles_count,
            )
            for load in loads
        ],
        gravity_m_s2=settings.gravity_ms2,
    )
    points = tables["effort_points"].filter(pl.col("vehicle_type_id") == traction.vehicle_type_id)
    points = points.sort("speed_kmh")
    law = traction.adhesion_law
    return Train(
        mass_kg=mass_kg,
        length_m=add_in_order(load.count * load.length_m for load in loads),
        resistance_a_n=resistance.a_n,
        resistance_b_n_per_ms=resistance.b_n_per_ms,
        resistance_c_n_per_ms2=resistance.c_n_per_ms2,
        top_speed_ms=kmh_to_ms(min(speeds)),
        brake_rule=BrakeRule.CONSTANT,
        brake_value=settings.braking_deceleration_ms2,
        effort_speed_ms=[kmh_to_ms(speed) for speed in points["speed_kmh"]],
        effort_n=[count * effort * KILO for effort in points["effort_kn"]],
        rotating_mass_coefficient=inertia_kg / mass_kg,
        effort_max_n=scale(traction.starting_effort_kn, count),
        power_w=scale(traction.power_kw, count),
        adhesion=None if law is None or points.height else ADHESION_LAWS[law],
        adhesive_mass_kg=locomotive.mass_kg,
        gravity_m_s2=settings.gravity_ms2,
    )


def scale(value_k: float | None, count: int) -> float:
    """Value of several locomotives in base units, from one in thousands; infinite if unknown."""
    return inf if value_k is None else count * value_k * KILO
