"""Operations begin late, and nothing is turned out later, by hand."""

from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.scheduling import Demand, Mode, Schedule, ScheduleProblem, Task
from arterial.workshop.overhaul.scheduling import start_late

STRIP, PAINT = 0, 1


def make_vehicles(count: int, calendars: tuple[tuple[bool, ...], ...] = ()) -> ScheduleProblem:
    """Vehicles that are stripped in a slot and painted in three, one bay for each."""
    calendar = 0 if calendars else None
    tasks = []
    for vehicle in range(count):
        strip = Mode(1, (Demand(STRIP),), calendar)
        tasks += [
            Task((strip,), successors=(2 * vehicle + 1,)),
            Task((Mode(3, (Demand(PAINT),)),)),
        ]
    return ScheduleProblem(tuple(tasks), (1, 1), calendars=calendars, days=tuple(range(12)))


def test_a_vehicle_is_stripped_just_before_it_is_painted():
    problem = make_vehicles(3)
    # Stripped one after the other, painted at 1, 4 and 7.
    early = Schedule((0, 1, 1, 4, 2, 7), (0,) * 6)
    late = start_late(problem, early)
    assert late.starts == (0, 1, 3, 4, 6, 7)
    assert check_schedule(problem, late).is_accepted


def test_a_bay_that_is_taken_keeps_one_earlier():
    problem = make_vehicles(2)
    # Both are painted from 4 on, were there two bays; with one the strips may not share a slot.
    problem = ScheduleProblem(problem.tasks, (1, 2), days=problem.days)
    late = start_late(problem, Schedule((0, 4, 1, 4), (0,) * 4))
    assert sorted((late.starts[0], late.starts[2])) == [2, 3]
    assert check_schedule(problem, late).is_accepted


def test_no_operation_begins_in_a_slot_of_rest():
    worked = (True, True, True, False, False, True, True, True, True, True, True, True)
    problem = make_vehicles(1, calendars=(worked,))
    late = start_late(problem, Schedule((0, 5), (0, 0)))
    # Slots 3 and 4 are rest.
    assert late.starts == (2, 5)


def test_what_is_late_already_stays():
    problem = make_vehicles(2)
    tight = Schedule((0, 1, 3, 4), (0,) * 4)
    assert start_late(problem, tight) == tight
