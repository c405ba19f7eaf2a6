import keras
import numpy as np
import pytest

from fer.models import yolo_boxes
from fer.models.yolo import OBJECT_SHARE, with_boxes, yolov3
from fer.models.yolo_answers import best_boxes

ANCHORS = [[10, 13], [16, 30], [33, 23], [30, 61], [62, 45], [59, 119], [116, 90], [156, 198], [373, 326]]


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return yolov3((64, 96, 3), num_classes=2, width_multiplier=0.35, head_multiplier=0.25)


def test_there_are_three_predictions_a_cell_at_three_scales(network):
    assert network.output_shape == (None, 3 * (8 * 12 + 4 * 6 + 2 * 3), 7)


def test_an_untrained_network_expects_few_objects(network):
    answer = network(np.random.default_rng(0).random((2, 64, 96, 3), dtype="float32"))
    objectness = 1 / (1 + np.exp(-np.asarray(answer)[..., 4]))
    assert np.median(objectness) == pytest.approx(OBJECT_SHARE, rel=0.5)


def test_predictions_stand_in_the_order_of_the_grid(network):
    """At each place the last convolution gives the values of its three anchors, one after the other."""
    images = np.random.default_rng(0).random((1, 64, 96, 3), dtype="float32")
    grid = yolo_boxes.grid((64, 96), ANCHORS)
    answer = np.asarray(network(images))[0]
    for stride in (8, 16, 32):
        convolution = network.get_layer(f"stride{stride}_output").output
        at_places = np.asarray(keras.Model(network.input, convolution)(images))[0]
        for number in np.flatnonzero(grid.strides[:, 0] == stride)[:: 3 * 5]:
            column, row = grid.cells[number].astype(int)
            np.testing.assert_allclose(
                answer[number : number + 3].ravel(), at_places[row, column], rtol=1e-4, atol=1e-5
            )


def test_the_model_in_use_gives_decoded_boxes_and_survives_a_file(network, tmp_path):
    model = with_boxes(network, ANCHORS)
    images = np.random.default_rng(1).random((2, 64, 96, 3), dtype="float32")
    raw, answer = np.asarray(network(images)), np.asarray(model(images))
    grid = yolo_boxes.grid((64, 96), ANCHORS)
    np.testing.assert_allclose(answer[..., :4], np.asarray(yolo_boxes.decode(raw, grid)), rtol=1e-5)
    np.testing.assert_allclose(answer[..., 4:], np.asarray(yolo_boxes.scores(raw)), rtol=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(np.asarray(loaded(images)), answer, rtol=1e-5)


def test_a_call_answers_like_predict_and_changes_no_weight(network):
    """Some layers of Keras switch all that follows to training unless they are told not to."""
    images = np.random.default_rng(0).random((2, *network.input_shape[1:]), dtype=np.float32)
    before = network.get_weights()
    called = np.asarray(network(images))
    np.testing.assert_allclose(called, network.predict(images, verbose=0), atol=1e-5)
    for one, other in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_initializer_and_activation_reaches_the_heads():
    model = yolov3(
        (32, 32, 3),
        1,
        width_multiplier=0.35,
        head_multiplier=0.1,
        activation="tanh",
        kernel_initializer="zeros",
    )
    kernels = [w for layer in model.layers for w in layer.weights if "kernel" in w.name]
    assert all(not np.asarray(kernel).any() for kernel in kernels)
    activations = {getattr(layer, "activation", None) for layer in model.layers} - {None}
    assert {activation.__name__ for activation in activations} <= {"tanh", "linear"}


@pytest.mark.parametrize("shape", [(50, 64, 3), (64, 64), (0, 32, 3)])
def test_sides_are_multiples_of_the_largest_stride(shape):
    with pytest.raises(ValueError, match="multiples of 32"):
        yolov3(shape, 1)


def test_a_detector_has_a_class():
    with pytest.raises(ValueError, match="`num_classes` must be at least 1"):
        yolov3((64, 64, 3), 0)


def test_the_best_of_overlapping_boxes_is_kept_with_its_best_class():
    answer = np.array(
        [
            [0, 0, 10, 10, 0.5, 0.2],
            [1, 0, 10, 10, 0.1, 0.9],
            [50, 50, 10, 10, 0.3, 0.0],
            [80, 0, 9, 9, 0.004, 0],
        ]
    )
    boxes, scores = best_boxes(answer, threshold=0.01)
    np.testing.assert_array_equal(boxes, [[1, 0, 10, 10], [50, 50, 10, 10]])
    np.testing.assert_array_equal(scores, [0.9, 0.3])


def test_a_crowd_of_candidates_is_answered_by_the_best():
    random = np.random.default_rng(0)
    answer = np.concatenate([random.uniform(0, 4000, (1000, 2)), np.full((1000, 2), 5.0)], axis=1)
    answer = np.concatenate([answer, random.uniform(0.1, 1, (1000, 1))], axis=1)
    _, scores = best_boxes(answer)
    assert scores[0] == answer[:, 4].max()
    assert scores.min() >= np.sort(answer[:, 4])[-400]
