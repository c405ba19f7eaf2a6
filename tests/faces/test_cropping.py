import cv2
import numpy as np
import pytest

from fer import faces

PHOTO = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
FACE = faces.Face((20, 10, 40, 60), 1.0)
SQUARE = faces.Framing(middle=0.5, side=1.0)  # as high as the box, around its middle


@pytest.mark.parametrize("gray", [True, False])
def test_the_square_of_the_framing_is_resized_as_from_bgr(gray):
    bgr = cv2.cvtColor(PHOTO, cv2.COLOR_RGB2BGR)
    resized = cv2.resize(bgr[10:70, 10:70], (224, 224), interpolation=cv2.INTER_CUBIC)
    expected = cv2.cvtColor(resized, cv2.COLOR_BGR2GRAY if gray else cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(faces.crop(PHOTO, FACE, SQUARE, gray=gray), expected)


def test_a_gray_photo_gives_gray_crops_in_one_or_three_channels():
    photo, face = PHOTO[..., 0], faces.Face((3, 4, 50, 50), 1.0)
    np.testing.assert_array_equal(faces.crop(photo, face, SQUARE, size=50), photo[4:54, 3:53])
    np.testing.assert_array_equal(
        faces.crop(photo, face, SQUARE, size=50, gray=False), np.dstack([photo[4:54, 3:53]] * 3)
    )


def test_a_size_below_one_is_refused():
    with pytest.raises(ValueError, match=r"`size`.*Received"):
        faces.crop(PHOTO, FACE, SQUARE, size=0)
