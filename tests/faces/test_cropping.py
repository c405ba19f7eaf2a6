import cv2
import numpy as np
import pytest

from fer import faces

PHOTO = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
FACE = faces.Face((20, 10, 40, 60), 1.0)


@pytest.mark.parametrize("gray", [True, False])
def test_the_crop_is_the_same_as_from_bgr(gray):
    bgr = cv2.cvtColor(PHOTO, cv2.COLOR_RGB2BGR)
    resized = cv2.resize(bgr[10:70, 20:60], (224, 224), interpolation=cv2.INTER_CUBIC)
    expected = cv2.cvtColor(resized, cv2.COLOR_BGR2GRAY if gray else cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(faces.crop(PHOTO, FACE, gray=gray), expected)


def test_a_gray_photo_gives_gray_crops_in_one_or_three_channels():
    photo, face = PHOTO[..., 0], faces.Face((3, 4, 50, 50), 1.0)
    np.testing.assert_array_equal(faces.crop(photo, face, size=50), photo[4:54, 3:53])
    np.testing.assert_array_equal(
        faces.crop(photo, face, size=50, gray=False), np.dstack([photo[4:54, 3:53]] * 3)
    )


def test_a_margin_beyond_the_edge_repeats_the_border():
    photo = PHOTO[..., 0]
    # Half of 40 on each side of a 40 × 40 box in the lower right corner: 20 to the edges and 20 beyond.
    cut = faces.crop(photo, faces.Face((80, 50, 40, 40), 1.0), size=80, margin=0.5)
    np.testing.assert_array_equal(cut, np.pad(photo, ((0, 20), (0, 20)), mode="edge")[30:110, 60:140])


@pytest.mark.parametrize("argument", [{"size": 0}, {"margin": -0.1}])
def test_sizes_and_margins_below_their_range_are_refused(argument):
    with pytest.raises(ValueError, match=f"`{next(iter(argument))}`.*Received"):
        faces.crop(PHOTO, FACE, **argument)
