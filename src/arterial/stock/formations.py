"""The vehicles of a formation and their totals, as far as they are known."""

from collections.abc import Mapping

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.study.faults import find_near_names

__all__ = ["formation_vehicles_table", "list_formation_changes"]

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


def list_formation_changes(
    tables: Mapping[str, pl.DataFrame],
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Stops at which trains change their vehicles, as ``train_parts`` state them.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``train_parts`` and ``train_stops``.

    Returns
    -------
    dict of str to tuple of (str, str)
        By train: each stop with the formation that goes on from there, in the order of its way.
        Where a train stops at a point twice, it changes at the first of the two.
    """
    changed = tables["train_parts"].filter(pl.col("formation_id").is_not_null())
    if changed.is_empty():
        return {}
    stops = tables["train_stops"].select("train_id", "sequence", from_point="point_id")
    firsts = stops.group_by("train_id", "from_point").agg(pl.col("sequence").min())
    placed = changed.join(firsts, on=["train_id", "from_point"]).sort("train_id", "sequence")
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for train, point, formation in placed.select(
        "train_id", "from_point", "formation_id"
    ).iter_rows():
        found[train] = (*found.get(train, ()), (point, formation))
    return found
