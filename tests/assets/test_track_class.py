"""Track class from sleepers: the published counts, the table of shares, the inversion."""

import numpy as np
import pytest

from arterial.assets.parameters import load_parameter_set
from arterial.assets.track_class import (
    SleeperSegment,
    allowed_class,
    class_speed_kmh,
    needed_sleepers,
    pass_probability,
)
from arterial.errors import LimitError

BEST = load_parameter_set()


def test_a_segment_of_two_sleepers_passes_as_worked_out_by_hand() -> None:
    # Two sleepers, share 0.5, correlation 0.2: both sound 0.5 x (0.5 x 0.8 + 0.2) = 0.3.
    segment = SleeperSegment(2, 0.2)
    assert pass_probability(0.5, 2, segment) == pytest.approx(0.3, rel=1e-12)
    assert pass_probability(0.5, 1, segment) == pytest.approx(0.7, rel=1e-12)


def test_the_ends_of_the_share_are_certain() -> None:
    segment = SleeperSegment(20, 0.15)
    assert pass_probability([0.0, 1.0], 5, segment).tolist() == [1.0, 0.0]
    assert pass_probability(0.0, 21, segment) == 0.0


def test_the_variance_of_the_defects_is_that_of_the_stated_correlation() -> None:
    # n p (1 - p) (1 + (n - 1) r) = 20 x 0.21 x 3.85.
    below = [float(pass_probability(0.3, k, SleeperSegment(20, 0.15))) for k in range(22)]
    chances = -np.diff(below)
    sound = np.arange(21)
    mean = float((chances * sound).sum())
    assert mean == pytest.approx(14.0, rel=1e-9)
    variance = float((chances * (sound - mean) ** 2).sum())
    assert variance == pytest.approx(20 * 0.21 * 3.85, rel=1e-9)


def test_worse_sleepers_never_allow_a_higher_class() -> None:
    classes = allowed_class(np.linspace(0, 1, 201), BEST)
    assert (np.diff(classes) <= 0).all()
    assert classes[0] == 5
    assert classes[-1] == 0


def test_a_class_counts_only_when_every_lower_one_is_met() -> None:
    strange = BEST.replace("needed_sleepers_class_2", 20)
    assert allowed_class([0.03, 0.0], strange).tolist() == [1, 5]


def test_curves_and_turnouts_need_more() -> None:
    assert needed_sleepers(BEST, is_curve=True).tolist() == [6, 9, 10, 14, 14]
    shares = np.linspace(0, 0.6, 61)
    assert (allowed_class(shares, BEST, is_curve=True) <= allowed_class(shares, BEST)).all()


def test_speeds_of_the_classes_are_the_rounded_ones_of_the_table() -> None:
    assert class_speed_kmh(range(1, 6), BEST).round().tolist() == [24, 48, 97, 129, 145]
    freight = class_speed_kmh(range(6), BEST, is_passenger=False)
    assert freight.round().tolist() == [16, 16, 40, 64, 97, 129]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_an_impossible_share_is_refused(share) -> None:
    with pytest.raises(LimitError, match="share of defective sleepers"):
        allowed_class(share, BEST)


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(LimitError, match="correlation"):
        SleeperSegment(20, 1.0)
    with pytest.raises(LimitError, match="run from 0 to 5"):
        class_speed_kmh(6, BEST)
