import numpy as np
import pytest
from PIL import Image

from fer import datasets
from fer.datasets.base import DamagedDataError, MissingDataError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def photo():
    """A function that writes a photo of random pixels, 40 high and 60 wide."""

    def write(path, seed=0, size=None):
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (8, 12, 3), dtype=np.uint8)
        picture = Image.fromarray(pixels).resize((60, 40), Image.Resampling.BICUBIC)
        (picture if size is None else picture.resize(size)).save(path)

    return write


@pytest.fixture
def root(tmp_path, photo):
    """Ten photos, number n at (n, 2): one face, the last one none."""
    folder = tmp_path / "photos"
    for number in range(10):
        photo(folder / "images" / f"{number}.png", number)
    lines = [f"{n}.png,{n},2,10,12.5" for n in range(9)]
    write(folder, ["file,x,y,width,height", *lines, "9.png,,,,"])
    return folder


def write(folder, lines):
    (folder / "boxes.csv").write_text("\n".join(lines) + "\n")


def lines_of(folder):
    return (folder / "boxes.csv").read_text().splitlines()


def load(root, **options):
    return datasets.load_boxes("boxes_csv", root=root, **options)


def test_a_row_is_a_face_and_an_empty_one_a_photo_without(root):
    dataset = load(root)
    assert dataset.classes == ("face",)
    assert dataset.photos["file"].tolist() == [f"{n}.png" for n in range(10)]
    assert dataset.photos[["height", "width"]].drop_duplicates().to_numpy().tolist() == [[40, 60]]
    for row in range(9):
        (face,) = dataset.truth(row).to_dict("records")
        assert face == {
            "photo": row, "x": row, "y": 2, "width": 10, "height": 12.5, "label": "face", "ignore": False
        }  # fmt: skip
    assert dataset.truth(9).empty
    assert dataset.image(3).shape == (40, 60, 3)
    assert dataset.skipped.empty


def test_the_csv_may_be_named_and_lie_beside_its_photos(root, tmp_path):
    fingerprint = load(root).fingerprint
    (root / "boxes.csv").rename(root / "images" / "faces.csv")
    assert load(root / "images" / "faces.csv").fingerprint == fingerprint
    (root / "images" / "faces.csv").rename(tmp_path / "elsewhere.csv")
    assert load(tmp_path / "elsewhere.csv", images=root / "images").fingerprint == fingerprint


def test_labels_become_classes_and_what_is_to_be_ignored_needs_none(root):
    header, *lines = lines_of(root)
    words = ["sad", "mask", "happy", "odd", "", "mask", "sad", "happy", "angry", ""]
    ignore = ["0", "", "0", "1", "true", "false", "0", "0", "0", ""]
    further = [",".join(parts) for parts in zip(lines, words, ignore, strict=True)]
    write(root, [header + ",label,ignore,painter", *(line + ",x" for line in further)])
    dataset = load(root, classes="labels")
    assert dataset.classes == ("angry", "happy", "sad", "mask")
    counted = dataset.boxes[~dataset.boxes["ignore"]]
    assert counted["label"].tolist() == ["sad", "mask", "happy", "mask", "sad", "happy", "angry"]
    assert dataset.boxes["ignore"].tolist() == [word in ("1", "true") for word in ignore[:9]]
    assert "painter" not in dataset.boxes
    assert load(root).classes == ("face",)


def test_scores_are_kept_and_small_faces_are_ignored(root):
    header, *lines = lines_of(root)
    write(root, [header + ",score", lines[0] + ",0.25", "1.png,0,0,9,30,0.5", *(f"{x},1" for x in lines[2:])])
    dataset = load(root, smallest=10)
    assert dataset.boxes["score"].tolist()[:3] == [0.25, 0.5, 1]
    assert dataset.boxes["ignore"].tolist() == [False, True, *[False] * 7]


def test_a_column_of_splits_decides(root):
    header, *lines = lines_of(root)
    words = ["train", "test", "validation", *["train"] * 7]
    write(root, [header + ",split", *(f"{line},{word}" for line, word in zip(lines, words, strict=True))])
    assert load(root).photos["split"].tolist() == words


