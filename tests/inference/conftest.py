"""One small network with random weights, its fast form, and a picture of drawn faces."""

import keras
import numpy as np
import pytest

from fer import inference, labels, models, synthetic


def build_network(input_shape, seed=0):
    """Returns a network whose probabilities are far from equal and whose normalization changes something."""
    keras.utils.set_random_seed(seed)
    model = models.build("small_cnn", input_shape, len(labels.FER2013), width_multiplier=0.25)
    generator = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(generator.normal(0, 0.1, layer.moving_mean.shape))
            layer.moving_variance.assign(generator.uniform(0.5, 2, layer.moving_variance.shape))
    logits = model.get_layer("logits")
    logits.kernel.assign(10 * logits.kernel)
    return model


@pytest.fixture(scope="session")
def random_network():
    """A function that builds a network from an input shape."""
    return build_network


@pytest.fixture(scope="session")
def network():
    return build_network((48, 48, 1))


@pytest.fixture(scope="session")
def keras_file(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("keras") / "model.keras"
    network.save(path)
    return path


@pytest.fixture(scope="session")
def exported(keras_file, tmp_path_factory):
    return inference.export(keras_file, tmp_path_factory.mktemp("exported"), {"emotion": labels.FER2013})


@pytest.fixture(scope="session")
def predictor(exported):
    return inference.Predictor(exported, "ssd")


@pytest.fixture(scope="session")
def portraits():
    """Four drawn faces, RGB, 200 × 200."""
    return synthetic.generate(4, image_size=200, color=True, difficulty="easy").images


@pytest.fixture(scope="session")
def group(portraits):
    """A picture of 500 × 560 pixels with the four faces."""
    picture = np.full((500, 560, 3), 128, dtype=np.uint8)
    for portrait, (y, x) in zip(portraits, [(20, 30), (20, 320), (270, 30), (270, 320)], strict=True):
        picture[y : y + 200, x : x + 200] = portrait
    return picture
