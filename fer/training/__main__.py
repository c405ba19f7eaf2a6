"""Trains what a file says, without a notebook: ``python -m fer.training --config FILE``."""

import argparse
import json
import shlex
import sys
from pathlib import Path

from fer import kernel
from fer.files import atomic_write
from fer.training.config import TrainingConfig, read_configs

SUMMARY = "summary.png"


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    options = _parser().parse_args(arguments)
    if options.example:
        print(TrainingConfig().to_json())
        return 0
    try:
        configs = read_configs(options.config)
        kernel.device_report()  # quiet start, before Keras is imported
        results = {name: _train(name, config, options) for name, config in configs.items()}
    except (OSError, ValueError, RuntimeError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. The same command goes on after the last finished epoch.", file=sys.stderr)
        return 130
    if options.json:
        print(json.dumps(results, ensure_ascii=False))
    return 1 if any(result["status"] == "diverged" for result in results.values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer.training",
        description="Trains what a configuration says, or what the card of a trained model was made from. "
        "The run is kept in its own folder; after an interruption the same command goes on. A finished run "
        "is not trained again.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--config", type=Path, metavar="FILE", help="config.json or card.json")
    source.add_argument(
        "--example",
        action="store_true",
        help="print a configuration with all its fields, to change; help(fer.training.TrainingConfig) "
        "in Python explains each",
    )
    parser.add_argument("--root", type=Path, help="folder or file of the data set (default: data/NAME)")
    parser.add_argument("--runs", type=Path, help="folder of all runs (default: saved_models/runs)")
    parser.add_argument("--json", action="store_true", help="print JSON in place of progress")
    return parser


def _train(name: str, config: TrainingConfig, options: argparse.Namespace) -> dict:
    from fer import training

    progress = not options.json
    dataset = training.load_data(config, options.root)
    if progress:
        print(f"{name}: {config.model} on {dataset}\n{kernel.device_report(config.precision)}", flush=True)
    run = training.train(config, dataset, runs=options.runs, progress=progress)
    result = {"run": str(run.folder), "status": run.status, "best_epoch": run.metrics["best_epoch"]}
    if run.status == "diverged":
        if progress:
            print(f"The loss diverged in epoch {run.metrics['diverged_in_epoch']}: see {run.folder}")
        return result
    metrics = run.evaluation("validation")
    low, high = metrics.accuracy_interval
    result["summary"] = str(_draw(name, run))
    result["validation"] = {
        "n": metrics.n,
        "accuracy": metrics.accuracy,
        "accuracy_interval": [low, high],
        "balanced_accuracy": metrics.balanced_accuracy,
        "macro_f1": metrics.macro_f1,
    }
    if progress:
        print(
            f"Validation accuracy {metrics.accuracy:.3f} (95 % interval {low:.3f} to {high:.3f}, "
            f"n = {metrics.n:,}), macro-F1 {metrics.macro_f1:.3f}, best epoch {result['best_epoch']}.\n"
            f"Model, history and {SUMMARY} are in {run.folder}\n{_next(run, options.root)}"
        )
    return result


def _next(run, root: Path | None) -> str:
    """Says how to test a run; a test on a subset of the data has no command."""
    config = run.config
    command = ["python", "-m", "fer.evaluation", str(run.folder), "--dataset", config.dataset]
    command += ["--root", str(root)] if root else []
    command += ["--options", json.dumps(config.dataset_options)] if config.dataset_options else []
    return "" if config.subset else f"To test it, once, at the end: {shlex.join(command)}"


def _draw(name: str, run) -> Path:
    """Draws the curves and the confusion matrix of a finished run into its folder."""
    from matplotlib.figure import Figure

    from fer import plotting

    plotting.use_style()
    figure = Figure(figsize=(19, 5.5), layout="constrained")
    axes = figure.subplots(1, 3)
    for metric, ax in zip(("accuracy", "loss"), axes, strict=False):
        plotting.training_curves({name: run.history}, metric, ax=ax)
    plotting.confusion_matrix(run.evaluation("validation"), title=f"{name}: validation", ax=axes[2])
    path = run.folder / SUMMARY
    with atomic_write(path) as temporary:
        figure.savefig(temporary)
    return path


if __name__ == "__main__":
    sys.exit(main())
