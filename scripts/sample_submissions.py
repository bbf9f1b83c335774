"""Synthetic submissions of all bureaus, as they really arrive, and a manifest of everything that is wrong with them.

    python scripts/sample_submissions.py [--subjects 3000] [--seed 2022] [--output DIR] [--manifest FILE]

Writes every dataset for 2022 into one folder per unit (default: the drop folder). The mess is spread over the bureaus
on purpose (`STYLES`); a small share of rows is wrong (`DEFECTS`), and a few files cannot be taken in. The manifest
(JSON, default: `samples.json` in the installation's home) lists each submission with the rows to be received, accepted
and rejected, and each planted defect with its row, column and issue code. The same arguments give the same bytes.
"""

import csv
import json
import random
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import sample_assessment
import sample_cases
import sample_defects
import sample_identity
import sample_pilot
import sample_registers
import sample_services
import sample_subjects as subjects_module
import typer
from sample_defects import AGAIN, Defect
from sample_subjects import CLASS_MONTHS, QUARTERS, YEAR, Bureau, Record, Subject
from sheets import Cell, Formula, Line, Sheet, encrypted_workbook, settle, write, write_csv

from ipcredit.contracts import Column, Contract, load_contracts
from ipcredit.intake.units import submitting_units
from ipcredit.settings import DBT_PROJECT, get_settings

# Modules of further datasets: each has MAKERS (records of a bureau), PROVINCIAL_MAKERS and DEFECTS by dataset.
GROUPS: tuple[ModuleType, ...] = (
    sample_registers, sample_cases, sample_services, sample_identity, sample_assessment, sample_pilot,
)  # fmt: skip
MAKERS = {
    dataset: getattr(subjects_module, dataset)
    for dataset in (
        "honours", "patent_awards", "standard_certifications", "agencies",
        "penalties", "abnormal_patents", "malicious_trademarks",
    )
} | {dataset: make for group in GROUPS for dataset, make in group.MAKERS.items()}  # fmt: skip
PROVINCIAL_MAKERS = {dataset: make for group in GROUPS for dataset, make in group.PROVINCIAL_MAKERS.items()}
DEFECTS = sample_defects.DEFECTS | {dataset: faults for group in GROUPS for dataset, faults in group.DEFECTS.items()}
NIL_MONTHS = tuple(f"{YEAR}-{month:02d}" for month in range(1, 7))
PROVINCIAL_SOURCE = "210000"
LEFT_OUT = ("211200", "malicious_trademarks")
"""This bureau never sends this dataset: the gap that coverage has to name."""

INCREMENTAL = "210700"
"""This bureau sends its penalties of the second quarter as an increment."""

EXCEL_EPOCH = date(1899, 12, 30)
FULL_WIDTH = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})


@dataclass(frozen=True)
class Style:
    """How a bureau makes its files. Nothing here is an error: all of it must be read without complaint."""

    suffix: str = ".xlsx"
    encoding: str = "utf-8-sig"
    bundled: bool = False  # one workbook a period with a sheet for each dataset
    identified: str = "cells"  # cells | inline: above the header; name: by the file name
    titles: int = 0  # merged rows above the header
    notes: bool = False  # lines below the data
    aliases: bool = False
    header_noise: bool = False
    shuffled: bool = False
    numbered: bool = False  # a column 序号
    unknown_column: str | None = None
    empty_rows: bool = False
    hidden_rows: bool = False
    formulas: bool = False
    dates: str = "iso"
    codes: str = "plain"
    digits: str = "plain"
    amounts: str = "number"
    penalties: str = "template"  # template | new: 双公示 of 2018 | old: that of 2015


