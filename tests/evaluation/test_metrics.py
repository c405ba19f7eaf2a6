import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
import sklearn.metrics
from scipy import stats

from fer.evaluation import evaluate, wilson_interval

EMOTIONS = ("angry", "happy", "sad", "fear")


@pytest.fixture(scope="module")
def predictions():
    """Probabilities and labels of 300 images that agree more often than by chance; "fear" has no image."""
    random = np.random.default_rng(0)
    labels = random.choice(3, size=300, p=[0.6, 0.3, 0.1])
    scores = random.normal(size=(300, 4)) + 1.5 * np.eye(4)[labels]
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return probabilities.astype(np.float32), labels


@pytest.fixture(scope="module")
def metrics(predictions):
    return evaluate(*predictions, EMOTIONS)


def test_per_class_figures_are_those_of_scikit_learn(metrics, predictions):
    probabilities, labels = predictions
    expected = sklearn.metrics.precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=range(4), zero_division=0
    )
    for column, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        np.testing.assert_allclose(metrics.per_class[column], values, err_msg=column)
    assert metrics.per_class["support"]["fear"] == 0
    assert metrics.per_class["support"].sum() == metrics.n == 300


def test_accuracy_and_confusion_are_those_of_scikit_learn(metrics, predictions):
    probabilities, labels = predictions
    predicted = probabilities.argmax(axis=1)
    assert metrics.accuracy == pytest.approx(sklearn.metrics.accuracy_score(labels, predicted))
    for table, normalize in ((metrics.confusion, None), (metrics.normalized_confusion, "true")):
        expected = sklearn.metrics.confusion_matrix(labels, predicted, labels=range(4), normalize=normalize)
        np.testing.assert_allclose(table, expected)
        assert (table.index.name, table.columns.name) == ("true", "predicted")
        assert tuple(table.index) == tuple(table.columns) == EMOTIONS


def test_macro_f1_leaves_out_classes_without_images(metrics, predictions):
    probabilities, labels = predictions
    expected = sklearn.metrics.f1_score(
        labels, probabilities.argmax(axis=1), labels=[0, 1, 2], average="macro"
    )
    assert metrics.macro_f1 == pytest.approx(expected)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (7, 10), (2512, 3589)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilson_interval_is_that_of_scipy(successes, n, confidence):
    expected = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    assert wilson_interval(successes, n, confidence) == pytest.approx(tuple(expected), abs=1e-9)


def test_accuracy_comes_with_its_interval(metrics):
    successes = round(metrics.accuracy * 300)
    assert metrics.accuracy_interval == wilson_interval(successes, 300)


def test_calibration_error_is_the_weighted_gap_of_confidence_and_accuracy():
    # Two images of confidence 0.9, one of them right; two of confidence 0.6, both right; one of 0.5, wrong.
    first = np.array([0.9, 0.1, 0.6, 0.6, 0.5 - 1e-6])
    probabilities = np.stack([first, 1 - first], axis=1)
    metrics = evaluate(probabilities, np.array([0, 0, 0, 0, 0]), ("angry", "happy"))
    np.testing.assert_allclose(metrics.reliability["confidence"], [0.5, 0.6, 0.9], atol=1e-5)
    np.testing.assert_allclose(metrics.reliability["accuracy"], [0, 1, 0.5])
    assert list(metrics.reliability["n"]) == [1, 2, 2]
    assert list(metrics.reliability["bin"]) == [7, 8, 13]
    expected = 1 / 5 * 0.5 + 2 / 5 * 0.4 + 2 / 5 * 0.4
    assert metrics.expected_calibration_error == pytest.approx(expected, abs=1e-5)


def test_the_upper_edge_belongs_to_a_calibration_bin():
    probabilities = np.array([[1.0, 0.0], [0.8, 0.2], [0.8 + 1e-9, 0.2 - 1e-9]])
    metrics = evaluate(probabilities, np.array([0, 0, 0]), ("angry", "happy"))
    assert list(metrics.reliability["bin"]) == [11, 12, 14]


def test_a_class_that_is_never_predicted_gives_no_warning_and_a_precision_of_0():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metrics = evaluate(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1]), ("angry", "happy"))
    assert metrics.per_class.loc["happy"].to_dict() == {"precision": 0, "recall": 0, "f1": 0, "support": 1}
    assert metrics.macro_f1 == pytest.approx((2 / 3 + 0) / 2)


def test_json_gives_back_the_same_figures(metrics):
    read = json.loads(json.dumps(metrics.to_dict(), allow_nan=False))
    assert read["accuracy_interval"] == list(metrics.accuracy_interval)
    assert read["per_class"]["sad"] == metrics.per_class.loc["sad"].to_dict()
    assert read["confusion"] == metrics.confusion.to_numpy().tolist()
    assert sum(row["n"] for row in read["reliability"]) == 300


@pytest.mark.parametrize(
    ("probabilities", "labels", "argument"),
    [
        ([[0.5, 0.5]], [0, 1], "probabilities"),
        ([[0.5, 0.3, 0.2]], [0], "probabilities"),
        ([[0.5, 0.6]], [0], "probabilities"),
        ([[1.5, -0.5]], [0], "probabilities"),
        ([[np.nan, 1.0]], [0], "probabilities"),
        ([[0.5, 0.5]], [2], "labels"),
        ([[0.5, 0.5]], [-1], "labels"),
        ([[0.5, 0.5]], [0.0], "labels"),
        ([[0.5, 0.5]], [[0, 1]], "labels"),
        (np.zeros((0, 2)), np.zeros(0, dtype=int), "labels"),
    ],
)
def test_refuses_a_wrong_argument_by_name(probabilities, labels, argument):
    with pytest.raises(ValueError, match=f"`{argument}` must .* Received: "):
        evaluate(np.array(probabilities), np.array(labels), ("angry", "happy"))


@pytest.mark.parametrize(("successes", "n"), [(-1, 3), (4, 3), (0, 0)])
def test_wilson_interval_refuses_impossible_counts(successes, n):
    with pytest.raises(ValueError, match="`successes`"):
        wilson_interval(successes, n)


def test_metrics_do_not_import_keras():
    program = "import sys; import fer.evaluation; print('keras' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
