"""Drawn faces described with the models that are shipped, in pictures and in a video."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import cv2
import numpy as np
import pytest

from fer import faces, inference, synthetic
from fer.inference.describing import Describer, DescriptionStream


@pytest.fixture(scope="module")
def describer():
    return Describer(detector="yolo")


@cache
def portrait(emotion, side=400, **chosen):
    look = {"skin_tone": 4, "hair_style": "short"} | chosen
    return synthetic.render(synthetic.face(emotion, 1, **look), side).images[0]


def room(*drawn, height=480, width=640):
    """A room with faces: of each its picture and the left top corner (x, y)."""
    picture = np.full((height, width, 3), (156, 160, 166), dtype=np.uint8)
    for image, (x, y) in drawn:
        picture[y : y + len(image), x : x + len(image)] = image
    return picture


def alone(emotion="neutral", **chosen):
    return room((portrait(emotion, **chosen), (120, 40)))


def most(shares):
    return max(shares, key=shares.get)


@pytest.mark.parametrize("skin_tone", [2, 8])
@pytest.mark.parametrize("frame", ["round", "square"])
@pytest.mark.parametrize("accessory", ["none", "glasses", "sunglasses", "mask"])
def test_what_a_drawn_face_wears_is_told(describer, accessory, frame, skin_tone):
    (face,) = describer.describe(alone(accessory=accessory, frame=frame, skin_tone=skin_tone))
    assert most(face.glasses) == (accessory if "glasses" in accessory else "none")
    assert (face.mask > 0.5) == (accessory == "mask")


def test_faces_are_those_of_the_predictor_and_what_they_wear_is_what_the_classifier_says(describer):
    picture = room(
        (portrait("happy", 300, accessory="glasses"), (10, 100)),
        (portrait("surprise", 300, skin_tone=8, accessory="mask"), (320, 90)),
    )
    described = describer.describe(picture)
    predicted = inference.Predictor("emotion-small", "yolo").predict(picture)
    classifier = inference.Classifier("attributes")
    framing = faces.detector("yolo").framing
    assert len(described) == 2
    for face, expected in zip(described, predicted, strict=True):
        assert (face.box, face.score, face.landmarks) == (expected.box, expected.score, expected.landmarks)
        assert face.emotions == expected.emotions
        told = classifier.split(classifier([framing.cut(picture, face.box)]))
        assert list(face.glasses) == ["none", "glasses", "sunglasses"]
        np.testing.assert_allclose(list(face.glasses.values()), told["glasses"][0], atol=1e-6)
        assert face.mask == pytest.approx(told["mask"][0, classifier.classes["mask"].index("mask")], abs=1e-6)
    left, right = sorted(described, key=lambda face: face.box[0])
    assert (left.emotion, most(left.glasses), left.mask < 0.5) == ("happy", "glasses", True)
    assert (most(right.glasses), right.mask > 0.5) == ("none", True)


def test_a_description_goes_through_json(describer):
    (face,) = describer.describe(alone("happy", accessory="glasses"))
    told = json.loads(json.dumps(face.to_dict(), allow_nan=False))
    assert told["box"] == list(face.box) and told["score"] == pytest.approx(face.score, abs=1e-3)
    assert told["emotions"].keys() == face.emotions.keys() and most(told["emotions"]) == "happy"
    assert list(told["glasses"]) == ["none", "glasses", "sunglasses"]
    assert sum(told["glasses"].values()) == pytest.approx(1, abs=2e-4)
    assert sum(told["emotions"].values()) == pytest.approx(1, abs=5e-4)
    assert 0 <= told["mask"] <= 1
    assert type(told["skin_tone"]) is int
    lowest, highest = told["skin_tone_range"]
    assert 1 <= lowest <= told["skin_tone"] <= highest <= 10
    assert (lowest, told["skin_tone"], highest) == (
        face.skin_tone.lowest,
        face.skin_tone.tone,
        face.skin_tone.highest,
    )


def test_dark_skin_has_a_larger_step_than_light_skin(describer):
    (light,), (dark,) = (describer.describe(alone(skin_tone=tone)) for tone in (2, 9))
    assert dark.skin_tone.tone - light.skin_tone.tone >= 3
    assert dark.skin_tone.angle < light.skin_tone.angle


def test_a_gray_picture_has_no_skin_tone_and_everything_else(describer):
    gray = cv2.cvtColor(alone("happy", accessory="sunglasses"), cv2.COLOR_RGB2GRAY)
    for picture in (gray, np.dstack([gray] * 3)):
        (face,) = describer.describe(picture)
        assert (face.emotion, most(face.glasses), face.skin_tone) == ("happy", "sunglasses", None)
        told = json.loads(json.dumps(face.to_dict()))
        assert told["skin_tone"] is None and told["skin_tone_range"] is None


def test_an_empty_room_has_no_faces(describer):
    assert describer.describe(room()) == []


@pytest.mark.parametrize(
    "box", [(0, 0, 1, 1), (639, 479, 1, 1), (0, 470, 640, 10), (0, 0, 640, 480), (600, 0, 40, 3)]
)
def test_boxes_of_any_shape_can_be_described(describer, box):
    found = inference.FacePrediction(box, 0.5, None, {"happy": 1.0})
    face = describer.complete(alone(), found)
    assert (face.box, face.score, face.emotions) == (box, 0.5, {"happy": 1.0})
    assert sum(face.glasses.values()) == pytest.approx(1, abs=1e-4)
    json.dumps(face.to_dict(), allow_nan=False)


def test_several_threads_get_what_one_gets(describer):
    pictures = [alone(accessory=accessory) for accessory in ("none", "glasses", "sunglasses", "mask")] * 3
    expected = [describer.describe(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(describer.describe, pictures)) == expected


@pytest.mark.parametrize(
    "image", [np.zeros((50, 50, 4), np.uint8), np.zeros((50, 50)), np.zeros(9, np.uint8), None]
)
def test_another_picture_is_refused(describer, image):
    with pytest.raises(ValueError, match="must be uint8"):
        describer.describe(image)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"attributes": "emotion-small"}, "`attributes` must tell glasses and mask.*Received.*emotion"),
        ({"model": "attributes"}, "`model` must tell emotions"),
        ({"detector": "nose"}, "`detector` must be one of"),
        ({"threshold": 2}, "`threshold`"),
    ],
)
def test_models_that_tell_something_else_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Describer(**{"detector": "yolo"} | arguments)


@pytest.mark.parametrize("argument", ["model", "attributes"])
def test_a_missing_model_is_named(tmp_path, argument):
    with pytest.raises(FileNotFoundError, match="gone"):
        Describer(**{argument: tmp_path / "gone"}, detector="yolo")


@pytest.mark.parametrize("accessory", ["glasses", "sunglasses", "mask"])
def test_a_face_that_puts_something_on_is_seen_to_wear_it_after_a_while(describer, accessory):
    stream = DescriptionStream(describer)

    def worn(face):
        return face.mask if accessory == "mask" else face.glasses[accessory]

    course = []
    for number in range(60):
        image = portrait("neutral", 300, accessory=accessory if number >= 15 else "none")
        shown = stream.update(room((image, (100 + number // 2, 80))), number / 30)
        assert list(shown) == [1]
        course.append(worn(shown[1]))
    assert max(course[:15]) < 0.1
    # A look every sixth of a second moves it by 1 - exp(-1 / 4.8), a fifth of the way.
    assert max(np.diff(course)) < 0.25
    assert course[30] > 0.3 and course[-1] > 0.7
