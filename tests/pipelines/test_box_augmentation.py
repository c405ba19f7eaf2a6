import cv2
import numpy as np
import pytest

from fer import images
from fer.pipelines import box_augmentation as augmentation
from fer.pipelines.box_augmentation import Sample


def drawn(code, height=200, width=300, box=(90, 60, 70, 80)):
    """A black photo with a rectangle; the bits of ``code`` say which of red, green and blue it has."""
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    x, y, w, h = box
    picture[y : y + h, x : x + w] = [255 * (code >> channel & 1) for channel in range(3)]
    return Sample(picture, np.array([box], dtype=float), np.array([False]), np.array([code]))


def found(picture, code):
    """The box of the pixels that have this colour rather than black or the gray outside; None without any."""
    bits = (picture > 127) @ [1, 2, 4]
    rows, columns = np.nonzero(bits == code)
    if not len(rows):
        return None
    return [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]


def assert_boxes_fit(sample, at_least=1):
    assert len(sample.boxes) >= at_least
    for box, code in zip(sample.boxes, sample.labels, strict=True):
        expected = found(sample.picture, code)
        if expected is None:  # thinner than a pixel
            assert box[2:].min() < 1
        else:
            corners, right = np.reshape([box, expected], (2, 2, 2)).cumsum(axis=1)
            np.testing.assert_allclose(corners, right, atol=1.5)


