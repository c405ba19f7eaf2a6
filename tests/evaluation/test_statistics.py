import numpy as np
import pytest
from scipy import stats

from fer.evaluation import statistics


def test_paired_difference_is_the_paired_t_test_of_scipy():
    random = np.random.default_rng(0)
    first, second = random.normal(0.6, 0.1, 5), random.normal(0.5, 0.1, 5)
    result = statistics.paired_difference(first, second)
    expected = stats.ttest_rel(first, second)
    interval = expected.confidence_interval(0.95)
    assert result.p_value == pytest.approx(expected.pvalue)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high))
    assert result.mean == pytest.approx(np.mean(first - second))
    assert result.n == 5


def test_paired_difference_by_hand():
    # differences 1, 2, 3: mean 2, standard deviation 1, error 1/√3; t quantile for two degrees of freedom
    result = statistics.paired_difference([2, 4, 6], [1, 2, 3])
    assert result.high - result.mean == pytest.approx(4.302653 / 3**0.5)


def test_one_seed_proves_nothing_and_equal_results_are_no_difference():
    assert statistics.paired_difference([0.9], [0.1]).p_value == 1
    assert statistics.paired_difference([0.9], [0.1]).high == np.inf
    assert statistics.paired_difference([0.5, 0.6], [0.5, 0.6]).p_value == 1
    with pytest.raises(ValueError, match="must be as many"):
        statistics.paired_difference([0.5], [0.5, 0.6])


def test_three_times_one_image_is_no_proof():
    first, second = [31 / 93, 28 / 93, 30 / 93], [30 / 93, 27 / 93, 29 / 93]
    assert statistics.paired_difference(first, second).p_value < 1e-6
    result = statistics.paired_difference(first, second, resolution=1 / 93)
    error = (1 / 93) * (1 / 6) ** 0.5 / 3**0.5
    assert result.p_value == pytest.approx(2 * stats.t.sf((1 / 93) / error, df=2), rel=1e-3)
    assert result.high - result.mean == pytest.approx(4.302653 * error, rel=1e-3)


def test_mcnemar_is_the_exact_binomial_test_of_the_images_on_which_they_differ():
    first = np.array([True] * 50 + [True] * 9 + [False] * 1 + [False] * 20)
    second = np.array([True] * 50 + [False] * 9 + [True] * 1 + [False] * 20)
    by_hand = 2 * (1 + 10) / 2**10  # at least nine of ten heads, both sides
    assert statistics.mcnemar(first, second) == pytest.approx(by_hand)
    assert statistics.mcnemar(first, first) == 1
    with pytest.raises(ValueError, match="same images"):
        statistics.mcnemar(first, second[:-1])


def test_holm_follows_its_worked_example():
    # 0.01·4, 0.02·3 (0.015·3 = 0.045), …: smallest first, and never below a smaller one
    corrected = statistics.holm([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(corrected, [0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.6, 0.7]).tolist() == [1, 1]


def test_holm_leaves_out_tests_that_could_not_be_made():
    np.testing.assert_allclose(statistics.holm([np.nan, 0.02, 0.01]), [np.nan, 0.02, 0.02])


def test_groups_hold_neighbours_of_which_no_pair_is_told_apart():
    p_values = {frozenset(pair): 1.0 for pair in ("ab", "ac", "ad", "bc", "bd", "cd")}
    assert statistics.groups("abcd", p_values) == [list("abcd")]
    p_values |= {frozenset("ad"): 0.01}
    assert statistics.groups("abcd", p_values) == [list("abc"), list("bcd")]
    p_values |= {frozenset("ab"): 0.01, frozenset("ac"): 0.01}
    assert statistics.groups("abcd", p_values) == [["a"], list("bcd")]
