"""Faces with emotions from pictures: what Keras gives, whatever the picture and however many threads."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from fer import faces, images, inference, labels


def keras_probabilities(network, photo, face):
    """What the network gives for a face that is cut out in FER-2013's framing, as training images are.

    The SSD's boxes are nearly as high as that square, whose middle is slightly below theirs.
    """
    x, y, width, height = face.box
    side = round(0.984 * height)
    left, top = round(x + width / 2 - side / 2), round(y + 0.508 * height - side / 2)
    padded = np.pad(photo, ((100, 100), (100, 100), (0, 0)), mode="edge")
    image = images.convert(padded[100 + top :, 100 + left :][:side, :side], 48, 1)
    return network.predict(image[None] / 255, verbose=0)[0]


def test_a_face_has_its_box_and_the_probabilities_of_keras(predictor, network, group):
    found = faces.detector("ssd").detect(group)
    predicted = predictor.predict(group)
    assert [(face.box, face.score, face.landmarks) for face in predicted] == [
        (face.box, face.score, None) for face in found
    ]
    for prediction, face in zip(predicted, found, strict=True):
        wanted = keras_probabilities(network, group, face)
        assert list(prediction.emotions) == list(labels.FER2013)
        np.testing.assert_allclose(list(prediction.emotions.values()), wanted, atol=1e-3)
        assert prediction.emotion == labels.FER2013[wanted.argmax()]


def test_every_face_of_a_picture_is_as_if_it_were_alone(predictor, group):
    predicted = predictor.predict(group)
    assert len(predicted) == 4
    found = predictor.detect(group)
    alone = [predictor.classify_faces(group, [face])[0] for face in found]
    np.testing.assert_array_equal([list(face.emotions.values()) for face in predicted], alone)
    assert len(np.unique(np.round(alone, 3), axis=0)) == 4


def test_gray_and_flipped_views_are_taken(predictor, group):
    gray = cv2.cvtColor(group, cv2.COLOR_RGB2GRAY)
    assert len(predictor.predict(gray)) == 4
    assert predictor.predict(group[:, ::-1]) == predictor.predict(np.ascontiguousarray(group[:, ::-1]))


@pytest.mark.parametrize("shape", [(480, 640, 3), (480, 640), (1, 1, 3)])
def test_a_picture_without_a_face_gives_nothing(predictor, shape):
    assert predictor.predict(np.full(shape, 90, dtype=np.uint8)) == []


def test_crops_of_any_size_are_classified_in_order(predictor, network, portraits):
    gray = [cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY) for portrait in portraits]
    small = np.stack([images.convert(image, 48, 1) for image in gray])
    probabilities = predictor.classify(small)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, network.predict(small / 255, verbose=0), atol=1e-3)
    np.testing.assert_array_equal(predictor.classify(small[..., 0]), probabilities)
    np.testing.assert_array_equal(predictor.classify(gray), probabilities)
    np.testing.assert_array_equal(predictor.classify(portraits), probabilities)
    assert predictor.classify([]).shape == (0, 7)


def test_threads_get_what_one_thread_gets(predictor, group):
    pictures = [np.roll(group, shift, axis=1) for shift in range(0, 60, 10)]
    alone = [predictor.predict(picture) for picture in pictures]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(predictor.predict, 4 * pictures))
    assert together == 4 * alone


def test_threads_that_classify_at_the_same_time_do_not_mix_their_faces(predictor, portraits):
    alone = predictor.classify(portraits)
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda number: predictor.classify(portraits[number % 4][None])[0], range(2000))
        )
    np.testing.assert_array_equal(together, np.tile(alone, (500, 1)))


@pytest.mark.parametrize("image", [np.zeros((50, 50, 4), np.uint8), np.zeros((50, 50, 3), np.float32)])
def test_another_image_is_refused(predictor, image):
    with pytest.raises(ValueError, match="`image` must be uint8"):
        predictor.predict(image)


def test_a_path_is_refused_with_the_way_to_read_it(predictor):
    with pytest.raises(ValueError, match=r"`image` .* Received: str \(fer\.images\.read reads a file\)"):
        predictor.predict("photo.jpg")


@pytest.mark.parametrize(
    "crops",
    [
        np.zeros((48, 48), np.uint8),
        np.zeros((2, 48, 48), np.float32),
        np.zeros((2, 48, 48, 4), np.uint8),
        [np.zeros((3, 0), np.uint8)],
    ],
    ids=["one image", "floats", "four channels", "no pixels"],
)
def test_other_crops_are_refused(predictor, crops):
    with pytest.raises(ValueError, match="`crops` must be"):
        predictor.classify(crops)


def test_an_unknown_detector_is_refused(exported):
    with pytest.raises(ValueError, match=r"`detector` must be one of .*Received: 'haar'"):
        inference.Predictor(exported, detector="haar")


def test_without_a_name_the_best_detector_that_is_there_is_used(exported, monkeypatch):
    class Other(faces.Detector):
        framing = faces.Framing(middle=0.4, side=0.8)

        def _candidates(self, image):
            return [((30, 20, 230, 220), 0.9, None)]

    monkeypatch.setitem(faces.DETECTORS, "other", Other)
    monkeypatch.setattr(faces, "best", lambda: "other")
    predictor = inference.Predictor(exported)
    assert predictor.detector == "other"
    (face,) = predictor.predict(np.zeros((300, 300, 3), dtype=np.uint8))
    assert face.box == (30, 20, 200, 200)
    assert inference.Predictor(exported, "ssd").detector == "ssd"


def test_a_threshold_leaves_weak_faces_out(exported, group):
    scores = [face.score for face in inference.Predictor(exported, "ssd").predict(group)]
    threshold = (scores[0] + scores[-1]) / 2
    strong = inference.Predictor(exported, "ssd", threshold).predict(group)
    assert [face.score for face in strong] == [score for score in scores if score >= threshold]
    assert 0 < len(strong) < len(scores)


def test_landmarks_come_with_a_detector_that_gives_them(exported, group, monkeypatch):
    points = {name: (100.0, 100.0) for name in faces.LANDMARKS}

    class Landmarks(faces.Detector):
        def _candidates(self, image):
            return [((30, 20, 230, 220), 0.9, points)]

    monkeypatch.setitem(faces.DETECTORS, "landmarks", Landmarks)
    (face,) = inference.Predictor(exported, detector="landmarks").predict(group)
    assert (face.box, face.landmarks) == ((30, 20, 200, 200), points)


def test_a_prediction_loads_neither_keras_nor_tensorflow(exported, group, tmp_path):
    np.save(tmp_path / "group.npy", group)
    program = """
import sys
import numpy as np
from fer import inference
assert len(inference.Predictor(sys.argv[1], "ssd").predict(np.load(sys.argv[2]))) == 4
heavy = {"keras", "tensorflow", "jax", "torch", "pandas", "matplotlib"} & set(sys.modules)
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
    command = [sys.executable, "-c", program, exported, tmp_path / "group.npy"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
