"""Receipts: what a bureau is told about each submission, as an .xlsx in its own drop folder."""

from pathlib import Path


def write_receipts(unit: str) -> list[Path]:
    """Write the receipts of this unit that are due."""
    return []
