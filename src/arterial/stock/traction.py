"""Which locomotive hauls a train on a railway under a system of electrification."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.study.faults import find_near_names

__all__ = ["Traction", "traction_for"]


@dataclass(frozen=True, slots=True)
class Traction:
    """Locomotives at the head of a train; None = unknown.

    Parameters
    ----------
    vehicle_type_id : str
        Locomotive type.
    name : str
        Its name.
    count : int
        Locomotives.
    mass_t : float or None
        Mass of one [t].
    axles_count : int or None
        Axles of one.
    length_m : float or None
        Length of one [m].
    power_kw : float or None
        Rated power of one [kW].
    starting_effort_kn : float or None
        Effort of one at starting [kN].
    top_speed_kmh : float or None
        Highest speed [km/h].
    rotating_mass_coefficient : float or None
        Factor on the mass for inertia.
    adhesion_law, resistance_law : str or None
        Names of the formulas that hold for it.
    """

    vehicle_type_id: str
    name: str
    count: int
    mass_t: float | None
    axles_count: int | None
    length_m: float | None
    power_kw: float | None
    starting_effort_kn: float | None
    top_speed_kmh: float | None
    rotating_mass_coefficient: float | None
    adhesion_law: str | None
    resistance_law: str | None


def traction_for(
    tables: Mapping[str, pl.DataFrame],
    *,
    railway_id: str,
    electrification: str,
    category: str = "passenger",
) -> Traction:
    """Locomotives assigned to trains of a category on a railway under a contact line.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``traction_assignments`` and ``vehicle_types``.
    railway_id : str
        Railway.
    electrification : str
        System of the contact line; ``"none"`` asks for a diesel.
    category : str
        ``"passenger"`` or ``"freight"``.

    Returns
    -------
    Traction
        The locomotives; an empty ``count`` is 1 and an empty ``category`` is ``passenger``, as
        the schema's defaults say.

    Raises
    ------
    StudyError
        When nothing is assigned, when the type does not exist, or when the locomotive cannot use
        the system.
    """
    wanted = (
        (pl.col("railway_id") == railway_id)
        & (pl.col("electrification") == electrification)
        & (pl.col("category").fill_null("passenger") == category)
    )
    rows = tables["traction_assignments"].filter(wanted).to_dicts()
    place = f"{category} trains of railway {railway_id} under {electrification}"
    if not rows:
        cause = f"No locomotive is assigned to {place}."
        raise _make_error(cause, "Add a row for them.")
    vehicle_type_id = rows[0]["vehicle_type_id"]
    types = tables["vehicle_types"]
    found = types.filter(pl.col("vehicle_type_id") == vehicle_type_id).to_dicts()
    if not found:
        near = find_near_names(vehicle_type_id, types["vehicle_type_id"].to_list())
        cause = f"The locomotive type {vehicle_type_id} of {place} does not exist."
        raise _make_error(cause, "Add it to vehicle_types or correct the id.", near)
    vehicle = found[0]
    systems = vehicle["electrification"]
    # A diesel ("none") runs under any contact line; an electric locomotive needs its own.
    if systems is not None and not {electrification, "none"} & set(systems.split(";")):
        cause = f"The locomotive type {vehicle_type_id} of {place} can use only {systems}."
        raise _make_error(cause, "Assign another type, or correct what it can use.")
    return Traction(
        vehicle_type_id=vehicle_type_id,
        count=rows[0]["count"] or 1,
        **{
            column: vehicle[column]
            for column in (
                "name",
                "mass_t",
                "axles_count",
                "length_m",
                "power_kw",
                "starting_effort_kn",
                "top_speed_kmh",
                "rotating_mass_coefficient",
                "adhesion_law",
                "resistance_law",
            )
        },
    )


def _make_error(cause: str, cure: str, near: tuple[str, ...] = ()) -> StudyError:
    """Error about one assignment."""
    fault = Fault(cause, cure, file="tables/traction_assignments.csv", near=near)
    message = "The traction of a train is not known."
    return StudyError(message, [fault])
