"""Runs the study of a notebook headless and prints its result table."""

import argparse
import json
import sys
from pathlib import Path

from fer import datasets, kernel, notebooks


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m fer.experiments", description=__doc__)
    parser.add_argument(
        "study", choices=["optimizers", "initializers", "batch-sizes", "activations", "transfer"]
    )
    parser.add_argument(
        "--profile", choices=notebooks.PROFILES, default="quick", help="settings of the notebook"
    )
    parser.add_argument("--dataset", choices=datasets.available(), help="data set in place of the notebook's")
    parser.add_argument("--data", help="folder or file of that data set")
    parser.add_argument(
        "--target", help="folder of class folders: the small data set of the study of transfer"
    )
    parser.add_argument("--save", type=Path, help="folder for the tables (csv) and the environment")
    parser.add_argument(
        "--estimate", action="store_true", help="measure a step and say how long it would take"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    if options.data and not options.dataset:
        parser.error("--data needs --dataset, which says how to read it")
    if options.estimate and options.study != "optimizers":
        parser.error("--estimate is there for the study of optimizers")
    if options.target and options.study != "transfer":
        parser.error("--target is there for the study of transfer")
    kernel.device_report()  # quiet start, before Keras is imported
    from fer.experiments import studies

    settings = studies.settings(options.study, options.profile)
    if options.dataset:
        settings |= {"dataset_name": options.dataset, "data_root": options.data}
    if options.target:
        settings |= {"target_root": options.target}
    try:
        if options.estimate:
            print(studies.estimate(settings))
            return 0
        result = studies.run(options.study, settings, progress=not options.json)
    except (FileNotFoundError, datasets.DamagedDataError) as error:
        print(error, file=sys.stderr)
        return 1
    except ValueError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("Interrupted. Finished runs are kept: run the command again, and it goes on.", file=sys.stderr)
        return 130
    if options.save:
        result.save(options.save)
    print(json.dumps(result.to_dict(), indent=2) if options.json else result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
