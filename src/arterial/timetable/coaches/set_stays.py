"""Coach sets that the works holds: how many are away on each day, and which trips they miss.

Main functions: :func:`count_sets_away` and :func:`list_set_stays`. A vehicle in the works is missed
by its pool; sets are made up anew from the coaches that are left, so that the sets away are the
coaches away over the coaches of a set, rounded up.
"""

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from arterial.clock import civil_to_epoch_s
from arterial.study import conform_table, empty_table

__all__ = ["SetStay", "WorkshopStays", "count_sets_away", "cut_spans", "list_set_stays"]

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SetStay:
    """A set that the works holds for a while.

    Parameters
    ----------
    from_s, until_s : int
        Begin of its first day, and of the day behind its last [s UTC since the study epoch].
    """

    from_s: int
    until_s: int


class WorkshopStays:
    """Hands sets that stand at home to the works, and gives them back.

    Parameters
    ----------
    stays : sequence of SetStay
        By begin.
    at_home : list of float
        Heap of the instants from which sets at home are ready; the workshop takes from it and puts
        back [s UTC since the study epoch].
    """

    def __init__(self, stays: Sequence[SetStay], at_home: list[float]) -> None:
        self._waiting = deque(stays)
        self._at_home = at_home
        self._is_begun = False
        self.held: list[float] = []

    def go_on_to(self, at_s: float) -> None:
        """Do all that is due by an instant; later calls name no earlier one.

        A set that comes in late stays as long as planned. What was over before the first call
        took place before it.
        """
        if not self._is_begun:
            self._waiting = deque(stay for stay in self._waiting if stay.until_s > at_s)
            self._is_begun = True
        while self._waiting and self._waiting[0].from_s <= at_s:
            self._give_back(self._waiting[0].from_s)
            if not self._at_home and self.held and self.held[0] <= at_s:
                self._give_back(self.held[0])
            if not self._at_home:
                break
            stay = self._waiting.popleft()
            enters_s = max(heapq.heappop(self._at_home), stay.from_s)
            heapq.heappush(self.held, enters_s + stay.until_s - stay.from_s)
        self._give_back(at_s)

    def _give_back(self, at_s: float) -> None:
        while self.held and self.held[0] <= at_s:
            heapq.heappush(self._at_home, heapq.heappop(self.held))


def count_sets_away(
    pools: pl.DataFrame, works_stays: pl.DataFrame, services: pl.DataFrame
) -> pl.DataFrame:
    """Table ``set_availability``, its departures still unknown: a row whenever a number changes.

    Parameters
    ----------
    pools : polars.DataFrame
        Table ``coach_pools``. Where a pool does not state how many coaches a set has, each vehicle
        counts as a set.
    works_stays : polars.DataFrame
        Table ``works_stays``; vehicles without a pool are passed over.
    services : polars.DataFrame
        Table ``coach_services``: only pools that work a service can lack a set.

    Returns
    -------
    polars.DataFrame
        Days on which a pool misses at least one set.
    """
    working = set(services["pool_id"].drop_nulls())
    rows: list[dict[str, Any]] = []
    for pool in pools.iter_rows(named=True):
        own = works_stays.filter(pl.col("coach_pool_id") == pool["pool_id"])
        if pool["pool_id"] in working:
            rows += [_describe(pool, span) for span in cut_spans(own)]
    if not rows:
        return empty_table("set_availability")
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return conform_table("set_availability", frame, fill_missing=True)


def list_set_stays(
    set_availability: pl.DataFrame, pool_id: str, zone: str, epoch: date
) -> tuple[SetStay, ...]:
    """Stays of single sets that add up to the sets away; the set longest away is back first.

    Parameters
    ----------
    set_availability : polars.DataFrame
        As :func:`count_sets_away` gives it.
    pool_id : str
        The pool.
    zone : str
        IANA zone of its depot, where days begin.
    epoch : date
        Study epoch.

    Returns
    -------
    tuple of SetStay
        By begin.
    """
    own = set_availability.filter(pl.col("pool_id") == pool_id).sort("from_day")
    open_from: list[date] = []
    found: list[tuple[date, date]] = []
    reached: date | None = None
    for row in own.iter_rows(named=True):
        if reached is not None and row["from_day"] > reached:
            found += [(begin, reached) for begin in open_from]
            open_from = []
        surplus = len(open_from) - row["sets_away"]
        found += [(begin, row["from_day"]) for begin in open_from[: max(0, surplus)]]
        open_from = open_from[max(0, surplus) :] + [row["from_day"]] * max(0, -surplus)
        reached = row["to_day"] + DAY
    found += [(begin, reached or begin) for begin in open_from]
    return tuple(
        SetStay(*(civil_to_epoch_s(day, "00:00", zone, epoch, allow_gap=True) for day in span))
        for span in sorted(found)
    )


def cut_spans(stays: pl.DataFrame) -> list[dict[str, Any]]:
    """Spans of days between which no vehicle comes or goes; those without any are left out.

    Parameters
    ----------
    stays : polars.DataFrame
        Rows of ``works_stays`` that count together.

    Returns
    -------
    list of dict
        First and last day, vehicles in the works, and their jobs, by first day.
    """
    records = stays.to_dicts()
    edges = sorted({r["from_day"] for r in records} | {r["to_day"] + DAY for r in records})
    spans = []
    for begin, end in pairwise(edges):
        inside = [r for r in records if r["from_day"] <= begin <= r["to_day"]]
        if inside:
            jobs = sorted({r["job_id"] for r in inside})
            spans.append(
                {"from_day": begin, "to_day": end - DAY, "vehicles_away": len(inside), "jobs": jobs}
            )
    return spans


def _describe(pool: Mapping[str, Any], span: Mapping[str, Any]) -> dict[str, Any]:
    """Row of a span; coaches that make up no whole set are missing as one."""
    away = -(-span["vehicles_away"] // (pool["coaches_per_set"] or 1))
    owned = pool["sets_owned"]
    return {
        "pool_id": pool["pool_id"],
        "from_day": span["from_day"],
        "to_day": span["to_day"],
        "vehicles_away": span["vehicles_away"],
        "sets_away": away,
        "sets_owned": owned,
        "sets_available": None if owned is None else max(0, owned - away),
        "job_ids": ";".join(span["jobs"]),
    }