STYLES: dict[str, Style] = {
    "210100": Style(bundled=True, dates="cell"),
    "210200": Style(
        identified="name", titles=2, notes=True, aliases=True, dates="chinese", amounts="wan", penalties="new"
    ),
    "210300": Style(".xls", bundled=True, titles=1, dates="cell", numbered=True, penalties="new"),
    "210400": Style(".csv", "gb18030", identified="name", dates="slash", codes="spaced", penalties="old"),
    "210500": Style(".csv", "utf-8-sig", identified="name", dates="compact", aliases=True, amounts="worded"),
    "210600": Style(bundled=True, identified="inline", titles=1, notes=True, dates="dots", hidden_rows=True),
    "210700": Style(bundled=True, header_noise=True, codes="spaced", dates="serial", amounts="comma", empty_rows=True),
    "210800": Style(".xls", identified="name", shuffled=True, codes="lower", dates="chinese", amounts="wan"),
    "210900": Style(bundled=True, formulas=True, unknown_column="审核状态", dates="iso"),
    "211000": Style(".csv", "gb18030", identified="name", titles=1, codes="full", digits="full", dates="full"),
    "211100": Style(bundled=True, identified="inline", numbered=True, shuffled=True, dates="compact", penalties="old"),
    "211200": Style(bundled=True, titles=2, aliases=True, header_noise=True, digits="full", dates="dots"),
    "211300": Style(".csv", identified="name", header_noise=True, empty_rows=True, amounts="wan"),
    "211400": Style(
        bundled=True, notes=True, hidden_rows=True, dates="chinese", unknown_column="内部编号", penalties="new"
    ),
    "LN-SF": Style(identified="name", numbered=True, dates="cell", codes="lower"),
    PROVINCIAL_SOURCE: Style(titles=1, notes=True, dates="chinese"),
    "LN-IPO": Style(dates="cell"),
    "LN-SDB": Style(".csv", identified="name"),
}  # fmt: skip

# 双公示 columns in their official order; the names are aliases in the contract.
NEW_LAYOUT = (
    "cf_xdr_mc", "cf_xdr_lb", "cf_xdr_shxym", "cf_xdr_gszc", "cf_xdr_zzjg", "cf_xdr_swdj", "cf_xdr_sydw",
    "cf_xdr_shzz", "cf_frdb", "cf_fr_zjlx", "cf_fr_zjhm", "cf_xdr_zjlx", "cf_xdr_zjhm", "cf_wsh", "cf_wfxw",
    "cf_sy", "cf_yj", "cf_cflb", "cf_nr", "cf_nr_fk", "cf_nr_wfff", "cf_nr_zkdx", "cf_jdrq", "cf_yxq", "cf_gsjzq",
    "cf_cfjg", "cf_cfjgdm", "cf_sjly", "cf_sjlydm", "bz",
)  # fmt: skip
OLD_LAYOUT = (
    "CF_WSH", "CF_CFMC", "CF_CFLB1", "CF_CFLB2", "CF_SY", "CF_YJ", "CF_XDR_MC", "CF_XDR_SHXYM", "CF_XDR_ZDM",
    "CF_XDR_GSDJ", "CF_XDR_SWDJ", "CF_XDR_SFZ", "CF_FR", "CF_JG", "CF_JDRQ", "CF_XZJG", "CF_ZT", "DFBM", "SJC",
    "BZ",
)  # fmt: skip


@dataclass
class Header:
    """A header cell with the column and unit it means; no column for 序号 and unknown ones."""

    text: str
    column: Column | None
    unit: str | None = None


@dataclass
class Plan:
    """One sheet to be sent."""

    bureau: Bureau
    dataset: str
    period: str
    records: list[Record]
    nil: bool = False
    withdrawn: bool = False
    mode: str = "full"


