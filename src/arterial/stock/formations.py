"""The vehicles of a formation and their totals, as far as they are known."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.study.faults import find_near_names

__all__ = ["FormationTotals", "formation_totals", "formation_vehicles_table"]

VEHICLE_COLUMNS = (
    "vehicle_type_id",
    "kind",
    "mass_t",
    "mass_low_t",
    "mass_high_t",
    "axles_count",
    "length_m",
    "top_speed_kmh",
    "rotating_mass_coefficient",
    "resistance_law",
)


@dataclass(frozen=True, slots=True)
class FormationTotals:
    """Totals of a formation; None = unknown because one of its vehicles does not say.

    Parameters
    ----------
    vehicles_count : int
        Vehicles.
    mass_t, mass_low_t, mass_high_t : float or None
        Mass in working order and its range [t]; a vehicle without a range counts with its mass.
    axles_count : int or None
        Axles.
    length_m : float or None
        Length over couplers [m].
    top_speed_kmh : float or None
        Highest speed of the slowest vehicle [km/h].
    """

    vehicles_count: int
    mass_t: float | None
    mass_low_t: float | None
    mass_high_t: float | None
    axles_count: int | None
    length_m: float | None
    top_speed_kmh: float | None


def formation_vehicles_table(tables: Mapping[str, pl.DataFrame], formation_id: str) -> pl.DataFrame:
    """Vehicle groups of a formation, from the head.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``formation_vehicles`` and ``vehicle_types``.
    formation_id : str
        Formation.

    Returns
    -------
    polars.DataFrame
        One row a group of like vehicles: ``position``, ``count``, ``vehicle_type_id``, ``kind``,
        ``mass_t``, ``mass_low_t``, ``mass_high_t``, ``axles_count``, ``length_m``,
        ``top_speed_kmh``, ``rotating_mass_coefficient``, ``resistance_law`` of one vehicle, and
        ``mean_axle_load_t``, its mass over its axles, as resistance formulas take it. An empty
        ``count`` is 1, as the schema's default says; whatever else is unknown stays null.

    Raises
    ------
    StudyError
        When the formation has no vehicles, or names a type that does not exist.
    """
    rows = tables["formation_vehicles"].filter(pl.col("formation_id") == formation_id)
    types = tables["vehicle_types"].select(VEHICLE_COLUMNS)
    known = types["vehicle_type_id"].to_list()
    faults = [
        Fault(
            cause=f"Formation {formation_id} has a vehicle of type {name}, which does not exist.",
            cure="Add the type to vehicle_types or correct the id.",
            file="tables/formation_vehicles.csv",
            column="vehicle_type_id",
            near=find_near_names(name, known),
        )
        for name in rows["vehicle_type_id"].to_list()
        if name not in known
    ]
    if rows.is_empty():
        formations = tables["formation_vehicles"]["formation_id"].unique().to_list()
        faults.append(
            Fault(
                cause=f"Formation {formation_id} has no vehicles.",
                cure="List them in formation_vehicles.",
                file="tables/formation_vehicles.csv",
                near=find_near_names(formation_id, formations),
            )
        )
    if faults:
        message = f"The vehicles of formation {formation_id} are not known."
        raise StudyError(message, faults)
    joined = rows.sort("position").join(types, on="vehicle_type_id", maintain_order="left")
    return joined.select(
        "position",
        pl.col("count").fill_null(1),
        *VEHICLE_COLUMNS,
        (pl.col("mass_t") / pl.col("axles_count")).alias("mean_axle_load_t"),
    )


def formation_totals(vehicles: pl.DataFrame) -> FormationTotals:
    """Totals of the vehicles of a formation.

    Parameters
    ----------
    vehicles : polars.DataFrame
        As `formation_vehicles_table` gives them.

    Returns
    -------
    FormationTotals
        A total is None as soon as one vehicle does not say its share.
    """
    low = vehicles["mass_low_t"].fill_null(vehicles["mass_t"])
    high = vehicles["mass_high_t"].fill_null(vehicles["mass_t"])
    count = vehicles["count"]
    axles = _sum_known(vehicles["axles_count"], count)
    speeds = vehicles["top_speed_kmh"]
    return FormationTotals(
        vehicles_count=sum(count.to_list()),
        mass_t=_sum_known(vehicles["mass_t"], count),
        mass_low_t=_sum_known(low, count),
        mass_high_t=_sum_known(high, count),
        axles_count=None if axles is None else round(axles),
        length_m=_sum_known(vehicles["length_m"], count),
        top_speed_kmh=None if speeds.null_count() else min(speeds.to_list()),
    )


def _sum_known(values: pl.Series, count: pl.Series) -> float | None:
    """Sum of a value over all vehicles; None when one is unknown."""
    if values.null_count():
        return None
    return float(sum((values * count).to_list()))
