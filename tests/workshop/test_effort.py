"""Long passes are cut into slices that leave time to look at the clock, and no move is lost."""

import time

from arterial.workshop.effort import SLICE_S, Pace


def test_every_move_is_made_once_and_in_order():
    made = []
    assert Pace().run(lambda first, stop: made.extend(range(first, stop)), 3, 500, lambda: False)
    assert made == list(range(3, 500))


def test_slow_moves_are_made_one_by_one_and_stop_with_the_clock():
    made, pace = [], Pace()

    def move(first, stop):
        made.append(stop - first)
        time.sleep(2 * SLICE_S)

    assert not pace.run(move, 0, 100, lambda: len(made) == 3)
    assert made == [1, 1, 1]
    # The last move is made to the end: nothing is left to stop.
    assert pace.run(move, 0, 1, lambda: True)


def test_quick_moves_are_made_many_at_a_time():
    slices, pace = [], Pace()
    pace.run(lambda first, stop: slices.append(stop - first), 0, 10_000, lambda: False)
    assert len(slices) < 20
