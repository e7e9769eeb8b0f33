"""A timetable without conflicts."""

from dataclasses import replace

import pytest

from arterial.timetable.paths import (
    Closure,
    LinkKind,
    ResolveOptions,
    StopWish,
    TrainLink,
    find_conflicts,
    make_conflict_free,
)

NONE = ResolveOptions(rounds=0)


def by_name(resolved):
    return {path.train_id: path for path in resolved.paths}


def test_the_train_of_higher_priority_does_not_wait(ground):
    wanted = [
        ground.request("freight", "CBA", depart=(50, 9999), priority=2),
        ground.request("host", "ABC", depart=(0, 9999), priority=0),
    ]
    resolved = make_conflict_free(ground.model, wanted, options=NONE)
    paths = by_name(resolved)
    assert paths["host"].delay_s == 0
    # The freight train is at B when the host leaves it at 100, and goes on 10 s later.
    assert paths["freight"].delay_s == 0 or paths["freight"].departure_s[1] >= 110
    assert find_conflicts(ground.model, resolved.paths) == ()
    assert resolved.bound == 0.0


def test_two_trains_of_one_step_cost_what_one_waits_for_the_other(make_ground):
    ground = make_ground(2)
    wanted = [
        ground.request("a", "AB", depart=(0, 999)),
        ground.request("b", "BA", depart=(0, 999), running=40),
    ]
    resolved = make_conflict_free(ground.model, wanted, options=NONE)
    # a goes first by name: b waits 100 + 10 s.
    assert resolved.cost == 110
    better = make_conflict_free(ground.model, wanted, options=ResolveOptions(rounds=30))
    # b first: a waits 40 + 10 s.
    assert (better.first_cost, better.cost) == (110, 50)


def test_weights_price_the_wait(make_ground):
    ground = make_ground(2)
    wanted = [
        ground.request("a", "AB", depart=(0, 999), weight=10.0),
        ground.request("b", "BA", depart=(0, 999), running=40),
    ]
    resolved = make_conflict_free(ground.model, wanted, options=ResolveOptions(rounds=30))
    assert resolved.cost == 110


def test_trains_from_both_ends_never_lock_the_line(make_ground):
    ground = make_ground(6, tracks=(9, 1, 2, 1, 2, 9))
    wanted = [
        ground.request(f"{way[0]}{number}", way, depart=(0, 1 << 60))
        for number in range(8)
        for way in ("ABCDEF", "FEDCBA")
    ]
    resolved = make_conflict_free(ground.model, wanted, options=NONE)
    assert resolved.unplaced == ()
    assert find_conflicts(ground.model, resolved.paths) == ()


def test_a_train_whose_window_is_full_stays_without_a_path(make_ground):
    ground = make_ground(2)
    wanted = [ground.request("a", "AB"), ground.request("b", "BA", depart=(0, 50))]
    resolved = make_conflict_free(ground.model, wanted, options=NONE)
    assert resolved.unplaced == ("b",)


def test_a_linked_train_leaves_after_the_other_has_come(ground):
    wanted = [
        ground.request("host", "BC", depart=(0, 9999), priority=0),
        ground.request("feeder", "AB", depart=(30, 9999), priority=1),
    ]
    link = TrainLink("L", "host", "feeder", "B", LinkKind.AFTER, 60)
    resolved = make_conflict_free(ground.model, wanted, links=[link], options=NONE)
    assert by_name(resolved)["host"].depart_at_s == 190
    assert find_conflicts(ground.model, resolved.paths, links=[link]) == ()


def test_trains_that_must_stand_together_do(ground):
    wanted = [
        ground.request("through", "ABC", depart=(0, 9999), stops={1: StopWish(30)}),
        ground.request("other", "CBA", depart=(0, 9999), stops={1: StopWish(200)}),
    ]
    link = TrainLink("L", "through", "other", "B", LinkKind.TOGETHER, 40)
    resolved = make_conflict_free(ground.model, wanted, links=[link], options=NONE)
    assert resolved.loose_links == ()
    assert find_conflicts(ground.model, resolved.paths, links=[link]) == ()


def test_a_link_that_cannot_be_kept_is_named(ground):
    wanted = [
        ground.request("host", "BC", depart=(0, 20)),
        ground.request("feeder", "AB", depart=(30, 30)),
    ]
    link = TrainLink("L", "host", "feeder", "B", LinkKind.AFTER, 60)
    resolved = make_conflict_free(ground.model, wanted, links=[link], options=NONE)
    assert resolved.loose_links == ("host",)
    assert len(resolved.paths) == 2


def test_the_bound_counts_what_possessions_cost_each_train_alone(ground):
    works = [Closure("works", 50, 300, step=0)]
    wanted = [ground.request("a", "ABC", depart=(0, 999))]
    resolved = make_conflict_free(ground.model, wanted, closures=works, options=NONE)
    assert resolved.bound == resolved.cost == 300


def test_the_same_seed_gives_the_same_paths(make_ground):
    ground = make_ground(5)
    wanted = [
        ground.request(f"{way[0]}{n}", way, depart=(40 * n, 1 << 60), running=60 + 7 * n)
        for n in range(6)
        for way in ("ABCDE", "EDCBA")
    ]
    options = ResolveOptions(rounds=40, time_limit_s=60.0, seed=5)
    first = make_conflict_free(ground.model, wanted, options=options)
    again = make_conflict_free(ground.model, wanted, options=options)
    assert [path.arrival_s.tolist() for path in first.paths] == [
        path.arrival_s.tolist() for path in again.paths
    ]
    assert first.cost <= first.first_cost
    assert find_conflicts(ground.model, first.paths) == ()


def test_no_round_is_made_once_time_is_up(make_ground):
    ground = make_ground(2)
    wanted = [
        ground.request("a", "AB", depart=(0, 999)),
        ground.request("b", "BA", depart=(0, 999)),
    ]
    options = replace(NONE, rounds=50, time_limit_s=0.0)
    assert make_conflict_free(ground.model, wanted, options=options).rounds == 0


@pytest.mark.parametrize("count", [0, 1])
def test_few_trains_need_no_improvement(ground, count):
    wanted = [ground.request("a", "AB")][:count]
    assert make_conflict_free(ground.model, wanted).cost == 0.0
