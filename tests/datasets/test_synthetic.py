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
