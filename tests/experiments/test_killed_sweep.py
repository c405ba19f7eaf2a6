import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("killed_sweep.py")


def test_a_sweep_killed_ten_times_loses_and_repeats_nothing(tmp_path):
    process = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    figures = json.loads(process.stdout.splitlines()[-1])
    assert figures["kills"] == 10
    assert max(figures["finished_runs_at_each_kill"]) > 0
    assert figures["finished_runs_lost_or_repeated"] == 0
    assert figures["largest_difference"] <= 1e-5
