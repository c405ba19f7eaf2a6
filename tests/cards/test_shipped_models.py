"""The trained models of this repository: small, as their cards say, and good at what is drawn."""

import json

import numpy as np
import pytest

from fer import datasets, faces, inference, labels, models, paths, synthetic
from fer.cards import detector_readme, detectors, measuring, readme
from fer.evaluation import detection, robustness
from fer.faces import yolo
from fer.inference.__main__ import DEFAULT_MODEL
from fer.models import shipped
from fer.training.config import read_configs
from fer.training.detection_config import DetectionConfig

NAMES = models.available("classifier")
EMOTIONS = [name for name in NAMES if name.startswith("emotion")]


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_give_the_same_probabilities(name):
    model = models.load(name)
    _, height, width, channels = model.input_shape
    faces = synthetic.generate(7, 3, height, color=channels == 3).images
    classifier = inference.Classifier(name)
    fast = classifier.split(classifier(list(faces)))
    batch = faces.reshape(len(faces), height, width, channels) / np.float32(255)
    outputs = model.predict(batch, verbose=0)
    outputs = outputs if isinstance(outputs, dict) else {"emotion": outputs}
    assert set(outputs) == set(fast)
    for output, probabilities in outputs.items():
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_allclose(fast[output], probabilities, atol=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_that_of_the_card_and_its_figures_are_there(name):
    folder = models.shipped.folder(name)
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert page == readme.render(name, shipped.card(folder))
    for figure in ("curves.png", "evaluation.png"):
        assert f"({figure})" in page
        assert (folder / figure).stat().st_size > 10_000


@pytest.mark.parametrize("name", NAMES)
def test_the_configurations_are_those_that_were_trained(name):
    place = models.shipped.folder(name)
    runs = shipped.card(place)["runs"]
    configs = read_configs(place / shipped.CARD)
    assert {output: config.sha256 for output, config in configs.items()} == {
        output: run["config_sha256"] for output, run in runs.items()
    }


def test_the_models_are_small():
    files = [path for path in paths.saved_models().glob("[!r]*/*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 20e6


def test_the_model_that_is_taken_when_none_is_named_fits_into_a_page():
    weights = models.shipped.folder(DEFAULT_MODEL) / "model.tflite"
    assert weights.stat().st_size <= 1_000_000
    assert inference.Predictor(DEFAULT_MODEL).emotions == labels.FER2013


def test_the_readme_has_the_accuracy_of_each_card():
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    test = shipped.card(shipped.folder(yolo.NAME))["measured"]["test"]
    for name, row in test.items():
        assert f"{row['ap50']:.3f}" in text, name
    for name in NAMES:
        for output, values in shipped.card(shipped.folder(name))["measured"]["outputs"].items():
            split = "test" if "test" in values else "validation"
            assert f"{values[split]['accuracy']:.3f}" in text, (name, output)


@pytest.mark.parametrize("name", EMOTIONS)
def test_skin_tones_are_measured_again_as_the_card_has_them(name):
    """What needs no real photos: the same faces, drawn again."""
    card = shipped.card(shipped.folder(name))
    classifier = inference.Classifier(name)
    again = robustness.skin_tones(classifier, classifier.classes["emotion"], measuring.PEOPLE)
    for row, known in zip(again.to_dict("records"), card["measured"]["skin_tones"], strict=True):
        assert json.loads(json.dumps(row)) == pytest.approx(known, abs=0.02)


@pytest.mark.parametrize("accessory", ["none", "glasses", "sunglasses", "mask"])
def test_attributes_are_told_of_drawn_faces_of_other_people(accessory):
    table = synthetic.generate(40, 99, synthetic.MINIMUM_SIZE).table.assign(accessory=accessory)
    faces = list(synthetic.render(table, 128).images)
    classifier = inference.Classifier("attributes")
    told = classifier.split(classifier(faces))
    expected = {"glasses": "none", "mask": "none"}
    expected["mask" if accessory == "mask" else "glasses"] = accessory
    for output, name in expected.items():
        column = classifier.classes[output].index(name)
        assert (told[output].argmax(axis=1) == column).mean() >= 0.9


def test_both_forms_of_the_detector_give_the_same_boxes():
    picture = datasets.load_boxes(**detectors.SCENES | {"n": 1}).image(0)
    fast = faces.detector("yolo").detect(picture)
    slow = yolo.YOLO(model=models.load(yolo.NAME)).detect(picture)
    assert len(fast) == len(slow) > 0
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_allclose(one.box, other.box, atol=2)
        assert one.score == pytest.approx(other.score, abs=0.02)


def test_the_page_of_the_detector_is_that_of_its_card_and_its_folder_is_small():
    folder = shipped.folder(yolo.NAME)
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert page == detector_readme.render(yolo.NAME, shipped.card(folder))
    for figure in ("curves1.png", "curves2.png", "evaluation.png"):
        assert f"({figure})" in page
        assert (folder / figure).stat().st_size > 10_000
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 5e6


def test_the_stages_of_the_detector_are_those_that_were_trained():
    card = shipped.card(shipped.folder(yolo.NAME))
    before = None
    for stage, run in zip(card["stages"], card["runs"], strict=True):
        assert DetectionConfig(**stage["config"], pretrained=before).sha256 == run["config_sha256"]
        before = run["id"]


def test_the_detector_finds_drawn_faces_as_its_card_has_them():
    """What needs no real photos: the same scenes, drawn again."""
    known = shipped.card(shipped.folder(yolo.NAME))["measured"]["scenes"]["yolo"]
    again = detection.evaluate(
        faces.detector("yolo", detection.LOWEST_SCORE),
        datasets.load_boxes(**detectors.SCENES),
        min_size=detectors.MIN_SIZE,
    )
    assert (again.photos, again.faces) == (known["photos"], known["faces"])
    assert again.ap50 == pytest.approx(known["ap50"], abs=0.01)
    assert again.recall == pytest.approx(known["recall"], abs=0.01)
