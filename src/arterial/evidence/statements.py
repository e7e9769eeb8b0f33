"""Published statements checked against the model; main function `check_statements`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from arterial.evidence.distances import check_distances, check_runs
from arterial.evidence.durations import check_durations
from arterial.evidence.events import check_events
from arterial.evidence.frequencies import check_frequencies
from arterial.evidence.places import check_places
from arterial.evidence.statement_verdicts import make_table
from arterial.study import empty_table

__all__ = ["StatementResults", "StatementSettings", "check_statements"]


class StatementSettings(Protocol):
    """Settings of a study that statements are read with."""

    @property
    def epoch(self) -> dt.date:
        """Day from whose midnight UTC instants are counted."""

    @property
    def horizon_from(self) -> dt.date:
        """First day of departure that is looked at."""

    @property
    def horizon_to(self) -> dt.date:
        """Last day of departure that is looked at."""


def _no_lengths() -> pl.DataFrame:
    """Lengths of no service."""
    texts = dict.fromkeys(("service_id", "route_id"), pl.String)
    numbers = dict.fromkeys(("distance_km", "distance_error_km"), pl.Float64)
    return pl.DataFrame(schema={**texts, **numbers})


def _no_times() -> pl.DataFrame:
    """Times of no run."""
    numbers = dict.fromkeys(("low_h", "best_h", "high_h"), pl.Float64)
    return pl.DataFrame(schema={"run_id": pl.String, **numbers})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementResults:
    """Results of the model that statements are checked against; all may be missing.

    Parameters
    ----------
    trips, trip_events : polars.DataFrame
        Result tables of that name.
    service_lengths : polars.DataFrame
        ``service_id``, ``route_id``, ``distance_km``, ``distance_error_km``: every route that a
        service may take.
    run_times : polars.DataFrame
        ``run_id``, ``low_h``, ``best_h``, ``high_h``: what the model gives for each row of
        ``published_runs``.
    """

    trips: pl.DataFrame = field(default_factory=lambda: empty_table("trips"))
    trip_events: pl.DataFrame = field(default_factory=lambda: empty_table("trip_events"))
    service_lengths: pl.DataFrame = field(default_factory=_no_lengths)
    run_times: pl.DataFrame = field(default_factory=_no_times)


def check_statements(
    tables: Mapping[str, pl.DataFrame], *, settings: StatementSettings, results: StatementResults
) -> pl.DataFrame:
    """Every published statement of a study, checked against what the model gives.

    Durations against the two clock faces; days and hours against the resolved trips; places
    against each other; frequencies against the calendar; distances and runs against routes and
    calibrated times. What the model does not know leaves the verdict ``cannot_tell``.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables.
    settings : StatementSettings
        Epoch and horizon.
    results : StatementResults
        Results that are there.

    Returns
    -------
    polars.DataFrame
        Table ``statement_checks``, one row a statement, in the order of kinds above.
    """
    return make_table(
        [
            *check_durations(tables, results.trips, results.trip_events),
            *check_events(tables, results.trips, results.trip_events, settings.epoch),
            *check_places(tables),
            *check_frequencies(tables, settings.horizon_from, settings.horizon_to),
            *check_distances(tables, results.service_lengths),
            *check_runs(tables, results.run_times),
        ]
    )
