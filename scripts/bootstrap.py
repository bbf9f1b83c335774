"""Make `.venv` from requirements.lock. Needs nothing but Python 3.11 or newer; safe to interrupt and to run again.
With a folder `wheelhouse` (made by `make wheelhouse`) it needs no network either.

The stamp `.venv/.installed-<hash of the lock>` is written last: with it there is nothing to do, with a stamp of another
lock the new lock is installed on top, without any stamp `.venv` is half-made and begun anew.
"""

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
WHEELS = ROOT / "wheelhouse"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV_LOCK = ROOT / "requirements-uv.lock"


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - it runs before anything has checked this
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.12 …")
    if VENV.is_symlink():
        return  # An environment shared on purpose: its owner keeps it.
    with LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits and finds the stamp
        stamp = VENV / f".installed-{hashlib.sha256(lock.read()).hexdigest()[:16]}"
        if stamp.exists():
            return
        _make_environment()
        _install_packages()
        _install_project()
        stamp.touch()


def _make_environment() -> None:
    complete = list(VENV.glob(".installed-*"))
    for old in complete:
        old.unlink()
    if complete:
        return
    if not importlib.util.find_spec("ensurepip"):
        sys.exit(
            f"{sys.executable} cannot make virtual environments: it has no ensurepip. On Debian and Ubuntu: "
            "apt install python3-venv; or use another Python: make PYTHON=/path/to/python3.12 …"
        )
    print(f"Making {VENV} with Python {sys.version.split()[0]}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def _install_packages() -> None:
    """Install the lock by uv, which takes seconds; by pip, which takes minutes, where uv cannot. Both check hashes."""
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    offline = ["--no-index", "--find-links", WHEELS] if WHEELS.is_dir() else []
    # The lock is whole; of its own, pip would ask for celery[redis] without a hash and give up.
    install = ["install", "--quiet", *offline, "--only-binary", ":all:"]
    install += ["--no-deps", "--require-hashes", "--requirement"]
    print("Installing requirements.lock", flush=True)
    if subprocess.run([*pip, *install, UV_LOCK], check=False).returncode == 0:
        # uv does not read pip's configuration: hand on a mirror set there.
        mirror = subprocess.run(
            [*pip, "config", "get", "global.index-url"], capture_output=True, text=True, check=False
        )
        environment = ({"UV_DEFAULT_INDEX": mirror.stdout.strip()} if mirror.returncode == 0 else {}) | os.environ
        # The machine's certificates, as pip has them: an office's proxy signs with its own.
        command = [VENV / "bin" / "uv", "pip", "install", "--python", PYTHON, "--system-certs"]
        command += [*offline, "--no-build", "--compile-bytecode", "--require-hashes", "--requirement", LOCK]
        if subprocess.run(command, env=environment, check=False).returncode == 0:
            return
        print("uv could not; pip can, in some minutes", flush=True)
    subprocess.run([*pip, *install, LOCK], check=True)


def _install_project() -> None:
    """The checkout itself is the installation: a path entry and the command `.venv/bin/ipcredit`, no build."""
    packages = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    Path(packages, "ipcredit.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = VENV / "bin" / "ipcredit"
    command.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -P -m ipcredit.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"Installing failed (exit code {error.returncode}); what it said is above. Run it again when mended.")
