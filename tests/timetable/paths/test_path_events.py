"""Whom a train meets and what it costs."""

import numpy as np
import pytest

from arterial.timetable.paths import StopWish, TrainPath
from arterial.timetable.paths.path_tables import PathEventKind, list_path_events


@pytest.fixture
def lay(ground):
    def lay_it(train, way, times, **wishes):
        arrive, leave = np.array(times, dtype=np.int64).T
        return TrainPath(ground.request(train, way, **wishes), arrive, leave)

    return lay_it


def test_a_crossing_names_place_train_and_both_waits(lay):
    host = lay("host", "ABC", [(0, 0), (100, 160), (260, 260)])
    other = lay("o", "CBA", [(50, 50), (150, 155), (255, 255)], stops={1: StopWish(5)})
    (event,) = list_path_events(host, [host, other])
    assert (event.kind, event.point_id, event.other_id) == (PathEventKind.CROSSING, "B", "o")
    assert (event.wait_s, event.other_wait_s, event.at_s) == (60, 0, 100)


def test_of_two_crossings_at_a_point_the_later_one_bears_the_wait(lay):
    host = lay("host", "ABC", [(0, 0), (100, 260), (360, 360)])
    first = lay("one", "CBA", [(0, 0), (105, 110), (210, 210)])
    second = lay("two", "CBA", [(150, 150), (250, 255), (355, 355)])
    events = list_path_events(host, [second, first])
    assert [(one.other_id, one.wait_s) for one in events] == [("one", 0), ("two", 160)]


def test_an_overtaken_train_waits_and_an_overtaking_one_does_not(lay):
    slow = lay("slow", "ABC", [(0, 0), (100, 300), (400, 400)])
    fast = lay("fast", "ABC", [(120, 120), (200, 200), (280, 280)])
    (event,) = list_path_events(slow, [fast])
    assert (event.kind, event.wait_s) == (PathEventKind.OVERTAKEN, 200)
    (event,) = list_path_events(fast, [slow])
    assert (event.kind, event.wait_s) == (PathEventKind.OVERTAKING, 0)
    assert event.other_wait_s == 200


def test_a_wait_behind_a_train_ahead_names_that_train(lay):
    ahead = lay("ahead", "ABC", [(0, 0), (100, 100), (300, 300)])
    host = lay("host", "ABC", [(110, 110), (210, 320), (420, 420)])
    (event,) = list_path_events(host, [ahead])
    assert (event.kind, event.other_id, event.wait_s) == (PathEventKind.WAIT, "ahead", 110)


def test_a_wait_that_nobody_causes_has_no_name(lay):
    host = lay("host", "ABC", [(0, 0), (100, 130), (230, 230)])
    (event,) = list_path_events(host, [])
    assert (event.other_id, event.wait_s) == (None, 30)


def test_trains_on_other_lines_are_not_met(lay):
    host = lay("host", "AB", [(0, 0), (100, 400)])
    other = lay("o", "CB", [(50, 50), (150, 155)])
    assert [one.kind for one in list_path_events(host, [other])] == [PathEventKind.WAIT]
