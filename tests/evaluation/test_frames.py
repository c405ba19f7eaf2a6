"""Faces in whole frames, with detectors and recognizers whose answers are known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer import labels
from fer.datasets import FaceDataset
from fer.evaluation.frames import Scene, found_by_tone, locate_faces, predict_scenes, scenes, summarize
from fer.faces import LANDMARKS, Face


@pytest.fixture
def faces():
    """Eight flat gray images of eight brightnesses, of two emotions in turn."""
    emotions = ["happy", "sad"] * 4
    pictures = np.repeat(np.arange(8, dtype=np.uint8)[:, None, None] * 30, 48, axis=1).repeat(48, axis=2)
    return FaceDataset("flat", labels.FER2013, pd.DataFrame({"emotion": emotions, "split": "test"}), pictures)


def test_a_face_is_pasted_enlarged_where_the_scene_says(faces):
    for row, scene in enumerate(scenes(faces)):
        left, top, side = scene.square
        assert 144 <= side <= 288 and 0 <= left <= 640 - side and 0 <= top <= 480 - side
        assert scene.frame.shape == (480, 640, 3)
        assert (scene.frame[top : top + side, left : left + side] == 30 * row).all()
        assert not (scene.frame == 30 * row).all()


def test_the_seed_decides_and_a_scene_does_not_depend_on_the_others(faces):
    first, again, other = (list(scenes(faces, seed=seed)) for seed in (0, 0, 1))
    assert all((a.frame == b.frame).all() and a.square == b.square for a, b in zip(first, again, strict=True))
    assert [scene.square for scene in first] != [scene.square for scene in other]
    (alone,) = scenes(faces.take([0]))
    np.testing.assert_array_equal(alone.frame, first[0].frame)


@pytest.mark.parametrize("size", [(640, 480), (100, 50), (2000, 1000), (300, 900)])
def test_photos_fill_the_frame_without_changing_their_aspect(faces, tmp_path, size):
    """A photo of a left and a right half: its middle stays in the middle."""
    halves = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    halves[:, size[0] // 2 :] = 200
    Image.fromarray(halves).save(tmp_path / "photo.png")
    (tmp_path / "notes.txt").write_text("no photo")
    for scene in scenes(faces, tmp_path):
        top = scene.square[1]
        row = 5 if top > 10 else 470
        assert (scene.frame[row, :300] == 0).all() and (scene.frame[row, 340:] == 200).all()


def test_a_folder_without_photos_is_refused(faces, tmp_path):
    with pytest.raises(ValueError, match="`backgrounds`"):
        next(scenes(faces, tmp_path))


def test_the_pasted_face_is_the_box_that_overlaps_most():
    scene = Scene(np.zeros((480, 640, 3), np.uint8), (100, 100, 200))
    assert scene.find([(0, 0, 90, 90), (120, 130, 200, 200), (110, 100, 180, 200)]) == 2
    assert scene.find([(0, 0, 90, 90), (100, 100, 60, 60)]) is None
    assert scene.find([]) is None


class Recognizer:
    """Finds all pasted faces but the darkest. As crops it names all rightly, in frames only bright ones."""

    emotions = ("sad", "happy")

    def __init__(self, faces):
        self.squares = iter([scene.square for scene in scenes(faces)])

    def predict(self, image):
        x, y, side = next(self.squares)
        value = int(image[y, x, 0]) // 30
        right = self.emotions[(value + 1) % 2]
        answers = [SimpleNamespace(box=(0, 0, 5, 5), emotion="happy")] * (value == 7)
        if value > 0:
            emotion = right if value >= 4 else "angry"
            answers.append(SimpleNamespace(box=(x, y, side, side), emotion=emotion))
        return answers

    def classify(self, crops):
        return np.array([[image[0, 0] // 30 % 2, 1 - image[0, 0] // 30 % 2] for image in crops])


def test_the_loss_is_split_into_missed_faces_and_framing(faces):
    predictions = predict_scenes(Recognizer(faces), faces)
    assert predictions["on_crop"].tolist() == ["happy", "sad"] * 4
    named = ["not found", *["angry"] * 3, "happy", "sad", "happy", "sad"]
    assert predictions["in_frame"].fillna("not found").tolist() == named
    assert predictions["strays"].tolist() == [0] * 7 + [1]
    summary = summarize(predictions)
    assert {name: summary[name] for name in summary if name != "accuracy_frames_interval"} == pytest.approx(
        {
            "n": 8,
            "found": 7 / 8,
            "accuracy_crops": 1,
            "accuracy_found": 4 / 7,
            "accuracy_frames": 4 / 8,
            "loss": 4 / 8,
            "loss_missed": 1 / 8,
            "loss_framing": 3 / 8,
            "strays": 1 / 8,
        }
    )


def test_boxes_are_placed_in_the_units_of_a_framing(faces):
    """A detector that sees the square's middle half, 10 % of the side too far left, half as high as it."""
    squares = iter([scene.square for scene in scenes(faces)])

    class Detector:
        def detect(self, image):
            x, y, side = next(squares)
            box = (x + 0.15 * side, y + 0.2 * side, 0.5 * side, 0.8 * side)
            if x % 2:
                return []
            return [Face(box, 0.9, {name: (x + 0.25 * side, y + 0.5 * side) for name in LANDMARKS})]

    placed = locate_faces(Detector(), faces)
    found = placed.dropna()
    assert len(placed) == 8
    assert found.index.tolist() == [
        row for row, scene in enumerate(scenes(faces)) if scene.square[0] % 2 == 0
    ]
    # Heights of the box are 0.8 sides: middle (0.5 - 0.2) / 0.8, side 1 / 0.8, across (0.5 - 0.4) / 0.8.
    np.testing.assert_allclose(found[["middle", "side", "across"]], [[0.375, 1.25, 0.125]] * len(found))
    np.testing.assert_allclose(found[["left_eye_x", "mouth_right_y"]], [[0.25, 0.5]] * len(found))


def test_faces_are_found_by_tone_and_nothing_but_the_tone_differs(faces):
    squares = [scene.square for scene in scenes(faces.take(range(7)))]
    shown = []

    class Detector:
        """Finds the pasted face in the four lightest tones, and something else in the others."""

        def detect(self, image):
            x, y, side = squares[len(shown) % 7]
            shown.append((image[y : y + side, x : x + side].mean(), image[:, : max(x, 1)].sum()))
            return [Face((x, y, side, side) if len(shown) <= 4 * 7 else (0, 0, 5, 5), 0.9, None)]

    rows = found_by_tone(Detector(), people=1)
    assert rows.to_dict("list") == {
        "tone": list(range(1, 11)),
        "found": [1.0] * 4 + [0.0] * 6,
        "n": [7] * 10,
    }
    brightness, left_of_face = (np.reshape(values, (10, 7)) for values in zip(*shown, strict=True))
    assert (np.diff(brightness.mean(axis=1)) < 0).all()
    assert (left_of_face == left_of_face[0]).all()


def test_images_of_another_size_are_enlarged_to_the_same_sides(faces):
    small = replace(faces, images=faces.images[:, :20, :20])
    for scene, other in zip(scenes(small), scenes(faces), strict=True):
        np.testing.assert_array_equal(scene.frame, other.frame)
