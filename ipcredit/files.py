"""Files that others read or write at the same time."""

import secrets
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> Path:
    """Write a file, replacing an earlier one at once: nobody finds half of it, and two who write it do not meet.

    Args:
        path: its folder is made if missing.
        content: all of it.
        mode: who may read a new one, less what the process's umask takes away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        unfinished.touch(mode)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
