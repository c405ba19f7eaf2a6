import keras
import numpy as np
import pytest

from fer import datasets, training
from fer.experiments import transfer
from fer.experiments.task import Task
from fer.training import Run, TrainingConfig

CONFIG = TrainingConfig(
    image_size=24,
    model="small_cnn",
    model_options={"width_multiplier": 0.125, "blocks": [1]},
    augmentation="none",
    epochs=2,
    learning_rate=3e-3,
)
TUNE = CONFIG.replace(learning_rate=1e-3, epochs=1)


@pytest.fixture(scope="module")
def auxiliary():
    return datasets.load("synthetic", n=140, image_size=24, difficulty="easy")


@pytest.fixture(scope="module")
def hair():
    return datasets.load("synthetic", n=105, image_size=24, label="hair_style", seed=9)


@pytest.fixture(scope="module")
def target():
    emotions = {"happy": 2, "sad": 1, "angry": 1}
    return datasets.load("synthetic", n=70, image_size=24, difficulty="hard", seed=5, emotions=emotions)


@pytest.fixture(scope="module")
def tasks(auxiliary, hair, target):
    return {
        "general": Task(CONFIG.replace(epochs=1), hair),
        "auxiliary": Task(CONFIG, auxiliary),
        "target": Task(CONFIG.replace(epochs=1, steps_per_epoch=3), target),
    }


@pytest.fixture(scope="module")
def chains(tasks):
    return transfer.strategies(tasks, fine_tuning_rate=1e-3, fine_tuning_epochs=1)


