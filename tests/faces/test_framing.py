"""The square of FER-2013's framing, on boxes and pictures made by hand."""

import cv2
import numpy as np
import pytest

from fer import faces, synthetic

PICTURE = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)


def test_the_square_is_measured_in_heights_of_the_box_and_centred_across():
    framing = faces.Framing(middle=0.55, side=1.2)
    # Side 1.2 · 50; across around 40 + 30 / 2, down around 20 + 0.55 · 50.
    assert framing.square((40, 20, 30, 50)) == (55 - 30, 47.5 - 30 + 0.5, 60)


def test_a_turned_head_with_a_narrower_box_keeps_the_size():
    framing = faces.Framing(middle=0.5, side=1.0)
    assert framing.square((40, 20, 40, 50))[2] == framing.square((40, 20, 25, 50))[2] == 50


@pytest.mark.parametrize("image", [PICTURE, PICTURE[..., 0]], ids=["RGB", "gray"])
def test_a_square_inside_the_picture_is_cut_as_it_is(image):
    cut = faces.Framing(middle=0.5, side=1.0).cut(image, (40, 20, 30, 50))
    np.testing.assert_array_equal(cut, image[20:70, 30:80])


@pytest.mark.parametrize("image", [PICTURE, PICTURE[..., 0]], ids=["RGB", "gray"])
@pytest.mark.parametrize("box", [(0, 0, 20, 40), (100, 50, 20, 40), (0, 0, 120, 90), (119, 89, 1, 1)])
def test_beyond_the_picture_its_border_is_repeated(image, box):
    framing = faces.Framing(middle=0.45, side=1.3)
    left, top, side = framing.square(box)
    padding = ((200, 200), (200, 200), (0, 0))[: image.ndim]
    padded = np.pad(image, padding, mode="edge")
    expected = padded[200 + top : 200 + top + side, 200 + left : 200 + left + side]
    np.testing.assert_array_equal(framing.cut(image, box), expected)


def test_drawn_eyes_are_at_the_height_of_fer2013s_eyes_in_the_square_of_the_ssd():
    drawn = synthetic.generate(5, image_size=220, color=True, difficulty="easy")
    detector, places = faces.detector("ssd"), []
    for image, (_, row) in zip(drawn.images, drawn.table.iterrows(), strict=True):
        picture = cv2.copyMakeBorder(image, 120, 120, 150, 150, cv2.BORDER_REPLICATE)
        left, top, side = detector.framing.square(detector.detect(picture)[0].box)
        eyes_x, eyes_y = ((row[f"left_eye_{axis}"] + row[f"right_eye_{axis}"]) / 2 for axis in "xy")
        places.append(((eyes_x + 150 - left) / side, (eyes_y + 120 - top) / side))
    assert np.median(places, axis=0) == pytest.approx((0.5, 0.39), abs=0.06)
