import math

import pytest

from fer.training import TrainingConfig, schedules


def test_constant_is_the_learning_rate():
    assert schedules.build(TrainingConfig(learning_rate=0.3), steps_per_epoch=10) == 0.3


def test_cosine_follows_its_formula_after_a_linear_rise():
    config = TrainingConfig(
        learning_rate=0.1, schedule="cosine", schedule_options={"warmup_epochs": 2}, epochs=10
    )
    schedule = schedules.build(config, steps_per_epoch=5)
    for step in range(51):
        rising = 0.1 * (step + 1) / 10
        falling = 0.1 * 0.5 * (1 + math.cos(math.pi * (step - 10) / 40))
        assert float(schedule(step)) == pytest.approx(rising if step < 10 else falling, abs=1e-7)


def test_warmup_rises_linearly_and_stays():
    config = TrainingConfig(learning_rate=0.4, schedule="warmup", schedule_options={"warmup_epochs": 2})
    schedule = schedules.build(config, steps_per_epoch=2)
    assert [float(schedule(step)) for step in range(6)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4, 0.4])


def test_step_falls_tenfold_every_ten_epochs():
    config = TrainingConfig(learning_rate=0.001, schedule="step", epochs=30)
    schedule = schedules.build(config, steps_per_epoch=4)
    rates = [float(schedule(step)) for step in (0, 39, 40, 79, 80, 119)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5], rel=1e-5)
    halving = config.replace(schedule_options={"every_epochs": 0.5, "factor": 0.5})
    rates = [float(schedules.build(halving, steps_per_epoch=4)(step)) for step in range(5)]
    assert rates == pytest.approx([1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4], rel=1e-5)


def test_unknown_schedules_and_options_are_refused():
    with pytest.raises(ValueError, match=r"`schedule` must be one of"):
        schedules.build(TrainingConfig(schedule="polynomial"), 10)
    with pytest.raises(ValueError, match=r"`schedule_options` of 'cosine'"):
        schedules.build(TrainingConfig(schedule="cosine", schedule_options={"period": 3}), 10)
