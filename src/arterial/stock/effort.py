"""Tractive effort of a locomotive by speed; main function `locomotive_effort_table`."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from arterial.errors import Fault, LimitError, StudyError
from arterial.study import empty_table
from arterial.units import STANDARD_GRAVITY_M_S2, kmh_to_ms

__all__ = ["locomotive_effort_table"]

POWER_TOLERANCE: Final = 0.02
"""How far effort times speed may exceed the rated power before it is called an error [1]."""

UNIT_SLIPS: Final = {
    STANDARD_GRAVITY_M_S2: "The efforts look like kilogram-force; give them in kN.",
    3.6: "The speeds look like km/h taken for m/s, or the reverse; give them in km/h.",
    1000.0: "The efforts look like N, or the power like MW; give kN and kW.",
    1.35962: "The power looks like kW where metric horsepower was meant, or the reverse.",
}
"""What a factor between effort times speed and the rated power suggests."""

SLIP_TOLERANCE: Final = 0.12


def locomotive_effort_table(
    tables: Mapping[str, pl.DataFrame],
    vehicle_type_id: str,
    *,
    adhesion: Callable[[float], float] | None = None,
    step_kmh: float = 1.0,
) -> pl.DataFrame:
    """Tractive effort at the wheel of one locomotive by speed.

    The points of ``effort_points`` where there are any; otherwise the least of the starting
    effort, the adhesion coefficient times the weight on its axles, and power over speed. Every
    axle is taken as driven.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``vehicle_types`` and, where present, ``effort_points``.
    vehicle_type_id : str
        Locomotive type.
    adhesion : callable, optional
        Adhesion coefficient [1] as a function of speed [m/s]; None leaves adhesion out.
    step_kmh : float
        Distance of the speeds of a computed table [km/h].

    Returns
    -------
    polars.DataFrame
        ``speed_kmh`` and ``effort_kn``, speeds rising from 0 to the top speed.

    Raises
    ------
    StudyError
        Naming what is missing.
    LimitError
        When effort times speed exceeds the rated power by more than 2 per cent, naming the slip
        of units that the factor suggests.
    """
    found = tables["vehicle_types"].filter(pl.col("vehicle_type_id") == vehicle_type_id)
    vehicle = found.to_dicts()[0] if found.height else {}
    points = tables.get("effort_points", empty_table("effort_points"))
    stated = points.filter(pl.col("vehicle_type_id") == vehicle_type_id).sort("speed_kmh")
    if stated.height:
        table = stated.select("speed_kmh", "effort_kn")
    else:
        _require(vehicle, vehicle_type_id, with_mass=adhesion is not None)
        table = _compute_table(vehicle, adhesion, step_kmh)
    if vehicle.get("power_kw") is not None:
        _check_power(table, vehicle_type_id, vehicle["power_kw"])
    return table


def _require(vehicle: dict[str, object], vehicle_type_id: str, *, with_mass: bool) -> None:
    """Refuse a locomotive that lacks what its effort is computed from."""
    needed = ["starting_effort_kn", "power_kw", "top_speed_kmh", *(["mass_t"] * with_mass)]
    faults = [
        Fault(
            cause=f"{column} of {vehicle_type_id} is unknown.",
            cure="State it, or list its effort_points.",
            file="tables/vehicle_types.csv",
            column=column,
        )
        for column in needed
        if vehicle.get(column) is None
    ]
    if faults:
        message = f"The tractive effort of {vehicle_type_id} cannot be computed."
        raise StudyError(message, faults)


def _compute_table(
    vehicle: dict[str, float], adhesion: Callable[[float], float] | None, step_kmh: float
) -> pl.DataFrame:
    """Least of starting effort, adhesion and power by speed."""
    top_kmh = vehicle["top_speed_kmh"]
    count = max(1, round(top_kmh / step_kmh))
    speeds = [top_kmh * number / count for number in range(count + 1)]
    efforts = []
    for speed_kmh in speeds:
        speed_ms = kmh_to_ms(speed_kmh)
        effort = vehicle["starting_effort_kn"]
        if speed_ms > 0:
            effort = min(effort, vehicle["power_kw"] / speed_ms)
        if adhesion is not None:
            weight_kn = vehicle["mass_t"] * STANDARD_GRAVITY_M_S2
            effort = min(effort, adhesion(speed_ms) * weight_kn)
        efforts.append(effort)
    return pl.DataFrame({"speed_kmh": speeds, "effort_kn": efforts})


def _check_power(table: pl.DataFrame, vehicle_type_id: str, power_kw: float) -> None:
    """Refuse a table whose effort times speed exceeds the rated power."""
    ratio, speed_kmh, effort_kn = max(
        (effort * kmh_to_ms(speed) / power_kw, speed, effort) for speed, effort in table.rows()
    )
    if ratio <= 1 + POWER_TOLERANCE:
        return
    slips = [
        words for factor, words in UNIT_SLIPS.items() if abs(ratio / factor - 1) < SLIP_TOLERANCE
    ]
    cure = " ".join(slips) or "Check kN against N, km/h against m/s, and the rating."
    cause = (
        f"{effort_kn:g} kN at {speed_kmh:g} km/h is {ratio * power_kw:.0f} kW, above the rated "
        f"{power_kw:g} kW."
    )
    fault = Fault(cause, cure, file="tables/effort_points.csv", column="effort_kn")
    message = f"The effort of {vehicle_type_id} exceeds its power."
    raise LimitError(message, [fault])
