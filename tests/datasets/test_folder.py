import itertools
import unicodedata

import numpy as np
import pytest
from PIL import Image

from fer import datasets
from fer.datasets import scan
from fer.datasets.base import DamagedDataError, MissingDataError


def picture(path, value=0, size=(8, 8), mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value).save(path)
    return path


@pytest.fixture
def root(tmp_path):
    """Twenty images each of three classes; the gray value counts them."""
    for number in range(20):
        picture(tmp_path / "내 사진" / "Happiness" / f"웃음 {number}.png", number)
        picture(tmp_path / "내 사진" / unicodedata.normalize("NFD", "당황") / f"{number}.png", 20 + number)
        picture(tmp_path / "내 사진" / "anger" / "sub folder" / f"{number}.PNG", 40 + number)
    return tmp_path / "내 사진"


def test_folder_names_become_emotions_those_of_fer2013_first(root):
    dataset = datasets.load("folder", root=root)
    assert dataset.emotions == ("angry", "happy", "embarrassed")
    first = {"angry": 40, "happy": 0, "embarrassed": 20}
    for row, emotion in enumerate(dataset.table["emotion"]):
        assert 0 <= dataset.images[row, 0, 0] - first[emotion] < 20


def test_splits_are_drawn_for_each_class(root):
    counts = datasets.load("folder", root=root, fractions=(0.5, 0.25, 0.25), seed=3).counts()
    assert counts.to_numpy().tolist() == [[10] * 3, [5] * 3, [5] * 3]


def test_split_folders_are_kept(root, tmp_path):
    other = tmp_path / "splits"
    other.mkdir()
    root.rename(other / "Train")
    picture(other / "valid" / "happy" / "1.png")
    picture(other / "test" / "happy" / "1.png")
    assert datasets.load("folder", root=other).counts().to_numpy().tolist() == [
        [20] * 3,
        [0, 1, 0],
        [0, 1, 0],
    ]


def test_damaged_files_are_listed_and_the_rest_loads(root):
    whole = (root / "anger" / "sub folder" / "1.PNG").read_bytes()
    (root / "anger" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (root / "anger" / "empty.png").touch()
    (root / "Happiness" / "text.jpg").write_text("no picture")
    picture(root / "Happiness" / "more.png")
    for number in range(20, 40):
        picture(root / "Happiness" / f"{number}.png")
    dataset = datasets.load("folder", root=root)
    reasons = dict(zip(dataset.skipped["source"], dataset.skipped["reason"], strict=True))
    assert set(reasons) == {
        str(root / file) for file in ("anger/cut.png", "anger/empty.png", "Happiness/text.jpg")
    }
    assert reasons[str(root / "Happiness" / "text.jpg")] == "not an image"
    assert len(dataset) == 81


def test_more_than_five_percent_of_damaged_files_stop(root):
    for number in range(4):
        (root / "anger" / f"{number}.png").touch()
    with pytest.raises(DamagedDataError, match="4 of 64"):
        datasets.load("folder", root=root)


def test_other_files_are_listed_but_are_no_damage_and_hidden_ones_are_ignored(root):
    for number in range(10):
        (root / "anger" / f"{number}.txt").touch()
    (root / "Thumbs.db").touch()
    picture(root / "cover.png")
    (root / ".DS_Store").touch()
    picture(root / "__MACOSX" / "anger" / "1.png")
    picture(root / "anger" / "._1.png")
    dataset = datasets.load("folder", root=root)
    assert len(dataset) == 60
    assert dataset.skipped["reason"].value_counts().to_dict() == {
        "not an image": 11,
        "not in a class folder": 1,
    }


def test_link_that_leads_nowhere_is_listed(root):
    (root / "anger" / "lost.png").symlink_to(root / "nowhere.png")
    skipped = datasets.load("folder", root=root).skipped
    assert skipped["source"].tolist() == [str(root / "anger" / "lost.png")]


def test_class_folder_may_be_a_link(root, tmp_path):
    (root / "anger").rename(tmp_path / "elsewhere")
    (root / "anger").symlink_to(tmp_path / "elsewhere")
    assert len(datasets.load("folder", root=root)) == 60


def test_images_of_one_shape_are_read_into_memory_others_from_their_path(root, monkeypatch):
    assert datasets.load("folder", root=root).images.shape == (60, 8, 8)
    lazy = datasets.load("folder", root=root, in_memory=False)
    assert lazy.images is None and lazy.image(0).shape == (8, 8)
    monkeypatch.setattr(scan, "MAX_MEMORY", 60 * 64 - 1)
    assert datasets.load("folder", root=root).images is None
    assert datasets.load("folder", root=root, in_memory=True).images is not None
    picture(root / "anger" / "color.png", (1, 2, 3), (9, 8), "RGB")
    assert datasets.load("folder", root=root).images is None
    with pytest.raises(ValueError, match="2 shapes"):
        datasets.load("folder", root=root, in_memory=True)


class TestVerdicts:
    @pytest.fixture
    def decoded(self, monkeypatch):
        """The names of the files that are decoded to find the damaged ones."""
        names = []
        verdict = scan._verdict
        monkeypatch.setattr(scan, "_verdict", lambda path: names.append(path.name) or verdict(path))
        return names

    def test_are_remembered_and_only_new_and_changed_files_are_decoded(self, root, decoded):
        (root / "anger" / "bad.png").touch()
        first = datasets.load("folder", root=root)
        assert len(decoded) == 61
        decoded.clear()
        assert datasets.load("folder", root=root).skipped.equals(first.skipped)
        assert decoded == []
        picture(root / "anger" / "bad.png")
        picture(root / "anger" / "new.png")
        assert datasets.load("folder", root=root).skipped.empty
        assert sorted(decoded) == ["bad.png", "new.png"]

    def test_survive_an_interruption(self, root, monkeypatch):
        totals = []

        def progress(answers, total, **options):
            totals.append(total)
            yield from itertools.islice(answers, 40)
            if total == 60:
                raise KeyboardInterrupt

        monkeypatch.setattr(scan, "tqdm", progress)
        with pytest.raises(KeyboardInterrupt):
            datasets.load("folder", root=root)
        assert len(datasets.load("folder", root=root)) == 60
        assert totals == [60, 20]


@pytest.mark.parametrize("layout", ["nothing", "empty", "one class"])
def test_folder_without_classes_says_how_it_must_look(tmp_path, layout):
    root = tmp_path / "faces"
    if layout != "nothing":
        root.mkdir()
    if layout == "one class":
        picture(root / "anger" / "1.png")
    with pytest.raises(MissingDataError, match="<class>/") as caught:
        datasets.load("folder", root=root)
    assert str(root) in str(caught.value)


def test_vocabulary_can_be_given(root):
    emotions = ("embarrassed", "happy", "angry", "hurt")
    dataset = datasets.load("folder", root=root, emotions=emotions)
    assert dataset.emotions == emotions
    np.testing.assert_array_equal(np.bincount(dataset.labels, minlength=4), [20, 20, 20, 0])
    with pytest.raises(ValueError, match="embarrassed"):
        datasets.load("folder", root=root, emotions=("happy", "angry"))
