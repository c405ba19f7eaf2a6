"""Alignment of drawn faces whose eyes are known: by the points, and by what is seen in the picture."""

import cv2
import numpy as np
import pytest

from fer import faces, images, synthetic
from fer.faces.__main__ import main
from fer.faces.aligning import REACH

LEFT, RIGHT, DOWN = 0.62 / 2.24, 1.62 / 2.24, 0.9 / 2.25
"""Shares of the aligned face's width and height at which the eyes must be."""

EYES = {"left_eye": (40.0, 40.0), "right_eye": (60.0, 40.0)}


def eyes_of(row) -> dict[str, tuple[float, float]]:
    return {name: (row[f"{name}_x"], row[f"{name}_y"]) for name in ("left_eye", "right_eye")}


def dots(shape, points, radius) -> np.ndarray:
    """A black picture with a white disk around every point, to a sixteenth of a pixel."""
    picture = np.zeros(shape, dtype=np.uint8)
    for point in points:
        middle = tuple(round(16 * coordinate) for coordinate in point)
        cv2.circle(picture, middle, round(16 * radius), 255, -1, cv2.LINE_AA, shift=4)
    return picture


def centroids(picture) -> np.ndarray:
    """Middles of the two bright spots, left one first, (x, y) in pixels; shape (2, 2)."""
    count, spots = cv2.connectedComponents((picture > 60).astype(np.uint8))
    assert count == 3
    middles = []
    for spot in (1, 2):
        y, x = np.nonzero(spots == spot)
        middles.append(np.average([x, y], axis=1, weights=picture[y, x].astype(float)))
    return np.array(sorted(middles, key=lambda middle: middle[0]))


@pytest.mark.parametrize("size", [64, 256])
@pytest.mark.parametrize("picture_size", [96, 224, 700])
@pytest.mark.parametrize(
    "pose",
    [{"roll": -30}, {"roll": 17, "zoom": 0.6}, {"roll": 30, "shift_x": 0.12, "shift_y": -0.1}, {"zoom": 1.3}],
    ids=str,
)
def test_eyes_are_level_and_where_the_ratios_put_them(pose, picture_size, size):
    row = synthetic.render(synthetic.face("happy", **pose), picture_size).table.iloc[0]
    eyes = eyes_of(row)
    distance = np.hypot(*np.subtract(eyes["right_eye"], eyes["left_eye"]))
    picture = dots((picture_size, picture_size), eyes.values(), 0.12 * distance)
    found = centroids(faces.align(picture, eyes, size))
    assert abs(found[0, 1] - found[1, 1]) < 1
    expected = size * np.array([(LEFT, DOWN), (RIGHT, DOWN)]) - 0.5
    np.testing.assert_allclose(found, expected, atol=0.35)


def test_a_rolled_face_becomes_the_upright_one():
    upright, rolled = (
        synthetic.render(synthetic.face("surprise", roll=roll, zoom=0.75, light_strength=0), 400, color=False)
        for roll in (0, 30)
    )
    first, second = (
        faces.align(drawn.images[0], eyes_of(drawn.table.iloc[0]), 128) for drawn in (upright, rolled)
    )
    middle = np.s_[32:100, 24:104]  # the face without hair and background, whose textures do not turn
    assert np.corrcoef(first[middle].ravel(), second[middle].ravel())[0, 1] > 0.97
    unturned = faces.crop(rolled.images[0], faces.Face((80, 80, 240, 240), 1), faces.Framing(0.5, 1), 128)
    assert np.corrcoef(first[middle].ravel(), unturned[middle].ravel())[0, 1] < 0.8


def test_level_eyes_at_the_scale_of_the_result_cut_out_the_pixels_as_they_are():
    noise = np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8)
    photo = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)
    # The left eye is 62 pixels from the left edge of column 50 and 90 from the top edge of row 40.
    eyes = {"left_eye": (50 + 62 - 0.5, 40 + 90 - 0.5), "right_eye": (50 + 162 - 0.5, 40 + 90 - 0.5)}
    cut = cv2.resize(photo[40 : 40 + 225, 50 : 50 + 224], (224, 224), interpolation=cv2.INTER_AREA)
    expected = cv2.normalize(cut, None, 0, 255, cv2.NORM_MINMAX)
    np.testing.assert_allclose(faces.align(photo, eyes, 224).astype(int), expected.astype(int), atol=6)


