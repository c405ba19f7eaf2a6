"""Evaluation in the fast form, as a function and on the command line."""

import json

import keras
import numpy as np
import pandas as pd
import pytest

from fer import inference, labels
from fer.datasets import FaceDataset
from fer.evaluation import __main__ as command_line
from fer.evaluation import fast

CLASSES = ("dark", "bright")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Tells whether the left half of an image is bright: more than half of the full range on average."""
    folder = tmp_path_factory.mktemp("model")
    image = keras.Input((8, 8, 1))
    left = keras.layers.GlobalAveragePooling2D()(keras.layers.Cropping2D(((0, 0), (0, 4)))(image))
    dense = keras.layers.Dense(2, activation="softmax")
    keras_model = keras.Model(image, dense(left))
    dense.set_weights([np.float32([[-20, 20]]), np.float32([10, -10])])
    keras_model.save(folder / "model.keras")
    return inference.export(folder / "model.keras", folder / "fast", {"light": CLASSES})


def faces(left, right, emotions, vocabulary, **columns):
    images = np.zeros((len(left), 8, 8), dtype=np.uint8)
    images[:, :, :4] = np.reshape(left, (-1, 1, 1))
    images[:, :, 4:] = np.reshape(right, (-1, 1, 1))
    table = pd.DataFrame({"emotion": emotions, "split": "test"} | columns)
    return FaceDataset("lights", vocabulary, table, images=images)


def test_classes_are_matched_by_name_and_unknown_ones_left_out(model):
    dataset = faces([255, 255, 0, 0], 0, ["bright", "dark", "dark", "dim"], ("bright", "dark", "dim"))
    result = fast.measure(model, dataset, "test")
    assert result.metrics.n == 3
    assert result.metrics.accuracy == pytest.approx(2 / 3)
    assert result.metrics.confusion.loc["dark", "bright"] == 1
    assert result.left_out == {"dim": 1}
    assert "dim (1)" in str(result)


def test_flipping_averages_an_image_with_its_mirror_image(model):
    # Left half at 0.6, right half at 0: bright as it is, dark in the mirror, surer of dark.
    dataset = faces([153], [0], ["dark"], CLASSES)
    assert fast.measure(model, dataset, "test").metrics.accuracy == 0
    result = fast.measure(model, dataset, "test", flip=True)
    assert result.metrics.accuracy == 1
    confidence = result.metrics.reliability["confidence"].item()
    dark = [1 / (1 + np.exp(40 * (mean - 0.5))) for mean in (0.6, 0)]
    assert confidence == pytest.approx(np.mean(dark), abs=1e-3)


def test_groups_have_their_own_accuracy(model):
    dataset = faces([255, 0, 0], 0, ["bright", "bright", "dark"], CLASSES, place=["in", "in", "out"])
    groups = fast.measure(model, dataset, "test", by="place").groups
    assert groups[["n", "accuracy"]].to_dict("index") == {
        "in": {"n": 2, "accuracy": 0.5},
        "out": {"n": 1, "accuracy": 1.0},
    }
    assert groups[list(CLASSES)].sum().to_dict() == {"bright": 2, "dark": 1}
    with pytest.raises(ValueError, match=r"`by` must be a column of the data: .*place.* Received: 'colour'"):
        fast.measure(model, dataset, "test", by="colour")


def test_what_cannot_be_measured_is_refused(model):
    with pytest.raises(
        ValueError, match=r"The validation split of 'lights' has no images. Splits that have: \['test'\]"
    ):
        fast.measure(model, faces([0], 0, ["dark"], CLASSES), "validation")
    with pytest.raises(ValueError, match=r"`model` tells .*'lights' has none"):
        fast.measure(model, faces([0], 0, ["happy"], labels.FER2013), "test")


def test_the_command_line_reads_a_csv_with_the_final_test_alone(model, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    image = keras.Input((48, 48, 1))
    dense = keras.layers.Dense(7, activation="softmax")
    network = keras.Model(image, dense(keras.layers.GlobalAveragePooling2D()(image)))
    dense.set_weights([np.zeros((1, 7), np.float32), np.float32([0, 0, 0, 2, 1, 0, 0])])  # always happy
    network.save(tmp_path / "model.keras")
    fast_form = inference.export(tmp_path / "model.keras", tmp_path / "fast", {"emotion": labels.FER2013})
    pixels = " ".join(["7"] * 48 * 48)
    rows = [f"{emotion},{pixels},PrivateTest" for emotion in (3, 3, 4, 0)]
    (tmp_path / "faces.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]))
    arguments = [str(fast_form), "--dataset", "fer2013", "--root", str(tmp_path / "faces.csv")]
    assert command_line.main([*arguments, "--json", "--tta", "flip"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["n"], printed["accuracy"], printed["split"], printed["flip"]) == (4, 0.5, "test", True)
    assert printed["per_class"]["happy"]["recall"] == 1
    assert printed["macro_f1"] == pytest.approx((2 * 2 / (2 + 4)) / 3)
    assert printed["confusion"][4] == [0, 0, 0, 1, 0, 0, 0]
    assert printed["classes"] == list(labels.FER2013)
    assert command_line.main(arguments) == 0
    assert "accuracy                    0.500   95 % interval" in capsys.readouterr().out
    assert command_line.main([*arguments, "--split", "train"]) == 1
    assert "Error: The train split of 'fer2013' has no images" in capsys.readouterr().err


@pytest.mark.parametrize("options", ["[1]", "{", '{"root": "here"}'])
def test_options_of_the_reader_must_be_a_json_object(options, capsys):
    with pytest.raises(SystemExit):
        command_line.main(["emotion-small", "--dataset", "folder", "--options", options])
    assert "not " in capsys.readouterr().err
