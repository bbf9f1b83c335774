"""A candidate that breaks a rule is not published, the gate says which rule, and the old release stays."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from candidates import build_first_candidate, copy_candidate, register
from psycopg import sql
from typer.testing import CliRunner

from ipcredit import grade_history, quality, release
from ipcredit.cli import app
from ipcredit.release import ReleaseError
from ipcredit.settings import EXPECTATIONS

R1, R2 = "r20221205_0001", "r20221205_0002"

EXPECTED_RULES = {
    "catalogue_coverage": """completeness grid_complete no_gap no_personal_data no_sudden_drop of_this_release state
        unique""",
    "catalogue_fields": "item_exists no_personal_data of_this_release personal unique",
    "catalogue_item_versions": "item_exists no_personal_data of_this_release province_complete unique",
    "catalogue_items": "disclosure has_fields no_personal_data no_sudden_drop of_this_release unique",
    "credit_records": """dataset_in_catalogue no_personal_data no_sudden_drop nothing_internal of_this_release
        subject_exists submission_exists unique""",
    "grade_items": "grade_exists item_kind no_personal_data nothing_internal of_this_release record_exists unique",
    "internal_grade_items": "grade_exists no_personal_data of_this_release unique",
    "commitments": """no_personal_data of_this_release overdue_flagged state unique verification_overdue""",
    "commitment_rates": "no_personal_data of_this_release rate_reproducible unique",
    "event_types": "covers_records no_personal_data of_this_release unique",
    "list_conflicts": "no_personal_data not_on_both of_this_release unique",
    "inspections": "no_personal_data of_this_release overdue state unique",
    "list_events": "entry_exists exits_explained kind no_personal_data of_this_release unique withdrawn_not_active",
    "list_proposals": "no_personal_data of_this_release record_exists unique",
    "list_publications": """entry_exists explained masked no_personal_data of_this_release shown_in_its_time state
        unique""",
    "objections": "no_personal_data of_this_release overdue overdue_flagged state unique",
    "repairs": "conditions_met no_personal_data of_this_release overdue overdue_flagged state unique",
    "withdrawals": "is_due no_personal_data of_this_release unique",
    "list_entries": """city_variant_conflict dates_in_order has_decision list_code no_personal_data no_sudden_drop
        of_this_release red_and_dishonest state subject_exists unique""",
    "measures_in_force": """basis_exists direction in_catalogue no_personal_data not_expired of_this_release
        unique""",
    "behaviours": "level no_personal_data of_this_release unique",
    "measures": "classified no_personal_data of_this_release unique",
    "repair_rules": "no_personal_data of_this_release term unique",
    "override_rules": "limits no_personal_data of_this_release unique",
    "measure_applications": "effect ground_agrees no_personal_data of_this_release unique without_ground",
    "measure_effects": "counts_add_up in_bounds no_personal_data of_this_release unique",
    "quality_dimensions": "dimension no_personal_data of_this_release rate_reproducible unique",
    "row_issue_counts": "code_known no_personal_data of_this_release unique",
    "row_issues": "code_known no_personal_data of_this_release state_follows_severity unique",
    "subject_grades": """grade grade_follows_band key_subjects_graded no_personal_data no_sudden_drop of_this_release
        override_explained policy_status score_is_sum_of_items subject_exists track unique""",
    "subjects": "code_shape division_known id_kind no_personal_data no_sudden_drop of_this_release unique",
    "submissions": "no_personal_data no_sudden_drop of_this_release rows_reconcile state unique",
    "work_records": """dataset_in_catalogue no_personal_data no_sudden_drop nothing_internal of_nobody of_this_release
        submission_exists unique""",
    "cross_source_findings": """dimension no_personal_data nothing_internal of_this_release submission_exists
        unique""",
    "quality_ranking": "no_personal_data of_this_release place_follows_score state unique",
    "identity_matches": "counted_as_matched no_person no_personal_data of_this_release state unique waiting",
    "identity_decisions": "applies no_personal_data of_this_release state superseded unique",
    "review_results": "no_personal_data of_this_release state unique",
    "assessment_rules": "known_kind no_personal_data of_this_release points_add_up unique",
    "assessment_rule_results": (
        "declared_agrees full_grid no_personal_data of_this_release points_in_range state unique"
    ),
    "assessment_metric_values": "count_matches_records no_personal_data of_this_release sourced unique",
    "assessment_metric_records": "evidenced in_window no_personal_data of_this_release submission_exists unique",
    "assessment_subtotals": "no_personal_data of_this_release sums_agree unique",
    "assessment_scorecards": (
        "all_regions_reported no_personal_data of_this_release signed_by_second_role signed_cards_unchanged"
        " totals_agree unique"
    ),
    "assessment_gaps": "no_personal_data of_this_release unique worth_points",
    "policy_documents": "no_personal_data of_this_release state unique unknown_dates_said",
    "pilot_tasks": "document_exists no_personal_data of_this_release unique",
    "plan_milestones": """full_grid material_exists no_personal_data of_this_release overdue state task_exists
        unique""",
    "pilot_materials": "kind no_personal_data of_this_release submission_exists unique",
}
WARNINGS = {
    "assessment_rule_results.declared_agrees", "assessment_metric_records.evidenced",
    "assessment_scorecards.all_regions_reported", "assessment_scorecards.signed_by_second_role",
    "assessment_scorecards.signed_cards_unchanged",
    "catalogue_coverage.no_gap", "list_entries.city_variant_conflict", "list_entries.no_sudden_drop",
    "subject_grades.key_subjects_graded", "list_entries.has_decision", "repairs.overdue", "repairs.conditions_met",
    "objections.overdue", "inspections.overdue", "commitments.verification_overdue",
    "submissions.no_sudden_drop", "work_records.no_sudden_drop",
    "identity_matches.waiting", "identity_decisions.superseded",
    "measure_applications.without_ground", "plan_milestones.overdue",
}  # fmt: skip

ONE_SUBJECT = "(select min(subject_id) from candidate.subjects where division_code = '210600')"
PENALISED = (
    "(select min(subject_id) from candidate.list_entries where division_code = '210600' and list_code = 'dishonest')"
)
ONE_GRADED = "(select min(subject_id) from candidate.subject_grades where division_code = '210600' and grade = 'A')"

# What is done to the candidate's table, and the rules that must fail: these and no others.
CORRUPTIONS = {
    "a document of a state nobody knows": (
        "policy_documents", "update {t} set document_status = 'lost' where document_code = 'PLAN-LN-2022'",
        {"policy_documents.state"},
    ),
    "a day unknown without a word": (
        "policy_documents", "update {t} set note = null where document_code = 'SAMR-ORDER-44'",
        {"policy_documents.unknown_dates_said"},
    ),
    "a document twice": (
        "policy_documents", "insert into {t} select * from {t} where document_code = 'SAMR-ORDER-44'",
        {"policy_documents.unique"},
    ),
    "a task of no document": (
        "pilot_tasks", "update {t} set plan_code = 'NONE' where task_code = 'LN-20'", {"pilot_tasks.document_exists"},
    ),
    "a milestone of no task": (
        "plan_milestones", "update {t} set task_code = 'LN-99' where milestone_code = 'N04-2'",
        {"plan_milestones.task_exists"},
    ),
    "a city without its milestone": (
        "plan_milestones", "delete from {t} where region_code = '210600'", {"plan_milestones.full_grid"},
    ),
    "a milestone done on a day to come": (
        "plan_milestones", "update {t} set done_on = '2022-12-06' where region_code = '210600'",
        {"plan_milestones.state"},
    ),
    "a milestone called open after its day": (
        "plan_milestones", "update {t} set milestone_state = 'open' where milestone_code = 'N04-3'",
        {"plan_milestones.state"},
    ),
    "a milestone that rests on a report nobody made": (
        "plan_milestones", "update {t} set record_id = 'none' where region_code = '210600'",
        {"plan_milestones.material_exists"},
    ),
    "a milestone twice": (
        "plan_milestones", "insert into {t} select * from {t} where milestone_code = 'N04-3'",
        {"plan_milestones.unique"},
    ),
    "a text without a text": (
        "pilot_materials", "update {t} set body = null where bureau_code = '210600' and material_kind = 'experience'",
        {"pilot_materials.kind"},
    ),
    "a text of no submission": (
        "pilot_materials",
        "update {t} set submission_id = -1 where bureau_code = '210600' and material_kind = 'experience'",
        {"pilot_materials.submission_exists"},
    ),
    "a phone number in a text": (
        "pilot_materials",
        "update {t} set body = E'联系\n13912345678' where bureau_code = '210600' and material_kind = 'experience'",
        {"pilot_materials.no_personal_data"},
    ),
    "a rule of a kind nobody scores": (
        "assessment_rules", "update {t} set kind = 'guess' where rule_id = '32'", {"assessment_rules.known_kind"},
    ),
    "a rule worth more than its point": (
        "assessment_rules", "update {t} set max_points = 3 where rule_id = '32'", {"assessment_rules.points_add_up"},
    ),
    "a rule twice": (
        "assessment_rules", "insert into {t} select * from {t} where rule_id = '20'",
        {"assessment_rules.unique", "assessment_rules.points_add_up"},
    ),
    "a rule of another release": (
        "assessment_rules", "update {t} set release_id = 'r19990101_0001' where rule_id = '20'",
        {"assessment_rules.of_this_release"},
    ),
    "a phone number in a rule": (
        "assessment_rules", "update {t} set remark = '13912345678' where rule_id = '20'",
        {"assessment_rules.no_personal_data"},
    ),
    "a cell without a result": (
        "assessment_rule_results", "delete from {t} where region_code = '210600' and rule_id = '1'",
        {"assessment_rule_results.full_grid"},
    ),
    "what nobody reported is scored zero": (
        "assessment_rule_results",
        "update {t} set points = 0 where region_code = '210600' and rule_id = '1'", {"assessment_rule_results.state"},
    ),
    "a score without points, and none said why": (
        "assessment_rule_results",
        "update {t} set reason = null where region_code = '210600' and rule_id = '1'",
        {"assessment_rule_results.state"},
    ),
    "more points than the rule has": (
        "assessment_rule_results",
        "update {t} set points = 2.5 where region_code = '210600' and rule_id = '32'",
        {"assessment_rule_results.points_in_range", "assessment_scorecards.totals_agree"},
    ),
    "a value from nowhere": (
        "assessment_metric_values",
        "update {t} set value_source = null, value = null where region_code = '210600' and value_source = 'declared'",
        {"assessment_metric_values.sourced"},
    ),
    "a count that is not its records": (
        "assessment_metric_values",
        "update {t} set record_count = 7 where region_code = '210600' and metric_code = 'trademark_closed_cnt'",
        {"assessment_metric_values.count_matches_records"},
    ),
    "a record after its time": (
        "assessment_metric_records",
        "update {t} set counted_on = '2022-12-01' where region_code = '210600'",
        {"assessment_metric_records.in_window"},
    ),
    "an assessed record from no submission": (
        "assessment_metric_records",
        "update {t} set submission_id = -1 where region_code = '210600'",
        {"assessment_metric_records.submission_exists"},
    ),
    "an activity without evidence": (
        "assessment_metric_records",
        "update {t} set is_evidenced = false where region_code = '210600'",
        {"assessment_metric_values.count_matches_records"},
    ),
    "a section that does not add up": (
        "assessment_subtotals",
        "update {t} set points = points + 1 where region_code = '210600' and level = 'section' and section_no = '一'",
        {"assessment_subtotals.sums_agree"},
    ),
    "a total that nobody can work out": (
        "assessment_scorecards", "update {t} set total_points = total_points + 1 where region_code = '210600'",
        {"assessment_scorecards.totals_agree", "assessment_subtotals.sums_agree"},
    ),
    "a gap worth nothing": (
        "assessment_gaps",
        "update {t} set points_at_stake = 0 where region_code = '210600' and rule_id = '1'",
        {"assessment_gaps.worth_points"},
    ),
    "rows vanish from a submission": (
        "submissions",
        "update {t} set rows_accepted = rows_accepted - 1 where bureau_code = '210600' and dataset = 'honours'",
        {"submissions.rows_reconcile"},
    ),
    "a row stands twice": (
        "subjects", f"insert into {{t}} select * from {{t}} where subject_id = {ONE_SUBJECT}", {"subjects.unique"},
    ),
    "a record of nobody": (
        "credit_records", f"update {{t}} set subject_id = '91TEST0000TEST0000' where subject_id = {ONE_SUBJECT}",
        {"credit_records.subject_exists"},
    ),
    "a record of no catalogued dataset": (
        "credit_records", f"update {{t}} set dataset = 'unheard_of' where subject_id = {ONE_SUBJECT}",
        {"credit_records.dataset_in_catalogue"},
    ),
    "a record from no submission": (
        "credit_records", f"update {{t}} set submission_id = -1 where subject_id = {ONE_SUBJECT}",
        {"credit_records.submission_exists"},
    ),
    "one record of somebody and of nobody": (
        "work_records",
        """update {t} set record_id = (select min(record_id) from candidate.credit_records where bureau_code = '210600')
           where bureau_code = '210600'""",
        {"work_records.of_nobody"},
    ),
    "a record of nobody that is internal": (
        "work_records", "update {t} set dataset = 'general_risk_class' where bureau_code = '210600'",
        {"work_records.nothing_internal"},
    ),
    "a phone number in what is about nobody": (
        "work_records",
        "update {t} set details = jsonb_build_object('tel', '13912345678') where bureau_code = '210600'",
        {"work_records.no_personal_data"},
    ),
    "a grade of nobody": (
        "subject_grades",
        """insert into {t} (release_id, subject_id, division_code, track, is_provincial, grade, policy_status,
               internal_grade_by_score)
           select release_id, '91TEST0000TEST0000', division_code, track, true, 'U', policy_status, 'U'
           from {t} limit 1""",
        {"subject_grades.subject_exists"},
    ),
    "a list entry of nobody": (
        "list_entries", f"update {{t}} set subject_id = '91TEST0000TEST0000' where subject_id = {PENALISED}",
        {"list_entries.subject_exists", "measures_in_force.basis_exists", "measure_applications.ground_agrees"},
    ),
    "an item from no record": (
        "grade_items", f"update {{t}} set record_id = 'none' where subject_id = {PENALISED} and item_kind = 'event'",
        {"grade_items.record_exists"},
    ),
    "an unknown grade": (
        "subject_grades", f"update {{t}} set grade = 'E' where subject_id = {ONE_SUBJECT}",
        {"subject_grades.grade", "subject_grades.override_explained"},
    ),
    "an expired measure still shown": (
        "measures_in_force", f"update {{t}} set in_force_to = as_of - 1 where subject_id = {PENALISED}",
        {"measures_in_force.not_expired"},
    ),
    "a measure that no catalogue has": (
        "measures_in_force", f"update {{t}} set measure_code = 'F99' where subject_id = {PENALISED}",
        {"measures_in_force.in_catalogue"},
    ),
    "a measure without class": (
        "measures", "update {t} set measure_class = '' where measure_code = 'F03'", {"measures.classified"},
    ),
    "an application told as due without a ground": (
        "measure_applications", "update {t} set ground = 'none', effect = 'odd' where division_code = '210600'",
        {"measure_applications.effect", "measure_applications.ground_agrees"},
    ),
    "applications not counted": (
        "measure_effects",
        "update {t} set applied = 0 where division_code = '210600' and measure_code = 'F09'",
        {"measure_effects.counts_add_up", "measure_effects.in_bounds"},
    ),
    "an unknown list": (
        "list_entries",
        f"update {{t}} set list_code = 'grey' where subject_id = {PENALISED}", {"list_entries.list_code"},
    ),
    "an unknown state in the grid": (
        "catalogue_coverage", "update {t} set state = 'perhaps' where bureau_code = '210600' and dataset = 'honours'",
        {"catalogue_coverage.completeness", "catalogue_coverage.state"},
    ),
    "a late report told as in time": (
        "catalogue_coverage", "update {t} set is_late = true where bureau_code = '210600' and dataset = 'honours'",
        {"catalogue_coverage.completeness"},
    ),
    "an item without fields": (
        "catalogue_fields", "delete from {t} where dataset = 'honours'", {"catalogue_items.has_fields"},
    ),
    "a field of no item": (
        "catalogue_fields", "update {t} set dataset = 'unheard_of' where dataset = 'honours' and field = 'uscc'",
        {"catalogue_fields.item_exists"},
    ),
    "a version of no item": (
        "catalogue_item_versions", "update {t} set dataset = 'unheard_of' where scope_division_code = '210600'",
        {"catalogue_item_versions.item_exists"},
    ),
    "a provincial version that says not how long": (
        "catalogue_item_versions", "update {t} set retention_years = null where dataset = 'honours'",
        {"catalogue_item_versions.province_complete"},
    ),
    "a hole in the grid": (
        "catalogue_coverage", "update {t} set period = '2021' where bureau_code = '210600' and dataset = 'honours'",
        {"catalogue_coverage.grid_complete"},
    ),
    "a third of the records gone": (
        "credit_records", "delete from {t} where dataset = 'agencies'", {"credit_records.no_sudden_drop"},
    ),
    "an identity card in a name": (
        "subjects", f"update {{t}} set subject_name = '王某 210602199001011234' where subject_id = {ONE_SUBJECT}",
        {"subjects.no_personal_data"},
    ),
    "a residence permit of Taiwan in a name": (
        "subjects", f"update {{t}} set subject_name = '王某830000199001011234' where subject_id = {ONE_SUBJECT}",
        {"subjects.no_personal_data"},
    ),
    "a phone number deep in details": (
        "credit_records",
        f"update {{t}} set details = jsonb_build_object('tel', '13912345678') where subject_id = {ONE_SUBJECT}",
        {"credit_records.no_personal_data"},
    ),
    "red and dishonest at once": (
        "list_entries",
        f"update {{t}} set subject_id = {PENALISED} where list_code = 'red' and division_code = '210600'",
        {"list_entries.red_and_dishonest", "measures_in_force.basis_exists"},
    ),
    "a repaired entry that is still shown": (
        "list_events",
        f"update {{t}} set event_kind = 'withdrawn' where subject_id = {PENALISED}",
        {"list_events.withdrawn_not_active"},
    ),
    "an exit without a reason": (
        "list_events", f"update {{t}} set event_kind = 'left', reason = null where subject_id = {PENALISED}",
        {"list_events.exits_explained"},
    ),
    "an event of no entry": (
        "list_events", f"update {{t}} set entry_id = 'none' where subject_id = {PENALISED}",
        {"list_events.entry_exists"},
    ),
    "an unknown event": (
        "list_events", f"update {{t}} set event_kind = 'seen' where subject_id = {PENALISED}", {"list_events.kind"},
    ),
    "a sole trader in clear": (
        "list_publications", f"update {{t}} set party_kind = 'sole_trader' where subject_id = {PENALISED}",
        {"list_publications.masked"},
    ),
    "public after its last day": (
        "list_publications", f"update {{t}} set publish_to = '2022-12-04' where subject_id = {PENALISED}",
        {"list_publications.shown_in_its_time"},
    ),
    "an entry that nobody publishes": (
        "list_publications", f"delete from {{t}} where subject_id = {PENALISED}", {"list_publications.entry_exists"},
    ),
    "public without a legal basis": (
        "list_publications", f"update {{t}} set legal_basis = null where subject_id = {PENALISED}",
        {"list_publications.explained"},
    ),
    "an unknown state of publication": (
        "list_publications", f"update {{t}} set publication_state = 'seen' where subject_id = {PENALISED}",
        {"list_publications.state", "list_publications.explained"},
    ),
    "a conflict on both lists": (
        "list_conflicts", f"update {{t}} set conflict_state = 'on_both' where subject_id = {PENALISED}",
        {"list_conflicts.not_on_both"},
    ),
    "a late repair that nobody flagged": (
        "repairs", f"update {{t}} set decide_due_on = '2022-12-02' where subject_id = {PENALISED}",
        {"repairs.overdue_flagged"},
    ),
    "a late acceptance that nobody flagged": (
        "repairs", f"update {{t}} set accepted_on = '2022-12-01' where subject_id = {PENALISED}",
        {"repairs.overdue_flagged"},
    ),
    "a correction overdue and not flagged": (
        "objections",
        f"update {{t}} set state = 'upheld', correct_due_on = '2022-12-02' where subject_id = {PENALISED}",
        {"objections.overdue_flagged"},
    ),
    "a repair in force before its time": (
        "repairs", f"update {{t}} set state = 'effective' where subject_id = {PENALISED}", {"repairs.state"},
    ),
    "a late objection that nobody flagged": (
        "objections", f"update {{t}} set is_decide_overdue = false where subject_id = {PENALISED}",
        {"objections.overdue_flagged"},
    ),
    "an objection in no state": (
        "objections", f"update {{t}} set state = 'lost' where subject_id = {PENALISED}", {"objections.state"},
    ),
    "a commitment broken unchecked": (
        "commitments", f"update {{t}} set state = 'broken', verified_on = null, verify_due_on = null "
        f"where subject_id = {PENALISED}", {"commitments.state"},
    ),
    "a commitment unchecked and not flagged": (
        "commitments", f"update {{t}} set state = 'in_force', verified_on = null where subject_id = {PENALISED}",
        {"commitments.overdue_flagged"},
    ),
    "a signing rate nobody can recompute": (
        "commitment_rates", "update {t} set signing_rate = 0.5 where division_code = '210600'",
        {"commitment_rates.rate_reproducible"},
    ),
    "an inspection late and not flagged": (
        "inspections", "update {t} set inspect_by = '2022-12-04' where division_code = '210600'", {"inspections.state"},
    ),
    "a proposal from no record": (
        "list_proposals", f"update {{t}} set record_id = 'none' where subject_id = {PENALISED}",
        {"list_proposals.record_exists"},
    ),
    "withdrawn before its day": (
        "withdrawals", "update {t} set withdrawn_on = '2022-12-06' where division_code = '210600'",
        {"withdrawals.is_due"},
    ),
    "an event without a name": (
        "event_types", "delete from {t} where event_type = 'ip_penalty_ordinary'", {"event_types.covers_records"},
    ),
    "a score that is not its items": (
        "grade_items", f"update {{t}} set points = points + 1 where subject_id = {ONE_GRADED} and item_kind = 'base'",
        {"subject_grades.score_is_sum_of_items"},
    ),
    "a grade beside its band": (
        "subject_grades",
        f"update {{t}} set grade = 'B', internal_grade_by_score = 'B' where subject_id = {ONE_GRADED}",
        {"subject_grades.grade_follows_band"},
    ),
    "a grade that no rule gave": (
        "subject_grades",
        f"update {{t}} set grade = 'D' where subject_id = {ONE_GRADED}", {"subject_grades.override_explained"},
    ),
    "an internal dataset among the records": (
        "credit_records", f"update {{t}} set dataset = 'general_risk_class' where subject_id = {ONE_SUBJECT}",
        {"credit_records.nothing_internal"},
    ),
    "an internal item shown": (
        "grade_items",
        f"update {{t}} set item_kind = 'general_class' where subject_id = {PENALISED} and item_kind = 'event'",
        {"grade_items.nothing_internal"},
    ),
    "an unregistered issue": (
        "row_issue_counts",
        "update {t} set issue_code = 'odd' where bureau_code = '210600'", {"row_issue_counts.code_known"},
    ),
    "an accepted row with a blocking issue": (
        "row_issues",
        "update {t} set state = 'accepted' where bureau_code = '210600'", {"row_issues.state_follows_severity"},
    ),
    "a rate nobody can recompute": (
        "quality_dimensions",
        "update {t} set rate = 0.9 where bureau_code = '210600'", {"quality_dimensions.rate_reproducible"},
    ),
    "a finding about what is internal": (
        "cross_source_findings", "update {t} set other_dataset = 'general_risk_class' where bureau_code = '210600'",
        {"cross_source_findings.nothing_internal"},
    ),
    "a finding against no submission": (
        "cross_source_findings", "update {t} set other_submission_id = -1 where bureau_code = '210600'",
        {"cross_source_findings.submission_exists"},
    ),
    "a place that the score does not give": (
        "quality_ranking", "update {t} set place = 1 where bureau_code = '210600'",
        {"quality_ranking.place_follows_score"},
    ),
    "a verdict that does not count": (
        "review_results", "update {t} set state = 'awaiting' where bureau_code = '210600'", {"review_results.state"},
    ),
    "an area ranked that has no place": (
        "quality_ranking", "update {t} set place = 1 where bureau_code = 'LN-SF'", {"quality_ranking.state"},
    ),
    "a match that waits counts": (
        "identity_matches", "update {t} set state = 'proposed' where state = 'applied'",
        {"identity_matches.counted_as_matched"},
    ),
    "a confirmed match that does not count": (
        "identity_matches", "update {t} set state = 'confirmed' where state = 'proposed'",
        {"identity_matches.counted_as_matched"},
    ),
    "an unknown state of a match": (
        "identity_matches", "update {t} set state = 'perhaps' where state = 'proposed'", {"identity_matches.state"},
    ),
    "the hash of a person's name in the queue": (
        "identity_matches", "update {t} set subject_name = 'hmac:' || repeat('0', 64) where state = 'proposed'",
        {"identity_matches.no_person"},
    ),
    "a decision that no longer applies": (
        "identity_decisions",
        """update {t} set state = 'fails', obstacle = 'record_gone', finding = '丹东市知识产权局·样例'
           where bureau_code = '210600'""",
        {"identity_decisions.applies"},
    ),
    "an unknown state of a decision": (
        "identity_decisions", "update {t} set state = 'perhaps'", {"identity_decisions.state"},
    ),
    "a table of another release": (
        "catalogue_items", "update {t} set release_id = 'r20221205_0001'", {"catalogue_items.of_this_release"},
    ),
    "a table that is not there": (
        "list_entries",
        "drop table {t}", {f"list_entries.{rule}" for rule in EXPECTED_RULES["list_entries"].split()} - WARNINGS
        | {
            "measures_in_force.basis_exists", "measures_in_force.not_expired", "measure_applications.ground_agrees",
            "list_events.entry_exists", "list_events.withdrawn_not_active", "list_publications.entry_exists",
            "list_publications.shown_in_its_time",
        },
    ),
    "a column that is not there": (
        "catalogue_items", "alter table {t} drop column disclosure",
        {
            "catalogue_items.disclosure", "credit_records.nothing_internal", "work_records.nothing_internal",
            "cross_source_findings.nothing_internal",
        },
    ),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def candidate(warehouse) -> Iterator[None]:
    """R1 has passed the gate and is published; R2 waits in `candidate`, and a copy of it in `pristine`."""
    build_first_candidate(R1)
    verdict = quality.run_gate(R1)
    assert verdict.passed, verdict.summary
    release.publish(R1)
    with warehouse.connect() as connection:
        copy_candidate(connection, R1, R2)
        connection.execute("create schema pristine")
        for table in release.published_tables():
            _copy(connection, sql.Identifier("candidate", table), sql.Identifier("pristine", table))
    yield


@pytest.fixture
def db(warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect(autocommit=True) as connection:
        yield connection
        for table in release.published_tables():
            connection.execute(sql.SQL("drop table if exists candidate.{}").format(sql.Identifier(table)))
            _copy(connection, sql.Identifier("pristine", table), sql.Identifier("candidate", table))
        connection.execute("delete from quality.gate_waivers")


def _copy(connection: psycopg.Connection, source: sql.Identifier, copy: sql.Identifier) -> None:
    connection.execute(sql.SQL("create table {} (like {} including all)").format(copy, source))
    connection.execute(sql.SQL("insert into {} select * from {}").format(copy, source))


def corrupt(db: psycopg.Connection, table: str, statement: str) -> None:
    """Run the statement on the candidate's table, freed of the keys and checks that would refuse it."""
    there = sql.Identifier("candidate", table)
    for (name,) in db.execute(
        "select conname from pg_constraint where conrelid = %s::regclass and contype in ('p', 'c')",
        (f"candidate.{table}",),
    ).fetchall():
        db.execute(sql.SQL("alter table {} drop constraint {}").format(there, sql.Identifier(name)))
    changed = db.execute(sql.SQL(statement).format(t=there)).rowcount
    assert changed, "The corruption touched no row: the test would prove nothing."


