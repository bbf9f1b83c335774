"""Random years of a province for the assessment, drawn close to the places where points change."""

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal

from assessment_check import Region

CITIES = tuple(f"21{number:02}00" for number in range(1, 15))
TIERS = {"210100": "large", "210200": "large", "210300": "medium"}
DISTRICTS = {"210803": "210800", "210102": "210100", "210602": "210600"}
MISSING = 0.05

ONCE = [
    "gov_meeting_held_cnt", "joint_meeting_held_cnt", "media_case_publicity_cnt", "leader_training_cnt",
    "enforcement_training_held_cnt", "seed_campaign_cnt", "software_inspection_cnt", "case_guidance_request_cnt",
    "case_guidance_feedback_cnt", "pledge_campaign_cnt", "arbitration_activity_cnt", "alliance_activity_cnt",
    "technical_investigator_case_cnt", "market_workstation_cnt", "overseas_liability_insurance_cnt",
    "overseas_need_survey_cnt", "foreign_exchange_event_cnt", "mediation_judicial_confirm_cnt",
    "trade_secret_case_cnt", "official_mark_case_cnt", "risk_warning_report_cnt", "wellknown_tm_request_cnt",
    "wellknown_tm_protected_in_60d_cnt", "malicious_tm_unhandled_cnt", "gi_standard_new_project_cnt",
    "patent_exam_registrants_cnt",
]  # fmt: skip
YES_NO = [
    "regulation_plan_issued", "regulation_summary_issued", "crop_hotline_exists", "mediation_in_parks",
    "mediation_in_markets", "expo_ecom_mechanism", "key_market_list_maintained", "all_gi_have_standard",
    "all_gi_project_approved", "case_report_nil",
]  # fmt: skip
# The number of items at which the cap is reached.
CAPPED = {
    "outreach_event_cnt": 5, "enforcement_training_attended_cnt": 2, "ip_policy_doc_cnt": 2,
    "patent_infringement_closed_by_adjudication_cnt": 6, "patent_dispute_closed_by_mediation_cnt": 2,
    "transfer_interdept_cnt": 5, "transfer_crossprovince_cnt": 2, "transfer_crosscity_cnt": 5,
    "patent_insurance_type_cnt": 2, "aid_clue_cnt": 5, "aid_opinion_cnt": 2, "sme_training_cnt": 2,
    "onsite_service_cnt": 2, "overseas_recovery_item_cnt": 2, "central_replication_cnt": 2, "inclusive_pledge_cnt": 2,
}  # fmt: skip
DEDUCTED = [
    "assigned_clue_no_feedback_cnt", "vicious_event_unhandled_cnt", "case_severely_overdue_cnt",
    "market_infringement_ignored_cnt", "case_file_review_fail_cnt",
]  # fmt: skip
RANKED = [
    "publicity_items_accepted_cnt", "fake_patent_closed_cnt", "trademark_closed_cnt", "gi_closed_cnt",
    "copyright_closed_cnt", "two_law_platform_entry_cnt", "gi_standard_published_cnt", "gi_mark_new_user_cnt",
    "peoples_mediation_cnt",
]  # fmt: skip
# Every city of a province draws from the same few numbers: many ties, some ties, hardly any.
SPREADS = [(0,), (0, 1), (4, 5), (0, 1, 2, 3), tuple(range(8)), tuple(range(3, 12)), tuple(range(40))]
ADJUDICATED = (0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17)

