"""Requests of timetable trains on their days."""

from datetime import date

import pytest

from arterial.dispatching.paths import Traffic, find_path
from arterial.errors import StudyError
from arterial.timetable.paths import TrainTraits
from arterial.timetable.paths.train_requests import Pace, TrainWay, request_train_day
from arterial.timetable.trains.train_plans import read_train_plans
from arterial.timetable.trains.train_times import TrainTimer

EPOCH = DAY = date(2025, 6, 1)
HOUR = 3600


@pytest.fixture
def run_of(build):
    """Times of a train that calls at A, C and D; 1000 s and 500 s between them."""

    def time_them(*stops):
        points = [
            {"point_id": point, "name": point, "zone": "Etc/UTC", "country": "XX", "kind": "loop"}
            for point in "ABCD"
        ]
        tables = build.tables(operational_points=points, train_stops=list(stops))
        links = build.links(("t", 2, 10.0, 900, 1000, 1200), ("t", 3, 5.0, 450, 500, 600))
        plans = read_train_plans(tables, links, default_dwell_min=2.0)
        return TrainTimer(plans, EPOCH).time("t", DAY)

    return time_them


@pytest.fixture
def way():
    return TrainWay(
        train_id="t",
        points=("A", "B", "C", "D"),
        section_ids=("AB", "BC", "CD"),
        free_s=(200.0, 500.0, 400.0),
        running_s=(250.0, 750.0, 500.0),
        stop_places=(0, 2, 3),
        traits=TrainTraits("passenger"),
    )


def test_the_time_between_stops_is_shared_as_the_steps_are(make_ground, way, run_of, build):
    ground = make_ground(4)
    # 10:00 to 10:20 between A and C: 1200 s instead of 1000 s.
    run = run_of(
        build.stop("t", 1, "A", None, "10:00"),
        build.stop("t", 2, "C", "10:20", "10:25"),
        build.stop("t", 3, "D"),
    )
    request = request_train_day(ground.model, way, run)
    assert request.train_id == "t@2025-06-01"
    path = find_path(Traffic(ground.model), request)
    assert (path.arrival_s - 10 * HOUR).tolist() == [0, 300, 1200, 2000]
    assert path.departure_s[2] - 10 * HOUR == 1500


def test_at_a_free_pace_it_still_leaves_no_stop_before_its_time(make_ground, way, run_of, build):
    ground = make_ground(4)
    run = run_of(
        build.stop("t", 1, "A", None, "10:00"),
        build.stop("t", 2, "C", "10:20", "10:25"),
        build.stop("t", 3, "D"),
    )
    request = request_train_day(ground.model, way, run, pace=Pace.FREE)
    path = find_path(Traffic(ground.model), request)
    assert path.arrive_at_s == 10 * HOUR + 1500 + 400
    # It then leaves its origin as late as that arrival lets it.
    assert path.depart_at_s > 10 * HOUR


def test_a_computed_departure_binds_nothing_but_the_origin(make_ground, way, run_of, build):
    ground = make_ground(4)
    run = run_of(
        build.stop("t", 1, "A", None, "10:00"),
        build.stop("t", 2, "C"),
        build.stop("t", 3, "D"),
    )
    request = request_train_day(ground.model, way, run, pace=Pace.FREE, leave_within_s=60)
    assert request.depart_to_s == 10 * HOUR + 60
    path = find_path(Traffic(ground.model), request)
    # 700 s, 2 min at C, 400 s.
    assert path.arrive_at_s == 10 * HOUR + 700 + 120 + 400


def test_a_train_without_any_known_time_gets_no_request(make_ground, way, run_of, build):
    run = run_of(build.stop("t", 1, "A"), build.stop("t", 2, "C"), build.stop("t", 3, "D"))
    with pytest.raises(StudyError, match="without a departure") as caught:
        request_train_day(make_ground(4).model, way, run)
    assert "2025-06-01" in caught.value.faults[0].cause
    assert isinstance(caught.value.faults[0].cure, str)
