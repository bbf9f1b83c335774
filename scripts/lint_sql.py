"""sqlfluff over the models. Its dbt templater asks a database what exists: this lends it an empty one."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ipcredit import embedded
from ipcredit.build import dbt_environment
from ipcredit.settings import PROJECT_ROOT


def main() -> int:
    home = Path(tempfile.mkdtemp(prefix="ipcredit-lint-"))
    home.chmod(0o755)  # as root the server runs as another user
    os.environ["IPCREDIT_HOME"] = str(home)
    os.environ.pop("IPCREDIT_DATABASE_URL", None)
    embedded.start()
    try:
        command = [Path(sys.executable).with_name("sqlfluff"), "lint", *(sys.argv[1:] or ["dbt_project/models"])]
        return subprocess.run(command, cwd=PROJECT_ROOT, env=dbt_environment(), check=False).returncode
    finally:
        embedded.stop()
        shutil.rmtree(home)


if __name__ == "__main__":
    sys.exit(main())
