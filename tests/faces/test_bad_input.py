"""Every detector on files of all kinds: an empty list or a clear error, boxes inside the picture."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from fer import faces, images, synthetic
from fer.faces.__main__ import main

FACES = 10


class Pixels(faces.Detector):
    """Stands for YuNet, whose weights are not here: everything bright is a face."""

    longest_side = 1280

    def _candidates(self, image):
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        count, _, boxes, _ = cv2.connectedComponentsWithStats((gray > 250).astype(np.uint8))
        for x, y, width, height, _ in boxes[1:count].tolist():
            yield (x - 0.5, y - 0.5, x + width + 0.5, y + height + 0.5), 0.9, {"nose": (x, y)}


@pytest.fixture(scope="module")
def crowd():
    """Ten drawn faces, RGB, 450 × 1100."""
    portraits = synthetic.generate(FACES, image_size=180, color=True, difficulty="easy").images
    picture = np.full((450, 1100, 3), 128, dtype=np.uint8)
    for number, portrait in enumerate(portraits):
        y, x = 20 + 220 * (number // 5), 20 + 215 * (number % 5)
        picture[y : y + 180, x : x + 180] = portrait
    return picture


@pytest.fixture(scope="module", params=sorted({*faces.available(), "yunet"}))
def name(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(faces.DETECTORS, "yunet", Pixels)
        yield request.param


@pytest.fixture(scope="module")
def detector(name):
    return faces.detector(name)


def found(detector, path):
    """What is found in a file, with boxes checked."""
    image = images.read(path)
    faces_found = detector.detect(image)
    height, width = image.shape[:2]
    for face in faces_found:
        x, y, w, h = face.box
        assert 0 <= x < x + w <= width and 0 <= y < y + h <= height
        assert 0 <= face.score <= 1
    return faces_found


def test_a_picture_without_a_face_has_none(detector, tmp_path):
    Image.fromarray(np.full((300, 400, 3), 90, dtype=np.uint8)).save(tmp_path / "empty.jpg")
    assert found(detector, tmp_path / "empty.jpg") == []


def test_ten_faces_are_found(detector, crowd, tmp_path):
    Image.fromarray(crowd).save(tmp_path / "crowd.png")
    # The SSD squeezes a picture to 300 × 300, in which some drawn faces are too small for it.
    assert len(found(detector, tmp_path / "crowd.png")) >= (0 if type(detector) is Pixels else 7)


@pytest.mark.parametrize("size", [(1, 1), (20, 20), (24, 24), (30, 2000), (2000, 30), (3000, 4000)])
def test_any_size_is_searched(detector, crowd, tmp_path, size):
    height, width = size
    Image.fromarray(crowd).resize((width, height)).save(tmp_path / "sized.bmp")
    answers = found(detector, tmp_path / "sized.bmp")
    if min(size) < faces.base.SMALLEST_SIDE:
        assert answers == []


def in_mode(picture, mode):
    gray = picture.convert("L")
    if mode == "I;16":
        return Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    if mode == "F":
        return Image.fromarray(np.asarray(gray).astype(np.float32) / 255)
    picture = picture.convert(mode)
    if mode in ("LA", "RGBA"):
        picture.putalpha(255)
    return picture


@pytest.mark.parametrize(
    "mode, suffix",
    [("1", "png"), ("L", "png"), ("LA", "png"), ("P", "png"), ("RGBA", "png"), ("I;16", "png"), ("F", "tif"),
     ("CMYK", "jpg")],
)  # fmt: skip
def test_any_kind_of_picture_is_searched(detector, crowd, tmp_path, mode, suffix):
    path = tmp_path / f"picture.{suffix}"
    in_mode(Image.fromarray(crowd), mode).save(path)
    answers = found(detector, path)
    if mode in ("L", "LA", "I;16"):
        assert answers == detector.detect(np.asarray(Image.fromarray(crowd).convert("L")))
    elif mode == "RGBA":
        assert answers == detector.detect(crowd)


def test_boxes_are_those_of_the_picture_as_it_is_seen(detector, crowd, tmp_path):
    upright = Image.fromarray(crowd[:240])
    exif = Image.Exif()
    exif[0x0112] = 6  # what is stored is to be turned clockwise
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    assert found(detector, tmp_path / "turned.png") == detector.detect(crowd[:240])


def test_the_command_line_names_what_it_cannot_read_and_answers_the_rest(name, crowd, tmp_path, capsys):
    Image.fromarray(crowd).save(tmp_path / "crowd.jpg")
    whole = (tmp_path / "crowd.jpg").read_bytes()
    broken = {
        "truncated.jpg": whole[: len(whole) // 2],
        "empty.jpg": b"",
        "text.jpg": b"hello",
        "header.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    }
    for file, content in broken.items():
        (tmp_path / file).write_bytes(content)
    Image.fromarray(np.zeros((20, 20, 3), dtype=np.uint8)).save(tmp_path / "small.png")
    assert main(["detect", str(tmp_path), str(tmp_path / "no.jpg"), "--detector", name, "--json"]) == 1
    captured = capsys.readouterr()
    first, second = json.loads(captured.out)
    assert (first["photo"], second) == (
        str(tmp_path / "crowd.jpg"),
        {"photo": str(tmp_path / "small.png"), "faces": []},
    )
    errors = captured.err.splitlines()
    assert [error.split(": ")[:2] for error in errors] == [
        ["Error", str(tmp_path / file)] for file in (*sorted(broken), "no.jpg")
    ]
