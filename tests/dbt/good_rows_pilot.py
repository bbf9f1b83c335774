"""Sound rows of the datasets of models/staging/pilot, as a function of a number each."""

from collections.abc import Callable

Row = dict[str, str | None]


def _pilot_material(number: int) -> Row:
    return {
        "division_code": "丹东市",
        "summary_year": "2022",
        "material_kind": "经验做法",
        "task_code": "LN-30",
        "title": f"示例做法{number}",
        "body": "窗口发放承诺书。\n办事时当场签订。",
        "author_role": "知识产权保护科",
    }


GOOD_ROWS: dict[str, Callable[[int], Row]] = {"pilot_materials": _pilot_material}
