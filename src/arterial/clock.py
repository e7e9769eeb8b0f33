"""UTC inside, civil time at the edges: the only place where clock faces become instants.

Main functions: :func:`civil_to_instant` and :func:`elapsed_s`. Zone rules come from the IANA
database through :mod:`zoneinfo` ([IANA tzdb]); wall times are never subtracted (architecture §4).
"""

import difflib
import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from arterial.errors import LimitError
from arterial.units import DAY_S, MINUTE_S

__all__ = [
    "MAXIMUM_JOURNEY_DAYS",
    "CivilTime",
    "CivilTimeKind",
    "civil_to_epoch_s",
    "civil_to_instant",
    "classify_civil_time",
    "clock_face_difference_s",
    "elapsed_s",
    "from_epoch_s",
    "get_zone",
    "local_datetime",
    "local_day",
    "local_text",
    "parse_clock_time",
    "to_epoch_s",
    "utc_offset_min",
]


MAXIMUM_JOURNEY_DAYS: Final = 40
"""Longest journey that is accepted [d]; anything longer is taken for a slip in a date."""

_CLOCK_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


class CivilTimeKind(StrEnum):
    """How often a clock face shows on a day: once, twice (clocks set back) or never."""

    ORDINARY = "ordinary"
    AMBIGUOUS = "ambiguous"
    NONEXISTENT = "nonexistent"


@dataclass(frozen=True, slots=True)
class CivilTime:
    """A clock face: day, local time and zone.

    Parameters
    ----------
    day : date
        Local calendar day.
    clock_time : str
        Local time, ``HH:MM`` or ``HH:MM:SS``.
    zone : str
        IANA zone name.
    fold : int
        0 for the first and 1 for the second showing of an ambiguous clock face.

    Examples
    --------
    >>> CivilTime(date(2026, 3, 12), "17:26", "Asia/Shanghai").instant
    datetime.datetime(2026, 3, 12, 9, 26, tzinfo=datetime.timezone.utc)
    """

    day: date
    clock_time: str
    zone: str
    fold: int = 0

    @property
    def instant(self) -> datetime:
        """The instant, in UTC."""
        return civil_to_instant(self.day, self.clock_time, self.zone, fold=self.fold)


@lru_cache(maxsize=256)
def get_zone(name: str) -> ZoneInfo:
    """Zone of the IANA database by its name; a :class:`LimitError` suggests near names.

    Examples
    --------
    >>> get_zone("Asia/Pyongyang").key
    'Asia/Pyongyang'
    """
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, sorted(zoneinfo.available_timezones()), n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        message = f"'{name}' is not a zone of the IANA database.{hint}"
        raise LimitError(message) from None


@lru_cache(maxsize=4096)
def parse_clock_time(text: str) -> time:
    """Time of day from ``HH:MM`` or ``HH:MM:SS``, hours 0 to 23.

    Parameters
    ----------
    text : str
        The clock face; an operating day beyond midnight is counted in days, not in hours over 23.

    Returns
    -------
    time
        Without zone.

    Examples
    --------
    >>> parse_clock_time("17:26")
    datetime.time(17, 26)
    """
    match = _CLOCK_TIME.fullmatch(text.strip())
    if match is None:
        message = f"'{text}' is not a clock time; write HH:MM or HH:MM:SS with hours from 0 to 23."
        raise LimitError(message)
    return time(int(match[1]), int(match[2]), int(match[3] or 0))


