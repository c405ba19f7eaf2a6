import numpy as np
import pytest

from fer.synthetic.overlay import Overlay

CAMERA = np.array([[10.0, 0, 5, 50], [0, 10, 0, 40]])
SQUARE = np.array([[-2.0, -1, 0], [2, -1, 0], [2, 1, 0], [-2, 1, 0]])


@pytest.fixture
def overlay():
    """Ten pixels a face unit; a point one unit nearer lies five pixels further right."""
    return Overlay((90, 100), CAMERA)


def test_points_go_where_the_camera_says(overlay):
    np.testing.assert_allclose(overlay.project(np.array([[1.0, 2, 0], [1, 2, 1]])), [[60, 60], [65, 60]])
    assert overlay.scale == pytest.approx(10)


def test_an_area_covers_its_pixels(overlay):
    overlay.paint(overlay.area(SQUARE), (200, 100, 0))
    color, alpha = overlay.reduced()
    assert alpha.shape == (90, 100, 1)
    # OpenCV fills half a pixel of the canvas beyond the outline.
    assert alpha.sum() == pytest.approx(40 * 20, rel=0.05)
    assert alpha[31:49, 31:69].min() == pytest.approx(1)
    assert alpha[:29].max() == alpha[:, 72:].max() == 0
    np.testing.assert_allclose(color[40, 50], [200, 100, 0])


def test_a_hull_has_no_dents(overlay):
    dented = np.insert(SQUARE, 1, [0, 0.9, 0], axis=0)
    assert overlay.area(dented).sum() < 0.7 * overlay.area(dented, hull=True).sum()
    np.testing.assert_array_equal(overlay.area(dented, hull=True), overlay.area(SQUARE))


def test_a_line_is_as_wide_as_asked_and_a_hair_is_faint(overlay):
    ends = np.array([[-2.0, 0, 0], [2, 0, 0]])
    areas = []
    for width in (0.4, 0.02):
        single = Overlay((90, 100), CAMERA)
        single.paint(single.line(ends, width), (0, 0, 0))
        areas.append(float(single.reduced()[1][:, 40:60].sum()))
    assert areas[0] == pytest.approx(4 * 20, rel=0.25)
    assert areas[1] < 0.1 * areas[0]


def test_a_layer_lies_over_what_is_below(overlay):
    overlay.paint(overlay.area(SQUARE), (100, 100, 100))
    overlay.paint(0.25 * overlay.area(SQUARE), (200, 0, 0))
    color, alpha = overlay.reduced()
    assert alpha[40, 50, 0] == pytest.approx(1)
    np.testing.assert_allclose(color[40, 50], [0.75 * 100 + 0.25 * 200, 75, 75], rtol=1e-6)


def test_face_units_of_a_pixel_are_those_of_the_camera(overlay):
    rows, columns = overlay.x.shape
    # The plane of the face is 0.4 units before the origin: its middle is at (52, 40).
    assert overlay.x[rows // 2, int(columns * 62.5 / 100)] == pytest.approx(1, abs=0.06)
    assert overlay.y[int(rows * 60.5 / 90), columns // 2] == pytest.approx(2, abs=0.06)
