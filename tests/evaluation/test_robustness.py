"""Accuracy over distortions and skin tones, on classifiers that can be computed by hand."""

import cv2
import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from fer import labels, synthetic
from fer.datasets import FaceDataset
from fer.evaluation import wilson_interval
from fer.evaluation.robustness import DISTORTIONS, MASK_GRAY, Distortion, measure, skin_tones

IMAGE = cv2.resize(np.random.default_rng(0).integers(0, 256, (6, 6), dtype=np.uint8), (48, 48))
NEUTRAL = {name: 1 for name in ("brightness", "contrast", "scale")} | {"resolution": 48}


def apply(name, level, image=IMAGE):
    return DISTORTIONS[name].apply(image, level)


@pytest.fixture
def faces():
    """300 gray images: "angry" of brightness 40, "disgust" of 100 in turn."""
    emotions = [labels.FER2013[row % 2] for row in range(300)]
    pictures = np.array([40 + 60 * (row % 2) for row in range(300)], dtype=np.uint8)
    table = pd.DataFrame({"emotion": emotions, "split": "test"})
    return FaceDataset("flat", labels.FER2013, table, np.tile(pictures[:, None, None], (1, 8, 8)))


def by_brightness(crops):
    """Calls faces "angry" below a mean of 64, else "disgust"."""
    bright = np.array([crop.mean() >= 64 for crop in crops])
    return np.eye(7)[bright.astype(int)]


def test_accuracy_at_every_level_is_what_the_classifier_gets_right(faces):
    darker = Distortion("subtracted", (0, 20, 50), lambda image, level: image - np.uint8(level / 2))
    brighter = Distortion("added", (0, 30), lambda image, level: image + np.uint8(level))
    table = measure(by_brightness, faces, {"darker": darker, "brighter": brighter})
    assert table["distortion"].tolist() == ["darker"] * 3 + ["brighter"] * 2
    assert table["label"].tolist() == ["subtracted"] * 3 + ["added"] * 2
    # 100 - 25 is still bright; 40 + 30 is bright as well, so that half are wrong.
    assert table["accuracy"].tolist() == [1, 1, 1, 1, 0.5]
    assert table["n"].tolist() == [300] * 5
    assert tuple(table.loc[4, ["low", "high"]]) == pytest.approx(wilson_interval(150, 300))


def test_all_distortions_are_measured_by_default(faces):
    table = measure(by_brightness, faces.take(range(4))).set_index(["distortion", "level"])["accuracy"]
    for name, kind in DISTORTIONS.items():
        assert table[name].index.tolist() == list(kind.levels) == sorted(kind.levels)
    assert table["brightness"][1] == table["rotation"][45] == 1
    assert table["brightness"][0.4] == table["brightness"][2.4] == 0.5


def test_an_empty_data_set_is_refused(faces):
    with pytest.raises(ValueError, match="`faces`"):
        measure(by_brightness, faces.split("train"))


@pytest.mark.parametrize("image", [IMAGE, np.dstack([IMAGE, 255 - IMAGE, IMAGE.T])], ids=["gray", "RGB"])
@pytest.mark.parametrize("name", DISTORTIONS)
def test_a_neutral_level_changes_nothing_and_shape_dtype_and_original_are_kept(name, image):
    kind, original = DISTORTIONS[name], image.copy()
    for level in kind.levels:
        distorted = kind.apply(image, level)
        assert distorted.dtype == np.uint8
        assert distorted.shape[2:] == image.shape[2:]
        if name != "resolution":
            assert distorted.shape == image.shape
    if name != "JPEG":
        np.testing.assert_array_equal(kind.apply(image, NEUTRAL.get(name, 0)), image)
    np.testing.assert_array_equal(image, original)


def test_resolution_is_the_side_and_averages_when_it_shrinks():
    assert apply("resolution", 24).shape == (24, 24)
    np.testing.assert_allclose(apply("resolution", 24), IMAGE.reshape(24, 2, 24, 2).mean(axis=(1, 3)), atol=1)
    assert apply("resolution", 224).shape == (224, 224)


def test_blur_has_its_standard_deviation_in_shares_of_the_width():
    wanted = ndimage.gaussian_filter(IMAGE.astype(float), 0.03 * 48, mode="mirror")
    np.testing.assert_allclose(apply("blur", 0.03), wanted, atol=2)


def test_brightness_multiplies_and_contrast_spreads_around_the_mean():
    np.testing.assert_allclose(apply("brightness", 0.5), IMAGE / 2, atol=0.5)
    np.testing.assert_array_equal(apply("brightness", 2), np.minimum(2 * IMAGE.astype(int), 255))
    expected = IMAGE.mean() + 0.4 * (IMAGE - IMAGE.mean())
    np.testing.assert_allclose(apply("contrast", 0.4), expected, atol=0.5)