# Numerators and denominators, most of them on a threshold or one off it.
WHOLE = [(0, 0), (0, 1), (1, 1), (0, 20), (1, 20), (19, 20), (20, 20), (999, 1000), (1000, 1000)]
OPEN = [*WHOLE, (18, 19), (18, 20), (94, 100), (949, 1000), (95, 100), (950, 1000), (951, 1000), (199, 200)]
PAIRS: dict[tuple[str, str], Sequence[tuple[int, int]]] = {
    ("distance_course_completed_cnt", "distance_course_enrolled_cnt"): WHOLE,
    ("right_notice_case_cnt", "ip_crime_case_accepted_cnt"): [*WHOLE, (2, 3), (6, 5), (3, 0)],
    **{
        (f"{kind}_disclosed_cnt", f"{kind}_publishable_cnt"): OPEN
        for kind in ("trademark", "fake_patent", "gi", "patent_adjudication", "copyright")
    },
    ("abnormal_patent_withdrawn_cnt", "abnormal_patent_notified_cnt"): [
        *WHOLE, (2, 3), (17, 20), (18, 20), (8, 9), (9, 10), (89, 100), (90, 100), (899, 1000), (181, 200), (91, 100),
        (951, 1000),
    ],
    ("patent_agency_end_cnt", "patent_agency_begin_cnt"): [
        (0, 0), (3, 0), (0, 5), (5, 5), (6, 5), (7, 6), (8, 7), (11, 10), (12, 10), (13, 10), (119, 100), (120, 100),
    ],
}  # fmt: skip
AVERAGES = (None, "0", "0.6666", "0.6667", "0.85", "0.9", "0.905", "0.95", "1")
# What was done and what had been set for it: half cents, ends of the scale, no end.
TASKS = [
    (0, 9), (1, 3), (1, 7), (1, 9), (1, 60), (1, 100), (1, 300), (1, 301), (8, 9), (9, 9), (10, 9), (99, 100),
    (997, 1000), (333, 1000), (5, 0), (0, 0),
]  # fmt: skip
QUOTAS = {
    "12(1)": "ip_crime_transfer_prosecution_cnt", "12(2)": "ip_crime_den_cnt", "12(3)": "ip_crime_supervised_cnt",
    "12(4)": "ip_crime_clue_assist_cnt",
}  # fmt: skip
JUDGED = {
    "3": "1", "7(1)": "1", "8(2)": "1.5", "20": "1", "27(2)": "1.5", "31(2)": "1.5", "32": "2", "34(1)b": "0.5"
}  # fmt: skip


def province(rng: random.Random) -> tuple[list[Region], dict[str, Decimal]]:
    """One year: fourteen cities, the area without a rank and three districts, with the parameters of the year."""
    spreads = {metric: rng.choice(SPREADS) for metric in RANKED}
    heads = [
        *((city, None, TIERS.get(city, "other"), True) for city in CITIES),
        ("LN-SF", None, "other", False),
        *((code, city, TIERS.get(city, "other"), False) for code, city in DISTRICTS.items()),
    ]
    average = rng.choice(AVERAGES)
    parameters = {} if average is None else {"national_average_withdrawal_rate": Decimal(average)}
    return [_region(rng, *head, spreads) for head in heads], parameters


def _region(
    rng: random.Random, code: str, city: str | None, tier: str, is_ranked: bool, spreads: Mapping[str, Sequence[int]]
) -> Region:
    drawn: dict[str, int | str] = {
        "ip_budget_type": rng.choice(("dedicated_fund", "project_only", "none")),
        "patent_adjudication_closed_cnt": rng.choice(ADJUDICATED),
        "case_report_cnt": rng.choice((0, 0, 1, 9)),
        "case_report_late_cnt": rng.choice((0, 0, 1, 2, 4, 5, 6)),
        "case_report_returned_cnt": rng.choice((0, 0, 1, 3)),
    }
    drawn |= {metric: rng.choice((0, 1, 1, 2)) for metric in ONCE}
    drawn |= {metric: rng.choice((0, 1)) for metric in YES_NO}
    drawn |= {metric: rng.choice((0, 1, full - 1, full, full + 1)) for metric, full in CAPPED.items()}
    drawn |= {metric: rng.choice((0, 0, 1, 2, 60)) for metric in DEDUCTED}
    drawn |= {metric: rng.choice(spread) for metric, spread in spreads.items()}
    for metrics, pairs in PAIRS.items():
        drawn |= dict(zip(metrics, rng.choice(pairs), strict=True))
    targets: dict[str, int] = {}
    drawn["sme_patent_transfer_cnt"], targets["27(1)"] = rng.choice(TASKS)
    for rule_id, metric in QUOTAS.items():
        targets[rule_id] = rng.choice((0, 1, 5))
        drawn[metric] = max(0, targets[rule_id] + rng.choice((-1, 0, 1)))
    return Region(
        code,
        city,
        tier,
        is_ranked,
        metrics={
            metric: value if isinstance(value, str) else Decimal(value)
            for metric, value in drawn.items()
            if rng.random() >= MISSING
        },
        judged={
            rule_id: rng.choice((Decimal(0), Decimal(most) / 2, Decimal(most)))
            for rule_id, most in JUDGED.items()
            if rng.random() < 0.5
        },
        targets={rule_id: Decimal(target) for rule_id, target in targets.items() if rng.random() >= 2 * MISSING},
    )
