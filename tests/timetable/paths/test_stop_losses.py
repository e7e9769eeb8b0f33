"""The judge of what paths pay for."""

import numpy as np
import pytest

from arterial.timetable.paths import (
    PathRules,
    StopWish,
    TrainPath,
    Unpaid,
    UnpaidKind,
    find_conflicts,
    find_unpaid,
)

RULES = PathRules(start_loss_s=120, stop_loss_s=60)


@pytest.fixture
def judge(make_ground):
    """Give what is unpaid of times over A, B, C with 100 s a step."""
    ground = make_ground(rules=RULES)

    def of(arrival, departure, **wishes):
        request = ground.request("t", "ABC", **({"depart": (0, 9999)} | wishes))
        path = TrainPath(request, np.array(arrival), np.array(departure))
        assert find_conflicts(ground.model, [path]) == ()
        return find_unpaid([path])

    return of


def test_a_train_that_passes_pays_nothing(judge):
    assert judge([0, 100, 200], [0, 100, 200]) == ()


def test_a_train_that_stands_for_nothing_is_found_where_it_does_not_pay(judge):
    # 60 s for braking before B and 120 s for starting behind it are missing.
    assert judge([0, 100, 210], [0, 110, 210]) == (
        Unpaid(UnpaidKind.RUNNING, "t", 0, 60),
        Unpaid(UnpaidKind.RUNNING, "t", 1, 120),
    )
    assert judge([0, 160, 390], [0, 170, 390]) == ()


def test_the_running_times_hold_a_planned_stop(judge):
    stops = {1: StopWish(dwell_s=30)}
    assert judge([0, 100, 230], [0, 130, 230], stops=stops) == ()
    assert judge([0, 100, 210], [0, 110, 210], stops=stops) == (
        Unpaid(UnpaidKind.DWELL, "t", 1, 20),
    )


def test_a_train_does_not_dawdle_between_points(judge):
    # It may have paid for a stop of no second at B, but for no more.
    assert judge([0, 160, 380], [0, 160, 380]) == ()
    assert judge([0, 161, 381], [0, 161, 381]) == (Unpaid(UnpaidKind.SLOW, "t", 0, 1),)


def test_windows_and_instants_are_kept(judge):
    assert judge([5, 105, 205], [5, 105, 205], depart=(0, 4)) == (
        Unpaid(UnpaidKind.TIME, "t", 0, 1),
    )
    stops = {1: StopWish(earliest_at_s=120), 2: StopWish(latest_at_s=190)}
    assert judge([0, 100, 200], [0, 100, 200], stops=stops) == (
        Unpaid(UnpaidKind.TIME, "t", 1, 20),
        Unpaid(UnpaidKind.TIME, "t", 2, 10),
    )


def test_a_train_waits_no_longer_than_it_may(judge):
    assert judge([0, 160, 400], [0, 180, 400], wait_most_s=15) == (
        Unpaid(UnpaidKind.DWELL, "t", 1, 5),
    )
