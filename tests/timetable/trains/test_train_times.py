"""Times of a train from stated times and running times."""

from datetime import date, timedelta

import pytest

from arterial.clock import civil_to_epoch_s, local_text
from arterial.errors import StudyError
from arterial.timetable.trains.train_plans import read_train_plans
from arterial.timetable.trains.train_times import SlowedPlans, TrainTimer

EPOCH = date(2025, 1, 1)
DAY = date(2025, 6, 17)
ZONE = "Asia/Pyongyang"
NOON = 12 * 3600


@pytest.fixture
def time_stops(build):
    """Time a train over four points of one zone, its links 1000 s, 2000 s and 3000 s long."""

    def time_them(*stops, links=None, day=DAY, zones=(ZONE,) * 4, dwell_min=3.0):
        points = [
            {"point_id": point, "name": point, "zone": zone, "country": "KP", "kind": "station"}
            for point, zone in zip("abcd", zones, strict=True)
        ]
        tables = build.tables(operational_points=points, train_stops=list(stops))
        rows = links or [("t", 2, 10.0, 900, 1000, 1200), ("t", 3, 20.0, 1800, 2000, 2400),
                         ("t", 4, 30.0, 2700, 3000, 3600)]  # fmt: skip
        plans = read_train_plans(tables, build.links(*rows), default_dwell_min=dwell_min)
        return TrainTimer(plans, EPOCH).time("t", day)

    return time_them


def seconds(event, zone=ZONE, day=DAY):
    midnight = civil_to_epoch_s(day, "00:00", zone, EPOCH)
    return tuple(
        at - midnight - NOON for at in (event.at.low_at_s, event.at.at_s, event.at.high_at_s)
    )


def test_before_and_behind_the_only_stated_time_the_range_widens_by_the_running_times(
    build, time_stops
):
    run = time_stops(
        build.stop("t", 1, "a"),
        build.stop("t", 2, "b", None, "12:00+0", dwell_min=10),
        build.stop("t", 3, "c", dwell_min=5),
        build.stop("t", 4, "d"),
    )
    assert seconds(run.departure(1)) == (0, 0, 0)
    assert seconds(run.arrival(1)) == (-600, -600, -600)
    assert seconds(run.departure(0)) == (-1800, -1600, -1500)
    assert seconds(run.arrival(2)) == (1800, 2000, 2400)
    assert seconds(run.departure(2)) == (2100, 2300, 2700)
    assert seconds(run.arrival(3)) == (4800, 5300, 6300)
    assert run.arrival(3).basis == "computed"
    assert run.arrival(3).running_factor is None
    assert run.arrival(0) is None
    assert run.departure(3) is None


def test_between_two_stated_times_runs_are_stretched_by_one_factor_and_stops_are_not(
    build, time_stops
):
    # 3000 s of running and 300 s of standing fill 6300 s: factor 2.
    run = time_stops(
        build.stop("t", 1, "a", None, "12:00"),
        build.stop("t", 2, "b", dwell_min=5),
        build.stop("t", 3, "c", "13:45+0", dwell_min=3),
        build.stop("t", 4, "d"),
    )
    arrival = run.arrival(1)
    assert arrival.running_factor == 2.0
    # From the front 1800 to 2400, from behind 6300 - 300 - 4800 = 1200 to 6300 - 300 - 3600 = 2400.
    assert seconds(arrival) == (1800, 2000, 2400)
    assert seconds(run.departure(1)) == (2100, 2300, 2700)
    assert seconds(run.arrival(2)) == (6300, 6300, 6300)


def test_the_range_between_stated_times_is_cut_from_both_ends(build, time_stops):
    links = [("t", 2, 10.0, 500, 1000, 5000), ("t", 3, 20.0, 1900, 2000, 2100)]
    run = time_stops(
        build.stop("t", 1, "a", None, "12:00"),
        build.stop("t", 2, "b", dwell_min=0),
        build.stop("t", 3, "c", "12:50+0"),
        links=links,
    )
    assert seconds(run.arrival(1)) == (900, 1000, 1100)


def test_the_range_of_a_stated_time_is_carried_on(build, time_stops):
    run = time_stops(
        build.stop("t", 1, "a", None, "12:00", earlier_min=10, later_min=30),
        build.stop("t", 2, "b", dwell_min=0),
    )
    assert seconds(run.departure(0)) == (-600, 0, 1800)
    assert seconds(run.arrival(1)) == (300, 1000, 3000)


