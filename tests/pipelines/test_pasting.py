import numpy as np
import pytest

from fer.boxes import area, intersection
from fer.pipelines import pasting
from fer.pipelines.box_augmentation import Sample


def plain(boxes=(), size=200, level=100):
    boxes = np.reshape(np.array(boxes, dtype=float), (-1, 4))
    picture = np.full((size, size, 3), level, dtype=np.uint8)
    return Sample(picture, boxes, np.zeros(len(boxes), bool), np.zeros(len(boxes), int))


def bright_face(box, size=200):
    """A photo with a white rectangle as a face."""
    sample = plain([box], size)
    x, y, w, h = box
    sample.picture[y : y + h, x : x + w] = 255
    return sample


class TestCutOut:
    def test_the_box_lies_on_the_face_in_the_middle_of_the_cut(self):
        crop = pasting.cut_out(bright_face((50, 60, 40, 50)), 0)
        assert crop.picture.shape == (80, 64, 3)
        assert crop.box.tolist() == [12, 15, 40, 50]
        assert (crop.picture[15:65, 12:52] == 255).all()
        assert (crop.picture[:15] == 100).all()

    def test_the_margin_is_narrower_on_both_sides_where_the_photo_ends(self):
        crop = pasting.cut_out(bright_face((5, 60, 40, 50)), 0)
        assert crop.picture.shape == (80, 50, 3)
        assert crop.box.tolist() == [5, 15, 40, 50]

    def test_a_large_face_is_shrunk_to_the_largest_that_is_pasted(self):
        crop = pasting.cut_out(bright_face((20, 20, 120, 160)), 0)
        np.testing.assert_allclose(crop.box[2:], [60, 80], atol=0.5)

    @pytest.mark.parametrize("box", [(-1, 20, 40, 40), (170, 20, 40, 40), (20, 20, 9, 11), (20, 20, 0, 40)])
    def test_a_small_or_cut_face_gives_none(self, box):
        assert pasting.cut_out(plain([box]), 0) is None


class TestPaste:
    def test_the_box_lies_on_the_pasted_face(self, monkeypatch):
        monkeypatch.setattr(pasting, "PASTED", (1, 1))
        crops = [pasting.cut_out(bright_face((50, 60, 40, 50)), 0)._replace(label=3)]
        sizes = []
        for seed in range(40):
            sample = pasting.paste(plain(), crops, np.random.default_rng(seed))
            assert (len(sample.boxes), sample.labels.tolist(), sample.ignore.tolist()) == (1, [3], [False])
            # The place, and what of the margin is blended into it, is darker than half-way to the face.
            rows, columns = np.nonzero(sample.picture[..., 0] > 155)
            expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            x, y, w, h = sample.boxes[0]
            np.testing.assert_allclose([x, y, x + w, y + h], expected, atol=1.5)
            sizes.append(h)
        assert min(sizes) < 16
        assert 40 < max(sizes) < 51

    def test_other_faces_stay_in_sight(self):
        crops = [pasting.cut_out(bright_face((50, 60, 40, 50)), 0)]
        present = [(0, 0, 90, 200), (120, 100, 60, 60), (100, 10, 6, 6)]
        pasted = 0
        for seed in range(40):
            sample = pasting.paste(plain(present), crops, np.random.default_rng(seed))
            assert sample.boxes[:3].tolist() == [list(map(float, box)) for box in present]
            new = sample.boxes[3:]
            shared = intersection(new, sample.boxes[:3])
            assert (shared <= 0.27 * area(sample.boxes[:3])).all()
            assert (sample.boxes[:, :2] >= 0).all()
            assert (sample.boxes[:, :2] + sample.boxes[:, 2:] <= 200).all()
            pasted += len(new)
        assert pasted > 20

    def test_the_edge_is_soft_and_the_corner_free(self, monkeypatch):
        monkeypatch.setattr(pasting, "PASTED", (1, 1))
        crop = pasting.Crop(np.full((60, 60, 3), 240, np.uint8), np.array([10.0, 10, 40, 40]), 0)
        sample = pasting.paste(plain(size=60), [crop, crop], np.random.default_rng(2))
        levels = np.unique(sample.picture)
        assert (sample.picture[[0, 0, -1, -1], [0, -1, 0, -1]] == 100).all()
        assert len(levels) > 10
        assert levels.max() == 170  # half-way between the tones of face and place

    def test_nothing_is_pasted_where_there_is_no_face_or_no_room(self):
        crop = pasting.cut_out(bright_face((50, 60, 40, 50)), 0)
        for sample, crops in (
            (plain(), [None]),
            (plain(size=5), [crop]),
            (plain([(0, 0, 200, 200)]), [crop]),
        ):
            for seed in range(5):
                after = pasting.paste(sample, crops, np.random.default_rng(seed))
                assert (after.picture == 100).all()
                assert len(after.boxes) == len(sample.boxes)
