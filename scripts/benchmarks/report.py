"""Writes docs/benchmarks.md and its plot from what was measured (results.json); nothing in it is typed by hand but the
steps, which are recorded in docs/benchmark_steps.md as they are taken.
"""

import os
import platform
import shutil
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil

from ipcredit.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"
PAGE, PLOT, STEPS = DOCS / "benchmarks.md", DOCS / "benchmarks.svg", DOCS / "benchmark_steps.md"
NOTHING = "0.0002"
STAGES = ("judge", "build", "gate", "publish")
PROCESSES = ("take_in", "judge", "build_candidate", "gate", "publish")
CLOCKS = {"seconds": "by the clock", "database": "database"}
Row = tuple[str, str, str, str, str]

HEAD = """# Benchmarks

Written by `make benchmark` (`scripts/benchmark.py`); do not edit. Scale 1 is 500,000 subjects and 5,000,000 rows of
seven datasets, dropped by 15 bureaus (`scripts/benchmarks/generate.py`): one row in twenty is rejected, one in a
hundred tells a key that another row has told. Of each scale nothing counts unless all contenders gave the same grades
and the same points of the same rules, every one of them compared with the pipeline's; at a scale where the pipeline was
not run, the hand-written script in PostgreSQL with the same in DuckDB.

The contenders make two results, grades and scorecards. The pipeline makes all the rest in the same time: states and
issues of every row, the catalogue, coverage and quality, lists, measures, explanations, histories, tests, and the
tables of a release. *Database* are processor seconds of all its sessions, which another program on the machine disturbs
less than the clock. *Fixed* is what the same step costs on 100 subjects: the start of dbt, its seeds, models and tests.

"""


