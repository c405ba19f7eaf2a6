from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fer import datasets, training
from fer.experiments import activations
from fer.training import TrainingConfig


def comparison(leaky, relu, n=1000):
    rows = [
        {"arm": arm, "seed": seed, "accuracy": value, "n": n}
        for arm, values in (("leaky_relu", leaky), ("relu", relu))
        for seed, value in enumerate(values)
    ]
    return SimpleNamespace(results=pd.DataFrame(rows))


def test_the_average_counts_every_data_set_alike_seed_by_seed():
    leaky, relu = [0.72, 0.75, 0.70], [0.70, 0.71, 0.71]
    small_leaky, small_relu = [0.50, 0.48, 0.55], [0.40, 0.42, 0.40]
    frame = activations.difference_by_dataset(
        {"large": comparison(leaky, relu), "small": comparison(small_leaky, small_relu, n=100)}
    )
    assert frame.index.tolist() == ["large", "small", "average"]
    assert frame.loc["large", "difference"] == pytest.approx(np.mean(leaky) - np.mean(relu))
    first = (np.array(leaky) + small_leaky) / 2
    second = (np.array(relu) + small_relu) / 2
    assert frame.loc["average", ["leaky_relu", "relu"]].tolist() == pytest.approx(
        [first.mean(), second.mean()]
    )
    assert frame.loc["average", "p_value"] == pytest.approx(stats.ttest_rel(first, second).pvalue, rel=0.02)
    assert frame.loc["average", "n"] == 1100


def test_the_average_is_over_the_real_data_sets_where_all_are_there_and_mixes_them_with_no_others():
    high, low = comparison([0.9] * 2, [0.8] * 2), comparison([0.5] * 2, [0.45] * 2)
    stand_ins = {"like CK+": low, "like MMI": low}
    some = activations.difference_by_dataset(stand_ins | {"CK+": high})
    assert some.loc["average", "leaky_relu"] == pytest.approx(0.5)
    everything = activations.difference_by_dataset(stand_ins | dict.fromkeys(activations.REAL, high))
    assert everything.loc["average", ["leaky_relu", "n"]].tolist() == pytest.approx([0.9, 3000])
    assert "average" not in activations.difference_by_dataset({"fer2013": high}).index


def test_verdicts_are_corrected_for_their_number():
    clear = comparison([0.81, 0.82, 0.83, 0.84], [0.70, 0.71, 0.72, 0.735])
    even = comparison([0.70, 0.72, 0.71, 0.73], [0.71, 0.71, 0.73, 0.72])
    frame = activations.difference_by_dataset({"clear": clear, "even": even})
    assert frame["verdict"].tolist()[:2] == ["higher", "no difference shown"]
    reverse = activations.difference_by_dataset({"clear": clear}, "relu", "leaky_relu")
    assert reverse.loc["clear", "verdict"] == "lower"
    assert reverse.loc["clear", "p_holm"] == reverse.loc["clear", "p_value"]
    assert (frame["p_holm"] >= frame["p_value"]).all()


def test_a_seed_that_lacks_a_value_is_left_out():
    frame = activations.difference_by_dataset(
        {"a": comparison([0.7, np.nan, 0.8], [0.6, 0.6, 0.6]), "b": comparison([0.7] * 3, [0.65] * 3)}
    )
    assert frame["seeds"].tolist() == [2, 3, 2]


def test_the_source_reports_a_gain_of_two_points_and_a_half_on_average():
    assert activations.SOURCE.loc["average"].diff().iloc[1] == pytest.approx(0.0264)
    means = activations.SOURCE.drop(index="average").mean()
    assert means.tolist() == pytest.approx(activations.SOURCE.loc["average"].tolist(), abs=1e-4)


def test_a_reader_has_the_name_that_the_source_gives_its_data():
    assert [activations.title(name) for name in ("ckplus", "kdef", "fer2013")] == ["CK+", "KDEF", "fer2013"]


def test_the_stand_ins_differ_as_the_source_data_do():
    data = {
        name: task.dataset for name, task in activations.stand_ins(TrainingConfig(image_size=16), 210).items()
    }
    assert [len(dataset) for dataset in data.values()] == [210, 70, 210]
    assert data["like CK+"].images.ndim == 3
    assert data["like MMI"].images.ndim == data["like KDEF"].images.ndim == 4
    assert len(data["like MMI"].emotions) == 5
    shares = data["like MMI"].table["emotion"].value_counts(normalize=True)
    assert shares.max() > 2.5 * shares.min()
    spread = {name: dataset.table["yaw"].abs().mean() for name, dataset in data.items()}
    assert spread["like KDEF"] > 2 * spread["like CK+"]
    for dataset in data.values():
        parts = dataset.table["split"].value_counts(normalize=True)
        assert parts[["train", "validation", "test"]].tolist() == pytest.approx([0.6, 0.2, 0.2], abs=0.06)


def test_activations_are_compared_on_every_data_set(tmp_path):
    config = TrainingConfig(
        image_size=16, model="small_cnn", model_options={"blocks": [1], "width_multiplier": 0.125},
        augmentation="none", epochs=1,
    )  # fmt: skip
    tasks = activations.stand_ins(config, 210)
    del tasks["like KDEF"]
    options = {"seeds": [1, 2], "runs": tmp_path, "progress": False}
    result = activations.compare_on(tasks, ["relu", "leaky_relu"], **options)
    frame = activations.difference_by_dataset(result)
    assert frame.index.tolist() == ["like CK+", "like MMI", "average"]
    sizes = [len(task.dataset.split("test")) for task in tasks.values()]
    assert frame["n"].tolist() == [*sizes, sum(sizes)]
    (run,) = result["like MMI"].results.query("arm == 'relu' and seed == 2")["run"]
    kept = training.Run.open(tmp_path / run).config
    assert training.load_data(kept).fingerprint == tasks["like MMI"].dataset.fingerprint


def test_real_data_are_taken_where_they_lie_in_their_folders(monkeypatch, tmp_path):
    assert activations.real_data(TrainingConfig()) == {}
    (tmp_path / "kdef").mkdir()
    monkeypatch.setenv("FER_DATA", str(tmp_path))
    with pytest.raises(datasets.MissingDataError, match="kdef"):
        activations.real_data(TrainingConfig())
