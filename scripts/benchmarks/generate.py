"""A province for the benchmark: CSV files as fifteen bureaus drop them, the same for a scale every time.

    python -m benchmarks.generate FOLDER --scale 0.01          # from the folder scripts

Scale 1 is 500,000 subjects with ten rows each. `FOLDER/<arrival>/<bureau>/<dataset>_<period>.csv` arrive in three
rounds: 1_base, 2_amended (of every bureau one period again in full, a tenth of it gone, and one increment) and 3_day
(one hundredth of new rows). `FOLDER/submissions.csv` lists the files in the order in which they count. One row in
twenty has a defect that the contracts reject; one date in sixteen is written in another way; one row in a hundred tells
a key that another row, or another bureau, has told.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, TextIO

from sample_subjects import Bureau, bureaus
from stdnum.cn import uscc as uscc_rules

from ipcredit.settings import TIME_ZONE

SUBJECTS = 500_000
"""Subjects at scale 1."""
RECEIVED = {
    "1_base": datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE),
    "2_amended": datetime(2022, 12, 5, 12, tzinfo=TIME_ZONE),
    "3_day": datetime(2022, 12, 6, 9, tzinfo=TIME_ZONE),
}
QUARTERS = ("2021Q4", "2022Q1", "2022Q2", "2022Q3")
TRADES = (
    "精密仪器",
    "数控机床",
    "新材料",
    "生物医药",
    "软件技术",
    "智能装备",
    "汽车零部件",
    "食品",
    "服饰",
    "环保工程",
)
INCREMENT_SHARE = 50
"""One subject in so many is in the increment of 2_amended, half of them with a new certificate."""

_FIRST, _LAST = date(2016, 1, 1), date(2026, 1, 1)
_DAYS = [_FIRST + timedelta(days=n) for n in range((_LAST - _FIRST).days)]
_ISO = [day.isoformat() for day in _DAYS]
# Of 64 dates one is written each of these ways.
_WRITTEN = {
    0: [f"{day.year}年{day.month}月{day.day}日" for day in _DAYS],
    1: [f"{day.year}/{day.month}/{day.day}" for day in _DAYS],
    2: [f"{day.year}.{day.month:02d}.{day.day:02d}" for day in _DAYS],
    3: [f"{day:%Y%m%d}" for day in _DAYS],
}
_ENDS = {
    quarter: (date(int(quarter[:4]) + quarter.endswith("4"), int(quarter[-1]) % 4 * 3 + 1, 1) - _FIRST).days - 1
    for quarter in QUARTERS
}
_KNOWN = (date(2022, 11, 30) - _FIRST).days
"""Nothing reported happened after this day, counted like all days here from the first of 2016."""


@dataclass(frozen=True)
class Submission:
    """One file; `number` is the submission_id that loading in this order gives it."""

    number: int
    arrival: str
    bureau: str
    dataset: str
    period: str
    mode: str
    path: str
    rows: int

    @property
    def received_at(self) -> datetime:
        return RECEIVED[self.arrival]


class Subject(NamedTuple):
    """An enterprise; `place` is the bureau it belongs to, as its place among the fifteen."""

    number: int
    code: str
    name: str
    city: str
    county: str
    place: int


class Row(NamedTuple):
    """What a row is made from: the key's parts come from subject and `k` alone, the rest also from the version."""

    subject: Subject
    k: int
    h: int
    """Of subject, dataset and k: the same in all versions."""
    v: int
    """Of the version, too."""
    bureau: Bureau
    mark: str


def mixed(number: int, salt: int) -> int:
    """A number below 2**32 that looks drawn."""
    h = (number * 2654435761 + salt * 2246822519 + 374761393) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 3266489917) & 0xFFFFFFFF
    return h ^ (h >> 16)