def machine() -> dict[str, Any]:
    """The machine, as far as it matters for a figure."""
    with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.machine(), "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(), "free_disk_gb": round(shutil.disk_usage(PROJECT_ROOT).free / 2**30),
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def table(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table of Markdown; numbers stand to the right."""
    heads = list(heads)
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def seconds(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


class Measured:
    """The results of one scale; what was not measured is missing, never zero."""

    def __init__(self, scale: str, found: dict[str, Any]) -> None:
        self.scale, self.found = float(scale), found

    def get(self, name: str, what: str = "seconds") -> float | None:
        cost = self.found.get(name)
        return None if cost is None else cost[what]

    def sum(self, names: Iterable[str], what: str = "seconds") -> float | None:
        values = [self.get(name, what) for name in names]
        return None if None in values else sum(value for value in values if value is not None)

    def told(self, name: str) -> dict[str, Any]:
        return dict(self.found.get(name, {}).get("told", {}))

    @property
    def rows(self) -> int:
        return int(self.told("copy")["rows"])


def _met(is_met: bool) -> str:
    return "yes" if is_met else "no"


def _aim(name: str, scale: Measured, wanted: str, measured: str, is_met: bool) -> Row:
    return name, f"{scale.scale:g}", wanted, measured, _met(is_met)


def _cell(value: float | None) -> str:
    return "–" if value is None else seconds(value)


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def spread(ratios: list[float], form: str = "{:.2f}") -> str:
    """Median with the least and the greatest of several runs."""
    if not ratios:
        return "–"
    median, least, most = (form.format(f) for f in (statistics.median(ratios), min(ratios), max(ratios)))
    return f"{median} ({least} to {most}, {len(ratios)} runs)" if len(ratios) > 1 else f"{median} (1 run)"


class Page:
    """The whole page."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.machine = found.get("machine", {}).get("machine", {})
        self.demo = found.get("demo", {}).get("airflow")
        self.nothing = Measured(NOTHING, found.get(NOTHING, {}))
        scales = sorted((name for name in found if name not in ("machine", "demo", NOTHING)), key=float)
        self.scales = [Measured(name, found[name]) for name in scales]
        self.full = [scale for scale in self.scales if "by_hand_equal" in scale.found]
        self.compared = [scale for scale in self.scales if scale in self.full or "limits_equal" in scale.found]

    # Ratios that several sections ask for.

    def ratios(
        self, scale: Measured, what: str, steps: dict[str, tuple[str, ...]], fixed: tuple[str, ...]
    ) -> list[float]:
        """Steps of the pipeline, without what `fixed` cost on next to nothing, against the script in each pair."""
        found = []
        start = self.nothing.sum(fixed, what)
        for by_hand, names in steps.items():
            took, script = scale.sum(names, what), scale.get(by_hand, what)
            if took is not None and start is not None and script:
                found.append((took - start) / script)
        return found

    def build_ratios(self, scale: Measured, what: str) -> list[float]:
        """Judging and building everything against the hand-written script, for each pair."""
        prefixes = ("", *(f"pair{n}_" for n in range(2, 100)))
        steps = {f"{prefix}by_hand": (f"{prefix}judge", f"{prefix}build") for prefix in prefixes}
        return self.ratios(scale, what, steps, ("judge", "build"))

    def needed_ratios(self, scale: Measured, what: str) -> list[float]:
        """The same, but of the models alone that the two results rest on."""
        steps = {f"needed{n}_by_hand": (f"needed{n}",) for n in range(1, 100)}
        return self.ratios(scale, what, steps, ("needed1",))

    def whole(self, scale: Measured) -> float | None:
        """Files in raw tables to a published release."""
        return scale.sum(STAGES)

    def without_fixed(self, scale: Measured, steps: tuple[str, ...], what: str = "seconds") -> float | None:
        """What steps cost beyond what they cost on next to nothing; missing where that cannot be told."""
        took, start = scale.sum(steps, what), self.nothing.sum(steps, what)
        return None if took is None or start is None or took <= start else took - start

    def day_share(self, scale: Measured, what: str) -> float | None:
        """The day's judging and building against the full one, both without the fixed part."""
        day = self.without_fixed(scale, ("day_judge", "day_build"), what)
        return _ratio(day, self.without_fixed(scale, ("judge", "build"), what))

    def intake_ratios(self, scale: Measured, name: str) -> list[float]:
        """Bare COPY against intake of the same rows, for each pair."""
        pairs = [(scale.get(f"{name}{n}_copy"), scale.get(f"{name}{n}_take_in")) for n in range(1, 100)]
        return [copy / taken for copy, taken in pairs if copy and taken]

    def growth(self) -> tuple[Measured, Measured, float] | None:
        """The two largest scales that lie ten times apart, and how many times as long the larger one took."""
        for small, large in zip(self.full[-2::-1], self.full[:0:-1], strict=True):
            ratio = _ratio(self.without_fixed(large, STAGES), self.without_fixed(small, STAGES))
            if ratio and abs(large.scale / small.scale - 10) < 0.01:
                return small, large, ratio
        return None

    def peaks(self, scale: Measured) -> dict[str, float]:
        """Peak memory in MB of each Python process of the pipeline, by program."""
        found: dict[str, float] = {}
        for name, cost in scale.found.items():
            if name in ("office", "duck") or "peak_mb" not in cost:
                continue
            for program, peak in cost["peak_mb"].items():
                stage = program.removeprefix("benchmarks.stages ")
                if program == "dbt" or stage in PROCESSES:  # and not what they start for a moment: git, ldconfig
                    found[stage] = max(found.get(stage, 0.0), peak)
        return found

    # Sections.

    def text(self) -> str:
        sections = (
            self.about_machine, self.aims, self.contenders, self.parts, self.spreads, self.day, self.intake,
            self.memory, self.checks, self.models, self.steps,
        )  # fmt: skip
        return HEAD + "\n".join(section() for section in sections)

    def about_machine(self) -> str:
        about = self.machine
        if not about:
            return ""
        text = (
            f"Machine: {about['processor']}, {about['cores']} cores, {about['memory_gb']} GB; {about['system']}, "
            f"Python {about['python']}. Load when it began: {about['load']}. The embedded PostgreSQL with the settings "
            "that `ipcredit db start` writes, durable; four connections of dbt.\n"
        )
        if about["load"] > about["cores"] / 2:
            text += "\n**Other work ran on the machine: what the clock says here is no measure of this program.**\n"
        return text

    def aims(self) -> str:
        rows = [*self._aims_of_ratios(), *self._aims_of_growth(), *self._aims_of_readers()]
        return "## Aims\n\n" + table(("aim", "scale", "wanted", "measured", "met"), rows)

    def _aims_of_ratios(self) -> Iterator[Row]:
        for scale in self.scales:
            for name, title in (("file", "one large file"), ("bureau", "all files of one bureau")):
                if ratios := self.intake_ratios(scale, name):
                    met = statistics.median(ratios) >= 0.9
                    yield _aim(f"intake against bare COPY, {title}", scale, "≥ 90 %", spread(ratios, "{:.0%}"), met)
        for scale in self.full:
            for what, title in CLOCKS.items():
                if not (ratios := self.build_ratios(scale, what)):
                    continue
                met = statistics.median(ratios) <= 1.3
                yield _aim(
                    f"judging and build, without fixed, against by hand, {title}", scale, "≤ 1.3", spread(ratios), met
                )
        for scale in self.full:
            if ratio := _ratio(scale.get("office"), self.whole(scale)):
                yield _aim(
                    "the office's script against judging to publication", scale, "≥ 10", f"{ratio:.2f}", ratio >= 10
                )
        for scale in self.full:
            for what, title in CLOCKS.items():
                if (share := self.day_share(scale, what)) is not None:
                    name = f"judging and build of a day with 1 % new rows, without fixed, {title}"
                    yield _aim(name, scale, "≤ 3 % of a full one", f"{share:.1%}", share <= 0.03)

    def _aims_of_growth(self) -> Iterator[Row]:
        if grown := self.growth():
            small, large, ratio = grown
            name = f"time of ten times the rows, without fixed, from scale {small.scale:g}"
            yield _aim(name, large, "≤ 11 times", f"{ratio:.1f} times", ratio <= 11)
        for scale in self.full:
            program, peak = max(self.peaks(scale).items(), key=lambda one: one[1])
            yield _aim("memory of every Python process", scale, "≤ 400 MB", f"{peak:,.0f} MB ({program})", peak <= 400)

    def _aims_of_readers(self) -> Iterator[Row]:
        if self.demo:
            share = self.demo["airflow_seconds"] / self.demo["main_job_seconds"]
            yield "Airflow's share of the daily run", "the demonstration", "≤ 20 %", f"{share:.0%}", _met(share <= 0.2)
        for scale in self.full:
            if (published := scale.get("publish")) is not None:
                yield _aim("publication", scale, "≤ 1 s", f"{published:.1f} s", published <= 1)
        for scale in self.full:
            if busy := scale.found.get("checks_during_build"):
                name = f"check before a grant during a build, {busy['clients']} clients"
                yield _aim(name, scale, "p99 ≤ 5 ms", f"{busy['p99_ms']:.1f} ms", busy["p99_ms"] <= 5)

    def contenders(self) -> str:
        lines = {
            "bare COPY of the rows": ("copy",),
            "pipeline: judging": ("judge",),
            "pipeline: build with all tests": ("build",),
            "pipeline: gate": ("gate",),
            "pipeline: publication": ("publish",),
            "pipeline: only the models that the two results rest on": ("needed1",),
            "**pipeline, judging to publication**": STAGES,
            "by hand, PostgreSQL": ("by_hand",),
            "by hand, DuckDB, reading the files too": ("duck",),
            "office: pandas and openpyxl, reading the files too": ("office",),
        }
        parse = self.nothing.get("parse")
        note = f"\ndbt by itself, reading all its files without a database: {_cell(parse)} s.\n" if parse else ""
        plot = f"\n![Cost against size]({PLOT.name})\n" if PLOT.exists() else ""
        return "## The contenders\n\n" + self._by_scale(lines, "copy", self.compared) + note + plot

    def _by_scale(self, lines: dict[str, tuple[str, ...]], copy: str, scales: list[Measured]) -> str:
        """Seconds of steps, fixed and at every scale; `copy` loaded the rows that the heads name."""
        heads = [f"scale {scale.scale:g}: {scale.told(copy)['rows']:,} rows" for scale in scales]
        rows = [[title, *(self._both(s, steps) for s in (self.nothing, *scales))] for title, steps in lines.items()]
        return table(["seconds (database)", "fixed", *heads], rows)

    def _both(self, scale: Measured, steps: tuple[str, ...]) -> str:
        clock, database = scale.sum(steps), scale.sum(steps, "database")
        own = steps in (("duck",), ("office",))  # they have no database server
        return _cell(clock) if clock is None or own else f"{seconds(clock)} ({_cell(database)})"

    def parts(self) -> str:
        names = sorted(
            {part for s in self.full for stage in ("judge", "build") for part in s.told(stage).get("parts", {})}
        )

        def of(scale: Measured, part: str, prefix: str) -> str:
            return seconds(
                sum(scale.told(prefix + stage).get("parts", {}).get(part, 0.0) for stage in ("judge", "build"))
            )

        scales = (self.nothing, *self.full)
        names_of = ["fixed", *(f"scale {s.scale:g}" for s in self.full)]
        heads = ["seconds of judging and build, summed over connections", *names_of, *(f"a day, {n}" for n in names_of)]
        rows = [[part, *(of(s, part, prefix) for prefix in ("", "day_") for s in scales)] for part in names]
        return "## Where the time goes\n\n" + table(heads, rows)

    def spreads(self) -> str:
        rows = [
            (
                f"{scale.scale:g}, {title}",
                *(spread(ratios(scale, what)) for ratios in (self.build_ratios, self.needed_ratios)),
            )
            for scale in self.full
            for what, title in CLOCKS.items()
        ]
        text = "Each pair builds everything anew on the same rows, then runs the script; fixed is taken off.\n\n"
        heads = ("scale", "judging and build, everything", "only the models that the two results rest on")
        return "## Against the hand-written script\n\n" + text + table(heads, rows)

    def day(self) -> str:
        lines = {
            "judging": ("day_judge",),
            "build with all tests": ("day_build",),
            "gate": ("day_gate",),
            "publication": ("day_publish",),
        }
        text = "A replaced period and increments, on the build of the day before.\n\n"
        return "## A day: one hundredth of new rows\n\n" + text + self._by_scale(lines, "day_copy", self.full)

    def intake(self) -> str:
        rows = []
        for scale in self.scales:
            for name, title in (("file", "one file"), ("bureau", "all files of one bureau")):
                if ratios := self.intake_ratios(scale, name):
                    count = scale.told(f"{name}1_take_in")["rows"]
                    taken, copied = (
                        statistics.median(took for n in range(1, 100) if (took := scale.get(f"{name}{n}_{what}")))
                        for what in ("take_in", "copy")
                    )
                    rates = f"{count / taken:,.0f}", f"{count / copied:,.0f}"
                    rows.append((f"{title}, scale {scale.scale:g}", f"{count:,}", *rates, spread(ratios, "{:.0%}")))
        heads = ("", "rows", "intake, rows/s", "bare COPY, rows/s", "intake against COPY")
        return "## Intake\n\n" + table(heads, rows) if rows else ""

    def memory(self) -> str:
        programs = sorted({program for scale in self.full for program in self.peaks(scale)})
        rows = [
            [program] + [f"{self.peaks(s)[program]:,.0f}" if program in self.peaks(s) else "–" for s in self.full]
            for program in programs
        ]
        rows += [
            [f"*{name}*"] + [f"{v:,.0f}" if (v := s.get(name, "family_mb")) else "–" for s in self.full]
            for name in ("duck", "office")
        ]
        return "## Memory\n\nPeak resident memory of each Python process, MB.\n\n" + table(
            ["process", *(f"scale {s.scale:g}" for s in self.full)], rows
        )

    def checks(self) -> str:
        rows = []
        for scale in self.full:
            for name, title in (("checks", "five questions a second each"), ("checks_pressing", "the next at once")):
                for when in ("alone", "during_build"):
                    if found := scale.found.get(f"{name}_{when}"):
                        what = f"scale {scale.scale:g}, {found['clients']} clients, {title}, {when.replace('_', ' ')}"
                        waits = (found[column] for column in ("per_second", "p50_ms", "p99_ms", "longest_ms"))
                        rows.append((what, f"{found['checks']:,}", *waits))
        heads = ("", "checks", "per second", "p50 ms", "p99 ms", "longest ms")
        return "## Check before a grant\n\n" + table(heads, rows) if rows else ""

    def models(self) -> str:
        if not self.full:
            return ""
        last = self.full[-1]
        models = Counter(last.told("judge")["models"]) + Counter(last.told("build")["models"])
        rows = [(name, seconds(took)) for name, took in models.most_common(20)]
        return f"## The slowest models, scale {last.scale:g}\n\n" + table(("model", "seconds"), rows)

    def steps(self) -> str:
        return STEPS.read_text(encoding="utf-8") if STEPS.exists() else ""


def plot(page: Page) -> None:
    """Seconds against rows, both on logarithmic axes; the size of nothing is not drawn."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
    figure, axes = pyplot.subplots(figsize=(9, 4.5))
    lines = {
        "pipeline, judging to publication": (STAGES, "o-"),
        "pipeline, a day with 1 % new rows": (tuple(f"day_{name}" for name in STAGES), "o--"),
        "by hand, PostgreSQL": (("by_hand",), "s-"),
        "by hand, DuckDB": (("duck",), "^-"),
        "office: pandas and openpyxl": (("office",), "d-"),
        "bare COPY": (("copy",), "x:"),
    }
    for label, (stages, style) in lines.items():
        points = [(scale.rows, took) for scale in page.compared if (took := scale.sum(stages))]
        if points:
            axes.plot(*zip(*points, strict=True), style, label=label)
    axes.set(xscale="log", yscale="log", xlabel="rows", ylabel="seconds")
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    figure.tight_layout()
    figure.savefig(PLOT, metadata={"Date": None})


def write(found: dict[str, Any]) -> None:
    """The plot, if matplotlib is there, and the page."""
    page = Page(found)
    if page.full:
        try:
            plot(page)
        except ImportError:
            print("Without matplotlib (requirements-benchmark.lock) the plot stays as it was.")
    PAGE.write_text(page.text(), encoding="utf-8")
    print(f"{PAGE} is written.")
