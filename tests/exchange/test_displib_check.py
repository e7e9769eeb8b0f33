"""The independent judge, on solutions made and broken by hand."""

import pytest

from arterial.exchange.displib import DisplibSolution, TrainEvent, parse_problem
from arterial.exchange.displib_check import check_solution


def line_train(first, second, *, release=0):
    """Entry, two tracks of 5 s, exit."""
    return [
        {"start_ub": 0, "min_duration": 0, "successors": [1]},
        {
            "min_duration": 5,
            "resources": [{"resource": first, "release_time": release}],
            "successors": [2],
        },
        {"min_duration": 5, "resources": [{"resource": second}], "successors": [3]},
        {"min_duration": 0, "successors": []},
    ]


def judge(trains, events, value):
    objective = [
        {"type": "op_delay", "train": k, "operation": 3, "coeff": 1} for k in range(len(trains))
    ]
    problem = parse_problem({"trains": trains, "objective": objective})
    solution = DisplibSolution(value, tuple(TrainEvent(*event) for event in events))
    return check_solution(problem, solution)


# (time, train, operation): one train behind the other through r0, r1.
BEHIND = [
    (0, 0, 0), (0, 1, 0), (0, 0, 1), (5, 0, 2), (5, 1, 1), (10, 0, 3), (10, 1, 2), (15, 1, 3),
]  # fmt: skip
SAME = [line_train("r0", "r1"), line_train("r0", "r1")]


def test_a_train_may_follow_within_the_second_when_listed_later():
    verdict = judge(SAME, BEHIND, 25)
    assert verdict.is_accepted
    assert verdict.objective_value == 25


def test_the_value_is_counted_anew():
    verdict = judge(SAME, BEHIND, 24)
    assert verdict.objective_value == 25
    assert [fault.cause for fault in verdict.faults] == ["The value is 25, not 24."]


def changed(place, event):
    return [*BEHIND[:place], event, *BEHIND[place + 1 :]]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([*BEHIND[:3], BEHIND[4], BEHIND[3], *BEHIND[5:]], "which train 0 holds"),
        (changed(3, (4, 0, 2)), "lasts to 5 s at least"),
        (changed(7, (9, 1, 3)), "comes after 10 in the list"),
        (changed(1, (1, 1, 0)), "is after 0 s"),
        (changed(5, (10, 0, 1)), "does not follow operation 2"),
        (BEHIND[:-1], "ends at operation 2"),
        ([event for event in BEHIND if event[1] == 0], "Train 1 has no events"),
        ([event for event in BEHIND if event != (0, 1, 0)], "starts at operation 0"),
        (changed(7, (15, 4, 3)), "Train 4 has no operation 3"),
    ],
)
def test_each_rule_is_enforced(events, words):
    verdict = judge(SAME, events, 25)
    assert any(words in fault.cause for fault in verdict.faults)
    assert not verdict.is_accepted


def test_a_release_time_keeps_the_next_train_out():
    trains = [line_train("r0", "r1", release=3), line_train("r0", "r1")]
    verdict = judge(trains, BEHIND, 25)
    assert [fault.cause for fault in verdict.faults] == [
        "Train 1, operation 1 at 5 s takes 'r0', which train 0 frees at 8 s."
    ]


def test_two_trains_cannot_swap_tracks_at_one_instant():
    trains = [line_train("r0", "r1"), line_train("r1", "r0")]
    events = [
        (0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (5, 0, 2), (5, 1, 2), (10, 0, 3), (10, 1, 3),
    ]  # fmt: skip
    verdict = judge(trains, events, 20)
    assert any("which train 1 holds" in fault.cause for fault in verdict.faults)


def test_the_last_operation_never_frees_its_track():
    ends = [
        {"min_duration": 0, "successors": [1]},
        {"min_duration": 0, "resources": [{"resource": "r"}], "successors": []},
    ]
    problem = parse_problem({"trains": [ends, ends], "objective": []})
    events = ((0, 0, 0), (0, 1, 0), (0, 0, 1), (99, 1, 1))
    verdict = check_solution(problem, DisplibSolution(0, tuple(TrainEvent(*e) for e in events)))
    assert len(verdict.faults) == 1


def test_a_train_never_hinders_itself():
    twice = line_train("r0", "r0", release=100)
    events = [(0, 0, 0), (0, 0, 1), (5, 0, 2), (10, 0, 3)]
    assert judge([twice], events, 10).is_accepted
