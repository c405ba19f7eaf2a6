"""Executes the numbered notebooks top to bottom: ``python -m fer.notebooks run``.

A notebook states its quick values in one cell tagged ``parameters``; ``notebooks/profiles.toml`` holds the
smoke and full values for the same names. The executed copies (ipynb and html) are left with an index page
under ``notebooks/executed/``.
"""

import argparse
import ast
import asyncio
import html
import os
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from traitlets.config import Config

from fer import datasets, paths
from fer.files import atomic_write

PROFILES = ("smoke", "quick", "full")


def available() -> list[str]:
    """Returns the names of the numbered notebooks, in order: "01_data_exploration", …"""
    return sorted(path.stem for path in paths.notebooks().glob("[0-9][0-9]_*.ipynb"))


def select(numbers: Sequence[str]) -> list[str]:
    """Returns the notebooks that the numbers or names stand for; all of them for an empty sequence.

    Args:
        numbers: For example ["01", "2", "05_optimizers"].

    Raises:
        ValueError: A number or name that no notebook has.
    """
    names = available()
    chosen = []
    for number in numbers:
        matches = [name for name in names if number == name or number.zfill(2) == name[:2]]
        if not matches:
            raise ValueError(f"There is no notebook {number!r}. There are: {', '.join(names)}")
        chosen += matches
    return chosen or names


def default_parameters(name: str) -> dict:
    """Returns the quick values: those of the cell tagged ``parameters``; none where there is no such cell.

    Args:
        name: Name of the notebook.
    """
    notebook = nbformat.read(paths.notebooks() / f"{name}.ipynb", as_version=4)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    nodes = [node for cell in tagged for node in ast.parse(cell.source).body]
    return {node.targets[0].id: ast.literal_eval(node.value) for node in nodes}


def profile_parameters(profile: str, name: str) -> dict:
    """Returns the parameter values that a profile sets in a notebook.

    The quick profile sets none. No profile opens the page of an application (``open_page``), since it would
    end with the kernel of the run.

    Args:
        profile: "smoke", "quick" or "full".
        name: Name of the notebook.
    """
    if profile not in PROFILES:
        raise ValueError(f"`profile` must be one of {list(PROFILES)}. Received: {profile!r}")
    profiles = tomllib.loads((paths.notebooks() / "profiles.toml").read_text(encoding="utf-8"))
    closed = {"open_page": False} if "open_page" in default_parameters(name) else {}
    return profiles.get(profile, {}).get(name, {}) | closed


