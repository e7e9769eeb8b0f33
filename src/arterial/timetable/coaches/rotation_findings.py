"""Findings on coach sets: sets that are not back, tight turns, berths a year.

Main functions: :func:`find_late_sets`, :func:`find_tight_turns` and :func:`find_berth_faults`.
"""

import heapq
from collections.abc import Iterator, Sequence
from typing import Final

from arterial.timetable.coaches.coach_pools import PoolView, TurnRisk, assess_turn
from arterial.timetable.coaches.published import write_duration
from arterial.timetable.coaches.set_stays import WorkshopStays
from arterial.timetable.coaches.set_turns import PoolTrip, Rotation, Turn, rotate_trips
from arterial.timetable.coaches.trips import (
    BLOCK,
    NOTE,
    WARN,
    Finding,
    write_count,
    write_day,
)
from arterial.units import DAY_S, MINUTE_S

__all__ = [
    "TIGHT_TURN",
    "find_berth_faults",
    "find_late_sets",
    "find_tight_turns",
]

MATERIAL_CHANCE: Final = 0.05
"""Chance of a lost turn from which it is a warning [1]."""

TIGHT_TURN: Final = ":tight_turn:"
"""Stands in the ids of findings of tight turns, between pool and place."""

NEGLIGIBLE_CHANCE: Final = 0.01
"""Chance in the harsh case below which a turn is not worth a word [1]."""


def find_late_sets(view: PoolView) -> Iterator[Finding]:
    """Find the departures for which none of the sets there are is back.

    The sets owned work the trips in order; a departure without a set is dropped, so that its set
    is missed at the far end too. The works takes the set that has stood at home longest, or the
    next to come home, and keeps it as long as planned.

    Parameters
    ----------
    view : PoolView
        The pool; nothing is found if the number of sets is unknown.

    Yields
    ------
    Finding
        Kind ``set_not_back``.
    """
    if view.sets_owned is None:
        return
    ready = _place_sets(view, view.sets_owned)
    workshop = WorkshopStays(view.stays, ready.setdefault(view.home_point, []))
    for trip in sorted(view.trips, key=lambda trip: (trip.departure.at_s, trip.trip_id)):
        workshop.go_on_to(trip.departure.at_s)
        waiting = ready.setdefault(trip.from_point, [])
        if waiting and waiting[0] <= trip.departure.at_s:
            heapq.heappop(waiting)
            back_s = trip.arrival.at_s + view.turn_s.get(trip.to_point, 0.0)
            heapq.heappush(ready.setdefault(trip.to_point, []), back_s)
            continue
        coming = workshop.held if trip.from_point == view.home_point else []
        yield _late_set(view, trip, [*waiting, *coming], held_count=len(workshop.held))


def find_tight_turns(view: PoolView, rotation: Rotation) -> Iterator[Finding]:
    """Find the tightest turn at each place and what a lost turn costs.

    Parameters
    ----------
    view : PoolView
        The pool.
    rotation : Rotation
        Its turns.

    Yields
    ------
    Finding
        Kind ``set_not_back``; a warning from a chance of `MATERIAL_CHANCE`.
    """
    tightest: dict[str, tuple[float, Turn]] = {}
    for turn in (turn for turns in rotation.sets for turn in turns):
        risk = assess_turn(view, turn)
        if risk is None or (view.lost is not None and risk.chance is None):
            continue
        known = tightest.get(turn.trip.to_point)
        if known is None or risk.slack_h < known[0]:
            tightest[turn.trip.to_point] = (risk.slack_h, turn)
    for place, (_, turn) in sorted(tightest.items()):
        risk = assess_turn(view, turn)
        if risk is not None and (risk.chance_high or risk.chance or 0.0) >= NEGLIGIBLE_CHANCE:
            yield _tight_turn(view, place, turn, risk)


def find_berth_faults(view: PoolView) -> Iterator[Finding]:
    """State the berths a year of each service, and where more are sold than the coaches have.

    Parameters
    ----------
    view : PoolView
        The pool.

    Yields
    ------
    Finding
        Kind ``berths``.
    """
    for service in view.services:
        if service.berths_offered is None:
            continue
        per_year = service.berths_offered * service.departures_per_year
        has_too_few = (
            service.berths_in_coaches is not None
            and service.berths_offered > service.berths_in_coaches
        )
        yield Finding(
            finding_id=f"{view.pool_id}:berths:{service.service_id}",
            service_id=service.service_id,
            trip_date=None,
            kind="berths",
            severity=WARN if has_too_few else NOTE,
            train_id=None,
            point_id=service.from_point,
            cause=f"{service.name} offers {service.berths_offered} berths on "
            f"{service.departures_per_year} departures a year, {per_year} berths a year in this "
            "direction."
            + (f" Its coaches have {service.berths_in_coaches}." if has_too_few else ""),
            consequence="More berths are sold than there are."
            if has_too_few
            else "No more passengers than that can travel through in a year.",
            cure="Correct berths_offered, coaches_count or the vehicle type."
            if has_too_few
            else "A second coach or more departures; a seat plan would settle the figure.",
        )


