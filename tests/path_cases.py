"""Lines, trains and possessions drawn at random, for laws of train paths."""

from itertools import pairwise

from hypothesis import strategies as st

from arterial.timetable.paths import (
    Closure,
    DepartureWindow,
    LineModel,
    LineStep,
    PathRules,
    StopWish,
    TrainTraits,
)

NAMES = "ABCDEF"
QUICK = PathRules(10, 20, 30, 5, start_loss_s=0, stop_loss_s=0)
"""Intervals that are easy to reckon with, and stops that cost nothing."""


def make_letter_line(count, *, tracks=2, rules=QUICK):
    """Points A, B, C ... on a single line with the same number of tracks each."""
    names = "ABCDEFGH"[:count]
    steps = tuple(LineStep(a + b, a, b) for a, b in pairwise(names))
    return LineModel(tuple(names), (tracks,) * count, (1e9,) * count, steps, rules)


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
