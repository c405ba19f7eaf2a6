"""Measures what tests do not: ratios, from medians of interleaved repeats."""

import argparse
import json
import statistics
import sys
from dataclasses import asdict

from fer import kernel


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("benchmark", nargs="?", choices=["shared-step"], default="shared-step")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = kernel.device_report()  # quiet start, before Keras is imported
    from tests.benchmarks import shared_step

    seconds = shared_step.measure(options.repeats)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    result = {
        "benchmark": options.benchmark,
        "seconds": seconds,
        "median_seconds": medians,
        "ratio": medians["a step for each run"] / medians["one shared step"],
        "machine": {key: value for key, value in asdict(report).items() if key in ("cpu", "cores", "gpus")},
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for name, median in medians.items():
            print(f"{name:<22} {median:6.1f} s for {shared_step.RUNS} runs")
        print(f"{'ratio':<22} {result['ratio']:6.2f}   ({report.cpu}, {report.cores} cores)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
