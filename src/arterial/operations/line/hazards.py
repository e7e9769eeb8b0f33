"""What can hit trains: chances for each run and event, days that hit all, and failing assets.

`make_hazards` joins them into arrays. Chance is drawn at the *dominating* rates kept here and
accepted with a factor <= 1 for each source: a renewed asset fails on a subset of the occasions on
which it failed before. A source is a row of a table: an asset or a disturbance.
"""

import hashlib
from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.errors import LimitError
from arterial.operations.line.plan import OperationsPlan

__all__ = [
    "CHANCE",
    "DAY_HIT",
    "FAILURE",
    "SOURCE",
    "Closures",
    "Hazards",
    "Horizon",
    "Shape",
    "fill_rows",
    "hash_name",
    "make_hazards",
]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Rows = NDArray[np.void]

MOST_CANDIDATES: Final = 5_000_000
"""Most disturbances and failures that are drawn for one replication: seconds and 0.2 GB [1]."""

CHANCE: Final = np.dtype([("event", np.int64), ("source", np.int64), ("mean", np.float64)])
"""Mean number of times that a source hits a run at an event."""

DAY_HIT: Final = np.dtype([("event", np.int64), ("source", np.int64), ("day", np.int64)])
"""Event at which a source hits a run on a day on which it comes about."""

FAILURE: Final = np.dtype([("step", np.int64), ("source", np.int64), ("rate_per_s", np.float64)])
"""Dominating rate of failures of an asset on a step [1/s]."""

SOURCE: Final = np.dtype(
    [
        ("shape", np.int64),
        ("low", np.float64),
        ("middle", np.float64),
        ("high", np.float64),
        ("day_rate", np.float64),
        ("group_key", np.int64),
        ("repair_median", np.float64),
        ("repair_sigma", np.float64),
        ("closes", np.int64),
    ]
)
"""One thing that causes delay.

``shape``: a :class:`Shape`; ``low``, ``middle``, ``high`` its size: low, mode, high; low, high, -;
median, log-deviation, -; mean, -, - [s]. ``day_rate``: chance that it comes about on a day, for
those that hit all trains of a day; those of one ``group_key`` come about on the same days.
``repair_median`` [s], ``repair_sigma``: lognormal repair. ``closes``: 1 where the line is closed
until the repair; else each train that passes is delayed.
"""


class Shape(IntEnum):
    """Distribution of a delay."""

    TRIANGULAR = 0
    UNIFORM = 1
    LOGNORMAL = 2
    EXPONENTIAL = 3


class Horizon(NamedTuple):
    """Between which instants assets can fail [s]."""

    from_s: int
    to_s: int


class Closures(NamedTuple):
    """What is done about closed steps; unless said otherwise all trains wait until they open.

    Parameters
    ----------
    longest_wait_s : int
        Wait at a closed step after which a train is taken off, counted as late by that. It is known
        how long a repair takes: a train that would wait longer is taken off at once [s].
    queue : int
        Trains of a direction that may wait at a closed step; more are taken off.
    shares_tracks : int
        1 where a failure closes one track of several and trains of both directions share what is
        left; 0 where it closes all.
    """

    longest_wait_s: int = 1 << 30
    queue: int = 1 << 30
    shares_tracks: int = 0


class Hazards(NamedTuple):
    """Chances as arrays of rows.

    ``runs`` (n_runs + 1,): key, item_first, hit_first into ``items`` (event, source, total: means
    added up within a run) and ``hits``, :data:`DAY_HIT`. ``steps`` (n_steps + 1,): key, tracks,
    first into ``assets`` (source, total: rates added up within a step [1/s]). ``horizon`` (2,) [s].
    ``sources``: :data:`SOURCE`; ``closures``: what is done about
    closed steps.
    """

    runs: Rows
    items: Rows
    hits: Rows
    steps: Rows
    assets: Rows
    horizon: Integers
    sources: Rows
    closures: Closures


def hash_name(name: str) -> int:
    """Number that stands for a name, the same everywhere."""
    # Not the built-in hash, which is another one in each process.
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def fill_rows(kind: np.dtype[np.void], size: int, **columns: ArrayLike) -> Rows:
    """Rows of a kind, filled by column; a column that is left out is 0."""
    rows = np.zeros(size, dtype=kind)
    for name, column in columns.items():
        rows[name] = column
    return rows


