"""What simulated chances say of departures and turns, as findings.

Main function: :func:`add_chances`: why a chance is nothing or certainty, and how often turns of
coach sets are lost.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.clock import local_datetime
from arterial.study import Study, apply_defaults, empty_table
from arterial.timetable import TimetableOptions, rotate_coaches
from arterial.timetable.coaches.coach_pools import TurnChance
from arterial.timetable.coaches.coach_services import make_options
from arterial.timetable.coaches.rotation_findings import TIGHT_TURN
from arterial.timetable.coaches.trip_verdicts import settle_departures
from arterial.units import DAY_S, HOUR_S

__all__ = ["add_chances"]

MEASURES: Final = ("announced_day", "announced_duration")
ALWAYS_MISSED: Final = 0.99
"""Share of runs from which a hand-over is said to be missed always [1]."""


def add_chances(
    study: Study, results: Mapping[str, pl.DataFrame], reliability: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Put simulated results beside the resolved ones; verdicts agree with the chances.

    Parameters
    ----------
    study : Study
        The study.
    results, reliability : mapping of str to DataFrame
        What was resolved without chance, and what was simulated.

    Returns
    -------
    dict of str to DataFrame
        All tables; a chance of nothing or certainty is a finding.
    """
    whole = {**results, **reliability}
    if whole.get("punctuality", pl.DataFrame()).is_empty():
        return whole
    whole |= _take_turns(study, whole, make_options(study))
    findings = pl.concat([whole["findings"], _find_certain_chances(study, whole)])
    return whole | settle_departures(whole["trips"], whole["connections"], findings)


def _find_certain_chances(study: Study, results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Find the departures that keep their announcement in none, or in all, of the simulated runs.

    Parameters
    ----------
    study : Study
        The study, for names.
    results : mapping of str to DataFrame
        ``punctuality``, ``handover_risks``, ``trips`` and ``findings``.

    Returns
    -------
    polars.DataFrame
        Rows of ``findings`` of kind ``chance_certain``: ``warn`` for a chance of nothing, ``note``
        for certainty.
    """
    chances = results["punctuality"].filter(
        pl.col("measure").is_in(MEASURES) & pl.col("share").is_in([0.0, 1.0])
    )
    trips = {row["trip_id"]: row for row in results["trips"].iter_rows(named=True)}
    rows = [
        _explain(study, results, trips[chance["group_id"]], chance)
        for chance in chances.iter_rows(named=True)
        if chance["group_id"] in trips
    ]
    return pl.DataFrame(rows, schema=empty_table("findings").schema)


def _take_turns(
    study: Study, results: Mapping[str, pl.DataFrame], options: TimetableOptions
) -> dict[str, pl.DataFrame]:
    """Turns of coach sets with chances from the simulation, not from an assumed delay beside it.

    Parameters
    ----------
    study : Study
        The study.
    results : mapping of str to DataFrame
        ``handover_risks``, ``trips``, ``findings`` and, with a works, ``works_stays``.
    options : TimetableOptions
        Options of the timetable.

    Returns
    -------
    dict of str to DataFrame
        ``coach_turns`` and ``findings``.
    """
    trips = results["trips"]
    first = (pl.col("sequence") == 1) & pl.col("group_id").is_in(trips["trip_id"].implode())
    names = ("missed_share_low", "missed_share", "missed_share_high")
    missed = results["handover_risks"].filter(first).select("group_id", *names)
    lost = {trip_id: TurnChance(*chances) for trip_id, *chances in missed.iter_rows()}
    tables = {name: apply_defaults(study, name) for name in study.tables}
    rotated = rotate_coaches(tables, trips, options, results.get("works_stays"), lost=lost)
    is_turn = pl.col("finding_id").str.contains(TIGHT_TURN, literal=True)
    findings = [results["findings"].filter(~is_turn), rotated.findings.filter(is_turn)]
    return {"coach_turns": rotated.coach_turns, "findings": pl.concat(findings)}


def _explain(
    study: Study,
    results: Mapping[str, pl.DataFrame],
    trip: Mapping[str, Any],
    chance: Mapping[str, Any],
) -> dict[str, Any]:
    runs = chance["trips_count"]
    is_day = chance["measure"] == "announced_day"
    what = "announced day" if is_day else "announced duration"
    is_never = chance["share"] == 0
    reasons = list(_list_reasons(study, results, trip, chance)) if is_never else []
    why = f": {'; '.join(reasons)}." if reasons else "."
    return {
        "finding_id": f"{trip['trip_id']}:chance_certain:{chance['measure']}",
        "service_id": trip["service_id"],
        "trip_date": trip["trip_date"],
        "kind": "chance_certain",
        "severity": "warn" if is_never else "note",
        "train_id": None,
        "point_id": None,
        "cause": f"In {'none' if is_never else 'all'} of {runs} simulated runs the coach keeps its "
        f"{what}{why}",
        "consequence": f"What was announced for the {what} cannot be kept as the study has it."
        if is_never
        else "Whatever strikes the coach is less than what its timetable holds in reserve.",
        "cure": "An observed arrival on one such date would settle it."
        if is_never
        else "Rates of disturbances that are too low would hide a risk; look at them.",
    }


def _list_reasons(
    study: Study,
    results: Mapping[str, pl.DataFrame],
    trip: Mapping[str, Any],
    chance: Mapping[str, Any],
) -> Iterator[str]:
    """Why a departure never keeps its announcement, what is certain first."""
    of_day = (pl.col("service_id") == trip["service_id"]) & (
        pl.col("trip_date") == trip["trip_date"]
    )
    blocks = results["findings"].filter(of_day & (pl.col("severity") == "block"))
    yield from (cause.rstrip(".") for cause in blocks["cause"].head(1))
    if chance["measure"] == "announced_duration" and trip["elapsed_h"] is not None:
        if trip["elapsed_h"] > chance["limit_h"]:
            yield (
                f"the journey takes {trip['elapsed_h']:.1f} h if nothing happens, and "
                f"{chance['limit_h']:.1f} h are announced"
            )
    elif trip["arrival_at_s"] is not None:
        days = _count_days(study, trip)
        if days > chance["limit_h"] * HOUR_S / DAY_S:
            yield f"its best times arrive on day {days}, if nothing happens"
    missed = results["handover_risks"].filter(
        (pl.col("group_id") == trip["trip_id"]) & (pl.col("missed_share") >= ALWAYS_MISSED)
    )
    for row in missed.iter_rows(named=True):
        yield f"train {row['to_train_id']} is missed at {row['point_id']} in all of them"


def _count_days(study: Study, trip: Mapping[str, Any]) -> int:
    """Local day of the best arrival, counted from the day of departure."""
    services, points = study.table("coach_services"), study.table("operational_points")
    end = services.filter(pl.col("service_id") == trip["service_id"])["to_point"].item()
    zone = points.filter(pl.col("point_id") == end)["zone"].item()
    day = local_datetime(trip["arrival_at_s"], study.settings.epoch, zone).date()
    return int((day - trip["trip_date"]).days)
