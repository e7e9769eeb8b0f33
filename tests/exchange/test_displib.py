"""Problems and solutions of DISPLIB 2025: reading, writing, faults."""

import json
from pathlib import Path

import pytest

from arterial.errors import StudyError
from arterial.exchange.displib import (
    DelayCost,
    DisplibSolution,
    TrainEvent,
    parse_problem,
    parse_solution,
    read_problem,
    read_solution,
    write_problem,
    write_solution,
)

TRAIN = [
    {"start_ub": 0, "min_duration": 5, "resources": [{"resource": "l"}], "successors": [1, 2]},
    {"min_duration": 5, "resources": [{"resource": "a", "release_time": 9}], "successors": [3]},
    {"start_lb": 7, "min_duration": 5, "successors": [3]},
    {"min_duration": 0, "successors": []},
]
COST = {"type": "op_delay", "train": 0, "operation": 3, "threshold": 4, "coeff": 2}


def faults_of(content):
    with pytest.raises(StudyError) as caught:
        parse_problem(content, file="p.json")
    return {fault.column: fault for fault in caught.value.faults}


def problem_with(**changes):
    """The sound problem with one key of operation 1 changed."""
    train = [dict(operation) for operation in TRAIN]
    train[1] |= changes
    return {"trains": [train], "objective": [COST]}


def test_a_sound_problem_is_read_with_its_defaults():
    problem = parse_problem({"trains": [TRAIN], "objective": [COST]}, name="one")
    entry, first, second, leave = problem.trains[0]
    assert (entry.start_ub_s, first.start_ub_s, second.start_lb_s) == (0, None, 7)
    assert [use.release_time_s for use in (*entry.resources, *first.resources)] == [0, 9]
    assert leave.successors == ()
    assert problem.objective == (DelayCost(0, 3, threshold_s=4, coefficient=2),)


def test_price_counts_from_the_threshold_on():
    cost = DelayCost(0, 3, threshold_s=10, coefficient=2, increment=5)
    assert [cost.price(t) for t in (9, 10, 14)] == [0, 5, 13]


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"min_duration": -1}, "trains[0][1].min_duration", "-1 is no whole number"),
        ({"min_duration": 2.5}, "trains[0][1].min_duration", "2.5 is no whole number"),
        ({"min_duration": True}, "trains[0][1].min_duration", "True is no whole number"),
        ({"min_duration": 2**70}, "trains[0][1].min_duration", "is no whole number"),
        ({"successors": [4]}, "trains[0][1].successors", "4 is no operation"),
        ({"successors": [1]}, "trains[0][1].successors", "does not come after"),
        ({"successors": ["3"]}, "trains[0][1].successors", "'3' is no operation"),
        ({"successors": []}, "trains[0][1].successors", "only the last operation"),
        ({"successors": 3}, "trains[0][1].successors", "no list"),
        ({"start_lb": 9, "start_ub": 8}, "trains[0][1].start_ub", "8 is below start_lb 9"),
        ({"resources": [{"resource": 7}]}, "trains[0][1].resources[0].resource", "7 is no name"),
        ({"resources": ["a"]}, "trains[0][1].resources[0]", "no JSON object"),
    ],
)
def test_a_faulty_operation_is_named_with_train_and_operation(changes, place, words):
    found = faults_of(problem_with(**changes))
    assert words in found[place].cause
    assert found[place].file == "p.json"
    assert found[place].cure


def test_an_unknown_key_gets_the_near_name():
    found = faults_of(problem_with(start_low=3))
    assert found["trains[0][1].start_low"].near == ("start_lb",)


def test_all_faults_come_at_once():
    broken = problem_with(min_duration="x", successors=[9])
    broken["objective"] = [{"type": "late", "train": 3, "operation": 0}, COST, COST, 4]
    found = faults_of(broken)
    assert {
        "trains[0][1].min_duration",
        "trains[0][1].successors",
        "objective[0].type",
        "objective[0].train",
        "objective[2]",
        "objective[3]",
    } <= set(found)


def test_an_operation_that_nothing_leads_to_is_a_fault():
    train = [TRAIN[0] | {"successors": [2]}, *TRAIN[1:]]
    found = faults_of({"trains": [train], "objective": []})
    assert "No operation leads here" in found["trains[0][1]"].cause


@pytest.mark.parametrize("content", [None, [], "x", 3, {"trains": 3, "objective": {}}])
def test_what_is_no_problem_at_all_is_a_fault_not_a_failure(content):
    assert faults_of(content)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"trains": [', "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 200_000, "nested too deep"),
    ],
)
def test_a_file_that_is_no_json_is_refused_with_its_name(tmp_path: Path, raw, words):
    path = tmp_path / "p.json"
    path.write_bytes(raw)
    with pytest.raises(StudyError) as caught:
        read_problem(path)
    assert words in caught.value.faults[0].cause
    assert caught.value.faults[0].file == str(path)


def test_a_problem_survives_the_way_out_and_in(tmp_path: Path):
    problem = parse_problem({"trains": [TRAIN], "objective": [COST]}, name="p")
    write_problem(problem, tmp_path / "p.json")
    assert read_problem(tmp_path / "p.json") == problem


def test_a_solution_survives_the_way_out_and_in(tmp_path: Path):
    solution = DisplibSolution(3, (TrainEvent(0, 0, 0), TrainEvent(5, 0, 1)))
    write_solution(solution, tmp_path / "s.json")
    assert read_solution(tmp_path / "s.json") == solution
    assert json.loads((tmp_path / "s.json").read_text("utf-8"))["events"][1] == {
        "time": 5,
        "train": 0,
        "operation": 1,
    }
    assert [path.name for path in tmp_path.iterdir()] == ["s.json"]


def test_a_solution_without_times_is_refused():
    with pytest.raises(StudyError) as caught:
        parse_solution({"objective_value": 0, "events": [{"train": 0, "operation": 0}]})
    assert [fault.column for fault in caught.value.faults] == ["events[0].time"]


def test_numbers_of_thousands_of_digits_are_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"trains": [[{"min_duration": ' + "9" * 5000 + "}]]}")
    with pytest.raises(StudyError) as caught:
        read_problem(file)
    assert "thousands of digits" in caught.value.faults[0].cause


@pytest.mark.parametrize(
    ("duration", "coefficient", "words"),
    [(2**40, 2**40, "prices"), (2**20, 2**40, "prices"), (2**40, 1, None)],
)
def test_prices_beyond_what_is_reckoned_exactly_are_a_fault(duration, coefficient, words) -> None:
    train = [{"min_duration": duration, "successors": [1]}, {"min_duration": 0, "successors": []}]
    cost = {"type": "op_delay", "train": 0, "operation": 1, "coeff": coefficient}
    content = {"trains": [train], "objective": [cost]}
    if words is None:
        assert parse_problem(content).objective[0].coefficient == coefficient
        return
    (fault,) = faults_of(content).values()
    assert words in fault.cause
