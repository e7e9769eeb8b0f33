"""What windows for works cost trains that are planned around them."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from arterial.campaign.valuation.losses import Ratio
from arterial.campaign.valuation.windows import (
    WindowRatios,
    find_window_ratios,
    wait_for_shared_track,
)
from arterial.dispatching.paths import PlanOptions, plan_paths
from arterial.timetable.paths import DepartureWindow, LineModel, LineStep, make_request
from arterial.units import DAY_S, HOUR_S


def lay(*, tracks=1, every_s=HOUR_S):
    """Three steps of ten minutes, a train each way after each such time for two days."""
    names = ("A", "B", "C", "D")
    steps = tuple(LineStep(f"S{a}", a, b, tracks) for a, b in pairwise(names))
    model = LineModel(names, (9, 2, 2, 9), (1e9,) * 4, steps)
    requests = [
        make_request(model, f"{way[0]}{at_s}", way, [600.0] * 3, window=DepartureWindow(at_s))
        for at_s in range(0, 2 * DAY_S, every_s)
        for way in (names, names[::-1])
    ]
    return model, plan_paths(model, requests, options=PlanOptions(moves=0, leaves_late=True)).paths


def measure(model, paths, window_h=3.0, spread=9.0):
    return find_window_ratios(model, paths, days=2, window_h=window_h, spread=spread)


def test_on_a_line_with_room_trains_wait_for_half_a_window_and_what_they_meet():
    ratios = measure(*lay())
    assert set(ratios.sections) == {"SA", "SB", "SC"}
    # Each train loses its wait, and waits for those that come the other way besides.
    assert ratios.network.measured > 1.0
    assert ratios.network.count == 3 * 8


def test_the_fuller_the_line_the_dearer_is_a_window():
    empty, full = (measure(*lay(every_s=every_s)).network for every_s in (4 * HOUR_S, HOUR_S))
    assert full.measured > empty.measured


def test_of_two_tracks_one_is_closed_and_trains_share_the_other():
    one, two = (measure(*lay(tracks=tracks)).sections for tracks in (1, 2))
    for section in ("SA", "SB", "SC"):
        # Two trains an hour, each for ten minutes and an interval: a wait of minutes, not hours.
        assert 0.0 < two[section].used < 0.1 < one[section].used
    full = measure(*lay(tracks=2, every_s=HOUR_S // 3)).sections
    assert two["SB"].used < full["SB"].used <= 1.0


def test_a_full_track_holds_trains_for_no_more_than_the_window():
    assert wait_for_shared_track(np.array([1.0]), np.array([900.0])).tolist() == [np.inf]
    ratios = measure(*lay(tracks=2, every_s=300))
    assert all(ratio.used == 1.0 for ratio in ratios.sections.values())


def test_without_windows_nothing_is_measured():
    assert measure(*lay(every_s=4 * HOUR_S), window_h=0.0) == WindowRatios()


def test_a_section_without_trains_keeps_to_the_rule():
    ratios = WindowRatios(sections={"S": Ratio(used=2.5)})
    assert ratios.list_used(pl.Series(["S", "T", None])).tolist() == pytest.approx([2.5, 1.0, 1.0])
