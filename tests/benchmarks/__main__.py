"""Measures what tests do not: ratios of medians over interleaved repeats, on this machine."""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path

from fer import kernel
from fer.files import atomic_write
from tests.benchmarks.timing import Result, ratio

BENCHMARKS = {
    "augment": "augment",
    "training-step": "training_step",
    "data-wait": "data_wait",
    "shared-step": "shared_step",
    "frames": "frames",
    "start-up": "start_up",
    "growth": "growth",
    "applications": "applications",
}
"""Name → module with ``measure(repeats)``."""

PACKAGES = ("tensorflow", "keras", "numpy", "opencv-python", "ai-edge-litert")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="BENCHMARK", help=f"default: all of {', '.join(BENCHMARKS)}"
    )
    parser.add_argument("--repeats", type=int, default=5, help="default: 5")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--report", type=Path, metavar="FILE", help="also write the tables as Markdown")
    options = parser.parse_args()
    names = options.names or list(BENCHMARKS)
    if options.repeats < 1:
        parser.error(f"--repeats must be at least 1. Received: {options.repeats}")
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"BENCHMARK must be among {list(BENCHMARKS)}. Received: {sorted(unknown)}")
    device = kernel.device_report()  # quiet start, before Keras is imported
    benchmarks = {}
    for name in names:
        module = importlib.import_module(f"tests.benchmarks.{BENCHMARKS[name]}")
        results = module.measure(options.repeats)
        benchmarks[name] = {"about": module.__doc__.splitlines()[0], "results": _rows(results)}
        if not options.json:
            print(_table(name, benchmarks[name]), flush=True)
    report = {
        "date": date.today().isoformat(),
        "machine": {key: value for key, value in asdict(device).items() if key != "reason"},
        "packages": {package: version(package) for package in PACKAGES},
        "benchmarks": benchmarks,
    }
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    if options.report:
        with atomic_write(options.report) as temporary:
            temporary.write_text(_markdown(report, str(device)), encoding="utf-8")
    return 0


def _rows(results: list[Result]) -> list[dict]:
    return [asdict(result) | {"median": result.median, "ratio": ratio(result, results)} for result in results]


def _table(name: str, benchmark: dict) -> str:
    lines = [f"{name}: {benchmark['about']}"]
    for row in benchmark["results"]:
        times = "" if row["ratio"] is None else f"{row['ratio']:8.2f} × {row['reference']}"
        median, spread = _number(row["median"]), _range(row["values"])
        lines.append(f"  {row['case']:<60}{median:>9} {row['unit']:<11}{spread:<20}{times}")
    return "\n".join(lines) + "\n"


def _markdown(report: dict, device: str) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in report["packages"].items())
    lines = [
        "# Benchmarks",
        "",
        f"Measured on {report['date']} by `python -m tests.benchmarks --report FILE`: medians of interleaved",
        "repeats, with the least and the largest. A ratio is the median over that of the case it names. On",
        "another machine the numbers differ, and the ratios less.",
        "",
        *(f"    {line}" for line in device.splitlines()),
        "",
        packages + ".",
    ]
    for name, benchmark in report["benchmarks"].items():
        lines += ["", f"## {name}", "", benchmark["about"], "", "| case | median | range | unit | ratio |"]
        lines += ["|---|---:|---:|---|---|"]
        for row in benchmark["results"]:
            times = "" if row["ratio"] is None else f"**{row['ratio']:.2f}** × {row['reference']}"
            spread = f"{_number(min(row['values']))} to {_number(max(row['values']))}"
            lines.append(f"| {row['case']} | {_number(row['median'])} | {spread} | {row['unit']} | {times} |")
    return "\n".join(lines) + "\n"


def _range(values: Sequence[float]) -> str:
    return f"{_number(min(values))} to {_number(max(values))}" if len(values) > 1 else "once"


def _number(value: float) -> str:
    """Three significant digits, or all of a large number's."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
