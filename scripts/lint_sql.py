"""sqlfluff over the models. Its dbt templater asks a database what exists: this lends it an empty one."""

import os
import subprocess
import sys
from pathlib import Path

import throwaway

from ipcredit.build import dbt_environment
from ipcredit.settings import PROJECT_ROOT

SQLFLUFF = Path(sys.executable).with_name("sqlfluff")
STAGING = Path("dbt_project/models/staging")


def _lint(*arguments: str | Path, environment: dict[str, str]) -> bool:
    command = [SQLFLUFF, "lint", *arguments]
    return subprocess.run(command, env=environment, check=False).returncode == 0


def main() -> int:
    os.chdir(PROJECT_ROOT)
    with throwaway.warehouse():
        environment = dbt_environment()
        others = [path for path in STAGING.parent.iterdir() if path.is_dir() and path != STAGING]
        results = [
            _lint("--config", "dbt_project/staging.sqlfluff", STAGING, environment=environment),
            _lint(*others, environment=environment),
        ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