def test_splits_are_drawn_by_photo_and_negatives_do_not_change_them(root, tmp_path, photo):
    for number in range(10):
        photo(tmp_path / "empty" / f"{number}.jpg", 100 + number)
    (tmp_path / "empty" / "notes.txt").write_text("no photo")
    alone = load(root, fractions=(0.6, 0.2, 0.2))
    both = load(root, fractions=(0.6, 0.2, 0.2), negatives=tmp_path / "empty")
    assert alone.photos["split"].value_counts().to_dict() == {"train": 6, "validation": 2, "test": 2}
    assert both.photos["split"][:10].tolist() == alone.photos["split"].tolist()
    assert both.photos["split"].value_counts().to_dict() == {"train": 12, "validation": 4, "test": 4}
    assert len(both.boxes) == 9 and both.boxes["photo"].max() == 8
    assert load(root, fractions=(0.6, 0.2, 0.2), seed=1).photos["split"].tolist() != (
        alone.photos["split"].tolist()
    )


def test_photos_that_look_alike_stay_together(root, photo):
    lines = lines_of(root)
    for number in range(9):
        photo(root / "images" / f"small{number}.png", number, size=(30, 20))
        lines.append(f"small{number}.png,1,1,5,5")
    write(root, lines)
    split = load(root, fractions=(0.5, 0.25, 0.25)).photos.set_index("file")["split"]
    assert split.nunique() == 3
    assert all(split[f"{n}.png"] == split[f"small{n}.png"] for n in range(9))


def test_bad_rows_are_left_out_and_listed(root):
    header, *lines = lines_of(root)
    bad = [
        "0.png,one,2,3,4,0",
        "0.png,1,2,,4,0",
        "0.png,1,2,0,4,0",
        "2.png,60,2,5,4,0",
        "2.png,-5,2,5,4,0",
        "0.png,1,2,5,4,maybe",
        ",1,2,5,4,0",
        "0.png,1,2",
        "0.png,1,inf,5,4,0",
    ]
    good = [f"{line},0" for line in lines] + ["1.png,-4,38,5,4,0"] * 190
    write(root, [header + ",ignore", *good, *bad])
    dataset = load(root)
    assert len(dataset) == 9 and len(dataset.boxes) == 198  # without 0.png: what is in it is not known
    number = [int(source.split()[-1]) for source in dataset.skipped["source"]]
    reasons = dict(zip(number, dataset.skipped["reason"], strict=True))
    assert sorted(reasons) == list(range(202, 211))
    four = "x, y, width and height are not four numbers"
    assert [reasons[line] for line in range(202, 211)] == [
        four,
        four,
        "the box has no size",
        "the box lies outside the photo",
        "the box lies outside the photo",
        "ignore is neither 0 nor 1",
        "no file",
        "wrong number of fields",
        four,
    ]


def test_a_missing_or_damaged_photo_is_left_out_with_its_boxes(root, photo):
    lines = lines_of(root)
    for number in range(10, 40):
        photo(root / "images" / f"{number}.png", number)
        lines.append(f"{number}.png,1,1,5,5")
    write(root, lines)
    (root / "images" / "3.png").unlink()
    (root / "images" / "5.png").write_bytes(b"no picture")
    dataset = load(root)
    assert len(dataset) == 38 and len(dataset.boxes) == 37
    assert dataset.truth(list(dataset.photos["file"]).index("4.png"))["x"].tolist() == [4]
    assert dict(zip(dataset.skipped["source"], dataset.skipped["reason"], strict=True)) == {
        str(root / "images" / "3.png"): "no such file",
        str(root / "images" / "5.png"): "not an image",
    }
    (root / "images" / "6.png").unlink()
    with pytest.raises(DamagedDataError, match="3 of 40"):
        load(root)


def test_a_wrong_file_or_folder_is_refused(root, tmp_path):
    with pytest.raises(MissingDataError, match=r"boxes\.csv.*columns file, x, y, width, height"):
        load(tmp_path)
    with pytest.raises(MissingDataError, match="`negatives` must be a folder of photos"):
        load(root, negatives=tmp_path / "none")
    with pytest.raises(ValueError, match=r"`classes` must be 'face' or 'labels'.*'emotions'"):
        load(root, classes="emotions")
    with pytest.raises(DamagedDataError, match="no column label"):
        load(root, classes="labels")
    write(root, ["file,x,y,width", "0.png,1,2,3"])
    with pytest.raises(DamagedDataError, match="no column height"):
        load(root)
    write(root, ["file,x,y,width,height"])
    with pytest.raises(DamagedDataError, match="no rows"):
        load(root)
    (root / "boxes.csv").write_bytes(b"\xff\xfe\x00file")
    with pytest.raises(DamagedDataError, match="is not the csv"):
        load(root)


def test_one_photo_in_two_splits_is_damage(root):
    write(root, ["file,x,y,width,height,split", "0.png,1,1,5,5,train", "0.png,9,9,5,5,test"])
    with pytest.raises(DamagedDataError, match="the photo has several splits"):
        load(root)
