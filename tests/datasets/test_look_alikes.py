import cv2
import numpy as np
import pytest
from PIL import Image

from fer.datasets import look_alikes


@pytest.fixture
def photos():
    """Six photos, each of large random patches."""
    patches = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
    return [cv2.resize(patch, (80, 64), interpolation=cv2.INTER_CUBIC) for patch in patches]


def test_sizes_mirror_images_and_light_make_no_other_photo(photos):
    further = [cv2.resize(photos[0], (40, 30)), photos[1][:, ::-1], photos[2] // 2 + 20]
    small = np.stack([look_alikes.thumbnail(photo) for photo in photos + further])
    assert small.shape == (9, 16, 16) and small.dtype == np.uint8
    groups, copies = look_alikes.group(small, np.arange(9))
    assert groups[6:].tolist() == groups[:3].tolist()
    assert len(set(groups)) == 6 and copies == 6


def test_the_photos_of_a_person_stay_together_and_are_no_copies(photos):
    small = np.stack([look_alikes.thumbnail(photo) for photo in photos])
    groups, copies = look_alikes.group(small, np.array(list("abcabc")))
    assert groups[:3].tolist() == groups[3:].tolist()
    assert len(set(groups)) == 3 and copies == 0


def test_a_photo_that_changes_is_looked_at_again(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    paths = [str(tmp_path / f"{number}.png") for number in range(4)]
    for path, photo in zip(paths, [photos[0], photos[0], photos[1], photos[2]], strict=True):
        Image.fromarray(photo).save(path)

    def parts():
        return look_alikes.split(paths, np.zeros(4), (0.5, 0.25, 0.25), seed=0)

    first = parts()
    assert first[0] == first[1]
    read = []
    monkeypatch.setattr(look_alikes.images, "read", lambda path: read.append(path) or photos[3])
    assert parts().tolist() == first.tolist() and not read
    Image.fromarray(photos[4][:50]).save(paths[2])
    parts()
    assert len(read) == 4
