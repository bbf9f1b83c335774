"""Airflow on this machine: one scheduler, one DAG processor and one API server, all under `home/airflow`.

`up` is safe to repeat; `down` stops whatever an earlier start left, also after a crash. The metadata database is
`airflow` on the embedded server, unless `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN` names another. The production shape is
docker-compose.yml.
"""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import typer

from ipcredit import embedded
from ipcredit.settings import PROJECT_ROOT, get_settings

COMPONENTS = {
    "api-server": ["api-server"],
    # The API server reads task logs from the same disk: no need for the scheduler to serve them on the network.
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
}
DAG_IDS = {path.stem for path in (PROJECT_ROOT / "dags").glob("*.py")}
USER = "operator"
START_SECONDS = 300
STOP_SECONDS = 10


class AirflowError(RuntimeError):
    """Airflow could not be started or asked; the message holds the end of the log that says why."""


def home() -> Path:
    """Airflow's own folder."""
    return (get_settings().home / "airflow").absolute()


def metadata_url() -> str:
    """SQLAlchemy URL of Airflow's metadata database."""
    if configured := os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        return configured
    if get_settings().database_url:
        raise AirflowError("With IPCREDIT_DATABASE_URL set, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN is needed as well.")
    return embedded.airflow_url()


def _write_private(path: Path, content: dict[str, Any]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file)


def _secrets() -> dict[str, str]:
    """Keys and the operator's password, made once per installation."""
    path = home() / "secrets.json"
    if not path.exists():
        home().mkdir(parents=True, exist_ok=True)
        made = {name: secrets.token_urlsafe(32) for name in ("api_key", "jwt_key")}
        made["fernet_key"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        made["password"] = secrets.token_urlsafe(9)
        _write_private(path, made)
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    _write_private(home() / "passwords.json", {USER: kept["password"]})
    return kept


def _port() -> int:
    """The API's port: the one used last time if nobody else has taken it, else a free one."""
    path = home() / "port"
    for wanted in ([int(path.read_text())] if path.exists() else []) + [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
        path.write_text(str(port))
        return port
    raise AirflowError("No free port on 127.0.0.1.")


def _url() -> str:
    return f"http://127.0.0.1:{(home() / 'port').read_text()}"


def environment(port: int) -> dict[str, str]:
    """What every Airflow process here runs with, on top of the caller's environment."""
    kept = _secrets()
    search_path = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "AIRFLOW_HOME": str(home()),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__SECRET_KEY": kept["api_key"],
        "AIRFLOW__API_AUTH__JWT_SECRET": kept["jwt_key"],
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__FERNET_KEY": kept["fernet_key"],
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home() / "passwords.json"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata_url(),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home() / "logs"),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        # The API answers its first task slowly on a small machine; a task must not give up on it after 5 seconds.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "IPCREDIT_HOME": str(get_settings().home.absolute()),
        "PYTHONPATH": os.pathsep.join(search_path),
    }


def _airflow(*arguments: str) -> list[str]:
    # Not the `airflow` script: its first line cannot name an interpreter whose path has a space.
    return [sys.executable, "-m", "airflow", *arguments]


def log_tail(name: str, lines: int = 25) -> str:
    """The end of a component's log."""
    path = home() / "logs" / f"{name}.log"
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]) if path.exists() else ""


