"""What a train that is asked for is made of: vehicles, gauge, contact lines, what hauls it.

Main functions: :func:`read_equipment` and :func:`list_haulers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.errors import Fault, StudyError, UsageError
from arterial.network import Network, Section
from arterial.running.hauling import DEFAULT_LENGTHS_M
from arterial.stock.rules import SECTION_RULES, Row, Surroundings, Verdict
from arterial.study import split_list
from arterial.study.faults import find_near_names

__all__ = [
    "DIESEL",
    "Equipment",
    "Hauler",
    "can_run_under",
    "list_haulers",
    "list_misfits",
    "read_equipment",
]

DIESEL: Final = "none"
"""System of a train that needs no contact line, as ``vehicle_types`` names it."""

OWN: Final = "its own traction"
FITS: Final = ("axle_load", "loading_gauge")
"""Rules between a vehicle and a section that bar a train."""

NOWHERE: Final = Surroundings((), frozenset())


@dataclass(frozen=True, slots=True)
class Equipment:
    """A train without its times.

    Parameters
    ----------
    category : str
        ``passenger`` or ``freight``.
    formation_id : str or None
        Its vehicles; None = not said, then neither weight nor outline is judged.
    top_speed_kmh : float or None
        Highest speed [km/h].
    length_m : float or None
        Length; None = unknown [m].
    gauges_mm : tuple of int
        Gauges that its vehicles can run on; empty = any one [mm].
    gauge_change : str or None
        How they change gauge, ``none`` = not at all; None = in any way that a point has.
    systems : tuple of str
        Contact lines that its own traction can use; empty = it is hauled as the study says.
    vehicles : tuple of mapping
        Rows of ``vehicle_types``.
    """

    category: str
    formation_id: str | None = None
    top_speed_kmh: float | None = None
    length_m: float | None = None
    gauges_mm: tuple[int, ...] = ()
    gauge_change: str | None = None
    systems: tuple[str, ...] = ()
    vehicles: tuple[Row, ...] = ()

    @property
    def name(self) -> str:
        """What to call it in messages."""
        gauges = " or ".join(str(gauge) for gauge in self.gauges_mm)
        parts = [f"formation {self.formation_id}" if self.formation_id else "the train"]
        parts += [f"of {gauges} mm"] if gauges else []
        parts += [f"under {' or '.join(self.systems)}"] if self.systems else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Hauler:
    """What hauls a train: a type of locomotive, one for a system, or its own traction.

    Parameters
    ----------
    name : str
        Type, system, or that it is its own.
    factors : tuple of float
        How well it suits each section, ``(n_sections,)``: 1 = as assigned, above = it can run
        there, 0 = it cannot.
    gauges_mm : tuple of int
        Gauges that it can run on; empty = not judged [mm].
    is_type : bool
        Whether it is a type of the study, or its own traction.
    """

    name: str
    factors: tuple[float, ...]
    gauges_mm: tuple[int, ...] = ()
    is_type: bool = True

    @property
    def words(self) -> str:
        """What to call it in messages."""
        if self.is_type:
            return self.name
        return "a diesel" if self.name == DIESEL else f"a locomotive for {self.name}"


def read_equipment(tables: Mapping[str, pl.DataFrame], asked: Mapping[str, Any]) -> Equipment:
    """The train that is asked for.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trains``, ``formations``, ``formation_vehicles``, ``vehicle_types``.
    asked : mapping of str to object
        ``category``, ``train_id``, ``formation_id``, ``gauges_mm``, ``gauge_change``, ``systems``,
        ``length_m``; None or empty where nothing is said.

    Returns
    -------
    Equipment
        As a train of the study where one is named, but for what else is said.

    Raises
    ------
    StudyError
        If the train or the formation does not exist.
    """
    like: Mapping[str, Any] = {}
    if asked["train_id"]:
        like = _find_row(tables, "trains", "train_id", asked["train_id"])
    formation_id = asked["formation_id"] or like.get("formation_id")
    category = str(asked["category"] or like.get("category") or "passenger")
    vehicles: tuple[Row, ...] = ()
    length_m = asked["length_m"]
    if formation_id:
        _find_row(tables, "formations", "formation_id", formation_id)
        vehicles = _list_vehicles(tables, formation_id)
        length_m = length_m or _measure(tables, formation_id)
        if not _share_gauges(vehicles) and any(_list_gauges(row) for row in vehicles):
            cause = f"The vehicles of {formation_id} have no gauge in common."
            fault = Fault(cause, "Correct gauges_mm, or name other vehicles.")
            message = "The train that is asked for cannot run."
            raise StudyError(message, [fault])
    own = [row for row in vehicles if row["kind"] == "multiple_unit"]
    systems = tuple(asked["systems"]) or tuple(
        dict.fromkeys(name for row in own for name in _list_items(row, "electrification"))
    )
    return Equipment(
        category="freight" if category == "freight" else "passenger",
        formation_id=formation_id,
        top_speed_kmh=like.get("top_speed_kmh"),
        length_m=length_m,
        gauges_mm=tuple(asked["gauges_mm"]) or _share_gauges(vehicles),
        gauge_change=asked["gauge_change"] or _share_change(vehicles),
        systems=systems,
        vehicles=vehicles,
    )


def can_run_under(systems: tuple[str, ...], contact_line: str | None) -> bool:
    """Whether traction of some systems can run under a contact line; unknown only by diesel.

    Examples
    --------
    >>> can_run_under(("3kv_dc",), "25kv_50hz"), can_run_under(("none",), "25kv_50hz")
    (False, True)
    """
    return DIESEL in systems or contact_line in systems


def list_haulers(
    network: Network, tables: Mapping[str, pl.DataFrame], equipment: Equipment
) -> tuple[Hauler, ...]:
    """What can haul a train, and over which sections.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        ``sections``, ``traction_assignments`` and ``vehicle_types``.
    equipment : Equipment
        The train.

    Returns
    -------
    tuple of Hauler
        Its own traction; else every type that is assigned to its category, on the railways to
        which it is, and, for railways to which none is, one for each contact line.
    """
    sections = network.sections
    if equipment.systems:
        factors = tuple(
            float(can_run_under(equipment.systems, section.electrification)) for section in sections
        )
        return (Hauler(OWN, factors),)
    owners = dict(tables["sections"].select("section_id", "railway_id").iter_rows())
    of_category = pl.col("category").fill_null("passenger") == equipment.category
    assigned: dict[str, dict[str, str]] = {}
    for row in tables["traction_assignments"].filter(of_category).iter_rows(named=True):
        assigned.setdefault(row["railway_id"], {}).setdefault(
            row["electrification"], row["vehicle_type_id"]
        )
    rows = {row["vehicle_type_id"]: row for row in tables["vehicle_types"].iter_rows(named=True)}
    names = dict.fromkeys(name for of_railway in assigned.values() for name in of_railway.values())
    haulers = []
    for name in names:
        row = rows.get(name, {})
        systems = _list_items(row, "electrification")
        factors = tuple(
            _rate_type(name, systems, section, assigned.get(owners[section.section_id] or ""))
            for section in sections
        )
        haulers.append(Hauler(name, factors, _list_gauges(row)))
    bare = [one for one in sections if (owners[one.section_id] or "") not in assigned]
    known = dict.fromkeys(one.electrification for one in bare if one.electrification)
    for system in known or ([""] if bare else []):
        factors = tuple(
            float(
                (owners[one.section_id] or "") not in assigned
                and one.electrification in {None, system}
            )
            for one in sections
        )
        haulers.append(Hauler(system, factors, is_type=False))
    return tuple(haulers)


UNASSIGNED: Final = 1.5
"""By what a kilometre counts behind a locomotive that is not the assigned one, an assumption [1]"""


def _rate_type(
    name: str,
    systems: tuple[str, ...],
    section: Section,
    assigned: Mapping[str, str] | None,
) -> float:
    """How well a type suits a section of a railway with some assignments; None = it has none."""
    system = section.electrification
    if systems and system is not None and not can_run_under(systems, system):
        return 0.0
    if assigned is None:
        return UNASSIGNED
    if name not in assigned.values():
        return 0.0
    return 1.0 if system is None or assigned.get(system) == name else UNASSIGNED


def list_misfits(equipment: Equipment, section: Row) -> list[str]:
    """Why vehicles of a train may not run over a section: too heavy, too large."""
    found = [
        (vehicle, SECTION_RULES[name](vehicle, section, NOWHERE))
        for vehicle in equipment.vehicles
        for name in FITS
    ]
    return [
        f"{vehicle['vehicle_type_id']}: {finding.explanation}"
        for vehicle, finding in found
        if finding.verdict is Verdict.BLOCK
    ]


def _find_row(
    tables: Mapping[str, pl.DataFrame], table: str, key: str, name: str
) -> Mapping[str, Any]:
    """Row of that key."""
    rows = tables[table].filter(pl.col(key) == name).to_dicts()
    if not rows:
        near = find_near_names(name, tables[table][key].to_list())
        fault = Fault(f"{table} has no {name!r}.", f"Name a {key} of the study.", near=near)
        message = "The train that is asked for is not known."
        raise UsageError(message, [fault])
    return rows[0]


def _list_vehicles(tables: Mapping[str, pl.DataFrame], formation_id: str) -> tuple[Row, ...]:
    """Types of the vehicles of a formation, each once."""
    names = tables["formation_vehicles"].filter(pl.col("formation_id") == formation_id)
    types = tables["vehicle_types"].filter(
        pl.col("vehicle_type_id").is_in(names["vehicle_type_id"].to_list())
    )
    return tuple(types.iter_rows(named=True))


def _measure(tables: Mapping[str, pl.DataFrame], formation_id: str) -> float:
    """Length of a formation with one locomotive, named defaults where types state none [m]."""
    joined = tables["formation_vehicles"].join(tables["vehicle_types"], on="vehicle_type_id")
    rows = joined.filter(pl.col("formation_id") == formation_id).iter_rows(named=True)
    lengths = (
        (row["count"] or 1) * (row["length_m"] or DEFAULT_LENGTHS_M[row["kind"]]) for row in rows
    )
    return float(sum(lengths)) + DEFAULT_LENGTHS_M["locomotive"]


def _list_items(row: Mapping[str, Any], column: str) -> tuple[str, ...]:
    return split_list(row.get(column))


def _list_gauges(row: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(gauge) for gauge in _list_items(row, "gauges_mm"))


def _share_gauges(vehicles: tuple[Row, ...]) -> tuple[int, ...]:
    """Gauges that all vehicles have; empty where none states any."""
    stated = [set(_list_gauges(row)) for row in vehicles if _list_gauges(row)]
    return tuple(sorted(set.intersection(*stated))) if stated else ()


def _share_change(vehicles: tuple[Row, ...]) -> str | None:
    """How all vehicles change gauge; none where they do it differently or one cannot."""
    stated = {str(row["gauge_change"]) for row in vehicles if row["gauge_change"] is not None}
    if len(stated) > 1:
        return "none"
    return next(iter(stated), None)
