"""Scheduling problems from text of three formats, and schedules as JSON."""

import csv

import pytest

from arterial.errors import InfeasibleError, StudyError
from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.schedule_files import (
    read_schedule,
    read_schedule_problem,
    write_schedule,
)
from arterial.exchange.scheduling import ProblemFormat, Schedule
from arterial.workshop import schedule_tasks
from scheduling_cases import LIBRARY

PROJECT = """4 1
3
0 0 2 2 3
2 2 1 4
4 2 1 4
0 0 0
"""
JOB_SHOP = """#++++
# instance small
2 2
0 3 1 2
1 4 0 1
"""
FLEXIBLE = """2 2 1.5
2 1 1 3 2 1 5 2 2
1 1 2 4
"""


PSPLIB = """****
file with basedata            : SMALL.BAS
jobs (incl. supersource/sink ):  5
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        2          1           4
   3        1          1           5
   4        1          1           5
   5        1          0
****
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
----
  1      1     0       0    0
  2      1     8       4    0
         2     3       4    1
  3      1     4       1    0
  4      1     6       4    1
  5      1     0       0    0
****
RESOURCEAVAILABILITIES:
  R 1  R 2
   4    1
****
"""


def read(folder, text):
    """A problem from text."""
    file = folder / "small"
    file.write_text(text)
    return read_schedule_problem(file)


def faults_of(folder, text):
    """What is wrong with a text."""
    with pytest.raises(StudyError) as refused:
        read(folder, text)
    return refused.value.faults


def test_a_project_gives_durations_demands_and_successors(tmp_path):
    problem = read(tmp_path, PROJECT)
    assert problem.kind is ProblemFormat.PROJECT
    assert problem.capacities == (3,)
    assert [task.modes[0].duration for task in problem.tasks] == [0, 2, 4, 0]
    assert [task.successors for task in problem.tasks] == [(1, 2), (3,), (3,), ()]
    assert problem.tasks[2].modes[0].demands[0].amount == 2


def test_lines_of_a_project_may_break_anywhere(tmp_path):
    whole = read(tmp_path, PROJECT)
    words = PROJECT.split()
    assert read(tmp_path, " ".join(words[:5]) + "\n" + "\n".join(words[5:])) == whole


def test_a_job_shop_below_comments_gives_chains_of_machines(tmp_path):
    problem = read(tmp_path, JOB_SHOP)
    assert problem.kind is ProblemFormat.JOB_SHOP
    assert [task.modes[0].demands[0].resource for task in problem.tasks] == [0, 1, 1, 0]
    assert [task.modes[0].duration for task in problem.tasks] == [3, 2, 4, 1]
    assert [task.successors for task in problem.tasks] == [(1,), (), (3,), ()]


def test_a_flexible_job_shop_gives_a_mode_for_each_alternative(tmp_path):
    problem = read(tmp_path, FLEXIBLE)
    assert problem.kind is ProblemFormat.FLEXIBLE_JOB_SHOP
    assert [len(task.modes) for task in problem.tasks] == [1, 2, 1]
    second = problem.tasks[1].modes
    assert [(m.demands[0].resource, m.duration) for m in second] == [(0, 5), (1, 2)]


def test_every_file_of_the_library_is_read_as_what_its_folder_says():
    if not LIBRARY.is_dir():
        pytest.skip("the scheduling library is not beside the checkout")
    kinds = {"rcpsp": ProblemFormat.PROJECT, "jsp": ProblemFormat.JOB_SHOP}
    with (LIBRARY / "index.csv").open(newline="") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    assert names
    for name in names:
        wanted = kinds.get(name.split("/")[0], ProblemFormat.FLEXIBLE_JOB_SHOP)
        assert read_schedule_problem(LIBRARY / name).kind is wanted


def test_every_word_that_is_no_number_is_named_with_its_row(tmp_path):
    faults = faults_of(tmp_path, "2 2\n0 x 1 2\n1 4 0 -1\n")
    assert [(fault.row, fault.cause) for fault in faults] == [
        (2, "'x' is no whole number."),
        (3, "'-1' is no whole number."),
    ]


def test_a_project_that_ends_early_is_refused_with_the_task(tmp_path):
    (fault,) = faults_of(tmp_path, "4 1\n3\n0 0 2 2 3\n2 2 1 4\n4 2 1\n")
    assert "within task 3 of 4" in fault.cause
    assert fault.row == 5


def test_every_fault_of_a_project_is_named(tmp_path):
    faults = faults_of(tmp_path, "3 1\n3\n1 4 1 9\n2 2 1 2\n4 2 0\n")
    assert [fault.row for fault in faults] == [3, 3, 4]
    assert "needs 4 of resource 1, there are 3" in faults[0].cause
    assert "precedes task 9" in faults[1].cause
    assert "precedes itself" in faults[2].cause


def test_numbers_behind_the_last_task_are_a_fault(tmp_path):
    assert "2 numbers follow" in faults_of(tmp_path, PROJECT + "7 7\n")[0].cause


def test_tasks_in_a_circle_are_refused(tmp_path):
    (fault,) = faults_of(tmp_path, "3 1\n3\n1 1 1 2\n2 2 1 3\n4 2 1 1\n")
    assert fault.cause == "Tasks 1, 2, 3 wait for each other."