def subject(number: int, all_bureaus: list[Bureau]) -> Subject:
    """The enterprise of this number, with a valid code."""
    place = number % len(all_bureaus)
    bureau = all_bureaus[place]
    body = f"M{number:07d}"
    total = 66 + sum(int(c) * w for c, w in zip(body[1:], (7, 9, 10, 5, 8, 4, 2), strict=True))
    code = f"91{bureau.code if bureau.code.isdigit() else '210400'}{body}{'0123456789X'[-total % 11]}"
    city = f"{bureau.short}市" if bureau.code.isdigit() else "沈抚示范区"
    # the one county of the reference seed; counties elsewhere are given names that stand for nothing
    county = ("西市区" if number % 4 == 0 else "") if city == "营口市" else "示例区" if number % 3 else ""
    name = f"{bureau.short}示例{number}号{TRADES[number % 10]}有限公司"
    return Subject(number, code + uscc_rules.calc_check_digit(code), name, city, county, place)


def _day(number: int, h: int) -> str:
    """A day as somebody writes it."""
    return _WRITTEN[h % 64][number] if h % 64 < 4 else _ISO[number]


class Given(NamedTuple):
    """The cells that a defect may strike."""

    code: str
    name: str
    day: str


def _given(row: Row, day: int) -> Given:
    """Code, name and day of the event, of which in 45 rows of 1000 one cannot be accepted."""
    code, name = row.subject.code, row.subject.name
    defect = row.v // 7 % 1000
    if defect >= 45:
        return Given(code, name, _day(day, row.v // 11))
    if defect < 30:
        return Given(code, name, "不详" if defect % 2 else f"{_ISO[day][:5]}13-45")
    if defect < 40:
        return Given(code[:-1] + ("1" if code[-1] == "0" else "0"), name, _ISO[day])
    return Given(code, "", _ISO[day])


def _coded(row: Row, label: str) -> str:
    """A label of a code list, or in 5 rows of 1000 one that no list has."""
    return "其它情况待定" if row.v // 7 % 1000 in range(45, 50) else label


def _without_code(row: Row, code: str) -> str:
    """Where a name may stand alone, it does in 3 rows of 1000."""
    return "" if row.v // 5003 % 1000 < 3 else code


def _risk_class_row(row: Row, period: str) -> str:
    day = (date(2022, int(period[-2:]), 1) - _FIRST).days + row.subject.number % 28
    given = _given(row, day)
    label = "AAAAABBBCD"[row.v % 10]
    return (
        f"{given.code},{given.name},{_coded(row, label + '类')},{'ABCD'[row.h % 4]}类,{row.v % 1000},{given.day},"
        f"辽宁省“互联网+监管”系统,{row.subject.city},{row.subject.county},\r\n"
    )


def _certification_row(row: Row, period: str) -> str:
    year = int(period)
    # one in four of the older ones has run out, or soon will
    day = (date(year, 1, 1) - _FIRST).days + row.h % 300 - (800 if row.k == 0 and row.h // 300 % 4 == 0 else 0)
    given = _given(row, day)
    state = row.v // 3 % 100
    status, changed = "有效", ""
    if state < 4:
        status, changed = ("撤销" if state else "注销"), _ISO[min(day + 60, _KNOWN)]
    elif state < 6:
        status, changed = "暂停", _ISO[min(day + 90, _KNOWN)]
    return (
        f"{given.code},{given.name},{_coded(row, 'GB/T 29490-2013')},"
        f"165IP{year % 100}{row.subject.number:07d}R{row.k}M,"
        f"示例知识产权认证有限公司,{given.day},{_ISO[day + 1095]},{status},{changed},{TRADES[row.h % 10]}的研发和销售,"
        f"{row.subject.city},{row.subject.county},\r\n"
    )


def _honour_row(row: Row, period: str) -> str:
    year, kind = int(period), row.h // 900 % 10
    day = (date(year, 1, 1) - _FIRST).days + row.h % 330
    given = _given(row, day)
    label = "国家知识产权示范企业" if kind == 0 else "国家知识产权优势企业" if kind < 4 else "省级知识产权优势企业"
    until = "" if kind == 9 else _ISO[day + (730 if kind % 3 == 0 else 1095)]
    failed = row.v // 3 % 50 == 0
    return (
        f"{given.code},{given.name},{_coded(row, label)},{year},第{row.h % 9 + 1}批,{given.day},{until},"
        f"国知发运字〔{year}〕{row.h % 90 + 1}号,国家知识产权局,{'未通过' if failed else '通过'},"
        f"{_ISO[min(day + 100, _KNOWN)] if failed else ''},{row.subject.city},{row.subject.county},"
        f"{TRADES[row.subject.number % 10]}制造业,\r\n"
    )


_VIOLATIONS = ("专利侵权", "商标侵权", "假冒专利", "商标侵权", "地理标志侵权", "著作权侵权", "商标侵权", "侵犯商业秘密")
_KINDS = ("警告", "罚款", "警告", "罚款、没收违法所得", "罚款", "警告", "没收违法所得", "警告、罚款")


def _penalty_row(row: Row, period: str) -> str:
    day = _ENDS[period] - row.h % 90
    given = _given(row, day)
    share = row.v // 3 % 200
    kind = "吊销营业执照" if share == 0 else "责令停产停业" if share < 4 else _KINDS[row.v % 8]
    violation = "违法从事专利、商标代理" if row.h // 90 % 100 < 2 else _VIOLATIONS[row.h % 8]
    fine = f"{(row.v % 90 + 10) * 1000}" if "罚款" in kind else ""
    status = "撤销" if row.v // 600 % 100 == 0 else ""
    return (
        f"{given.name},法人及非法人组织,{_without_code(row, given.code)},"
        f"{row.mark}市监处罚〔{period[:4]}〕{row.subject.number * 4 + row.k}号,{_coded(row, violation)},"
        f"销售侵权商品{row.v % 500 + 1}件,《中华人民共和国商标法》第六十条,{kind},{kind}{fine},{fine},,{given.day},"
        f"{_ISO[day + 1095]},{row.bureau.short}市市场监督管理局,{status},{row.bureau.short},,\r\n"
    )


def _abnormal_row(row: Row, period: str) -> str:
    day = _ENDS[period] - row.h % 1200
    given = _given(row, day)
    number = row.subject.number
    digits = f"{2015 + number % 5}{number % 3 + 1}{number:07d}"
    check = "0123456789X"[
        sum(int(d) * w for d, w in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True)) % 11
    ]
    # in every other city more than nine in ten are withdrawn
    withdrawn = 93 if row.subject.place % 2 else 88
    state = row.v // 3 % 100
    if state < withdrawn:
        label, corrected = "已撤回", _ISO[min(day + 20, _KNOWN)]
    elif state < 95:
        label, corrected = "已整改", _ISO[min(day + 40, _KNOWN)]
    else:
        label, corrected = ("申诉成立" if state == 99 else "申诉中" if state == 98 else "未整改"), ""
    return (
        f"{period[:4]}年第{period[-1]}批,{given.day},国知办函保字〔{period[:4]}〕{row.h % 90 + 1}号,{digits}.{check},"
        f"{('发明', '实用新型', '外观设计')[number % 3]},一种{TRADES[row.h % 10]}装置,{_ISO[day - 100]},"
        f"{given.name},{_without_code(row, given.code)},,与实际研发能力明显不符,{_coded(row, label)},{corrected},"
        f"国家知识产权局,{row.subject.city},{row.subject.county},\r\n"
    )


def _trademark_row(row: Row, period: str) -> str:
    day = _ENDS[period] - row.h % 1200
    given = _given(row, day)
    return (
        f"{10_000_000 + row.subject.number},{row.h % 45 + 1},示例牌{row.subject.number},{_ISO[day - 60]},{given.name},"
        f"{_without_code(row, given.code)},,{_coded(row, '囤积注册' if row.v % 2 else '抢注他人商标')},驳回申请,"
        f"国知商审字〔{_ISO[day][:4]}〕{row.v % 9000 + 1}号,{given.day},国家知识产权局,{row.subject.city},"
        f"{row.subject.county},\r\n"
    )


_CASE_TYPES = (
    "商标违法", "商标违法", "商标违法", "假冒专利", "专利侵权纠纷行政裁决", "地理标志", "版权", "其他专利纠纷行政调解",
    "商业秘密", "官方标志",
)  # fmt: skip
_CLOSINGS = ("行政处罚", "行政处罚", "行政处罚", "不予行政处罚")


def _case_row(row: Row, period: str) -> str:
    day = _ENDS[period] - row.h % 90
    kind = row.h // 90 % 10
    state = row.v // 3 % 100
    # of a hundred cases two take longer than any limit
    filed = day - 10 - (row.v // 300 % 30 if row.v // 9000 % 50 else 130 + row.v // 300 % 60)
    given = _given(row, filed)
    due, reported = _ISO[filed + 30], _ISO[filed + (40 if row.v // 17 % 100 == 0 else row.v // 17 % 28)]
    returned = row.v // 19 % 100 == 0
    closed = mode = decision = publishable = reason = published = ""
    if state < 85:
        closed, publishable = _ISO[day], "是" if row.v // 23 % 20 else "否"
        # some cities publish all of some type, others nine in ten or nearly all
        held_back = (0, 3, 10)[(row.subject.place + kind) % 3]
        if publishable == "否":
            reason = "商业秘密"
        elif row.v // 29 % 100 >= held_back:
            published = _ISO[day + 5]
        dispute = kind in (4, 7)
        mode = ("行政裁决" if row.v // 31 % 2 else "行政调解") if dispute else _CLOSINGS[row.v // 31 % 4]
        decision = f"{row.mark}市监决〔{period[:4]}〕{row.subject.number}号"
    label = "已结案" if closed else "办理中" if state < 95 else "中止"
    extended, investigator = ("是" if row.v // n % often == 0 else "否" for n, often in ((37, 50), (41, 100)))
    return (
        f"{row.mark}市监立〔{period[:4]}〕{row.subject.number}号,{_coded(row, _CASE_TYPES[kind])},销售侵权商品,"
        f"投诉举报,企业,{given.name},{_without_code(row, given.code)},{_ISO[filed - 3]},{given.day},{label},{closed},"
        f"{mode},{decision},{row.v % 9000 * 10},{extended},{investigator},否,{publishable},{reason},{published},{due},"
        f"{reported},{1 if returned else 0},{_ISO[filed + 45] if returned else ''},"
        f"{row.bureau.short}市市场监督管理局,{row.bureau.short},{row.subject.county},\r\n"
    )


@dataclass(frozen=True)
class Dataset:
    """How often a subject has a row, in which periods, under which headers."""

    rows: int
    periods: tuple[str, ...]
    in_turn: bool
    """Whether the first row is of the first period, and so on; else each is of any."""
    header: str
    row: Callable[[Row, str], str]

    def period(self, k: int, h: int) -> str:
        """The period in which row `k` of a subject is reported first."""
        return self.periods[min(k, len(self.periods) - 1) if self.in_turn else h // 65537 % len(self.periods)]


DATASETS = {
    "general_risk_class": Dataset(
        2, ("2022-10", "2022-11"), True,
        "统一社会信用代码,企业名称,信用风险类别,上期信用风险类别,风险分值,分类日期,分类机关,所在地区,所在县区,备注",
        _risk_class_row,
    ),
    "standard_certifications": Dataset(
        2, ("2021", "2022"), True,
        "统一社会信用代码,企业名称,贯标标准,证书编号,认证机构,颁证日期,有效期至,证书状态,状态变更日期,认证范围,"
        "所在地区,所在县区,备注",
        _certification_row,
    ),
    "honours": Dataset(
        1, ("2020", "2021", "2022"), False,
        "统一社会信用代码,企业名称,称号类别,认定年度,批次,认定日期,有效期至,认定文号,认定机关,复核结果,取消日期,"
        "所在地区,所在县区,所属行业,备注",
        _honour_row,
    ),
    "penalties": Dataset(
        2, QUARTERS, False,
        "行政相对人名称,行政相对人类别,统一社会信用代码,行政处罚决定书文号,违法行为类型,违法事实,处罚依据,处罚类别,"
        "处罚内容,罚款金额（元）,没收金额（元）,处罚决定日期,公示截止期,处罚机关,当前状态,处罚地区,处罚县区,备注",
        _penalty_row,
    ),
    "abnormal_patents": Dataset(
        1, QUARTERS, False,
        "通报批次,通报日期,通报文号,专利申请号,专利类型,发明名称,申请日,申请人,统一社会信用代码,代理机构,非正常情形,"
        "整改状态,撤回（整改）日期,通报机关,所在地区,所在县区,备注",
        _abnormal_row,
    ),
    "malicious_trademarks": Dataset(
        1, QUARTERS, False,
        "商标申请（注册）号,商标类别,商标名称,申请日期,申请人,统一社会信用代码,代理机构,恶意情形,处理结果,决定文号,"
        "决定日期,决定机关,所在地区,所在县区,备注",
        _trademark_row,
    ),
    "cases": Dataset(
        1, QUARTERS, False,
        "立案文号,案件类型,案由,案件来源,请求人类别,被请求人（当事人）名称,统一社会信用代码,收到请求（线索）日期,"
        "立案日期,案件状态,结案日期,结案方式,决定书文号,案值（元）,是否延期,技术调查官是否参与,是否移送,是否依法应公开,"
        "不公开原因,公开日期,案件信息系统报送期限,案件信息系统报送日期,退回次数,退回日期,办案机关,办案地区,办案县区,备注",
        _case_row,
    ),
}  # fmt: skip
SALTS = {name: 10 * n for n, name in enumerate(DATASETS)}


class Reporter:
    """One bureau, and what it tells of subjects."""

    def __init__(self, place: int) -> None:
        self.all = bureaus()
        self.place = place
        self.bureau = self.all[place]
        self.marks = [bureau.mark for bureau in self.all]

    def tell(
        self, numbers: Iterable[int], names: Iterable[str] = DATASETS, version: int = 0, only: str | None = None
    ) -> Iterator[tuple[str, str, str]]:
        """Dataset, period and line of every row about subjects; a repeated key comes after the row that it repeats.

        Of another bureau's subjects only the few rows are told that two bureaus report.

        Args:
            only: this period alone.
        """
        datasets = [(name, SALTS[name], DATASETS[name]) for name in names]
        for number in numbers:
            is_own, about = number % len(self.all) == self.place, None
            for name, salt, dataset in datasets:
                for k in range(dataset.rows):
                    h = mixed(number, salt + k)
                    share = h // 4099 % 1000
                    if not is_own and share < 993:
                        continue
                    period = dataset.period(k, h)
                    if only and period != only:
                        continue
                    about = about or subject(number, self.all)
                    row = self._row(about, k, h, version if is_own else version + 2)
                    yield name, period, dataset.row(row, period)
                    if is_own and share < 3:
                        yield name, period, dataset.row(self._row(about, k, h, version + 1), period)

    def row(self, name: str, number: int, k: int, version: int) -> str:
        """One row as a file of any period may hold it."""
        h = mixed(number, SALTS[name] + k)
        row = self._row(subject(number, self.all), k, h, version)
        return DATASETS[name].row(row, DATASETS[name].period(k, h))

    def _row(self, about: Subject, k: int, h: int, version: int) -> Row:
        # the numbers of decisions and cases are their own bureau's, whoever tells of them
        return Row(about, k, h, mixed(h, 1000 + version), self.bureau, self.marks[about.place])


class _Files:
    """The files of one bureau: counts what is written, and lists it."""

    def __init__(self, folder: Path, bureau: Bureau) -> None:
        self.folder, self.bureau = folder, bureau
        self.written: list[Submission] = []

    def write(self, arrival: str, dataset: str, period: str, lines: Iterable[str], mode: str = "full") -> None:
        """One file of `lines`."""
        with ExitStack() as stack:
            file = stack.enter_context(self._open(arrival, dataset, period, mode))
            self._note(arrival, dataset, period, mode, sum(1 for line in lines if file.write(line)))

    def write_all(self, arrival: str, rows: Iterable[tuple[str, str, str]]) -> None:
        """A file for every dataset and period, from rows in any order."""
        with ExitStack() as stack:
            keys = [(name, period) for name, dataset in DATASETS.items() for period in dataset.periods]
            files = {key: stack.enter_context(self._open(arrival, *key, "full")) for key in keys}
            counts: Counter[tuple[str, str]] = Counter()
            for name, period, line in rows:
                files[name, period].write(line)
                counts[name, period] += 1
        for key in keys:
            self._note(arrival, *key, "full", counts[key])

    def _path(self, arrival: str, dataset: str, period: str, mode: str) -> Path:
        name = f"{dataset}_{period}{'_增量' if mode == 'incremental' else ''}.csv"
        return self.folder / arrival / self.bureau.code / name

    def _open(self, arrival: str, dataset: str, period: str, mode: str) -> TextIO:
        path = self._path(arrival, dataset, period, mode)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w", encoding="utf-8-sig", newline="")
        file.write(DATASETS[dataset].header + "\r\n")
        return file

    def _note(self, arrival: str, dataset: str, period: str, mode: str, rows: int) -> None:
        path = self._path(arrival, dataset, period, mode).relative_to(self.folder).as_posix()
        self.written.append(Submission(0, arrival, self.bureau.code, dataset, period, mode, path, rows))


def _report(place: int, folder: Path, subjects: int) -> list[Submission]:
    """Every file of one bureau."""
    reporter = Reporter(place)
    files = _Files(folder, reporter.bureau)
    count = len(reporter.all)
    own = range(place, subjects, count)

    files.write_all("1_base", reporter.tell(chain(own, range((place - 1) % count, subjects, count))))

    kept = [n for n in own if n // count % 10 != 5]
    again = (line for _, _, line in reporter.tell(kept, ["penalties"], 3, "2022Q2"))
    files.write("2_amended", "penalties", "2022Q2", again)
    certificates = (reporter.row("standard_certifications", n, k, 3) for n in own[::INCREMENT_SHARE] for k in (1, 2))
    files.write("2_amended", "standard_certifications", "2022", certificates, "incremental")

    wanted = subjects * sum(dataset.rows for dataset in DATASETS.values()) // 100
    replacing = wanted // 4
    if place == 0:
        again = (line for _, _, line in reporter.tell(kept, ["penalties"], 4, "2022Q3"))
        files.write("3_day", "penalties", "2022Q3", islice(again, replacing))
    elif place in (1, 2, 3):
        each = (wanted - replacing) // 3 // len(DATASETS)
        # half about keys on record, half about enterprises that nobody has told of
        numbers = [
            own[i * len(own) // each] if i % 2 else place + count * (subjects // count + 1 + i) for i in range(each)
        ]
        for name, dataset in DATASETS.items():
            told = (reporter.row(name, n, dataset.rows - 1, 4) for n in numbers)
            files.write("3_day", name, dataset.periods[-1], told, "incremental")
    return files.written


def generate(folder: Path, scale: float, processes: int = 2) -> list[Submission]:
    """Write the province of this scale into `folder`, or find that it is there; returns its files in order."""
    listed = folder / "submissions.csv"
    if not listed.exists():
        folder.mkdir(parents=True, exist_ok=True)
        report = partial(_report, folder=folder, subjects=round(SUBJECTS * scale))
        with ProcessPoolExecutor(processes) as pool:
            written = [one for bureau in pool.map(report, range(len(bureaus()))) for one in bureau]
        ordered = sorted(written, key=lambda one: one.path)
        with listed.open("w", encoding="utf-8", newline="") as file:  # last: without it nothing counts as written
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([field.name for field in fields(Submission)])
            writer.writerows((number, *astuple(one)[1:]) for number, one in enumerate(ordered, start=1))
    return submissions(folder)


def submissions(folder: Path) -> list[Submission]:
    """The files of a generated province in the order in which they count."""
    with (folder / "submissions.csv").open(encoding="utf-8", newline="") as file:
        return [
            Submission(**row | {"number": int(row["number"]), "rows": int(row["rows"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=0.01, help="1 is 500,000 subjects (default 0.01)")
    given = parser.parse_args()
    found = generate(given.folder, given.scale)
    print(f"{sum(one.rows for one in found):,} rows in {len(found):,} files")
