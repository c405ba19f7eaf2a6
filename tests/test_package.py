"""The package as a whole: light to import, floors that only lean downwards, one list of requirements."""

import ast
import subprocess
import sys
import tomllib

import pytest

from fer import paths

FLOORS = (
    ("boxes", "kernel", "paths", "labels", "files", "images"),
    ("synthetic",),
    ("datasets",),
    ("pipelines",),
    ("models",),
    ("faces",),
    ("inference",),
    ("evaluation",),
    ("training",),
    ("notebooks", "worker"),
    ("experiments",),
    ("plotting",),
    ("apps", "cards"),
)
"""From the ground up."""


def imported_parts(path) -> set[str]:
    """Names of the parts of fer that a module imports."""
    parts = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "fer":
            parts |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fer."):
            parts.add(node.module.split(".")[1])
    return parts


def test_imports_only_go_down():
    height = {part: floor for floor, parts in enumerate(FLOORS) for part in parts}
    for path in sorted((paths.ROOT / "fer").rglob("*.py")):
        part = path.relative_to(paths.ROOT / "fer").parts[0].removesuffix(".py")
        if part == "__init__" or path.name == "__main__.py":  # a command line stands on top
            continue
        higher = [other for other in imported_parts(path) if height[other] > height[part]]
        assert not higher, f"{path} imports {higher} from above"


@pytest.mark.parametrize(
    "module",
    [
        "fer",
        "fer.apps.emoticon.__main__",
        "fer.apps.game.__main__",
        "fer.labels",
        "fer.datasets.__main__",
        "fer.faces.__main__",
        "fer.cards.__main__",
        "fer.evaluation.__main__",
        "fer.inference.__main__",
        "fer.models",
        "fer.kernel",
        "fer.synthetic.__main__",
        "fer.training.__main__",
        "fer.worker",
    ],
)
def test_importing_needs_no_keras(module):
    code = f"import sys, {module}; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_and_the_tested_set_require_the_same():
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["project"]
    tested = (paths.ROOT / "requirements.txt").read_text().split("# For the tests.")[0]
    names = {line.split(">=")[0] for line in tested.splitlines() if ">=" in line}
    assert {requirement.split(">=")[0] for requirement in project["dependencies"]} <= names
