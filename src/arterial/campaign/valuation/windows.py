"""What windows for works cost trains that are planned around them.

Main functions: `find_window_ratios` and `wait_for_shared_track`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.valuation.losses import Ratio, fit_ratio
from arterial.dispatching.paths.closing import price_closures
from arterial.timetable.paths import Closure, LineModel, TrainPath
from arterial.units import DAY_S, HOUR_S

__all__ = ["WindowRatios", "find_window_ratios", "wait_for_shared_track"]

Floats = NDArray[np.float64]

WINDOWS_COUNT: Final = 8
"""Windows of each step, spread over a day [1]."""

LONGEST_H: Final = 6.0
"""Longest window that is planned around; longer ones outlast the paths that are laid [h]."""

GOLDEN: Final = 0.618
"""Part of a day by which the windows of neighbouring steps lie apart [d]."""


@dataclass(frozen=True)
class WindowRatios:
    """Delay of all trains by windows for works over that of the rule of half a window.

    Parameters
    ----------
    network : Ratio
        Of all sections together.
    sections : mapping of str to Ratio
        By section.
    """

    network: Ratio = field(default_factory=Ratio)
    sections: Mapping[str, Ratio] = field(default_factory=dict)

    def list_used(self, section_ids: pl.Series) -> Floats:
        """Ratio of each of some sections; 1 where nothing was measured, ``(n,)``."""
        used = {section: ratio.used for section, ratio in self.sections.items()}
        return np.array([used.get(section, 1.0) for section in section_ids.to_list()])


def find_window_ratios(
    model: LineModel, paths: Sequence[TrainPath], *, days: int, window_h: float, spread: float
) -> WindowRatios:
    """Plan the trains around windows on every step, and hold that against the rule.

    The rule says that a train which comes at an even chance waits for half a window
    (:func:`arterial.campaign.valuation.benefits.window_loss_h`). A train that is held also meets
    others elsewhere and holds them up; one that can leave later loses less. Of several tracks one
    is closed, and trains of both directions share what is left: see :func:`wait_for_shared_track`.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : sequence of TrainPath
        Paths of all trains, from the epoch on.
    days : int
        For how many days paths are laid, 2 or more [d].
    window_h : float
        Length of a window; 0 = no train waits, and nothing is measured [h].
    spread : float
        Standard deviation of a ratio before anything is seen [1].

    Returns
    -------
    WindowRatios
        For the network, as far as it was planned around, and each section that trains run over.
    """
    length_s = round(min(window_h, LONGEST_H) * HOUR_S)
    rows = [path.request.step_rows["row"] for path in paths]
    counts = np.bincount(np.concatenate(rows), minlength=len(model.steps))
    tracks = np.array([step.tracks_count for step in model.steps])
    closed = np.flatnonzero((counts > 0) & (tracks <= 1))
    windows = [window for step in closed.tolist() for window in _spread(step, length_s)]
    if not length_s:
        return WindowRatios()
    planned = price_closures(model, paths, windows) / HOUR_S
    trains_per_s = counts / (days * DAY_S)
    rule = np.array([trains_per_s[window.step] for window in windows]) * length_s**2 / 2 / HOUR_S
    places = defaultdict(list)
    for number, window in enumerate(windows):
        places[model.steps[window.step or 0].section_id].append(number)
    sections = {
        section: fit_ratio(rule[own], planned[own], spread=spread)
        for section, own in places.items()
    }
    shared = np.flatnonzero((counts > 0) & (tracks > 1))
    sections |= _reckon_shared(model, paths, trains_per_s, shared, window_s=window_h * HOUR_S)
    return WindowRatios(network=fit_ratio(rule, planned, spread=spread), sections=sections)


def wait_for_shared_track(trains_per_s: Floats, held_s: Floats) -> Floats:
    """Mean wait of trains of both directions for one track that they share [s].

    Trains at even chance, each of which holds the track for the same time s: r s / (2 (1 - r)) with
    r trains during s, infinite from one on [Kleinrock 1975, section 5.6].

    Parameters
    ----------
    trains_per_s : ndarray
        Trains of both directions [1/s], ``(n,)``.
    held_s : ndarray
        For how long a train keeps others out: running time and interval [s], ``(n,)``.

    Examples
    --------
    A train each half an hour that holds the track for a quarter: half a quarter on average.

    >>> wait_for_shared_track(np.array([1 / 1800]), np.array([900.0])).tolist()
    [450.0]
    """
    used = trains_per_s * held_s
    free = np.where(used < 1.0, 1.0 - used, 1.0)
    return np.asarray(np.where(used < 1.0, used * held_s / (2.0 * free), np.inf))


def _reckon_shared(
    model: LineModel,
    paths: Sequence[TrainPath],
    trains_per_s: Floats,
    steps: NDArray[np.intp],
    *,
    window_s: float,
) -> dict[str, Ratio]:
    """Ratio of sections of several tracks, one of which is closed, by trains over their steps."""
    rows = np.concatenate([path.request.step_rows["row"] for path in paths])
    taken = np.concatenate([path.arrival_s[1:] - path.departure_s[:-1] for path in paths])
    count = np.maximum(np.bincount(rows, minlength=len(model.steps)), 1)
    mean_s = np.bincount(rows, taken, len(model.steps)) / count
    between_s = model.intervals_s[steps, :, 0].max(axis=1)
    others = np.array([model.steps[step].tracks_count - 1 for step in steps])
    wait_s = wait_for_shared_track(trains_per_s[steps] / others, mean_s[steps] + between_s)
    # No train waits for longer than if all tracks were closed.
    ratio = np.minimum(wait_s, window_s / 2) / (window_s / 2)
    sections = np.array([model.steps[step].section_id for step in steps])
    weight = trains_per_s[steps]
    return {
        section: Ratio(used=float(np.average(ratio[own], weights=weight[own])))
        for section in dict.fromkeys(sections.tolist())
        for own in [sections == section]
    }


def _spread(step: int, length_s: int) -> list[Closure]:
    """Windows of a step, the first half a day after the paths begin."""
    parts = (step * GOLDEN + np.arange(WINDOWS_COUNT) / WINDOWS_COUNT) % 1
    begins = (DAY_S // 2 + parts * DAY_S).astype(np.int64).tolist()
    return [
        Closure(f"{step}/{number}", begin, begin + length_s, step=step)
        for number, begin in enumerate(begins)
    ]