def failed(verdict: quality.GateVerdict) -> set[str]:
    return {finding.rule.rule for finding in verdict.failures}


def test_the_rules_are_these():
    found: dict[str, set[str]] = {}
    for rule in quality.rules():
        suite, name = rule.rule.split(".")
        assert suite == rule.suite
        found.setdefault(suite, set()).add(name)
    assert found == {suite: set(names.split()) for suite, names in EXPECTED_RULES.items()}
    assert set(found) == set(release.published_tables())
    assert {rule.rule for rule in quality.rules() if rule.severity != "critical"} == WARNINGS


def together(cases: dict[str, tuple[str, str, set[str]]]) -> list[tuple[str, ...]]:
    """Cases to try in one run of the gate: each changes and fails tables that no other changes, fails or reads."""
    batches: list[tuple[list[str], set[str], set[str]]] = []
    for name, (table, statement, rules) in cases.items():
        changed = {rule.split(".")[0] for rule in rules} | {table}
        read = set(re.findall(r"candidate\.(\w+)", statement)) - {table}
        whole = statement.startswith(("drop", "alter"))
        for names, others_changed, others_read in batches:
            if not whole and not others_changed & (changed | read) and not others_read & changed:
                names.append(name)
                others_changed |= changed
                others_read |= read
                break
        else:
            batches.append(([name], changed, read))
    return [tuple(names) for names, _, _ in batches]


