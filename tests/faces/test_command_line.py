"""python -m fer.faces detect, evaluate and compare, with detectors that know what to answer."""

import json

import numpy as np
import pytest
from PIL import Image

from fer import datasets, faces
from fer.faces.__main__ import main

FACE, OTHER = (10, 10, 40, 40), (60, 10, 20, 20)


class Good(faces.Detector):
    """Sees a face in every picture that is not black, and a weak one."""

    gives_landmarks = True

    def _candidates(self, image):
        if image[0, 0, 0]:
            for (x, y, width, height), score in ((FACE, 0.9), (OTHER, 0.4)):
                if score >= self.threshold:
                    yield (x, y, x + width, y + height), score, {"nose": (x + 0.25, y)}


class Blind(faces.Detector):
    """Sees nothing."""

    def _candidates(self, image):
        return []


@pytest.fixture(autouse=True)
def detectors(monkeypatch):
    """Four detectors that are here, and one that is not."""
    monkeypatch.setattr(
        faces.detectors, "DETECTORS", {"one": Good, "ssd": Good, "two": Good, "blind": Blind, "gone": Gone}
    )
    for module in ("__main__", "making"):
        monkeypatch.setattr(f"fer.faces.{module}.DETECTORS", faces.detectors.DETECTORS)


class Gone(Blind):
    @classmethod
    def is_available(cls):
        return False


