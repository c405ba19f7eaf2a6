import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.datasets.boxes import BoxDataset


def make(pictures, **changes) -> BoxDataset:
    """Three photos, two of train, with two, no and one box; the rows of the boxes are in no order."""
    parts = {
        "name": "made",
        "classes": ("face",),
        "photos": pd.DataFrame({"split": ["train", "test", "train"]}),
        "boxes": pd.DataFrame(
            {
                "photo": [2, 0, 0],
                "x": [1, 2, 3],
                "y": [4, 5, 6],
                "width": 7,
                "height": 8,
                "label": "face",
                "ignore": [0, 0, 1],
            }
        ),
        "pictures": pictures,
    }
    return BoxDataset(**parts | changes)


@pytest.fixture
def pictures():
    return [np.full((9, 10 + number, 3), number, dtype=np.uint8) for number in range(3)]


@pytest.fixture
def dataset(pictures):
    return make(pictures)


def test_every_photo_has_its_boxes(dataset):
    assert len(dataset) == 3
    assert [dataset.truth(row)["x"].tolist() for row in range(3)] == [[2, 3], [], [1]]
    assert dataset.truth(0)["ignore"].tolist() == [False, True]


def test_taken_photos_keep_their_pictures_and_boxes_in_the_new_order(dataset):
    taken = dataset.take([2, 0]).take([1, 0]).take([1])
    assert len(taken) == 1
    assert taken.image(0).shape == (9, 12, 3)
    assert taken.truth(0)["x"].tolist() == [1]
    assert taken.boxes["photo"].tolist() == [0]


def test_a_split_has_its_photos(dataset):
    train = dataset.split("train")
    assert [train.image(row).shape[1] for row in range(len(train))] == [10, 12]
    assert [train.truth(row)["x"].tolist() for row in range(2)] == [[2, 3], [1]]
    assert len(dataset.split("validation")) == 0
    with pytest.raises(ValueError, match=r"`name` must be one of .*'exam'"):
        dataset.split("exam")


def test_pictures_are_drawn_only_when_asked_for():
    class Drawn(list):
        asked = ()

        def __getitem__(self, row):
            self.asked += (row,)
            return np.full((2, 2, 3), row, dtype=np.uint8)

    drawn = Drawn(range(3))
    train = make(drawn).split("train")
    assert drawn.asked == ()
    assert train.image(1)[0, 0, 0] == 2
    assert drawn.asked == (2,)


def test_wrong_tables_are_refused(dataset, pictures):
    with pytest.raises(ValueError, match=r"labels among \['head'\].*\['face'\]"):
        make(pictures, classes=("head",))
    with pytest.raises(ValueError, match=r"splits among .*\['exam'\]"):
        make(pictures, photos=pd.DataFrame({"split": ["train", "exam", "test"]}))
    with pytest.raises(ValueError, match=r"one entry for each of the 3 rows.*: 2"):
        make(pictures[:2])
    with pytest.raises(ValueError, match=r"rows of `photos`, 0…2.*: 3"):
        make(pictures, boxes=dataset.boxes.assign(photo=[0, 1, 3]))
    with pytest.raises(ValueError, match="`path` column"):
        make(None)


def test_the_fingerprint_follows_boxes_splits_and_pixels(dataset, pictures):
    changed = [picture.copy() for picture in pictures]
    changed[1][3, 4, 2] += 1
    others = [
        make(changed),
        make(pictures, boxes=dataset.boxes.assign(x=[1, 2, 3.5])),
        make(pictures, boxes=dataset.boxes.assign(ignore=False)),
        make(pictures, photos=pd.DataFrame({"split": ["train", "train", "train"]})),
        dataset.take([1, 0, 2]),
    ]
    assert make(pictures).fingerprint == dataset.fingerprint == dataset.take([0, 1, 2]).fingerprint
    assert len({dataset.fingerprint, *(other.fingerprint for other in others)}) == 6


def test_the_fingerprint_does_not_follow_the_folder(tmp_path):
    def of(folder, side=8, name="a.png"):
        (tmp_path / folder).mkdir(exist_ok=True)
        path = tmp_path / folder / name
        pixels = np.random.default_rng(0).integers(0, 256, (side, side), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        photos = pd.DataFrame({"file": [name], "path": [str(path)], "split": ["train"]})
        boxes = pd.DataFrame({"photo": [0], "x": 0, "y": 0, "width": 4, "height": 4})
        return BoxDataset("made", ("face",), photos, boxes.assign(label="face", ignore=False))

    first = of("one")
    fingerprint = first.fingerprint
    assert first.image(0).shape == (8, 8, 3)
    assert of("two").fingerprint == fingerprint
    assert of("two", name="b.png").fingerprint != fingerprint
    assert of("one", side=9).fingerprint != fingerprint
