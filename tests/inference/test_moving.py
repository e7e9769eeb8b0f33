"""Steps of particles leave the prior as it was, whatever the guide."""

import numpy as np
import pytest

from arterial.inference.moving import fit_guide
from arterial.inference.posterior import Numbers
from arterial.randomness import stream

PARTICLES = 4000


@pytest.mark.parametrize("kind", ["step_normally", "step_by_difference"])
@pytest.mark.parametrize("length", [0.2, 1.0])
def test_steps_taken_by_their_ratio_leave_the_prior(kind: str, length: float) -> None:
    rng = stream(1, "steps")
    scores = rng.standard_normal((PARTICLES, 4))
    shown = np.array([0.7, 0.0, -0.3, 0.0]) + rng.standard_normal((2000, 4)) * [0.3, 1.0, 2.0, 0.5]
    guide = fit_guide(shown, np.zeros(2000), shown)
    step = getattr(guide, kind)
    for _ in range(200):
        after, log_ratio = step(scores, length, rng)
        taken = np.log(rng.random(PARTICLES)) < log_ratio
        scores[taken] = after[taken]
    assert taken.mean() > 0.05
    assert_standard_normal(scores)


def assert_standard_normal(scores: Numbers) -> None:
    error = 1.0 / np.sqrt(len(scores))
    assert np.allclose(scores.mean(axis=0), 0.0, rtol=0.0, atol=5.0 * error)
    assert np.allclose(scores.var(axis=0), 1.0, rtol=0.0, atol=5.0 * np.sqrt(2.0) * error)
    assert np.allclose(np.corrcoef(scores.T), np.eye(scores.shape[1]), rtol=0.0, atol=5.0 * error)


def test_a_guide_finds_what_is_narrow_wide_or_shifted_and_nothing_else() -> None:
    rng = stream(2, "guide")
    shown = rng.standard_normal((3000, 400))
    shown[:, 7] *= 0.2
    shown[:, 90] *= 2.5
    shown[:, 300] += 0.5
    guide = fit_guide(shown, np.zeros(3000), shown)
    assert set(guide.moved.tolist()) >= {7, 90, 300}
    assert len(guide.moved) <= 5
    assert sorted(guide.spread.round(1).tolist()) == pytest.approx([0.0, 6.2], abs=0.5)
    assert np.abs(guide.axes).argmax(axis=1).tolist() == [7, 90]
