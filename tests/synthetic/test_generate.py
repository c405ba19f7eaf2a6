import numpy as np
import pytest

from fer import labels, synthetic
from fer.synthetic import parameters
from fer.synthetic.expression import COLUMNS


def test_same_arguments_give_the_same_faces():
    first, second = (synthetic.generate(21, seed=4, image_size=32) for _ in range(2))
    assert first.images.tobytes() == second.images.tobytes()
    assert first.table.equals(second.table)


def test_another_seed_gives_other_people():
    first, second = (synthetic.generate(14, seed=seed, image_size=32).table for seed in (0, 1))
    assert not (first["eye_distance"] == second["eye_distance"]).any()


def test_fewer_faces_are_the_beginning_of_more():
    few, many = (synthetic.generate(n, image_size=32) for n in (40, 90))
    np.testing.assert_array_equal(few.images, many.images[:40])
    assert few.table.equals(many.table[:40])


def test_emotions_are_balanced_and_shuffled():
    emotions = synthetic.generate(101, image_size=16).table["emotion"]
    counts = emotions.value_counts()
    assert set(counts.index) == set(labels.FER2013)
    assert counts.max() - counts.min() <= 1
    rounds = emotions.to_numpy()[:98].reshape(14, 7)
    assert len({tuple(order) for order in rounds}) > 10


def test_only_the_asked_emotions_are_drawn():
    emotions = synthetic.generate(11, image_size=16, emotions=["sad", "happy"]).table["emotion"]
    assert emotions.value_counts().to_dict() in ({"sad": 6, "happy": 5}, {"sad": 5, "happy": 6})


def test_a_subject_keeps_identity_and_changes_expression():
    table = synthetic.generate(42, image_size=16, subjects=3).table
    identity = table.groupby("subject")[[*parameters.IDENTITY, "skin_tone", "hair_style", "beard", "age"]]
    assert identity.ngroups == 3
    assert (identity.nunique() == 1).all(axis=None)
    assert (table.groupby("subject")["emotion"].nunique() == 7).all()
    assert (table.groupby("subject")["yaw"].nunique() == 14).all()


def test_action_units_belong_to_the_emotion():
    table = synthetic.generate(700, image_size=16, difficulty="easy").table
    means = table.groupby("emotion")[list(COLUMNS)].mean()
    for unit, emotion in {"au12": "happy", "au09": "disgust", "au20": "fear", "au26": "surprise"}.items():
        assert means[unit].idxmax() == emotion
    assert set(means.index[means["au04"] > 0.3]) == {"angry", "fear", "sad"}
    assert (means.loc["neutral"] < 0.1).all()


def test_harder_faces_show_weaker_expressions_and_turn_further():
    easy, hard = (synthetic.generate(350, image_size=16, difficulty=name).table for name in ("easy", "hard"))
    happy = [table.loc[table["emotion"] == "happy", "au12"].mean() for table in (easy, hard)]
    assert happy[0] > 1.2 * happy[1]
    assert hard["yaw"].std() > 2 * easy["yaw"].std()
    assert (easy["occlusion"] == 0).all() and (hard["occlusion"] > 0).mean() > 0.05


def test_gray_is_the_luminance_of_color():
    gray, color = (synthetic.generate(14, color=color, difficulty="easy").images for color in (False, True))
    luminance = color @ [0.299, 0.587, 0.114]
    assert np.abs(luminance - gray).mean() < 3


def test_all_skin_tones_are_drawn_equally_often():
    tones = synthetic.generate(1050, image_size=16, emotions=["neutral"]).table["skin_tone"].value_counts()
    assert set(tones.index) == set(range(1, 11))
    # Binomial with n = 1050 and p = 0.1: four standard deviations are 39.
    assert abs(tones - 105).max() < 39


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "`n`.*0"),
        ({"n": 2.5}, "`n`.*2.5"),
        ({"n": 7, "image_size": 8}, "`image_size`.*8"),
        ({"n": 7, "difficulty": "medium"}, "`difficulty`.*'medium'"),
        ({"n": 7, "emotions": ["joyful"]}, "`emotions`.*joyful"),
        ({"n": 7, "emotions": []}, "`emotions`"),
        ({"n": 7, "subjects": 0}, "`subjects`.*0"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        synthetic.generate(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"emotion": "bored"}, "`emotion`.*'bored'"),
        ({"intensity": 1.5}, "`intensity`.*1.5"),
        ({"yaw": 90}, "`yaw`.*90"),
        ({"hair_style": "mohawk"}, "`hair_style`.*'mohawk'"),
        ({"smile": 1}, "smile"),
    ],
)
def test_an_impossible_face_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        synthetic.face(**arguments)


def test_a_missing_parameter_is_named():
    with pytest.raises(ValueError, match="au12"):
        synthetic.render(synthetic.face().drop(columns="au12"))


def test_generated_faces_can_be_changed_and_rendered_again():
    faces = synthetic.generate(7, image_size=48)
    again = synthetic.render(faces.table, image_size=48, color=False)
    np.testing.assert_array_equal(again.images, faces.images)
    assert again.table.equals(faces.table)
    smiling = synthetic.render(faces.table.assign(au12=1.0), image_size=48, color=False)
    assert (smiling.images != faces.images).any(axis=(1, 2)).all()
