import keras
import numpy as np
import pandas as pd
import pytest

from fer.datasets.base import FaceDataset
from fer.evaluation.predictions import predict
from fer.pipelines import evaluation_batches, train_batches


@pytest.fixture
def faces():
    images = np.random.default_rng(0).integers(0, 256, (7, 8, 8), dtype=np.uint8)
    table = pd.DataFrame({"emotion": ["angry", "happy"] * 3 + ["sad"], "split": "test"})
    return FaceDataset("tiny", ("angry", "happy", "sad"), table, images=images)


@pytest.fixture
def model():
    inputs = keras.Input((8, 8, 1))
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(inputs)))


def test_rows_follow_the_data_set(faces, model):
    probabilities = predict(model, evaluation_batches(faces, 8, 1, batch_size=3))
    weights, bias = model.layers[-1].get_weights()
    scores = np.exp(faces.images.reshape(7, 64) / 255 @ weights + bias)
    np.testing.assert_allclose(probabilities, scores / scores.sum(axis=1, keepdims=True), rtol=1e-4)
    assert probabilities.dtype == np.float32


def test_refuses_shuffled_batches(faces, model):
    with pytest.raises(ValueError, match="`batches` must keep the order"):
        predict(model, train_batches(faces, 8, 1, batch_size=3))
