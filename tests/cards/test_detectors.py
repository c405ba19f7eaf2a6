"""The card of a detector: trained in stages, measured beside the others, opened by name."""

import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from fer import datasets, faces, inference, models, paths
from fer.cards import detector_readme, detectors
from fer.cards.__main__ import main
from fer.datasets import boxes_csv
from fer.faces import yolo

SIDE = 96
CONFIG = {
    "image_size": SIDE,
    "width_multiplier": 0.35,
    "head_multiplier": 0.25,
    "batch_size": 4,
    "steps_per_epoch": 2,
    "epochs": 1,
}
PHOTOS = {"name": "boxes_csv", "root": "photos"}
DRAWN = {"name": "scenes", "n": 4, "image_size": SIDE, "fractions": [1, 0, 0]}
TEXTS = {
    "kind": "detector",
    "title": "a small test",
    "purpose": "Shows how a card is made.",
    "input": "float32, shape (n, 96, 96, 3), range 0…1",
    "data": ["Drawn scenes."],
    "recipe": ["Two steps."],
    "failures": ["All kinds."],
    "not_for": ["Anything."],
    "commands": ["python -m fer.cards build tiny"],
    "stages": [{"config": CONFIG, "data": [PHOTOS]}, {"config": CONFIG, "data": [PHOTOS, DRAWN]}],
}


@pytest.fixture(scope="module", autouse=True)
def eager():
    """For a few steps compiling takes longer than computing; notebook 08 is tested with compiled steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def saved_models(tmp_path_factory):
    """A folder of trained models in which "tiny" was built from photos with boxes."""
    place = tmp_path_factory.mktemp("saved_models")
    photos = place / "data" / "photos"
    photos.mkdir(parents=True)
    scenes = datasets.load_boxes("scenes", n=20, image_size=SIDE, sizes=(30, 0.6))
    for row in range(len(scenes)):
        Image.fromarray(scenes.image(row)).save(photos / f"{scenes.photos['file'][row]}.png")
    files = scenes.photos["file"] + ".png"
    scenes = type(scenes)(
        scenes.name, scenes.classes, scenes.photos.assign(file=files), scenes.boxes, scenes.pictures
    )
    boxes_csv.write(scenes, photos / "boxes.csv")
    (place / "tiny").mkdir()
    (place / "tiny" / "card.json").write_text(json.dumps(TEXTS), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "saved_models", lambda: place)
        patch.setattr(yolo, "NAME", "tiny")
        patch.setattr(faces, "available", lambda: ["ssd", "yolo"])
        patch.setattr(detectors, "SCENES", detectors.SCENES | {"n": 4})
        arguments = ["build", "tiny", "--root", str(place / "data"), "--runs", str(place / "runs")]
        assert main(arguments) == 0
    return place


@pytest.fixture
def card(saved_models, monkeypatch):
    monkeypatch.setattr(paths, "saved_models", lambda: saved_models)
    monkeypatch.setattr(yolo, "NAME", "tiny")
    return json.loads((saved_models / "tiny" / "card.json").read_text(encoding="utf-8"))


def test_the_card_keeps_its_texts_and_has_a_run_for_each_stage(card, saved_models):
    assert TEXTS.items() <= card.items()
    first, second = card["runs"]
    config = json.loads((saved_models / "runs" / second["id"] / "config.json").read_text())
    assert config["pretrained"] == first["id"]
    assert first["anchors"] == second["anchors"]


def test_every_detector_that_is_there_is_measured_on_the_same_photos(card):
    for results in (card["measured"]["test"], card["measured"]["scenes"]):
        assert {"yolo", "ssd"} <= set(results)
        assert len({(row["photos"], row["faces"]) for row in results.values()}) == 1
        assert all(row["milliseconds"] > 0 for row in results.values())


def test_both_forms_give_the_same_boxes(card, saved_models):
    model = models.load("tiny")
    picture = datasets.load_boxes("scenes", n=1, image_size=SIDE).image(0)
    quick = faces.detector("yolo", 0.005).detect(picture)
    slow = yolo.YOLO(0.005, model).detect(picture)
    assert len(quick) == len(slow)
    for one, other in zip(quick, slow, strict=True):
        np.testing.assert_allclose(one.box, other.box, atol=1)
        assert one.score == pytest.approx(other.score, abs=0.01)


def test_the_page_is_that_of_the_card_and_shows_figures_that_are_there(card, saved_models):
    page = (saved_models / "tiny" / "README.md").read_text(encoding="utf-8")
    assert page == detector_readme.render("tiny", card)
    for figure in ("curves1.png", "curves2.png", "evaluation.png"):
        assert f"({figure})" in page
        assert (saved_models / "tiny" / figure).stat().st_size > 5_000


def test_a_detector_is_listed_as_such_and_is_no_classifier(card):
    assert models.available("detector") == models.available() == ["tiny"]
    assert models.available("classifier") == []
    with pytest.raises(ValueError, match=r"'tiny' finds faces: see fer\.faces\.detector"):
        inference.Classifier("tiny")


def test_a_damaged_file_is_refused(card, saved_models):
    path = saved_models / "tiny" / "model.tflite"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    try:
        with pytest.raises(ValueError, match=r"model\.tflite is damaged"):
            faces.detector("yolo")
    finally:
        path.write_bytes(whole)


def test_a_second_build_measures_again_and_does_not_train_again(card, saved_models, monkeypatch):
    monkeypatch.setattr(detectors, "SCENES", detectors.SCENES | {"n": 4})
    monkeypatch.setattr(faces, "available", lambda: ["yolo"])
    fast = (saved_models / "tiny" / "model.tflite").read_bytes()  # to convert takes longer than all the rest
    monkeypatch.setattr(
        detectors.exporting, "convert", lambda _, destination, __: destination.write_bytes(fast)
    )
    before = {path: path.stat().st_mtime_ns for path in saved_models.glob("runs/*/model.keras")}
    detectors.build(saved_models / "tiny", saved_models / "data", saved_models / "runs")
    assert {path: path.stat().st_mtime_ns for path in saved_models.glob("runs/*/model.keras")} == before
