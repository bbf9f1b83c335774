"""A second, plain scorer of the 87 rules of the assessment (营西政发〔2022〕12号), to hold the warehouse's own against.

It is transcribed from the document and from the readings of its unclear places (A01 to A36), and shares no line and no
file with what it checks. One call of `score` is one assessment year of one province.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

ZERO, HALF, ONE, TWO = Decimal(0), Decimal("0.5"), Decimal(1), Decimal(2)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Region:
    """A city (`city` is None) or a district of one, and what was reported, judged and set for it."""

    code: str
    city: str | None
    tier: str  # large, medium or other
    is_ranked: bool
    metrics: dict[str, Decimal | str] = field(default_factory=dict)
    judged: dict[str, Decimal] = field(default_factory=dict)  # by rule
    targets: dict[str, Decimal] = field(default_factory=dict)  # by rule


@dataclass(frozen=True)
class Result:
    """What one rule gives one region; `points` only if `state` is scored."""

    state: str
    reason: str | None = None
    points: Decimal | None = None
    rank: int | None = None
    dense_points: Decimal | None = None
    inherited_from: str | None = None


class Unscored(Exception):
    """Why a rule gives a region no points, not even none."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(f"{state}: {reason}")
        self.result = Result(state, reason)


NOT_REPORTED = Result("not_evaluable", "not_reported")

Parameters = dict[str, Decimal]
Rule = Callable[[Region, Parameters], Decimal]


def reported(region: Region, *metrics: str) -> list[Decimal]:
    """The numbers the region reported; all of them, or the rule cannot be evaluated."""
    if any(metric not in region.metrics for metric in metrics):
        raise Unscored("not_evaluable", "not_reported")
    return [Decimal(region.metrics[metric]) for metric in metrics]


# ---- kinds of rules


def flag(metric: str, points: str, least: int = 1) -> Rule:
    """Points once the count is `least`."""

    def rule(region: Region, _: Parameters) -> Decimal:
        (count,) = reported(region, metric)
        return Decimal(points) if count >= least else ZERO

    return rule


def each(cap: str, **points: str) -> Rule:
    """Points for each item of each metric, together no more than `cap`."""

    def rule(region: Region, _: Parameters) -> Decimal:
        counts = reported(region, *points)
        earned = sum((count * Decimal(one) for count, one in zip(counts, points.values(), strict=True)), ZERO)
        return min(earned, Decimal(cap))

    return rule


def deducted(metric: str, points: str) -> Rule:
    """Points off for each item, without end."""

    def rule(region: Region, _: Parameters) -> Decimal:
        (count,) = reported(region, metric)
        return ZERO - count * Decimal(points)

    return rule


def share(top: str, bottom: str, points: Callable[[Decimal, Decimal], Decimal]) -> Rule:
    """Points by a ratio that does not exist if the denominator is 0."""

    def rule(region: Region, _: Parameters) -> Decimal:
        above, below = reported(region, top, bottom)
        if below == 0:
            raise Unscored("not_evaluable", "denominator_zero")
        return points(above, below)

    return rule


def disclosure(kind: str) -> Rule:
    """公开率: 100% 1, 95% and more 0.5, less 0; no case 0."""

    def rule(region: Region, _: Parameters) -> Decimal:
        disclosed, publishable = reported(region, f"{kind}_disclosed_cnt", f"{kind}_publishable_cnt")
        if publishable == 0:
            return ZERO
        if disclosed >= publishable:
            return ONE
        return HALF if disclosed * 100 >= publishable * 95 else ZERO

    return rule


def judged(rule_id: str) -> Rule:
    """The points somebody gave."""

    def rule(region: Region, _: Parameters) -> Decimal:
        if rule_id not in region.judged:
            raise Unscored("awaiting", "no_judgement")
        return region.judged[rule_id]

    return rule


def against_target(rule_id: str, metric: str, points: Callable[[Decimal, Decimal], Decimal]) -> Rule:
    """Points by what was done and what had been set."""

    def rule(region: Region, _: Parameters) -> Decimal:
        (actual,) = reported(region, metric)
        if rule_id not in region.targets:
            raise Unscored("not_evaluable", "target_missing")
        return points(actual, region.targets[rule_id])

    return rule


