"""A line of a few points with short times, and trains over it."""

import itertools
from dataclasses import dataclass, field, replace
from math import inf

import pytest

from arterial.timetable.paths import (
    DepartureWindow,
    LineModel,
    LineStep,
    PathRules,
    TrainTraits,
    find_path,
    make_request,
)

RULES = PathRules(
    opposing_interval_s=10,
    following_interval_s=20,
    headway_s=30,
    track_release_s=5,
    start_loss_s=0,
    stop_loss_s=0,
)


@dataclass(frozen=True)
class Ground:
    """Points A, B, C ... in a row."""

    model: LineModel
    running_s: tuple[int, ...] = field(default=())

    def request(self, train, way, *, depart=(0, 0), running=100, stops=None, **traits):
        """Request over the points named by the letters of `way`."""
        times = [running] * (len(way) - 1) if isinstance(running, int) else running
        return make_request(
            self.model,
            train,
            list(way),
            times,
            window=DepartureWindow(*depart),
            stops=stops,
            traits=TrainTraits(**traits),
        )

    def run(self, traffic, train, way, **wishes):
        """Find a path and let it stand."""
        path = find_path(traffic, self.request(train, way, **wishes))
        traffic.add(path)
        return path


@pytest.fixture
def make_ground():
    """Give a line of `count` points; single track, two tracks at each point."""

    def make(count=3, *, tracks=2, loops=None, rules=RULES, **step):
        names = "ABCDEFGHIJ"[:count]
        tracks_count = (tracks,) * count if isinstance(tracks, int) else tuple(tracks)
        steps = tuple(
            replace(LineStep(f"{a}{b}", a, b), **step) for a, b in itertools.pairwise(names)
        )
        return Ground(
            LineModel(
                point_ids=tuple(names),
                tracks_count=tracks_count,
                loop_length_m=loops or (inf,) * count,
                steps=steps,
                rules=rules,
            )
        )

    return make


@pytest.fixture
def ground(make_ground):
    """Points A, B, C on a single line."""
    return make_ground()
