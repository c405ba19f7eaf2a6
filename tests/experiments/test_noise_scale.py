import keras
import numpy as np
import pandas as pd
import pytest

from fer import training
from fer.datasets import FaceDataset
from fer.experiments.noise_scale import gradient_noise_scale, noise_scale_over_training
from fer.experiments.training_loss import TrainingLoss

WEIGHTS = np.float32([[1, -1], [0.5, 0], [0, 0], [-0.5, 1]])


@pytest.fixture(scope="module")
def points():
    """Images of 2×2 pixels with normal values; one class is brighter."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, size=300)
    images = np.clip(random.normal(110 + 20 * labels[:, None, None], 25, (300, 2, 2)), 0, 255)
    table = pd.DataFrame({"emotion": np.array(["a", "b"])[labels], "split": "train"})
    return FaceDataset("points", ("a", "b"), table, images.astype(np.uint8))


@pytest.fixture(scope="module")
def loss():
    """Of softmax(x W) without bias."""
    inputs = keras.Input((2, 2, 1))
    dense = keras.layers.Dense(2, activation="softmax", use_bias=False)
    model = keras.Model(inputs, dense(keras.layers.Flatten()(inputs)))
    dense.set_weights([WEIGHTS])
    return TrainingLoss(model)


def exact(points) -> tuple[float, float]:
    """|G|² and tr(Σ) from the gradient x (p - y)ᵀ of every image."""
    x = points.images.reshape(len(points), 4) / 255
    odds = np.exp(x @ WEIGHTS)
    errors = odds / odds.sum(axis=1, keepdims=True) - np.eye(2)[points.labels]
    gradients = (x[:, :, None] * errors[:, None, :]).reshape(len(points), 8)
    mean = gradients.mean(axis=0)
    return mean @ mean, np.sum((gradients - mean) ** 2) / len(points)


@pytest.mark.parametrize(("small", "large"), [(4, 32), (16, 128)])
def test_estimates_what_all_single_gradients_say(loss, points, small, large):
    squared, variance = exact(points)
    scale = gradient_noise_scale(loss, points, small=small, large=large, draws=150)
    errors = scale.draws.std() / np.sqrt(len(scale.draws))
    assert abs(scale.draws["gradient_squared"].mean() - squared) < 3 * errors["gradient_squared"]
    assert abs(scale.draws["variance"].mean() - variance) < 3 * errors["variance"]
    assert scale.value == pytest.approx(variance / squared, rel=0.25)
    assert scale.low < variance / squared < scale.high
    assert scale.value == pytest.approx(
        scale.draws["variance"].mean() / scale.draws["gradient_squared"].mean()
    )


def test_the_interval_narrows_with_more_draws(loss, points):
    few, many = (gradient_noise_scale(loss, points, small=4, large=32, draws=draws) for draws in (20, 180))
    assert many.high - many.low < 0.7 * (few.high - few.low)


def test_a_gradient_that_is_not_seen_gives_an_infinite_scale(loss, points):
    opposite = points.take([0, 0])
    opposite.table["emotion"] = pd.Categorical(["a", "b"])  # the gradients nearly cancel
    scales = [gradient_noise_scale(loss, opposite, small=1, large=2, draws=8, seed=seed) for seed in range(6)]
    seen = [scale.draws["gradient_squared"].mean() > 0 for scale in scales]
    assert len(set(seen)) == 2
    assert [np.isfinite(scale.value) for scale in scales] == seen
    assert all(scale.high == np.inf for scale in scales)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"small": 32, "large": 80}, "`large` must be a multiple"),
        ({"draws": 1}, "`draws` must be at least 2"),
    ],
)
def test_wrong_arguments_are_refused(loss, points, options, message):
    with pytest.raises(ValueError, match=message):
        gradient_noise_scale(loss, points, **options)


def test_is_measured_on_the_way_of_a_training():
    config = training.TrainingConfig(
        dataset_options={"n": 70, "image_size": 16, "difficulty": "easy"},
        image_size=16,
        model="small_cnn",
        model_options={"width_multiplier": 0.125},
        augmentation="none",
        epochs=2,
    )
    faces = training.load_data(config)
    options = {"small": 8, "large": 16, "draws": 4}
    frame = noise_scale_over_training(config, faces, epochs=[0, 2], **options)
    assert frame["epoch"].tolist() == [0, 2]
    history = training.train(config, faces, progress=False).history.set_index("epoch")
    for column in ("loss", "val_accuracy"):
        np.testing.assert_allclose(frame[column], history.loc[[0, 2], column], rtol=1e-4)
    untrained = TrainingLoss(training.build_model(config, 7, 7))
    expected = gradient_noise_scale(untrained, faces.split("train"), **options)
    assert frame["noise_scale"].iloc[0] == pytest.approx(expected.value, rel=1e-3)