@pytest.fixture(scope="module")
def runs(chains, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return transfer.train_chains(chains, seeds=[1, 2], runs=folder, progress=False), folder


def test_every_chain_goes_on_from_its_own_seed(runs, chains, auxiliary, hair):
    trained, folder = runs
    assert set(trained) == {(name, seed) for name in chains for seed in (1, 2)}
    for seed in (1, 2):
        learned = trained["two stages", seed].config.pretrained
        assert trained["auxiliary only", seed].config.pretrained == learned
        before = Run.open(folder / learned)
        assert before.config.seed == seed
        assert learned == Run.find(before.config, auxiliary, folder).id
        general = Run.open(folder / before.config.pretrained)
        assert general.id == Run.find(general.config, hair, folder).id
        assert trained["one stage", seed].config.pretrained == general.id
        assert trained["joint", seed].config.pretrained == general.id
        assert trained["target only", seed].config.pretrained is None
    shared = [path for path in folder.iterdir() if (path / "metrics.json").is_file()]
    assert len(shared) == 2 * (1 + 1 + 5)  # each of the first two stages once a seed


def test_auxiliary_only_changes_no_weight(runs):
    trained, folder = runs
    run = trained["auxiliary only", 1]
    before = Run.open(folder / run.config.pretrained).model
    for layer in run.model.layers:
        if layer.weights and layer.name != "logits":
            for mine, theirs in zip(
                layer.get_weights(), before.get_layer(layer.name).get_weights(), strict=True
            ):
                np.testing.assert_array_equal(mine, theirs)
    columns = [0, 3, 4]  # angry, happy, sad of FER-2013
    np.testing.assert_array_equal(
        run.model.get_layer("logits").get_weights()[0],
        before.get_layer("logits").get_weights()[0][:, columns],
    )


def test_strategies_are_compared_on_the_test_faces_of_the_target(chains, target, runs):
    _, folder = runs
    result = transfer.compare_chains(chains, target, [1, 2], runs=folder, progress=False)
    assert result.split == "test"
    assert set(result.results["arm"]) == set(chains)
    assert (result.results["n"] == len(target.split("test"))).all()
    run = Run.open(folder / result.results.set_index(["arm", "seed"]).loc[("joint", 1), "run"])
    images, labels = target.split("test").arrays(24)
    accuracy = (run.model.predict(images / 255.0, verbose=0).argmax(axis=1) == labels).mean()
    assert result.results.set_index(["arm", "seed"]).loc[("joint", 1), "accuracy"] == pytest.approx(accuracy)


def test_only_what_knows_emotions_is_tuned_at_the_lower_rate(chains):
    rates = {name: [task.config.learning_rate for task in stages] for name, stages in chains.items()}
    assert rates == {
        "target only": [3e-3],
        "one stage": [3e-3, 3e-3],
        "auxiliary only": [3e-3, 3e-3, 1e-3],
        "two stages": [3e-3, 3e-3, 1e-3],
        "joint": [3e-3, 3e-3],
    }


def test_weights_of_the_builder_take_the_place_of_the_general_task_but_in_target_only(auxiliary, target):
    config = CONFIG.replace(model="alexnet", model_options={"weights": "imagenet", "width_multiplier": 0.5})
    chains = transfer.strategies(
        {"auxiliary": Task(config, auxiliary), "target": Task(config, target)}, 1e-3, 1
    )
    options = {name: [task.config.model_options for task in stages] for name, stages in chains.items()}
    assert options["target only"] == [{"width_multiplier": 0.5}]
    assert options["one stage"] == [config.model_options]
    assert options["two stages"] == [config.model_options] * 2


def test_target_sizes_limit_the_training_images_and_not_the_steps(tasks, target, tmp_path):
    n = len(target.split("train"))
    frame = transfer.by_target_size(
        tasks, (1e-3, 1), [10, 1000], [1], ["target only", "joint"], runs=tmp_path, progress=False
    )
    assert frame["training_images"].tolist() == [10, 10, n, n]
    assert (frame["n"] == len(target.split("test"))).all()
    few, all_images = (Run.open(tmp_path / name) for name in frame.loc[[0, 2], "run"])
    assert few.config == all_images.config
    assert few.config.steps_per_epoch == 3


OPTIONS = {
    "data_root": None,
    "splits": "FER28",
    "target_root": None,
    "target_options": {"n": 70, "image_size": 24, "seed": 5},
    "target_fractions": [0.6, 0.2, 0.2],
    "target_steps": 2,
    "scratch_epochs": 4,
    "general_options": {"n": 70, "image_size": 24, "label": "hair_style"},
    "general_epochs": 3,
}


def test_the_tasks_are_loaded_as_their_configurations_say():
    config = CONFIG.replace(dataset_options={"n": 105, "image_size": 24})
    tasks = transfer.load_tasks(config, **OPTIONS)
    assert [tasks[name].config.epochs for name in ("auxiliary", "target", "general")] == [2, 4, 3]
    for task in tasks.values():
        assert training.load_data(task.config).fingerprint == task.dataset.fingerprint
    same = config.replace(dataset_options=tasks["target"].config.dataset_options | {"image_size": 32})
    with pytest.raises(ValueError, match="leaves synthetic without images"):  # all are copies of the target's
        transfer.load_tasks(same, **OPTIONS | {"target_options": {"n": 70, "image_size": 32, "seed": 5}})
    assert "general" not in transfer.load_tasks(
        config.replace(model_options={"weights": "imagenet"}), **OPTIONS
    )
    fer32 = transfer.load_tasks(config, **OPTIONS | {"splits": "FER32"})["auxiliary"].dataset
    assert len(fer32.split("train")) == sum(
        len(tasks["auxiliary"].dataset.split(s)) for s in ("train", "validation")
    )


def test_wrong_splits_and_a_missing_test_split_are_refused(tmp_path):
    config = CONFIG.replace(dataset_options={"n": 105, "image_size": 24})
    with pytest.raises(ValueError, match=r"`splits` must be .* Received: 'FER30'"):
        transfer.load_tasks(config, **OPTIONS | {"splits": "FER30"})
    without_test = config.replace(dataset_options={"n": 105, "image_size": 24, "fractions": [0.8, 0.2, 0.0]})
    with pytest.raises(ValueError, match=r"without images to validate on. Received: 'FER32'"):
        transfer.load_tasks(without_test, **OPTIONS | {"splits": "FER32"})


def test_a_folder_of_class_folders_is_a_target(tmp_path, target):
    for row in range(len(target)):
        folder = tmp_path / "faces" / target.table["emotion"][row]
        folder.mkdir(parents=True, exist_ok=True)
        keras.utils.save_img(folder / f"{row}.png", target.image(row)[..., None], scale=False)
    config = CONFIG.replace(dataset_options={"n": 105, "image_size": 24})
    task = transfer.load_tasks(config, **OPTIONS | {"target_root": tmp_path / "faces"})["target"]
    assert task.dataset.name == task.config.dataset == "folder"
    assert task.dataset.emotions == ("angry", "happy", "sad")
    assert len(task.dataset) == len(target)
    for path in sorted((tmp_path / "faces").rglob("*.png"))[9:]:
        path.unlink()
    for emotion in ("happy", "sad"):
        keras.utils.save_img(tmp_path / "faces" / emotion / "0.png", target.image(0)[..., None], scale=False)
    with pytest.raises(ValueError, match=r"(?s)10 images in validation and in test. Received:.*validation"):
        transfer.load_tasks(config, **OPTIONS | {"target_root": tmp_path / "faces"})
    with pytest.raises(datasets.MissingDataError, match="must have a folder for each class"):
        transfer.load_tasks(config, **OPTIONS | {"target_root": tmp_path / "nothing"})


def test_a_stage_that_diverges_ends_its_chain(auxiliary, target, tmp_path):
    wild = CONFIG.replace(optimizer="sgd", learning_rate=1e7)
    chains = {
        "wild": [Task(wild, auxiliary), Task(TUNE, target)],
        "calm": [Task(CONFIG, auxiliary), Task(TUNE, target)],
    }
    trained = transfer.train_chains(chains, [1], runs=tmp_path, progress=False)
    assert trained["wild", 1].status == "diverged"
    assert trained["calm", 1].status == "finished"
    result = transfer.compare_chains(chains, target, [1], runs=tmp_path, progress=False)
    assert result.summary.loc["wild", "diverged"] == 1
