"""The short cut for the plain lines of a large CSV: a block of them becomes COPY text by a few operations on bytes.

Plain is a block in which every line is one row of data, has the cells of the header in the order of the contract's
columns found in it, and holds nothing that anybody looks into: no quotation mark, no character that COPY would take
for its own, no personal data. Such blocks, most of a large file, give the very bytes that the way cell by cell would
give; for any other block `plain_converter`'s function returns None, and that way is gone.
"""

from collections.abc import Callable

from ipcredit.intake.layout import Layout
from ipcredit.intake.readers import Lines

CODE_TYPES = ("uscc", "org_code", "registration_no")
"""Types of column in which a natural person's identity number may stand in place of a code."""
_NOTHING = {b"", b"\r"}


def plain_converter(layout: Layout, delimiter: str, prefix: str) -> Callable[[Lines, bytes, int], bytes | None]:
    """A function from rows, their text in UTF-8 and the number of the first one to COPY text, or None.

    `prefix` is what all lines of COPY text begin with, before the empty unknown columns and the row number.
    """
    width, anchor = layout.width, layout.anchor
    suits = [at for at, _, _ in layout.known] == list(range(width)) and all(
        column.personal == "never" for _, column, _ in layout.known
    )
    codes = [at for at, column, _ in layout.known if column.type in CODE_TYPES]
    suspect = {*layout.suspect, delimiter}
    comma = delimiter.encode()
    foreign = [mark for mark in (b'"', b"\\", b"\0", b"\t") if mark != comma]
    to_tab = bytes.maketrans(comma, b"\t")
    start = f"{prefix}\t\t".encode()

    def convert(rows: Lines, text: bytes, first: int) -> bytes | None:
        if not suits or any(mark in text for mark in foreign):
            return None
        *lines, rest = text.split(b"\n")
        # Unequal where a line ends in a carriage return alone, or the last one not at all.
        if rest or len(lines) != len(rows) or {line.count(comma) for line in lines} != {width - 1}:
            return None
        if not suspect.isdisjoint({line[:1] for line in rows if isinstance(line, str)}):
            return None

        def initials(at: int) -> set[bytes]:
            return {line.split(comma, at + 1)[at][:1] if at else line[:1] for line in lines}

        # A first cell that is empty was suspect already.
        if anchor and not _NOTHING.isdisjoint(initials(anchor)):
            return None
        # Codes of companies begin with 9, identity numbers never do.
        if any(not initials(at) <= _NOTHING | {b"9"} for at in codes):
            return None
        numbered = b"".join([b"%b%d\t%b\n" % (start, number, line) for number, line in enumerate(lines, first)])
        return numbered.translate(to_tab, delete=b"\r")

    return convert
