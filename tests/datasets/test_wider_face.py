import numpy as np
import pytest
from PIL import Image

from fer import datasets
from fer.datasets.base import DamagedDataError, MissingDataError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def root(tmp_path):
    """Twenty training and two validation photos of two events: number n has n mod 3 faces."""
    folder = tmp_path / "wider_face"
    (folder / "wider_face_split").mkdir(parents=True)
    for part, count in (("train", 20), ("val", 2)):
        lines = []
        for number in range(count):
            name = f"{number % 2}--Event/{number % 2}_Event_{number}.jpg"
            draw(folder / f"WIDER_{part}" / "images" / name)
            faces = [f"{5 + number} {6 + face} 20 2{face} 1 0 1 0 2 0 " for face in range(number % 3)]
            lines += [name, str(len(faces)), *(faces or ["0 0 0 0 0 0 0 0 0 0 "])]
        write(folder, lines, part)
    return folder


def draw(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(len(str(path))).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def write(folder, lines, part="val"):
    (folder / "wider_face_split" / f"wider_face_{part}_bbx_gt.txt").write_text("\n".join(lines) + "\n")


def load(root, **options):
    return datasets.load_boxes("wider_face", root=root, **options)


def test_boxes_are_those_of_the_label_files(root):
    dataset = load(root)
    assert len(dataset) == 22 and len(dataset.boxes) == 19 + 1
    faces = dataset.truth(5)  # the sixth training photo
    assert dataset.photos["file"][5] == "1--Event/1_Event_5.jpg"
    assert faces[["x", "y", "width", "height"]].to_numpy().tolist() == [[10, 6, 20, 20], [10, 7, 20, 21]]
    assert faces.iloc[0][["blur", "expression", "illumination", "occlusion", "pose"]].tolist() == [
        1,
        0,
        1,
        2,
        0,
    ]
    assert not faces["ignore"].any() and set(faces["label"]) == {"face"} == set(dataset.classes)
    assert dataset.truth(3).empty and dataset.image(3).shape == (48, 64, 3)
    assert dataset.skipped.empty


def test_some_training_photos_of_each_event_become_validation_and_val_becomes_test(root):
    photos = load(root, validation_share=0.2).photos
    assert photos["split"].value_counts().to_dict() == {"train": 16, "validation": 4, "test": 2}
    held_out = photos[photos["split"] == "validation"]
    assert held_out["file"].str[0].value_counts().to_dict() == {"0": 2, "1": 2}
    assert photos["path"][20:].str.contains("WIDER_val").all() and (photos["split"][20:] == "test").all()
    assert load(root, validation_share=0.2, seed=1).photos["split"].tolist() != photos["split"].tolist()
    assert "validation" not in set(load(root, validation_share=0).photos["split"])


def test_invalid_and_small_faces_are_ignored_and_those_without_a_size_left_out(root):
    name = "0--Event/0_Event_0.jpg"
    lines = [name, "40", "1 2 8 9 0 0 0 0 0 0", "1 2 30 9 0 0 0 1 0 0", "1 2 0 9 0 0 0 1 0 0"]
    write(root, [*lines, *["1 2 30 9 0 0 0 0 0 0"] * 37])
    faces = load(root, smallest=9).split("test").truth(0)
    assert faces["ignore"].tolist() == [True, True, *[False] * 37]
    skipped = load(root).skipped.to_dict("records")
    path = root / "wider_face_split" / "wider_face_val_bbx_gt.txt"
    assert skipped == [{"source": f"{path}, line 5", "reason": "the box has no size"}]


def test_a_label_file_may_come_with_a_folder(root, tmp_path):
    (tmp_path / "boxes.txt").write_text("0--Event/0_Event_0.jpg\n1\n3 4 5.5 6\n")
    dataset = load(tmp_path / "boxes.txt", images=root / "WIDER_val" / "images")
    assert dataset.photos["split"].tolist() == ["test"]
    assert dataset.truth(0)[["x", "y", "width", "height", "invalid"]].to_numpy().tolist() == [
        [3, 4, 5.5, 6, -1]
    ]
    with pytest.raises(ValueError, match="A label file needs `images`"):
        load(tmp_path / "boxes.txt")
    with pytest.raises(ValueError, match="a folder takes none"):
        load(root, images=root)


def test_one_part_alone_is_read(root):
    (root / "wider_face_split" / "wider_face_train_bbx_gt.txt").unlink()
    assert load(root).photos["split"].tolist() == ["test", "test"]


def test_a_wrong_folder_says_what_to_download(root, tmp_path):
    with pytest.raises(MissingDataError, match=r"WIDER FACE is not at.*WIDER_train\.zip.*WIDERFACE"):
        load(tmp_path)
    with pytest.raises(MissingDataError, match="WIDER FACE is not at"):
        load(root / "wider_face_split" / "wider_face_val_bbx_gt.txt", images=tmp_path / "none")


def test_missing_photos_and_broken_label_files_are_damage(root):
    lines = ["0--Event/0_Event_0.jpg", "1", "1 2 3 4 0 0 0 0 0 0"]
    write(root, [*lines, "0--Event/none.jpg", "1", "1 2 3 4 0 0 0 0 0 0"])
    dataset = load(root)
    assert dataset.skipped["reason"].tolist() == ["no such file"] and len(dataset) == 21
    write(root, [*lines, "1--Event/1_Event_1.jpg", "2", "1 2 3 4 0 0 0 0 0 0"])
    assert load(root).skipped["reason"].tolist() == ["not as many boxes as are announced"]
    write(root, [*lines, "<html>"])
    with pytest.raises(DamagedDataError, match=r"line 4 is '<html>'"):
        load(root)
    write(root, ["nothing"])
    with pytest.raises(DamagedDataError, match="line 1 is 'nothing'"):
        load(root)
    write(root, [""])
    with pytest.raises(DamagedDataError, match="names no photo"):
        load(root)
