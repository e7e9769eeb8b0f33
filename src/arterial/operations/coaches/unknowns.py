"""What is not known of the through coaches of a study, one by one.

Main function: :func:`list_unknowns`. Each has the name under which
:func:`arterial.operations.coaches.simulate.draw_plan` draws it or takes its score.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from arterial.operations.coaches.model import CoachModel, RateRange
from arterial.study.unknowns import Unknown
from arterial.units import MINUTE_S

__all__ = ["list_unknowns", "name_steps"]

# Group, words, table and column of a range, by the beginning of its name.
RANGES: Final = {
    "assets": ("rates", "failures of every", "", ""),
    "disturbances": ("rates", "rate of", "disturbances", "rate"),
    "delays": ("sizes", "delay by", "disturbances", "delay_best_min"),
    "turns": ("turns", "turn-round of", "", ""),
    "waits": ("waits", "how long waits", "", ""),
}


def list_unknowns(model: CoachModel) -> tuple[Unknown, ...]:
    """Every unknown that a draw of the coaches places between its ends.

    Parameters
    ----------
    model : CoachModel
        The model.

    Returns
    -------
    tuple of Unknown
        Times of hosts, steps of procedures, then rates, turn-rounds, sizes of delays and waits. One
        whose ends are equal is left out.
    """
    found = [*_list_times(model), *_list_steps(model)]
    if model.options.draws_inputs:
        ranges = (*model.rates, *model.turns, *model.delays, *model.waits)
        found += [unknown for one in ranges for unknown in _read_range(one)]
    return tuple(one for one in found if one.low < one.high)


def _list_times(model: CoachModel) -> Iterator[Unknown]:
    """Times of hosts: how far the one that is known least can be moved [min]."""
    best_s = model.plan.times_s
    for host in model.hosts:
        rows = slice(host.begin, host.end)
        early_s = int((best_s[rows] - model.low_s[rows]).max(initial=0))
        late_s = int((model.high_s[rows] - best_s[rows]).max(initial=0))
        ends = (-early_s / MINUTE_S, 0.0, late_s / MINUTE_S)
        words = f"times of train {host.train_id}"
        yield Unknown(
            f"times/{host.train_id}", "times", words, *ends, "min", "trains", host.train_id
        )


def _list_steps(model: CoachModel) -> Iterator[Unknown]:
    """Most likely durations of the steps of procedures [min]."""
    if not model.options.samples_steps:
        return
    words = model.nodes["name"].to_list()
    for name, step in zip(name_steps(model), model.plan.procedure_steps, strict=True):
        subject = words[int(model.plan.path[step["source"]][0])]
        low, best, high = (float(step[end]) / MINUTE_S for end in ("low_s", "mode_s", "high_s"))
        yield Unknown(name, "steps", subject, low, best, high, "min")


def name_steps(model: CoachModel) -> list[str]:
    """Names of the steps of procedures as unknowns, in their order; the same whatever the trips."""
    nodes = model.plan.path[model.plan.procedure_steps["source"], 0]
    return [f"steps/{cause}" for cause in model.nodes["cause_id"].gather(nodes).to_list()]


def _read_range(one: RateRange) -> Iterator[Unknown]:
    """A factor that several cells share, or the cell itself [1]."""
    if not len(one.rows):
        return
    kind, _, key = one.name.partition("/")
    group, words, table, attribute = RANGES[kind]
    subject = f"{words} {key}"
    low, high = float(np.min(one.low)), float(np.max(one.high))
    if group == "waits":
        # These are shifts of the stated wait, in seconds above one.
        ends = ((low - 1.0) / MINUTE_S, 0.0, (high - 1.0) / MINUTE_S)
        yield Unknown(one.name, group, subject, *ends, "min")
        return
    cell = (table, key if table else "", attribute)
    yield Unknown(one.name, group, subject, low, 1.0, high, "1", *cell)