def test_a_machine_that_does_not_exist_is_named(tmp_path):
    (fault,) = faults_of(tmp_path, "2 2\n0 3 1 2\n1 4 5 1\n")
    assert (fault.row, "machine 5" in fault.cause) == (3, True)


def test_a_missing_row_of_a_flexible_job_shop_is_named(tmp_path):
    (fault,) = faults_of(tmp_path, "3 2 1.5\n2 1 1 3 2 1 5 2 2\n1 1 2 4\n")
    assert fault.cause == "There are 2 rows of jobs, not 3."


@pytest.mark.parametrize(
    "content", [b"", b"\n# only words\n", b"\xff\xfe", b"1", b"0 0", b"9" * 99, b"2\x00 2"]
)
def test_files_without_a_problem_end_in_a_fault(tmp_path, content):
    file = tmp_path / "broken"
    file.write_bytes(content)
    with pytest.raises(StudyError) as refused:
        read_schedule_problem(file)
    assert refused.value.faults


def test_a_schedule_comes_back_as_it_was_written(tmp_path):
    problem = read(tmp_path, FLEXIBLE)
    schedule = Schedule((0, 3, 0), (0, 1, 0))
    write_schedule(problem, schedule, tmp_path / "found.json")
    assert read_schedule(tmp_path / "found.json") == (schedule, 5)


@pytest.mark.parametrize("text", ["", "[]", '{"schedule": 3}', '{"schedule": [1.5]}'])
def test_a_schedule_of_the_wrong_form_is_refused(tmp_path, text):
    file = tmp_path / "found.json"
    file.write_text(text)
    with pytest.raises(StudyError):
        read_schedule(file)


def judge(problem, starts, modes=None, **claims):
    """Causes that the judge names."""
    schedule = Schedule(tuple(starts), tuple(modes or [0] * len(starts)))
    return [fault.cause for fault in check_schedule(problem, schedule, **claims).faults]


def test_the_judge_accepts_a_schedule_that_keeps_every_rule(tmp_path):
    problem = read(tmp_path, PROJECT)
    assert judge(problem, [0, 0, 2, 6], makespan=6) == []


def test_the_judge_finds_an_early_start_and_an_overdrawn_resource(tmp_path):
    problem = read(tmp_path, PROJECT)
    assert judge(problem, [0, 0, 0, 4]) == ["Resource 1 has 3, but 4 are used at 0."]
    assert judge(problem, [0, 0, 2, 5]) == ["Task 4 starts before task 3 ends at 6."]
    assert "Task 2 starts at -1, before 0." in judge(problem, [0, -1, 2, 6])


def test_the_judge_finds_a_false_makespan_and_missing_tasks(tmp_path):
    problem = read(tmp_path, PROJECT)
    assert judge(problem, [0, 0, 2, 6], makespan=5) == ["It lasts 6, not 5."]
    assert judge(problem, [0, 0]) == ["It has 2 starts and 2 modes."]
    assert judge(problem, [0, 0, 2, 6], [0, 0, 1, 0]) == ["Task 3 has no mode 1."]


def test_the_judge_finds_two_tasks_on_one_machine(tmp_path):
    problem = read(tmp_path, JOB_SHOP)
    assert judge(problem, [0, 4, 0, 4]) == []
    assert judge(problem, [0, 3, 0, 5]) == ["Resource 2 has 1, but 2 are used at 3."]


