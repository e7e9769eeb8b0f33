"""What can hit trains: chances for each run and event, days that hit all, and failing assets.

`make_hazards` joins them into arrays. Chance is drawn at the *dominating* rates kept here and
accepted with a factor <= 1 for each source: a renewed asset fails on a subset of the occasions on
which it failed before. A source is a row of a table: an asset or a disturbance.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.operations.line.plan import OperationsPlan

__all__ = [
    "DayHit",
    "Hazards",
    "Horizon",
    "RunChance",
    "Shape",
    "Source",
    "hash_name",
    "make_hazards",
]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Rows = NDArray[np.void]


class Shape(IntEnum):
    """Distribution of a delay."""

    TRIANGULAR = 0
    UNIFORM = 1
    LOGNORMAL = 2
    EXPONENTIAL = 3


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that causes delay.

    Parameters
    ----------
    source_id : str
        Asset or disturbance.
    shape : Shape
        Distribution of the delay of a train that it hits.
    size : tuple of float
        Low, mode, high; low, high, -; median, log-deviation, -; mean, -, - [s].
    day_rate : float
        Chance that it comes about on a day; for those that hit all trains of a day.
    group : str
        Sources of one group come about on the same days.
    rate_per_s : float
        Dominating rate of failures in time, for assets [1/s].
    step : int
        Step on which the asset lies; -1 = no asset.
    repair_median_s, repair_sigma : float
        Repair time, lognormal [s], [1].
    closes : bool
        Whether the line is closed until the repair; else each train that passes is delayed.
    """

    source_id: str
    shape: Shape = Shape.TRIANGULAR
    size: tuple[float, float, float] = (0.0, 0.0, 0.0)
    day_rate: float = 0.0
    group: str = ""
    rate_per_s: float = 0.0
    step: int = -1
    repair_median_s: float = 0.0
    repair_sigma: float = 0.0
    closes: bool = False


class RunChance(NamedTuple):
    """Mean number of times that a source hits a run at an event."""

    event: int
    source: int
    mean: float


class DayHit(NamedTuple):
    """Event at which a source hits a run on a day on which it comes about."""

    event: int
    source: int
    day: int


class Horizon(NamedTuple):
    """Between which instants assets can fail [s]."""

    from_s: int
    to_s: int


class Hazards(NamedTuple):
    """Chances as arrays of rows.

    ``runs`` (n_runs + 1,): key, item_first, hit_first into ``items`` (event, source, total: means
    added up within a run) and ``hits`` (event, source, day). ``steps`` (n_steps + 1,): key, first
    into ``assets`` (source, total: rates added up within a step [1/s]). ``horizon`` (2,) [s].
    ``sources``: shape, low, middle, high, day_rate, group_key, repair_median, repair_sigma, closes.
    """

    runs: Rows
    items: Rows
    hits: Rows
    steps: Rows
    assets: Rows
    horizon: Integers
    sources: Rows


def hash_name(name: str) -> int:
    """Number that stands for a name, the same everywhere."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def make_hazards(
    plan: OperationsPlan,
    sources: Sequence[Source],
    *,
    chances: Sequence[RunChance] = (),
    hits: Sequence[DayHit] = (),
    horizon: Horizon | None = None,
    step_ids: Sequence[str] = (),
) -> Hazards:
    """Chances of a plan as arrays.

    Parameters
    ----------
    plan : OperationsPlan
        The plan.
    sources : sequence of Source
        What causes delay, ``(n_sources,)``.
    chances : sequence of RunChance
        Mean numbers at events.
    hits : sequence of DayHit
        Where days hit runs.
    horizon : Horizon
        Between which instants assets fail; never if left out.
    step_ids : sequence of str
        Names of steps, on which chance hangs; their numbers if left out.

    Returns
    -------
    Hazards
        The arrays.
    """
    steps = plan.layout.step_tracks.size
    items, rows = sorted(chances), sorted(hits)
    assets = sorted(
        (source.step, number) for number, source in enumerate(sources) if source.step >= 0
    )
    first = plan.events.first
    item_first = np.searchsorted([item.event for item in items], first)
    step_first = np.searchsorted([step for step, _ in assets], np.arange(steps + 1))
    names = list(step_ids) or [str(step) for step in range(steps)]
    run_keys = [hash_name(run.run_id) for run in plan.runs]
    return Hazards(
        runs=_make_rows(
            key=[*run_keys, 0],
            item_first=item_first,
            hit_first=np.searchsorted([row.event for row in rows], first),
        ),
        items=_make_rows(
            event=[item.event for item in items],
            source=[item.source for item in items],
            total=_add_up([item.mean for item in items], item_first),
        ),
        hits=_make_rows(
            event=[row.event for row in rows],
            source=[row.source for row in rows],
            day=[row.day for row in rows],
        ),
        steps=_make_rows(key=[*map(hash_name, names), 0], first=step_first),
        assets=_make_rows(
            source=[number for _, number in assets],
            total=_add_up([sources[number].rate_per_s for _, number in assets], step_first),
        ),
        horizon=np.array(horizon or (0, 0), dtype=np.int64),
        sources=_list_sources(sources),
    )


def _list_sources(sources: Sequence[Source]) -> Rows:
    """Rows of the sources."""
    return _make_rows(
        shape=[int(source.shape) for source in sources],
        low=np.array([source.size[0] for source in sources], dtype=np.float64),
        middle=np.array([source.size[1] for source in sources], dtype=np.float64),
        high=np.array([source.size[2] for source in sources], dtype=np.float64),
        day_rate=np.array([source.day_rate for source in sources], dtype=np.float64),
        group_key=[hash_name(source.group or source.source_id) for source in sources],
        repair_median=np.array([source.repair_median_s for source in sources], dtype=np.float64),
        repair_sigma=np.array([source.repair_sigma for source in sources], dtype=np.float64),
        closes=[int(source.closes) for source in sources],
    )


def _make_rows(**columns: Sequence[int] | Integers | Numbers) -> Rows:
    """Rows of columns by name: whole numbers where a plain list is given."""
    arrays = {
        name: column if isinstance(column, np.ndarray) else np.array(column, dtype=np.int64)
        for name, column in columns.items()
    }
    size = next(iter(arrays.values())).size
    rows = np.zeros(size, dtype=[(name, array.dtype) for name, array in arrays.items()])
    for name, array in arrays.items():
        rows[name] = array
    return rows


def _add_up(values: Sequence[float], first: Integers) -> Numbers:
    """Running totals within groups."""
    total = np.array(values, dtype=np.float64)
    for group in range(len(first) - 1):
        part = slice(int(first[group]), int(first[group + 1]))
        total[part] = np.cumsum(total[part])
    return total