@dataclass(frozen=True)
class Ranking:
    """Points by the rank among the ranked cities. `bands`: last rank and points of each."""

    metric: str
    bands: tuple[tuple[int, str], ...]
    least: int = 1
    consolation: str | None = None  # a yes/no metric that gives a count of 0 one point


# ---- rules with an arithmetic of their own


def met(actual: Decimal, target: Decimal) -> Decimal:
    """12: the task is fulfilled."""
    return ONE if actual >= target else ZERO


def completion(actual: Decimal, target: Decimal) -> Decimal:
    """27(1): the share of the task that was completed, at most all of it, of 1.5 points."""
    if target == 0:
        raise Unscored("not_evaluable", "target_zero")
    # Multiplied first: half a cent must be seen as such, and a quotient may not end.
    return min(actual * Decimal("1.5") / target, Decimal("1.5")).quantize(CENT, ROUND_HALF_UP)


def notified(notices: Decimal, accepted: Decimal) -> Decimal:
    """13(2): all 1, some 0.5, none 0."""
    if notices == 0:
        return ZERO
    return ONE if notices >= accepted else HALF


def adjudications_closed(region: Region, _: Parameters) -> Decimal:
    """14(1): 沈阳, 大连 16, 鞍山 8, any other 4 for 3 points; fewer 1; none 0."""
    (count,) = reported(region, "patent_adjudication_closed_cnt")
    if count == 0:
        return ZERO
    return Decimal(3) if count >= {"large": 16, "medium": 8, "other": 4}[region.tier] else ONE


def case_reports(region: Region, _: Parameters) -> Decimal:
    """16: 2, less 0.4 for each late and each returned report, down to 0; nothing reported scores only if certified."""
    made, late, returned = reported(region, "case_report_cnt", "case_report_late_cnt", "case_report_returned_cnt")
    if made == 0 and not Decimal(region.metrics.get("case_report_nil", ZERO)):
        raise Unscored("awaiting", "no_report")
    return max(TWO - (late + returned) * Decimal("0.4"), ZERO)


def abnormal_patents(region: Region, parameters: Parameters) -> Decimal:
    """19: above the national average 2, otherwise from 90% on 1; nothing happened 1."""
    withdrawn, told = reported(region, "abnormal_patent_withdrawn_cnt", "abnormal_patent_notified_cnt")
    if told == 0:
        return ONE
    average = parameters.get("national_average_withdrawal_rate")
    if average is not None and withdrawn > told * average:
        return TWO
    return ONE if withdrawn * 100 >= told * 90 else ZERO


def malicious_trademarks(region: Region, parameters: Parameters) -> Decimal:
    """20: none left unhandled 1; otherwise for somebody to judge."""
    if region.metrics.get("malicious_tm_unhandled_cnt") == 0:
        return ONE
    return judged("20")(region, parameters)


def lost_in_publication(_region: Region, _parameters: Parameters) -> Decimal:
    """21(2): the table stops before it (A01)."""
    raise Unscored("not_applicable", "missing_in_source")


def gi_standard_projects(region: Region, _: Parameters) -> Decimal:
    """23: a new project 1; none, but all have standards or all are approved 0.5."""
    new, all_have, all_approved = reported(
        region, "gi_standard_new_project_cnt", "all_gi_have_standard", "all_gi_project_approved"
    )
    if new >= 1:
        return ONE
    return HALF if all_have == 1 or all_approved == 1 else ZERO


def budget(region: Region, _: Parameters) -> Decimal:
    """9: a dedicated fund 2, only projects 1."""
    if "ip_budget_type" not in region.metrics:
        raise Unscored("not_evaluable", "not_reported")
    return {"dedicated_fund": TWO, "project_only": ONE, "none": ZERO}[str(region.metrics["ip_budget_type"])]


def grown(end: Decimal, begin: Decimal) -> Decimal:
    """39: a fifth more than at the beginning."""
    return ONE if (end - begin) * 100 >= begin * 20 else ZERO


# ---- the 87 rules

FIVE_ELEVEN = ((5, "2"), (11, "1"), (14, "0.5"))