@pytest.mark.parametrize("names", together(CORRUPTIONS), ids=" + ".join)
def test_a_corrupted_candidate_is_not_published(db, names, monkeypatch):
    # What is tried here is the verdict; the pages of Data Docs are made and looked for in another test.
    monkeypatch.setattr(quality, "_write_data_docs", lambda context: None)
    for name in names:
        corrupt(db, *CORRUPTIONS[name][:2])
    verdict = quality.run_gate(R2)
    assert failed(verdict) == set().union(*(CORRUPTIONS[name][2] for name in names)), verdict.summary
    with pytest.raises(ReleaseError, match="检查未通过"):
        release.publish(R2)
    assert db.execute("select release_id from release_store.current_release").fetchone() == (R1,)
    assert db.execute("select distinct release_id from publication.subjects").fetchall() == [(R1,)]


def test_the_summary_says_which_rule_whose_data_and_what_to_do(db):
    corrupt(db, *CORRUPTIONS["rows vanish from a submission"][:2])
    assert (
        "不通过 · 收到行数 = 采信 + 退回 + 被取代 [submissions.rows_reconcile]：1 行不符合；"
        "涉及：丹东市知识产权局（1）。"
        "由系统运维处理：先查该报送件的原始表行数"
    ) in quality.run_gate(R2).summary


