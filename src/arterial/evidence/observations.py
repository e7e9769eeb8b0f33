"""What was seen and what was planned, from the table ``observations``.

Main functions: :func:`read_sightings` (for learning) and :func:`judge_plans` (which alternatives
cannot be what an operator planned).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.clock import civil_to_epoch_s, local_day
from arterial.operations.coaches.sightings import Sighting
from arterial.study import Study
from arterial.study.settings import EvidenceSettings
from arterial.units import MINUTE_S

__all__ = ["PLAN", "SEEN", "Plans", "judge_plans", "name_trip", "read_sightings"]

SEEN: Final = "seen"
DEFAULT_ERROR_MIN: Final = 15.0
PLAN: Final = "plan"
MIDNIGHT: Final = "00:00"
BLOCKED: Final = "does_not_work"


@dataclass(frozen=True, slots=True)
class Plans:
    """Announced events held against an option.

    Parameters
    ----------
    impossible : mapping of str to str
        Why each that cannot be cannot, by observation.
    count : int
        How many were held against it.
    """

    impossible: Mapping[str, str]
    count: int


def name_trip(row: Mapping[str, Any]) -> str:
    """Id of the trip that an observation is of."""
    return f"{row['service_id']}@{row['departure_date']}"


def read_sightings(study: Study) -> dict[str, Sighting]:
    """What was seen, by observation; plans and forecasts are left out.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    dict of str to Sighting
        With instants since the epoch of the study.
    """
    zones = dict(study.table("operational_points").select("point_id", "zone").iter_rows())
    settings, epoch = study.settings.evidence, study.settings.epoch
    rows = study.table("observations").iter_rows(named=True)
    return {
        row["observation_id"]: _read_sighting(row, zones[row["point_id"]], epoch, settings)
        for row in rows
        if (row["kind"] or SEEN) == SEEN
    }


def _read_sighting(
    row: Mapping[str, Any], zone: str, epoch: dt.date, settings: EvidenceSettings
) -> Sighting:
    day, face = row["observed_date"], row["observed_time"]

    def at(of: dt.date, clock: str) -> float:
        return float(civil_to_epoch_s(of, clock, zone, epoch, allow_gap=True))

    late_min, error_min = row["late_min"], row["error_min"]
    return Sighting(
        trip_id=name_trip(row),
        point_id=row["point_id"],
        event=row["event"] or "arrival",
        day_from_s=at(day, MIDNIGHT),
        day_until_s=at(day + dt.timedelta(days=1), MIDNIGHT),
        at_s=None if face is None else at(day, face),
        late_s=None if late_min is None else late_min * MINUTE_S,
        error_s=(DEFAULT_ERROR_MIN if error_min is None else error_min) * MINUTE_S,
        miss_share=settings.unmodelled_share,
        miss_s=settings.unmodelled_mean_min * MINUTE_S,
    )


def judge_plans(study: Study, trips: pl.DataFrame, trip_events: pl.DataFrame) -> Plans:
    """Which announced events cannot be in an option: no such trip, blocked, or on another day.

    Parameters
    ----------
    study : Study
        The study with the option.
    trips, trip_events : DataFrame
        Result tables of it.

    Returns
    -------
    Plans
        Each impossible one with its reason.
    """
    zones = dict(study.table("operational_points").select("point_id", "zone").iter_rows())
    verdicts = dict(trips.select("trip_id", "verdict").iter_rows())
    epoch, reasons = study.settings.epoch, {}
    plans = study.table("observations").filter(pl.col("kind") == PLAN)
    for row in plans.iter_rows(named=True):
        trip = name_trip(row)
        if trip not in verdicts:
            reasons[row["observation_id"]] = f"{trip} is no departure of the study"
            continue
        if verdicts[trip] == BLOCKED:
            reasons[row["observation_id"]] = f"{trip} does not work"
            continue
        here = trip_events.filter(
            (pl.col("trip_id") == trip)
            & (pl.col("point_id") == row["point_id"])
            & (pl.col("event") == (row["event"] or "arrival"))
        )
        if here.is_empty():
            reasons[row["observation_id"]] = f"{trip} does not come there"
            continue
        ends = here.select("low_at_s", "high_at_s").drop_nulls().rows()
        days = [tuple(local_day(at, epoch, zones[row["point_id"]]) for at in one) for one in ends]
        if days and not any(low <= row["observed_date"] <= high for low, high in days):
            reasons[row["observation_id"]] = f"{trip} is there on {days[0][0]}"
    return Plans(reasons, plans.height)
