"""docker-compose.yml and Dockerfile, held against the code they deploy."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from typer.main import get_command

from ipcredit.cli import app
from ipcredit.settings import PROJECT_ROOT, Settings

COMPOSE = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
AIRFLOW_SERVICES = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE)


def image_environment() -> dict[str, str]:
    return dict(re.findall(r"^(?:ENV|   ) (\w+)=(\S+)", DOCKERFILE, flags=re.MULTILINE))


def command_words(service: dict[str, Any]) -> list[list[str]]:
    """Each command that a service runs, in words: its own and its health check's."""
    found = []
    for command in (service.get("command", []), service.get("healthcheck", {}).get("test", [])):
        words = [word for word in command if word not in ("CMD", "CMD-SHELL", "sh", "-ec")]
        lines = [line for word in words for line in word.splitlines()] if len(words) == 1 else [" ".join(words)]
        found += [line.split() for line in lines if line]
    return found


def test_services_are_the_expected_ones(compose):
    assert set(compose["services"]) == AIRFLOW_SERVICES | {"warehouse", "metadata", "redis", "sftp"}


def test_every_long_running_service_has_a_health_check_and_restarts(compose):
    for name, service in compose["services"].items():
        if name == "init":
            assert service["restart"] == "no"
        else:
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_airflow_waits_for_databases_and_initialisation(compose):
    services = compose["services"]
    databases = {name: {"condition": "service_healthy"} for name in ("warehouse", "metadata", "redis")}
    assert services["init"]["depends_on"] == databases
    for name in AIRFLOW_SERVICES - {"init"}:
        assert services[name]["depends_on"].items() >= databases.items()
        assert services[name]["depends_on"]["init"] == {"condition": "service_completed_successfully"}
    for name in ("scheduler", "triggerer", "worker"):
        assert services[name]["depends_on"]["api-server"] == {"condition": "service_healthy"}


def test_postgresql_is_supported_and_keeps_its_data(compose):
    for name in ("warehouse", "metadata"):
        service = compose["services"][name]
        major = int(re.fullmatch(r"postgres:(\d+)", service["image"]).group(1))
        assert major >= 17
        # From 18 on the image keeps its data one level higher; a volume at …/data would stay empty.
        assert service["volumes"] == [f"{name}:/var/lib/postgresql" + ("" if major >= 18 else "/data")]


def test_image_is_made_from_the_lock_with_a_supported_python():
    python = re.search(r"^FROM python:3\.(\d+)", DOCKERFILE, flags=re.MULTILINE).group(1)
    project = (PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert int(python) >= int(re.search(r'requires-python = ">=3\.(\d+)"', project).group(1))
    assert "--requirement requirements.lock" in DOCKERFILE
    lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    for needed in ("apache-airflow==3.3.", "apache-airflow-providers-celery==", "psycopg2-binary==", "redis=="):
        assert re.search(rf"^{re.escape(needed)}", lock, flags=re.MULTILINE), needed


def test_services_share_one_image_and_one_environment(compose):
    services = [compose["services"][name] for name in AIRFLOW_SERVICES]
    for service in services:
        assert service["image"] == services[0]["image"]
        assert service["environment"] == services[0]["environment"]
        assert service["volumes"] == services[0]["volumes"]


def test_environment_names_exist(compose):
    known = {f"IPCREDIT_{name.upper()}" for name in Settings.model_fields}
    sources = "".join(path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "ipcredit").rglob("*.py"))
    known |= set(re.findall(r"environ(?:\.get\(|\[)\"(IPCREDIT_\w+)\"", sources))
    given = set(compose["services"]["worker"]["environment"]) | set(image_environment())
    assert {name for name in given if name.startswith("IPCREDIT_")} <= known


def test_secrets_that_one_machine_makes_for_itself_are_given(compose):
    secrets = {
        f"IPCREDIT_{name.upper()}" for name, field in Settings.model_fields.items() if SecretStr in _types(field)
    }
    assert secrets <= set(compose["services"]["worker"]["environment"])