def test_the_summary_names_each_decision_that_no_longer_applies(db):
    corrupt(db, *CORRUPTIONS["a decision that no longer applies"][:2])
    assert (
        "不通过 · 核对决定仍然适用 [identity_decisions.applies]：1 行不符合；涉及：丹东市知识产权局·样例（1）。"
        "由省局业务处室处理：逐条处理：撤回或改正该决定后重新投递"
    ) in quality.run_gate(R2).summary


def test_personal_data_found_is_not_repeated_in_the_results(db):
    corrupt(db, *CORRUPTIONS["an identity card in a name"][:2])
    verdict = quality.run_gate(R2)
    assert "210602199001011234" not in verdict.summary
    assert db.execute(
        "select count(*) from quality.gate_results as g where g::text ~ '210602199001011234'"
    ).fetchone() == (0,)


def test_personal_data_is_sought_in_every_text_of_every_table(db):
    # Most checks read the row as text; those of large tables name its columns, and a new one must not be forgotten.
    overlooked = []
    for table in release.published_tables():
        suite = json.loads((EXPECTATIONS / "expectations" / f"{table}.json").read_text(encoding="utf-8"))
        (query,) = (
            expectation["kwargs"]["unexpected_rows_query"]
            for expectation in suite["expectations"]
            if expectation["meta"]["rule"] == f"{table}.no_personal_data"
        )
        for column, type_ in db.execute(
            """select column_name, data_type from information_schema.columns
               where table_schema = 'candidate' and table_name = %s and data_type in ('text', 'jsonb', 'json')""",
            (table,),
        ).fetchall():
            for text in ("联系13812345678，", "210602199001011234", "证件：21060219900101123X。"):
                value = {"deep": [text]} if type_.startswith("json") else text
                row = sql.Literal(json.dumps({column: value}, ensure_ascii=False)).as_string(db)
                batch = f"(select r.* from jsonb_populate_record(null::candidate.{table}, {row}) as r)"
                if len(db.execute(query.format(batch=batch)).fetchall()) != 1:
                    overlooked.append((table, column, text))
    assert not overlooked


