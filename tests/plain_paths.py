"""A plain search for a path over every second, and small lines to hold others against it."""

from itertools import pairwise

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

HORIZON_S = 70
LOOP_M = 500.0


def step_is_free(model, paths, closures, number, is_backward, enter, leave):
    """Whether a run over a step keeps every rule, pair by pair."""
    step, rules = model.steps[number], model.rules
    for closure in closures:
        if closure.step == number and enter < closure.to_s and leave > closure.from_s:
            return False
    for path in paths:
        for place, row in enumerate(path.request.step_rows):
            if row["row"] != number:
                continue
            other_enter, other_leave = path.departure_s[place], path.arrival_s[place + 1]
            opposes = bool(row["direction"]) != is_backward
            if opposes and not step.is_single:
                continue
            if not opposes and step.can_follow:
                gap = rules.headway_s
                after = enter >= other_enter + gap and leave >= other_leave + gap
                before = enter <= other_enter - gap and leave <= other_leave - gap
            else:
                gap = rules.opposing_interval_s if opposes else rules.following_interval_s
                after, before = enter >= other_leave + gap, leave <= other_enter - gap
            if not (after or before):
                return False
    return True


def point_is_free(model, paths, number, is_long, arrive, leave):
    """Whether a stay keeps to the tracks of a point, second by second."""
    release = model.rules.track_release_s
    for second in range(arrive, leave + release):
        here = long = 0
        for path in paths:
            for place, row in enumerate(path.request.point_rows):
                inside = path.arrival_s[place] <= second < path.departure_s[place] + release
                here += row["row"] == number and inside
                long += row["row"] == number and inside and bool(row["mark"])
        if here >= model.tracks_count[number] or (is_long and long):
            return False
    return True


def find_earliest(model, paths, closures, request):
    """Earliest arrival by trying every second, or None."""
    stages = request.stages
    rows, last = request.point_rows, len(request.points) - 1
    # A state is the place, the arrival there and whether the train stops.
    dwell = int(stages[0]["dwell_least_s"])
    states = {
        (depart - dwell, True)
        for depart in range(request.depart_from_s, request.depart_to_s + 1)
        if depart >= stages[0]["earliest_s"]
        and point_is_free(model, paths, rows[0]["row"], rows[0]["mark"], depart - dwell, depart)
    }
    for place in range(last):
        following = set()
        step = request.step_rows[place]
        for arrive, stops in states:
            stage = stages[place]
            most = min(arrive + int(stage["dwell_most_s"]), HORIZON_S) if stops else arrive
            for leave in range(arrive + int(stage["dwell_least_s"]) if stops else arrive, most + 1):
                if leave < stage["earliest_s"] or not point_is_free(
                    model, paths, rows[place]["row"], rows[place]["mark"], arrive, leave
                ):
                    continue
                for stops_next in (True, False):
                    there = stages[place + 1]
                    if (there["is_planned"] and not stops_next) or (
                        stops_next and there["dwell_most_s"] < 0
                    ):
                        continue
                    run = stage["running_s"] + stage["start_loss_s"] * stops
                    run += there["stop_loss_s"] * stops_next
                    end = leave + int(run)
                    if end <= there["latest_s"] and step_is_free(
                        model, paths, closures, step["row"], bool(step["direction"]), leave, end
                    ):
                        following.add((end, stops_next))
        states = following
    final = int(stages[last]["dwell_least_s"])
    good = [
        arrive
        for arrive, _ in states
        if point_is_free(
            model, paths, rows[last]["row"], rows[last]["mark"], arrive, arrive + final
        )
    ]
    return min(good, default=None)


@st.composite
def lines(draw):
    count = draw(st.integers(2, 4))
    names = tuple("ABCD"[:count])
    steps = tuple(
        LineStep(a + b, a, b, draw(st.integers(1, 2)), draw(st.booleans()))
        for a, b in pairwise(names)
    )
    gaps = [draw(st.integers(1, 3)) for _ in range(4)]
    rules = PathRules(*gaps, draw(st.integers(0, 2)), draw(st.integers(0, 2)))
    tracks = tuple(draw(st.integers(1, 3)) for _ in names)
    loops = tuple(draw(st.sampled_from([LOOP_M, 2 * LOOP_M])) for _ in names)
    return LineModel(names, tracks, loops, steps, rules)


@st.composite
def requests(draw, model, name, *, slack=0):
    names = model.point_ids
    first, last = sorted(draw(st.sets(st.integers(0, len(names) - 1), min_size=2, max_size=2)))
    points = names[first : last + 1]
    points = points[::-1] if draw(st.booleans()) else points
    stops = {}
    for place in range(len(points)):
        if draw(st.booleans()):
            most = draw(st.sampled_from([2, 4, 1 << 60]))
            stops[place] = StopWish(draw(st.integers(0, 2)), most)
    depart = draw(st.integers(2, 15))
    return make_request(
        model,
        name,
        points,
        [draw(st.integers(1, 6)) for _ in points[1:]],
        window=DepartureWindow(depart, depart + draw(st.integers(0, slack))),
        stops=stops,
        traits=TrainTraits(
            length_m=draw(st.sampled_from([None, 1.5 * LOOP_M])),
            wait_most_s=draw(st.sampled_from([-1, 0, 1, 3, 1 << 60])),
        ),
    )


@st.composite
def scenes(draw):
    """A line with some trains and a possession, and a request for one more."""
    model = draw(lines())
    closures = []
    if draw(st.booleans()):
        begin = draw(st.integers(0, 20))
        step = draw(st.integers(0, len(model.steps) - 1))
        closures = [Closure("works", begin, begin + draw(st.integers(1, 8)), step=step)]
    traffic = Traffic(model, closures=tuple(closures))
    for number in range(draw(st.integers(0, 5))):
        path = find_path(traffic, draw(requests(model, f"t{number}", slack=15)))
        if path is not None:
            traffic = traffic.add(path)
    return traffic, draw(requests(model, "one more", slack=12))