def test_the_ranges_of_both_stated_times_reach_the_stops_between(build, time_stops):
    run = time_stops(
        build.stop("t", 1, "a", None, "12:00", earlier_min=5, later_min=10),
        build.stop("t", 2, "b", dwell_min=0),
        build.stop("t", 3, "c", "12:50+0", earlier_min=20, later_min=40),
    )
    # From the front -300 + 900 and 600 + 1200; from behind 1800 - 2400 and 5400 - 1800.
    assert seconds(run.arrival(1)) == (600, 1000, 1800)


def test_a_default_standstill_is_marked_only_where_it_is_needed(build):
    stops = [
        build.stop("t", 1, "a", None, "12:00"),
        build.stop("t", 2, "b", "13:00", "13:05"),
        build.stop("t", 3, "c", "14:00"),
        build.stop("t", 4, "d", "15:00", dwell_min=0),
    ]
    points = [
        {"point_id": p, "name": p, "zone": ZONE, "country": "KP", "kind": "halt"} for p in "abcd"
    ]
    tables = build.tables(operational_points=points, train_stops=stops)
    plan = read_train_plans(tables, build.links(), default_dwell_min=3)["t"]
    assert [stop.has_default_dwell for stop in plan.stops] == [False, False, True, False]


def test_stops_that_stand_longer_than_there_is_time_shrink_with_the_runs(build, time_stops):
    run = time_stops(
        build.stop("t", 1, "a", None, "12:00"),
        build.stop("t", 2, "b", dwell_min=100),
        build.stop("t", 3, "c", "12:30+0"),
    )
    # 9000 s of runs and standing into 1800 s.
    assert run.arrival(1).running_factor == pytest.approx(0.2)
    assert seconds(run.arrival(1))[1] == 200
    assert seconds(run.departure(1))[1] == 1400


def test_an_unknown_running_time_leaves_the_times_behind_it_unknown(build, time_stops):
    run = time_stops(
        build.stop("t", 1, "a", None, "12:00"),
        build.stop("t", 2, "b"),
        build.stop("t", 3, "c"),
        build.stop("t", 4, "d"),
        links=[("t", 2, 10.0, 900, 1000, 1200), ("t", 3, 20.0, None, None, None)],
    )
    assert run.arrival(1) is not None
    assert run.arrival(2) is None
    assert run.arrival(3) is None


def test_past_an_unknown_run_stated_times_are_reached_from_both_ends(build, time_stops):
    run = time_stops(
        build.stop("t", 1, "a", None, "12:00"),
        build.stop("t", 2, "b", dwell_min=0),
        build.stop("t", 3, "c", dwell_min=0),
        build.stop("t", 4, "d", "18:00+0"),
        links=[("t", 2, 10.0, 900, 1000, 1200), ("t", 4, 30.0, 2700, 3000, 3600)],
    )
    assert seconds(run.departure(1))[1] == 1000
    assert seconds(run.arrival(2)) == (6 * 3600 - 3600, 6 * 3600 - 3000, 6 * 3600 - 2700)


def test_a_train_without_any_stated_time_has_no_times(build, time_stops):
    run = time_stops(build.stop("t", 1, "a"), build.stop("t", 2, "b"))
    assert set(run.events) == {None}


def test_an_unstated_day_is_the_first_the_train_can_reach(build, time_stops):
    links = [("t", 2, 900.0, 100_000, 110_000, 120_000), ("t", 3, 20.0, 1800, 2000, 2400)]
    run = time_stops(
        build.stop("t", 1, "a", None, "12:00"),
        build.stop("t", 2, "b", "18:00", "18:02"),
        build.stop("t", 3, "c", "18:30"),
        links=links,
    )
    assert seconds(run.arrival(1))[1] == 30 * 3600
    assert seconds(run.departure(1))[1] == 30 * 3600 + 120
    assert seconds(run.arrival(2))[1] == 30.5 * 3600


def test_stated_days_count_on_the_local_calendar_of_each_place(build, time_stops):
    zones = ("Asia/Vladivostok", "Europe/Moscow", ZONE, ZONE)
    run = time_stops(
        build.stop("t", 1, "a", None, "02:00"),
        build.stop("t", 2, "b", "01:00+0"),
        zones=zones,
    )
    # 02:00 at UTC+10 is 16:00 UTC of the day before; 01:00 in Moscow is 22:00 UTC.
    assert (run.arrival(1).at.at_s - run.departure(0).at.at_s) / 3600 == 6


def test_times_that_run_backwards_are_refused_with_the_stop(build, time_stops):
    with pytest.raises(StudyError, match="backwards") as caught:
        time_stops(build.stop("t", 1, "a", None, "12:00"), build.stop("t", 2, "b", "11:00+0"))
    assert "stop 2 (b)" in caught.value.faults[0].cause


