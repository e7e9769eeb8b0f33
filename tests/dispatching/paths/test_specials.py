"""What would do for a train without a path: each change that is told gives one."""

from dataclasses import replace

import numpy as np

from arterial.dispatching.paths.insertion import Traffic, find_path
from arterial.dispatching.paths.specials import Change, refuse
from arterial.timetable.paths import DepartureWindow, LineModel, LineStep, PathRequest, make_request
from arterial.timetable.paths.requests import TrainPath, TrainTraits

LINE = LineModel(
    ("A", "B", "C"),
    (2, 2, 2),
    (900.0, 600.0, 900.0),
    (LineStep("S", "A", "B"), LineStep("T", "B", "C")),
)
LONG = TrainTraits(length_m=800.0)


def ask(name: str, points: str, from_s: int, to_s: int) -> PathRequest:
    window = DepartureWindow(from_s, to_s)
    return make_request(LINE, name, list(points), [600, 600], window=window, traits=LONG)


def test_a_train_too_long_for_the_loop_is_told_what_length_would_do() -> None:
    # It stands at B from 700 s to 2,000 s on the only track that is long enough.
    other = TrainPath(
        ask("other", "CBA", 100, 100), np.array([100, 700, 2600]), np.array([100, 2000, 2600])
    )
    traffic = Traffic(LINE, (other,))
    request = ask("special", "ABC", 600, 700)

    def choose(from_s: int, to_s: int) -> list[PathRequest]:
        return [request.shift_window(from_s, to_s)]

    assert find_path(traffic, request) is None
    refusal = refuse(traffic, [request], choose, until_s=100_000)
    assert refusal.blockage.blockers == ("other",)
    assert Change("length_m", 600.0, -200.0) in refusal.changes
    shorter = make_request(
        LINE, "special", list("ABC"), [600, 600], window=DepartureWindow(600, 700),
        traits=replace(LONG, length_m=600.0),
    )  # fmt: skip
    assert find_path(traffic, shorter) is not None
    for change in refusal.changes:
        if change.attribute == "window":
            at_s = int(change.value)
            assert find_path(traffic, request.shift_window(at_s, at_s)) is not None
            assert (at_s > 700) == (change.off > 0)
