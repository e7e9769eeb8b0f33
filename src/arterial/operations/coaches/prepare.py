"""From the tables of a study to the arrays of the simulation of through coaches.

Main functions: :func:`prepare_coaches` and :func:`renew_assets`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock import MAXIMUM_JOURNEY_DAYS
from arterial.errors import StudyError
from arterial.operations.coaches.arrays import NEVER, PoolArrays, World
from arterial.operations.coaches.asset_sources import (
    count_open_failures,
    enter_assets,
)
from arterial.operations.coaches.causes import CauseBook
from arterial.operations.coaches.disturbance_sources import read_disturbances
from arterial.operations.coaches.host_rows import HostBook, HostDays
from arterial.operations.coaches.model import CoachModel, CoachOptions
from arterial.operations.coaches.procedure_rows import ProcedureBook, read_kinds
from arterial.operations.coaches.rate_ranges import (
    list_delay_ranges,
    list_rate_ranges,
    list_turn_ranges,
    list_wait_ranges,
)
from arterial.operations.coaches.trip_rows import (
    DatedTrip,
    TripBooks,
    TripRows,
    list_dated_trips,
    make_trip_rows,
)
from arterial.study import empty_table
from arterial.timetable.coaches.coach_services import Timetable, read_timetable
from arterial.timetable.coaches.set_stays import list_set_stays
from arterial.timetable.coaches.set_turns import PoolTrip, rotate_trips
from arterial.timetable.trains.train_plans import TimeRange
from arterial.units import DAY_S

__all__ = ["prepare_coaches", "renew_assets"]

PLANNED_SPARES: Final = -1
ANNOUNCED: Final = ("service_id", "announced_duration_h", "announced_arrival_day")
MARGIN_DAYS: Final = 2


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
        ``trips``, ``section_runs`` and ``link_times``; ``crossing_delays`` and ``host_delays``
        (quantiles from the simulation of the line) and ``set_availability`` where there are any.
    states : polars.DataFrame
        Table ``asset_states``; it also sets the rates at which failures are looked for, so that
        :func:`renew_assets` only takes failures away.
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
    StudyError
        If no trip of the span can be simulated.
    """
    timetable = read_timetable(tables, resolved["link_times"], options.timetable)
    first = options.simulate_from or options.timetable.horizon_from
    last = options.simulate_to or options.timetable.horizon_to
    found = list_dated_trips(timetable, resolved["trips"], first, last)
    dated = [trip for trip in found if trip.is_timed]
    if not dated:
        message = f"No trip from {first} to {last} has known times: nothing can be simulated."
        raise StudyError(message)
    book = CauseBook()
    timetable_source = book.add("timetable", "other", "Timetable not published")
    assets = enter_assets(states, seasons, tables, book)
    disturbances = read_disturbances(_get(tables, "disturbances"), book)
    hosts = HostBook(timetable, resolved, tables, book, assets, disturbances)
    for train_id, days in list_host_days(timetable, dated).items():
        hosts.enter(train_id, days)
    procedures = ProcedureBook(
        book,
        read_kinds(_get(tables, "procedures")),
        [item for item in disturbances if item.is_at_handover],
        _list_span(dated, options),
        options.timetable.epoch,
    )
    known = {**tables, "set_availability": _get(resolved, "set_availability")}
    rows = make_trip_rows(dated, TripBooks(timetable, hosts, procedures, book, known))
    world = _make_world(book, hosts, procedures, rows, options, timetable_source)
    nodes, path = book.order_nodes()
    times = hosts.times
    return CoachModel(
        options=options,
        world=world._replace(path=path),
        pools=_make_pools(tables, dated, rows, options, known["set_availability"]),
        low_s=times[:, 0].copy(),
        high_s=times[:, 2].copy(),
        list_base=hosts.hazards,
        hosts=tuple(hosts.blocks),
        rates=tuple(list_rate_ranges(assets, disturbances, tables)),
        turns=tuple(list_turn_ranges(tables, rows)),
        delays=tuple(list_delay_ranges(disturbances, tables)),
        waits=tuple(list_wait_ranges(tables, rows)),
        nodes=nodes,
        trips=rows.trip_table,
        legs=rows.leg_table,
        events=rows.event_table,
        services=tables["coach_services"].select(ANNOUNCED),
        groups=rows.groups,
        pool_ids=tuple(tables["coach_pools"]["pool_id"]),
        asset_ids=assets.asset_ids,
        asset_hazards=assets.hazard,
        left_out=tuple(trip.trip_id for trip in found if not trip.is_timed),
    )


def renew_assets(model: CoachModel, states: pl.DataFrame) -> CoachModel:
    """The same model with some assets failing less often; no chance is shifted by it.

    Every asset keeps the occasions on which it may fail, and fails on those whose number is below
    its new rate over its old one. A rate above the old one counts as the old one.

    Parameters
    ----------
    model : CoachModel
        Model as it is.
    states : polars.DataFrame
        Table ``asset_states`` with assets as if renewed.

    Returns
    -------
    CoachModel
        With fewer failures.
    """
    factor = model.world.sources.factor.copy()
    leaves = model.nodes["cause_id"].to_list()
    sources = {leaves[path[0]]: number for number, path in enumerate(model.world.path)}
    base = dict(zip(model.asset_ids, model.asset_hazards.tolist(), strict=True))
    for row in states.iter_rows(named=True):
        source = sources.get(f"asset:{row['asset_id']}")
        if source is not None and base.get(row["asset_id"], 0.0) > 0:
            factor[source] = min(1.0, count_open_failures(row) / base[row["asset_id"]])
    changed = model.world.sources._replace(factor=factor)
    return replace(model, world=model.world._replace(sources=changed))