def test_jpeg_errs_more_at_lower_quality_and_keeps_red_apart_from_blue():
    errors = [np.abs(apply("JPEG", quality).astype(int) - IMAGE).mean() for quality in (5, 40, 95)]
    assert errors[0] > errors[1] > errors[2] > 0
    red = np.zeros((48, 48, 3), dtype=np.uint8)
    red[..., 0] = 200
    np.testing.assert_allclose(apply("JPEG", 95, red), red, atol=4)


def test_geometry_turns_shifts_and_enlarges():
    np.testing.assert_array_equal(DISTORTIONS["rotation"].apply(IMAGE, 90), np.rot90(IMAGE))
    np.testing.assert_array_equal(apply("shift across", 0.25)[:, 12:], IMAGE[:, :-12])
    np.testing.assert_array_equal(apply("shift across", 0.25)[:, :12], np.tile(IMAGE[:, :1], 12))
    np.testing.assert_array_equal(apply("shift down", -0.25)[:-12], IMAGE[12:])
    ramp = np.tile(np.arange(49, dtype=np.uint8), (49, 1))
    np.testing.assert_allclose(apply("scale", 1.5, ramp)[0, 24:], 24 + np.arange(25) / 1.5, atol=1)


def test_the_mask_hides_mouth_and_nose_and_never_the_eyes():
    covered = apply("mask", 1) == MASK_GRAY
    for x, y in ((0.35, 0.76), (0.66, 0.76), (0.5, 0.6), (0.5, 0.9)):
        assert covered[int(48 * y), int(48 * x)]
    np.testing.assert_array_equal(apply("mask", 1)[: int(0.45 * 48)], IMAGE[: int(0.45 * 48)])
    half = apply("mask", 0.5) == MASK_GRAY
    assert half[int(0.9 * 48), 24] and half[int(0.76 * 48), 24] and not half[int(0.6 * 48), 24]


def test_skin_tones_change_nothing_but_the_tone_and_intervals_pair_people():
    """A classifier that is right on bright pictures only, about "happy" only."""
    limit, seen = 120, []

    def classify(crops):
        seen.append(np.array(crops))
        bright = np.array([crop.mean() > limit for crop in crops])
        probabilities = np.zeros((len(crops), 7))
        probabilities[np.arange(len(crops)), np.where(bright, labels.FER2013.index("happy"), 0)] = 0.9
        probabilities[:, 1] += 0.1
        return probabilities

    table = skin_tones(classify, labels.FER2013, people=3, seed=4, image_size=32, difficulty="easy")
    drawn = synthetic.generate(21, 4, 32, difficulty="easy").table
    assert table["tone"].tolist() == list(range(1, 11)) and (table["n"] == 21).all()
    accuracies = np.empty((10, 21))
    for tone in range(1, 11):
        crops = synthetic.render(drawn.assign(skin_tone=tone), 32, color=False).images
        np.testing.assert_array_equal(seen[tone - 1], crops)
        called = np.where(crops.mean(axis=(1, 2)) > limit, "happy", "angry")
        accuracies[tone - 1] = called == drawn["emotion"]
    np.testing.assert_allclose(table["accuracy"], accuracies.mean(axis=1))
    people = accuracies.reshape(10, 3, 7).mean(axis=2)
    differences = people - people.mean(axis=0)
    np.testing.assert_allclose(table["difference"], differences.mean(axis=1), atol=1e-12)
    margin = 4.302653 * differences.std(axis=1, ddof=1) / np.sqrt(3)  # t of 2 degrees of freedom, 97.5 %
    np.testing.assert_allclose(table["high"] - table["difference"], margin, atol=1e-6)
    emotions = drawn["emotion"].to_numpy()
    truth = [0.9 * accuracies[tone].mean() + 0.1 * (emotions == "disgust").mean() for tone in range(10)]
    np.testing.assert_allclose(table["probability"], truth)


def test_skin_tones_take_emotions_in_any_order():
    def always_sad(crops):
        return np.tile(np.eye(8)[2], (len(crops), 1))

    emotions = ("contempt", *labels.FER2013[:1], "sad", "neutral", "happy", "fear", "disgust", "surprise")
    table = skin_tones(always_sad, emotions, people=2, image_size=16)
    np.testing.assert_allclose(table["accuracy"], 1 / 7)
    np.testing.assert_allclose(table["difference"], 0, atol=1e-12)
