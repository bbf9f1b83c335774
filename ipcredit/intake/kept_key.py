"""The keys of a single machine, each in a file of its own in `home`; larger installations configure theirs."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept_key(path: Path, make: Callable[[], str]) -> str:
    """The key in this file, made at first use; two processes that start together end up with the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: whoever comes second finds the first one's, and finds it whole.
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(make())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text()
