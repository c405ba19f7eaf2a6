import numpy as np
import pytest
from PIL import Image

from fer import datasets
from fer.datasets import boxes_csv
from fer.datasets.base import MissingDataError
from fer.faces.base import Detector
from fer.faces.labelling import check_destination, label


class Bright(Detector):
    """Finds two faces in a photo, a sure and an unsure one, where its first pixel is not black."""

    def __init__(self, threshold=0.3, stop_after=None):
        super().__init__(threshold)
        self.looked_at, self.stop_after = 0, stop_after

    def _candidates(self, image):
        if self.looked_at == self.stop_after:
            raise KeyboardInterrupt
        self.looked_at += 1
        if image[0, 0].any():
            yield (2, 3, 12, 18), 0.9, None
            if self.threshold <= 0.5:
                yield (20, 4, 27, 9), 0.5, None


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def photos(tmp_path):
    """Twelve photos in two folders; the first pixel of those with an even number is black."""
    for number in range(12):
        path = tmp_path / "photos" / "ab"[number // 6] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, number, bright=number % 2)
    return tmp_path / "photos"


def write(path, seed, bright):
    pixels = np.random.default_rng(seed).integers(1, 256, (8, 8, 3), dtype=np.uint8)
    pixels = np.kron(pixels, np.ones((4, 4, 1), dtype=np.uint8))
    if not bright:
        pixels[0, 0] = 0
    Image.fromarray(pixels).save(path)


def test_every_photo_with_a_face_has_the_boxes_that_the_detector_found(photos):
    dataset = label(photos, Bright(), "bright")
    assert dataset.photos["file"].tolist() == [f"{'ab'[n // 6]}/{n:02}.png" for n in range(1, 12, 2)]
    for number in range(6):
        truth = dataset.truth(number)
        expected = [[2, 3, 10, 15, 0.9], [20, 4, 7, 5, 0.5]]
        assert truth[["x", "y", "width", "height", "score"]].to_numpy().tolist() == expected
    assert set(dataset.boxes["label"]) == {"face"} == set(dataset.classes)
    assert not dataset.boxes["ignore"].any()
    assert dataset.photos["split"].isin(["train", "validation", "test"]).all()


def test_faces_of_which_the_detector_is_not_sure_are_ignored(photos):
    dataset = label(photos, Bright(), "bright", sure=0.8)
    assert dataset.boxes.groupby("ignore")["score"].unique().to_dict() == {False: [0.9], True: [0.5]}
    with pytest.raises(ValueError, match="`sure` must be in 0…1"):
        label(photos, Bright(), "bright", sure=8)


def test_only_new_and_changed_photos_are_looked_at_again(photos):
    label(photos, first := Bright(), "bright")
    assert first.looked_at == 12
    label(photos, again := Bright(), "bright", sure=0.7)
    assert again.looked_at == 0
    write(photos / "a" / "00.png", 100, bright=True)
    write(photos / "a" / "new.png", 101, bright=True)
    dataset = label(photos, third := Bright(), "bright")
    assert third.looked_at == 2
    assert dataset.photos["file"].tolist()[:2] == ["a/00.png", "a/01.png"]
    assert len(dataset) == 8
    label(photos, other := Bright(), "another")
    assert other.looked_at == 13


def test_a_higher_threshold_uses_what_is_known_and_a_lower_one_does_not(photos):
    label(photos, Bright(), "bright")
    strict = Bright(threshold=0.7)
    assert label(photos, strict, "bright").boxes["score"].unique().tolist() == [0.9]
    assert strict.looked_at == 0
    label(photos, lax := Bright(threshold=0.2), "bright")
    assert lax.looked_at == 12


def test_an_interrupted_call_goes_on(photos):
    with pytest.raises(KeyboardInterrupt):
        label(photos, Bright(stop_after=5), "bright")
    dataset = label(photos, rest := Bright(), "bright")
    assert rest.looked_at == 7
    assert len(dataset.boxes) == 12


def test_damaged_photos_are_skipped(photos):
    for number in range(12, 24):
        write(photos / "b" / f"{number}.png", number, bright=True)
    (photos / "b" / "13.png").write_bytes(b"no picture")
    (photos / "notes.txt").write_text("no photo")
    dataset = label(photos, Bright(), "bright")
    assert len(dataset) == 17
    assert dataset.skipped.to_numpy().tolist() == [[str(photos / "b" / "13.png"), "not an image"]]
    (photos / "b" / "14.png").write_bytes(b"no picture")
    assert len(label(photos, Bright(), "bright").skipped) == 2


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(MissingDataError, match="no photos in"):
        label(tmp_path / "none", Bright(), "bright")


def test_a_folder_without_a_face_is_refused(photos):
    for number in range(12):
        write(photos / "ab"[number // 6] / f"{number:02}.png", number, bright=False)
    with pytest.raises(MissingDataError, match="bright finds no sure face in any of the 12 photos"):
        label(photos, Bright(), "bright")


def test_photos_of_which_the_detector_is_not_sure_are_left_out(photos):
    with pytest.raises(MissingDataError, match="no sure face"):
        label(photos, Bright(), "bright", sure=0.95)


def test_the_csv_is_read_back(photos, tmp_path):
    dataset = label(photos, Bright(), "bright", sure=0.8)
    boxes_csv.write(dataset, tmp_path / "out.csv")
    read = datasets.load_boxes("boxes_csv", root=tmp_path / "out.csv", images=photos)
    columns = ["photo", "x", "y", "width", "height", "score", "label", "ignore"]
    assert read.boxes[columns].to_dict("list") == dataset.boxes[columns].to_dict("list")
    assert read.photos.to_dict("list") == dataset.photos.to_dict("list")


def test_a_csv_made_by_hand_is_not_replaced_and_one_of_this_command_is(photos, tmp_path):
    path = tmp_path / "boxes.csv"
    check_destination(path)
    boxes_csv.write(label(photos, Bright(), "bright"), path)
    check_destination(path)
    path.write_text("file,x,y,width,height\na.png,1,1,5,5\n")
    with pytest.raises(ValueError, match="exists, and this command has not made it"):
        check_destination(path)
    with pytest.raises(ValueError, match="must be a file"):
        check_destination(tmp_path)
