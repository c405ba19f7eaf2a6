"""The form: what it shows, what it gives, what it refuses."""

import keras
import pytest

from fer.apps.settings import SettingsForm, differences, hyperparameters
from fer.training import TrainingConfig
from fer.training.base_config import OPTIMIZERS

CONFIG = TrainingConfig(
    subset=500,
    model="small_cnn",
    model_options={"width_multiplier": 0.25},
    optimizer="sgd",
    optimizer_options={"momentum": 0.9, "weight_decay": 1e-4},
    schedule="cosine",
)


@pytest.fixture
def form():
    return SettingsForm(CONFIG)


def test_an_untouched_form_gives_the_configuration_back(form):
    assert form.read().to_json() == CONFIG.to_json()


def test_what_is_changed_is_changed_and_the_rest_stays(form):
    for name, value in {"learning_rate": 0.03, "batch_size": 8, "momentum": 0.5, "nesterov": True}.items():
        form.fields[name].value = value
    assert form.read() == CONFIG.replace(
        learning_rate=0.03,
        batch_size=8,
        optimizer_options={"momentum": 0.5, "weight_decay": 1e-4, "nesterov": True},
    )


@pytest.mark.parametrize(
    ("optimizer", "names"),
    [
        ("sgd", {"momentum", "nesterov"}),
        ("rmsprop", {"rho", "momentum", "epsilon", "centered"}),
        ("adam", {"beta_1", "beta_2", "epsilon", "amsgrad"}),
        ("adamw", {"beta_1", "beta_2", "epsilon", "amsgrad", "weight_decay"}),
        ("adagrad", {"initial_accumulator_value", "epsilon"}),
    ],
)
def test_an_optimizer_has_its_own_fields(form, optimizer, names):
    common = set(form.fields) - {"momentum", "nesterov"}
    form.fields["optimizer"].value = optimizer
    assert set(form.fields) - common == names
    assert set(form.children) == set(form.fields.values())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_field_of_an_optimizer_is_an_argument_of_it(optimizer):
    assert hyperparameters(optimizer)
    type(keras.optimizers.get(optimizer))(**hyperparameters(optimizer))


def test_options_of_one_optimizer_or_network_are_not_given_to_another(form):
    form.fields["optimizer"].value = "adam"
    form.fields["model"].value = "resnet50"
    assert form.read() == CONFIG.replace(
        optimizer="adam", optimizer_options={}, model="resnet50", model_options={}
    )


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("learning_rate", "0,01", "a positive finite number. Received: '0,01'"),
        ("learning_rate", "-1", "a positive finite number. Received: -1.0"),
        ("learning_rate", "nan", "a positive finite number. Received: nan"),
        ("momentum", "1", "at least 0 and below 1. Received: 1.0"),
        ("momentum", "", "at least 0 and below 1. Received: ''"),
        ("batch_size", "2.5", "a positive integer. Received: '2.5'"),
        ("batch_size", "0", "a positive integer. Received: 0"),
        ("epochs", "<b>many</b>", "a positive integer. Received: '<b>many</b>'"),
        ("seed", "-1", "an integer in 0…2³²-1. Received: -1"),
    ],
)
def test_a_bad_value_is_refused_below_its_field_until_it_is_mended(form, name, text, expected):
    field = form.fields[name]
    before = field.input.value
    field.input.value = text
    assert field.reason == f"`{name}` must be {expected}"
    message = field.children[1]
    assert message.layout.display == "block"
    assert "<b>" not in message.value
    assert form.read() is None
    field.input.value = before
    assert field.reason == ""
    assert message.layout.display == "none"
    assert form.read() == CONFIG


def test_all_bad_values_are_named_together(form):
    form.fields["epochs"].value = 0
    form.fields["momentum"].value = -1.0
    assert [name for name, field in form.fields.items() if field.reason] == ["epochs", "momentum"]


def test_a_number_below_zero_is_no_epsilon():
    form = SettingsForm(TrainingConfig(optimizer="adam"))
    form.fields["epsilon"].value = -1e-7
    assert "at least 0" in form.fields["epsilon"].reason


def test_differences_name_what_sets_runs_apart():
    sgd, adam = TrainingConfig(optimizer="sgd"), TrainingConfig(optimizer="adam")
    assert differences([]) == []
    assert differences([sgd]) == ["optimizer sgd, learning rate 0.001"]
    assert differences([sgd, adam]) == ["optimizer sgd", "optimizer adam"]
    momentum = sgd.replace(optimizer_options={"momentum": 0.9}, kernel_initializer="he_normal")
    assert differences([sgd, momentum]) == [
        "initializer glorot_uniform, momentum 0.0",
        "initializer he_normal, momentum 0.9",
    ]
