import numpy as np
import pytest

from fer.pipelines.erasing import AREAS, ASPECTS, random_erasing


def erased(n=2000, size=40, share=1.0, seed=0, channels=1):
    """Images whose values lie above 1, where no colour of a rectangle does, after some were erased."""
    images = np.full((n, size, size, channels), 2, dtype=np.float32)
    random_erasing(images, np.random.default_rng(seed), share)
    return images


def test_a_rectangle_of_one_color_is_filled_and_the_rest_stays():
    images = erased(n=50, channels=3)
    for image in images:
        changed = (image != 2).all(axis=2)
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        assert changed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert changed.sum() == len(rows) * len(columns)
        assert len(np.unique(image[changed], axis=0)) == 1
        assert 0 <= image[changed].min() <= image[changed].max() < 1


def test_sizes_places_and_shapes_cover_their_ranges():
    changed = (erased() != 2)[..., 0]
    shares = changed.mean(axis=(1, 2))
    assert AREAS[0] * 0.7 < shares.min() < AREAS[0] * 1.2
    assert AREAS[1] * 0.9 < shares.max() < AREAS[1] * 1.1
    assert shares.mean() == pytest.approx(np.mean(AREAS), rel=0.05)
    heights, widths = changed.any(axis=2).sum(axis=1), changed.any(axis=1).sum(axis=1)
    aspects = heights / widths
    assert np.median(aspects) == pytest.approx(1, abs=0.1)
    assert 1 < np.log(aspects).max() < np.log(ASPECTS[1]) * 1.4
    assert changed.any(axis=0).all()
    assert changed[:, 0].any() and changed[:, -1].any()


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_a_share_of_the_images_is_changed(share):
    assert (erased(share=share) != 2).any(axis=(1, 2, 3)).mean() == pytest.approx(share, abs=0.03)


def test_the_random_state_decides():
    np.testing.assert_array_equal(erased(20), erased(20))
    assert (erased(20) != erased(20, seed=1)).any()
