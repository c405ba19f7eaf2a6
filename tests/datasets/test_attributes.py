import numpy as np
import pytest
from PIL import Image

from fer import datasets
from fer.datasets import DamagedDataError, MissingDataError

ROWS = [
    # file, split, glasses, mask, drawn
    ("a.png", "train", "none", "none", 0),
    ("b.png", "train", "glasses", "", 1),
    ("c.png", "validation", "sunglasses", "none", 0),
    ("d.png", "test", "", "mask", 0),
    ("e.png", "train", "none", "mask", 1),
]


@pytest.fixture
def folder(tmp_path):
    lines = ["file,split,glasses,mask,drawn,subject"]
    for number, (file, *values) in enumerate(ROWS):
        Image.fromarray(np.full((20, 20, 3), 40 * number, dtype=np.uint8)).save(tmp_path / file)
        lines.append(",".join(map(str, (file, *values, f"person {number // 2}"))))
    (tmp_path / "faces.csv").write_text("\n".join(lines))
    return tmp_path


def load(folder, **options):
    return datasets.load("attributes", root=folder, **options)


def test_glasses_have_three_classes_and_only_faces_of_which_they_are_known(folder):
    faces = load(folder)
    assert faces.emotions == ("none", "glasses", "sunglasses")
    assert faces.labels.tolist() == [0, 1, 2, 0]
    assert faces.table["split"].tolist() == ["train", "train", "validation", "train"]
    assert faces.images[:, 0, 0, 0].tolist() == [0, 40, 80, 160]


def test_masks_have_two_classes(folder):
    faces = load(folder, attribute="mask")
    assert faces.emotions == ("none", "mask")
    assert faces.labels.tolist() == [0, 0, 1, 1]
    assert faces.images[:, 0, 0, 0].tolist() == [0, 80, 120, 160]


def test_drawn_faces_can_be_left_out(folder):
    faces = load(folder, drawn=False)
    assert faces.images[:, 0, 0, 0].tolist() == [0, 80]


def test_further_columns_are_kept(folder):
    assert load(folder).table["subject"].tolist() == ["person 0", "person 0", "person 1", "person 2"]


def test_a_small_table_of_ones_own_is_enough(folder):
    (folder / "faces.csv").write_text("file,split,mask\na.png,train,none\nd.png,test,mask\n")
    assert load(folder, attribute="mask").labels.tolist() == [0, 1]


def test_a_damaged_image_is_skipped_and_listed(folder):
    rows = "".join(f"a.png,train,{kind}\n" for kind in ("none", "mask") * 15)
    (folder / "faces.csv").write_text(f"file,split,mask\n{rows}broken.png,train,mask\n")
    (folder / "broken.png").write_text("no image")
    faces = load(folder, attribute="mask")
    assert len(faces) == 30
    assert faces.skipped["source"].tolist() == [str(folder / "broken.png")]


def test_a_missing_table_says_what_it_must_hold(tmp_path):
    with pytest.raises(MissingDataError, match=r"faces\.csv.*columns file, split.*fer\.faces attributes"):
        load(tmp_path)


def test_a_table_without_known_faces_is_missing_data(folder):
    (folder / "faces.csv").write_text("file,split,mask\na.png,train,\n")
    with pytest.raises(MissingDataError, match="knows the mask of no face"):
        load(folder, attribute="mask")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("file,split\na.png,train\n", "no column glasses"),
        ("file,split,glasses\na.png,training,none\n", r"\['training'\] in the column split"),
        ("file,split,glasses\na.png,train,goggles\n", r"\['goggles'\] in the column glasses"),
    ],
)
def test_a_wrong_table_is_refused_by_column(folder, text, complaint):
    (folder / "faces.csv").write_text(text)
    with pytest.raises(DamagedDataError, match=complaint):
        load(folder)


def test_an_unknown_attribute_is_refused(folder):
    with pytest.raises(ValueError, match=r"`attribute` must be one of.*'hat'"):
        load(folder, attribute="hat")
