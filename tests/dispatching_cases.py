"""Small dispatching problems made by hand or drawn at random, and the files beside the checkout."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from arterial.exchange.displib import DelayCost, DisplibProblem, Operation, ResourceUse

SHARED = Path(os.environ.get("ARTERIAL_SHARED", Path(__file__).parents[2] / "shared"))
FILES = SHARED / "data" / "dispatching"


def track(name, minutes_s, successors, *, release_s=0, lb_s=0):
    """An operation on one track."""
    return Operation(minutes_s, successors, (ResourceUse(name, release_s),), start_lb_s=lb_s)


def make_train(stops, run_s, departure_s, *, tracks=2, release_s=0):
    """A train through stations over single-line sections; any of the tracks of a station will do.

    ``stops`` lists the stations in order of travel. The train enters from nowhere at its departure
    and vanishes after the last station.
    """
    operations = []
    # Entry, then in turn the tracks of a station and the section to the next one.
    first = tuple(range(1, 1 + tracks))
    operations.append(Operation(departure_s, first, start_ub_s=0))
    for place, station in enumerate(stops):
        after = len(operations) + tracks
        operations += [
            track(f"{station}/{number}", 10, (after,), release_s=release_s)
            for number in range(tracks)
        ]
        if place == len(stops) - 1:
            operations.append(Operation(0, ()))
            break
        section = "-".join(sorted((station, stops[place + 1])))
        follow = tuple(range(after + 1, after + 1 + tracks))
        operations.append(track(section, run_s, follow, release_s=release_s))
    return tuple(operations)


def join_trains(*trains, due_s=0):
    """A problem with one price for each train: a unit a second at the exit."""
    objective = tuple(
        DelayCost(place, len(train) - 1, threshold_s=due_s, coefficient=1)
        for place, train in enumerate(trains)
    )
    return DisplibProblem(tuple(trains), objective)


def draw_line(seed, *, n_trains=4, n_stations=4, tracks=2, release_s=0):
    """Trains in both directions on one single line, drawn at random."""
    rng = np.random.default_rng(seed)
    stations = [f"s{place}" for place in range(n_stations)]
    trains = []
    for place in range(n_trains):
        stops = stations if place % 2 else stations[::-1]
        run_s, departure_s = int(rng.integers(30, 90)), int(rng.integers(0, 120))
        trains.append(make_train(stops, run_s, departure_s, tracks=tracks, release_s=release_s))
    return join_trains(*trains)


def drop_train(problem, gone):
    """The problem without one train."""
    trains = tuple(train for place, train in enumerate(problem.trains) if place != gone)
    objective = tuple(
        replace(cost, train=cost.train - (cost.train > gone))
        for cost in problem.objective
        if cost.train != gone
    )
    return DisplibProblem(trains, objective)


def needs_file(relative):
    """A file beside the checkout, or a skip that says what is missing."""
    path = FILES / relative
    if not path.is_file():
        pytest.skip(f"{relative} of the dispatching benchmarks is not beside the checkout")
    return path


def read_json(relative):
    return json.loads(needs_file(relative).read_text("utf-8"))
