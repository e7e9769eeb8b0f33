"""Lines and trains for tests of train paths: of a few letters, and drawn at random."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf

import pytest
from hypothesis import strategies as st

from arterial.dispatching.paths import Traffic, find_path
from arterial.timetable.paths import (
    Closure,
    DepartureWindow,
    LineModel,
    LineStep,
    PathRules,
    StopWish,
    TrainTraits,
    make_request,
)

NAMES = "ABCDEF"
QUICK = PathRules(10, 20, 30, 5, start_loss_s=0, stop_loss_s=0)
"""Intervals that are easy to reckon with, and stops that cost nothing."""


def make_letter_line(count, *, tracks=2, rules=QUICK):
    """Points A, B, C ... on a single line with the same number of tracks each."""
    names = "ABCDEFGH"[:count]
    steps = tuple(LineStep(a + b, a, b) for a, b in pairwise(names))
    return LineModel(tuple(names), (tracks,) * count, (1e9,) * count, steps, rules)


GROUND_RULES = PathRules(
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

    def lay(self, train, way, **wishes):
        """Path of a train alone on the line."""
        return find_path(Traffic(self.model), self.request(train, way, **wishes))

    def run(self, traffic, train, way, **wishes):
        """Find a path and let it stand."""
        return traffic.add(find_path(traffic, self.request(train, way, **wishes)))


@pytest.fixture
def make_ground():
    """Give a line of `count` points; single track, two tracks at each point."""

    def make(count=3, *, tracks=2, loops=None, rules=GROUND_RULES, **step):
        names = "ABCDEFGHIJ"[:count]
        tracks_count = (tracks,) * count if isinstance(tracks, int) else tuple(tracks)
        steps = tuple(replace(LineStep(f"{a}{b}", a, b), **step) for a, b in pairwise(names))
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


@st.composite
def lines(draw, *, single=False):
    count = draw(st.integers(2, 6))
    steps = tuple(
        LineStep(a + b, a, b, 1 if single else draw(st.integers(1, 2)), draw(st.booleans()))
        for a, b in pairwise(NAMES[:count])
    )
    rules = PathRules(
        opposing_interval_s=draw(st.integers(1, 90)),
        following_interval_s=draw(st.integers(1, 300)),
        headway_s=draw(st.integers(1, 600)),
        track_release_s=draw(st.integers(1, 90)),
        start_loss_s=draw(st.integers(0, 120)),
        stop_loss_s=draw(st.integers(0, 60)),
    )
    tracks = tuple(draw(st.integers(1, 4)) for _ in NAMES[:count])
    loops = tuple(draw(st.sampled_from([600.0, 1200.0])) for _ in NAMES[:count])
    return LineModel(tuple(NAMES[:count]), tracks, loops, steps, rules)


@st.composite
def wishes(draw, model, name):
    """What a train asks for, as keywords, so that it can be asked on another line too."""
    count = len(model.point_ids)
    first, last = sorted(draw(st.sets(st.integers(0, count - 1), min_size=2, max_size=2)))
    points = model.point_ids[first : last + 1]
    points = points[::-1] if draw(st.booleans()) else points
    places = draw(st.sets(st.integers(0, len(points) - 1)))
    return {
        "train_id": name,
        "points": points,
        "running_s": [draw(st.integers(60, 900)) for _ in points[1:]],
        "window": DepartureWindow(draw(st.integers(0, 7200)), 1 << 50),
        "stops": {place: StopWish(draw(st.integers(0, 600))) for place in places},
        "traits": TrainTraits(
            length_m=draw(st.sampled_from([None, 500.0, 900.0])),
            priority=draw(st.integers(0, 2)),
            wait_most_s=draw(st.sampled_from([-1, 600, 1 << 60])),
        ),
    }


@st.composite
def timetables(draw, *, most=8, single=False):
    """A line, what its trains ask for, and possessions."""
    model = draw(lines(single=single))
    wanted = [draw(wishes(model, f"t{n}")) for n in range(draw(st.integers(1, most)))]
    closures = []
    for number in range(draw(st.integers(0, 2))):
        begin = draw(st.integers(0, 9000))
        step = draw(st.integers(0, len(model.steps) - 1))
        closures.append(Closure(f"w{number}", begin, begin + draw(st.integers(60, 3600)), step))
    return model, wanted, closures