def test_a_project_of_psplib_gives_modes_followers_and_capacities(tmp_path):
    problem = read(tmp_path, PSPLIB)
    assert (problem.kind, problem.capacities) == (ProblemFormat.PROJECT, (4, 1))
    assert [[mode.duration for mode in task.modes] for task in problem.tasks] == [
        [0], [8, 3], [4], [6], [0]
    ]  # fmt: skip
    assert [task.successors for task in problem.tasks] == [(1, 2), (3,), (4,), (4,), ()]
    second = problem.tasks[1].modes[1].demands
    assert [(demand.resource, demand.amount) for demand in second] == [(0, 4), (1, 1)]


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("   2        2 ", "   2        3 ", "Job 2 has 2 rows of demands, not 3."),
        ("   3        1          1           5", "   3        1          2           5",
         "1 followers are named, not 2."),
        ("  4      1     6       4    1", "  4      1     6       5    1",
         "Task 4 needs 5 of resource 1, there are 4."),
        ("  4      1     6       4    1", "  4      1     6",
         "The row does not give mode, duration and 2 demands."),
        ("1           4\n", "1           9\n", "Task 2 precedes task 9, of 5."),
        ("nonrenewable              :  0", "nonrenewable              :  2",
         "There are 2 amounts, not 4."),
        ("nonrenewable              :  0", "doubly constrained         :  1",
         "1 resources are doubly constrained; those are not read."),
        ("   4    1\n****", "****", "Nothing stands under RESOURCEAVAILABILITIES."),
        ("  3      1     4  ", "  3      1     x  ", "The row holds no whole numbers only."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_project_of_psplib_is_told(tmp_path, old, new, cause):
    assert old in PSPLIB
    assert cause in [fault.cause for fault in faults_of(tmp_path, PSPLIB.replace(old, new, 1))]


@pytest.mark.parametrize(
    "text",
    [
        JOB_SHOP.replace("\n", "\r\n"),
        "\ufeff" + JOB_SHOP,
        "++++\n instance small\n++++\nA first shop (Table 1)\n" + JOB_SHOP.partition("small\n")[2],
        JOB_SHOP.replace("0 3 1 2", "0 3.0 1 2."),
        JOB_SHOP.replace("\n", "  \t\n") + "\n\n",
    ],
)
def test_line_ends_titles_and_whole_fractions_do_not_matter(tmp_path, text):
    assert read(tmp_path, text) == read(tmp_path, JOB_SHOP)


def test_a_comment_in_an_old_encoding_does_not_matter(tmp_path):
    file = tmp_path / "small"
    file.write_bytes("# Gen\xe8ve\n".encode("latin-1") + JOB_SHOP.encode())
    assert read_schedule_problem(file) == read(tmp_path, JOB_SHOP)


USED_UP = """RESOURCES
  - renewable                 :  1   R
  - nonrenewable              :  1   N
PROJECT INFORMATION:
pronr.  #jobs rel.date duedate tardcost  MPM-Time
    1      3     50       9       2        9
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        2          1           4
   3        1          1           4
   4        1          0
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  N 1
  1      1     0       0       0
  2      1     2       1       5
         2     4       1       1
  3      1     3       1       2
  4      1     0       0       0
RESOURCEAVAILABILITIES:
  R 1  N 1
    2    6
"""


def test_what_is_used_up_binds_the_modes_and_nothing_starts_before_the_release(tmp_path):
    problem = read(tmp_path, USED_UP)
    assert (problem.capacities, problem.stocks) == ((2,), (6,))
    assert {task.release for task in problem.tasks} == {50}
    # The quick mode takes 5 and task 3 takes 2, of 6: the slow one lasts from 50 to 54.
    outcome = schedule_tasks(problem, seconds=5)
    assert (outcome.value, outcome.bound) == (54, 54)
    assert outcome.schedule.modes[1] == 1
    assert check_schedule(problem, outcome.schedule, makespan=54).is_accepted
    quick = Schedule(outcome.schedule.starts, (0, 0, 0, 0))
    causes = [fault.cause for fault in check_schedule(problem, quick).faults]
    assert causes == ["Of stock 1 7 are used, there are 6."]


def test_a_stock_that_no_modes_keep_to_has_no_schedule(tmp_path):
    problem = read(tmp_path, USED_UP.replace("    2    6", "    2    2"))
    with pytest.raises(InfeasibleError, match="No choice of modes keeps to the stocks"):
        schedule_tasks(problem, seconds=5)


TAILLARD = """Nb of jobs, Nb of Machines, Time seed, Machine seed, Upper bound, Lower bound
          2           3   840612802   398197754        20        10
Times
 3 2 1
 2 1 4
Machines
 1 2 3
 3 1 2
"""


def test_blocks_of_times_and_machines_are_a_job_shop(tmp_path):
    problem = read(tmp_path, TAILLARD)
    plain = read(tmp_path, "2 3\n0 3 1 2 2 1\n2 2 0 1 1 4\n")
    assert (problem.kind, problem.tasks) == (ProblemFormat.JOB_SHOP, plain.tasks)
    assert problem.capacities == (1, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (" 2 1 4\n", "", "There are 1 rows of times, not 2."),
        (" 3 1 2\n", " 3 1\n", "The row has 2 machines, not 3."),
        (" 3 1 2\n", " 3 1 4\n", "Operation 3 is on machine 4, of 3."),
        (" 2 1 4\n", " 2 x 4\n", "'2 x 4' is no row of whole numbers."),
        ("          2           3   8", "x 8", "No row of jobs and machines stands above Times."),
    ],
)
def test_what_is_wrong_with_blocks_of_times_and_machines_is_told(tmp_path, old, new, cause):
    assert old in TAILLARD
    assert cause in [fault.cause for fault in faults_of(tmp_path, TAILLARD.replace(old, new, 1))]


def test_blocks_without_headings_are_the_same_job_shop(tmp_path):
    rows = [line for line in TAILLARD.splitlines() if line.split()[0].isdigit()]
    for head in (rows[0], "2 3"):
        problem = read(tmp_path, "\n".join([head, *rows[1:]]) + "\n")
        assert (problem.kind, problem.tasks) == (
            ProblemFormat.JOB_SHOP,
            read(tmp_path, TAILLARD).tasks,
        )


def test_a_project_may_be_without_resources(tmp_path):
    problem = read(tmp_path, "4 0\n0 2 2 3\n3 1 4\n5 1 4\n0 0\n")
    assert (problem.kind, problem.capacities) == (ProblemFormat.PROJECT, ())
    assert [task.modes[0].duration for task in problem.tasks] == [0, 3, 5, 0]
    outcome = schedule_tasks(problem, seconds=5)
    assert (outcome.value, outcome.bound) == (5, 5)
