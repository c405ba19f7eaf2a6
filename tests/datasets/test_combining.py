from dataclasses import replace

import numpy as np
import pytest

from fer import datasets
from fer.datasets import combining


@pytest.fixture(scope="module")
def faces():
    return datasets.load("synthetic", n=210, image_size=24, difficulty="easy")


@pytest.fixture(scope="module")
def few():
    """Colour pictures of another size, of emotions in another order, one of them new."""
    dataset = datasets.load("synthetic", n=60, image_size=32, color=True, emotions=["sad", "happy", "fear"])
    words = dataset.table["emotion"].astype(str).replace("fear", "smirk")
    return replace(
        dataset, name="few", emotions=("sad", "smirk", "happy"), table=dataset.table.assign(emotion=words)
    )


def test_fer32_trains_on_what_validated_and_validates_on_the_test(faces):
    fer32 = combining.with_splits(faces, {"validation": "train", "test": "validation"})
    counts, before = fer32.counts().sum(axis=1), faces.counts().sum(axis=1)
    assert counts["train"] == before["train"] + before["validation"]
    assert counts["validation"] == before["test"]
    assert counts["test"] == 0
    assert fer32.fingerprint != faces.fingerprint


def test_joined_faces_are_trained_on_and_judged_as_the_target(faces, few):
    joined = combining.join(faces, few, image_size=20, channels=1)
    assert joined.emotions == few.emotions
    train = joined.split("train")
    known = faces.split("train").table["emotion"].isin(["sad", "happy"])
    assert train.table["dataset"].value_counts().to_dict() == {
        "synthetic": known.sum(), "few": len(few.split("train"))
    }  # fmt: skip
    assert len(joined.skipped) == len(faces.split("train")) - known.sum()
    for split in ("validation", "test"):
        images, labels = joined.split(split).arrays()
        expected = few.split(split).arrays(20, 1)
        np.testing.assert_array_equal(images, expected[0])
        np.testing.assert_array_equal(labels, expected[1])
    first = train.table.index[train.table["dataset"] == "synthetic"][0]
    source = faces.split("train").take(known.to_numpy())
    assert train.table["emotion"][first] == source.table["emotion"][0]
    np.testing.assert_array_equal(train.image(first), source.take([0]).arrays(20, 1)[0][0, ..., 0])


def test_copies_of_the_other_data_set_are_left_out_whatever_their_split(faces):
    theirs = faces.take([3, 50, 120])
    kept = combining.without_copies(faces, theirs)
    assert len(kept) == len(faces) - 3
    assert kept.skipped["source"].tolist() == ["3", "50", "120"]
    assert set(kept.skipped["reason"]) == {"also in synthetic"}
    np.testing.assert_array_equal(kept.images[3], faces.images[4])
    darker = replace(theirs, images=theirs.images // 2)
    assert combining.without_copies(faces, darker) is faces


def test_wrong_labels_are_as_many_as_asked_and_only_in_training(faces):
    spoilt = combining.mislabel(faces, 0.3, seed=1)
    wrong = spoilt.labels != faces.labels
    training = (faces.table["split"] == "train").to_numpy()
    assert wrong[training].sum() == round(0.3 * training.sum())
    assert not wrong[~training].any()
    assert (combining.mislabel(faces, 0.3, seed=1).labels == spoilt.labels).all()
    assert (combining.mislabel(faces, 0.0).labels == faces.labels).all()
    with pytest.raises(ValueError, match="`share` must be in"):
        combining.mislabel(faces, 1.5)