def classify_civil_time(day: date, clock_time: str, zone: str) -> CivilTimeKind:
    """Whether a clock face shows once, twice or never on that day.

    A face in a gap does not survive the way to UTC and back; a repeated face has two offsets.

    Parameters
    ----------
    day : date
        Local day.
    clock_time : str
        ``HH:MM`` or ``HH:MM:SS``.
    zone : str
        IANA zone.

    Returns
    -------
    CivilTimeKind
        Ordinary, ambiguous or nonexistent.

    Examples
    --------
    >>> classify_civil_time(date(2015, 8, 14), "23:45", "Asia/Pyongyang").value
    'ambiguous'
    >>> classify_civil_time(date(2018, 5, 4), "23:45", "Asia/Pyongyang").value
    'nonexistent'
    """
    local = datetime.combine(day, parse_clock_time(clock_time), tzinfo=get_zone(zone))
    back = local.astimezone(UTC).astimezone(local.tzinfo)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        return CivilTimeKind.NONEXISTENT
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        return CivilTimeKind.AMBIGUOUS
    return CivilTimeKind.ORDINARY


def civil_to_instant(
    day: date, clock_time: str, zone: str, *, fold: int = 0, allow_gap: bool = False
) -> datetime:
    """Instant at which a clock face shows, in UTC.

    Parameters
    ----------
    day : date
        Local day.
    clock_time : str
        ``HH:MM`` or ``HH:MM:SS``.
    zone : str
        IANA zone.
    fold : int
        0 for the first and 1 for the second showing of an ambiguous clock face.
    allow_gap : bool
        True to read a clock face that never showed with the offset before the change, as a train
        that keeps its pace through the change would; otherwise it is refused.

    Returns
    -------
    datetime
        Aware, in UTC.

    Raises
    ------
    LimitError
        If the clock face never showed on that day and `allow_gap` is False.

    Examples
    --------
    >>> civil_to_instant(date(2024, 12, 16), "12:00", "Asia/Pyongyang").hour
    3
    """
    if not allow_gap and classify_civil_time(day, clock_time, zone) is CivilTimeKind.NONEXISTENT:
        message = (
            f"{clock_time} on {day} never showed on the clocks of {zone}: they were set forward. "
            f"State a time before or after the change."
        )
        raise LimitError(message)
    local = datetime.combine(day, parse_clock_time(clock_time), tzinfo=get_zone(zone))
    return local.replace(fold=fold).astimezone(UTC)


def civil_to_epoch_s(
    day: date, clock_time: str, zone: str, epoch: date, *, allow_gap: bool = False
) -> int:
    """Seconds from the study epoch to a clock face.

    Parameters
    ----------
    day : date
        Local day.
    clock_time : str
        ``HH:MM`` or ``HH:MM:SS``.
    zone : str
        IANA zone.
    epoch : date
        Study epoch, midnight UTC.
    allow_gap : bool
        As in :func:`civil_to_instant`.

    Returns
    -------
    int
        Instant [s].

    Examples
    --------
    >>> civil_to_epoch_s(date(2025, 1, 2), "09:00", "Asia/Pyongyang", date(2025, 1, 1))
    86400
    """
    return to_epoch_s(civil_to_instant(day, clock_time, zone, allow_gap=allow_gap), epoch)


def to_epoch_s(instant: datetime, epoch: date) -> int:
    """Whole seconds UTC from the study epoch to an instant.

    Parameters
    ----------
    instant : datetime
        Must know its zone.
    epoch : date
        Study epoch, midnight UTC.

    Returns
    -------
    int
        Instant [s].

    Raises
    ------
    LimitError
        If the instant has no zone.

    Examples
    --------
    >>> to_epoch_s(datetime(2025, 1, 1, 1, tzinfo=UTC), date(2025, 1, 1))
    3600
    """
    if instant.tzinfo is None:
        message = f"{instant} has no zone, so it is not an instant; give it the zone of its place."
        raise LimitError(message)
    try:
        return int((instant.astimezone(UTC) - _epoch_midnight(epoch)).total_seconds())
    except OverflowError:
        message = f"{instant} lies outside the calendar; give a day of this millennium."
        raise LimitError(message) from None


def from_epoch_s(at_s: int, epoch: date) -> datetime:
    """Instant in UTC from seconds since the study epoch.

    Examples
    --------
    >>> from_epoch_s(3600, date(2025, 1, 1)).isoformat()
    '2025-01-01T01:00:00+00:00'
    """
    return _epoch_midnight(epoch) + timedelta(seconds=int(at_s))


