"""An embedded PostgreSQL server that is gone afterwards, for scripts that must not touch a warehouse in use."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ipcredit import embedded
from ipcredit.settings import get_settings


@contextmanager
def warehouse() -> Iterator[Path]:
    """A home of its own with a running server, whatever the settings name; yields the home."""
    home = Path(tempfile.mkdtemp(prefix="ipcredit-throwaway-"))
    home.chmod(0o755)  # as root the server runs as another user
    for name in [name for name in os.environ if name.startswith("IPCREDIT_")]:
        del os.environ[name]
    os.environ["IPCREDIT_HOME"] = str(home)
    get_settings.cache_clear()
    embedded.start()
    try:
        yield home
    finally:
        embedded.stop()
        shutil.rmtree(home)
