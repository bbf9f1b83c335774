"""Words of the summary: sentences made from figures that stay true in any year and any place.

None, one and many; up, down and equal; a first year; a figure that is missing, not whole, or rests on a provisional
rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipcredit.outputs.figures import Figure

GRADES = {"U": "未评", "not_evaluable": "无法评价"}
"""What the two grades that are none are called, on every page and in every text."""
PARTS = {
    "规范性": "规范性", "准确性": "准确性", "完整性": "完整性", "实效性": "实效性",
    "enterprise": "企业", "patent_agency": "专利代理机构", "trademark_agency": "商标代理机构", "attorney": "专利代理师",
    "national": "国家知识产权示范、优势企业", "provincial": "省知识产权优势企业",
    "U": f"{GRADES['U']}（信息不足）", "not_evaluable": f"{GRADES['not_evaluable']}（没有评价规则）",
    "red": "诚信“红名单”", "dishonest": "失信主体清单", "serious": "严重违法失信名单",
    "incentive": "激励", "constraint": "惩戒",
    "voluntary": "主动承诺", "informed": "告知承诺", "deferred": "容缺受理承诺", "approval": "审批替代承诺",
    "industry": "行业自律承诺", "repair": "信用修复承诺",
    "in_force": "有效", "kept": "已履行", "broken": "违诺", "terminated": "提前终止", "expired": "期满",
    "loaded": "入库", "nil_return": "声明本期无数据", "refused": "拒收", "withdrawal": "撤回", "held": "待确认",
    "blocking": "退回", "warning": "提示", "awaiting": "待核对", "reviewed": "已核对",
    "open": "办理中", "effective": "准予修复并生效", "without_effect": "准予修复、记录不符合条件未生效",
    "revoked": "撤销",
    "withdrawn": "撤回", "rejected": "不成立", "upheld": "成立", "partly_upheld": "部分成立",
    "objection_upheld": "异议成立", "done": "已完成", "overdue": "逾期未完成", "not_known": "无从判断",
    "planned": "待制定", "draft": "征求意见", "repealed": "已废止",
    "not_yet_in_force": "尚未施行", "typical_case": "典型案例", "experience": "经验做法", "problem": "存在问题",
    "next_step": "下一步打算", "organisation": "组织保障", "survey": "调研情况", "publicity": "宣传培训情况",
    "milestone": "里程碑完成", "closing": "总结定稿",
}  # fmt: skip
"""What the codes by which figures are divided are called, in the order in which they are told; what the release names
itself is not here."""
NAMED = 5
"""So many units are named; of more, only how many there are."""
NAMED_PARTS = 8


def shown(value: Decimal | int) -> str:
    """A number for reading: two decimals at most, none that say nothing."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def amount(figure: "Figure") -> str:
    """The number with its unit, or that there is none."""
    return f"暂缺（{figure.missing}）" if figure.value is None else f"{shown(figure.value)}{figure.unit}"


def cell(figure: "Figure") -> str:
    """A table cell: the number alone; what is missing is a dash, never 0."""
    return "—" if figure.value is None else shown(figure.value)


def did(verb: str, noun: str, figure: "Figure") -> str:
    """作出行政处罚164件 / 未作出行政处罚 / 作出行政处罚的数据暂缺（没有报送）."""
    if figure.value is None:
        return f"{verb}{noun}的数据{amount(figure)}"
    return f"{verb}{noun}{amount(figure)}" if figure.value else f"未{verb}{noun}"


def there(noun: str, figure: "Figure") -> str:
    """在列主体164户 / 没有在列主体 / 在列主体的数据暂缺（没有报送）."""
    return f"没有{noun}" if figure.value == 0 else did("", noun, figure)


