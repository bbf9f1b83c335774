"""Speed and size of the pipeline beside what people would use instead, written to docs/benchmarks.md.

    python scripts/benchmark.py --scale 0.1 --scale 1    # generate, compare, measure, write the page: hours at scale 10
    python scripts/benchmark.py --scale 0.01 --only intake
    python scripts/benchmark.py --scale 10 --only limits # COPY, DuckDB and the hand-written script alone
    python scripts/benchmark.py --report                 # the page again, from what was measured before

Scale 1 is 500,000 subjects with 5,000,000 rows of 15 bureaus (benchmarks/generate.py). Everything runs on embedded
servers of its own that are gone afterwards. Generated files and results stay in `--home` (default .ipcredit/benchmark):
results.json holds every step as soon as it is measured. Nothing of a scale counts unless all contenders gave the same
grades and points. DuckDB and the plot need requirements-benchmark.lock, which `make benchmark` installs.
"""

import argparse
import signal
from collections.abc import Callable
from pathlib import Path

import throwaway
from benchmarks import airflow_share, generate, intake, pipeline, report
from benchmarks.measure import Results

from ipcredit.database import migrate
from ipcredit.settings import PROJECT_ROOT

NOTHING = 0.0002
"""The scale that stands for no data: what a build of it costs is the fixed price of starting dbt and its statements."""


def run(
    scale: float, part: Callable[[pipeline.Province], None], home: Path, results: Results, *, of_intake: bool = False
) -> None:
    """One part on a province and a server of its own."""
    folder = home.absolute() / "data" / f"{scale:g}"
    generate.generate(folder, scale)
    results.forget(f"{scale:g}", of_intake=of_intake)
    with throwaway.warehouse() as scratch:
        migrate()
        part(pipeline.Province(f"{scale:g}", folder, scratch, results))


def measure(scale: float, results: Results, given: argparse.Namespace) -> None:
    """The parts of one scale."""
    pairs = given.runs if scale <= given.pairs_up_to else 1
    with_office = scale <= given.office_up_to
    if given.only in (None, "intake"):
        run(scale, lambda province: intake.measure(province, given.runs), given.home, results, of_intake=True)
    if given.only == "limits":
        if "by_hand_equal" in results.found.get(f"{scale:g}", {}):
            raise SystemExit(f"Scale {scale:g} has been measured with the pipeline, which includes its limits.")
        run(scale, pipeline.measure_limits, given.home, results)
    if given.only in (None, "pipeline"):
        run(scale, lambda province: pipeline.measure(province, pairs, given.clients, with_office), given.home, results)


def main() -> None:
    """Parse the command line, measure, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--scale", type=float, action="append", help="may be repeated (default 0.1 and 1)")
    parser.add_argument("--only", choices=("intake", "pipeline", "limits", "airflow"), help="one part only")
    parser.add_argument("--runs", type=int, default=5, help="paired runs of what is short (default 5)")
    parser.add_argument("--pairs-up-to", type=float, default=0.1, help="largest scale with paired full builds")
    parser.add_argument("--office-up-to", type=float, default=1, help="largest scale for the office's script")
    parser.add_argument("--clients", type=int, default=20, help="clients at once that check (default 20)")
    parser.add_argument("--home", type=Path, default=PROJECT_ROOT / ".ipcredit" / "benchmark")
    parser.add_argument("--report", action="store_true", help="measure nothing, write the page")
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    results = Results(given.home / "results.json")
    if not given.report:
        results.keep("machine", "machine", report.machine())
        if given.only in (None, "pipeline"):
            run(NOTHING, pipeline.measure_nothing, given.home, results)
        for scale in given.scale or (0.1, 1.0):
            measure(scale, results, given)
        if given.only in (None, "airflow"):
            airflow_share.measure(results)
    report.write(results.found)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside, it stops its server, too
    main()
