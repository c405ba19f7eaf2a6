import numpy as np
import pytest

from fer.models.anchors import best_overlap, k_means_anchors


def test_clusters_that_lie_apart_are_found():
    centres = np.array([[10, 12], [30, 20], [30, 60], [120, 150]], dtype=float)
    random = np.random.default_rng(0)
    sizes = (centres[:, None] * random.uniform(0.95, 1.05, (4, 50, 2))).reshape(-1, 2)
    np.testing.assert_allclose(k_means_anchors(sizes, k=4), centres, rtol=0.03)


def test_anchors_cover_boxes_better_than_any_quantiles_do():
    random = np.random.default_rng(1)
    sizes = np.exp(random.normal(3.5, 0.8, (600, 1))) * [1, 1.3] * random.uniform(0.8, 1.25, (600, 2))
    anchors = k_means_anchors(sizes, k=9)
    quantiles = np.quantile(sizes, np.linspace(0.05, 0.95, 9), axis=0)
    assert best_overlap(sizes, anchors).mean() > best_overlap(sizes, quantiles).mean()
    assert (np.diff(anchors.prod(axis=1)) >= 0).all()


def test_no_single_anchor_can_be_moved_to_its_advantage():
    """At the end each anchor is the median of the boxes that it covers best."""
    sizes = np.random.default_rng(2).uniform(8, 200, (300, 2))
    anchors = k_means_anchors(sizes, k=5)
    low = np.minimum(sizes[:, None], anchors).prod(axis=-1)
    overlap = low / (sizes.prod(axis=1)[:, None] + anchors.prod(axis=1) - low)
    for number, anchor in enumerate(anchors):
        np.testing.assert_allclose(np.median(sizes[overlap.argmax(axis=1) == number], axis=0), anchor)


def test_the_seed_decides():
    sizes = np.random.default_rng(3).uniform(8, 200, (300, 2))
    np.testing.assert_array_equal(k_means_anchors(sizes, seed=4), k_means_anchors(sizes, seed=4))


@pytest.mark.parametrize("sizes", [np.ones((20, 2)), np.zeros((20, 2)), np.empty((0, 2))])
def test_too_few_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="`sizes`"):
        k_means_anchors(sizes)
