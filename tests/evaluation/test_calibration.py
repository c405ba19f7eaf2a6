import numpy as np
import pytest

from fer.evaluation import evaluate
from fer.evaluation.calibration import cross_fitted_error, fit_temperature, scale


def drawn(temperature, n=20_000, classes=5, seed=0):
    """Labels drawn from probabilities, and those probabilities as a model with a temperature gives them."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 1.5, (n, classes))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (true.cumsum(axis=1) < generator.random((n, 1))).sum(axis=1)
    given = np.exp(logits / temperature)
    return given / given.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_temperature_that_was_put_in_is_found(temperature):
    probabilities, labels = drawn(temperature)
    assert fit_temperature(probabilities, labels) == pytest.approx(1 / temperature, rel=0.03)


def test_scaling_undoes_a_temperature_and_keeps_the_order():
    true, _ = drawn(1.0, n=50)
    hot, _ = drawn(2.5, n=50)
    np.testing.assert_allclose(scale(hot, 1 / 2.5), true, rtol=1e-9)
    np.testing.assert_array_equal(scale(true, 7).argsort(axis=1), true.argsort(axis=1))
    assert np.isfinite(scale(np.array([[1.0, 0.0]]), 0.05)).all()


def test_the_error_after_scaling_is_measured_where_it_was_not_fitted():
    probabilities, labels = drawn(0.4)
    before = evaluate(probabilities, labels, list("abcde")).expected_calibration_error
    assert before > 0.1
    assert cross_fitted_error(probabilities, labels) < 0.02
    # Of two images, each gets its temperature from the other one, which says the opposite: the one that is
    # named rightly becomes unsure (a gap of a half), the one that is named wrongly sure (a gap of one).
    few = np.array([[0.7, 0.3], [0.7, 0.3]])
    assert cross_fitted_error(few, np.array([0, 1])) == pytest.approx(0.75, abs=0.02)
