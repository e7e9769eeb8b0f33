"""Waits at closed lines, against numerical integration."""

import numpy as np
import pytest

from arterial.assets.closures import mean_wait


@pytest.mark.parametrize("longest_h", [np.inf, 24.0, 3.0])
def test_the_waits_at_a_closure_agree_with_integration(longest_h):
    median, sigma = 6.0, 0.7
    z = np.linspace(-9, 9, 200_001)
    closure = median * np.exp(sigma * z)
    longest = min(longest_h, 1e9)
    wait = np.where(closure <= longest, closure**2 / 2, longest * closure - longest**2 / 2)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    found = mean_wait(np.array([median]), np.array([sigma]), longest_h)
    assert found[0] == pytest.approx(float((wait * density).sum()), rel=1e-6)


def test_a_longer_patience_never_shortens_the_wait():
    waits = [mean_wait(np.array([72.0]), np.array([1.0]), w)[0] for w in (6.0, 24.0, 72.0, 1e6)]
    assert waits == sorted(waits)
    # 72² e² / 2: the second moment of the lognormal closure, not cut.
    assert waits[-1] == pytest.approx(72.0**2 * np.exp(2.0) / 2, rel=1e-6)
