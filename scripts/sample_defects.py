"""What goes wrong in the rows of the samples: how a clean cell is spoilt, and the issue that judging must find."""

from collections.abc import Callable
from dataclasses import dataclass

from sample_subjects import Record, Value
from sheets import Cell, ErrorCell


@dataclass(frozen=True)
class Defect:
    """A fault that a bureau makes: `spoil` makes the wrong cell out of the clean value, in rows that it `fits`."""

    column: str
    issue: str
    spoil: Callable[[Value], Cell]
    fits: Callable[[Record], bool] = lambda record: True


def put(column: str, issue: str, value: Cell | Callable[[Value], Cell]) -> Defect:
    """Replace the cell of `column`; a function gets the clean value and is not asked about an empty one."""
    if callable(value):
        return Defect(column, issue, value, lambda record: record.get(column) is not None)
    return Defect(column, issue, lambda _: value)


def other_last(code: Value) -> Cell:
    """The last character exchanged for another: the check digit no longer holds."""
    text = str(code)
    return text[:-1] + ("1" if text[-1] == "0" else "0")


def swapped(number: Value) -> Cell:
    """Two neighbouring digits exchanged: what typing by hand does, and what a check digit is there for."""
    text = str(number)
    place = next(
        i for i in range(len(text) - 4, 0, -1) if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1]
    )
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


USCC_FAULTS = (
    put("uscc", "uscc_check_digit", other_last),
    put("uscc", "bad_uscc", lambda code: str(code)[:-1]),
    put("uscc", "bad_uscc", lambda code: str(code)[:-2] + "IO"),
    # Excel takes a code of digits alone for a number and keeps 15 of them.
    Defect("uscc", "digits_lost", lambda code: float(str(code)), lambda record: str(record["uscc"]).isdigit()),
)


def other_city(code: Value) -> Cell:
    """A city that is not the one of this code."""
    return "沈阳市" if code != "210100" else "大连市"


DIVISION_FAULTS = (
    put("division_code", "place_elsewhere", other_city),
    put("division_code", "place_elsewhere", "辽东市"),
)
CODE_LEFT_OUT = Defect(
    "uscc", "subject_to_be_matched", lambda _: None,
    lambda record: bool(record.get("uscc")) and not record.get("registration_no"),
)  # fmt: skip
"""A firm named without its code: its row waits for its subject."""
AGAIN = Defect("*", "duplicate_in_file", lambda _: None)

DEFECTS: dict[str, tuple[Defect, ...]] = {
    "honours": (
        *USCC_FAULTS, *DIVISION_FAULTS, AGAIN,
        put("uscc", "missing_required", None),
        put("enterprise_name", "missing_required", None),
        put("enterprise_name", "cell_error", ErrorCell()),
        put("honour_type", "unknown_code", "市级知识产权优势企业"),
        put("honour_year", "bad_year", "二〇二二"),
        put("honour_year", "year_out_of_range", 1999),
        put("awarded_on", "bad_date", "2022年13月5日"),
        put("awarded_on", "date_out_of_range", "1922-03-01"),
        put("valid_until", "dates_out_of_order", "2019-01-01"),
        put("document_no", "bad_document_no", "见附件"),
    ),
    "patent_awards": (
        *USCC_FAULTS,
        put("patent_no", "bad_patent_no", "ZL2017A060186"),
        put("patent_no", "patent_check_digit", swapped),
        put("award_grade", "unknown_code", "特别奖"),
        put("awarded_on", "bad_date", "今年七月"),
        put("awarded_on", "date_out_of_range", "2202-07-22"),
        AGAIN,
    ),
    "standard_certifications": (
        *USCC_FAULTS, *DIVISION_FAULTS, AGAIN,
        put("certificate_no", "missing_required", None),
        put("management_standard", "unknown_code", "ISO 9001"),
        put("valid_until", "dates_out_of_order", "2018-12-31"),
        put("certified_on", "bad_date", "2022-02-30"),
        put("certification_body", "cell_error", ErrorCell()),
    ),
    "agencies": (
        put("is_backbone", "bad_boolean", "待定"),
        put("attorney_count", "bad_number", "十余人"),
        put("attorney_count", "number_out_of_range", -1),
        put("licensed_on", "missing_required", None),
        USCC_FAULTS[0],
    ),
    "penalties": (
        *USCC_FAULTS, AGAIN,
        put("division_code", "division_of_other_bureau", other_city),
        put("document_no", "missing_required", None),
        put("document_no", "bad_document_no", "12号决定书"),
        put("penalty_kind", "unknown_code", "批评教育"),
        put("fine_amount", "bad_number", "两万元"),
        put("fine_amount", "number_out_of_range", -500),
        put("decided_on", "bad_date", "2022.15.40"),
        put("decided_on", "cell_error", ErrorCell()),
        put("publish_until", "dates_out_of_order", "2021-01-01"),
        put("registration_no", "secondary_code_left_out", "无法查明"),
        put("org_code", "secondary_code_left_out", "12345"),
        CODE_LEFT_OUT,
    ),
    "abnormal_patents": (
        USCC_FAULTS[0], USCC_FAULTS[1], AGAIN,
        put("application_no", "patent_check_digit", swapped),
        put("application_no", "bad_patent_no", "2021申请"),
        put("correction_state", "unknown_code", "处理中"),
        put("notified_on", "missing_required", None),
        put("agency_uscc", "secondary_code_left_out", other_last),
        put("agency_code", "secondary_code_left_out", "21-A1"),
        CODE_LEFT_OUT,
    ),
    "malicious_trademarks": (
        put("trademark_no", "bad_trademark_no", "申请中"),
        put("trademark_class", "number_out_of_range", 46),
        put("trademark_class", "bad_number", "第九类"),
        put("malicious_circumstance", "missing_required", None),
        USCC_FAULTS[0],
    ),
    "general_risk_class": (
        *USCC_FAULTS, *DIVISION_FAULTS, AGAIN,
        put("risk_class", "unknown_code", "E类"),
        put("risk_class", "missing_required", None),
        put("risk_score", "number_out_of_range", 1001),
        put("classified_on", "bad_date", "本月"),
    ),
    "serious_list": (put("listing_cause", "unknown_code", "其他原因"),),
}  # fmt: skip
"""What goes wrong in each dataset; files take turns, so that the whole set holds every one."""
