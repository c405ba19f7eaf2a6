import numpy as np
import pytest

from fer import datasets, labels

SMALL = {"image_size": 64, "sizes": (8, 0.6), "faces": (0, 6)}


def load(n=20, **options):
    return datasets.load_boxes("scenes", n=n, **SMALL | options)


def test_scenes_have_pictures_boxes_and_splits():
    scenes = load()
    assert len(scenes) == 20
    assert scenes.photos["split"].value_counts().to_dict() == {"train": 16, "validation": 2, "test": 2}
    assert scenes.classes == ("face",)
    assert scenes.image(3).shape == (64, 64, 3)
    assert scenes.boxes["height"].between(8 - 1e-6, 0.6 * 64 + 1e-6).all()
    test = scenes.split("test")
    np.testing.assert_array_equal(test.image(1), scenes.image(19))
    np.testing.assert_array_equal(
        test.truth(1)[["x", "y", "width", "height"]], scenes.truth(19)[["x", "y", "width", "height"]]
    )


def test_faces_that_are_mostly_hidden_are_ignored():
    boxes = load(60, faces=(8, 8)).boxes
    assert boxes["ignore"].any() and not boxes["ignore"].all()
    assert boxes.loc[boxes["ignore"], "visible"].max() < 0.5 <= boxes.loc[~boxes["ignore"], "visible"].min()


def test_emotions_may_be_the_classes():
    scenes = load(60, classes="emotions")
    assert scenes.classes == labels.FER2013
    assert set(scenes.boxes["label"]) == set(labels.FER2013)
    assert (scenes.boxes["label"] == scenes.boxes["emotion"]).all()


def test_few_scenes_are_the_beginning_of_many():
    few, many = load(10, fractions=(1, 0, 0)), load(20, fractions=(1, 0, 0))
    assert few.fingerprint == many.take(range(10)).fingerprint
    assert many.take(range(10, 20)).fingerprint != few.fingerprint
    assert load(10, seed=1, fractions=(1, 0, 0)).fingerprint != few.fingerprint


def test_scenes_in_memory_are_the_same():
    np.testing.assert_array_equal(load(3, in_memory=True).image(2), load(3).image(2))


def test_there_may_be_no_face_at_all():
    scenes = load(3, faces=(0, 0))
    assert scenes.boxes.empty and scenes.truth(2).empty and scenes.image(2).any()


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match=r"`classes` must be 'face' or 'emotions'.*'labels'"):
        load(classes="labels")
    with pytest.raises(ValueError, match="shares of the splits"):
        load(fractions=(1, 1, 0))
    with pytest.raises(ValueError, match="reads no files"):
        datasets.load_boxes("scenes", root="here")
    with pytest.raises(ValueError, match=r"`name` must be one of \['scenes', 'boxes_csv', 'wider_face'\]"):
        datasets.load_boxes("scene")