def _types(field: Any) -> tuple[Any, ...]:
    return getattr(field.annotation, "__args__", (field.annotation,))


def test_airflow_options_exist(compose):
    from airflow.configuration import conf

    conf.load_providers_configuration()
    options = {name for name in compose["services"]["worker"]["environment"] if name.startswith("AIRFLOW__")}
    assert options
    unknown = {
        name for name in options if name.lower().split("__")[2] not in conf.configuration_description.get(
            name.lower().split("__")[1], {"options": {}}
        )["options"]
    }  # fmt: skip
    assert unknown == set()


def test_no_secret_is_written_down(compose):
    secret = re.compile(r"password|secret|fernet|person_key|archive_keys|auth$", re.IGNORECASE)
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if secret.search(name) and not name.endswith(("_FILE", "_USERS")):
                assert re.fullmatch(r"\$\{\w+:\?\}", str(value)), name
            # A URL's password comes from the environment too.
            for password in re.findall(r"://[^/@\s]*?:(.+?)@", str(value)):
                assert re.fullmatch(r"\$\{\w+:\?\}", password), name
    assert not re.search(r"password|secret", DOCKERFILE, re.IGNORECASE)


def test_volumes_are_what_the_settings_point_to(compose):
    home = Path(image_environment()["IPCREDIT_HOME"])
    settings = Settings(home=home, drop_dir=None, archive_dir=None, outputs_dir=None)
    mounts = dict(volume.split(":") for volume in compose["services"]["worker"]["volumes"])
    assert mounts == {
        "airflow": image_environment()["AIRFLOW_HOME"],
        "home": str(settings.home),
        "archive": str(settings.archive),
        "drop": str(settings.drop),
        "outputs": str(settings.outputs),
    }
    assert all(path in DOCKERFILE for path in mounts.values())  # made there, so that they belong to its user
    services = compose["services"].values()
    used = {volume.split(":")[0] for service in services for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])


def test_units_drop_into_the_folder_that_intake_reads(compose):
    sftp = compose["services"]["sftp"]
    assert f"drop:{sftp['environment']['SFTPGO_DATA_PROVIDER__USERS_BASE_DIR']}" in sftp["volumes"]
    assert "--uid 1000" in DOCKERFILE  # the SFTP image's user


def test_dags_folder_is_the_checkouts(compose):
    workdir = re.search(r"^WORKDIR (\S+)", DOCKERFILE, flags=re.MULTILINE).group(1)
    assert image_environment()["PYTHONPATH"] == workdir
    assert compose["services"]["worker"]["environment"]["AIRFLOW__CORE__DAGS_FOLDER"] == f"{workdir}/dags"
    assert (PROJECT_ROOT / "dags").is_dir()


def test_commands_exist(compose):
    commands = [words for service in compose["services"].values() for words in command_words(service)]
    ours = [words[3:] for words in commands if words[:3] == ["python", "-m", "ipcredit.cli"]]
    assert ours == [["db", "migrate"], ["db", "grant"]]
    for group, name in ours:
        assert name in get_command(app).commands[group].commands
    airflow = [words[1:] for words in commands if words[0] == "airflow"]
    names = {tuple(word for word in words if not word.startswith("-"))[:2] for words in airflow}
    assert {name for name in names if name[0] != "jobs"} == {
        ("db", "migrate"), ("api-server",), ("scheduler",), ("dag-processor",), ("triggerer",), ("celery", "worker")
    }  # fmt: skip
    assert airflow_commands() >= {name for name in names if name[0] != "jobs"} | {("jobs", "check")}


def airflow_commands() -> set[tuple[str, ...]]:
    """Commands of the locked Airflow, with their groups, its providers' ones included."""
    listing = (
        "from airflow.cli.cli_parser import airflow_commands as commands\n"
        "for c in commands:\n"
        "    print(c.name, *([] if not hasattr(c, 'subcommands') else [s.name for s in c.subcommands]))\n"
    )
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    found: set[tuple[str, ...]] = set()
    for group, *names in (line.split() for line in done.stdout.splitlines()):
        found |= {(group, name) for name in names} or {(group,)}
    return found