def test_every_row_that_breaks_a_rule_is_counted_though_few_are_kept(db):
    corrupt(
        db, "subjects",
        f"""insert into {{t}} select r.* from {{t}} as s cross join generate_series(1, 250) as n
            cross join jsonb_populate_record(s, jsonb_build_object('subject_id', 'short' || n)) as r
            where s.subject_id = {PENALISED}""",
    )  # fmt: skip
    (finding,) = (f for f in quality.run_gate(R2).findings if f.rule.rule == "subjects.code_shape")
    assert (finding.unexpected_count, len(finding.rows)) == (250, 200)


def test_a_rule_without_a_result_fails(db, monkeypatch):
    known = quality.rules()
    forgotten = quality.Rule("subjects.forgotten", "subjects", "被遗忘的检查", "critical", "", "系统运维", "恢复该检查")
    monkeypatch.setattr(quality, "rules", lambda: (*known, forgotten))
    assert failed(quality.run_gate(R2)) == {"subjects.forgotten"}


def test_warnings_do_not_stop_the_release_and_results_are_appended(db):
    before = db.execute("select count(*) from quality.gate_results").fetchone()[0]
    for table in ("list_entries", "list_publications"):
        corrupt(
            db, table,
            f"""insert into {{t}} select r.* from {{t}} as e, jsonb_populate_record(e, jsonb_build_object(
                    'entry_id', 'city', 'list_code', 'red', 'jurisdiction', e.division_code)) as r
                where e.subject_id = {PENALISED}""",
        )  # fmt: skip
    for table, change in {
        "subject_grades": f"grade = 'U', internal_grade_by_score = 'U' where subject_id = {ONE_GRADED}",
        "list_entries": f"decision_document_no = null where subject_id = {PENALISED} and list_code = 'dishonest'",
        "repairs": f"state = 'without_effect', is_decide_overdue = true where subject_id = {PENALISED}",
        "inspections": "is_fix_overdue = true where division_code = '210600'",
        "commitments": "is_verification_overdue = true where division_code = '210600'",
        "assessment_rule_results": "value_difference = 1 where region_code = '210600' and rule_id = '14(5)'",
        "assessment_scorecards": """card_state = 'changed_after_signoff', refused_signoff_by = '辽宁省知识产权局',
            window_closes_on = '2022-11-30'
            where region_code = '210600'""",
    }.items():
        corrupt(db, table, f"update {{t}} set {change}")
    corrupt(
        db, "assessment_metric_records",
        """insert into {t} select r.* from {t} as m, jsonb_populate_record(m, jsonb_build_object(
               'record_id', 'unproven', 'is_evidenced', false)) as r where m.record_id = '210600-1'""",
    )  # fmt: skip
    verdict = quality.run_gate(R2)
    assert verdict.passed
    assert {finding.rule.rule for finding in verdict.warnings} == {
        "catalogue_coverage.no_gap",
        "list_entries.city_variant_conflict",
        "identity_matches.waiting",
        "objections.overdue",
        "subject_grades.key_subjects_graded",
        "list_entries.has_decision",
        "repairs.conditions_met",
        "repairs.overdue",
        "inspections.overdue",
        "commitments.verification_overdue",
        "assessment_rule_results.declared_agrees",
        "assessment_scorecards.all_regions_reported",
        "assessment_scorecards.signed_by_second_role",
        "assessment_scorecards.signed_cards_unchanged",
        "assessment_metric_records.evidenced",
        "plan_milestones.overdue",
    }
    assert verdict.data_docs.exists()
    after = db.execute("select count(*) from quality.gate_results").fetchone()[0]
    assert after - before == len(quality.rules())