@dataclass
class Writer:
    """Writes files, and keeps account of what it planted."""

    output: Path
    seed: int
    contracts: dict[str, Contract]
    blocking: set[str]
    submissions: list[dict[str, Any]] = field(default_factory=list)
    defects: list[dict[str, Any]] = field(default_factory=list)
    turns: dict[str, int] = field(default_factory=dict)

    def file(self, plans: list[Plan], name: str, style: Style) -> None:
        """One file with a sheet for each plan."""
        sheets = []
        for plan in plans:
            contract = self.contracts[plan.dataset]
            sheet_name = contract.title if len({p.period for p in plans}) == 1 else f"{contract.title}{plan.period}"
            sheets.append(self._sheet(plan, name + style.suffix, sheet_name, style))
        path = self.output / plans[0].bureau.code / (name + style.suffix)
        if style.suffix == ".csv":
            write_csv(path, sheets[0], style.encoding)
        else:
            write(path, sheets)
        settle(path)

    def _sheet(self, plan: Plan, file: str, sheet_name: str, style: Style) -> Sheet:
        rng = random.Random(f"{self.seed}:{plan.bureau.code}:{plan.dataset}:{plan.period}:sheet")
        contract = self.contracts[plan.dataset]
        headers = _headers(contract, plan, style, rng)
        lines = _above(contract, plan, style, len(headers))
        lines.append(Line([_noisy(h.text, rng) if style.header_noise else h.text for h in headers]))
        key = {"unit": plan.bureau.code, "file": file, "sheet": "" if style.suffix == ".csv" else sheet_name}
        spoiled = self._choose(plan, rng)
        issues: list[dict[str, Any]] = []
        for index, record in enumerate(plan.records):
            if style.empty_rows and index % 7 == 5:
                lines.append(Line([None] * len(headers)))
            cells = {h.column.name: _cell(h.column, h.unit, contract, record, style, rng) for h in headers if h.column}
            defect = spoiled.get(index)
            if defect and (defect is AGAIN or defect.column in cells):
                issues.append(key | {"row": len(lines) + 1, "column": defect.column, "issue": defect.issue})
                if defect is not AGAIN:
                    cells[defect.column] = defect.spoil(record.get(defect.column))
            line = Line([_place(h, cells, index) for h in headers], hidden=style.hidden_rows and index % 9 == 4)
            lines.append(line)
            if defect is AGAIN:
                lines.append(replace(line))
        if style.notes and plan.records:
            lines += [Line([]), Line(["注：本表数据截至报送期末。"]), Line([f"填报单位：{plan.bureau.name}"])]
        state = "withdrawal" if plan.withdrawn else "nil_return" if plan.nil else "loaded"
        received = len(plan.records) + sum(issue["issue"] == "duplicate_in_file" for issue in issues)
        rejected = len({issue["row"] for issue in issues if issue["issue"] in self.blocking})
        self.defects += issues
        self.submissions.append(
            key | {
                "dataset": plan.dataset, "period": plan.period, "mode": plan.mode, "state": state, "refusal_code": None,
                "received": received, "accepted": received - rejected, "rejected": rejected,
            }
        )  # fmt: skip
        return Sheet(sheet_name, lines)

    def _choose(self, plan: Plan, rng: random.Random) -> dict[int, Defect]:
        """Rows to spoil, and how: about one in forty, fewer of the long lists, more of what is sent only once."""
        share = {"general_risk_class": 200, "indicator_judgements": 18}.get(plan.dataset, 40)
        count = min(max(1, len(plan.records) // share), len(plan.records) // 2)
        kinds = DEFECTS[plan.dataset]
        rows = rng.sample(range(len(plan.records)), len(plan.records))
        chosen: dict[int, Defect] = {}
        for _ in range(count):
            turn = self.turns.get(plan.dataset, 0)
            self.turns[plan.dataset] = turn + 1
            defect = kinds[turn % len(kinds)]
            row = next((r for r in rows if r not in chosen and defect.fits(plan.records[r])), None)
            if row is not None:
                chosen[row] = defect
        return chosen

    def refused(self, bureau: Bureau, file: str, content: bytes, code: str) -> None:
        """A file that cannot be taken in."""
        path = self.output / bureau.code / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        settle(path)
        self.submissions.append({
            "unit": bureau.code, "file": file, "sheet": "", "dataset": None, "period": None, "mode": None,
            "state": "refused", "refusal_code": code, "received": 0, "accepted": 0, "rejected": 0,
        })  # fmt: skip


def _headers(contract: Contract, plan: Plan, style: Style, rng: random.Random) -> list[Header]:
    if plan.dataset == "penalties" and style.penalties != "template":
        names = NEW_LAYOUT if style.penalties == "new" else OLD_LAYOUT
        matched = ((name, contract.match_header(name)) for name in names)
        return [Header(name, *found) for name, found in matched if found]
    held = set().union(*plan.records) if plan.records else set()
    headers = []
    for column in contract.columns:
        if not (column.required or column.name in held or style.bundled):
            continue
        choices = [(column.header, column.unit)]
        if style.aliases:
            # Field names of systems (cf_…, xy…) belong to the layouts above.
            choices += [(a.text, a.unit) for a in column.aliases if not a.text.isascii()]
        if column.type == "amount" and style.amounts == "wan":
            choices = [(a.text, a.unit) for a in column.aliases if a.unit == "wan_yuan" and not a.text.isascii()]
        text, unit = rng.choice(choices)
        headers.append(Header(text, column, unit))
    if style.shuffled:
        rng.shuffle(headers)
    if style.unknown_column:
        headers.insert(len(headers) // 2, Header(style.unknown_column, None))
    return [Header("序号", None), *headers] if style.numbered else headers


def _above(contract: Contract, plan: Plan, style: Style, width: int) -> list[Line]:
    titles = [f"{plan.bureau.short}{contract.title}报送表", f"（{plan.period}）"][: style.titles]
    lines = [Line([title] + [None] * (width - 1), merged=width if style.suffix != ".csv" else 0) for title in titles]
    if style.identified == "name":
        return lines
    facts = {"报送单位": plan.bureau.name, "数据集": contract.title, "报送期间": plan.period}
    facts |= {"报送方式": "增量" if plan.mode == "incremental" else "全量", "本期无数据": "是" if plan.nil else "否"}
    facts |= {"操作": "撤回"} if plan.withdrawn else {}
    if style.identified == "inline":
        return [*lines, *(Line([f"{label}：{value}"]) for label, value in facts.items()), Line([])]
    return [*lines, *(Line([label, value]) for label, value in facts.items()), Line([])]


def _noisy(text: str, rng: random.Random) -> str:
    """The header as somebody typed it; it still means the same."""
    return rng.choice((
        text, f" {text} ", f"{text}：", "\u3000".join(text) if len(text) < 5 else text, text.translate(FULL_WIDTH),
        f"{text[:2]} {text[2:]}",
    ))  # fmt: skip


def _place(header: Header, cells: dict[str, Cell], index: int) -> Cell:
    if header.column:
        return cells[header.column.name]
    return index + 1 if header.text == "序号" else f"已审{index % 3}"


def _cell(
    column: Column, unit: str | None, contract: Contract, record: Record, style: Style, rng: random.Random
) -> Cell:
    """A clean value in the bureau's own way of writing it."""
    value = record.get(column.name)
    if value is None:
        return None
    match column.type:
        case "date":
            return _date(value, style)  # type: ignore[arg-type]
        case "code":
            labels = contract.code_lists[column.code_list or ""][str(value)]
            return rng.choice(labels) if style.aliases else labels[0]
        case "boolean":
            return "是" if value else "否"
        case "division":
            short = _division_names()[str(value)]
            return rng.choice((short, str(value))) if style.aliases else short
        case "amount":
            return _amount(int(value), unit, style)  # type: ignore[arg-type]
        case "uscc" | "org_code" | "patent_no" | "patent_application_no":
            return _code(str(value), column.type, style)
        case "document_no":
            left, right = rng.choice(("〔〕", "[]", "（）", "【】")) if style.aliases else "〔〕"
            return str(value).replace("〔", left).replace("〕", right)
        case "integer" | "year":
            if style.digits == "full":
                return str(value).translate(FULL_WIDTH)
            return Formula(f"={value}+0", int(value)) if style.formulas else int(value)  # type: ignore[arg-type]
        case "number":
            return str(value).translate(FULL_WIDTH) if style.digits == "full" else float(value)  # type: ignore[arg-type]
        case "text" if style.formulas and contract.subject and column.name == contract.subject.name:
            return Formula(f'="{value}"', str(value))
    return str(value)


def _date(value: date, style: Style) -> Cell:
    match style.dates:
        case "cell":
            return value
        case "serial":
            return (value - EXCEL_EPOCH).days
        case "chinese":
            return f"{value.year}年{value.month}月{value.day}日"
        case "dots":
            return f"{value.year}.{value.month}.{value.day}"
        case "slash":
            return f"{value.year}/{value.month}/{value.day}"
        case "compact":
            return f"{value:%Y%m%d}"
        case "full":
            return value.isoformat().translate(FULL_WIDTH)
    return value.isoformat()


def _code(text: str, kind: str, style: Style) -> Cell:
    match style.codes:
        case "spaced":
            return f" {text[:6]} {text[6:]}" if kind == "uscc" else f"{text} "
        case "lower":
            return text.lower()
        case "full":
            return text.translate(FULL_WIDTH)
    return text


def _amount(yuan: int, unit: str | None, style: Style) -> Cell:
    if unit == "wan_yuan":
        return yuan / 10000
    match style.amounts:
        case "comma":
            return f"{yuan:,}.00"
        case "worded":
            return f"{yuan / 10000:g}万元"
    return yuan


@cache
def _division_names() -> dict[str, str]:
    with (DBT_PROJECT / "seeds" / "reference" / "divisions.csv").open(encoding="utf-8") as file:
        return {row["division_code"]: row["name"] for row in csv.DictReader(file)}


def _plans(bureau: Bureau, subjects: list[Subject], seed: int) -> dict[str, list[Plan]]:
    """Everything a bureau sends in the year, by what belongs in one workbook."""
    groups: dict[str, list[Plan]] = {str(YEAR): [], **{quarter: [] for quarter in QUARTERS}}
    held: dict[str, list[Record]] = {}
    for dataset, make in MAKERS.items():
        for period in periods_of(dataset):
            rng = random.Random(f"{seed}:{bureau.code}:{dataset}:{period}:records")
            found = make(bureau, subjects, period, rng, held)
            held.setdefault(dataset, []).extend(found)
            if (bureau.code, dataset) != LEFT_OUT:
                mode = load_contracts()[dataset].mode if found else "full"
                groups[period].append(Plan(bureau, dataset, period, found, nil=not found, mode=mode))
    by_increment = next(plan for plan in groups[QUARTERS[1]] if plan.dataset == "penalties")
    if bureau.code == INCREMENTAL and not by_increment.nil:
        by_increment.mode = "incremental"
    groups["class"] = [Plan(bureau, "general_risk_class", month, [], nil=True) for month in NIL_MONTHS]
    for month in CLASS_MONTHS:
        rng = random.Random(f"{seed}:{bureau.code}:general_risk_class:{month}:records")
        found = subjects_module.general_risk_class(bureau, subjects, month, rng, seed)
        groups["class"].append(Plan(bureau, "general_risk_class", month, found, nil=not found))
    return groups


def periods_of(dataset: str) -> tuple[str, ...]:
    """Periods of the year that are sent of a dataset: the whole year, or its first three quarters."""
    return QUARTERS if load_contracts()[dataset].update_cycle == "quarterly" else (str(YEAR),)


def _write_bureau(writer: Writer, groups: dict[str, list[Plan]], style: Style) -> None:
    for period, plans in groups.items():
        if style.bundled:
            title = f"{plans[0].bureau.short}知识产权信用信息（{'通用分类' if period == 'class' else period}）"
            writer.file(plans, title, style)
            continue
        for plan in plans:
            dataset = writer.contracts[plan.dataset].title if style.aliases or style.titles else plan.dataset
            name = f"{dataset}_{plan.period}" + ("_本期无数据" if plan.nil else "")
            writer.file([plan], name, style)


def _write_provincial(writer: Writer, people: dict[str, list[Subject]], seed: int) -> None:
    """What offices of the province submit."""
    sources = {source.role: source for source in submitting_units() if source.role != "bureau"}
    for dataset, make in PROVINCIAL_MAKERS.items():
        unit = next(sources[role] for role in writer.contracts[dataset].submitting_roles if role in sources)
        for period in periods_of(dataset):
            found: list[Record] = make(people, period, random.Random(f"{seed}:{unit.code}:{dataset}:{period}:records"))
            plan = Plan(Bureau(unit.code, unit.name, "辽宁省", "辽"), dataset, period, found, nil=not found)
            if found:
                plan.mode = writer.contracts[dataset].mode
            writer.file([plan], f"{writer.contracts[dataset].title}_{period}", STYLES[unit.code])


def _write_serious_list(writer: Writer, penalties: dict[str, list[Record]], seed: int) -> None:
    """The serious list, from the provincial market authority, on parties that the bureaus punished."""
    source = Bureau(PROVINCIAL_SOURCE, "辽宁省市场监督管理局", "辽宁省", "辽")
    for quarter in QUARTERS:
        listed = subjects_module.serious_list(penalties[quarter], quarter, random.Random(f"{seed}:serious:{quarter}"))
        plan = Plan(source, "serious_list", quarter, listed, nil=not listed)
        writer.file([plan], f"严重违法失信名单-{quarter}", STYLES[PROVINCIAL_SOURCE])


def _write_withdrawal(writer: Writer, bureau: Bureau) -> None:
    """A withdrawal of what was sent for a period that has only begun."""
    plan = Plan(bureau, "malicious_trademarks", f"{YEAR}Q4", [], withdrawn=True)
    writer.file([plan], f"恶意商标注册申请_{YEAR}Q4_撤回", STYLES[bureau.code])


def _write_refused(writer: Writer, by_code: dict[str, Bureau]) -> None:
    """A few files that intake has to refuse, all of a period that is not due yet, so that nothing else is missing."""
    period = f"{YEAR}Q4"
    whole = (writer.output / "210100" / "沈阳知识产权信用信息（2022）.xlsx").read_bytes()
    program = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(1000)
    one_column = "企业名称\r\n丹东示例仪器有限公司\r\n".encode()
    required = [c.header for c in writer.contracts["penalties"].columns if c.required]
    header_only = (",".join(required) + "\r\n").encode()
    of_another = f"报送单位,{by_code['210600'].name}\r\n".encode() + header_only
    for code, file, content, refusal in (
        ("210300", f"penalties_{period}.xlsx", b"", "empty_file"),
        ("210400", f"abnormal_patents_{period}.xlsx", whole[: len(whole) // 2], "truncated_file"),
        ("210500", f"penalties_{period}.csv", header_only, "duplicate_key_in_scan"),
        ("210500", f"penalties_{period} (1).csv", header_only, "duplicate_key_in_scan"),
        ("210600", f"malicious_trademarks_{period}.xlsx", program, "not_a_workbook"),
        ("210700", f"penalties_{period}.csv", of_another, "wrong_bureau"),
        ("210800", f"penalties_{period}.xlsx", encrypted_workbook(), "encrypted_workbook"),
        ("210900", f"penalties_{period}.csv", header_only, "empty_sheet_not_certified"),
        ("211000", f"malicious_trademarks_{YEAR}.csv", one_column, "bad_period"),
        ("211100", "处罚信息四季度.csv", header_only, "unknown_dataset"),
        ("211200", f"abnormal_patents_{period}.csv", header_only, "wrong_dataset"),
        ("211300", f"penalties_{period}.csv", one_column, "no_header"),
        (
            "211400",
            f"penalties_{period}.csv",
            header_only.replace("处罚机关".encode(), "机关".encode()),
            "missing_column",
        ),
        ("LN-SF", f"abnormal_patents_{period}.docx", program, "unsupported_type"),
    ):
        writer.refused(by_code[code], file, content, refusal)


def write_samples(output: Path, manifest: Path, subjects: int = 3000, seed: int = YEAR) -> dict[str, Any]:
    """Write the sample set.

    Args:
        output: the drop root; one folder per unit is filled, and nothing is removed.
        manifest: file for the manifest; keep it outside `output`, or intake will find it.
        subjects: enterprises and agencies of the whole province.
        seed: another number gives another province.

    Returns:
        What the manifest holds: `submissions` and `defects`.
    """
    with (DBT_PROJECT / "seeds" / "policy" / "issue_types.csv").open(encoding="utf-8-sig") as file:
        blocking = {row["code"] for row in csv.DictReader(file) if row["severity"] == "blocking"}
    writer = Writer(output, seed, load_contracts(), blocking)
    people = subjects_module.population(subjects, seed)
    by_code = {bureau.code: bureau for bureau in subjects_module.bureaus()}
    penalties: dict[str, list[Record]] = {quarter: [] for quarter in QUARTERS}
    for code, bureau in by_code.items():
        groups = _plans(bureau, people[code], seed)
        for quarter in QUARTERS:
            penalties[quarter] += next(plan.records for plan in groups[quarter] if plan.dataset == "penalties")
        _write_bureau(writer, groups, STYLES[code])
    _write_serious_list(writer, penalties, seed)
    _write_provincial(writer, people, seed)
    _write_withdrawal(writer, by_code["210200"])
    _write_refused(writer, by_code)
    content = {"subjects": subjects, "seed": seed, "submissions": writer.submissions, "defects": writer.defects}
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return content


def main(
    subjects: Annotated[int, typer.Option(help="Enterprises and agencies of the whole province.")] = 3000,
    seed: Annotated[int, typer.Option(help="Another number gives another province.")] = YEAR,
    output: Annotated[Path | None, typer.Option(help="Drop root; default: this installation's.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="Default: samples.json in the home.")] = None,
) -> None:
    """Write the sample submissions."""
    settings = get_settings()
    found = write_samples(output or settings.drop, manifest or settings.home / "samples.json", subjects, seed)
    rows = sum(s["received"] for s in found["submissions"])
    print(f"{len(found['submissions'])} submissions, {rows} rows, {len(found['defects'])} planted defects.")


if __name__ == "__main__":
    typer.run(main)
