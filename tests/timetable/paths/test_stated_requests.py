"""What stated trains ask for, on a day and in a period."""

from datetime import timedelta

import numpy as np
import pytest

from arterial.timetable.paths.special_requests import list_step_times
from arterial.timetable.paths.stated_requests import (
    list_stated_paths,
    request_stated_day,
    request_stated_period,
)
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S
from stated_cases import make_random, resolve


@pytest.mark.parametrize("seed", range(3))
def test_the_trains_of_a_period_ask_as_those_of_each_day_and_are_all_there(seed):
    study = make_random(seed)
    traffic = resolve(study).traffic
    tables = {name: study.table(name) for name in ("trains", "train_categories")}
    period = traffic.timed.period
    by_day = {}
    for number in range(len(traffic.timed.days[0])):
        requests, _ = request_stated_day(traffic, tables, period.day_from + timedelta(number))
        by_day |= {request.train_id: request for request in requests}
    from_s = (period.day_from - period.epoch).days * DAY_S + 3 * DAY_S + 7_000
    to_s = from_s + DAY_S
    found = {one.train_id: one for one in request_stated_period(traffic, tables, from_s, to_s)}
    paths = list_stated_paths(tuple(by_day.values()))
    under_way = {
        name
        for name, request in by_day.items()
        if request.first_departure_s < to_s
        and request.first_departure_s + request.free_running_s > from_s
    }
    assert found.keys() == under_way
    for name, request in found.items():
        assert (request.stages == by_day[name].stages).all()
        assert request.depart_from_s == by_day[name].depart_from_s
        assert paths[name].depart_at_s == request.depart_from_s


def test_running_times_of_a_step_are_the_median_of_trains_each_way():
    study = make_random(4)
    traffic, trains = resolve(study).traffic, study.table("trains")
    passings, courses = traffic.passings, traffic.passings.courses
    found = list_step_times(traffic, trains, is_freight=False)
    plain = {}
    for pattern, owner in enumerate(traffic.timed.pattern_trains.tolist()):
        first, begin = passings.first[pattern], courses.first[passings.own[pattern]]
        for place in range(1, passings.first[pattern + 1] - first):
            leave, arrive = (
                passings.departure_s[first + place - 1],
                passings.arrival_s[first + place],
            )
            step = int(courses.step[begin + place])
            is_known = step >= 0 and UNKNOWN not in (leave, arrive) and arrive > leave
            if is_known and trains["category"][owner] != "freight":
                key = (step, int(courses.direction[begin + place]))
                plain.setdefault(key, []).append(int(arrive - leave))
    assert found == {key: pytest.approx(float(np.median(times))) for key, times in plain.items()}
    assert found