def list_host_days(timetable: Timetable, dated: Sequence[DatedTrip]) -> dict[str, HostDays]:
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


def _make_world(
    book: CauseBook,
    hosts: HostBook,
    procedures: ProcedureBook,
    rows: TripRows,
    options: CoachOptions,
    timetable_source: int,
) -> World:
    """Arrays at the best values."""
    arrays = hosts.make_arrays()
    epoch = options.timetable.epoch
    first_day = int(arrays.run_midnight_s.min() // DAY_S) - MARGIN_DAYS
    last_day = int(arrays.run_midnight_s.max() // DAY_S) + 2 * MAXIMUM_JOURNEY_DAYS
    months = [
        (epoch + timedelta(days=number)).month - 1 for number in range(first_day, last_day + 1)
    ]
    return World(
        hosts=arrays,
        sources=book.make_sources(),
        procedures=procedures.make_arrays(),
        legs=rows.legs,
        trips=rows.trips,
        at_s=hosts.times[:, 1].copy(),
        month=np.array(months, np.int64),
        first_day=first_day,
        longest_wait_s=options.timetable.catch_up_days * DAY_S,
        samples_steps=int(options.samples_steps),
        timetable_source=timetable_source,
        path=np.empty((0, 4), np.int64),
    )


def _make_pools(
    tables: Mapping[str, pl.DataFrame],
    dated: Sequence[DatedTrip],
    rows: TripRows,
    options: CoachOptions,
    away: pl.DataFrame,
) -> dict[int, PoolArrays]:
    """Coach sets at the start, for the planned and each tried number of spare sets.

    The fewest sets that the timetable needs stand where their first trip begins, spares at home.
    What the works holds is taken from these, by the table ``set_availability``.
    """
    regular: list[tuple[int, int]] = []
    homes: list[tuple[int, int, int]] = []
    places = dict(zip(rows.trip_table["from_point"], rows.trips.from_place.tolist(), strict=True))
    places |= dict(zip(rows.trip_table["to_point"], rows.trips.to_place.tolist(), strict=True))
    turns = dict(
        zip(
            zip(rows.trips.pool.tolist(), rows.trip_table["to_point"], strict=True),
            rows.trips.turn_s.tolist(),
            strict=True,
        )
    )
    for number, pool in enumerate(tables["coach_pools"].iter_rows(named=True)):
        of_pool = [
            PoolTrip(
                trip.trip_id, trip.service.service_id, row["from_point"], row["to_point"],
                TimeRange(*(trip.departure_s,) * 3), TimeRange(*(trip.arrival_s,) * 3),
            )
            for trip, row in zip(dated, rows.trip_table.iter_rows(named=True), strict=True)
            if row["pool"] == number
        ]  # fmt: skip
        turn_s = {point: float(value) for (of, point), value in turns.items() if of == number}
        sets = rotate_trips(of_pool, turn_s).sets
        regular += [(number, places[turns_of_set[0].trip.from_point]) for turns_of_set in sets]
        home = places.get(pool["home_point"], len(places))
        homes.append((number, home, pool["spare_sets"] or 0))
    stays = make_stays(tables, rows, homes, away, options.timetable.epoch)
    found = {}
    for spares in (PLANNED_SPARES, *options.spare_sets):
        more = [
            (number, home)
            for number, home, planned in homes
            for _ in range(planned if spares == PLANNED_SPARES else spares)
        ]
        rows_of_sets = np.array([*regular, *more], np.int64).reshape(-1, 2)
        ready = np.full(len(rows_of_sets), NEVER, np.int64)
        found[spares] = PoolArrays(
            rows_of_sets[:, 0].copy(), rows_of_sets[:, 1].copy(), ready, *stays
        )
    return found


def make_stays(
    tables: Mapping[str, pl.DataFrame],
    rows: TripRows,
    homes: Sequence[tuple[int, int, int]],
    away: pl.DataFrame,
    epoch: date,
) -> list[NDArray[np.int64]]:
    """Pool, home, begin and end of each stay in the works, by begin; `homes` as of the pools."""
    points = tables["operational_points"]
    zones = dict(zip(points["point_id"], points["zone"], strict=True))
    found: list[tuple[int, int, int, int]] = []
    for (number, home, _), pool in zip(
        homes, tables["coach_pools"].iter_rows(named=True), strict=True
    ):
        of_pool = rows.trips.best_departure_s[rows.trips.pool == number]
        held = list_set_stays(away, pool["pool_id"], zones[pool["home_point"]], epoch)
        # What is over before the first trip took place before the sets were laid out.
        found += [
            (stay.from_s, number, home, stay.until_s)
            for stay in held
            if len(of_pool) and stay.until_s > of_pool.min()
        ]
    columns = np.array(sorted(found), np.int64).reshape(-1, 4)
    return [columns[:, place].copy() for place in (1, 2, 0, 3)]


def _get(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    found = tables.get(name)
    return empty_table(name) if found is None else found