class TestLetterbox:
    @pytest.mark.parametrize(("height", "width"), [(200, 300), (300, 170), (37, 31), (256, 256), (1000, 701)])
    def test_boxes_lie_on_their_rectangles_and_come_back(self, height, width):
        sample = drawn(5, height, width, (width // 4, height // 3, width // 3, height // 2))
        picture, scale, offset = images.letterbox(sample.picture, 128)
        boxes = augmentation.move(sample.boxes, scale, offset)
        assert scale == 128 / max(height, width)
        assert_boxes_fit(sample._replace(picture=picture, boxes=boxes))
        np.testing.assert_allclose(augmentation.move_back(boxes, scale, offset), sample.boxes, atol=1e-9)

    def test_a_wide_photo_is_centred_between_gray(self):
        picture, scale, offset = images.letterbox(np.full((20, 40, 3), 200, dtype=np.uint8), 80)
        assert (scale, offset) == (2, (0, 20))
        assert (picture[20:60] == 200).all()
        assert (picture[:20] == 114).all()
        assert (picture[60:] == 114).all()

    def test_shrinking_averages_areas(self):
        photo = np.random.default_rng(0).integers(256, size=(40, 40, 3)).astype(np.uint8)
        expected = photo.reshape(10, 4, 10, 4, 3).mean(axis=(1, 3))
        np.testing.assert_allclose(images.letterbox(photo, 10)[0], expected, atol=0.51)

    def test_takes_a_photo_of_one_pixel_and_a_line(self):
        assert (images.letterbox(np.full((1, 1, 3), 9, dtype=np.uint8), 32)[0] == 9).all()
        line = images.letterbox(np.full((1, 900, 3), 9, dtype=np.uint8), 32)[0]
        assert ((line == 9).all(axis=(1, 2))).sum() == 1


class TestPlace:
    def test_is_the_photo_itself_where_nothing_is_scaled_or_moved(self):
        photo = np.random.default_rng(0).integers(256, size=(30, 40, 3)).astype(np.uint8)
        canvas = np.zeros_like(photo)
        augmentation.place(drawn(1)._replace(picture=photo), (1, 1), (0, 0), canvas)
        np.testing.assert_array_equal(canvas, photo)

    def test_is_what_scipy_interpolates(self):
        ndimage = pytest.importorskip("scipy.ndimage")
        photo = np.random.default_rng(0).integers(256, size=(30, 40, 3)).astype(np.uint8)
        photo = cv2.GaussianBlur(photo, (0, 0), 2)
        canvas = np.full((50, 60, 3), 114, dtype=np.uint8)
        augmentation.place(drawn(1)._replace(picture=photo), (1.3, 0.8), (3.25, -4.5), canvas)
        # Pixel p of the canvas has its centre at p + 0.5.
        rows = (np.arange(2, 17) + 0.5 + 4.5) / 0.8 - 0.5
        columns = (np.arange(6, 50) + 0.5 - 3.25) / 1.3 - 0.5
        places = np.meshgrid(rows, columns, indexing="ij")
        for channel in range(3):
            expected = ndimage.map_coordinates(photo[..., channel].astype(float), places, order=1)
            np.testing.assert_allclose(canvas[2:17, 6:50, channel], expected, atol=2)  # OpenCV: 1/32 pixel

    def test_keeps_the_mean_of_a_fine_pattern_that_is_shrunk_much(self):
        checks = np.indices((300, 300)).sum(axis=0) % 2 * np.uint8(255)
        canvas = np.zeros((40, 40, 3), dtype=np.uint8)
        photo = np.repeat(checks[..., None], 3, axis=2).astype(np.uint8)
        augmentation.place(drawn(1)._replace(picture=photo), (0.15, 0.15), (-2, -2), canvas)
        assert np.abs(canvas.astype(int) - 127).max() < 16

    @pytest.mark.parametrize("scale", [(0.2, 0.23), (0.45, 0.5), (0.7, 0.8), (1.6, 1.5), (3.1, 2.9)])
    def test_boxes_lie_on_their_rectangles(self, scale):
        canvas = np.full((416, 416, 3), 114, dtype=np.uint8)
        assert_boxes_fit(augmentation.place(drawn(3), scale, (7.4, -20.3), canvas))

    def test_a_photo_beyond_the_canvas_leaves_it_and_no_face(self):
        canvas = np.full((40, 40, 3), 114, dtype=np.uint8)
        assert len(augmentation.place(drawn(3), (1, 1), (50, 0), canvas).boxes) == 0
        assert (canvas == 114).all()


class TestVisible:
    def state(self, box, ignore=False):
        picture = np.zeros((100, 100, 3), dtype=np.uint8)
        sample = Sample(picture, np.array([box], dtype=float), np.array([ignore]), np.array([2]))
        return augmentation.visible(sample)

    def test_a_face_within_stays_as_it_is(self):
        after = self.state((10, 20, 30, 40))
        assert after.boxes.tolist() == [[10, 20, 30, 40]]
        assert (after.ignore.tolist(), after.labels.tolist()) == ([False], [2])
        assert self.state((10, 20, 30, 40), ignore=True).ignore.all()

    @pytest.mark.parametrize(
        ("x", "width", "ignored"),
        [(-20, 20, [False]), (-21, 19, [True]), (-25, 15, [True]), (-37, 3, [True])],
    )
    def test_a_face_is_clipped_and_ignored_when_less_than_half_is_left(self, x, width, ignored):
        after = self.state((x, 20, 40, 30))
        assert after.boxes.tolist() == [[0, 20, width, 30]]
        assert after.ignore.tolist() == ignored

    def test_a_face_that_is_all_but_gone_is_dropped(self):
        for box in [(-39, 20, 40, 30), (100, 20, 40, 30), (20, 300, 40, 30), (20, 20, 0, 5)]:
            assert len(self.state(box).boxes) == 0

    @pytest.mark.parametrize(("size", "ignored"), [((5, 8), False), ((7.9, 7.9), True)])
    def test_a_face_is_ignored_when_its_longest_side_is_small(self, size, ignored):
        assert self.state((20, 20, *size)).ignore.tolist() == [ignored]

    def test_takes_no_face_at_all(self):
        nothing = Sample(np.zeros((9, 9, 3), np.uint8), np.zeros((0, 4)), np.zeros(0, bool), np.zeros(0, int))
        assert augmentation.visible(nothing).boxes.shape == (0, 4)


class TestRandomPlacement:
    def test_boxes_lie_on_their_rectangles_at_many_scales(self):
        widths = []
        for seed in range(60):
            sample = augmentation.random_placement(drawn(6), 160, np.random.default_rng(seed))
            assert sample.picture.shape == (160, 160, 3)
            assert_boxes_fit(sample, at_least=0)
            widths += sample.boxes[~sample.ignore, 2].tolist()
        assert len(widths) > 40
        assert max(widths) > 2 * min(widths)

    def test_depends_on_the_generator_alone(self):
        first, same, other = (
            augmentation.random_placement(drawn(1), 64, np.random.default_rng(seed)) for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(first.picture, same.picture)
        assert not np.array_equal(first.picture, other.picture)

    def test_takes_a_photo_of_one_pixel(self):
        dot = Sample(np.full((1, 1, 3), 7, np.uint8), np.zeros((0, 4)), np.zeros(0, bool), np.zeros(0, int))
        picture = augmentation.random_placement(dot, 32, np.random.default_rng(0)).picture
        assert set(np.unique(picture)) <= {7, 114}


class TestMosaic:
    def test_boxes_lie_on_the_rectangles_of_all_four_photos(self):
        count = 0
        for seed in range(60):
            samples = [drawn(code, 200, 200 + 40 * code) for code in (1, 2, 4, 6)]
            whole = augmentation.mosaic(samples, 192, np.random.default_rng(seed))
            assert whole.picture.shape == (192, 192, 3)
            assert_boxes_fit(whole, at_least=0)
            count += len(whole.boxes)
        assert count > 120

    def test_each_photo_stays_in_its_quarter(self):
        samples = [drawn(code) for code in (1, 2, 4, 6)]
        for seed in range(20):
            whole = augmentation.mosaic(samples, 200, np.random.default_rng(seed))
            middle = dict(
                zip(whole.labels.tolist(), whole.boxes[:, :2] + whole.boxes[:, 2:] / 2, strict=True)
            )
            for left, right in ((1, 2), (4, 6)):
                assert left not in middle or right not in middle or middle[left][0] < middle[right][0]
            for upper, lower in ((1, 4), (2, 6)):
                assert upper not in middle or lower not in middle or middle[upper][1] < middle[lower][1]

    def test_keeps_what_is_ignored(self):
        samples = [drawn(code)._replace(ignore=np.array([code == 2])) for code in (1, 2, 4, 6)]
        states = {}
        for seed in range(20):
            whole = augmentation.mosaic(samples, 416, np.random.default_rng(seed))
            for code, ignored in zip(whole.labels, whole.ignore, strict=True):
                states.setdefault(int(code), set()).add(bool(ignored))
        assert states[2] == {True}
        assert all(False in states[code] for code in (1, 4, 6))


def test_flip_mirrors_picture_and_boxes():
    sample = drawn(3, box=(10, 20, 30, 40))
    mirrored = augmentation.flip(sample)
    np.testing.assert_array_equal(mirrored.picture, sample.picture[:, ::-1])
    assert mirrored.boxes.tolist() == [[260, 20, 30, 40]]
    assert_boxes_fit(mirrored)
    assert sample.boxes.tolist() == [[10, 20, 30, 40]]


class TestColor:
    photo = cv2.GaussianBlur(
        np.random.default_rng(0).integers(256, size=(60, 60, 3)).astype(np.uint8), (0, 0), 1.5
    )

    def test_varies_but_leaves_a_photo_a_photo(self):
        means = []
        for seed in range(40):
            changed = augmentation.random_color(self.photo, np.random.default_rng(seed))
            assert changed.dtype == np.uint8
            assert changed.shape == self.photo.shape
            assert changed.std() > 5
            gray, before = (cv2.cvtColor(x, cv2.COLOR_RGB2GRAY).ravel() for x in (changed, self.photo))
            assert np.corrcoef(gray, before)[0, 1] > 0.9
            means.append(changed.mean())
        assert np.ptp(means) > 30

    def test_some_photos_turn_gray(self):
        results = [augmentation.random_color(self.photo, np.random.default_rng(seed)) for seed in range(100)]
        assert 3 <= sum(bool((result == result[..., :1]).all()) for result in results) <= 25

    def test_gray_stays_almost_gray(self):
        gray = np.repeat(self.photo[..., :1], 3, axis=2)
        for seed in range(20):
            changed = augmentation.random_color(gray, np.random.default_rng(seed)).astype(int)
            assert np.ptp(changed, axis=2).mean() < 60

    def test_damage_leaves_most_photos_and_changes_the_others_a_little(self):
        untouched = 0
        for seed in range(60):
            damaged = augmentation.random_damage(self.photo, np.random.default_rng(seed))
            assert damaged.dtype == np.uint8
            difference = np.abs(damaged.astype(int) - self.photo).mean()
            assert difference < 16
            untouched += difference == 0
        assert 30 <= untouched <= 50
