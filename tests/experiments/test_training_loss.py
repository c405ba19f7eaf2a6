import keras
import numpy as np
import pytest

from fer import models
from fer.evaluation.gradients import loss_gradient_norms
from fer.experiments.training_loss import TrainingLoss, flat_weights


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return models.build("small_cnn", (16, 16, 1), 3, width_multiplier=0.125)


@pytest.fixture
def batch():
    random = np.random.default_rng(0)
    return random.random((6, 16, 16, 1), dtype=np.float32), np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 1]]


def test_the_value_is_that_of_a_keras_training_step(model, batch):
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="categorical_crossentropy")
    value = TrainingLoss(model).value(flat_weights(model), *batch)
    assert value == pytest.approx(model.train_on_batch(*batch), rel=1e-5)


def test_other_weights_than_those_of_the_model_are_used(model, batch):
    other = models.build("small_cnn", (16, 16, 1), 3, width_multiplier=0.125)
    value = TrainingLoss(model).value(flat_weights(other), *batch)
    assert value == pytest.approx(TrainingLoss(other).value(flat_weights(other), *batch), rel=1e-5)
    assert value != pytest.approx(TrainingLoss(model).value(flat_weights(model), *batch), rel=1e-3)


def test_the_gradient_of_each_kernel_is_the_measured_one(model, batch):
    gradient = TrainingLoss(model).gradient(flat_weights(model), *batch)
    borders = np.cumsum([int(np.prod(variable.shape)) for variable in model.trainable_variables])[:-1]
    parts = np.split(gradient, borders)
    pairs = zip(model.trainable_variables, parts, strict=True)
    norms = [np.linalg.norm(part) for variable, part in pairs if variable.name == "kernel"]
    np.testing.assert_allclose(norms, loss_gradient_norms(model, *batch)["norm"], rtol=1e-4)


def test_the_model_stays_as_it_was(model, batch):
    before = model.get_weights()
    loss = TrainingLoss(model)
    loss.value(flat_weights(model) + 1, *batch)
    loss.gradient(flat_weights(model) + 1, *batch)
    for expected, weight in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