def divided(whole: "Figure", parts: Iterable[tuple[str, "Figure"]]) -> str:
    """，其中企业3户、专利代理机构2户 / ，均为企业 / nothing where there is nothing to divide."""
    told = [(name, part) for name, part in parts if part.value]
    if not whole.value or not told:
        return ""
    if len(told) == 1 and told[0][1].value == whole.value:
        return f"，为{told[0][0]}" if whole.value == 1 else f"，均为{told[0][0]}"
    more = "等" if len(told) > NAMED_PARTS else ""
    return "，其中" + "、".join(f"{name}{amount(part)}" for name, part in told[:NAMED_PARTS]) + more


def covered(who: str, whole: "Figure", reached: "Figure", rate: "Figure", done: str = "评定信用等级") -> str:
    """Whether all, some or none of those whom the plan wants reached are."""
    if whole.value is None or reached.value is None:
        return f"{who}的数据{amount(whole if whole.value is None else reached)}，覆盖情况无从计算"
    if whole.value == 0:
        return f"没有{who}"
    if reached.value == 0:
        return f"{who}{amount(whole)}，{'' if whole.value == 1 else '均'}未{done}"
    if reached.value >= whole.value:
        return f"{who}{amount(whole)}，{'' if whole.value == 1 else '全部'}已{done}，实现全覆盖"
    return f"{who}{amount(whole)}，已{done}{amount(reached)}，覆盖率{amount(rate)}，未实现全覆盖"


def rated(what: str, rate: "Figure") -> str:
    """A rate, if there is one; without a base nothing is said of it."""
    return "" if rate.value is None else f"，{what}{amount(rate)}"


def change(noun: str, now: "Figure", before: "Figure | None") -> str:
    """Against the year before; a first year, or a year without the figure, is not compared."""
    if now.value is None:
        return f"{noun}暂缺，不作比较"
    if before is None:
        return f"{noun}{amount(now)}，首年无同期数"
    if before.value is None:
        return f"{noun}{amount(now)}，上年数暂缺，不作比较"
    difference = now.value - before.value
    unit = "个百分点" if now.unit == "%" else now.unit
    if difference == 0:
        return f"{noun}{amount(now)}，与上年持平"
    return f"{noun}{amount(now)}，比上年{'增加' if difference > 0 else '减少'}{shown(abs(difference))}{unit}"


def extremes(noun: str, figures: Mapping[str, "Figure"]) -> str:
    """Which region has most and which least; regions are named as they stand in the mapping."""
    known = {name: figure.value for name, figure in figures.items() if figure.value is not None}
    if not known:
        return f"各地{noun}均暂缺"
    unit = next(iter(figures.values())).unit
    highest, lowest = max(known.values()), min(known.values())
    if len(known) == 1:
        return f"{next(iter(known))}{noun}为{shown(highest)}{unit}"
    if highest == lowest:
        return f"各地{noun}均为{shown(highest)}{unit}"

    def names(value: Decimal) -> str:
        return units([name for name, own in known.items() if own == value])

    return f"{noun}最高的是{names(highest)}（{shown(highest)}{unit}），最低的是{names(lowest)}（{shown(lowest)}{unit}）"


def units(names: Sequence[str], counted: str = "个地区") -> str:
    """A、B / A、B、C、D、E等12个地区."""
    return "、".join(names) if len(names) <= NAMED else f"{'、'.join(names[:NAMED])}等{len(names)}{counted}"


def caveats(figures: Iterable["Figure"], names: Mapping[str, str]) -> str:
    """What a reader must know of the figures just told: a bracket for the end of the sentence, or nothing."""
    figures = list(figures)
    lacking = [names.get(code, code) for code in sorted({code for figure in figures for code in figure.lacking})]
    told = []
    if lacking:
        told.append(f"{units(lacking)}有应报未报的数据，此数不全")
    if any(figure.is_provisional and figure.value is not None for figure in figures):
        told.append("暂定")
    return f"（{'；'.join(told)}）" if told else ""


def listed(sentences: Iterable[str]) -> str:
    """Clauses to one sentence with its full stop; empty ones are left out."""
    told = [sentence for sentence in sentences if sentence]
    return "；".join(told) + "。" if told else ""