def test_the_gate_writes_down_what_the_history_of_grades_shows_after_publication(db):
    def written() -> tuple[int, int, int]:
        """Rows of R2 in the table, in the readers' view, and of grade U as known."""
        return db.execute(
            """select (select count(*) from release_store.grade_history where release_id = %(id)s),
                   (select count(*) from publication.grade_history where release_id = %(id)s),
                   (select count(*) from release_store.grades_as_of('2022-12-05', now()) where grade = 'U')""",
            {"id": R2},
        ).fetchone()

    *_, known = written()
    (one,) = db.execute(f"select {ONE_GRADED}").fetchone()
    change = "set grade = '{0}', internal_grade_by_score = '{0}' where subject_id = '{1}'"
    corrupt(db, "subject_grades", f"update {{t}} {change.format('U', one)}")
    for _ in range(2):
        assert quality.run_gate(R2).passed
        assert written() == (1, 0, known), "once, and not shown before the release is"
    # The next build takes its place, and a gate of that follows.
    with db.transaction(force_rollback=True):
        db.execute("update release_store.releases set state = 'dropped' where release_id = %s", (R2,))
        assert written() == (1, 0, known), "never published, never shown"
        register(db, "r20221205_0007")
        grade_history.note_changes(db, "r20221205_0007", "candidate")
        assert written() == (0, 0, known)
    db.execute(f"update candidate.subject_grades {change.format('A', one)}")
    assert quality.run_gate(R2).passed
    assert written() == (0, 0, known), "what an earlier candidate left there has gone"