@pytest.fixture
def photos(tmp_path):
    """A folder with three photos, the second one black, a text, and a csv of boxes beside it."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, gray in (("a.png", 90), ("b.png", 0), ("c.JPG", 200)):
        noise = np.random.default_rng(gray).integers(0, 9, (100, 100, 3), dtype=np.uint8)
        noise[0, 0] = 0
        Image.fromarray(noise + np.uint8(gray) if gray else noise * 0).save(folder / name)
    (folder / "notes.txt").write_text("no photo")
    (tmp_path / "boxes.csv").write_text(
        "file,x,y,width,height,label,ignore\n"
        "a.png,10,10,40,40,face,0\n"
        "c.JPG,10,10,40,40,face,0\n"
        "c.JPG,60,10,20,20,face,1\n"
        "b.png,50,50,10,10,face,0\n"
    )
    return folder


def test_a_folder_is_its_photos_and_faces_have_box_score_and_landmarks(photos, capsys):
    assert main(["detect", str(photos), "--detector", "one", "--json"]) == 0
    captured = capsys.readouterr()
    first, second, third = json.loads(captured.out)
    assert [first["photo"], second["photo"], third["photo"]] == [
        str(photos / name) for name in ("a.png", "b.png", "c.JPG")
    ]
    assert first["faces"] == [{"box": list(FACE), "score": 0.9, "landmarks": {"nose": [10.2, 10]}}]
    assert second["faces"] == []
    assert captured.err == ""


def test_the_threshold_is_the_detectors(photos, capsys):
    arguments = ["detect", str(photos / "a.png"), "--detector", "one", "--json", "--threshold"]
    assert main([*arguments, "0.3"]) == 0
    assert [face["box"] for face in json.loads(capsys.readouterr().out)[0]["faces"]] == [
        list(FACE),
        list(OTHER),
    ]
    assert main([*arguments, "1.5"]) == 1
    assert "`threshold` must be a number in 0…1" in capsys.readouterr().err


def test_without_a_name_the_best_detector_is_used_and_named(photos, capsys):
    assert main(["detect", str(photos / "a.png"), str(photos / "b.png")]) == 0
    captured = capsys.readouterr()
    assert captured.err == "Detector: ssd\n"
    assert captured.out.splitlines() == [
        f"{photos / 'a.png'}:",
        "    40 × 40   at   10, 10    score 0.90",
        f"{photos / 'b.png'}: no face",
    ]


def test_what_cannot_be_read_is_named_and_the_rest_is_answered(photos, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    places = [tmp_path / "no.jpg", tmp_path / "empty", photos / "notes.txt", photos / "a.png"]
    assert main(["detect", *map(str, places), "--detector", "one", "--json"]) == 1
    captured = capsys.readouterr()
    assert [entry["photo"] for entry in json.loads(captured.out)] == [str(photos / "a.png")]
    assert captured.err.splitlines() == [
        f"Error: {tmp_path / 'no.jpg'}: no such file",
        f"Error: {tmp_path / 'empty'}: no photos in this folder",
        f"Error: {photos / 'notes.txt'}: not an image",
    ]


def test_detectors_are_evaluated_on_a_csv_of_boxes(photos, capsys):
    arguments = ["evaluate", "--boxes", str(photos.parent / "boxes.csv"), "--images", str(photos)]
    assert main([*arguments, "--detector", "one,blind", "--json"]) == 0
    one, blind = json.loads(capsys.readouterr().out)
    assert (one["detector"], blind["detector"]) == ("one", "blind")
    assert (one["photos"], one["faces"], one["ignored"]) == (3, 3, 1)
    # Right, right, then false in a.png (in c.JPG it is ignored): two of three faces.
    assert one["ap50"] == pytest.approx(2 / 3) and blind["ap50"] == 0
    assert one["recall"] == pytest.approx(2 / 3) and one["false_positives"] == 0
    assert one["by_size"]["medium"] == {"faces": 2, "ap50": 1, "ap": 1}
    assert one["milliseconds"] > 0
    assert main([*arguments, "--detector", "one", "--min-size", "20", "--threshold", "0.3", "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert (one["faces"], one["ignored"], one["ap50"]) == (2, 2, 1)
    assert one["false_positives"] == pytest.approx(1 / 3)


def test_a_label_file_of_wider_face_is_read_too(photos, capsys):
    labels = photos.parent / "labels.txt"
    labels.write_text("a.png\n1\n10 10 40 40 0 0 0 0 0 0\nc.JPG\n1\n60 10 20 20 0 0 0 1 0 0\n")
    arguments = ["evaluate", "--boxes", str(labels), "--images", str(photos), "--detector", "one", "--json"]
    assert main(arguments) == 0
    one = json.loads(capsys.readouterr().out)
    # The face in c.JPG is marked as invalid, and what is found at the place of no face is false.
    assert (one["photos"], one["faces"], one["ignored"], one["ap50"]) == (2, 1, 1, 0.5)


def test_all_are_those_that_are_here(photos, capsys):
    arguments = ["evaluate", "--boxes", str(photos.parent / "boxes.csv"), "--images", str(photos)]
    assert main(arguments) == 0
    title, head, *rows = capsys.readouterr().out.splitlines()
    assert title == "photos: 3; faces: 3, ignored: 1; photos or boxes skipped: 0"
    assert head.split()[:3] == ["detector", "ap50", "low"]
    assert [row.split()[:2] for row in rows] == [
        ["blind", "0.000"],
        ["one", "0.667"],
        ["ssd", "0.667"],
        ["two", "0.667"],
    ]


def test_detectors_are_compared_without_labels(photos, capsys):
    assert (
        main(["compare", str(photos), str(photos / "no.jpg"), "--detector", "one,two,blind", "--json"]) == 1
    )
    captured = capsys.readouterr()
    one, two, blind = json.loads(captured.out)
    assert captured.err == f"Error: {photos / 'no.jpg'}: no such file\n"
    # Of one's boxes only two sees any: nothing to measure it by. The others agree on one face in two photos.
    assert (one["faces"], one["ap50"]) == (two["faces"], two["ap50"]) == (0, None)
    assert (blind["faces"], blind["ap50"], blind["agreement"]) == (2, 0, 0)
    assert main(["compare", str(photos), "--detector", "one,two,ssd"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[:2] for row in rows[1:]] == [["one", "1.000"], ["two", "1.000"], ["ssd", "1.000"]]
    assert main(["compare", str(photos), "--detector", "one,two"]) == 1
    assert "`detectors` must be at least three" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["detect"],
        ["detect", "photo.jpg", "--detector", "haar"],
        ["evaluate", "--images", "photos"],
        ["compare", "photos", "--detector", "one,haar"],
    ],
)
def test_wrong_usage_exits_with_status_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: " in capsys.readouterr().err


def test_missing_labels_are_an_error_in_one_line(photos, capsys):
    assert main(["evaluate", "--boxes", "no.csv", "--images", str(photos)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ") and "no.csv" in error and error.count("\n") == 1


def test_a_detector_marks_the_faces_of_a_folder_for_another_to_learn(photos, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "labels.csv"
    assert main(["label", str(photos), str(out), "--detector", "one", "--train"]) == 0
    assert "photos with a face by one, " in capsys.readouterr().out
    dataset = datasets.load_boxes("boxes_csv", root=out, images=photos)
    assert set(dataset.photos["split"]) == {"train"}
    assert sorted(dataset.photos["file"]) == ["a.png", "c.JPG"]
    assert len(dataset.boxes) == 2
    by_hand = photos.parent / "boxes.csv"
    content = by_hand.read_text()
    assert main(["label", str(photos), str(by_hand), "--detector", "one"]) == 1
    assert by_hand.read_text() == content
