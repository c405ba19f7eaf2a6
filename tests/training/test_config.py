import hashlib
import json
from dataclasses import asdict

import pytest

from fer.training import TrainingConfig


def test_equal_configurations_have_one_run_whatever_the_order_of_their_options():
    first = TrainingConfig(optimizer_options={"momentum": 0.9, "nesterov": True})
    second = TrainingConfig(optimizer_options={"nesterov": True, "momentum": 0.9})
    assert first.run_id("data") == second.run_id("data")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"learning_rate": 0.0010001},
        {"model_options": {"head": "gap"}},
        {"precision": "mixed_bfloat16"},
    ],
)
def test_every_change_makes_another_run(change):
    config = TrainingConfig()
    assert config.replace(**change).run_id("data") != config.run_id("data")


def test_fields_that_came_later_leave_the_names_of_earlier_runs():
    config = TrainingConfig()
    later = {
        "pretrained": "0123456789ab",
        "weight_decay": 0.0005,
        "learning_rate_multipliers": {"logits": 10},
        "frozen_epochs": {"conv1": 2},
        "class_weight": "balanced",
    }
    values = json.loads(config.to_json())
    for name, value in later.items():
        assert config.replace(**{name: value}).run_id("data") != config.run_id("data")
        del values[name]
    text = json.dumps(values, sort_keys=True, indent=2, ensure_ascii=False)
    assert config.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_teacher_has_one_name_however_it_is_written():
    whole = asdict(TrainingConfig(seed=3))
    earlier = {name: value for name, value in whole.items() if name != "pretrained"}
    names = {
        TrainingConfig(teachers=[teacher], teacher_weight=0.5).run_id("data")
        for teacher in (whole, earlier, {"seed": 3})
    }
    assert len(names) == 1


def test_other_data_make_another_run():
    assert TrainingConfig().run_id("one") != TrainingConfig().run_id("other")


def test_json_gives_the_configuration_back():
    config = TrainingConfig(model_options={"head": "gap", "blocks": [1, 1]}, subset=100, schedule="cosine")
    assert TrainingConfig.from_json(config.to_json()) == config


def test_json_with_an_unknown_field_is_refused():
    text = json.dumps({"epochs": 3, "momentum": 0.9})
    with pytest.raises(ValueError, match=r"Received also: \['momentum'\]"):
        TrainingConfig.from_json(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("batch_size", 3.5),
        ("image_size", "48"),
        ("channels", 2),
        ("learning_rate", -1),
        ("learning_rate", float("inf")),
        ("learning_rate", "0,01"),
        ("seed", -1),
        ("seed", 1.5),
        ("subset", 0),
        ("optimizer", "adm"),
        ("erasing", 1.1),
        ("teacher_weight", "half"),
        ("model_options", {"size": object()}),
        ("pretrained", {"seed": 3}),
        ("weight_decay", -0.1),
        ("learning_rate_multipliers", {"logits": -1}),
        ("learning_rate_multipliers", 0.1),
        ("frozen_epochs", {"conv1": "two"}),
        ("class_weight", "equal"),
    ],
)
def test_wrong_values_are_refused_by_name(field, value):
    with pytest.raises(ValueError, match=f"`{field}`|TrainingConfig holds"):
        TrainingConfig(**{field: value})


def test_a_teacher_must_learn_from_the_data_of_its_student():
    teacher = {"image_size": 64, "channels": 1}
    student = TrainingConfig(image_size=64, teachers=[teacher], teacher_weight=0.5)
    assert student.teacher_configs[0].image_size == 64
    with pytest.raises(ValueError, match=r"`teachers` must have the `image_size` .* 48. Received: 64"):
        TrainingConfig(image_size=48, teachers=[teacher], teacher_weight=0.5)
    with pytest.raises(ValueError, match=r"`teachers` must have the `dataset_options` of what is trained"):
        TrainingConfig(teachers=[{"dataset_options": {"n": 140}}], teacher_weight=0.5)
    with pytest.raises(ValueError, match=r"Received also: \['epoch'\]"):
        TrainingConfig(teachers=[{"epoch": 1}], teacher_weight=0.5)


@pytest.mark.parametrize("fields", [{"teachers": [{}]}, {"teacher_weight": 0.5}])
def test_teachers_need_a_weight_and_a_weight_teachers(fields):
    with pytest.raises(ValueError, match="`teachers` and `teacher_weight` are of use together"):
        TrainingConfig(**fields)


def test_a_teacher_cannot_see_what_the_training_step_augments():
    with pytest.raises(ValueError, match='`engine` must be "fast" or "keras" with `teachers`'):
        TrainingConfig(teachers=[{"engine": "graph"}], teacher_weight=0.5, engine="graph")
