"""Lists what a unit has dropped, without trusting a name, and finds out what each sheet claims to be."""

import os
import re
import secrets
import stat
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import islice, takewhile
from pathlib import Path, PurePosixPath
from typing import Any

from ipcredit.contracts import Contract, load_contracts, normalise_header, period_is_valid
from ipcredit.intake import readers
from ipcredit.intake.archive import Archived
from ipcredit.intake.layout import Layout, find_layout, told_above
from ipcredit.intake.rules import FileRefused
from ipcredit.intake.units import Unit, submitting_units
from ipcredit.settings import get_settings

RECEIPTS = "回执"
HELP_SHEETS = frozenset({"填写说明", "代码表", "字段说明"})
_UNFINISHED = (".part", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".swp", ".lock")
_NOT_OURS = frozenset({"thumbs.db", "desktop.ini"})
_FORBIDDEN = re.compile(r'[\\/:*?"<>|／＼∕⁄]|\.\.|%2f|%5c', re.IGNORECASE)
_COPY_MARK = re.compile(r"(\s*\(\d+\)|[\s_-]*副本(\s*\(\d+\))?)$")
_FILE_NAME = re.compile(
    r"(?P<dataset>.+?)[_\s-]+(?P<period>\d{4}(?:Q[1-4]|-\d{2})?)年?(?P<flags>(?:_(?:增量|全量|本期无数据|撤回))*)"
)
_MODES = {"全量": "full", "增量": "incremental"}


@dataclass(frozen=True)
class Dropped:
    """An entry of a drop folder that is looked at. `problem`: refused whatever it holds; not opened unless regular."""

    name: str
    size: int
    is_regular: bool
    is_settled: bool
    problem: FileRefused | None = None


@dataclass
class Claim:
    """What a sheet says it is, as far as that was found out before anything stood against it."""

    file_name: str
    archived: Archived
    sheet: readers.SheetText
    contract: Contract | None = None
    period: str | None = None
    mode: str = "full"
    action: str = "rows"
    """rows, nil_return or withdrawal"""
    layout: Layout | None = None
    refusal: FileRefused | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str] | None:
        """Dataset and period, when both are known and nothing stands against the sheet."""
        return (self.contract.dataset, self.period) if self.contract and self.period and not self.refusal else None


def unit_of(code: str) -> Unit:
    """The unit with this code.

    Raises:
        ValueError: the reference seed has no such unit; it has no drop folder either.
    """
    found = next((u for u in submitting_units() if u.code == code), None)
    if not found:
        raise ValueError(f"No submitting unit has the code {code!r} (seeds/reference/organisations.csv).")
    return found


def drop_folder(code: str) -> Path:
    """The unit's drop folder with its sub-folder for receipts, made if missing. A link in their place is an error."""
    folder = get_settings().drop / unit_of(code).code
    for path in (folder, folder / RECEIPTS):
        path.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            raise ValueError(f"{path} is a link; a drop folder must be a folder of its own.")
    return folder


def scan(unit: str, settle_seconds: float = 0) -> list[Dropped]:
    """What lies in the unit's drop folder, by name. Hidden and unfinished files are left alone.

    Args:
        settle_seconds: a file whose last write is nearer to now than this counts as still being written. A time far
            in the future also counts as settled: a client sets such a time when it has finished.
    """
    folder = drop_folder(unit)
    now = _now_in(folder) if settle_seconds else time.time()
    found = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if _is_left_alone(entry.name):
                continue
            about = entry.stat(follow_symlinks=False)
            problem = _problem_of(entry.name, about.st_mode)
            is_settled = problem is not None or abs(now - about.st_mtime) >= settle_seconds
            found.append(Dropped(entry.name, about.st_size, stat.S_ISREG(about.st_mode), is_settled, problem))
    return found


def _now_in(folder: Path) -> float:
    """Now by the clock that the times of files are of: a share's may be ahead of this machine's, or behind."""
    probe = folder / f".{secrets.token_hex(8)}.tmp"
    try:
        probe.touch(exist_ok=False)
        return probe.stat().st_mtime
    except OSError:  # a full disk: what lies there is looked at all the same
        return time.time()
    finally:
        probe.unlink(missing_ok=True)


def _is_left_alone(name: str) -> bool:
    lower = name.lower()
    # Two dots at the start are no hidden file but somebody who tries to climb out: that is refused.
    is_hidden = name.startswith(".") and not name.startswith("..")
    return name == RECEIPTS or name.startswith("~$") or is_hidden or lower.endswith(_UNFINISHED) or lower in _NOT_OURS