@pytest.mark.parametrize(
    ("made", "has_key"),
    [
        ("primary key (a, b)", True),
        ("unique (a, b)", False),
        ("unique (a), check (a > 0)", False),
        ("check (a > 0)", False),
        ("primary key (a, b, c)", False),
        ("primary key (a) deferrable", False),
        ("primary key (b)", True),
    ],
)
def test_only_a_key_that_leaves_no_doubt_saves_counting(db, made, has_key):
    with db.transaction(force_rollback=True):
        db.execute(f"create table quality.thing (a integer, b integer, c integer, {made})")
        assert db.execute("select quality.has_key('quality.thing', array['a', 'b'])").fetchone() == (has_key,)
        db.execute("alter table quality.thing alter a set not null, alter b set not null")
        if made.startswith("unique"):
            assert db.execute("select quality.has_key('quality.thing', array['a', 'b'])").fetchone() == (True,)


def test_only_a_candidate_can_be_checked_or_waived(db):
    # As if their builds had been interrupted or had failed: whatever stands in `candidate`, it is not whole.
    for release_id, state in (("r20221205_0008", "building"), ("r20221205_0009", "failed")):
        register(db, release_id)
        db.execute("update release_store.releases set state = %s where release_id = %s", (state, release_id))
    for release_id in (R1, "r20221205_0008", "r20221205_0009", "r20221205_9999"):
        with pytest.raises(quality.GateError):
            quality.run_gate(release_id)
        with pytest.raises(quality.GateError):
            quality.waive(release_id, "subjects.unique", "业务处室", "核实无误")
    with pytest.raises(quality.GateError, match="没有名为"):
        quality.waive(R2, "subjects.unheard_of", "业务处室", "核实无误")


