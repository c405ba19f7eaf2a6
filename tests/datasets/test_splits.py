import numpy as np
import pytest

from fer.datasets import splits

FRACTIONS = (0.7, 0.15, 0.15)


@pytest.fixture
def emotions():
    return np.array(["happy"] * 200 + ["disgust"] * 20 + ["sad"] * 100)


@pytest.fixture
def groups(emotions):
    return np.random.default_rng(0).integers(0, 60, size=len(emotions))


def test_stratified_parts_have_the_wanted_share_of_every_emotion(emotions):
    parts = splits.stratified(emotions, FRACTIONS, seed=0)
    for emotion, expected in {"happy": [140, 30, 30], "disgust": [14, 3, 3], "sad": [70, 15, 15]}.items():
        assert np.bincount(parts[emotions == emotion]).tolist() == expected


def test_grouped_parts_share_no_group_and_keep_the_shares_nearly(emotions, groups):
    parts = splits.stratified_by_group(emotions, groups, FRACTIONS, seed=0)
    assert all(len(set(parts[groups == group])) == 1 for group in np.unique(groups))
    for emotion in ("happy", "sad"):
        shares = np.bincount(parts[emotions == emotion], minlength=3) / (emotions == emotion).sum()
        np.testing.assert_allclose(shares, FRACTIONS, atol=0.04)


def test_draw_is_the_same_for_a_seed_and_another_for_another(emotions, groups):
    def by_group(emotions, fractions, seed):
        return splits.stratified_by_group(emotions, groups, fractions, seed)

    for draw in (splits.stratified, by_group):
        first, again, other = (draw(emotions, FRACTIONS, seed) for seed in (0, 0, 1))
        assert (first == again).all() and (first != other).any()


@pytest.mark.parametrize("fractions", [(0.5, 0.4), (1.2, -0.2)])
def test_shares_that_are_no_shares_are_refused(emotions, groups, fractions):
    with pytest.raises(ValueError, match="sum to 1"):
        splits.stratified(emotions, fractions, seed=0)
    with pytest.raises(ValueError, match="sum to 1"):
        splits.stratified_by_group(emotions, groups, fractions, seed=0)
