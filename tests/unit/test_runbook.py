"""docs/operations.md: every command in it is one of the program, and is run here or in the test named here.

What needs Docker is held against the compose files instead. docs/运维手册.md is held against the program and these.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml
from candidates import build_first_candidate, copy_candidate, pass_gate
from conftest import Warehouse, _create_database, _drop_database, _url_of
from typer.main import get_command
from typer.testing import CliRunner

from ipcredit import release, roles
from ipcredit.cli import app
from ipcredit.settings import PROJECT_ROOT, get_settings

RUNBOOK, CHINESE = (
    (PROJECT_ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("operations.md", "运维手册.md")
)
COMPOSE = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
TLS = yaml.safe_load((PROJECT_ROOT / "docker-compose.tls.yml").read_text(encoding="utf-8"))
MAKEFILE = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")

# Run below, in the runbook's order, on a warehouse with these releases.
PUBLISHED, EARLIER, CANDIDATE = "r20221205_0001", "r20221130_0001", "r20221205_0002"
RUN = [
    "db start", "db grant", "db psql", "intake scan", "intake run", "release publish", "release list",
    "release rollback", "release pin", "release digest", "db backup", "archive new-key", "archive rekey", "draw list",
    "db restore", "db migrate",
]  # fmt: skip
# What needs rows that were really taken in, dbt, or the gate: run by these tests, as a person would.
ELSEWHERE = {
    "health": "integration/test_health.py",
    "intake receipts": "integration/test_intake.py",
    "intake confirm": "integration/test_intake.py",
    "build": "integration/test_build.py",
    "gate run": "integration/test_gate.py",
    "gate waive": "integration/test_gate.py",
    "review sheets": "integration/test_review.py",
    "identity queue": "dbt/test_identity.py",
    "retention run": "integration/test_retention.py",
    "archive replay": "integration/test_archive.py",
    "check": "integration/test_explain.py",
    "explain": "integration/test_explain.py",
    "simulate": "dbt/test_simulation.py",
    "scorecards": "integration/test_scorecards.py",
    "draw run": "integration/test_draw.py",
    "draw verify": "integration/test_draw.py",
    "site": "browser/test_site.py",
    "summary": "integration/test_summary.py",
    "dispatch": "integration/test_summary.py",
    "report": "integration/test_report.py",
    **{f"lists {name}": "integration/test_public_lists.py" for name in ("draft", "show", "approve", "write")},
    **{
        f"exchange {name}": "integration/test_exchange.py"
        for name in ("prepare", "approve", "send", "acknowledge", "receive", "status")
    },
}


def lines(text: str = RUNBOOK) -> list[str]:
    """The commands of all code blocks, without comments; those continued by a backslash in one."""
    blocks = re.findall(r"(?:^    .*\n)+", text, flags=re.MULTILINE)
    joined = "".join(blocks).replace("\\\n", " ")
    without = (re.sub(r"\s+#\s.*$", "", line).strip() for line in joined.splitlines())
    return [line for line in without if line]


def ours(text: str = RUNBOOK) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in lines(text) if line.startswith("ipcredit ")]


def name_of(words: list[str]) -> str:
    """The words that name the command: a group's two, another's one."""
    command = get_command(app).commands[words[0]]
    return " ".join(words[:2] if hasattr(command, "commands") else words[:1])


def parse(words: list[str]) -> None:
    """As the program would, but for running it: names, options, types, what is required."""
    command, context, rest = get_command(app), None, words
    while hasattr(command, "commands"):
        context = command.make_context("ipcredit", rest[:1], parent=context)
        command, rest = command.commands[rest[0]], rest[1:]
    command.make_context("ipcredit", list(rest), parent=context)


@pytest.mark.parametrize("words", ours() + [words for words in ours(CHINESE) if words not in ours()], ids=" ".join)
def test_every_command_is_one_of_the_program(words: list[str]) -> None:
    parse(words)


def test_a_command_that_is_none_is_found() -> None:
    for wrong in (["gate", "run"], ["release", "pin", "r1"], ["db", "undo"], ["health", "--max-age", "2"]):
        with pytest.raises((typer.BadParameter.__base__, KeyError)):
            parse(wrong)


def test_every_command_is_run_here_or_there() -> None:
    assert {name_of(words) for words in ours()} == set(RUN) | set(ELSEWHERE)
    not_run = {
        name: file
        for name, file in ELSEWHERE.items()
        if not is_typed_in((PROJECT_ROOT / "tests" / file).read_text(encoding="utf-8"), name.split())
    }
    assert not_run == {}


def is_typed_in(test: str, command: list[str]) -> bool:
    """Whether a test has the command as the beginning of a list of arguments, or tries its group by a function."""
    words = ", ".join(f'"{word}"' for word in command)
    whole = re.search(rf'(\[|"ipcredit\.cli", ){words}[,\]]', test)
    return bool(whole) or (f'["{command[0]}", *arguments]' in test and f'run("{command[-1]}"' in test)


@pytest.mark.parametrize("runbook", [RUNBOOK, CHINESE], ids=["operations", "运维手册"])
def test_commands_named_in_the_text_exist(runbook: str) -> None:
    named = re.findall(r"`(?:\.venv/bin/)?ipcredit ([a-z][^`]*)`", runbook)
    assert named
    for text in named:
        for path in text.split(" --")[0].split("|"):
            words = path.split()
            assert words[0] in get_command(app).commands, text
            if len(words) > 1 and (group := getattr(get_command(app).commands[words[0]], "commands", None)):
                assert words[1] in group, text


def test_what_else_is_typed_exists() -> None:
    # Beside commands there are JSON files that partners send.
    others = [line for line in lines() if not line.startswith(("ipcredit ", "docker ", "{", '"'))]
    kinds: dict[str, list[str]] = {}
    for line in others:
        kinds.setdefault(line.split()[0], []).append(line)
    assert set(kinds) == {
        "make", "sh", ".venv/bin/python", "git", "for", "done", "export", "0", "select", "from", "where", "alter",
        "python3", "airflow", "find", "/tmp/audit/bin/pip", "/tmp/audit/bin/pip-audit",
    }  # fmt: skip
    for line in kinds["make"]:
        assert re.search(rf"^{line.split()[1]}:", MAKEFILE, flags=re.MULTILINE), line
    for line in (*kinds["sh"], *kinds[".venv/bin/python"]):
        assert (PROJECT_ROOT / line.split()[1]).is_file(), line
    for line in kinds["0"]:
        check_compose(line.split(" && docker compose ")[1].split())
    (loop,) = kinds["for"]
    # Those without a schedule, too: Airflow leaves a run by hand of a DAG that is switched off waiting for good.
    dags = sorted(f.stem for f in (PROJECT_ROOT / "dags").glob("*.py"))
    assert sorted(loop.removeprefix("for dag in ").removesuffix("; do").split()) == dags


def test_the_chinese_runbook_says_nothing_of_its_own() -> None:
    assert ours(CHINESE)
    assert {line for line in lines(CHINESE) if not line.startswith("ipcredit ")} <= set(lines())
    tabled = re.findall(r"^\| `(\w+)` \|", CHINESE, flags=re.MULTILINE)
    assert sorted(tabled) == sorted(file.stem for file in (PROJECT_ROOT / "dags").glob("*.py"))
    headings = re.findall(r"^##+ (.*)$", RUNBOOK, flags=re.MULTILINE)
    for named in re.findall(r"（([A-Z][a-z][^）]*)）", CHINESE):
        for heading in re.split(r"；\s*", named):
            assert any(found.startswith(heading) for found in headings), heading


def test_airflows_own_commands_are_understood_by_airflow(tmp_path: Path) -> None:
    """A backfill builds one day after the other: at once, builds would take each other's place, and the DAG's own limit
    does not hold for backfills. Cleaning asks nobody, and keeps no second copy of what it clears.
    """
    typed = sorted(
        line.split("airflow ", 1)[1].replace("$(date -I -d -90days)", "2022-09-05")
        for line in lines()
        if re.search(r"(^| )airflow (backfill|db) ", line)
    )
    parsed = subprocess.run(
        [
            sys.executable, "-c",
            "import shlex, sys; from airflow.cli.cli_parser import get_parser\n"
            "for typed in sys.argv[1:]:\n"
            "    found = vars(get_parser().parse_args(shlex.split(typed)))\n"
            "    print(*(found.get(name) for name in ('max_active_runs', 'skip_archive', 'yes')))",
            *typed,
        ],
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    expected = ["1 None None", "None True True", "None True True"]
    assert (parsed.returncode, parsed.stdout.splitlines()[-3:]) == (0, expected), parsed.stderr


def test_airflows_command_line_runs_on_this_installation(tmp_path: Path) -> None:
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "port").write_text("8081")
    command = [sys.executable, "scripts/local_airflow.py", "airflow", "config", "get-value", "api", "base_url"]
    environment = {"IPCREDIT_HOME": str(tmp_path), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://x/y"}
    told = subprocess.run(
        command, cwd=PROJECT_ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert told.stdout.splitlines()[-1:] == ["http://127.0.0.1:8081"], told.stderr
    assert (tmp_path / "airflow" / "port").read_text() == "8081"


def test_docker_commands_are_of_the_compose_files() -> None:
    typed = [line.split() for line in lines() if line.startswith("docker ")]
    for words in typed:
        if words[1] == "compose":
            check_compose(words[2:])
    (saved,) = (set(words[4:]) for words in typed if words[1] == "save")
    services = (COMPOSE["services"] | {"proxy": TLS["services"]["proxy"]}).values()
    assert saved == {re.sub(r"\$\{\w+:-(\w+)\}", r"\1", service["image"]) for service in services}


def check_compose(words: list[str]) -> None:
    """Files, services and what is run in them exist."""
    while words[0] == "-f":
        assert (PROJECT_ROOT / words[1]).is_file()
        words = words[2:]
    verb, *rest = words
    assert verb in {"build", "up", "exec", "run"}
    if verb in ("exec", "run"):
        service, *inside = [word for word in rest if not word.startswith("--")]
        assert COMPOSE["services"][service]["image"] == COMPOSE["services"]["worker"]["image"]
        mounts = [volume.split(":")[1] for volume in COMPOSE["services"][service]["volumes"]]
        assert inside[:3] in (
            [], ["cat", "/opt/airflow/passwords.json"], ["airflow", "dags", "unpause"], ["airflow", "db", "clean"]
        ) or (
            inside[0] == "find"
            and all(path.startswith(tuple(mounts)) for path in inside if path.startswith("/"))
        )  # fmt: skip
    for word in rest:
        if "=" in word and word.startswith("worker"):
            assert word.split("=")[0] in COMPOSE["services"]


@pytest.fixture(scope="module")
def small(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two published releases and a candidate that passed the gate; yields a folder to work in."""
    build_first_candidate(PUBLISHED)
    with warehouse.connect() as connection:
        pass_gate(connection, PUBLISHED)
    release.publish(PUBLISHED)
    for release_id in (EARLIER, CANDIDATE):
        with warehouse.connect() as connection:
            copy_candidate(connection, PUBLISHED, release_id)
            pass_gate(connection, release_id)
        if release_id == EARLIER:
            release.publish(release_id)
    roles.grant()
    (warehouse.home / "drop" / "210600").mkdir(parents=True)
    yield tmp_path_factory.mktemp("here")


def test_the_commands_do_what_they_say(
    small: Path, warehouse: Warehouse, server_url: str, template_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small)
    typed = [words for words in ours() if name_of(words) in RUN]
    typed.sort(key=lambda words: name_of(words) in ("db restore", "db migrate"))  # into a database of their own
    name, done = _create_database(server_url), set()
    try:
        for words in typed:
            if name_of(words) == "db restore":
                monkeypatch.setenv("IPCREDIT_DATABASE_URL", _url_of(server_url, name))
                monkeypatch.setenv("IPCREDIT_HOME", str(small / "restored"))
                get_settings.cache_clear()
            if name_of(words) == "db psql":  # becomes psql
                command = [sys.executable, "-m", "ipcredit.cli", *words]
                told = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
                assert told.returncode == 0 and "row" in told.stdout, told.stderr
            else:
                found = CliRunner().invoke(app, words)
                assert found.exit_code == 0, (words, found.output, found.exception)
            done.add(name_of(words))
        assert done == set(RUN)
        assert [(r.release_id, r.is_current, r.pinned_by) for r in release.list_releases() if r.is_current] == [
            (EARLIER, True, None)
        ]  # the last that the runbook tells to make current
    finally:
        _drop_database(server_url, name)
