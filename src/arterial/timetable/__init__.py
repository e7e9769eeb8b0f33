"""Calendars, host trains, through coaches, border procedures and coach-set rotations.

Main functions: :func:`resolve_trips` and :func:`rotate_coaches`; every time inside is an instant in
seconds UTC, and civil time appears only in the texts of result tables (architecture §4).
"""

from arterial.timetable.coaches.coach_services import TimetableOptions
from arterial.timetable.coaches.itineraries import ResolvedTrips, resolve_trips
from arterial.timetable.coaches.published import (
    DurationReading,
    DurationVerdict,
    compare_stated_duration,
    list_arrival_days,
)
from arterial.timetable.coaches.rotations import RotatedCoaches, rotate_coaches
from arterial.timetable.trains.calendars import resolve_calendar
from arterial.timetable.trains.frequencies import FrequencyReading, read_frequency

__all__ = [
    "DurationReading",
    "DurationVerdict",
    "FrequencyReading",
    "ResolvedTrips",
    "RotatedCoaches",
    "TimetableOptions",
    "compare_stated_duration",
    "list_arrival_days",
    "read_frequency",
    "resolve_calendar",
    "resolve_trips",
    "rotate_coaches",
]