def _problem_of(name: str, mode: int) -> FileRefused | None:
    if stat.S_ISDIR(mode):
        return FileRefused("unsafe_name", "是子目录，不是文件")
    if not stat.S_ISREG(mode):
        return FileRefused("unsafe_name", "是链接或设备，不是普通文件")
    if any(unicodedata.category(c).startswith("C") for c in name) or _FORBIDDEN.search(name):
        return FileRefused("unsafe_name", "文件名含有控制字符或路径")
    return None


def printable(name: str) -> str:
    """A file name as it may stand in a table, a log line or a sheet: control characters written out, 200 characters."""
    return "".join(rf"\x{ord(c):02x}" if unicodedata.category(c).startswith("C") else c for c in name)[:200]


def claims_of(file_name: str, archived: Archived, sheets: list[readers.SheetText], unit: Unit, received_on: date,
              search_rows: int) -> list[Claim]:  # fmt: skip
    """What each sheet of a file claims to be. Sheets of help and empty ones beside others are passed over."""
    claims = []
    for sheet in sheets:
        if sheet.name in HELP_SHEETS:
            continue
        claim = Claim(
            printable(file_name), archived, sheet, notes={"encoding": sheet.encoding} if not sheet.name else {}
        )
        try:
            head = list(islice(readers.rows(sheet), search_rows))
        except FileRefused as refused:
            claim.refusal, head = refused, [["?"]]
        is_empty = not any(cell.strip() for row in head for cell in row)
        claims.append((claim, head, is_empty))
    if any(not is_empty for _, _, is_empty in claims):
        claims = [c for c in claims if not c[2]]
    for claim, head, _ in claims:
        if not claim.refusal:
            try:
                _identify(claim, head, unit, received_on)
            except FileRefused as refused:
                claim.refusal = refused
    return [claim for claim, _, _ in claims]


def _identify(claim: Claim, head: list[list[str]], unit: Unit, received_on: date) -> None:
    """Fill in the claim from the cells above the header, the sheet's name and the file's name, in that order."""
    told = told_above(takewhile(lambda row: not _is_header(row), head))
    named, flags = _told_by_name(claim.file_name)
    claim.contract = _dataset(told.get("数据集"), claim.sheet.name, named.get("dataset"))
    _check_unit(told.get("报送单位"), unit, claim.contract)
    claim.period = _period(told.get("报送期间"), named.get("period"), claim.contract, received_on)
    claim.mode = _mode(told.get("报送方式"), flags, claim.contract)
    is_nil = _ticked(told.get("本期无数据")) or "本期无数据" in flags
    is_withdrawal = told.get("操作", "").strip() == "撤回" or "撤回" in flags
    claim.action = "withdrawal" if is_withdrawal else "nil_return" if is_nil else "rows"
    if claim.action != "rows":
        # Both speak for the whole period.
        claim.mode = "full"
    try:
        claim.layout = find_layout(head, claim.contract)
    except FileRefused as refused:
        if claim.action == "rows":
            raise _better_dataset(head, claim.contract) or refused from None
    if claim.layout:
        claim.notes |= {"header_row": claim.layout.row, "headers": claim.layout.headers}


def _is_header(row: list[str]) -> bool:
    """Three columns of one dataset. From here down 报送单位 and the like are columns or notes, not metadata."""
    columns = {column for cell in row for column in _columns_by_header().get(normalise_header(cell), ())}
    return any(count >= 3 for count in Counter(dataset for dataset, _ in columns).values())


@cache
def _columns_by_header() -> dict[str, list[tuple[str, str]]]:
    """Dataset and column of every header and alias of all datasets."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for contract in load_contracts().values():
        for header, (column, _) in contract.headers.items():
            columns.setdefault(header, []).append((contract.dataset, column.name))
    return columns


def _told_by_name(file_name: str) -> tuple[dict[str, str], set[str]]:
    stem = unicodedata.normalize("NFKC", PurePosixPath(file_name).stem).strip()
    match = _FILE_NAME.fullmatch(_COPY_MARK.sub("", stem))
    if not match:
        return {}, set()
    return {"dataset": match["dataset"], "period": match["period"]}, {f for f in match["flags"].split("_") if f}


def told_by_name(file_name: str) -> tuple[str | None, str | None]:
    """Dataset and period that a file's name states, where they are real ones; for a file that cannot be opened."""
    named, _ = _told_by_name(file_name)
    contract = _named_dataset(named.get("dataset"))
    period = named.get("period")
    if not contract or not period or not period_is_valid(period, contract.update_cycle):
        return (contract.dataset if contract else None), None
    return contract.dataset, period


