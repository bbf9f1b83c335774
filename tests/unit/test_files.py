"""A file is whole or not there, whoever writes it besides."""

from pathlib import Path

import pytest

from ipcredit.files import write_whole


def test_two_who_write_at_once_both_end_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second writes all of it between the first one's bytes and its rename."""
    path, write, contents = tmp_path / "made" / "page.html", Path.write_bytes, [b"second"]

    def interrupted(unfinished: Path, content: bytes) -> int:
        written = write(unfinished, content)
        while contents:
            write_whole(path, contents.pop())
            assert path.read_bytes() == b"second"
        return written

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    assert write_whole(path, b"first", mode=0o600) == path
    assert path.read_bytes() == b"first" and path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_whole(tmp_path / "page.html", b"old")

    def full(unfinished: Path, content: bytes) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
