"""Calls come back in order, whoever makes them, and errors come back as they were raised."""

import os
import time
from functools import partial

import numpy as np
import pytest

from arterial.compute import Workers
from arterial.errors import Fault, LimitError, StudyError
from worker_cases import die_elsewhere, name_process, refuse, scale, square


@pytest.fixture(scope="module")
def workers():
    with Workers(3) as made:
        # Nothing is asked of them before both are there.
        while len(set(made.map(name_process, range(12)))) < 3:
            pass
        yield made


def test_values_come_in_the_order_of_their_payloads(workers):
    assert workers.map(square, range(50)) == [n * n for n in range(50)]


def test_without_others_all_is_done_here():
    with Workers(1) as alone:
        assert set(alone.map(name_process, range(3))) == {os.getpid()}


def test_what_is_bound_to_a_function_travels_with_it(workers):
    shared = partial(scale, np.arange(100_000.0))
    alone = [shared(n) for n in range(20)]
    assert workers.map(shared, range(20)) == alone
    # Another function in between, and a new one with the same name.
    assert workers.map(square, [3]) == [9]
    assert workers.map(partial(scale, np.ones(3)), range(4)) == [0.0, 3.0, 6.0, 9.0]


def test_a_call_goes_on_beside_others(workers):
    early = workers.start(square, 12)
    assert workers.map(square, [1, 2]) == [1, 4]
    assert early.result() == 144
    assert early.result() == 144


@pytest.mark.parametrize("count", [1, 3])
def test_the_error_of_the_first_payload_that_fails_is_raised_here(count, workers):
    with pytest.raises(StudyError, match="3 is odd") as caught:
        (workers if count > 1 else Workers()).map(refuse, [2, 3, 4, 5])
    assert caught.value.message == "3 is odd."
    assert caught.value.faults == (Fault("Odd.", "Double it.", "numbers.csv", 3),)
    assert workers.map(refuse, [2, 4]) == [2, 4]


def test_this_process_works_too(workers):
    assert os.getpid() in workers.map(name_process, range(40))


def test_who_only_leads_makes_no_call_while_there_are_others():
    with Workers(3, only_leads=True) as led:
        assert os.getpid() not in led.map(name_process, range(12))
    with Workers(1, only_leads=True) as alone:
        assert alone.map(name_process, [0]) == [os.getpid()]


def test_a_function_that_cannot_be_sent_is_named(workers):
    with pytest.raises(Exception, match="lambda"):
        # Those that this process takes are done; one of many is taken by another.
        workers.map(lambda number: time.sleep(0.02) or number, range(40))


def test_a_call_that_loses_its_process_is_made_here():
    with Workers(2) as pair:
        while len(set(pair.map(name_process, range(4)))) < 2:
            pass
        assert pair.map(die_elsewhere, [os.getpid()] * 6) == ["done"] * 6
        assert pair.map(square, [4]) == [16]
    with Workers(3, only_leads=True) as led:
        assert led.map(die_elsewhere, [os.getpid()] * 6) == ["done"] * 6


def test_leaving_does_not_wait_for_calls_nobody_asked_for():
    start = time.monotonic()
    with Workers(2) as pair:
        while len(set(pair.map(name_process, range(4)))) < 2:
            pass
        start = time.monotonic()
        pair.start(time.sleep, 60.0)
        time.sleep(0.2)
    assert time.monotonic() - start < 30.0


def test_nobody_is_refused():
    with pytest.raises(LimitError, match="give 1 or more"):
        Workers(0)
