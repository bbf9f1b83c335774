"""Of dbt's events for its debug log only what somebody reads is put together."""

import subprocess
import sys
from pathlib import Path

from dbt_common.events.base_types import EventLevel
from dbt_common.events.logger import LoggerConfig
from dbt_common.events.types import Note

from ipcredit.dbt import HeardEvents


def test_debug_events_are_passed_over_until_a_log_shows_them(tmp_path: Path) -> None:
    manager, heard = HeardEvents(), []
    manager.add_callback(heard.append)
    manager.add_logger(LoggerConfig(name="console", level=EventLevel.INFO, output_file_name=tmp_path / "console"))
    for level in (EventLevel.DEBUG, EventLevel.INFO, EventLevel.WARN, EventLevel.ERROR):
        manager.fire_event(Note(msg="a note"), level)
    assert [message.info.level for message in heard] == ["info", "warn", "error"]

    manager.add_logger(LoggerConfig(name="file", level=EventLevel.DEBUG, output_file_name=tmp_path / "file"))
    manager.fire_event(Note(msg="a detail"), EventLevel.DEBUG)
    manager.flush()
    assert heard[-1].info.level == "debug"
    assert "a detail" in (tmp_path / "file").read_text(encoding="utf-8")
    assert "a detail" not in (tmp_path / "console").read_text(encoding="utf-8")


def test_the_command_hands_dbt_this_manager_and_its_own_collector() -> None:
    code = """
import gc, runpy, sys
from dbt_common.events.event_manager_client import get_event_manager
sys.argv = ["dbt", "--version"]
try:
    runpy.run_module("ipcredit.dbt", run_name="__main__")
finally:
    print(type(get_event_manager()).__name__, gc.get_threshold()[0])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "HeardEvents 50000"
