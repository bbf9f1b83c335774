"""Airflow's share of the daily run, as the demonstration measures it from the tasks of its runs."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Results

DEMO = Path(__file__).resolve().parents[1] / "demo.py"


def measure(results: Results) -> None:
    """Run the demonstration in a home of its own, whose server and Airflow it stops again.

    Raises:
        SystemExit: it failed.
    """
    with tempfile.TemporaryDirectory(prefix="ipcredit-demo-") as home:
        Path(home).chmod(0o755)  # as root the server runs as another user
        environment = {name: value for name, value in os.environ.items() if not name.startswith("IPCREDIT_")}
        ran = subprocess.run(
            [sys.executable, str(DEMO)], env=environment | {"IPCREDIT_HOME": home}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    whole = re.search(r"main job, first task to last\D+([\d.]+)", ran.stdout)
    own = re.search(r"of which Airflow's own\D+([\d.]+)", ran.stdout)
    if ran.returncode or not whole or not own:
        raise SystemExit(f"The demonstration failed:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")
    results.keep("demo", "airflow", {"main_job_seconds": float(whole[1]), "airflow_seconds": float(own[1])})
