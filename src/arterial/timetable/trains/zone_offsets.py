"""Offsets of zones from UTC as arrays, so that clock faces of many trains are turned at once.

Main function: :func:`tabulate_offsets`; `arterial.timetable.trains.timing_kernel` reads them as
:mod:`arterial.clock` does one by one.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from arterial.clock import get_zone
from arterial.units import DAY_S

__all__ = ["ZoneOffsets", "tabulate_offsets"]


class ZoneOffsets(NamedTuple):
    """Offsets of zones and the instants at which they change.

    Attributes
    ----------
    first : (n_zones + 1,)
        First offset of each zone.
    from_s : (n_offsets,)
        Instant from which it holds [s UTC since the study epoch]; the first of a zone since ever.
    offset_s : (n_offsets,)
        Local time less UTC [s].
    """

    first: NDArray[np.int64]
    from_s: NDArray[np.int64]
    offset_s: NDArray[np.int64]


def tabulate_offsets(
    zones: Iterable[str], epoch: date, day_from: date, day_to: date
) -> ZoneOffsets:
    """Offsets of zones over a period.

    Parameters
    ----------
    zones : iterable of str
        IANA names, in the order in which they are numbered.
    epoch : date
        Study epoch.
    day_from, day_to : date
        First and last day, both included.

    Returns
    -------
    ZoneOffsets
        At least one offset a zone.

    Examples
    --------
    >>> spring = (date(2026, 3, 1), date(2026, 4, 1))
    >>> table = tabulate_offsets(["Europe/Berlin"], date(2026, 1, 1), *spring)
    >>> [int(offset) for offset in table.offset_s]
    [3600, 7200]
    """
    first, from_s, offset_s = [0], list[int](), list[int]()
    for name in zones:
        for instant_s, offset in _list_offsets(get_zone(name), epoch, day_from, day_to):
            from_s.append(instant_s)
            offset_s.append(offset)
        first.append(len(from_s))
    return ZoneOffsets(
        np.array(first, dtype=np.int64),
        np.array(from_s, dtype=np.int64),
        np.array(offset_s, dtype=np.int64),
    )


def _list_offsets(
    zone: ZoneInfo, epoch: date, day_from: date, day_to: date
) -> Iterator[tuple[int, int]]:
    """Instants of change with the offset after each; the first holds since ever."""
    start = datetime.combine(epoch, time(0), tzinfo=UTC)

    def offset_at(at_s: int) -> int:
        offset = zone.utcoffset((start + timedelta(seconds=at_s)).astimezone(zone))
        return 0 if offset is None else int(offset.total_seconds())

    before_s = (day_from - epoch).days * DAY_S
    offset = offset_at(before_s)
    yield -(1 << 60), offset
    for day in range((day_from - epoch).days + 1, (day_to - epoch).days + 2):
        at_s = day * DAY_S
        if offset_at(at_s) != offset:
            low_s, high_s = before_s, at_s
            while high_s - low_s > 1:
                middle_s = (low_s + high_s) // 2
                if offset_at(middle_s) == offset:
                    low_s = middle_s
                else:
                    high_s = middle_s
            offset = offset_at(at_s)
            yield high_s, offset
        before_s = at_s