def migrate() -> None:
    """Bring the tables of the metadata database up to date.

    Raises:
        AirflowError: `airflow db migrate` failed.
    """
    (home() / "logs").mkdir(parents=True, exist_ok=True)
    with (home() / "logs" / "db-migrate.log").open("wb") as log:
        done = subprocess.run(
            _airflow("db", "migrate"), env=environment(_port()), cwd=home(), stdout=log, stderr=log, check=False
        )
    if done.returncode:
        raise AirflowError(f"airflow db migrate failed:\n{log_tail('db-migrate')}")


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Let one `up` or `down` at a time work on this home."""
    home().mkdir(parents=True, exist_ok=True)
    with (home() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _leaders() -> dict[str, dict[str, Any]]:
    path = home() / "processes.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _members(leader: dict[str, Any]) -> list[psutil.Process]:
    """Processes of one component: those of the session it leads, also when the leader itself has died."""
    try:
        if psutil.Process(leader["pid"]).create_time() != leader["created"]:
            return []  # The number belongs to somebody else now, which a session still alive would not allow.
    except psutil.NoSuchProcess:
        pass
    members = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader["pid"] and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
        except (ProcessLookupError, PermissionError, psutil.Error):
            continue
    return members


def running() -> dict[str, bool]:
    """Which components run."""
    leaders = _leaders()
    return {name: bool(name in leaders and _members(leaders[name])) for name in COMPONENTS}


def check() -> None:
    """Raise with the end of its log when a component has ended.

    Raises:
        AirflowError: it has.
    """
    for name, alive in running().items():
        if not alive:
            raise AirflowError(f"airflow {name} is not running; the end of its log:\n{log_tail(name)}")


def down() -> None:
    """Stop every process a previous `up` started, politely first. Nothing running is fine."""
    with _only_one():
        members = [process for leader in _leaders().values() for process in _members(leader)]
        for leader in _leaders().values():
            if any(process.pid == leader["pid"] for process in members):
                os.kill(leader["pid"], signal.SIGTERM)
        psutil.wait_procs(members, timeout=STOP_SECONDS)
        for process in (process for leader in _leaders().values() for process in _members(leader)):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        (home() / "processes.json").unlink(missing_ok=True)


def start() -> None:
    """Start the components unless all of them run; call `migrate` first and `wait_until_ready` after."""
    if all(running().values()):
        return
    down()
    with _only_one():
        variables = environment(_port())
        leaders: dict[str, dict[str, Any]] = {}
        for name, arguments in COMPONENTS.items():
            with (home() / "logs" / f"{name}.log").open("ab") as log:
                process = subprocess.Popen(
                    _airflow(*arguments),
                    env=variables, cwd=home(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
            leaders[name] = {"pid": process.pid, "created": psutil.Process(process.pid).create_time()}
            _write_private(home() / "processes.json", leaders)


def wait_until_ready() -> "Api":
    """Wait until Airflow answers and has read the DAGs of this checkout since it was started.

    Raises:
        AirflowError: a component ended, a DAG cannot be imported, or it took longer than `START_SECONDS`.
    """
    started = datetime.fromtimestamp(min((leader["created"] for leader in _leaders().values()), default=0), UTC)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        check()
        with contextlib.suppress(httpx.HTTPError):
            # The first request to the execution API blocks for seconds: make it before any task does.
            httpx.get(f"{_url()}/execution/health", timeout=60).raise_for_status()
            health = httpx.get(f"{_url()}/api/v2/monitor/health", timeout=10).json()
            api = Api()
            if errors := api.get("importErrors")["import_errors"]:
                raise AirflowError("\n".join(error["stack_trace"] for error in errors))
            read = {dag["dag_id"] for dag in api.get("dags")["dags"] if _moment(dag["last_parsed_time"]) >= started}
            if read >= DAG_IDS and health["scheduler"]["status"] == "healthy":
                return api
        time.sleep(0.3)
    raise AirflowError(f"Airflow was not ready after {START_SECONDS} seconds:\n{log_tail('scheduler')}")


def _moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)


class Api:
    """The few calls to Airflow's REST API that the demo and the tests need."""

    def __init__(self) -> None:
        self.url = _url()
        answer = httpx.post(
            f"{self.url}/auth/token", json={"username": USER, "password": _secrets()["password"]}, timeout=60
        )
        answer.raise_for_status()
        token = answer.json()["access_token"]
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v2/", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """The JSON answer to a GET."""
        answer = self._client.get(path, params=parameters)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content

    def unpause(self) -> None:
        """Let the DAGs run."""
        for dag_id in sorted(DAG_IDS):
            self._client.patch(f"dags/{dag_id}", json={"is_paused": False}).raise_for_status()

    def trigger(self, dag_id: str, **params: Any) -> str:
        """Start a run by hand.

        Returns:
            Its run id.
        """
        answer = self._client.post(f"dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": params})
        answer.raise_for_status()
        run_id: str = answer.json()["dag_run_id"]
        return run_id

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One DAG run."""
        return self.get(f"dags/{dag_id}/dagRuns/{run_id}")

    def asset_events(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The assets this run has emitted, each with the runs that it has started."""
        answer = self.get("assets/events", source_dag_id=dag_id, source_run_id=run_id)
        found: list[dict[str, Any]] = answer["asset_events"]
        return found

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run, mapped ones one by one."""
        found: list[dict[str, Any]] = self.get(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=100)[
            "task_instances"
        ]
        return found

    def log(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """The log of a task instance's last try, one entry per message."""
        path = f"dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        content: list[dict[str, Any]] = self.get(
            f"{path}/logs/{max(task['try_number'], 1)}", map_index=task["map_index"], full_content=True
        )["content"]
        return content

    def log_tail(self, task: dict[str, Any], lines: int = 25) -> str:
        """The end of that log as text."""
        return "\n".join(_log_line(entry) for entry in self.log(task)[-lines:])

    def work(self, task: dict[str, Any]) -> tuple[float, float] | None:
        """When our function in a task began and ended, by Airflow's log; None for a task that did not come to it."""
        entries = self.log(task)
        events = [entry["event"] for entry in entries]
        if "Worker startup parse complete" not in events or "::group::Post Execute" not in events:
            return None
        began, ended = events.index("Worker startup parse complete"), events.index("::group::Post Execute")
        return _moment(entries[began]["timestamp"]).timestamp(), _moment(entries[ended]["timestamp"]).timestamp()


def _log_line(entry: dict[str, Any]) -> str:
    errors = [f"{error['exc_type']}: {error['exc_value']}" for error in entry.get("error_detail") or []]
    return "\n".join([entry.get("event", ""), *errors])


def invitation() -> str:
    """Where the operator finds Airflow's web page, and how to get in."""
    return f"Airflow: {_url()}  user: {USER}  password: {_secrets()['password']}"


app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command("up")
def _up() -> None:
    """Start Airflow, let the DAGs run on their schedules, and say where the UI is."""
    migrate()
    try:
        start()
        api = wait_until_ready()
    except BaseException:
        down()
        raise
    api.unpause()
    typer.echo(invitation())


@app.command("down")
def _down() -> None:
    """Stop Airflow."""
    down()


@app.command("status")
def _status() -> None:
    """Which components run; exit code 1 when not all do."""
    state = running()
    for name, alive in state.items():
        typer.echo(f"{name}: {'running' if alive else 'stopped'}")
    if not all(state.values()):
        raise typer.Exit(1)
    typer.echo(f"UI: {_url()}")


@app.command("airflow", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def _run(context: typer.Context) -> None:
    """Become Airflow's own command line on this installation, such as: airflow dags list."""
    port = int((home() / "port").read_text())  # of the last start: another would be written down as the page's
    os.execve(sys.executable, _airflow(*context.args), environment(port))  # noqa: S606 - its only work is to become it


if __name__ == "__main__":
    app()
