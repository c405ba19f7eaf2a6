import json
import logging

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer import datasets, images, synthetic
from fer.datasets.base import DamagedDataError
from fer.faces import __main__ as command_line
from fer.faces import attribute_sources, attributes
from fer.faces.attribute_crops import SIZE, cut, degraded, landmarks
from fer.faces.attribute_sources import LabelledFace, labelled_faces
from fer.faces.base import LANDMARKS, Face

POINTS = dict(
    zip(LANDMARKS, ((0.31, 0.39), (0.69, 0.39), (0.5, 0.58), (0.35, 0.76), (0.66, 0.76)), strict=True)
)


class Detector:
    """Sees a face in the middle half of every picture, none in a black one and two in a white one."""

    def detect(self, image):
        side = min(image.shape[:2]) // 2
        x, y = (image.shape[1] - side) // 2, (image.shape[0] - side) // 2
        points = {name: (x + side * right, y + side * down) for name, (right, down) in POINTS.items()}
        middle = image[len(image) // 2, image.shape[1] // 2].max()
        return [Face((x, y, side, side), 0.9, points)] * {0: 0, 255: 2}.get(int(middle), 1)


@pytest.fixture
def source(tmp_path):
    """Eight people with and eight without a mask, four photos with three boxes each, six with glasses."""
    root = tmp_path / "source"
    photos = synthetic.generate(28, seed=3, image_size=60, color=True, subjects=28).images.clip(1, 254)

    def save(photo, *parts):
        path = root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(photo).save(path)

    for number in range(16):
        save(photos[number], "masks", "with_mask" if number % 2 else "without_mask", f"{number}.png")
    save(np.zeros((60, 60, 3), dtype=np.uint8), "masks", "with_mask", "nobody.png")
    save(np.full((60, 60, 3), 255, dtype=np.uint8), "masks", "with_mask", "several.png")
    boxes = ["file,x,y,width,height,label,box_source,ignore"]
    for number in range(16, 22):
        save(photos[number], "detection", "images", f"{number}.png")
        boxes += [
            f"{number}.png,4,2,50,56,without_mask,yunet,0",
            f"{number}.png,14,12,30,36,with_mask,yunet,0",
            f"{number}.png,14,12,20,36,with_mask,yunet,0",
            f"{number}.png,14,12,30,36,with_incorrect_mask,yunet,0",
            f"{number}.png,4,2,50,56,face,yunet,1",
        ]
    (root / "detection" / "boxes.csv").write_text("\n".join(boxes))
    labels = ["file,label,set,person,x,y,width,height"]
    for number in range(22, 28):
        label = ("eyeglasses", "sunglasses", "none")[number % 3]
        save(photos[number], "glasses", "photos", f"{number}.png")
        for _ in range(2):
            labels.append(f"{number}.png,{label},lfw,{number // 2},4,2,50,56")
    (root / "glasses" / "labels.csv").write_text("\n".join(labels))
    return root


@pytest.fixture
def made(source, tmp_path, monkeypatch):
    monkeypatch.setattr(attributes, "SYNTHETIC_FACES", 8)
    summary = attributes.prepare_attributes(source, tmp_path / "made", Detector(), seed=1)
    return summary, pd.read_csv(summary["table"], keep_default_na=False), tmp_path / "made"


def test_faces_are_read_with_what_is_known_of_them(source, caplog):
    caplog.set_level(logging.INFO)
    faces = list(labelled_faces(source, Detector(), fer2013=5, seed=0))
    counted = pd.Series([f"{face.set} {face.glasses} {face.mask}" for face in faces]).value_counts()
    assert counted.to_dict() == {
        "masks  none": 8,
        "masks  mask": 8,
        "detection  none": 6,
        "detection  mask": 6,
        "lfw glasses none": 4,
        "lfw sunglasses none": 4,
        "lfw none none": 4,
    }
    assert "masks/with_mask: left out 1 no face, 1 several faces" in caplog.text
    assert "6 below 24 pixels, 6 with_incorrect_mask, 6 without a label" in caplog.text
    assert "has no fer2013: it is left out" in caplog.text


def test_a_crop_is_the_square_of_the_framing(source):
    photo = images.read(source / "detection" / "images" / "16.png")
    crop = cut(photo, (14, 12, 30, 36))
    # YuNet: side 0.97 of the height, middle at 0.489 of it.
    np.testing.assert_array_equal(crop, photo[12:47, 12:47])


def test_landmarks_are_in_pixels_of_the_crop():
    found = landmarks(np.full((40, 40, 3), 100, dtype=np.uint8), Detector())
    # The detector sees 160 pixels with a margin of 40, so 240, and a face in the middle 120 of them.
    x, y = (60 + 120 * share - 40 for share in POINTS["left_eye"])
    assert found["left_eye"] == pytest.approx(((x + 0.5) / 4 - 0.5, (y + 0.5) / 4 - 0.5))
    assert landmarks(np.zeros((40, 40, 3), dtype=np.uint8), Detector()) is None


def test_a_face_from_the_side_gives_no_landmarks(monkeypatch):
    monkeypatch.setitem(POINTS, "left_eye", (0.6, 0.39))
    assert landmarks(np.full((40, 40, 3), 100, dtype=np.uint8), Detector()) is None


def test_nobody_and_no_photo_is_in_two_splits(made):
    _, table, _ = made
    assert (table.groupby("subject")["split"].nunique() == 1).all()
    assert set(table["split"]) == {"train", "validation", "test"}


def test_copies_of_a_photo_stay_together_in_any_size_and_mirrored():
    photos = synthetic.generate(6, seed=1, image_size=100, color=True, subjects=6).images
    faces = [LabelledFace("masks", f"photo {n}", photo, "", "none") for n, photo in enumerate(photos)]
    faces.append(LabelledFace("detection", "small", images.convert(photos[2], 40, 3), "", "none"))
    faces.append(LabelledFace("detection", "mirrored", photos[4][:, ::-1], "", "none"))
    faces.append(LabelledFace("lfw", "photo 0", photos[5][::-1], "none", "none"))
    groups, copies = attributes.together(faces)
    assert groups[6] == groups[2]
    assert groups[7] == groups[4]
    assert groups[8] == groups[0]
    assert len(set(groups)) == 6
    assert copies == 4


def test_only_the_training_split_has_drawn_faces_and_they_carry_what_was_drawn(made):
    summary, table, _ = made
    drawn = table[table["drawn"] == 1]
    assert set(drawn["split"]) == {"train"}
    assert summary["drawn"] == len(drawn) > 8
    synthetic_faces = table[table["set"] == "synthetic"]
    assert len(synthetic_faces) == 8
    worn = (synthetic_faces["glasses"] + " " + synthetic_faces["mask"]).value_counts()
    assert worn.to_dict() == {"none none": 2, "glasses none": 2, "sunglasses none": 2, "none mask": 2}
    masked = drawn[(drawn["set"] == "masks")]
    assert set(masked["mask"]) == {"mask"}
    assert set(masked["glasses"]) == {""}


def test_real_faces_of_validation_and_test_are_the_crops_and_nothing_else(made, source):
    _, table, folder = made
    kept = table[(table["split"] != "train") & (table["set"] == "masks")]
    assert len(kept) == kept["subject"].nunique() > 0
    for row in kept.itertuples():
        (face,) = (f for f in labelled_faces(source, Detector(), 0, 0) if f.subject == row.subject)
        np.testing.assert_array_equal(images.read(folder / row.file), images.convert(face.image, SIZE, 3))


def test_the_reader_takes_the_result(made):
    _, table, folder = made
    faces = datasets.load("attributes", root=folder, attribute="mask")
    assert len(faces) == (table["mask"] != "").sum()
    assert faces.images.shape[1:] == (SIZE, SIZE, 3)


def test_the_same_seed_gives_the_same_files(made, source, tmp_path):
    _, table, folder = made
    attributes.prepare_attributes(source, tmp_path / "again", Detector(), seed=1)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "again" / "faces.csv", keep_default_na=False), table)
    for file in table["file"]:
        assert (tmp_path / "again" / file).read_bytes() == (folder / file).read_bytes()


