"""Sample materials about the pilot: cases, experience and problems of some cities, and the province's own texts."""

import random
from datetime import date

from sample_defects import Defect
from sample_subjects import Bureau, Record, Subject
from sheets import Cell

# Kind, task, title and text; each city takes some. Line breaks part paragraphs, and have to survive every kind of file.
_TEXTS = (
    ("typical_case", "LN-42", "非正常专利申请代理机构联合约谈",
     "监测发现一家代理机构代理的申请被集中通报为非正常申请。\n市局会同信用管理部门约谈该机构，责令撤回并签订整改承诺。"
     "\n整改期满复查，被通报的申请已全部撤回，该机构纳入重点监管。"),
    ("typical_case", "LN-30", "信用承诺换容缺受理",
     "企业申报质押融资贴息时缺一份评估报告，签订信用承诺书后先行受理。\n期限届满前材料补齐，承诺履行情况记入信用记录。"),
    ("typical_case", "LN-41", "红名单企业走“绿色通道”",
     "一户国家知识产权优势企业列入红名单后，核心专利进入优先审查。\n自推荐至授权较常规流程明显缩短，企业据此签订供货合同。"),
    ("experience", "LN-20", "一张目录管归集",
     "以全省目录为准，逐项明确责任科室和报送时限。\n每月对照回执改错，错误行当月清零。"),
    ("experience", "LN-30", "承诺书进政务窗口", "在政务服务窗口发放信用承诺书，办事时当场签订。\n县区窗口同步推行。"),
    ("experience", "LN-43", "与信用管理部门按月对账", "按月交换名单和奖惩反馈，逐条核对。\n差异在五个工作日内查清。"),
    ("problem", "LN-20", "部分历史记录缺少统一社会信用代码",
     "早年的处罚和认定只有名称。\n人工核对量大，仍有少量记录没有对应到主体。"),
    ("problem", "LN-40", "县区人员不足", "县区没有专职人员，数据报送由执法人员兼任。\n人员变动时口径容易走样。"),
    ("next_step", "LN-40", "扩大分级分类结果的应用",
     "把等级用于抽查比例和频次。\n对守信主体减少检查，对失信主体提高频次。"),
    ("next_step", "LN-43", "推进都市圈信用结果互认", "与相邻城市商定名单互认的范围。\n先从代理机构开始。"),
    ("publicity", "LN-30", "诚信宣传周", "进园区宣讲六场，发放资料两千余份。\n培训县区业务人员一次。"),
)  # fmt: skip
_SILENT = ("210900", "211300", "LN-SF")
"""Cities that have not written anything yet."""

_CLOSED = {"210100": 1, "210600": 2, "210800": 2}
"""Day of December on which a city closed its summary."""

_DECLARED = {
    "210600": (
        ("N05-1", "DD-10", "工作机制和任务分工已印发", date(2022, 6, 20), "丹市监发〔2022〕54号"),
        ("N05-4", "DD-40", "信用评价、监管和修复的职责流程已明确", date(2022, 6, 28), None),
    ),
    "210800": (("N09-2", None, "案件统计截止并复核完毕", date(2022, 12, 1), None),),
}
_OF_PROVINCE = (
    ("organisation", "LN-70", "组织保障情况",
     "试点由局主要负责人负总责，知识产权保护处牵头，责任到处室。\n纳入2022年度重点工作任务，按月调度。"),
    ("organisation", "LN-10", "工作架构",
     "知识产权保护处牵头，运用促进处、服务处参与，省知识产权保护中心协助。\n各市知识产权局组织实施。"),
    ("survey", "LN-50", "调研情况",
     "面向各市和市场主体开展调查，收集建议和需求。\n主要意见：统一口径、减少重复填报、明确修复程序。"),
    ("experience", "LN-20", "回执逐行指出错误",
     "报送后即时生成回执，写明每一行的问题和改法。\n各市据此改正，不靠电话核对。"),
    ("publicity", "LN-30", "培训和宣传", "举办全省业务培训一期。\n在局网站公布承诺书式样。"),
    ("next_step", "LN-40", "2023年打算",
     "推动管理办法出台，明确等级和分值。\n开展信用报告应用，探索与国家子平台互联互通。"),
    ("next_step", "CN-30", "平台建设", "完善信用信息管理平台。\n探索与全国信用信息共享平台知识产权局子平台互联互通。"),
)  # fmt: skip
_DECLARED_BY_PROVINCE = (
    ("N03-1", "LN-50", "全省调查研究已完成", date(2022, 3, 25)),
    ("N03-2", "LN-50", "文件研究和经验学习已完成", date(2022, 3, 30)),
)


def _text(division: str, year: str, kind: str, task: str | None, title: str, body: str | None) -> Record:
    return {
        "division_code": division, "summary_year": int(year), "material_kind": kind, "task_code": task, "title": title,
        "body": body, "author_role": "protection",
    }  # fmt: skip


def _done(division: str, year: str, milestone: str, task: str | None, title: str, day: date) -> Record:
    return _text(division, year, "milestone", task, title, None) | {"milestone_code": milestone, "done_on": day}


def pilot_materials(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: dict[str, list[Record]]
) -> list[Record]:
    """Some of the texts for most cities, what they report done, and the closing of a few."""
    if bureau.code in _SILENT:
        return []
    found = [
        _text(bureau.code, period, kind, task, title, body) for kind, task, title, body in sorted(rng.sample(_TEXTS, 5))
    ]
    for milestone, task, title, day, document in _DECLARED.get(bureau.code, ()):
        found.append(_done(bureau.code, period, milestone, task, title, day) | {"document_no": document})
    if bureau.code in _CLOSED:
        day = date(int(period), 12, _CLOSED[bureau.code])
        found.append(_text(bureau.code, period, "closing", "LN-60", "试点工作总结定稿", None) | {"done_on": day})
    return found


def provincial_materials(people: dict[str, list[Subject]], period: str, rng: random.Random) -> list[Record]:
    """The provincial office's own texts; it writes no problems, and has not closed its summary."""
    texts = [_text("210000", period, *text) for text in _OF_PROVINCE]
    return texts + [_done("210000", period, *done) for done in _DECLARED_BY_PROVINCE]


MAKERS = {"pilot_materials": pilot_materials}
PROVINCIAL_MAKERS = {"pilot_materials": provincial_materials}


def _in_text(column: str, issue: str, value: Cell) -> Defect:
    """A wrong cell in a city's text, never in what is reported done."""
    return Defect(
        column,
        issue,
        lambda _: value,
        lambda row: bool(row["body"]) and row["division_code"] not in ("210000", "210600"),
    )


DEFECTS: dict[str, tuple[Defect, ...]] = {
    "pilot_materials": (
        _in_text("body", "missing_required", None),
        _in_text("task_code", "unknown_task", "LN-99"),
        _in_text("body", "text_too_long", "字" * 4001),
        _in_text("author_role", "unknown_code", "某某同志"),
        _in_text("division_code", "unknown_division", "全国"),
    ),
}