def make_hazards(
    plan: OperationsPlan,
    *,
    sources: Rows | None = None,
    chances: Rows | None = None,
    hits: Rows | None = None,
    failures: Rows | None = None,
    horizon: Horizon | None = None,
    step_ids: Sequence[str] = (),
) -> Hazards:
    """Chances of a plan as arrays.

    Parameters
    ----------
    plan : OperationsPlan
        The plan.
    sources : ndarray, optional
        What causes delay, rows of :data:`SOURCE`, ``(n_sources,)``.
    chances, hits, failures : ndarray, optional
        Rows of :data:`CHANCE`, :data:`DAY_HIT` and :data:`FAILURE`, in any order.
    horizon : Horizon, optional
        Between which instants assets fail; never if left out.
    step_ids : sequence of str
        Names of steps, on which chance hangs; their numbers if left out.

    Returns
    -------
    Hazards
        The arrays; nothing goes wrong where nothing is given.

    Raises
    ------
    LimitError
        Where more would go wrong in a replication than can be drawn.
    """
    _refuse_endless(chances, failures, horizon)
    steps, first = plan.layout.step_tracks.size, plan.events.first
    items = _sort_rows(chances, CHANCE, "event")
    days = _sort_rows(hits, DAY_HIT, "event")
    assets = _sort_rows(failures, FAILURE, "step")
    item_first = np.searchsorted(items["event"], first)
    step_first = np.searchsorted(assets["step"], np.arange(steps + 1))
    # Chance hangs on names, so that a step keeps its failures when others are added.
    names = list(step_ids) or [str(step) for step in range(steps)]
    item = np.dtype([("event", np.int64), ("source", np.int64), ("total", np.float64)])
    return Hazards(
        runs=fill_rows(
            np.dtype([(name, np.int64) for name in ("key", "item_first", "hit_first")]),
            first.size,
            key=[*(hash_name(run.run_id) for run in plan.runs), 0],
            item_first=item_first,
            hit_first=np.searchsorted(days["event"], first),
        ),
        items=fill_rows(
            item,
            items.size,
            event=items["event"],
            source=items["source"],
            total=_add_up(items["mean"], item_first),
        ),
        hits=days,
        steps=fill_rows(
            np.dtype([("key", np.int64), ("first", np.int64), ("tracks", np.int64)]),
            steps + 1,
            tracks=[*plan.layout.step_tracks.tolist(), 0],
            key=[*map(hash_name, names), 0],
            first=step_first,
        ),
        assets=fill_rows(
            np.dtype([("source", np.int64), ("total", np.float64)]),
            assets.size,
            source=assets["source"],
            total=_add_up(assets["rate_per_s"], step_first),
        ),
        horizon=np.array(horizon or (0, 0), dtype=np.int64),
        sources=np.zeros(0, dtype=SOURCE) if sources is None else sources,
        closures=Closures(),
    )


def _refuse_endless(chances: Rows | None, failures: Rows | None, horizon: Horizon | None) -> None:
    """Refuse rates at which drawing one replication would not end."""
    begin_s, end_s = horizon or (0, 0)
    hits = 0.0 if chances is None else float(chances["mean"].sum())
    closed = 0.0 if failures is None else float(failures["rate_per_s"].sum()) * (end_s - begin_s)
    # Written so that what is no number is refused as well.
    if not hits + closed <= MOST_CANDIDATES:
        message = (
            f"In each replication about {hits:.3g} disturbances and {closed:.3g} failures would "
            f"hit the trains of the line; at most {MOST_CANDIDATES:,} can be drawn. Lower `rate` "
            "in disturbances.csv, or the number and the failures of assets."
        )
        raise LimitError(message)


def _sort_rows(rows: Rows | None, kind: np.dtype[np.void], place: str) -> Rows:
    """Rows by where they hit, then by source; none where none are given."""
    if rows is None:
        return np.zeros(0, dtype=kind)
    # By source too: running totals, and what is found in them, hang on the order.
    return rows[np.lexsort((rows["source"], rows[place]))]


def _add_up(values: Numbers, first: Integers) -> Numbers:
    """Running totals within groups."""
    # One running total less that of the group's start would round otherwise than each by itself.
    total = values.copy()
    for begin, end in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        total[begin:end] = np.cumsum(total[begin:end])
    return total
