"""Which bay or trade next: what one more of a resource saves; main function `value_resources`."""

from dataclasses import replace
from typing import Final

import numpy as np

from arterial.exchange.scheduling import Schedule
from arterial.workshop.overhaul.building import BuiltWorks
from arterial.workshop.overhaul.results import count_used_slots, late_days
from arterial.workshop.portfolio import improve_schedule
from arterial.workshop.pricing import schedule_ends

__all__ = ["value_resources"]

MOST_TRIED: Final = 6
LEAST_SHARE: Final = 0.3


def _rank_resources(built: BuiltWorks, schedule: Schedule) -> list[int]:
    """Resources by the share of their slots in use up to the end, busiest first."""
    used = count_used_slots(built, schedule)
    end = max(schedule_ends(built.problem, schedule), default=0)
    capacity = np.array(built.problem.capacities, dtype=np.float64)
    share = used[:, :end].sum(axis=1) / np.maximum(1.0, capacity * max(1, end))
    ranked = sorted(range(len(share)), key=lambda number: (-share[number], number))
    return [number for number in ranked if share[number] >= LEAST_SHARE]


def value_resources(
    built: BuiltWorks, schedule: Schedule, *, seconds: float, seed: int, effort: int
) -> dict[str, float]:
    """Weighted days of lateness that one more unit of a resource would save.

    The works is scheduled again with one more unit, from the schedule at hand, with the same
    random numbers and the same effort for each resource. Without effort left to the schedule at
    hand the gain could be that of more searching: it is therefore searched once more unchanged,
    and only what goes beyond that counts.

    Parameters
    ----------
    built : BuiltWorks
        The works.
    schedule : Schedule
        Its schedule.
    seconds : float
        Wall time for all resources [s].
    seed, effort : int
        Seed, and rounds of search for each.

    Returns
    -------
    dict
        By resource id, for the busiest ones [d]; others were not tried.
    """
    tried = _rank_resources(built, schedule)[:MOST_TRIED]
    each_s = seconds / (len(tried) + 1)
    same = improve_schedule(built.problem, schedule, seconds=each_s, seed=seed, effort=effort)
    base = late_days(built, same)
    worth = {}
    for number in tried:
        capacities = tuple(c + (r == number) for r, c in enumerate(built.problem.capacities))
        wider = replace(built.problem, capacities=capacities)
        found = improve_schedule(wider, same, seconds=each_s, seed=seed, effort=effort)
        worth[built.resource_ids[number]] = base - late_days(built, found)
    return worth