def test_a_finished_folder_is_not_overwritten(made, source):
    with pytest.raises(FileExistsError, match=r"faces\.csv exists"):
        attributes.prepare_attributes(source, made[2], Detector())


def test_a_folder_without_any_collection_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds none of masks, detection/boxes\.csv"):
        attributes.prepare_attributes(tmp_path, tmp_path / "made", Detector())


def test_a_photo_that_cannot_be_read_is_left_out(source, monkeypatch, caplog):
    broken = source / "masks" / "with_mask" / "1.png"
    broken.write_bytes(broken.read_bytes()[:100])
    with pytest.raises(DamagedDataError, match=r"1 of 10 photos of masks/with_mask cannot be read"):
        list(labelled_faces(source, Detector(), 0, 0))
    monkeypatch.setattr(attribute_sources, "MAX_DAMAGED_SHARE", 0.1)
    assert sum(face.set == "masks" for face in labelled_faces(source, Detector(), 0, 0)) == 15
    assert f"{broken}: damaged" in caplog.text


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("person", "who", r"labels\.csv must have the columns .* Missing: \['person'\]"),
        (",lfw,", ",mine,", r"`set` must be one of .* Received: \['mine'\]"),
    ],
)
def test_a_table_of_glasses_that_is_not_as_described_is_refused(source, tmp_path, before, after, message):
    table = source / "glasses" / "labels.csv"
    table.write_text(table.read_text().replace(before, after))
    with pytest.raises(ValueError, match=message):
        attributes.prepare_attributes(source, tmp_path / "made", Detector())


def test_an_unknown_label_of_glasses_is_left_out(source, caplog):
    caplog.set_level(logging.INFO)
    table = source / "glasses" / "labels.csv"
    table.write_text(table.read_text().replace("sunglasses", "monocle"))
    faces = labelled_faces(source, Detector(), 0, 0)
    assert {face.glasses for face in faces if face.set == "lfw"} == {"glasses", "none"}
    assert "glasses: left out 4 monocle" in caplog.text


def test_collections_without_a_labelled_face_are_refused(tmp_path):
    (tmp_path / "masks" / "with_mask").mkdir(parents=True)
    with pytest.raises(ValueError, match="must hold faces with a label"):
        attributes.prepare_attributes(tmp_path, tmp_path / "made", Detector())


def test_degrading_keeps_shape_and_roughly_the_picture():
    picture = synthetic.render(synthetic.face(), SIZE).images[0]
    for seed in range(20):
        worse = degraded(picture, np.random.default_rng(seed))
        assert worse.shape == picture.shape and worse.dtype == np.uint8
        assert (worse != picture).any()
        small = [images.convert(each, 16, 1).ravel() for each in (picture, worse)]
        assert np.corrcoef(*small)[0, 1] > 0.9


def test_the_command_line_prints_the_summary(source, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(attributes, "SYNTHETIC_FACES", 4)
    monkeypatch.setattr("fer.faces.yunet.YuNet", lambda weights=None: Detector())
    assert command_line.main(["attributes", str(source), str(tmp_path / "made"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["table"] == str(tmp_path / "made" / "faces.csv")


def test_the_command_line_says_where_the_detector_is_from(source, tmp_path, capsys):
    assert command_line.main(["attributes", str(source), str(tmp_path / "made")]) == 1
    assert "opencv_zoo" in capsys.readouterr().err
