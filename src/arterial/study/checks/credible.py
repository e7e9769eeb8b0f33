"""Sense between columns: masses, axles, power, berths and lengths that fit one another.

Each bound is wide: what it refuses to believe has run nowhere, and points to a slip of units, of a
digit or of a column. All are warnings. `CHECKS` lists them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import inf
from typing import Final

from arterial.errors import Fault
from arterial.study.faults import WARNING
from arterial.study.records import Check, CheckedTables, Record
from arterial.units import GRAVITY_M_S2, KM_TO_M, kmh_to_ms

__all__ = ["CHECKS"]

AXLE_SLACK: Final = 1.05
"""Mass over axles times axle load from which the three do not fit one another."""

LIGHTEST_SHARES: Final = {"coach": 0.6, "locomotive": 0.6, "multiple_unit": 0.4}
"""Mass in working order over axles times axle load below which one is not believed, by kind; not of
wagons, whose axle load is that of the loaded wagon. A full metro train is twice as heavy."""

LENGTH_RANGES_M: Final = {
    "coach": (5.0, 40.0),
    "multiple_unit": (5.0, 500.0),
    "locomotive": (4.0, 60.0),
    "wagon": (4.0, 80.0),
}
"""Lengths over couplers that vehicles of each kind have: from colliery engines and trucks of two
axles to double locomotives and wagons for transformers, an assumption."""

MOST_BERTHS_PER_M: Final = 8.0
"""Berths on a metre that no vehicle has; couchettes have three, seats on two floors six."""

AXLE_RANGE_T: Final = (2.0, 40.0)
"""Mass on an axle that any vehicle has; Swedish ore wagons load 32.5 t, Australian ones 40 t."""

STARTING_KMH: Final = (2.0, 250.0)
"""Speeds at which the starting effort would use up the power; outside, one of the two is wrong."""

POWER_SLACK: Final = 1.2
"""Power of effort times speed over the rating: that of an hour, and of wheel against motor."""

LEAST_POWER_SHARE: Final = 1 / 3
"""Share of the rated power that a curve of efforts reaches at least."""

FIRST_RAILWAY: Final = 1825
"""Year of the Stockton and Darlington Railway: nothing on rails of iron is older."""

LINEAR_KINDS: Final = frozenset({"bridge", "tunnel"})
"""Assets of which those of one section are never longer together than the section."""

LONGEST_PER_KM_M: Final = KM_TO_M


def _check_masses(tables: CheckedTables) -> list[Fault]:
    """Find vehicles whose mass, axles and axle load do not fit one another."""
    faults: list[Fault] = []
    for record in tables.records("vehicle_types"):
        mass_t, axles, load_t = (record[name] for name in ("mass_t", "axles_count", "axle_load_t"))
        if mass_t is None or axles is None:
            continue
        each_t = mass_t / axles
        words = f"{mass_t:g} t on {axles} axles are {each_t:.3g} t an axle"
        if load_t is not None and each_t > load_t * AXLE_SLACK:
            cause = f"{words}, more than the highest axle load, {load_t:g} t."
            faults.append(_doubt(record, cause, "Correct one of the three.", "axle_load_t"))
        elif load_t is not None and each_t < load_t * LIGHTEST_SHARES.get(record["kind"], 0.0):
            cause = f"{words}, far below the highest axle load, {load_t:g} t."
            cure = "Correct one of the three; a load comes from passengers and fuel alone."
            faults.append(_doubt(record, cause, cure, "axle_load_t"))
        elif not AXLE_RANGE_T[0] <= each_t <= AXLE_RANGE_T[1]:
            low, high = AXLE_RANGE_T
            cause = f"{words}; vehicles have {low:g} to {high:g}."
            faults.append(_doubt(record, cause, "Correct mass or axles.", "axles_count"))
    return faults


def _check_lengths(tables: CheckedTables) -> list[Fault]:
    """Find vehicles too short or too long for their kind, or for their berths."""
    faults: list[Fault] = []
    for record in tables.records("vehicle_types"):
        length_m, berths = record["length_m"], record["berths_count"]
        if length_m is None:
            continue
        # A kind that cannot be read is a fault of its own, and no vehicle's length is known of it.
        low_m, high_m = LENGTH_RANGES_M.get(record["kind"], (0.0, inf))
        kind = str(record["kind"]).replace("_", " ")
        if not low_m <= length_m <= high_m:
            cause = f"A {kind} of {length_m:g} m; they are {low_m:g} to {high_m:g} m long."
            faults.append(_doubt(record, cause, "Correct it; it counts metres.", "length_m"))
        elif berths and berths > length_m * MOST_BERTHS_PER_M:
            cause = f"{berths} berths do not go into {length_m:g} m."
            faults.append(_doubt(record, cause, "Correct one of the two.", "length_m"))
    return faults


def _check_power(tables: CheckedTables) -> list[Fault]:
    """Find efforts that are far beyond the power of their vehicle, or far from using it."""
    curves = tables.group("effort_points", "vehicle_type_id", "speed_kmh")
    faults: list[Fault] = []
    for record in tables.records("vehicle_types"):
        faults += _check_starting_effort(record)
        curve = curves.get(record["vehicle_type_id"], ())
        if record["power_kw"] is not None and curve:
            faults += _check_curve(record, curve)
    return faults


def _check_starting_effort(record: Record) -> Iterator[Fault]:
    effort_kn, power_kw, mass_t = (
        record[name] for name in ("starting_effort_kn", "power_kw", "mass_t")
    )
    if effort_kn is None:
        return
    if mass_t is not None and effort_kn > mass_t * GRAVITY_M_S2:
        cause = f"The starting effort of {effort_kn:g} kN is above the weight of {mass_t:g} t."
        yield _doubt(record, cause, "Correct one of the two, or its unit.", "starting_effort_kn")
    if power_kw is None:
        return
    speed_kmh = power_kw / effort_kn / kmh_to_ms(1.0)
    low, high = STARTING_KMH
    if not low <= speed_kmh <= high:
        cause = (
            f"With {effort_kn:g} kN the power of {power_kw:g} kW is used up at {speed_kmh:.3g} "
            "km/h: one of the two is not believed."
        )
        yield _doubt(record, cause, "Check kN against N, kW against W.", "power_kw")


def _check_curve(record: Record, curve: Sequence[Record]) -> Iterator[Fault]:
    """Power that a curve of efforts reaches, against the rating."""
    power_kw = record["power_kw"]
    reached = [(_power_kw(point), point) for point in curve if point["effort_kn"] is not None]
    if not reached:
        return
    most_kw, point = max(reached, key=lambda pair: pair[0])
    highest_kw = record["power_high_kw"] or power_kw
    if most_kw > POWER_SLACK * highest_kw:
        cause = (
            f"{point['effort_kn']:g} kN at {point['speed_kmh']:g} km/h are {most_kw:.0f} kW, above "
            f"the rated {highest_kw:g} kW."
        )
        yield _doubt(point, cause, "Correct effort, speed or power_kw.", "effort_kn")
    elif most_kw < LEAST_POWER_SHARE * power_kw:
        cause = f"The efforts reach {most_kw:.0f} kW, of {power_kw:g} kW rated."
        cure = "Check N against kN, the rating, or go on to higher speeds."
        yield _doubt(point, cause, cure, "effort_kn")


def _power_kw(point: Record) -> float:
    return float(point["effort_kn"]) * kmh_to_ms(float(point["speed_kmh"]))


def _check_train_speeds(tables: CheckedTables) -> list[Fault]:
    """Find trains that are said to run faster than the slowest of their vehicles may."""
    types = tables.index("vehicle_types", "vehicle_type_id")
    slowest: dict[str, Record] = {}
    for row in tables.records("formation_vehicles"):
        kind = types.get(row["vehicle_type_id"])
        if kind is None or kind["top_speed_kmh"] is None:
            continue
        before = slowest.get(row["formation_id"])
        if before is None or kind["top_speed_kmh"] < before["top_speed_kmh"]:
            slowest[row["formation_id"]] = kind
    faults = []
    for train in tables.records("trains"):
        kind, speed_kmh = slowest.get(train["formation_id"]), train["top_speed_kmh"]
        if kind is not None and speed_kmh is not None and speed_kmh > kind["top_speed_kmh"]:
            cause = (
                f"Its top speed of {speed_kmh:g} km/h is above the {kind['top_speed_kmh']:g} km/h "
                f"of {kind['vehicle_type_id']}."
            )
            cure = "Correct one of the two; the lower one is run."
            faults.append(_doubt(train, cause, cure, "top_speed_kmh"))
    return faults


def _check_berths(tables: CheckedTables) -> list[Fault]:
    """Find berths on sale that the coaches do not have, and berths of vehicles without people."""
    types = tables.index("vehicle_types", "vehicle_type_id")
    faults = []
    for record in types.values():
        berths = record["berths_count"]
        if berths and record["kind"] in {"locomotive", "wagon"}:
            cause = f"A {record['kind']} has no berths for passengers."
            faults.append(_doubt(record, cause, "Leave the cell empty.", "berths_count"))
    for service in tables.records("coach_services"):
        kind = types.get(service["vehicle_type_id"])
        count, offered = service["coaches_count"], service["berths_offered"]
        if kind is None or None in {count, offered, kind["berths_count"]}:
            continue
        there = count * kind["berths_count"]
        if offered > there:
            cause = f"{offered} berths are on sale, {count} x {kind['berths_count']} are there."
            cure = "Correct berths_offered, coaches_count or the type."
            faults.append(_doubt(service, cause, cure, "berths_offered"))
    return faults


def _check_structures(tables: CheckedTables) -> list[Fault]:
    """Find bridges and tunnels that are longer together than the section they stand on."""
    sections = tables.index("sections", "section_id")
    lengths: dict[tuple[str, str], float] = defaultdict(float)
    last: dict[tuple[str, str], Record] = {}
    for record in tables.records("assets"):
        ends = (record["from_offset_m"], record["to_offset_m"])
        if record["kind"] in LINEAR_KINDS and None not in ends and record["section_id"]:
            place = (record["section_id"], record["kind"])
            lengths[place] += ends[1] - ends[0]
            last[place] = record
    faults = []
    for (name, kind), length_m in lengths.items():
        section = sections.get(name)
        if section is None or section["length_km"] is None:
            continue
        tracks = section["tracks_count"] or 1
        if length_m > section["length_km"] * KM_TO_M * tracks:
            cause = (
                f"The {kind}s of {name} are {length_m / KM_TO_M:.1f} km long together, the section "
                f"{section['length_km']:g} km."
            )
            cure = "Correct the offsets, which count metres."
            faults.append(_doubt(last[name, kind], cause, cure, "to_offset_m"))
    return faults


def _check_shares_of_length(tables: CheckedTables) -> list[Fault]:
    """Find densities and totals of bridges and tunnels beyond the length of the line."""
    faults = []
    for record in tables.records("asset_densities"):
        number, unit_m = record["units_per_km"], record["unit_length_m"]
        if record["kind"] not in LINEAR_KINDS or None in {number, unit_m}:
            continue
        if number * unit_m > LONGEST_PER_KM_M:
            cause = f"{number:g} {record['kind']}s of {unit_m:g} m are more than a kilometre a km."
            cure = "Correct units_per_km or unit_length_m."
            faults.append(_doubt(record, cause, cure, "unit_length_m"))
    for line in tables.records("lines"):
        most_km = line["length_high_km"] or line["length_km"]
        for kind in sorted(LINEAR_KINDS):
            length_m = line[f"{kind}s_length_m"]
            if None not in {length_m, most_km} and length_m > most_km * KM_TO_M:
                cause = f"Its {kind}s are {length_m / KM_TO_M:g} km long, the line {most_km:g} km."
                faults.append(_doubt(line, cause, "Check m against km.", f"{kind}s_length_m"))
    return faults


def _check_ages(tables: CheckedTables) -> list[Fault]:
    """Find assets from before there were railways."""
    faults = []
    for record in tables.records("assets"):
        installed = record["installed"]
        if installed is not None and installed.year < FIRST_RAILWAY:
            cause = f"In {installed.year} there was no railway."
            faults.append(_doubt(record, cause, "Correct the day.", "installed"))
    oldest_y = 2030 - FIRST_RAILWAY
    for table, columns in (
        ("assets", ("age_y",)),
        ("asset_densities", ("age_low_y", "age_y", "age_high_y")),
    ):
        for record in tables.records(table):
            for column in columns:
                if record[column] is not None and record[column] > oldest_y:
                    cause = f"{record[column]:g} years ago there was no railway."
                    faults.append(_doubt(record, cause, "It counts years; correct it.", column))
    return faults


def _doubt(record: Record, cause: str, cure: str, column: str) -> Fault:
    return record.fault(cause, cure, column, severity=WARNING)


CHECKS: Final[tuple[Check, ...]] = (
    _check_masses,
    _check_lengths,
    _check_power,
    _check_train_speeds,
    _check_berths,
    _check_structures,
    _check_shares_of_length,
    _check_ages,
)
"""Checks of this file, in the order in which their faults are told."""