def test_a_waiver_lets_one_release_pass_and_shows(db, monkeypatch):
    corrupt(db, "credit_records", "delete from {t} where dataset = 'agencies'")
    db.execute(f"alter table candidate.credit_records add check (release_id = '{R2}')")
    refused = CliRunner().invoke(app, ["gate", "run", R2], catch_exceptions=False)
    assert refused.exit_code == 1 and "[credit_records.no_sudden_drop]" in refused.stdout
    assert Path(refused.stdout.splitlines()[-1]).is_file()
    reason = "代理机构改由省级来源报送，核实无误"
    waiver = ["gate", "waive", R2, "credit_records.no_sudden_drop", "--by", "知识产权保护处", "--reason", reason]
    assert CliRunner().invoke(app, waiver, catch_exceptions=False).exit_code == 0
    passed = CliRunner().invoke(app, ["gate", "run", R2], catch_exceptions=False)
    assert passed.exit_code == 0 and "（已放行）" in passed.stdout
    # The gate has done it: nobody waits for it now.
    monkeypatch.setattr(grade_history, "note_changes", lambda *_: pytest.fail("written down again"))
    release.publish(R2)
    assert db.execute(
        "select expectation_id, success, waived_by, waiver_reason from publication.gate_results where waived"
    ).fetchall() == [("credit_records.no_sudden_drop", False, "知识产权保护处", reason)]
    assert db.execute("select distinct release_id from publication.gate_results").fetchall() == [(R2,)]
    (counted,) = db.execute("select row_counts from publication.releases where release_id = %s", (R2,)).fetchone()
    assert counted == {
        table: db.execute(f"select count(*) from release_store.{table} where release_id = %s", (R2,)).fetchone()[0]
        for table in release.published_tables()
    }
