"""From the tables of a study to the arrays of the simulation of through coaches.

Main function: :func:`prepare_coaches`. Ranges of uncertain inputs come from the table of estimates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock import MAXIMUM_JOURNEY_DAYS
from arterial.errors import StudyError
from arterial.operations.coaches.asset_sources import AssetSources, enter_assets
from arterial.operations.coaches.causes import CauseBuilder
from arterial.operations.coaches.disturbance_sources import Disturbance, read_disturbances
from arterial.operations.coaches.host_rows import HostBuilder, HostDays
from arterial.operations.coaches.model import CoachModel, CoachOptions, RateRange
from arterial.operations.coaches.procedure_rows import ProcedureBuilder, read_kinds
from arterial.operations.coaches.state import (
    NEVER,
    SET,
    STAY,
    CoachPlan,
    Rows,
    Source,
)
from arterial.operations.coaches.trip_rows import (
    DatedTrip,
    TripContext,
    TripRows,
    list_dated_trips,
    make_trip_rows,
)
from arterial.study import empty_table
from arterial.timetable.coaches.coach_services import Timetable, read_timetable
from arterial.timetable.coaches.set_stays import list_set_stays
from arterial.timetable.coaches.set_turns import PoolTrip, rotate_trips
from arterial.timetable.trains.train_plans import TimeRange
from arterial.units import DAY_S, HOUR_S, MINUTE_S, MONTHS_PER_YEAR

__all__ = ["NothingTimedError", "prepare_coaches"]

ANNOUNCED: Final = ("service_id", "announced_duration_h", "announced_arrival_day")
MARGIN_DAYS: Final = 2


class NothingTimedError(StudyError):
    """No trip of the days that are simulated has known times, so there is nothing to simulate."""


def prepare_coaches(
    tables: Mapping[str, pl.DataFrame],
    resolved: Mapping[str, pl.DataFrame],
    states: pl.DataFrame,
    seasons: pl.DataFrame,
    options: CoachOptions,
) -> CoachModel:
    """Make the model of all through coaches of a study, ready to be simulated.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Tables of the study with their defaults; ``disturbances``, ``estimates`` and
        ``procedures`` may be missing.
    resolved : mapping of str to polars.DataFrame
        ``trips``, those of the days of running in as far as known, ``section_runs`` and
        ``link_times``; ``crossing_delays``, ``host_delays`` (quantiles from the simulation of the
        line) and ``set_availability`` where there are any.
    states : polars.DataFrame
        Table ``asset_states``; it also sets the rates at which failures are looked for.
    seasons : polars.DataFrame
        Table ``asset_seasons``.
    options : CoachOptions
        Settings.

    Returns
    -------
    CoachModel
        The model; :func:`arterial.operations.coaches.simulate_coaches` draws from it.

    Raises
    ------
    NothingTimedError
        If no trip of the span can be simulated.
    """
    begin = min(options.run_in_from, options.timetable.horizon_from)
    reach = replace(options.timetable, horizon_from=begin)
    timetable = read_timetable(tables, resolved["link_times"], reach)
    dated = _list_timed_trips(timetable, resolved["trips"], options)
    causes = CauseBuilder()
    untraced = causes.add("untraced", "not_traced", "Not traced")
    assets = enter_assets(states, seasons, tables, causes)
    disturbances = read_disturbances(_get(tables, "disturbances"), causes)
    hosts = HostBuilder(timetable, resolved, tables, causes, assets, disturbances)
    for train_id, days in _list_host_days(timetable, dated).items():
        hosts.enter(train_id, days)
    procedures = ProcedureBuilder(
        causes,
        read_kinds(_get(tables, "procedures")),
        [item for item in disturbances if item.is_at_handover],
        _list_span(dated, options),
        options.timetable.epoch,
    )
    known = {**tables, "set_availability": _get(resolved, "set_availability")}
    context = TripContext(timetable, hosts, procedures, causes, known)
    rows = make_trip_rows(dated, context, options.first_day)
    nodes, path = causes.order_nodes()
    fields = {**hosts.make_rows(), **procedures.make_rows(), **causes.make_rows(), "path": path}
    fields |= _make_sets(tables, dated, rows, options, known["set_availability"])
    times_s = hosts.times
    return CoachModel(
        options=options,
        plan=_make_plan(fields, rows, options, untraced),
        low_s=times_s[:, 0].copy(),
        high_s=times_s[:, 2].copy(),
        hazard_base=hosts.hazards,
        hosts=tuple(hosts.blocks),
        rates=tuple(_list_rate_ranges(assets, disturbances, tables)),
        turns=tuple(_list_turn_ranges(tables, rows)),
        delays=tuple(_list_delay_ranges(disturbances, tables)),
        waits=tuple(_list_wait_ranges(tables, rows)),
        nodes=nodes,
        run_in=rows.run_in,
        trips=rows.trip_table[rows.run_in.trips :],
        legs=_count_from(rows.leg_table, rows.run_in.legs, rows.run_in.trips),
        events=_count_from(rows.event_table, rows.run_in.events, rows.run_in.trips),
        services=tables["coach_services"].select(ANNOUNCED),
        groups=rows.groups,
        pool_ids=tuple(tables["coach_pools"]["pool_id"]),
    )


def _list_timed_trips(
    timetable: Timetable, trips: pl.DataFrame, options: CoachOptions
) -> list[DatedTrip]:
    """Trips whose times are known in order of departure, those that count behind all others."""
    first, last = options.first_day, options.simulate_to or options.timetable.horizon_to
    listed = list_dated_trips(timetable, trips, options.run_in_from, last)
    timed = [trip for trip in listed if trip.is_timed]
    if not any(trip.trip_date >= first for trip in timed):
        message = f"No trip from {first} to {last} has known times: nothing can be simulated."
        raise NothingTimedError(message)
    # One that counts may leave before one of the day before, in another zone.
    return sorted(timed, key=lambda trip: trip.trip_date >= first)


def _count_from(table: pl.DataFrame, first: int, trips: int) -> pl.DataFrame:
    """Rows that count, with trips numbered from the first that does."""
    return table[first:].with_columns(pl.col("trip") - trips)


def _list_host_days(timetable: Timetable, dated: Sequence[DatedTrip]) -> dict[str, HostDays]:
    """Days of each host that trips are announced for or may have to wait for."""
    announced: dict[str, set[date]] = {}
    for trip in dated:
        for run in trip.runs:
            announced.setdefault(run.leg.train_id, set()).add(run.best.operating_day)
    found = {}
    reach = timedelta(days=MAXIMUM_JOURNEY_DAYS + timetable.options.catch_up_days)
    for train_id, days in announced.items():
        running = tuple(
            day
            for day, said in sorted(timetable.train_days.get(train_id, {}).items())
            if said.effect.has_train and min(days) <= day <= max(days) + reach
        )
        found[train_id] = HostDays(running, tuple(sorted(days - set(running))))
    return found


def _list_span(dated: Sequence[DatedTrip], options: CoachOptions) -> tuple[date, date]:
    """First and last day that the simulation may touch."""
    days = [run.best.operating_day for trip in dated for run in trip.runs]
    reach = 2 * MAXIMUM_JOURNEY_DAYS + options.timetable.catch_up_days
    return min(days) - timedelta(days=MARGIN_DAYS), max(days) + timedelta(days=reach)


def _make_plan(
    fields: Mapping[str, NDArray[Any]],
    rows: TripRows,
    options: CoachOptions,
    untraced_source: Source,
) -> CoachPlan:
    """All that is simulated, at the best values."""
    epoch, midnights_s = options.timetable.epoch, fields["runs"]["midnight_s"]
    first_day = int(midnights_s.min() // DAY_S) - MARGIN_DAYS
    last_day = int(midnights_s.max() // DAY_S) + 2 * MAXIMUM_JOURNEY_DAYS
    months = [
        (epoch + timedelta(days=number)).month - 1 for number in range(first_day, last_day + 1)
    ]
    return CoachPlan(
        **fields,
        hazard_sum=np.empty((0, MONTHS_PER_YEAR)),
        legs=rows.legs,
        trips=rows.trips,
        events_count=rows.event_table.height,
        months=np.array(months, np.int64),
        first_day=first_day,
        longest_wait_s=options.timetable.catch_up_days * DAY_S,
        cancel_after_s=round(options.cancel_after_h * HOUR_S),
        closed_wait_s=round(options.closed_line_wait_h * HOUR_S),
        samples_steps=options.samples_steps,
        untraced_source=untraced_source,
    )


def _make_sets(
    tables: Mapping[str, pl.DataFrame],
    dated: Sequence[DatedTrip],
    rows: TripRows,
    options: CoachOptions,
    away: pl.DataFrame,
) -> dict[str, NDArray[Any]]:
    """Coach sets at the start, for the planned and each tried number of spare sets.

    The fewest sets that the timetable needs stand where their first trip begins, spares at home.
    What the works holds is taken from these, by the table ``set_availability``.
    """
    regular: list[tuple[int, int, int]] = []
    homes: list[tuple[int, int, int]] = []
    trips, table = rows.trips, rows.trip_table
    places = dict(zip(table["from_point"], trips["from_place"].tolist(), strict=True))
    places |= dict(zip(table["to_point"], trips["to_place"].tolist(), strict=True))
    turns = zip(trips["pool"].tolist(), table["to_point"], trips["turn_s"].tolist(), strict=True)
    turns_s = {(pool, point): turn_s for pool, point, turn_s in turns}
    for number, pool in enumerate(tables["coach_pools"].iter_rows(named=True)):
        of_pool = [
            PoolTrip(
                trip.trip_id, trip.service.service_id, row["from_point"], row["to_point"],
                TimeRange(*(trip.departure_s,) * 3), TimeRange(*(trip.arrival_s,) * 3),
            )
            for trip, row in zip(dated, table.iter_rows(named=True), strict=True)
            if row["pool"] == number
        ]  # fmt: skip
        turn_s = {point: float(value) for (of, point), value in turns_s.items() if of == number}
        sets = rotate_trips(of_pool, turn_s).sets
        regular += [(number, places[of_set[0].trip.from_point], NEVER) for of_set in sets]
        home = places.get(pool["home_point"], len(places))
        homes.append((number, home, pool["spare_sets"] or 0))
    begun: list[tuple[int, int, int]] = []
    begins = [0]
    for spares in (None, *options.spare_sets):
        begun += regular
        for number, home, planned in homes:
            begun += [(number, home, NEVER)] * (planned if spares is None else spares)
        begins.append(len(begun))
    return {
        "sets": np.array(begun, SET),
        "set_begin": np.array(begins, np.int64),
        "stays": _make_stays(tables, rows, homes, away, options.timetable.epoch),
    }


def _make_stays(
    tables: Mapping[str, pl.DataFrame],
    rows: TripRows,
    homes: Sequence[tuple[int, int, int]],
    away: pl.DataFrame,
    epoch: date,
) -> Rows:
    """Stays in the works by their begin, each at the home of its pool; `homes` as of the pools."""
    points = tables["operational_points"]
    zones = dict(zip(points["point_id"], points["zone"], strict=True))
    trips = rows.trips
    listed: list[tuple[int, int, int, int]] = []
    for (number, home, _), pool in zip(
        homes, tables["coach_pools"].iter_rows(named=True), strict=True
    ):
        leaves_s = rows.trip_table["best_departure_s"].to_numpy()[trips["pool"] == number]
        stays = list_set_stays(away, pool["pool_id"], zones[pool["home_point"]], epoch)
        # What is over before the first trip took place before the sets were laid out.
        listed += [
            (stay.from_s, number, home, stay.until_s)
            for stay in stays
            if len(leaves_s) and stay.until_s > leaves_s.min()
        ]
    in_order = [(number, home, begin, end) for begin, number, home, end in sorted(listed)]
    return np.array(in_order, STAY)


def _get(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    found = tables.get(name)
    return empty_table(name) if found is None else found


def _list_rate_ranges(
    assets: AssetSources, disturbances: Sequence[Disturbance], tables: Mapping[str, pl.DataFrame]
) -> Iterable[RateRange]:
    """Ranges of rates: assets of a kind share one draw, each disturbance has its own."""
    kinds = np.array(assets.kinds)
    for kind in sorted(set(assets.kinds)):
        rows = np.flatnonzero((kinds == kind) & (assets.source >= 0))
        yield RateRange(f"assets/{kind}", assets.source[rows], assets.low[rows], assets.high[rows])
    of_rates = _estimates_of(tables, "disturbances", "rate")
    for item in disturbances:
        row = of_rates.get(item.row["disturbance_id"])
        if row is None or not item.row["rate"]:
            continue
        yield RateRange(
            f"disturbances/{item.row['disturbance_id']}",
            np.array([item.source]),
            np.array([row["low"] / item.row["rate"]]),
            np.array([row["high"] / item.row["rate"]]),
        )


def _list_turn_ranges(tables: Mapping[str, pl.DataFrame], rows: TripRows) -> Iterable[RateRange]:
    """Ranges of the shortest turn-rounds, over their best value, for the trips that they follow.

    A place that states its own has its own range; the others share that of home or far end.
    """
    table = rows.trip_table
    stated = tables.get("pool_turns")
    places = [] if stated is None else list(stated.select("pool_id", "point_id", "minimum_turn_h"))
    own = list(zip(*places, strict=True))
    of_places = _estimates_of(tables, "pool_turns", "minimum_turn_h")
    for number, pool in enumerate(tables["coach_pools"].iter_rows(named=True)):
        of_pool, free = table["pool"] == number, pl.Series([True] * table.height)
        for pool_id, point_id, turn_h in own:
            is_there = of_pool & (table["to_point"] == point_id)
            if pool_id != pool["pool_id"]:
                continue
            free &= ~is_there
            row = of_places.get(f"{pool_id};{point_id}")
            yield from _range_turns(f"{pool_id}/{point_id}", is_there, row, turn_h)
        for column, is_home in (("minimum_turn_home_h", True), ("minimum_turn_away_h", False)):
            row = _estimates_of(tables, "coach_pools", column).get(pool["pool_id"])
            mask = of_pool & free & (table["is_to_home"] == is_home)
            yield from _range_turns(f"{pool['pool_id']}/{column}", mask, row, pool[column])


def _range_turns(
    name: str, mask: pl.Series, row: Mapping[str, float] | None, best_h: float | None
) -> Iterable[RateRange]:
    """Range of one shortest turn-round, where it has one and some trip ends in it."""
    ends = np.flatnonzero(mask.to_numpy())
    if row is None or not best_h or not len(ends):
        return
    low, high = (np.full(len(ends), row[end] / best_h) for end in ("low", "high"))
    yield RateRange(f"turns/{name}", ends, low, high)


def _list_delay_ranges(
    disturbances: Sequence[Disturbance], tables: Mapping[str, pl.DataFrame]
) -> Iterable[RateRange]:
    """Ranges of the most likely delay of disturbances, over its best value."""
    of_delays = _estimates_of(tables, "disturbances", "delay_best_min")
    for item in disturbances:
        row, best = of_delays.get(item.row["disturbance_id"]), item.row["delay_best_min"]
        if row is None or not best:
            continue
        yield RateRange(
            f"delays/{item.row['disturbance_id']}",
            np.array([item.source]),
            np.array([row["low"] / best]),
            np.array([row["high"] / best]),
        )


def _list_wait_ranges(tables: Mapping[str, pl.DataFrame], rows: TripRows) -> Iterable[RateRange]:
    """Ranges of how long hosts wait, as 1 and the seconds beside the best value.

    A host waits as long for the coaches of one service as for those of another, so that its legs
    share one draw. A wait of 0 at its best cannot be ranged by a factor.
    """
    of_waits = _estimates_of(tables, "coach_legs", "host_wait_min")
    services = rows.trip_table["service_id"].gather(rows.leg_table["trip"]).to_list()
    found: dict[tuple[str, str], list[tuple[int, float, float]]] = {}
    for number, leg in enumerate(rows.leg_table.iter_rows(named=True)):
        row = of_waits.get(f"{services[number]};{leg['sequence']}")
        if row is not None:
            ends = (row["low"] * MINUTE_S, row["high"] * MINUTE_S)
            entry = (number, *(1.0 + end - leg["wait_s"] for end in ends))
            found.setdefault((leg["train_id"], leg["point_id"]), []).append(entry)
    for (train_id, point_id), entries in found.items():
        numbers, low, high = (np.array(column) for column in zip(*entries, strict=True))
        yield RateRange(f"waits/{train_id}@{point_id}", numbers, low, high)


def _estimates_of(
    tables: Mapping[str, pl.DataFrame], table: str, attribute: str
) -> dict[str, dict[str, float]]:
    estimates = tables.get("estimates")
    if estimates is None:
        return {}
    rows = estimates.filter((pl.col("table") == table) & (pl.col("attribute") == attribute))
    return {row["key"]: row for row in rows.iter_rows(named=True)}
