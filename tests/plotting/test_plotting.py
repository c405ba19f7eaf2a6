"""Figures: what is drawn, not pixels."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from fer import labels, plotting
from fer.datasets import FaceDataset
from fer.evaluation import evaluate


@pytest.fixture
def faces():
    """Four images an emotion; those of "happy" are bright."""
    emotions = list(labels.FER2013) * 4
    images = np.full((28, 8, 8), 100, dtype=np.uint8)
    images[[row for row, emotion in enumerate(emotions) if emotion == "happy"]] = 200
    table = pd.DataFrame({"emotion": emotions, "split": ["train"] * 14 + ["validation"] * 14})
    return FaceDataset("boxes", labels.FER2013, table, images)


@pytest.fixture
def metrics():
    """Three of four right; "b" is once called "a"."""
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.2, 0.8]])
    return evaluate(probabilities, np.array([0, 0, 1, 1]), ("a", "b"))


@pytest.fixture
def history():
    return pd.DataFrame(
        {
            "epoch": [0, 1],
            "loss": [2, 1],
            "accuracy": [0.1, 0.6],
            "val_loss": [2, 1.5],
            "val_accuracy": [0.2, 0.5],
        }
    )


def test_class_balance_stacks_the_splits_to_the_counts(faces):
    counts = faces.counts()
    ax = plotting.class_balance(counts)
    tops = [bar.get_y() + bar.get_height() for bar in ax.containers[-1]]
    assert tops == counts.sum().tolist() == [4] * 7
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "train (n = 14)",
        "validation (n = 14)",
    ]


def test_sample_grid_draws_each_emotion_in_its_row(faces):
    figure = plotting.sample_grid(faces, columns=3)
    happy = next(ax for ax in figure.axes if ax.get_ylabel().startswith("happy"))
    assert happy.images[0].get_array().min() == 200
    assert "n = 4" in happy.get_ylabel()
    assert happy.images[0].get_clim() == (0, 255)


def test_mean_faces_shows_the_difference_from_all(faces):
    figure = plotting.mean_faces(faces, size=8)
    means, differences = figure.axes[:7], figure.axes[7:14]
    overall = (6 * 100 + 200) / 7
    position = labels.FER2013.index("happy")
    assert means[position].images[0].get_array().mean() == 200
    assert differences[position].images[0].get_array().mean() == pytest.approx(200 - overall, abs=1e-3)


def test_pixel_statistics_places_each_image_at_its_mean_and_deviation(faces):
    ax = plotting.pixel_statistics(faces, size=8)
    points = ax.collections[0].get_offsets()
    assert sorted(set(points[:, 0])) == [100, 200]
    assert set(points[:, 1]) == {0}


def test_photo_to_crop_draws_the_boxes(faces):
    photo = np.zeros((40, 80), dtype=np.uint8)
    figure = plotting.photo_to_crop(photo, [(10, 5, 20, 30)], [photo[5:35, 10:30]])
    (box,) = figure.axes[0].patches
    assert (box.get_x(), box.get_y(), box.get_width(), box.get_height()) == (10, 5, 20, 30)
    assert figure.axes[1].get_title(loc="left") == "crop 1, 20×30 px"


def test_confusion_matrix_shows_the_shares_of_each_row(metrics):
    ax = plotting.confusion_matrix(metrics, title="toy")
    assert [text.get_text() for text in ax.texts] == ["1.00", "0.00", "0.50", "0.50"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a (2)", "b (2)"]
    assert "toy\naccuracy 0.750" in ax.get_title(loc="left")


def test_per_class_draws_precision_recall_and_f1(metrics):
    ax = plotting.per_class(metrics)
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    np.testing.assert_allclose(heights, [[2 / 3, 1], [1, 0.5], [0.8, 2 / 3]])


def test_reliability_diagram_places_each_bin(metrics):
    ax = plotting.reliability_diagram(metrics)
    points = ax.collections[-1].get_offsets()
    np.testing.assert_allclose(points, metrics.reliability[["confidence", "accuracy"]])
    assert f"ECE {metrics.expected_calibration_error:.3f}" in ax.get_title(loc="left")


def test_sample_predictions_marks_what_is_wrong(metrics):
    images = np.zeros((2, 4, 4, 1), dtype=np.uint8)
    figure = plotting.sample_predictions(
        images, np.array([0, 1]), np.array([[0.9, 0.1], [0.7, 0.3]]), ("a", "b"), columns=2
    )
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["a 90%", "A 70%\nis b"]


def test_split_gap_draws_the_interval(metrics):
    ax = plotting.split_gap({"train": metrics, "test": metrics})
    assert [bar.get_height() for bars in ax.containers[::2] for bar in bars] == [0.75, 0.75]
    segment = ax.collections[0].get_segments()[0]
    np.testing.assert_allclose(segment[:, 1], metrics.accuracy_interval)


def test_grad_cam_lays_each_map_over_its_face():
    images = np.zeros((3, 4, 4, 1), dtype=np.uint8)
    heatmaps = np.stack([np.full((4, 4), value) for value in (0.1, 0.2, 0.3)])
    figure = plotting.grad_cam(images, heatmaps, ["x", "y", "z"], columns=2)
    drawn = [ax.images[1].get_array().mean() for ax in figure.axes if len(ax.images) == 2]
    assert drawn == pytest.approx([0.1, 0.2, 0.3])


def test_training_curves_draw_training_dashed_and_validation_solid(history):
    ax = plotting.training_curves({"run": history}, "accuracy", chance=1 / 7)
    training, validation = ax.lines[:2]
    assert training.get_linestyle() == "--"
    assert training.get_ydata().tolist() == [0.1, 0.6]
    assert validation.get_ydata().tolist() == [0.2, 0.5]
    assert ax.lines[2].get_ydata()[0] == pytest.approx(1 / 7)


def test_the_loss_of_an_untrained_network_does_not_flatten_the_curves_of_the_trained_one():
    history = pd.DataFrame({"epoch": [0, 1, 2], "loss": [320.0, 1.9, 1.5], "val_loss": [325.0, 2.0, np.nan]})
    ax = plotting.training_curves({"run": history, "new": history[:0]}, "loss")
    assert ax.get_ylim() == pytest.approx((0.9 * 1.5, 2.2))
    assert plotting.training_curves({"new": history[:1]}, "loss").get_ylim()[1] > 320


def test_gradient_norms_are_drawn_on_a_log_scale():
    frame = pd.DataFrame({"depth": [0, 1], "rms": [1e-9, 1e-2]})
    ax = plotting.gradient_norms({"plain": frame})
    assert ax.get_yscale() == "log"
    assert ax.lines[0].get_ydata().tolist() == [1e-9, 1e-2]


def test_pictures_fill_a_grid_row_by_row():
    figure = plotting.pictures(
        [np.full((2, 2), value, np.uint8) for value in range(5)], list("abcde"), columns=3
    )
    assert [ax.get_title() for ax in figure.axes[:5]] == list("abcde")
    assert [int(ax.images[0].get_array()[0, 0]) for ax in figure.axes[:5]] == [0, 1, 2, 3, 4]


def test_every_emotion_of_a_vocabulary_has_its_own_colour():
    for vocabulary in (labels.FER2013, labels.FERPLUS, labels.AIHUB):
        colors = [plotting.EMOTION_COLORS[emotion] for emotion in vocabulary]
        assert len(set(colors)) == len(vocabulary)


def test_a_figure_is_drawn_on_the_axes_that_are_given(metrics, history):
    ax = plt.subplots()[1]
    assert plotting.reliability_diagram(metrics, ax=ax) is ax
    assert plotting.training_curves({"run": history}, "loss", ax=ax) is ax
