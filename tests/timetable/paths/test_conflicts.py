"""Conflicts: each kind once, with its place, time and cure."""

import numpy as np
import pytest

from arterial.timetable.paths import (
    Closure,
    ConflictKind,
    LinkKind,
    StopWish,
    TrainLink,
    TrainPath,
    find_conflicts,
    tabulate_conflicts,
)


@pytest.fixture
def lay(ground):
    """Lay a path at given times, whatever stands."""

    def lay_it(train, way, times, *, on=ground, **wishes):
        request = on.request(train, way, **wishes)
        arrive, leave = np.array(times, dtype=np.int64).T
        return TrainPath(request, arrive, leave)

    return lay_it


def test_paths_that_keep_their_distance_have_no_conflict(ground, lay):
    first = lay("a", "AB", [(0, 0), (100, 100)])
    second = lay("b", "BA", [(110, 110), (210, 210)])
    assert find_conflicts(ground.model, [first, second]) == ()
    assert tabulate_conflicts(()).is_empty()


def test_opposing_trains_on_one_track_conflict(ground, lay):
    first = lay("a", "AB", [(0, 0), (100, 100)])
    second = lay("b", "BA", [(104, 104), (204, 204)])
    (conflict,) = find_conflicts(ground.model, [first, second])
    assert (conflict.kind, conflict.missing_s) == (ConflictKind.OPPOSING, 6)
    assert (conflict.from_s, conflict.place) == (104, "A-B")
    assert "6 s" in conflict.cure


def test_trains_that_swap_places_at_one_instant_conflict(make_ground, lay):
    ground = make_ground(2, tracks=1)
    first = lay("a", "AB", [(0, 0), (100, 100)], on=ground)
    second = lay("b", "BA", [(100, 100), (200, 200)], on=ground)
    kinds = {conflict.kind for conflict in find_conflicts(ground.model, [first, second])}
    assert ConflictKind.OPPOSING in kinds


def test_followers_too_close_conflict(make_ground, ground, lay):
    first = lay("a", "AB", [(0, 0), (100, 100)])
    second = lay("b", "AB", [(110, 110), (210, 210)])
    (conflict,) = find_conflicts(ground.model, [first, second])
    assert (conflict.kind, conflict.missing_s) == (ConflictKind.HEADWAY, 10)
    block = make_ground(can_follow=True)
    second = lay("b", "AB", [(30, 30), (125, 125)])
    (conflict,) = find_conflicts(block.model, [first, second])
    # It enters a headway behind and arrives 5 s too early.
    assert conflict.missing_s == 5


def test_more_trains_than_tracks_conflict_with_all_that_are_there(ground, lay):
    paths = [
        lay("a", "AB", [(0, 0), (100, 500)]),
        lay("b", "CB", [(100, 100), (200, 600)]),
        lay("c", "AB", [(200, 200), (300, 400)]),
    ]
    (conflict,) = find_conflicts(ground.model, paths)
    assert conflict.kind is ConflictKind.STATION_FULL
    assert (conflict.from_s, conflict.to_s) == (300, 405)
    assert conflict.train_ids == ("a", "b", "c")


def test_two_trains_that_no_loop_holds_conflict(make_ground, lay):
    ground = make_ground(loops=(900.0, 700.0, 900.0))
    first = lay("a", "AB", [(0, 0), (100, 300)], on=ground, length_m=800.0)
    second = lay("b", "CB", [(0, 0), (100, 200)], on=ground, length_m=701.0)
    (conflict,) = find_conflicts(ground.model, [first, second])
    assert (conflict.kind, conflict.point_id) == (ConflictKind.TOO_LONG, "B")
    assert (conflict.from_s, conflict.to_s) == (100, 205)


def test_gauge_and_contact_line_are_judged_only_where_known(make_ground, lay):
    ground = make_ground(2, gauges_mm=(1435,), electrification="3kv_dc")
    wrong = lay("a", "AB", [(0, 0), (9, 9)], on=ground, gauge_mm=1520, systems=("25kv_50hz",))
    kinds = [conflict.kind for conflict in find_conflicts(ground.model, [wrong])]
    assert kinds == [ConflictKind.GAUGE, ConflictKind.VOLTAGE]
    unknown = lay("a", "AB", [(0, 0), (9, 9)], on=ground)
    assert find_conflicts(ground.model, [unknown]) == ()


def test_a_train_in_a_possession_conflicts(ground, lay):
    path = lay("a", "AB", [(0, 0), (100, 100)])
    works = [Closure("works", 90, 200, step=0)]
    (conflict,) = find_conflicts(ground.model, [path], closures=works)
    assert (conflict.kind, conflict.possession_id) == (ConflictKind.POSSESSION, "works")
    assert (conflict.from_s, conflict.to_s, conflict.missing_s) == (90, 100, 10)


def test_a_train_on_closed_tracks_of_a_point_conflicts_with_the_possession(ground, lay):
    path = lay("a", "AB", [(0, 0), (100, 200)])
    works = [Closure("works", 150, 400, point=1, tracks_count=2)]
    (conflict,) = find_conflicts(ground.model, [path], closures=works)
    assert conflict.kind is ConflictKind.POSSESSION
    assert conflict.train_ids == ("a",)


def test_links_that_are_not_kept_conflict(ground, lay):
    feeder = lay("feeder", "AB", [(0, 0), (100, 140)])
    host = lay("host", "BC", [(90, 150), (250, 250)])
    after = TrainLink("L", "host", "feeder", "B", LinkKind.AFTER, 60)
    (conflict,) = find_conflicts(ground.model, [feeder, host], links=[after])
    assert (conflict.kind, conflict.missing_s, conflict.point_id) == (ConflictKind.LINK, 10, "B")
    together = TrainLink("L", "host", "feeder", "B", LinkKind.TOGETHER, 45)
    (conflict,) = find_conflicts(ground.model, [feeder, host], links=[together])
    # Both stand at B from 100 to 140.
    assert conflict.missing_s == 5
    kept = TrainLink("L", "host", "feeder", "B", LinkKind.TOGETHER, 40)
    assert find_conflicts(ground.model, [feeder, host], links=[kept]) == ()


def test_the_table_names_place_paths_and_cure(ground, lay):
    first = lay("a", "AB", [(0, 0), (100, 100)], stops={1: StopWish(0)})
    second = lay("b", "BA", [(104, 104), (204, 204)])
    (row,) = tabulate_conflicts(find_conflicts(ground.model, [first, second])).to_dicts()
    assert row["path_ids"] == "a;b"
    assert (row["section_id"], row["from_point"], row["point_id"]) == ("AB", "A", None)
    assert row["cure"].startswith("Let one of them wait")