@pytest.mark.parametrize("picture_size", [300, 1111])
def test_shrinking_averages_areas(picture_size):
    """A fine chessboard is gray from afar; single pixels picked from it would be black or white."""
    board = np.uint8(255 * (np.indices((picture_size, picture_size)).sum(axis=0) % 2))
    board[:, : picture_size // 2] = 0
    board[:, -picture_size // 4 :] = 255
    middle = picture_size / 2
    eyes = {"left_eye": (middle - picture_size / 6, middle), "right_eye": (middle + picture_size / 6, middle)}
    aligned = faces.align(board, eyes, 32)
    left, seen = aligned[:, 2:13], aligned[:, 19:25]
    assert left.max() < 10
    assert abs(seen.mean() - 127.5) < 8 and seen.std() < 12


@pytest.mark.parametrize("corner", [(0, 0), (99, 0), (0, 79), (99, 79)], ids=str)
def test_beyond_the_picture_its_border_is_repeated_and_nothing_shrunk(corner):
    photo = np.random.default_rng(0).integers(0, 256, (80, 100, 3), dtype=np.uint8)
    photo[40, 50], photo[41, 50] = 0, 255
    eyes = {"left_eye": (corner[0] - 30.0, corner[1] + 9.0), "right_eye": (corner[0] + 28.0, corner[1] - 6.0)}
    padded = np.pad(photo, ((150, 150), (150, 150), (0, 0)), mode="edge")
    moved = {name: (x + 150, y + 150) for name, (x, y) in eyes.items()}
    np.testing.assert_allclose(
        faces.align(photo, eyes, 96).astype(int), faces.align(padded, moved, 96).astype(int), atol=3
    )


def test_grays_are_stretched_to_the_whole_range():
    row = np.interp(range(100), [38, 44, 56, 62], [90, 100, 100, 140]).round().astype(np.uint8)
    aligned = faces.align(np.tile(row, (100, 1)), EYES, 64)
    assert (aligned.min(), aligned.max()) == (0, 255)
    expected = [0, 255 * 10 / 50, 255]
    np.testing.assert_allclose(aligned[30, [4, 32, 60]], expected, atol=6)


def test_a_picture_of_one_gray_becomes_black():
    assert not faces.align(np.full((100, 100), 200, np.uint8), EYES).any()


def test_rgb_gives_the_grays_of_opencv():
    photo = cv2.GaussianBlur(
        np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8), (0, 0), 3
    )
    aligned = faces.align(photo, EYES, 128)
    assert aligned.shape == (128, 128) and aligned.dtype == np.uint8
    gray = faces.align(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), EYES, 128)
    np.testing.assert_allclose(aligned.astype(int), gray.astype(int), atol=12)


@pytest.mark.parametrize(
    "landmarks",
    [
        None,
        {"nose": (1.0, 1.0)},
        {"left_eye": (1.0, 1.0)},
        {"left_eye": (5.0, 5.0), "right_eye": (5.0, 5.0)},
        {"left_eye": (np.nan, 5.0), "right_eye": (5.0, 5.0)},
    ],
)
def test_landmarks_without_two_eyes_are_refused(landmarks):
    with pytest.raises(ValueError, match=r"`landmarks` must hold left_eye and right_eye.*Received"):
        faces.align(np.zeros((50, 50), np.uint8), landmarks)


@pytest.mark.parametrize(
    "image", [np.zeros((50, 50), np.float32), np.zeros((50, 50, 4), np.uint8), "photo.jpg"], ids=type
)
def test_other_images_are_refused(image):
    with pytest.raises(ValueError, match=r"`image` must be uint8.*Received"):
        faces.align(image, EYES)


def test_a_size_below_one_is_refused():
    with pytest.raises(ValueError, match=r"`size`.*Received"):
        faces.align(np.zeros((50, 50), np.uint8), EYES, 0)


class Dots(faces.Detector):
    """Takes two white dots for the eyes of a face; a single one for a face from the side."""

    def _candidates(self, image):
        count, _, _, middles = cv2.connectedComponentsWithStats((image[..., 0] > 200).astype(np.uint8))
        if count > 1:
            left, *_, right = sorted(map(tuple, middles[1:])) * 2
            yield (0, 0, 50, 50), 0.9, {"left_eye": left, "right_eye": right}


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder with a rolled face, a face from the side and no face, and the detector "dots"."""
    from PIL import Image

    monkeypatch.setitem(faces.DETECTORS, "dots", Dots)
    monkeypatch.setattr("fer.faces.preparing.WITH_LANDMARKS", ("mtcnn", "dots"))
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, points in {"rolled": [(80, 90), (120, 70)], "side": [(80, 90)], "empty": []}.items():
        Image.fromarray(dots((160, 200), points, 5)).save(folder / f"{name}.png")
    return folder


def test_the_command_line_aligns_a_folder(photos, tmp_path, capsys):
    crops = tmp_path / "crops"
    command = ["prepare", str(photos), str(crops), "--detector", "dots", "--align", "--size", "128"]
    assert main(command) == 0
    assert "3 files: 1 with a face, 2 without" in capsys.readouterr().out
    found = centroids(images.read(crops / "rolled.png.png"))
    np.testing.assert_allclose(found, 128 * np.array([(LEFT, DOWN), (RIGHT, DOWN)]) - 0.5, atol=0.5)
    assert [path.name for path in crops.glob("*.png")] == ["rolled.png.png"]
    settings = "align=True beside=0.62 above=0.9 below=1.35"
    assert (crops / "manifest.csv").read_text().count(settings) == 3
    assert REACH == {"beside": 0.62, "above": 0.9, "below": 1.35}
    assert main(command) == 0
    assert "0 files looked at" in capsys.readouterr().out
    assert main([*command[:-3], "--size", "128"]) == 1
    assert "made with other settings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--detector", "ssd"],
            "`align` needs a detector that finds the eyes: mtcnn or yunet. Received: 'ssd'",
        ),
        (["--detector", "mtcnn", "--color"], "`align` gives gray crops. Received: `color` with it"),
    ],
)
def test_what_cannot_be_aligned_is_refused_in_one_line(tmp_path, capsys, options, message):
    assert main(["prepare", str(tmp_path), str(tmp_path / "crops"), "--align", *options]) == 1
    assert capsys.readouterr().err == f"Error: {message}\n"