RULES: dict[str, Rule | Ranking] = {
    # 一、组织实施责任(10分)
    "1": flag("gov_meeting_held_cnt", "2"),
    "2": flag("joint_meeting_held_cnt", "2"),
    "3": judged("3"),
    "4": Ranking("publicity_items_accepted_cnt", FIVE_ELEVEN),
    "5": flag("media_case_publicity_cnt", "1"),
    "6": each("2", outreach_event_cnt="0.4"),
    # 二、资源配置保障(9分)
    "7(1)": judged("7(1)"),
    "7(2)": flag("leader_training_cnt", "1"),
    "7(3)": flag("enforcement_training_held_cnt", "1"),
    "7(4)": each("1", enforcement_training_attended_cnt="0.5"),
    "8(1)": share(
        "distance_course_completed_cnt",
        "distance_course_enrolled_cnt",
        lambda completed, enrolled: Decimal("1.5") if completed >= enrolled else ZERO,
    ),
    "8(2)": judged("8(2)"),
    "9": budget,
    # 三、重点工作推进(81分),(四)严保护重点工作(46分)
    "10": each("2", ip_policy_doc_cnt="1"),
    "11a": flag("regulation_plan_issued", "1"),
    "11b": flag("regulation_summary_issued", "1"),
    "12(1)": against_target("12(1)", "ip_crime_transfer_prosecution_cnt", met),
    "12(2)": against_target("12(2)", "ip_crime_den_cnt", met),
    "12(3)": against_target("12(3)", "ip_crime_supervised_cnt", met),
    "12(4)": against_target("12(4)", "ip_crime_clue_assist_cnt", met),
    "13(1)": flag("right_notice_case_cnt", "1"),
    "13(2)": share("right_notice_case_cnt", "ip_crime_case_accepted_cnt", notified),
    "14(1)": adjudications_closed,
    "14(2)": each("3", patent_infringement_closed_by_adjudication_cnt="0.5"),
    "14(3)": each("1", patent_dispute_closed_by_mediation_cnt="0.5"),
    "14(4)": Ranking("fake_patent_closed_cnt", FIVE_ELEVEN),
    "14(5)": Ranking("trademark_closed_cnt", FIVE_ELEVEN),
    "14(6)": Ranking("gi_closed_cnt", FIVE_ELEVEN),
    "14(7)": Ranking("copyright_closed_cnt", FIVE_ELEVEN),
    "15(1)": disclosure("trademark"),
    "15(2)": disclosure("fake_patent"),
    "15(3)": disclosure("gi"),
    "15(4)": disclosure("patent_adjudication"),
    "15(5)": disclosure("copyright"),
    "16": case_reports,
    "17(1)": flag("crop_hotline_exists", "1"),
    "17(2)": flag("seed_campaign_cnt", "1"),
    "18": flag("software_inspection_cnt", "3"),
    "19": abnormal_patents,
    "20": malicious_trademarks,
    "21(1)a": flag("case_guidance_request_cnt", "1"),
    "21(1)b": flag("case_guidance_feedback_cnt", "1"),
    "21(2)": lost_in_publication,
    "22": Ranking("two_law_platform_entry_cnt", ((5, "3"), (11, "2"), (14, "1")), least=5),
    # (五)大保护重点工作(20分)
    "23": gi_standard_projects,
    "24": Ranking(
        "gi_standard_published_cnt",
        ((1, "3"), (3, "2.5"), (8, "2"), (14, "1.5")),
        consolation="all_gi_have_standard",
    ),
    "25": Ranking("gi_mark_new_user_cnt", ((4, "2"), (11, "1"), (14, "0.5"))),
    "26a": flag("pledge_campaign_cnt", "1"),
    "26b": flag("inclusive_pledge_cnt", "1", least=2),
    "27(1)": against_target("27(1)", "sme_patent_transfer_cnt", completion),
    "27(2)": judged("27(2)"),
    "28(1)": Ranking("peoples_mediation_cnt", ((5, "2"), (11, "1.5"), (14, "1"))),
    "28(2)": flag("mediation_in_parks", "1"),
    "28(3)": flag("mediation_in_markets", "1"),
    "29": flag("arbitration_activity_cnt", "1"),
    "30": flag("alliance_activity_cnt", "1"),
    "31(1)": flag("technical_investigator_case_cnt", "1.5"),
    "31(2)": judged("31(2)"),
    # (六)快保护重点工作(7分)
    "32": judged("32"),
    "33(1)": each("1", transfer_interdept_cnt="0.2"),
    "33(2)": each("1", transfer_crossprovince_cnt="0.5", transfer_crosscity_cnt="0.2"),
    "34(1)a": flag("expo_ecom_mechanism", "0.5"),
    "34(1)b": judged("34(1)b"),
    "34(2)": flag("key_market_list_maintained", "1"),
    "34(3)": flag("market_workstation_cnt", "1"),
    # (七)同保护与维权援助重点工作(8分)
    "35a": flag("overseas_liability_insurance_cnt", "1"),
    "35b": each("1", patent_insurance_type_cnt="0.5"),
    "36(1)": flag("overseas_need_survey_cnt", "1"),
    "36(2)": flag("foreign_exchange_event_cnt", "1"),
    "37(1)": each("1", aid_clue_cnt="0.2"),
    "37(2)": each("1", aid_opinion_cnt="0.5"),
    "37(3)": each("1", sme_training_cnt="0.5"),
    "37(4)": each("1", onsite_service_cnt="0.5"),
    # 加分项(10分)
    "38": flag("mediation_judicial_confirm_cnt", "1"),
    "39": share("patent_agency_end_cnt", "patent_agency_begin_cnt", grown),
    "40": flag("trade_secret_case_cnt", "1"),
    "41": flag("official_mark_case_cnt", "1"),
    "42": flag("risk_warning_report_cnt", "1"),
    "43": each("1", overseas_recovery_item_cnt="0.5"),
    "44(1)": flag("wellknown_tm_request_cnt", "1"),
    "44(2)": flag("wellknown_tm_protected_in_60d_cnt", "1"),
    "45": each("2", central_replication_cnt="1"),
    # 减分项(不设上限)
    "46(1)": deducted("assigned_clue_no_feedback_cnt", "2"),
    "46(2)": deducted("vicious_event_unhandled_cnt", "2"),
    "46(3)": deducted("case_severely_overdue_cnt", "2"),
    "46(4)": deducted("market_infringement_ignored_cnt", "2"),
    "47": deducted("case_file_review_fail_cnt", "1"),
}


