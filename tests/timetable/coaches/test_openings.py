"""Openings of procedures: the same end as one arrival at a time, for every arrival."""

from datetime import date
from random import Random

import pytest

from arterial.timetable.coaches.openings import list_openings
from arterial.timetable.coaches.procedures import Procedure, ProcedureStep, finish_procedure
from arterial.timetable.trains.train_plans import DurationRange, TimeRange
from arterial.units import DAY_S, MINUTE_S

EPOCH = date(2026, 3, 20)
ZONE = "Europe/Kyiv"


def draw(random: Random) -> Procedure:
    steps = []
    for sequence in range(1, random.randint(2, 5)):
        before = [step.sequence for step in steps]
        after = tuple(n for n in before if random.random() < 0.5) if before else ()
        minutes = random.choice([0, 7.5, 30, 45, 300, 900])
        hours = random.choice(
            [(None, None), ("07:00", "20:00"), ("22:00", "03:00"), ("02:30", None)]
        )
        duration = DurationRange(*(minutes * MINUTE_S for _ in range(3)))
        steps.append(ProcedureStep(sequence, f"step {sequence}", after, duration, *hours))
    return Procedure("P", tuple(steps))


def finish(procedures: list[Procedure], at_s: int) -> int:
    for one in procedures:
        at_s = finish_procedure(one, TimeRange(at_s, at_s, at_s), ZONE, EPOCH).finished.at_s
    return at_s


@pytest.mark.parametrize("seed", range(25))
def test_openings_tell_of_every_arrival_when_the_work_is_over(seed: int) -> None:
    random = Random(seed)  # noqa: S311 drawn procedures
    works = [draw(random) for _ in range(random.randint(1, 2))]
    from_s, to_s = 7 * DAY_S, 10 * DAY_S
    openings = list_openings(works, ZONE, EPOCH, from_s=from_s, to_s=to_s)
    for _ in range(60):
        at_s = random.randint(from_s, to_s)
        one = next(one for one in openings if one.until_s >= at_s)
        assert max(at_s + one.work_s, one.ready_s) == finish(works, at_s)
        # Whoever keeps a later opening is ready all the more.
        later = openings[-1]
        assert max(at_s + later.work_s, later.ready_s) >= finish(works, at_s)
