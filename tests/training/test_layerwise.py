import keras
import numpy as np
import pytest

from fer import training
from fer.training import TrainingConfig
from fer.training.compiled import shape
from fer.training.layerwise import layerwise, value_of

NEUTRAL = {"l2": 0.0, "multipliers": {}, "frozen_steps": {}}


def network():
    inputs = keras.Input((3,))
    x = keras.layers.Dense(2, kernel_initializer="ones", bias_initializer="ones", name="conv1")(inputs)
    x = keras.layers.Dense(2, kernel_initializer="ones", bias_initializer="ones", name="conv1_more")(x)
    return keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="ones", name="logits")(x))


def apply(optimizer, steps=1, gradient=0.5):
    """Returns the variables after steps with the same gradient for all."""
    model = network()
    variables = model.trainable_variables
    for _ in range(steps):
        gradients = [keras.ops.full(variable.shape, gradient) for variable in variables]
        optimizer.apply(gradients, variables)
    return {variable.path: keras.ops.convert_to_numpy(variable) for variable in variables}


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "Adamax"])
def test_a_multiplier_scales_the_step_of_every_optimizer(name):
    kind = getattr(keras.optimizers, name)
    plain = apply(kind(learning_rate=0.1), steps=3)
    slow = apply(kind(learning_rate=0.01), steps=3)
    mixed = apply(
        layerwise(kind)(learning_rate=0.1, **NEUTRAL | {"multipliers": {"": 0.1, "logits": 1.0}}), steps=3
    )
    for path, values in mixed.items():
        expected = plain if path.startswith("logits") else slow
        np.testing.assert_allclose(values, expected[path], rtol=1e-5)


def test_without_rules_nothing_changes():
    plain = apply(keras.optimizers.SGD(0.1, momentum=0.9), steps=3)
    for path, values in apply(
        layerwise(keras.optimizers.SGD)(learning_rate=0.1, momentum=0.9, **NEUTRAL), 3
    ).items():
        np.testing.assert_allclose(values, plain[path], rtol=1e-6)


def test_weight_decay_passes_through_momentum_and_leaves_biases_alone():
    optimizer = layerwise(keras.optimizers.SGD)(learning_rate=0.1, momentum=0.9, **NEUTRAL | {"l2": 0.2})
    values = apply(optimizer, steps=2, gradient=0.5)
    weight, bias, speed = 1.0, 1.0, 0.0
    for _ in range(2):  # Caffe: v = 0.9 v - 0.1 (g + 0.2 w); w = w + v
        speed = 0.9 * speed - 0.1 * (0.5 + 0.2 * weight)
        weight += speed
    bias += -0.1 * 0.5 + (0.9 * -0.1 * 0.5 - 0.1 * 0.5)
    np.testing.assert_allclose(values["conv1/kernel"], weight, rtol=1e-5)
    np.testing.assert_allclose(values["conv1/bias"], bias, rtol=1e-5)


def test_layers_wait_for_their_step():
    rules = NEUTRAL | {"frozen_steps": {"": 2, "logits": 0}}
    optimizer = layerwise(keras.optimizers.SGD)(learning_rate=0.1, momentum=0.9, **rules)
    values = apply(optimizer, steps=2)
    assert np.all(values["conv1/kernel"] == 1)
    assert np.all(values["logits/kernel"] < 1)
    optimizer = layerwise(keras.optimizers.SGD)(learning_rate=0.1, momentum=0.9, **rules)
    assert apply(optimizer, steps=3)["conv1/kernel"] == pytest.approx(1 - 0.1 * 0.5)


def test_the_longest_beginning_counts():
    rules = {"": 0.0, "conv1": 1.0, "conv1_more": 2.0}
    names = ("logits/kernel", "conv1/kernel", "conv1_more/kernel")
    assert [value_of(name, rules, 7.0) for name in names] == [0.0, 1.0, 2.0]
    assert value_of("logits", {"conv": 1.0}, 7.0) == 7.0