def local_datetime(at_s: int, epoch: date, zone: str) -> datetime:
    """Aware local time of an instant in a zone.

    Examples
    --------
    >>> local_datetime(0, date(2025, 1, 1), "Asia/Omsk").isoformat()
    '2025-01-01T06:00:00+06:00'
    """
    return from_epoch_s(at_s, epoch).astimezone(get_zone(zone))


def local_day(at_s: int, epoch: date, zone: str) -> date:
    """Calendar day on the local clock at an instant.

    Examples
    --------
    >>> local_day(-1, date(2025, 1, 1), "Asia/Tokyo")
    datetime.date(2025, 1, 1)
    """
    return local_datetime(at_s, epoch, zone).date()


def local_text(at_s: int, epoch: date, zone: str) -> str:
    """Local day and time of an instant as ``YYYY-MM-DD HH:MM``, seconds dropped.

    Examples
    --------
    >>> local_text(10_800, date(2024, 12, 16), "Asia/Pyongyang")
    '2024-12-16 12:00'
    """
    return local_datetime(at_s, epoch, zone).isoformat(sep=" ")[:16]


def utc_offset_min(at_s: int, epoch: date, zone: str) -> int:
    """Minutes by which the local clock is ahead of UTC at an instant.

    Examples
    --------
    >>> utc_offset_min(0, date(2016, 1, 1), "Asia/Pyongyang")
    510
    """
    offset = local_datetime(at_s, epoch, zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / MINUTE_S)


def elapsed_s(start: CivilTime, end: CivilTime) -> int:
    """Elapsed seconds between two clock faces, whatever their zones.

    Both faces become instants first, so a change of zone or of offset on the way is counted.

    Parameters
    ----------
    start, end : CivilTime
        Departure and arrival as the clocks of their places show them.

    Returns
    -------
    int
        Elapsed time [s]; negative if `end` comes first.

    Raises
    ------
    LimitError
        If they lie more than `MAXIMUM_JOURNEY_DAYS` apart.

    Examples
    --------
    Beijing to Pyongyang takes 23 h 41 min though the clocks move by 24 h 41 min.

    >>> start = CivilTime(date(2026, 3, 12), "17:26", "Asia/Shanghai")
    >>> elapsed_s(start, CivilTime(date(2026, 3, 13), "18:07", "Asia/Pyongyang")) / 60
    1421.0
    """
    elapsed = int((end.instant - start.instant).total_seconds())
    if abs(elapsed) > MAXIMUM_JOURNEY_DAYS * DAY_S:
        message = (
            f"From {start.day} to {end.day} is over {MAXIMUM_JOURNEY_DAYS} days, longer than any "
            f"journey accepted; check the two dates."
        )
        raise LimitError(message)
    return elapsed


def clock_face_difference_s(start: CivilTime, end: CivilTime) -> int:
    """Difference of the two clock faces with their zones ignored: the usual slip in print.

    Parameters
    ----------
    start, end : CivilTime
        Departure and arrival as the clocks of their places show them.

    Returns
    -------
    int
        Difference [s]; it is an elapsed time only if both offsets are the same.

    Examples
    --------
    >>> start = CivilTime(date(2026, 3, 12), "17:26", "Asia/Shanghai")
    >>> clock_face_difference_s(start, CivilTime(date(2026, 3, 13), "18:07", "Asia/Pyongyang")) / 60
    1481.0
    """
    faces = [
        datetime.combine(civil.day, parse_clock_time(civil.clock_time), tzinfo=UTC)
        for civil in (start, end)
    ]
    return int((faces[1] - faces[0]).total_seconds())


@lru_cache(maxsize=64)
def _epoch_midnight(epoch: date) -> datetime:
    return datetime(epoch.year, epoch.month, epoch.day, tzinfo=UTC)
