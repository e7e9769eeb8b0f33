"""The path of one more train: hand-computed cases."""

import pytest

from arterial.dispatching.paths import PathChoice, Traffic, find_path, insertion, list_departures
from arterial.dispatching.paths.insertion_kernel import make_labels
from arterial.errors import LimitError
from arterial.timetable.paths import Closure, PathRules, StopWish


def test_an_empty_line_gives_running_and_planned_standstill(ground):
    path = find_path(Traffic(ground.model), ground.request("t", "ABC", stops={1: StopWish(60)}))
    assert path.arrival_s.tolist() == [0, 100, 260]
    assert path.departure_s.tolist() == [0, 160, 260]
    assert path.delay_s == 0


def test_an_opposing_train_is_awaited_at_the_loop(ground):
    # The other leaves C at 50 and is at B at 150: t reaches B before and leaves it at 150 + 10.
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "other", "CBA", depart=(50, 50))
    path = find_path(traffic, ground.request("t", "ABC"))
    assert path.departure_s.tolist()[1] == 160
    # The step A to B is the other's only after t has left it.
    assert path.arrive_at_s == 260


def test_without_a_second_track_at_the_loop_the_train_waits_at_its_origin(make_ground):
    ground = make_ground(tracks=(2, 1, 2))
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "other", "CBA", depart=(50, 50))
    path = find_path(traffic, ground.request("t", "ABC", depart=(0, 1000)))
    # The other is at A at 250; t leaves 10 s later.
    assert path.depart_at_s == 260


def test_a_follower_keeps_the_interval_of_one_train_a_step(ground):
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "first", "ABC")
    path = find_path(traffic, ground.request("t", "ABC", depart=(0, 1000)))
    assert path.depart_at_s == 120
    assert path.arrive_at_s == 320


def test_a_faster_follower_under_automatic_block_arrives_a_headway_behind(make_ground):
    ground = make_ground(2, can_follow=True)
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "slow", "AB", running=200)
    path = find_path(traffic, ground.request("fast", "AB", depart=(0, 1000), running=80))
    assert path.arrive_at_s == 230
    assert path.depart_at_s == 150


def test_opposing_trains_pass_freely_on_two_tracks(make_ground):
    ground = make_ground(2, tracks_count=2)
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "other", "BA")
    assert find_path(traffic, ground.request("t", "AB")).depart_at_s == 0


def test_a_stop_that_is_not_planned_costs_starting_and_stopping(make_ground):
    ground = make_ground(rules=PathRules(10, 20, 30, 5, 7, 3))
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "other", "CBA", depart=(50, 50))
    path = find_path(traffic, ground.request("t", "ABC"))
    assert path.arrival_s.tolist() == [0, 103, 160 + 107]


def test_a_limit_on_standstill_moves_the_wait_to_the_origin(ground):
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "other", "CBA", depart=(50, 50))
    request = ground.request("t", "ABC", depart=(0, 45), wait_most_s=20)
    path = find_path(traffic, request)
    # B is reached 10 s before the other leaves it for A at 150, and left at 160.
    assert path.depart_at_s == 40
    assert (path.departure_s - path.arrival_s).tolist() == [0, 20, 0]
    never = ground.request("t", "ABC", depart=(0, 45), wait_most_s=-1)
    assert find_path(traffic, never) is None


def test_a_train_that_never_waits_is_not_lost_behind_an_earlier_gap(ground):
    # Before the first train it could reach B by 280 only, where the works of B to C would stop it.
    traffic = Traffic(ground.model, closures=(Closure("works", 0, 700, step=1),))
    traffic = ground.run(traffic, "first", "AB", depart=(300, 300))
    path = find_path(traffic, ground.request("t", "ABC", depart=(0, 1000), wait_most_s=-1))
    assert path.arrival_s.tolist() == [600, 700, 800]
    assert find_path(traffic, ground.request("t", "ABC", depart=(0, 1000))).arrive_at_s == 800


def test_a_possession_is_passed_before_or_after(ground):
    traffic = Traffic(ground.model, closures=(Closure("works", 150, 400, step=1),))
    path = find_path(traffic, ground.request("t", "ABC", depart=(0, 50)))
    assert path.departure_s.tolist()[1] == 400
    traffic = Traffic(ground.model, closures=(Closure("works", 200, 400, step=1),))
    assert find_path(traffic, ground.request("t", "ABC")).arrive_at_s == 200


def test_a_possession_of_one_direction_leaves_the_other_free(make_ground):
    ground = make_ground(2, tracks_count=2)
    traffic = Traffic(ground.model, closures=(Closure("works", 0, 400, step=0, direction=0),))
    assert find_path(traffic, ground.request("t", "BA")).depart_at_s == 0
    assert find_path(traffic, ground.request("t", "AB", depart=(0, 900))).depart_at_s == 400