def test_a_stop_at_a_point_without_zone_is_refused(build):
    tables = build.tables(train_stops=[build.stop("t", 1, "nowhere", None, "12:00")])
    with pytest.raises(StudyError, match="zone is unknown"):
        read_train_plans(tables, build.links(), default_dwell_min=3)


def test_a_change_of_offset_between_the_days_shifts_the_run_only_where_it_should(build, time_stops):
    stops = (
        build.stop("t", 1, "a", None, "12:00"),
        build.stop("t", 2, "b", "12:00+1"),
    )
    spans = {
        day: time_stops(*stops, day=day).arrival(1).at.at_s
        - time_stops(*stops, day=day).departure(0).at.at_s
        for day in (date(2018, 5, 3), date(2018, 5, 4), date(2018, 5, 5))
    }
    assert [span / 3600 for span in spans.values()] == [24, 23.5, 24]


def test_a_stated_time_inside_a_gap_keeps_the_offset_before_it(build, time_stops):
    day = date(2018, 5, 4)
    run = time_stops(build.stop("t", 1, "a", None, "23:45"), day=day)
    assert run.departure(0) is None
    run = time_stops(
        build.stop("t", 1, "a", None, "23:45"), build.stop("t", 2, "b", dwell_min=0), day=day
    )
    assert local_text(run.departure(0).at.at_s, EPOCH, ZONE) == "2018-05-05 00:15"


def test_running_times_are_stretched_to_what_is_stated_over_a_week_and_its_zones(corridor, links):
    plans = read_train_plans(corridor, links, default_dwell_min=3.0)
    run = TrainTimer(plans, EPOCH).time("1", DAY)
    assert len(run.events) == 16
    assert plans["1"].distances_km[-1] == pytest.approx(9090.0)
    times = [event.at.at_s for event in run.events[1:-1]]
    assert times == sorted(times)
    assert not any(stop.has_default_dwell for stop in plans["1"].stops[1:-1])
    omsk = [stop.point_id for stop in plans["1"].stops].index("omsk")
    # 10:18 to 05:00 two days on is 42 h 42 min of clock and 4 h of zones, 46 min of it standing.
    factor = run.arrival(omsk).running_factor
    assert factor == pytest.approx((42.7 * 3600 + 4 * 3600 - 46 * 60) / 167_000)


def test_runs_of_days_with_equal_offsets_are_shifted_copies(corridor, links):
    plans = read_train_plans(corridor, links, default_dwell_min=3.0)
    timer = TrainTimer(plans, EPOCH)
    first, second = timer.time("1", DAY), timer.time("1", date(2025, 6, 18))
    assert first is timer.time("1", DAY)
    for early, late in zip(first.events, second.events, strict=True):
        assert (early is None) == (late is None)
        assert early is None or late.at == early.at.shift(86_400)


@pytest.mark.parametrize("shift", [0, 3])
def test_a_restriction_slows_the_trains_that_are_there_on_its_days(build, shift):
    # a 20:00, half an hour to b; b 20:33 to c takes four hours, five with the restriction.
    stops = [build.stop("t", 1, "a", None, "20:00")] + [
        build.stop("t", number, point) for number, point in enumerate("bcd", 2)
    ]
    points = [
        {"point_id": point, "name": point, "zone": ZONE, "country": "KP", "kind": "station"}
        for point in "abcd"
    ]
    tables = build.tables(operational_points=points, train_stops=stops)
    free = [("t", 2, 10.0, 1800, 1800, 1800), ("t", 3, 20.0, 14_400, 14_400, 14_400),
            ("t", 4, 30.0, 3600, 3600, 3600)]  # fmt: skip
    slow = [free[0], ("t", 3, 20.0, 18_000, 18_000, 18_000), free[2]]
    plain, slowed = (
        read_train_plans(tables, build.links(*links), default_dwell_min=3.0)
        for links in (free, slow)
    )
    # After three hours it is 23:33, after 3.6 hours 00:09 of the day after.
    valid = DAY + timedelta(days=shift)
    later = []
    for after_s in (10_800.0, 12_960.0):
        part = SlowedPlans(valid, valid, slowed, {"t": (None, after_s, None)})
        timer = TrainTimer(plain, EPOCH, [part])
        days = [DAY + timedelta(days=number) for number in range(-2, 6)]
        ends = [timer.time("t", day).arrival(3).at.at_s for day in days]
        base = [TrainTimer(plain, EPOCH).time("t", day).arrival(3).at.at_s for day in days]
        gaps = [one - two for one, two in zip(ends, base, strict=True)]
        later.append([day for day, gap in zip(days, gaps, strict=True) if gap])
        assert sorted(set(gaps)) == [0, 3600]
    assert later == [[valid], [valid - timedelta(days=1)]]
