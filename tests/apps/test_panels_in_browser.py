"""The training panel as its users meet it: in JupyterLab, in a browser."""

import json
import os
import re
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

CELLS = (
    "from fer import kernel\nprint(kernel.configure())",
    "from fer import training\n"
    "from fer.apps import panels\n"
    "config = training.TrainingConfig(\n"
    "    dataset_options={'n': 280, 'image_size': 32, 'difficulty': 'easy'}, image_size=32,\n"
    "    model='small_cnn', model_options={'width_multiplier': 0.25}, augmentation='flip',\n"
    "    optimizer='sgd', learning_rate=0.03, batch_size=16, epochs=1000,\n"
    ")\n"
    "panels.TrainingPanel(training.load_data(config), config)",
)
RUN_ALL = """
jupyterapp.shell.currentWidget.context.sessionContext.ready
    .then(() => jupyterapp.commands.execute("notebook:run-all-cells"))
    .then(arguments[0])
"""
SECONDS = 90
"""How long the slowest step may take on a machine that has other work."""


@pytest.fixture(scope="module")
def server(tmp_path_factory, registered_kernel):
    """The address of a notebook with a panel, in a JupyterLab of its own."""
    folder = tmp_path_factory.mktemp("jupyter")
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
    notebook.metadata["kernelspec"] = {"name": "fer", "display_name": "FER (GPU)", "language": "python"}
    (folder / "work").mkdir()
    nbformat.write(notebook, folder / "work" / "panel.ipynb")
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    (folder / "settings").mkdir()
    (folder / "settings" / "overrides.json").write_text(json.dumps(quiet))
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "FER_RUNS")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--LabApp.app_settings_dir={folder / 'settings'}", "--LabApp.expose_app_in_browser=True"]
    command += [f"--ServerApp.root_dir={folder / 'work'}", "--IdentityProvider.token=secret"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | {name: str(folder / name) for name in names}
        )
    try:
        yield f"{_address(process, folder)}doc/tree/panel.ipynb?token=secret"
    finally:
        process.terminate()  # takes the kernels down too
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def browser(open_browser):
    """A headless Chromium."""
    return open_browser()


@pytest.fixture(scope="module")
def page(browser, server):
    """The notebook with every cell run."""
    browser.get(server)
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".jp-Notebook .jp-CodeCell"))
    browser.execute_async_script(RUN_ALL)
    until(browser, lambda: button(browser, "Train"))
    return browser


def test_a_bad_value_is_refused_with_its_reason(page):
    enter(page, "learning rate", "0,03")
    button(page, "Train").click()
    until(page, lambda: "Nothing is trained" in text(page) and "Received: '0,03'" in text(page))
    assert steps(page) is None
    enter(page, "learning rate", "0.03")
    until(page, lambda: "Received" not in text(page))


def test_the_curve_grows_until_stop_which_keeps_it(page):
    button(page, "Train").click()
    until(page, lambda: steps(page))
    seen = [(picture(page), steps(page))]
    for _ in range(3):
        until(page, lambda: picture(page) != seen[-1][0] and steps(page) > seen[-1][1])
        seen.append((picture(page), steps(page)))
    assert not button(page, "Train").is_enabled()
    button(page, "Stop").click()
    until(page, lambda: "Stopped." in text(page))
    assert "epochs are kept" in text(page)
    assert "interrupted" in text(page)
    assert re.search(r"\d\.\d{3} to \d\.\d{3}", text(page))
    assert button(page, "Train").is_enabled() and not button(page, "Stop").is_enabled()


def until(browser, condition):
    return WebDriverWait(browser, SECONDS, poll_frequency=0.1).until(lambda _: condition())


def button(browser, name):
    found = browser.find_elements(By.XPATH, f"//button[contains(@class, 'jupyter-button') and .='{name}']")
    return found[0] if found else None


def enter(browser, label, value):
    """Types a value into the field behind a label, and leaves the field."""
    field = browser.find_element(By.XPATH, f"//*[text()='{label}']/following::input[1]")
    field.clear()
    field.send_keys(value, Keys.TAB)


def text(browser):
    return browser.find_element(By.CSS_SELECTOR, ".fer-panel").text


def picture(browser):
    return browser.find_element(By.CSS_SELECTOR, ".fer-panel img").get_attribute("src")


def steps(browser):
    """Epoch and step that the panel tells, or None."""
    match = re.search(r"epoch (\d+) of \d+ · step (\d+) of \d+", text(browser))
    return match and tuple(map(int, match.groups()))


def _address(process, folder):
    """Waits for the file in which the server tells where it listens."""
    end = time.monotonic() + SECONDS
    while not (files := list((folder / "JUPYTER_RUNTIME_DIR").glob("jpserver-*.json"))):
        assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.05)
    return json.loads(files[0].read_text())["url"]