def test_closed_tracks_of_a_point_are_counted_as_taken(ground):
    closed = [Closure("works", 0, 1000, point=1, tracks_count=1)]
    traffic = Traffic(ground.model, closures=tuple(closed))
    traffic = ground.run(traffic, "other", "CBA", depart=(50, 50))
    path = find_path(traffic, ground.request("t", "ABC", depart=(0, 1000)))
    assert path.depart_at_s == 260


def test_of_two_trains_that_no_loop_holds_only_one_may_be_at_a_point(make_ground):
    ground = make_ground(loops=(900.0, 700.0, 900.0))
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "other", "CBA", depart=(50, 50), length_m=800.0)
    long = ground.request("t", "ABC", depart=(0, 1000), length_m=800.0)
    short = ground.request("t", "ABC", depart=(0, 1000), length_m=600.0)
    assert find_path(traffic, short).arrive_at_s == 260
    assert find_path(traffic, long).depart_at_s == 260


def test_margins_widen_every_interval(ground):
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "first", "ABC")
    request = ground.request("t", "ABC", depart=(0, 1000))
    assert find_path(traffic.widen(40), request).depart_at_s == 160


def test_of_equal_arrivals_the_latest_departure_is_taken(ground):
    traffic = Traffic(ground.model, closures=(Closure("works", 150, 400, step=1),))
    path = find_path(traffic, ground.request("t", "ABC", depart=(0, 1000)))
    assert path.depart_at_s == 300
    assert path.journey_s == 200


def test_departures_are_listed_by_journey_and_each_is_better_in_something(ground):
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "other", "CBA", depart=(50, 50))
    request = ground.request("t", "ABC", depart=(0, 300))
    found = list_departures(traffic, request, spacing_s=60, count=3)
    # At 260 the line is clear; at 40 it waits 20 s at B; the next one would leave after 300.
    assert [(path.depart_at_s, path.journey_s) for path in found] == [(260, 200), (40, 220)]
    early = list_departures(traffic, request, count=1, choice=PathChoice.EARLIEST)
    # The step A to B is the other's from 150 on: t leaves by 150 - 10 - 100.
    assert early[0].depart_at_s == 40
    assert early[0].arrive_at_s == 260
    late = list_departures(traffic, request, count=1, spacing_s=10, choice=PathChoice.LATEST)
    assert late[0].depart_at_s == 300


def test_a_window_that_does_not_end_lists_nothing(ground):
    request = ground.request("t", "ABC", depart=(0, 1 << 60))
    with pytest.raises(LimitError, match="window that ends"):
        list_departures(Traffic(ground.model), request)


def test_points_that_are_no_neighbours_are_refused(ground):
    with pytest.raises(LimitError, match="No step joins A and C"):
        ground.request("t", "AC")


def test_a_missing_running_time_is_refused(ground):
    with pytest.raises(LimitError, match="running time"):
        ground.request("t", "AB", running=[float("nan")])


def test_intervals_under_which_trains_could_swap_are_refused():
    with pytest.raises(LimitError, match="at least 1 s"):
        PathRules(opposing_interval_s=0)


def test_a_search_that_finds_no_room_for_a_label_is_made_again(make_ground, monkeypatch):
    ground = make_ground(6)
    traffic = Traffic(ground.model)
    for number in range(12):
        way = "ABCDEF" if number % 2 else "FEDCBA"
        traffic = ground.run(traffic, f"t{number}", way, depart=(150 * number, 1 << 50))
    request = ground.request("one more", "ABCDEF", depart=(0, 1 << 50))
    path = find_path(traffic, request)

    def make_few(*sizes):
        labels = make_labels(*sizes)
        return labels._replace(rows=labels.rows[:4].copy())

    monkeypatch.setattr(insertion, "make_labels", make_few)
    assert find_path(traffic, request).arrival_s.tolist() == path.arrival_s.tolist()


def test_two_paths_of_a_train_are_refused(ground):
    path = ground.lay("t", "AB")
    with pytest.raises(LimitError, match="two paths"):
        find_path(Traffic(ground.model, (path, path)), ground.request("u", "AB"))


def test_users_of_a_way_are_those_of_the_period(ground):
    works = (
        Closure("works", 900, 950, step=0),
        Closure("later", 2000, 2100, point=2, tracks_count=1),
    )
    traffic = ground.run(Traffic(ground.model, closures=works), "t", "AB", depart=(0, 0))
    request = ground.request("u", "ABC")
    assert traffic.list_users(request, 0, 1000) == ("t", "works")
    assert traffic.list_users(request, 1900, 3000) == ("later",)
    assert traffic.list_users(ground.request("t", "ABC"), 0, 1000) == ("works",)
