"""sqlfluff over the models. Its dbt templater asks a database what exists: this lends it an empty one."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import throwaway

from ipcredit.build import dbt_environment
from ipcredit.settings import PROJECT_ROOT

SQLFLUFF = Path(sys.executable).with_name("sqlfluff")
MODELS = Path("dbt_project/models")
STAGING = MODELS / "staging"


def _lint(target: Path, *arguments: str | Path) -> bool:
    # dbt's own files of two runs at once must not be the same
    environment = dbt_environment() | {"DBT_TARGET_PATH": str(target)}
    return subprocess.run([SQLFLUFF, "lint", *arguments], env=environment, check=False).returncode == 0


def main() -> int:
    os.chdir(PROJECT_ROOT)
    with throwaway.warehouse() as scratch, ThreadPoolExecutor() as pool:
        others = sorted(path for path in MODELS.iterdir() if path.is_dir() and path != STAGING)
        runs = [
            pool.submit(_lint, scratch / "staging", "--config", "dbt_project/staging.sqlfluff", STAGING),
            pool.submit(_lint, scratch / "others", *others),
        ]
        return 0 if all([run.result() for run in runs]) else 1


if __name__ == "__main__":
    sys.exit(main())
