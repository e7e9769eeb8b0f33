"""Learning: exact where the answer is known, refused where no answer can be believed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from arterial.errors import LimitError
from arterial.inference import CannotTell, Effort, Method, Posterior, Prediction, learn, resample
from arterial.inference.learning import predictive_p_values
from arterial.randomness import stream
from inference_cases import LinearCase, make_linear_case, normal_of

ALONE = Effort(particles=0)


def learn_case(case: LinearCase, seed: int, effort: Effort | None = None) -> Posterior | CannotTell:
    unknowns = case.directions.shape[1]
    return learn(case.log_likelihood, unknowns, stream(seed, "learn"), effort=effort or Effort())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("sightings", "noise"), [(1, 1.0), (2, 0.5), (4, 0.5)])
def test_few_sightings_are_learned_by_importance(sightings: int, noise: float, seed: int) -> None:
    case = make_linear_case(sightings, 10, noise)
    learned = learn_case(case, seed)
    assert isinstance(learned, Posterior)
    assert learned.method is Method.IMPORTANCE
    assert learned.effective_size >= 400
    assert abs(learned.log_evidence - case.log_evidence) < 4.0 * learned.error < 0.3
    spread = 4.0 / np.sqrt(learned.effective_size)
    assert np.allclose(learned.weights @ learned.scores, case.mean, rtol=0.0, atol=spread)


@pytest.mark.parametrize("sightings", [4, 8])
def test_adapted_draws_are_refused_and_tempering_is_exact(sightings: int) -> None:
    case = make_linear_case(sightings, 40, 0.1)
    assert isinstance(learn_case(case, 1, ALONE), CannotTell)
    learned = learn_case(case, 1)
    assert isinstance(learned, Posterior)
    assert learned.method is Method.TEMPERING
    assert "importance: effective size" in learned.refused[0]
    assert abs(learned.log_evidence - case.log_evidence) <= 0.3
    assert np.abs(learned.weights @ learned.scores - case.mean).max() < 0.1


def test_the_evidence_of_importance_sampling_is_right_on_average() -> None:
    """The mixture of all rounds would be 0.02 too low."""
    case = make_linear_case(4, 10, 0.3, seed=3)
    learned = [learn_case(case, seed, ALONE) for seed in range(60)]
    off = [one.log_evidence - case.log_evidence for one in learned if isinstance(one, Posterior)]
    assert len(off) > 50
    # Three standard errors of the mean of sixty.
    assert abs(np.mean(off)) < 0.012


def test_the_evidence_of_tempering_is_right_on_average() -> None:
    case = make_linear_case(4, 6, 0.01)
    effort = Effort(draws=300, particles=1600)
    learned = [learn_case(case, seed, effort) for seed in range(12)]
    off = [one.log_evidence - case.log_evidence for one in learned if isinstance(one, Posterior)]
    assert len(off) > 8
    assert abs(np.mean(off)) < 4.0 * np.std(off, ddof=1) / np.sqrt(len(off)) < 0.12


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("unknowns", [40, 100])
def test_sixteen_sharp_sightings(unknowns: int, seed: int) -> None:
    case = make_linear_case(16, unknowns, 0.1)
    assert isinstance(learn_case(case, seed, ALONE), CannotTell)
    learned = learn_case(case, seed)
    assert isinstance(learned, Posterior)
    assert abs(learned.log_evidence - case.log_evidence) <= 0.3


@pytest.mark.slow
def test_a_thousand_unknowns_of_which_twenty_matter() -> None:
    case = make_linear_case(8, 1000, 0.1, mattering=20)
    learned = learn_case(case, 1)
    assert isinstance(learned, Posterior)
    assert abs(learned.log_evidence - case.log_evidence) <= 0.3


@pytest.mark.slow
@pytest.mark.parametrize(("sightings", "unknowns", "noise"), [(4, 10, 0.3), (8, 40, 0.1)])
def test_the_error_of_log_evidence_is_as_it_says(
    sightings: int, unknowns: int, noise: float
) -> None:
    case = make_linear_case(sightings, unknowns, noise)
    learned = [learn_case(case, seed) for seed in range(40)]
    off = [(one.log_evidence - case.log_evidence) / one.error for one in learned]
    assert 0.7 < np.std(off) < 1.5
    assert abs(np.mean(off)) < 0.6


@pytest.mark.parametrize("sigma", [0.5, 1.0])
@pytest.mark.parametrize(("sightings", "unknowns", "noise"), [(2, 10, 0.5), (8, 40, 0.1)])
def test_a_simulated_likelihood_gives_the_same_with_a_larger_error(
    sightings: int, unknowns: int, noise: float, sigma: float
) -> None:
    case = make_linear_case(sightings, unknowns, noise)

    def simulate(scores: np.ndarray, keys: np.ndarray) -> np.ndarray:
        # The exponential of the noise is 1 on average.
        noise = sigma * normal_of(keys) - 0.5 * sigma**2
        return case.log_likelihood(scores, keys) + noise

    learned = learn(simulate, unknowns, stream(3, "simulated"))
    assert isinstance(learned, Posterior)
    assert abs(learned.log_evidence - case.log_evidence) < 4.0 * learned.error < 0.4
    assert np.abs(learned.weights @ learned.scores - case.mean).max() < 0.2


@pytest.mark.parametrize(("sightings", "noise"), [(2, 0.5), (4, 0.1)])
@pytest.mark.parametrize("batch", [1, 7, 10_000])
def test_the_result_does_not_depend_on_the_batch(sightings: int, noise: float, batch: int) -> None:
    case = make_linear_case(sightings, 3, noise)
    small = Effort(draws=300, particles=320, moves=3)

    def add_up(scores: np.ndarray, keys: np.ndarray) -> np.ndarray:
        # Row by row, so that no matrix product rounds by its size.
        return np.array([case.log_likelihood(row[None], keys)[0] for row in scores])

    one, other = (
        learn(add_up, 3, stream(5, "batch"), effort=replace(small, batch=size))
        for size in (500, batch)
    )
    assert type(one) is type(other)
    assert one.evaluations == other.evaluations
    if isinstance(one, Posterior):
        assert np.array_equal(one.scores, other.scores)
        assert one.log_evidence == other.log_evidence
    else:
        assert one.reasons == other.reasons


@pytest.mark.parametrize(("sightings", "noise"), [(2, 0.5), (4, 0.02)])
def test_a_factor_of_the_likelihood_is_one_of_the_evidence(sightings: int, noise: float) -> None:
    case = make_linear_case(sightings, 6, noise)
    effort = Effort(draws=500, particles=1600)
    one = learn_case(case, 1, effort)
    other = learn(
        lambda scores, keys: case.log_likelihood(scores, keys) + 40.0,
        6,
        stream(1, "learn"),
        effort=effort,
    )
    assert isinstance(one, Posterior)
    assert isinstance(other, Posterior)
    assert other.log_evidence - one.log_evidence == pytest.approx(40.0, abs=0.2)
    assert other.method is one.method


def test_a_likelihood_with_impossible_draws_is_learned() -> None:
    """Scores above 1.5 alone can give what was seen: 6.7 of 100."""

    def is_possible(scores: np.ndarray, _keys: np.ndarray) -> np.ndarray:
        return np.where(scores[:, 2] > 1.5, 0.0, -np.inf)

    learned = learn(is_possible, 5, stream(1, "possible"))
    assert isinstance(learned, Posterior)
    exact = stats.norm.logsf(1.5)
    assert abs(learned.log_evidence - exact) < 4.0 * learned.error < 0.3
    assert (resample(learned, 500, stream(1, "rows"))[:, 2] > 1.5).all()


def test_what_no_draw_can_give_is_told_and_not_learned() -> None:
    told = learn(lambda scores, _: np.full(len(scores), -np.inf), 3, stream(1, "never"))
    assert isinstance(told, CannotTell)
    assert told.reasons == (
        "importance: no draw can give what was seen",
        "tempering: too few prior draws can give what was seen",
    )


def test_two_modes_far_apart_keep_their_shares() -> None:
    """Two narrow places, one twice as probable as the other."""

    def two_places(scores: np.ndarray, _keys: np.ndarray) -> np.ndarray:
        places = np.array([[-1.2, 0.0, 1.2, 0.0], [1.2, 0.0, -1.2, 0.0]])
        away = ((scores[:, None] - places) ** 2).sum(axis=2) / (2.0 * 0.2**2)
        return np.logaddexp(np.log(2.0 / 3.0) - away[:, 0], np.log(1.0 / 3.0) - away[:, 1])

    learned = learn(two_places, 4, stream(1, "places"))
    assert isinstance(learned, Posterior)
    share = learned.weights @ (learned.scores[:, 0] < 0.0)
    assert abs(share - 2.0 / 3.0) < 0.1


def test_a_right_model_passes_its_predictive_check() -> None:
    case = make_linear_case(4, 10, 0.5)
    learned = learn(case.log_likelihood, 10, stream(1, "right"), prediction=case.prediction)
    assert isinstance(learned, Posterior)
    assert len(learned.p_values) == 4
    assert min(learned.p_values) > 0.01


@pytest.mark.parametrize("noise", [0.5, 0.1])
def test_a_misspecified_model_is_refused_by_its_predictions(noise: float) -> None:
    """Seven sightings of one unknown agree; the eighth is ten errors away."""
    seen = np.array([0.1, -0.1, 0.0, 0.05, -0.05, 0.1, -0.1, 10.0]) * noise
    case = LinearCase(np.tile(np.eye(1, 5), (8, 1)), noise, seen)
    told = learn(case.log_likelihood, 5, stream(1, "wrong"), prediction=case.prediction)
    assert isinstance(told, CannotTell)
    assert told.p_values[7] == 0.0
    assert "observation 7" in told.reasons[-1]


def test_weights_and_ancestors_of_a_posterior_fit_its_draws() -> None:
    for case in (make_linear_case(2, 5, 0.5), make_linear_case(6, 20, 0.1)):
        learned = learn_case(case, 2)
        assert isinstance(learned, Posterior)
        assert len(learned.weights) == len(learned.ancestors) == len(learned.scores)
        assert learned.weights.sum() == pytest.approx(1.0, rel=1e-12)
        assert learned.ancestors.min() >= 0


@given(
    counts=st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(any),
    seed=st.integers(0, 99),
)
@settings(max_examples=50)
def test_resampling_gives_each_draw_its_share(counts: list[int], seed: int) -> None:
    weights = np.array(counts) / sum(counts)
    posterior = Posterior(
        scores=np.arange(len(counts), dtype=float)[:, None],
        weights=weights,
        log_evidence=0.0,
        error=0.0,
        effective_size=1.0,
        ancestors=np.arange(len(counts)),
        evaluations=0,
        method=Method.IMPORTANCE,
    )
    drawn = resample(posterior, 3 * sum(counts), stream(seed, "resample"))[:, 0]
    found = np.bincount(drawn.astype(int), minlength=len(counts))
    assert np.abs(found - 3 * np.array(counts)).max() <= 1
    assert (found[np.array(counts) == 0] == 0).all()


@pytest.mark.parametrize(
    "given_values", [np.zeros((3, 1)), np.array([0.0, np.nan, 0.0]), np.array([0.0, np.inf, 0.0])]
)
def test_a_likelihood_that_gives_no_number_is_refused(given_values: np.ndarray) -> None:
    with pytest.raises(LimitError, match="one number each"):
        learn(lambda *_: given_values, 2, stream(1, "bad"), effort=Effort(draws=3))


@pytest.mark.parametrize(
    "effort", [Effort(draws=1), Effort(islands=1), Effort(particles=16), Effort(keep=1.0)]
)
def test_too_little_effort_is_refused(effort: Effort) -> None:
    with pytest.raises(LimitError, match="give at least one"):
        learn(lambda scores, _: scores[:, 0], 2, stream(1, "little"), effort=effort)


def test_predictions_of_another_shape_are_refused() -> None:
    with pytest.raises(LimitError, match="one column for each"):
        predictive_p_values(np.zeros(2), np.zeros((5, 3)))
    with pytest.raises(LimitError, match="one column for each"):
        learn(
            lambda scores, _: np.zeros(len(scores)),
            2,
            stream(1, "shape"),
            prediction=Prediction(np.zeros(2), lambda scores, _: scores[:, :1]),
        )