def execute(
    name: str,
    parameters: dict | None = None,
    destination: Path | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> Path:
    """Executes one notebook and saves the executed copy, also when a cell fails.

    Args:
        name: Name of the notebook, without ending.
        parameters: Values to set in place of those in the cell tagged ``parameters``.
        destination: Folder of the executed copies; ``notebooks/executed`` by default.
        report: Is called with the pieces of a progress line as cells start and end.

    Returns:
        The executed ipynb; the html stands beside it.

    Raises:
        RuntimeError: A cell failed. The message names the notebook, the cell and the error.
    """
    destination = Path(destination or paths.notebooks() / "executed")
    notebook = load_notebook_node(str(paths.notebooks() / f"{name}.ipynb"))
    if parameters:
        notebook = parameterize_notebook(notebook, parameters, kernel_name="fer", language="python")
    cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    started = {}

    def notebook_starts(notebook):
        # nbclient's own handler stops the kernel, and then trips over the missing kernel.
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    def cell_starts(cell, cell_index):
        if cell.cell_type == "code":
            started[cell_index] = time.perf_counter()
            report(f"  [{cells.index(cell_index) + 1:2}/{len(cells)}] {_caption(cell):<70.70} ")

    def cell_ends(cell, cell_index, execute_reply):
        report(f"{time.perf_counter() - started[cell_index]:6.1f} s\n")

    client = NotebookClient(
        notebook,
        kernel_name="fer",
        timeout=None,
        coalesce_streams=True,
        shutdown_kernel="immediate",  # everything a cell writes is whole by then
        config=Config(KernelManager={"transport_encryption": "auto"}),
        resources={"metadata": {"path": str(paths.notebooks())}},
        on_notebook_start=notebook_starts,
        on_cell_start=cell_starts,
        on_cell_executed=cell_ends,
    )
    begin = time.perf_counter()
    error = None
    try:
        client.execute()
    except (CellExecutionError, DeadKernelError) as exception:
        cell_index = max(started, default=0)
        cause = getattr(exception, "ename", ""), getattr(exception, "evalue", "the kernel died")
        error = (
            f"{name}, cell {cells.index(cell_index) + 1} of {len(cells)} "
            f"({_caption(notebook.cells[cell_index])!r}): {': '.join(part for part in cause if part)}"
        )
        raise RuntimeError(error) from exception
    finally:
        notebook.metadata["fer"] = {
            "seconds": round(time.perf_counter() - begin, 1),
            "parameters": parameters or {},
            "error": error,
            "finished": error is None and sys.exc_info()[0] is None,
        }
        _save(notebook, name, destination)
    return destination / f"{name}.ipynb"


def write_index(destination: Path) -> Path:
    """Writes index.html, a table of the executed notebooks found in a folder, and returns its path."""
    rows = []
    for path in sorted(destination.glob("[0-9][0-9]_*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        record = notebook.metadata.get("fer", {})
        state = "finished" if record.get("finished") else record.get("error") or "interrupted"
        settings = ", ".join(f"{key}={value}" for key, value in record.get("parameters", {}).items())
        link = f'<a href="{path.stem}.html">{html.escape(_title(notebook))}</a>'
        cells = [
            link,
            html.escape(state),
            f"{record.get('seconds', 0):.0f} s",
            html.escape(settings or "quick"),
        ]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    page = INDEX_PAGE.replace("{rows}", "\n".join(rows))
    with atomic_write(destination / "index.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    return destination / "index.html"


INDEX_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>FER laboratory: executed notebooks</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ddd; padding: .5rem; text-align: left; vertical-align: top; }
td:last-child { color: #666; font-size: 85%; }
</style>
<h1>Executed notebooks</h1>
<table>
<tr><th>Notebook</th><th>State</th><th>Time</th><th>Settings that differ from the quick ones</th></tr>
{rows}
</table>
</html>
"""


def _save(notebook: nbformat.NotebookNode, name: str, destination: Path) -> None:
    page, _ = HTMLExporter(embed_images=True).from_notebook_node(notebook)
    with atomic_write(destination / f"{name}.ipynb") as temporary:
        nbformat.write(notebook, temporary)
    with atomic_write(destination / f"{name}.html") as temporary:
        temporary.write_text(page, encoding="utf-8")


def _title(notebook: nbformat.NotebookNode) -> str:
    return notebook.cells[0].source.splitlines()[0].lstrip("# ")


def _caption(cell: nbformat.NotebookNode) -> str:
    return next((line for line in cell.source.splitlines() if line.strip()), "")


def _run(names: Iterable[str], profile: str, overrides: dict, destination: Path) -> int:
    failures = []
    for name in names:
        print(f"{name} ({profile})", flush=True)
        begin = time.perf_counter()
        known = default_parameters(name) if overrides else {}
        parameters = profile_parameters(profile, name)
        parameters |= {key: value for key, value in overrides.items() if key in known}
        try:
            execute(name, parameters, destination, report=lambda text: print(text, end="", flush=True))
        except RuntimeError as error:
            failures.append(str(error))
            print(f"\n  FAILED {error}", flush=True)
        print(f"  {time.perf_counter() - begin:.0f} s", flush=True)
        write_index(destination)
    print(f"Executed notebooks: {destination / 'index.html'}")
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if failures else 0


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m fer.notebooks", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="print the names of the notebooks")
    run = commands.add_parser("run", help="execute notebooks and write html pages")
    run.add_argument("notebooks", nargs="*", help="numbers or names; all by default")
    run.add_argument("--profile", choices=PROFILES, default="quick")
    run.add_argument("--dataset", choices=datasets.available(), help="data set for all notebooks")
    run.add_argument("--data", help="folder or file of that data set")
    run.add_argument("--target", help="folder of class folders: the small data set of notebook 07")
    run.add_argument("--out", type=Path, default=paths.notebooks() / "executed", help="folder for the copies")
    options = parser.parse_args(arguments)
    if options.command == "list":
        print("\n".join(available()))
        return 0
    overrides = {}
    if options.dataset:
        overrides["dataset_name"] = options.dataset
    if options.data:
        if not options.dataset:
            parser.error("--data needs --dataset, which says how to read it")
        if not Path(options.data).exists():
            parser.error(f"--data: {Path(options.data).absolute()} does not exist")
        overrides["data_root"] = str(Path(options.data).absolute())
    if options.target:
        if not Path(options.target).is_dir():
            parser.error(f"--target: {Path(options.target).absolute()} is no folder")
        overrides["target_root"] = str(Path(options.target).absolute())
    try:
        names = select(options.notebooks)
        if options.dataset:
            datasets.load(options.dataset, root=options.data)  # missing data show before any page is replaced
        return _run(names, options.profile, overrides, options.out.absolute())
    except (datasets.MissingDataError, datasets.DamagedDataError) as error:
        print(error, file=sys.stderr)
        return 1
    except ValueError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("\nInterrupted. Finished notebooks are kept; run the command again to go on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    sys.exit(main())
