import numpy as np
import pandas as pd
import pytest

from fer import labels
from fer.datasets import synthetic


def test_the_training_split_of_the_default_has_four_thousand_faces():
    dataset = synthetic.load(image_size=16)
    counts = dataset.counts()
    assert len(dataset) == 6000
    assert counts.loc["train"].sum() >= 4000
    assert (counts.max(axis=1) - counts.min(axis=1) <= 1).all()


@pytest.mark.parametrize("subjects", [None, 12])
def test_splits_share_no_person(subjects):
    table = synthetic.load(n=210, image_size=16, subjects=subjects).table
    assert (table.groupby("subject")["split"].nunique() == 1).all()
    shares = table["split"].value_counts(normalize=True)
    assert shares["train"] == pytest.approx(0.7, abs=0.07)
    assert shares["validation"] == pytest.approx(0.15, abs=0.05)


def test_the_data_set_keeps_vocabulary_and_attributes():
    dataset = synthetic.load(n=49, image_size=24, color=True)
    assert dataset.name == "synthetic"
    assert dataset.emotions == labels.FER2013
    assert dataset.images.shape == (49, 24, 24, 3)
    assert {"subject", "accessory", "skin_tone", "au12", "box_x", "left_eye_x"} <= set(dataset.table.columns)
    assert dataset.counts().to_numpy().min() >= 1


@pytest.mark.parametrize("arguments", [{"n": 48}, {"n": 700, "subjects": 6}])
def test_too_few_faces_or_people_are_refused(arguments):
    with pytest.raises(ValueError, match="Received"):
        synthetic.load(**arguments)


def test_emotions_can_have_shares_of_their_own():
    shares = {"angry": 0.1, "happy": 0.5, "sad": 0.2, "surprise": 0.2}
    dataset = synthetic.load(n=210, image_size=16, emotions=shares)
    assert dataset.emotions == ("angry", "happy", "sad", "surprise")
    counts = dataset.table["emotion"].value_counts(normalize=True)
    assert counts.to_dict() == pytest.approx(shares)
    with pytest.raises(ValueError, match="shares of `emotions` must be positive"):
        synthetic.load(n=210, emotions={"angry": 0, "happy": 1})


def test_heads_turn_to_the_angles_and_every_emotion_is_seen_from_each():
    angles = (-45, -20, 0, 20, 45)
    table = synthetic.load(n=350, image_size=16, difficulty="easy", angles=angles).table
    nearest = table["yaw"].map(lambda yaw: min(angles, key=lambda angle: abs(angle - yaw)))
    assert table["yaw"].abs().max() <= 45
    assert nearest.value_counts().between(60, 80).all()
    assert pd.crosstab(table["emotion"], nearest).min().min() >= 3
    # A head that is turned to the right has its nose beyond the middle of its eyes.
    middle = (table["left_eye_x"] + table["right_eye_x"]) / 2
    assert np.corrcoef(table["nose_x"] - middle, table["yaw"])[0, 1] > 0.9


def test_the_split_takes_the_fractions_it_is_given():
    shares = synthetic.load(n=700, image_size=16, fractions=(0.6, 0.2, 0.2)).table["split"].value_counts()
    assert (shares / 700).round(2).to_dict() == {"train": 0.6, "validation": 0.2, "test": 0.2}
    with pytest.raises(ValueError, match="shares of the splits"):
        synthetic.load(n=49, fractions=(0.6, 0.2))


def test_another_word_can_be_the_class():
    dataset = synthetic.load(n=210, image_size=16, label="hair_style")
    assert dataset.emotions == ("short", "side_part", "fringe", "long", "curly", "receding", "bald")
    assert (dataset.table["emotion"] == dataset.table["hair_style"]).all()
    with pytest.raises(ValueError, match="`label` must be one of"):
        synthetic.load(n=49, label="mood")