def _place_sets(view: PoolView, sets_owned: int) -> dict[str, list[float]]:
    """Stand the sets away as far as trips begin there without one, and the others at home."""
    beginning = sorted(
        (turns[0].trip.from_point for turns in rotate_trips(view.trips, view.turn_s).sets),
        key=lambda place: place == view.home_point,
    )
    ready: dict[str, list[float]] = {}
    for number in range(sets_owned):
        place = beginning[number] if number < len(beginning) else view.home_point
        ready.setdefault(place, []).append(float("-inf"))
    return ready


def _late_set(
    view: PoolView, trip: PoolTrip, coming_s: Sequence[float], *, held_count: int
) -> Finding:
    place = view.name_point(trip.from_point)
    if coming_s:
        late = write_duration((min(coming_s) - trip.departure.at_s) / MINUTE_S)
        consequence = f"The departure is dropped, or leaves {late} late with the next set back."
    else:
        consequence = "The departure is dropped; no set is on its way there."
    return Finding(
        finding_id=f"{trip.trip_id}:set_not_back",
        service_id=trip.service_id,
        trip_date=trip.trip_date,
        kind="set_not_back",
        severity=BLOCK,
        train_id=None,
        point_id=trip.from_point,
        cause=f"At {view.write_instant(trip.departure.at_s)} none of the "
        f"{write_count(view.sets_owned or 0, 'set')} of {view.name} stands ready at {place}"
        + (f"; the works has {held_count} of them." if held_count else "."),
        consequence=consequence,
        cure="One more set, a shorter stay at the far end, "
        + ("an overhaul at another time, " if held_count else "")
        + "or fewer departures.",
    )


def _tight_turn(view: PoolView, place: str, turn: Turn, risk: TurnRisk) -> Finding:
    name = view.name_point(place)
    missed_s = turn.next_trip.departure.at_s if turn.next_trip else 0
    later = [
        trip.departure.at_s
        for trip in view.trips
        if trip.from_point == place and trip.departure.at_s > missed_s
    ]
    wait = (
        f"{(min(later) - missed_s) / DAY_S:.0f} days for the next departure"
        if later
        else "beyond the horizon for the next departure"
    )
    chance = _write_chance(risk.chance)
    low, high = _write_chance(risk.chance_low), _write_chance(risk.chance_high)
    told = "chance" if view.lost is None else "simulated chance"
    is_material = (risk.chance or 0.0) >= MATERIAL_CHANCE
    return Finding(
        finding_id=f"{view.pool_id}{TIGHT_TURN}{place}",
        service_id=turn.trip.service_id,
        trip_date=None,
        kind="set_not_back",
        severity=WARN if is_material else NOTE,
        train_id=None,
        point_id=place,
        cause=f"The tightest turn at {name} ({_name_trip(view, turn.trip)}) {_write_slack(risk)}; "
        f"the {told} that it is lost is {chance} ({low} to {high}).",
        consequence="A coach that misses it leaves with a later run of its host; where that is too "
        f"late, a spare takes its trip or nobody, and the coach waits {wait}.",
        cure=f"A longer planned stay or a shorter servicing at {name}; observed "
        "arrival delays would settle the chance.",
    )


def _name_trip(view: PoolView, trip: PoolTrip) -> str:
    """The trip that a set comes from, by its service and day."""
    names = {service.service_id: service.name for service in view.services}
    name = names.get(trip.service_id, trip.service_id)
    day = "" if trip.trip_date is None else f" of {write_day(trip.trip_date)}"
    return f"off the departure {name}{day}"


def _write_slack(risk: TurnRisk) -> str:
    if risk.slack_h < 0:
        return f"is {write_duration(-risk.slack_h * 60)} too short"
    return f"has {write_duration(risk.slack_h * 60)} of slack"


def _write_chance(chance: float | None) -> str:
    return "unknown" if chance is None else f"{100 * chance:.0f} %"