CONFIG = TrainingConfig(
    dataset_options={"n": 105, "image_size": 24, "difficulty": "easy"},
    image_size=24,
    model="small_cnn",
    model_options={"width_multiplier": 0.125, "blocks": [1, 1]},
    augmentation="none",
    optimizer="sgd",
    learning_rate=0.05,
    epochs=2,
)


@pytest.fixture(scope="module")
def faces():
    return training.load_data(CONFIG)


def weights(run):
    return {weight.path: keras.ops.convert_to_numpy(weight) for weight in run.model.weights}


def initial(config):
    model = training.build_model(config, num_classes=7, steps_per_epoch=3)
    return {weight.path: keras.ops.convert_to_numpy(weight) for weight in model.weights}


def moved(before, after):
    return {path.split("/")[0] for path in before if np.any(before[path] != after[path])}


@pytest.mark.parametrize("engine", ["fast", "graph"])
def test_a_frozen_layer_keeps_weights_and_statistics(faces, tmp_path, engine):
    config = CONFIG.replace(
        learning_rate_multipliers={"stage1": 0.0},
        engine=engine,
        augmentation="flip" if engine == "graph" else "none",
    )
    run = training.train(config, faces, runs=tmp_path, progress=False)
    names = moved(initial(config), weights(run))
    assert names == {"stage2_conv1", "stage2_conv1_norm", "head_dense", "logits"}


def test_layers_thaw_after_their_epochs(faces, tmp_path):
    epochs = []

    class Snapshots(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            epochs.append(
                {weight.path: keras.ops.convert_to_numpy(weight).copy() for weight in self.model.weights}
            )

    config = CONFIG.replace(frozen_epochs={"stage1": 1, "stage2": 9})
    training.train(config, faces, runs=tmp_path, progress=False, callbacks=[Snapshots()])
    kernels = {"stage1_conv1", "stage2_conv1", "head_dense", "logits"}
    first, second = ({p: w for p, w in weights.items() if p.endswith("kernel")} for weights in epochs)
    start = {path: weight for path, weight in initial(config).items() if path.endswith("kernel")}
    assert moved(start, first) & kernels == {"head_dense", "logits"}
    assert moved(first, second) & kernels == {"stage1_conv1", "head_dense", "logits"}


@pytest.mark.parametrize("field", ["learning_rate_multipliers", "frozen_epochs"])
def test_a_beginning_that_fits_no_layer_is_refused_with_those_that_are_there(field):
    with pytest.raises(ValueError, match=f"`{field}` must .* stage1_conv1, .*logits. Received: 'lgoits'"):
        training.build_model(CONFIG.replace(**{field: {"stage1": 1, "lgoits": 2}}), 7, 3)


def test_runs_of_other_rules_have_training_steps_of_their_own():
    assert len({
        shape(CONFIG.replace(**change))
        for change in (
            {}, {"weight_decay": 0.1}, {"learning_rate_multipliers": {"": 0.1}}, {"frozen_epochs": {"": 1}},
            {"class_weight": "balanced"},
        )
    }) == 5  # fmt: skip


def test_balanced_classes_weigh_the_loss(faces, tmp_path):
    """With a learning rate of next to nothing the loss of an epoch is that of the initial weights."""
    rows = np.flatnonzero((faces.table["emotion"] == "happy") | (faces.table.index % 5 == 0))
    mostly_happy = faces.take(rows)
    data = mostly_happy.split("train")
    config = CONFIG.replace(
        learning_rate=1e-9,
        epochs=1,
        class_weight="balanced",
        model_options={"width_multiplier": 0.125, "blocks": [1], "batch_normalization": False},
    )
    run = training.train(config, mostly_happy, runs=tmp_path, progress=False)
    images, labels = data.arrays(24)
    probabilities = run.model.predict(images / 255.0, verbose=0)[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=7)
    weights_of = len(labels) / (7 * counts)
    expected = np.mean(weights_of[labels] * -np.log(probabilities))
    assert run.history.loc[1, "loss"] == pytest.approx(expected, rel=5e-4)
    assert abs(expected - np.mean(-np.log(probabilities))) > 0.005
