"""What is installed: locked with hashes, free of registry addresses, under known licences."""

import re
import subprocess
import sys
from pathlib import Path

import licences
import pytest

from ipcredit.settings import PROJECT_ROOT

LOCKS = [PROJECT_ROOT / name for name in licences.LOCKS]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert {entry.split("==")[0] for entry in entries} <= set(licences.locked())
    assert [entry for entry in entries if not re.match(r"\S+==.* \\\n    --hash=sha256:", entry)] == []
    assert set(re.findall(r"--hash=(\S+)", text)) == set(re.findall(r"--hash=(sha256:[0-9a-f]{64})\b", text))
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links", text)


def test_the_locks_hold_what_is_asked_for() -> None:
    for lock in LOCKS:
        asked = re.findall(r"^([A-Za-z0-9.-]+)", lock.with_suffix(".in").read_text(encoding="utf-8"), re.MULTILINE)
        found = re.findall(r"^([a-z0-9.-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)
        assert {name.replace(".", "-") for name in asked} <= set(found)


def test_everything_that_installs_the_lock_checks_the_hashes() -> None:
    for name, times in {"scripts/bootstrap.py": 2, "Dockerfile": 1, "Makefile": 2}.items():
        text = re.sub(r"\\\n\s*", "", (PROJECT_ROOT / name).read_text(encoding="utf-8"))
        installs = [line for line in text.splitlines() if re.search(r"--(requirement|no-deps)\b", line)]
        assert len(installs) == times, name
        assert all("--require-hashes" in line for line in installs), name


def test_a_package_that_is_not_what_was_locked_is_not_installed(tmp_path: Path) -> None:
    """Proven on the real tool, without a network: a wheel of the right name and version, and another hash."""
    wheel = tmp_path / "colorama-0.4.6-py2.py3-none-any.whl"
    wheel.write_bytes(b"not the wheel that was locked")
    lock = tmp_path / "requirements.lock"
    lock.write_text("colorama==0.4.6 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-index", "--find-links", str(tmp_path),
               "--require-hashes", "--requirement", str(lock), "--dest", str(tmp_path / "out")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "DO NOT MATCH THE HASHES" in done.stderr


def test_the_list_of_licences_is_of_exactly_these_packages_and_none_is_unknown_or_forbidden() -> None:
    assert licences.LIST.read_text(encoding="utf-8") == licences.page()
    assert [name for name in licences.locked() if licences.is_forbidden(licences.licence(name))] == []


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("GPL-3.0-only", True), ("GNU Affero General Public License v3", True), ("AGPL-3.0", True), ("UNKNOWN", True),
        ("Other/Proprietary License", True), ("LGPL-3.0-only", False), ("MIT", False),
        ("GNU Lesser General Public License v2 or later (LGPLv2+)", False),
        ("GNU General Public License v2 (GPLv2)", True),
    ],
)  # fmt: skip
def test_which_licences_are_forbidden(text: str, forbidden: bool) -> None:
    assert licences.is_forbidden(text) is forbidden
