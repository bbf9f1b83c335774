"""Configuration, all of it: environment variables `IPCREDIT_*` and the paths derived from them."""

import os
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
EXPECTATIONS = PROJECT_ROOT / "expectations"
TIME_ZONE = ZoneInfo("Asia/Shanghai")


class Settings(BaseSettings):
    """Read once per process; every path has a default under `home`."""

    model_config = SettingsConfigDict(env_prefix="IPCREDIT_", extra="ignore")

    home: Path = PROJECT_ROOT / ".ipcredit"
    """Everything this installation writes: embedded server, archive, drop folders, outputs, Airflow's home."""
    database_url: SecretStr | None = None
    """`postgresql://user:password@host:port/database`, PostgreSQL 17 or newer; unset means the embedded server."""
    drop_dir: Path | None = None
    archive_dir: Path | None = None
    outputs_dir: Path | None = None
    person_key: SecretStr | None = None
    """Key of the hash that stands for a natural person, 16 characters at least. Unset: a key kept in `home`, with the
    embedded server only."""

    archive_keys: SecretStr | None = None
    """Keys of the archive (age), the one for new files first, separated by spaces. Unset: a key kept in `home`, with
    the embedded server only."""

    @property
    def drop(self) -> Path:
        """One folder per submitting unit, named by its code; receipts go to its sub-folder 回执."""
        return self.drop_dir or self.home / "drop"

    @property
    def archive(self) -> Path:
        """Bytes as received, by sha256, encrypted."""
        return self.archive_dir or self.home / "archive"

    @property
    def outputs(self) -> Path:
        """What is made from a release, in one folder per release."""
        return self.outputs_dir or self.home / "outputs"


@lru_cache
def get_settings() -> Settings:
    """The settings; a file named like a variable in the folder IPCREDIT_SECRETS_DIR stands for one that is not set."""
    return Settings(_secrets_dir=os.environ.get("IPCREDIT_SECRETS_DIR"))  # type: ignore[call-arg]