# ---- scoring


def score(
    regions: list[Region], parameters: dict[str, Decimal], tie_method: str = "competition"
) -> dict[tuple[str, str], Result]:
    """The result of every rule for every region, by region and rule; districts take ranks and tiers from their city."""
    cities = [region for region in regions if region.city is None]
    results = {
        (city.code, rule_id): _ranked(city, rule, cities, tie_method)
        if isinstance(rule, Ranking)
        else _alone(city, rule, parameters)
        for rule_id, rule in RULES.items()
        for city in cities
    }
    for district in regions:
        if district.city is None:
            continue
        for rule_id, rule in RULES.items():
            if isinstance(rule, Ranking) or rule_id == "14(1)":
                of_city = results.get((district.city, rule_id))
                result = replace(of_city, inherited_from=district.city) if of_city else NOT_REPORTED
            else:
                result = _alone(district, rule, parameters)
            results[district.code, rule_id] = result
    return results


def _alone(region: Region, rule: Rule, parameters: Parameters) -> Result:
    try:
        return Result("scored", points=rule(region, parameters))
    except Unscored as unscored:
        return unscored.result


def _ranked(city: Region, rule: Ranking, cities: list[Region], tie_method: str) -> Result:
    if not city.is_ranked:
        return Result("not_applicable", "not_ranked")
    if rule.metric not in city.metrics:
        return NOT_REPORTED
    count = Decimal(city.metrics[rule.metric])
    counts = [Decimal(one.metrics[rule.metric]) for one in cities if one.is_ranked and rule.metric in one.metrics]
    better = [other for other in counts if other > count]
    dense = 1 + len(set(better))
    rank = dense if tie_method == "dense" else 1 + len(better)
    if rule.consolation and rule.consolation not in city.metrics:
        return replace(NOT_REPORTED, rank=rank)
    return Result(
        "scored",
        points=_by_rank(city, rule, count, rank),
        rank=rank,
        dense_points=_by_rank(city, rule, count, dense),
    )


def _by_rank(city: Region, rule: Ranking, count: Decimal, rank: int) -> Decimal:
    if count < rule.least:
        return ONE if rule.consolation and city.metrics[rule.consolation] == 1 else ZERO
    return next(Decimal(points) for last, points in rule.bands if rank <= last)
