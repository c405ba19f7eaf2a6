import numpy as np
import pytest

from fer import datasets
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
def chains(auxiliary, hair, target):
    first = [Task(CONFIG.replace(epochs=1), hair)]
    return transfer.strategies(first, Task(CONFIG, auxiliary), Task(CONFIG, target), TUNE)


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


def test_weights_of_the_builder_are_left_out_of_target_only(auxiliary, target):
    config = CONFIG.replace(model="alexnet", model_options={"weights": "imagenet", "width_multiplier": 0.5})
    chains = transfer.strategies([], Task(config, auxiliary), Task(config, target), config)
    options = {name: [stage.config.model_options for stage in stages] for name, stages in chains.items()}
    assert options["target only"] == [{"width_multiplier": 0.5}]
    assert options["one stage"] == [config.model_options]
    assert len(options["two stages"]) == 2


def test_target_sizes_limit_the_training_images_alone(target, tmp_path):
    rates = {"slow": 1e-3, "fast": 1e-2}

    def chains(few):
        return {name: [Task(TUNE.replace(learning_rate=rate), few)] for name, rate in rates.items()}

    frame = transfer.by_target_size(chains, target, [10, 1000], [1], runs=tmp_path, progress=False)
    assert frame["training_images"].tolist() == [10, 10, *[len(target.split("train"))] * 2]
    assert (frame["n"] == len(target.split("test"))).all()


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
