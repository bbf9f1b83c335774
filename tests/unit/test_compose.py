"""docker-compose.yml and Dockerfile, held against the code they deploy."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from typer.main import get_command

from ipcredit import embedded
from ipcredit.cli import app
from ipcredit.intake import archive
from ipcredit.settings import PROJECT_ROOT, Settings, get_settings

COMPOSE = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
TLS = yaml.safe_load((PROJECT_ROOT / "docker-compose.tls.yml").read_text(encoding="utf-8"))
DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
ONCE = {"init", "backup"}
AIRFLOW_SERVICES = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"} | ONCE
OUR_SECRETS = {
    f"IPCREDIT_{name.upper()}"
    for name, field in Settings.model_fields.items()
    if SecretStr in getattr(field.annotation, "__args__", ())
}


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
        if name in ONCE:
            assert service["restart"] == "no"
        else:
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_airflow_waits_for_databases_and_initialisation(compose):
    services = compose["services"]
    databases = {name: {"condition": "service_healthy"} for name in ("warehouse", "metadata", "redis")}
    assert services["init"]["depends_on"] == databases
    assert services["backup"]["depends_on"] == databases
    for name in AIRFLOW_SERVICES - ONCE:
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


def test_the_warehouse_is_set_as_the_embedded_server(compose):
    """All settings but memory, which is sized by the container's limit, and where and as what a server runs."""
    sized = {"shared_buffers", "work_mem", "maintenance_work_mem", "effective_cache_size"}
    place = {"listen_addresses", "port", "unix_socket_directories", "max_connections", "password_encryption"}
    lines = [line for line in embedded._configuration(5432).splitlines() if not line.startswith("#")]
    ours = {name: value.strip("'") for name, value in (line.split(" = ") for line in lines)}
    ours = {
        name: value
        for name, value in ours.items()
        if name not in place and not re.match("log(ging)?_[cfrt](?!imezone)", name)
    }
    given = dict(re.findall(r"-c (\w+)=(\S+)", compose["services"]["warehouse"]["command"]))
    assert given.keys() == ours.keys()
    assert {name: value for name, value in given.items() if name not in sized} == {
        name: value for name, value in ours.items() if name not in sized
    }


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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that scripts/make_secrets.sh fills, the key made by the command that the image would run."""
    folder = tmp_path_factory.mktemp("secrets") / "made"
    make_secrets(folder)
    return folder


def make_secrets(folder: Path) -> None:
    key = [sys.executable, "-m", "ipcredit.cli", "archive", "new-key"]
    command = ["sh", str(PROJECT_ROOT / "scripts" / "make_secrets.sh"), *key]
    subprocess.run(command, env=os.environ | {"SECRETS_DIR": str(folder)}, cwd=PROJECT_ROOT, check=True)


def test_the_secrets_are_files_that_the_script_makes_once(compose, made):
    assert {name: secret["file"] for name, secret in compose["secrets"].items()} == {
        path.name: f"secrets/{path.name}" for path in made.iterdir()
    }
    assert made.stat().st_mode & 0o777 == 0o700
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    assert len(set(before.values())) == len(before) and not any(text.endswith(b"\n") for text in before.values())
    make_secrets(made)
    assert {path.name: path.read_bytes() for path in made.iterdir()} == before


def test_a_key_that_cannot_be_made_leaves_none(tmp_path):
    environment = os.environ | {"SECRETS_DIR": str(tmp_path / "secrets")}
    script = ["sh", str(PROJECT_ROOT / "scripts" / "make_secrets.sh")]
    assert subprocess.run([*script, "false"], env=environment, check=False).returncode
    assert list((tmp_path / "secrets").iterdir()) == []


def test_each_service_gets_the_secrets_it_reads_and_no_other(compose):
    for name, service in compose["services"].items():
        given = {s if isinstance(s, str) else s["source"] for s in service.get("secrets", [])}
        read = set(re.findall(r"/run/secrets/(\w+)", str(service)))
        if name in AIRFLOW_SERVICES:
            read |= {secret for secret in compose["secrets"] if secret.upper() in OUR_SECRETS}
        if name == "sftp":
            read.add("sftp_environment")  # SFTPGo reads what lies in env.d of its own folder
        assert given == read, name
    assert "/env.d/" in compose["services"]["sftp"]["secrets"][0]["target"]


def test_our_settings_are_read_from_the_files(compose, made, monkeypatch):
    for name in OUR_SECRETS:
        monkeypatch.delenv(name, raising=False)
    assert compose["services"]["worker"]["environment"]["IPCREDIT_SECRETS_DIR"] == "/run/secrets"
    monkeypatch.setenv("IPCREDIT_SECRETS_DIR", str(made))
    get_settings.cache_clear()
    read = {name: getattr(get_settings(), name.removeprefix("IPCREDIT_").lower()) for name in OUR_SECRETS}
    assert {name: value.get_secret_value() for name, value in read.items()} == {
        name: (made / name.lower()).read_text() for name in OUR_SECRETS
    }
    assert archive.keys()


def test_airflow_reads_its_options_from_the_files(compose, made, tmp_path):
    """The real Airflow, with the very environment of the services, asked for each option that a file gives."""
    environment = {
        name: str(value).replace("/run/secrets", str(made))
        for name, value in compose["services"]["worker"]["environment"].items()
        if name.endswith("_CMD")
    }
    code = "\n".join([
        "from airflow.configuration import conf",
        *(f"print(conf.get({name.split('__')[1].lower()!r}, {name.split('__')[2].removesuffix('_CMD').lower()!r}))"
          for name in environment),
    ])  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | environment | {"AIRFLOW_HOME": str(tmp_path)},
    )  # fmt: skip
    files = [made / value.split("/")[-1] for value in environment.values()]
    assert len(files) == 6
    assert done.stdout.splitlines()[-6:] == [file.read_text() for file in files]


def test_the_operators_password_is_made_before_airflow_would_print_one(compose, tmp_path):
    """`init` with the real Airflow's auth manager after it; its other commands do nothing here."""
    shell, option, script = compose["services"]["init"]["command"]
    given = compose["services"]["api-server"]["environment"]
    passwords, bare = tmp_path / "passwords.json", tmp_path / "bin"
    bare.mkdir()
    (bare / "airflow").symlink_to("/bin/true")
    (bare / "python").write_text(f'#!/bin/sh\n[ "$2" = ipcredit.cli ] || exec {sys.executable} "$@"\n')
    (bare / "python").chmod(0o700)
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": given["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"],
    }
    made = set()
    for _ in range(2):
        done = subprocess.run(
            [shell, option, script.replace("$$", "$")], env=environment | {"PATH": f"{bare}:{os.environ['PATH']}"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert (done.stdout, done.stderr) == ("", "")
        made.add(passwords.read_text())
    assert passwords.stat().st_mode & 0o777 == 0o600
    (text,) = made
    ((user, password),) = json.loads(text).items()
    code = (
        "from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager as Manager\n"
        "Manager._print_output = lambda *_: print('PRINTED')\n"
        "Manager().init()\n"
        "print(Manager.get_passwords())"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert user == "operator" and len(password) >= 20
    assert "PRINTED" not in done.stdout and done.stdout.splitlines()[-1] == str({user: password})


def test_a_password_is_the_same_wherever_it_stands(made):
    text = {path.name: path.read_text() for path in made.iterdir()}
    for password, others in {
        "ipcredit_database_password": {"ipcredit_database_url"},
        "airflow_database_password": {"airflow_sql_alchemy_conn", "airflow_result_backend"},
        "redis_password": {"airflow_broker_url"},
    }.items():
        assert {name for name in text if f":{text[password]}@" in text[name]} == others


def test_airflow_options_exist(compose):
    from airflow.configuration import conf

    conf.load_providers_configuration()
    options = {name for name in compose["services"]["worker"]["environment"] if name.startswith("AIRFLOW__")}
    assert options
    unknown = set()
    for name in options:
        _, section, option = name.removesuffix("_CMD").lower().split("__")
        if option not in conf.configuration_description.get(section, {"options": {}})["options"]:
            unknown.add(name)
        if name.endswith("_CMD"):  # Airflow runs the commands of these options only
            assert (section, option) in conf.sensitive_config_values
    assert unknown == set()


def test_no_secret_is_written_down(compose):
    secret = re.compile(r"password|secret|fernet|person_key|archive_keys|auth$|_url|_conn|backend", re.IGNORECASE)
    for service in (*compose["services"].values(), *TLS["services"].values()):
        for name, value in service.get("environment", {}).items():
            if secret.search(name) and not name.endswith(("_USERS", "BASE_URL", "SERVER_URL", "PASSWORDS_FILE")):
                assert re.fullmatch(r"(cat )?/run/secrets(/\w+)?", str(value)), name
            assert not re.search(r"://[^/@\s]*:.+@", str(value)), name
    assert not re.search(r"password|secret", DOCKERFILE, re.IGNORECASE)
    ignored = (PROJECT_ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"/secrets/", "/certificates/", ".env"} <= set(ignored)
    assert {"secrets", "certificates"} <= set((PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").split())


def test_every_service_has_limits(compose):
    for name, service in {**compose["services"], "proxy": TLS["services"]["proxy"]}.items():
        limits = service["deploy"]["resources"]["limits"]
        assert re.fullmatch(r"(\$\{\w+:-)?\d+\}?", limits["cpus"]), name
        assert re.fullmatch(r"(\$\{\w+:-)?\d+[gm]\}?", limits["memory"]), name


def test_workers_can_be_many(compose):
    worker = compose["services"]["worker"]
    assert {"container_name", "hostname", "ports"} & set(worker) == set()
    assert "$$HOSTNAME" in worker["healthcheck"]["test"][1]


def test_tls_adds_to_what_is_there(compose):
    assert set(TLS["services"]) == {"warehouse", "proxy"}
    warehouse, proxy = TLS["services"]["warehouse"], TLS["services"]["proxy"]
    certificate, key = "/certificates/server.crt", "/certificates/server.key"
    assert set(warehouse) == {"command", "volumes"}
    tls = f" -c ssl=on -c ssl_cert_file={certificate} -c ssl_key_file={key}"
    assert warehouse["command"] == compose["services"]["warehouse"]["command"] + tls
    assert "reverse_proxy api-server:8080" in proxy["command"][2] and "api-server" in compose["services"]
    assert set(re.findall(r"/certificates/\S+", proxy["command"][2])) == {certificate, key}
    assert proxy["restart"] == "unless-stopped" and proxy["healthcheck"]["test"]


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
        "backups": str(home / "backups"),
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
    assert [words[:2] for words in ours] == [["db", "migrate"], ["db", "grant"], ["db", "backup"]]
    for group, name, *_ in ours:
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