def _named_dataset(text: str | None) -> Contract | None:
    wanted = normalise_header(text or "")
    contracts = load_contracts().values()
    return next((c for c in contracts if wanted in (c.dataset, normalise_header(c.title))), None)


def _dataset(told: str | None, sheet_name: str, file_part: str | None) -> Contract:
    """The one dataset meant; names that are no dataset say nothing, but a told one must be known."""
    stated = _named_dataset(told)
    if told and not stated:
        raise FileRefused("unknown_dataset", f"表内写的数据集是「{told[:60]}」")
    meant = {c.dataset: c for c in (stated, _named_dataset(sheet_name), _named_dataset(file_part)) if c}
    if not meant:
        raise FileRefused("unknown_dataset")
    if len(meant) > 1:
        raise FileRefused("wrong_dataset", "分别指向：" + "、".join(c.title for c in meant.values()))
    return next(iter(meant.values()))


def _check_unit(told: str | None, unit: Unit, contract: Contract) -> None:
    if told and normalise_header(told) not in {normalise_header(n) for n in (unit.code, unit.name, *unit.aliases)}:
        raise FileRefused("wrong_bureau", f"表内写的报送单位是「{told[:60]}」，投递目录属于{unit.name}")
    if unit.role not in contract.submitting_roles:
        raise FileRefused("wrong_bureau", f"「{contract.title}」不由{unit.name}报送")


def _period(told: str | None, named: str | None, contract: Contract, received_on: date) -> str:
    periods = [normalise_period(text, contract.update_cycle) for text in (told, named) if text]
    if not periods:
        raise FileRefused("bad_period", "文件名和表内都没有报送期间")
    if len(set(periods)) > 1:
        raise FileRefused("period_mismatch", f"表内 {periods[0][:20]}，文件名 {periods[1]}")
    if not period_is_valid(periods[0], contract.update_cycle):
        raise FileRefused("bad_period", f"写的是「{periods[0][:20]}」")
    if _first_day(periods[0]) > received_on:
        raise FileRefused("bad_period", f"{periods[0]} 尚未开始")
    return periods[0]


def normalise_period(text: str, update_cycle: str) -> str:
    """`2022年`, `2022年第3季度`, `2022年11月` and what Excel makes of `2022-11`, as the ledger writes periods."""
    clean = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if match := re.fullmatch(r"(\d{4})年?度?", clean):
        return match[1]
    if match := re.fullmatch(r"(\d{4})年?(?:第?([1-4一二三四])季度|Q([1-4]))", clean):
        quarter = match[3] or str("一二三四".find(match[2]) + 1 or match[2])
        return f"{match[1]}Q{quarter}"
    # A month typed into a cell becomes the first day of that month.
    match = re.fullmatch(r"(\d{4})(?:年|-|/|\.)(\d{1,2})(?:月|-0?1(?:日)?)?", clean)
    return f"{match[1]}-{int(match[2]):02d}" if match and update_cycle == "monthly" else clean


def _first_day(period: str) -> date:
    year, rest = int(period[:4]), period[4:]
    if rest.startswith("Q"):
        return date(year, int(rest[1]) * 3 - 2, 1)
    return date(year, int(rest[1:]) if rest else 1, 1)


def _mode(told: str | None, flags: set[str], contract: Contract) -> str:
    stated = {mode for word, mode in _MODES.items() if word in (told or "") or word in flags}
    if len(stated) > 1:
        raise FileRefused("mode_mismatch", "全量、增量两种都写了")
    return stated.pop() if stated else contract.mode


def _ticked(told: str | None) -> bool:
    return normalise_header(told or "") in ("是", "√", "✓", "☑", "true", "1", "y", "yes")


def _better_dataset(head: list[list[str]], contract: Contract) -> FileRefused | None:
    """The header is that of another dataset: say so."""
    for other in load_contracts().values():
        if other.dataset == contract.dataset:
            continue
        try:
            find_layout(head, other)
        except FileRefused:
            continue
        return FileRefused("wrong_dataset", f"称为「{contract.title}」，表头却是「{other.title}」的")
    return None
