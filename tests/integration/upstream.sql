-- A small province, written by hand in the shapes that models/publication reads: 15 bureaus, four subjects in each.
--   1 holds a national honour (red list)          2 was penalised (dishonest list)
--   3 is a patent agency                          4 was never classified (grade U)
-- Two submissions per bureau: honours with one rejected row, and penalties with one superseded row. Nothing is random.

create schema catalogue;
create schema grading;
create schema supervision;

create table catalogue.catalogue_items as
select
    v.*,
    v.title || '（说明）' as description,
    '知识产权保护处' as responsible_office,
    'annual' as update_cycle,
    20 as due_working_days,
    case v.dataset when 'general_risk_class' then 'internal' else 'public' end as disclosure,
    '无条件共享' as sharing,
    '辽知发〔2022〕4号' as legal_basis,
    'full' as submission_mode,
    'uscc' as natural_key,
    'enterprise' as subject_kind,
    5 as retention_years,
    null::text as business_line,
    true as is_in_force,
    1 as version,
    date '2022-04-13' as effective_from,
    null::date as effective_to,
    'enacted' as version_status,
    '辽知发〔2022〕4号 二(二)' as version_source_clause
from (
    values
    ('honours', 'LN-IP-01', '知识产权示范优势企业', 'bureau'),
    ('penalties', 'LN-IP-05', '行政处罚', 'bureau'),
    ('agencies', 'LN-IP-04', '代理机构', 'bureau'),
    ('general_risk_class', 'LN-IP-08', '通用风险等级', 'bureau'),
    ('serious_list', 'LN-IP-09', '严重违法失信名单', 'provincial_source')
) as v (dataset, catalogue_code, title, submitters);

create table catalogue.catalogue_item_versions as
select
    i.dataset, i.catalogue_code, s.scope_division_code, 1 as version, i.effective_from, i.effective_to,
    case when s.scope_division_code is null then i.update_cycle end as update_cycle,
    case when s.scope_division_code is null then i.due_working_days else 10 end as due_working_days,
    case when s.scope_division_code is null then i.submitters end as submitters,
    case when s.scope_division_code is null then i.disclosure end as disclosure,
    case when s.scope_division_code is null then i.sharing end as sharing,
    case when s.scope_division_code is null then i.retention_years end as retention_years,
    case when s.scope_division_code is null then i.legal_basis end as legal_basis,
    i.effective_from as recorded_on,
    i.version_status as status,
    i.version_source_clause as source_clause
from catalogue.catalogue_items as i
inner join (values (null), ('210600')) as s (scope_division_code) on s.scope_division_code is null or i.dataset = 'honours';

create table catalogue.catalogue_fields as
select
    i.dataset, i.catalogue_code, f.field_no, f.field, f.header, f.aliases, f.field_type, f.is_required, f.is_in_natural_key,
    null::text as code_list, null::text as codes, f.personal, f.header || '（说明）' as description
from catalogue.catalogue_items as i
cross join (
    values
    (1, 'uscc', '统一社会信用代码', '信用代码', 'uscc', true, true, 'never'),
    (2, 'person_name', '负责人', null, 'person_name', false, false, 'always')
) as f (field_no, field, header, aliases, field_type, is_required, is_in_natural_key, personal);

create table catalogue.bureaus as
select u.bureau_code, u.bureau_code as division_code, u.b::integer as b
from unnest(array[
    '210100', '210200', '210300', '210400', '210500', '210600', '210700', '210800', '210900', '211000', '211100', '211200',
    '211300', '211400', 'LN-SF'
]) with ordinality as u (bureau_code, b);

create table catalogue.subjects as
select
    '91' || lpad((u.b * 10 + n.n)::text, 2, 'M') || 'TEST' || lpad((u.b * 10 + n.n)::text, 10, '0') as subject_id,
    '样例' || u.b || '号' || (array['优势', '处罚', '代理', '未评'])[n.n] || '公司' as subject_name,
    'uscc' as id_kind,
    n.n <> 3 as is_enterprise,
    n.n = 3 as is_agency,
    case when n.n = 3 then 'patent_agency' end as agency_kind,
    false as is_backbone_agency,
    u.division_code,
    date '2022-03-01' as first_event_on,
    date '2022-03-01' as last_event_on,
    u.b,
    n.n
from catalogue.bureaus as u
cross join generate_series(1, 4) as n (n);

insert into intake.submissions (bureau_code, dataset, period, mode, state, file_name, sha256, file_bytes, received_at, valid_from, rows_received)
select
    u.bureau_code, d.dataset, '2022', 'full', 'loaded', d.dataset || '_2022.csv',
    encode(sha256(convert_to(u.bureau_code || d.dataset, 'UTF8')), 'hex'), 1000,
    timestamptz '2022-12-05 09:00+08', timestamptz '2022-12-05 09:00+08', 3
from catalogue.bureaus as u
cross join (values ('honours'), ('penalties')) as d (dataset);

create table catalogue.row_states as
select
    s.dataset, s.submission_id, r.row_number, s.bureau_code, s.period,
    case when r.row_number < 3 then 'accepted' when s.dataset = 'honours' then 'rejected' else 'superseded' end as state,
    array[]::text [] as issues
from intake.submissions as s
cross join generate_series(1, 3) as r (row_number);

create table catalogue.row_issues as
select
    r.dataset, r.submission_id, r.row_number, r.bureau_code, r.period,
    r.state, 'uscc' as field, 'bad_uscc' as issue_code, 'blocking' as severity, '规范性' as dimension
from catalogue.row_states as r
where r.state = 'rejected';

create table catalogue.submission_counts as
select
    r.submission_id, r.dataset, r.bureau_code, r.period,
    count(*) filter (where r.state = 'accepted')::integer as rows_accepted,
    count(*) filter (where r.state = 'rejected')::integer as rows_rejected,
    count(*) filter (where r.state = 'superseded')::integer as rows_superseded
from catalogue.row_states as r
group by r.submission_id, r.dataset, r.bureau_code, r.period;

create table catalogue.submission_issue_counts as
select
    i.submission_id, i.dataset, i.bureau_code, i.period, i.state, i.field, i.issue_code, i.severity, i.dimension,
    count(*)::integer as row_count
from catalogue.row_issues as i
group by i.submission_id, i.dataset, i.bureau_code, i.period, i.state, i.field, i.issue_code, i.severity, i.dimension;

create table catalogue.credit_records as
select
    md5(d.dataset || '|' || s.subject_id) as record_id,
    s.subject_id,
    d.dataset,
    d.catalogue_code,
    d.event_type,
    d.event_value,
    case d.dataset when 'penalties' then 'patent_infringement' end as behaviour_code,
    date '2022-03-01' as event_date,
    date '2022-03-01' as valid_from,
    null::date as valid_to,
    '辽知罚〔2022〕' || s.b || '号' as document_no,
    case d.dataset when 'penalties' then 5000.00 end::numeric(18, 2) as amount_yuan,
    '某市知识产权局' as authority,
    s.division_code,
    u.bureau_code,
    '2022' as period,
    i.submission_id,
    1 as row_number,
    d.dataset = 'general_risk_class' as is_internal,
    jsonb_build_object('remarks', '样例', 'confiscated_amount', 1000) as details
from catalogue.subjects as s
inner join catalogue.bureaus as u on s.b = u.b
inner join (
    values
    (1, 'honours', 'LN-IP-01', 'national_demonstration', null),
    (2, 'penalties', 'LN-IP-05', 'ip_penalty_ordinary', null),
    (3, 'agencies', 'LN-IP-04', 'agency_registered', 'patent_agency'),
    (1, 'general_risk_class', 'LN-IP-08', 'general_class', 'B'),
    (2, 'general_risk_class', 'LN-IP-08', 'general_class', 'A')
) as d (n, dataset, catalogue_code, event_type, event_value) on s.n = d.n
inner join intake.submissions as i on u.bureau_code = i.bureau_code and i.dataset = 'honours';

-- Beside them one row in each bureau that names nobody.
create table catalogue.records as
select * from catalogue.credit_records
union all
select
    md5('nobody|' || u.bureau_code), null, 'penalties', 'LN-IP-05',
    case when u.b = 2 then 'penalty_annulled' else 'ip_penalty_ordinary' end, 'fine', null,
    '2022-03-01', null, null, '某市罚〔2022〕' || u.b || '号', null, '某市知识产权局', u.division_code, u.bureau_code, '2022',
    i.submission_id, 2, false, '{}'
from catalogue.bureaus as u
inner join intake.submissions as i on u.bureau_code = i.bureau_code and i.dataset = 'penalties';

create table catalogue.identity_links (record_id text, subject_id text);

create table catalogue.coverage as
select
    u.bureau_code,
    u.division_code,
    i.dataset,
    i.catalogue_code,
    '2022' as period,
    date '2022-11-30' as due_on,
    true as is_due,
    date '2022-12-05' as first_received_on,
    false as is_late,
    case when i.dataset in ('honours', 'penalties') then 'received' when i.dataset = 'agencies' then 'nil_return' else 'missing' end as state,
    3 as rows_received,
    2 as rows_accepted,
    1 as rows_rejected,
    0 as rows_superseded,
    case when i.dataset = 'general_risk_class' then '应报未报' end as gap,
    case
        when i.dataset in ('honours', 'penalties') then 'received' when i.dataset = 'agencies' then 'nil_return' else 'missing'
    end as completeness,
    case when i.dataset = 'general_risk_class' then 3 else 0 end as late_working_days
from catalogue.bureaus as u
inner join catalogue.catalogue_items as i on i.submitters = 'bureau'
union all
select '210000', '210000', 'serious_list', 'LN-IP-09', '2022', '2022-11-30', true, '2022-12-05', false, 'received', 3, 2, 1, 0, null, 'received', 0;

create table catalogue.quality_dimensions as
select
    c.bureau_code, c.division_code, c.dataset, c.period, d.dimension, 'checks' as basis,
    2 as numerator, 3 as denominator, round(2 / 3.0, 4) as rate
from catalogue.coverage as c
cross join (values ('规范性'), ('准确性'), ('完整性'), ('实效性')) as d (dimension)
where c.state = 'received';

create table grading.score_items as
select
    s.subject_id,
    case when s.is_agency then 'agency' else 'enterprise' end as track,
    'LN-IPCREDIT' as policy_id,
    1 as policy_version,
    v.item_no,
    v.rule_code,
    v.rule_code || '（名称）' as rule_name,
    v.item_kind,
    v.event_type,
    case when v.event_type is not null and v.item_kind <> 'cap' then md5(v.dataset || '|' || s.subject_id) end as record_id,
    case v.item_kind when 'event' then date '2022-05-10' end as event_date,
    case v.item_kind when 'event' then date '2025-05-10' end as counts_to,
    v.item_kind = 'event' as is_repairable,
    v.points::numeric(6, 2) as points,
    v.item_kind = 'general_class' as is_internal,
    'provisional' as policy_status,
    '本项目暂定' as source_clause
from catalogue.subjects as s
inner join (
    values
    (1, 1, 'base', 'base', null, null, 100), (1, 2, 'class_b', 'general_class', 'general_class', 'general_risk_class', -5),
    (1, 3, 'demo', 'bonus', 'national_demonstration', 'honours', 5),
    (2, 1, 'base', 'base', null, null, 100), (2, 2, 'class_a', 'general_class', 'general_class', 'general_risk_class', 0),
    (2, 3, 'penalty', 'event', 'ip_penalty_ordinary', 'penalties', -10),
    (3, 1, 'base', 'base', null, null, 100),
    (4, 1, 'base', 'base', null, null, 100)
) as v (n, item_no, rule_code, item_kind, event_type, dataset, points) on s.n = v.n;

create table grading.subject_grades as
select
    i.subject_id, i.track, i.policy_id, i.policy_version,
    '210000' as jurisdiction,
    true as is_provincial,
    case when s.is_agency then 'patent_agency' else 'enterprise' end as subject_kind,
    sum(i.points)::numeric(7, 2) as score,
    (sum(i.points) filter (where not i.is_internal))::numeric(7, 2) as ip_score,
    case when s.n = 4 then 'U' when s.n = 2 then 'C' else 'A' end as grade,
    case when s.n = 4 then 'U' else 'A' end as grade_by_score,
    case when s.n = 2 then 'on_dishonest_list' end as override_code,
    'provisional' as policy_status,
    date '2025-03-01' as next_change_on,
    date '2025-03-02' as public_next_change_on
from grading.score_items as i
inner join catalogue.subjects as s on i.subject_id = s.subject_id
group by i.subject_id, i.track, i.policy_id, i.policy_version, s.n, s.is_agency;

create table supervision.list_entries as
select
    md5('entry' || s.subject_id) as entry_id,
    s.subject_id,
    case s.n when 1 then 'red' else 'dishonest' end as list_code,
    '210000' as jurisdiction,
    'LN-LISTS' as policy_id,
    1 as policy_version,
    'provisional' as policy_status,
    case s.n when 1 then 'national_demonstration' else 'ip_penalty_ordinary' end as rule_code,
    date '2022-03-01' as entered_on,
    date '2023-03-01' as ends_on,
    null::date as left_on,
    'active' as state,
    null::text as exit_reason,
    md5(case s.n when 1 then 'honours' else 'penalties' end || '|' || s.subject_id) as record_id,
    '辽知罚〔2022〕1号' as decision_document_no,
    '辽宁省知识产权局' as decided_by,
    '辽知发〔2022〕4号' as legal_basis,
    date '2022-03-01' as publish_from,
    date '2023-03-01' as publish_to,
    false as is_disputed,
    true as is_shown,
    date '2022-12-05' as as_of
from catalogue.subjects as s
where s.n in (1, 2);

create table supervision.measures_in_force as
select
    e.subject_id,
    case e.list_code when 'red' then 'F01' else 'F09' end as measure_code,
    case e.list_code when 'red' then '专利优先审查“绿色通道”' else '失信惩戒：重点监管、提高检查频次' end as measure_name,
    case e.list_code when 'red' then 'incentive' else 'constraint' end as direction,
    case e.list_code when 'red' then '审查便利' else '监管检查' end as measure_class,
    case e.list_code when 'red' then '优先' else '限制' end as measure_level,
    e.list_code = 'red' as is_discretionary,
    '210000' as jurisdiction,
    'list' as basis_kind,
    e.list_code as basis_code,
    e.entry_id as basis_id,
    greatest(e.entered_on, date '2022-04-13') as in_force_from,
    e.ends_on as in_force_to,
    false as is_disputed,
    'LN-MEASURES' as policy_id,
    1 as policy_version,
    'enacted' as policy_status,
    '辽知发〔2022〕4号 二(四)' as source_clause,
    e.as_of
from supervision.list_entries as e;

create table catalogue.cross_source_findings as
select
    'name_differs' as rule_code, '名称不一致' as title, '准确性' as dimension, 'warning' as severity,
    h.bureau_code, u.division_code, h.dataset, h.period, h.submission_id, 1 as row_number,
    md5('honours' || u.bureau_code) as record_id, s.subject_id, 'enterprise_name' as field,
    '样例公司' as reported_value, p.dataset as other_dataset, p.bureau_code as other_bureau_code,
    p.submission_id as other_submission_id, 1 as other_row_number, 'party_name' as other_field, '范例公司' as other_value,
    '核对名称' as remedy, 'CROSS-SOURCE' as policy_id, 1 as policy_version, 'provisional' as policy_status,
    n.is_internal
from catalogue.bureaus as u
inner join catalogue.subjects as s on u.b = s.b and s.n = 1
inner join intake.submissions as h on u.bureau_code = h.bureau_code and h.dataset = 'honours'
inner join intake.submissions as p on u.bureau_code = p.bureau_code and p.dataset = 'penalties'
cross join (values (false), (true)) as n (is_internal);

create table catalogue.quality_ranking as
select
    date '2022-12-05' as as_of, '2022' as period, u.bureau_code, u.division_code,
    case when u.bureau_code = 'LN-SF' then 'unranked' when u.b = 14 then 'not_evaluable' else 'ranked' end as state,
    case when u.b < 14 then case when u.b < 3 then 1 else u.b end end as place,
    case when u.b <> 14 then 100 - greatest(u.b - 1, 1) end::numeric(5, 2) as score,
    case when u.b = 14 then '实效性' end as missing,
    0.6667::numeric(5, 4) as conformity_rate, 0.6667::numeric(5, 4) as accuracy_rate,
    0.6667::numeric(5, 4) as completeness_rate, case when u.b <> 14 then 0.6667 end::numeric(5, 4) as timeliness_rate,
    null::numeric(5, 4) as reviewed_accuracy_rate,
    'QUALITY-RANKING' as policy_id, 1 as policy_version, 'provisional' as policy_status
from catalogue.bureaus as u;

-- Two rows without a code: one counts for a subject, the other waits; and the decision about the first.
create table catalogue.identity_matches as
select
    case n.n when 1 then md5('penalties|' || s.subject_id) else md5('waiting' || s.subject_id) end as record_id,
    'penalties' as dataset,
    date '2022-03-01' as event_date,
    '辽知罚〔2022〕1号' as document_no,
    '样例1号曾用名公司' as subject_name,
    case n.n when 1 then '210100000000018' end as claimed_registration_no,
    case n.n when 1 then 'applied' else 'proposed' end as state,
    case n.n when 1 then 'registration_no' else 'name' end as method,
    s.subject_id as matched_id,
    jsonb_build_array(jsonb_build_object('subject_id', s.subject_id, 'known_as', s.subject_name)) as candidates,
    null::boolean as names_agree,
    null::text as decision,
    null::text as decided_by,
    null::date as decided_on,
    null::bigint as decision_submission_id,
    timestamptz '2022-12-05 09:00+08' as since,
    s.division_code,
    s.division_code as bureau_code,
    '2022' as period,
    i.submission_id,
    n.n as row_number,
    false as is_internal
from catalogue.subjects as s
inner join intake.submissions as i on s.division_code = i.bureau_code and i.dataset = 'penalties'
cross join generate_series(1, 2) as n (n)
where s.n = 2;

create table catalogue.identity_decisions as
select
    m.record_id,
    'confirmed' as decision,
    m.matched_id as decided_uscc,
    '登记档案相符' as reason,
    '知识产权保护处' as decided_by,
    date '2022-12-01' as decided_on,
    '登记档案' as evidence,
    '行政处罚' as record_title,
    m.document_no,
    'applies' as state,
    null::text as obstacle,
    null::text as finding,
    m.division_code,
    m.bureau_code,
    m.submission_id,
    m.row_number
from catalogue.identity_matches as m
where m.state = 'applied';

create table catalogue.review_results as
select
    u.bureau_code, u.division_code, '2022Q4' as review_period, '2022-' || u.bureau_code || '-LN-IP-01-001' as sample_no,
    h.dataset, h.period, h.submission_id, 1 as row_number, md5('honours' || u.bureau_code) as record_id,
    'in_force' as row_state, 'reviewed' as state, 'consistent' as verdict, date '2022-12-04' as reviewed_on,
    h.submission_id as verdict_submission_id, 8 as verdict_row_number
from catalogue.bureaus as u
inner join intake.submissions as h on u.bureau_code = h.bureau_code and h.dataset = 'honours';

-- The life of what is recorded: of the penalised subject a repair under way, an objection answered too late, and a
-- commitment; each of them flagged as it has to be.
create table supervision.list_events as
select
    md5('event' || e.entry_id) as event_id, e.entry_id, e.subject_id, e.list_code, e.jurisdiction, 'entered' as event_kind,
    e.entered_on as happened_on, e.rule_code as reason, e.decision_document_no as document_no, e.decided_by, e.legal_basis,
    e.publish_from, e.publish_to, e.policy_id, e.policy_version, e.policy_status
from supervision.list_entries as e;

create table supervision.list_conflicts as
select
    e.subject_id, '210600' as jurisdiction, e.list_code as negative_list_code, e.entry_id as negative_entry_id,
    null::text as red_entry_id, 'withheld' as conflict_state
from supervision.list_entries as e
where e.list_code = 'dishonest';

create table supervision.repairs as
select
    md5('repair' || s.subject_id) as case_id, md5('penalties|' || s.subject_id) as repaired_record_id, s.subject_id,
    s.division_code, '修1' as repair_no, '辽知罚〔2022〕1号' as repaired_document_no, 'agency_violation' as repaired_behaviour,
    'ip_penalty_ordinary' as repaired_event_type, date '2022-11-28' as applied_on, date '2022-11-29' as accepted_on,
    null::date as decided_on, null::text as repair_result, 'open' as state, null::text as conditions_not_met,
    null::date as effective_on, null::date as publication_ended_on, date '2022-11-30' as accept_due_on,
    date '2022-12-13' as decide_due_on, null::date as withdraw_due_on, false as is_accept_overdue, false as is_decide_overdue,
    false as is_withdraw_overdue, null::text as document_no, '辽宁省知识产权局' as authority, 1::bigint as submission_id,
    1 as row_number
from catalogue.subjects as s
where s.n = 2;

create table supervision.objections as
select
    md5('objection' || s.subject_id) as case_id, md5('penalties|' || s.subject_id) as disputed_record_id, s.subject_id,
    s.division_code, '异1' as objection_no, '行政处罚' as disputed_title, '辽知罚〔2022〕1号' as disputed_document_no,
    date '2022-08-22' as filed_on, date '2022-08-24' as accepted_on, date '2022-09-01' as decided_on, 'rejected' as state,
    null::text as effect, null::date as corrected_on, date '2022-08-25' as accept_due_on, date '2022-08-31' as decide_due_on,
    null::date as correct_due_on, false as is_accept_overdue, true as is_decide_overdue, false as is_correct_overdue,
    false as is_due_unknown, 'LN-OBJECTION' as policy_id, 1 as policy_version, 'provisional' as policy_status,
    null::text as document_no, '辽宁省知识产权局' as authority, 1::bigint as submission_id, 1 as row_number
from catalogue.subjects as s
where s.n = 2;

create table supervision.commitments as
select
    md5('commitment' || s.subject_id) as record_id, s.subject_id, s.division_code, '承1' as commitment_no,
    'deferred' as commitment_type, 'record_filing' as matter, '2022年版' as template_version, null::text as content_sha256,
    date '2022-07-15' as signed_on, null::date as valid_until, '营业执照' as deferred_documents, date '2022-08-15' as due_on,
    date '2022-08-12' as delivered_on, date '2022-08-30' as verified_on, 'kept' as verification_result, 'kept' as state,
    date '2022-09-13' as verify_due_on, false as is_delivery_overdue, false as is_verification_overdue,
    null::date as terminated_on, '市知识产权局' as authority, 1::bigint as submission_id, 1 as row_number
from catalogue.subjects as s
where s.n = 2;

create table supervision.commitment_rates as
select
    u.division_code, 'enterprise' as subject_kind, 3::bigint as subjects, 1::bigint as signed, 1::bigint as bound,
    0::bigint as broken, 0.3333::numeric(7, 4) as signing_rate
from catalogue.bureaus as u;

create table supervision.list_proposals as
select
    md5('penalties|' || s.subject_id) as record_id, s.subject_id, 'ip_penalty_heavier' as event_type,
    'trademark_infringement' as behaviour_code, date '2022-03-01' as event_date, '辽知罚〔2022〕1号' as document_no,
    '辽宁省知识产权局' as authority, '总局令第44号第九条' as source_clause, false as is_listed, 'ORDER-44' as policy_id,
    1 as policy_version
from catalogue.subjects as s
where s.n = 2;

create table supervision.withdrawals as
select
    md5('honours|' || s.subject_id) as withdrawn_id, 'record' as withdrawn_kind, s.subject_id,
    date '2022-12-05' as withdrawn_on, 'objection_upheld' as reason, '辽知发〔2022〕9号' as document_no
from catalogue.subjects as s
where s.n = 1;

-- What was applied: in each bureau a check on the penalised that stood on a ground.
create table supervision.measure_applications as
select
    md5('applied' || e.subject_id) as record_id,
    e.subject_id,
    s.division_code,
    'F09' as measure_code,
    'constraint' as direction,
    'restricted' as effect,
    true as is_applied,
    '日常检查' as matter,
    date '2022-09-05' as applied_on,
    null::date as applied_until,
    '某市市场监督管理局' as applied_by,
    null::text as document_no,
    'list' as ground,
    true as was_due,
    e.list_code,
    e.entry_id,
    i.submission_id,
    1 as row_number,
    e.as_of
from supervision.list_entries as e
inner join catalogue.subjects as s on e.subject_id = s.subject_id
inner join intake.submissions as i on s.division_code = i.bureau_code and i.dataset = 'penalties'
where e.list_code = 'dishonest';

create table supervision.measure_effects as
select
    2022 as year, s.division_code, m.measure_code, m.direction,
    count(distinct m.subject_id)::integer as due_subjects,
    count(distinct a.subject_id)::integer as subjects_applied_to,
    count(a.record_id)::integer as applied,
    0 as exempted, 0 as lifted, 0 as applied_without_ground,
    m.as_of
from supervision.measures_in_force as m
inner join catalogue.subjects as s on m.subject_id = s.subject_id
left join supervision.measure_applications as a on m.subject_id = a.subject_id and m.measure_code = a.measure_code
group by s.division_code, m.measure_code, m.direction, m.as_of;

create table supervision.inspections as
select
    md5('inspection' || s.subject_id) as inspection_id, null::text as record_id, s.subject_id, s.division_code, '计划1' as plan_no,
    '批次1' as draw_no, true as is_of_kept_draw, 'patent_agency' as object_kind, null::text as matter,
    date '2022-11-01' as drawn_on, date '2022-12-31' as inspect_by, null::date as inspected_on, 'drawn' as state,
    null::text as inspection_result, null::date as fix_due_on, null::date as problems_fixed_on, false as is_fix_overdue,
    null::date as published_on, null::text as document_no, null::text as authority, null::bigint as submission_id,
    null::integer as row_number
from catalogue.subjects as s
where s.n = 3;

-- The assessment: every bureau's trademark cases, two records each (210600: three), one figure declared, one judged.
create schema assessment;

create table assessment.assessment_years as
select
    2022 as assessment_year, 'YK-IPR-ASSESS-2022' as policy_id, 1 as version, '考核' as title, 'competition' as tie_method,
    100::numeric as base_declared, date '2022-12-31' as closes_on, false as is_closed;

create table assessment.assessment_regions as
select
    bureau_code as region_code, '样例地区' || b as region_name,
    case bureau_code when 'LN-SF' then 'area' else 'city' end as region_level, bureau_code as city_code,
    bureau_code <> 'LN-SF' as is_ranked, array[bureau_code] as names
from catalogue.bureaus
union all
values ('210803', '样例区', 'county', '210800', false, array['样例区']);

create table assessment.metric_records as
select
    2022 as assessment_year, 'trademark_closed_cnt' as metric_code, r.bureau_code || '-' || n.n as record_id, 'cases' as dataset,
    r.bureau_code as city_code, r.bureau_code as region_code, date '2022-06-01' as counted_on, 1::numeric as quantity,
    null::text as counted_as, null::integer as choice_rank, true as is_evidenced, '号' || n.n as document_no,
    s.submission_id, n.n as row_number
from catalogue.bureaus as r
cross join lateral generate_series(1, case r.bureau_code when '210600' then 3 else 2 end) as n (n)
cross join lateral (
    select min(submission_id) as submission_id from intake.submissions as i where i.bureau_code = r.bureau_code
) as s;

create table assessment.metric_values as
select
    2022 as assessment_year, r.bureau_code as region_code, r.bureau_code as city_code, m.metric_code, m.metric_title,
    '件' as value_unit, m.value::numeric as value, null::text as choice, m.value_source, m.recorded::numeric as recorded_value,
    null::text as recorded_choice, m.declared::numeric as declared_value, null::text as declared_choice,
    (m.recorded - m.declared)::numeric as difference, null::text as missing_reason, m.record_count,
    true as is_complete, null::text as evidence_id, null::text as evidence_sha256, null::date as evidence_on,
    null::text as certified_by, null::date as certified_on, null::bigint as declared_submission_id,
    null::integer as declared_row_number
from catalogue.bureaus as r
cross join lateral (select case r.bureau_code when '210600' then 3 else 2 end as n) as c
cross join lateral (
    values
    ('trademark_closed_cnt', '商标行政案件结案数', c.n, 'recorded', c.n, c.n, c.n::bigint),
    ('malicious_tm_unhandled_cnt', '未及时处理的商标恶意注册件数', 0, 'declared', null, 0, 0)
) as m (metric_code, metric_title, value, value_source, recorded, declared, record_count);

create table assessment.parameters (
    assessment_year integer, region_code text, parameter_kind text, parameter_code text, parameter_value numeric
);

create table assessment.judgements as
select
    2022 as assessment_year, '210600' as region_code, '32' as rule_id, 1.5 as judged_points,
    '辽宁省知识产权局' as scorer_unit, date '2022-12-02' as judged_on, null::text as change_reason,
    'PF-32-1' as evidence_id, repeat('a', 64) as evidence_sha256, false as is_unreasoned_change;

create table assessment.signoffs (
    assessment_year integer, region_code text, signed_points numeric, signed_by_unit text, signed_on date, change_reason text,
    is_by_second_role boolean
);

create schema pilot;

-- What each bureau wrote: one text and one closing, but the last of the bureaus has not closed.
create table pilot.pilot_texts as
select
    md5('pilot|' || u.bureau_code || k.material_kind) as record_id, u.division_code, u.division_code as region_code, u.bureau_code,
    2022 as summary_year, k.material_kind, null::text as milestone_code, k.task_code, k.title, k.body, k.done_on,
    null::text as document_no, null::text as evidence_id, null::text as evidence_sha256, null::date as evidence_on,
    'protection' as author_role, s.submission_id, k.n as row_number
from catalogue.bureaus as u
cross join (
    values
    (1, 'experience', 'LN-30', '样例做法', E'第一段。\n第二段。', null::date),
    (2, 'closing', 'LN-60', '样例定稿', null, date '2022-12-02')
) as k (n, material_kind, task_code, title, body, done_on)
inner join intake.submissions as s on u.bureau_code = s.bureau_code and s.dataset = 'honours'
where k.n = 1 or u.b < 15;

-- Every state once: the cities' closing is done or open, two milestones of the province are overdue and of unknown state.
create table pilot.milestone_states as
select
    'P6-1' as milestone_code, 'PLAN-LN-2022' as plan_code, 'LN-60' as task_code, u.division_code as region_code, u.division_code,
    '市级总结定稿' as promised, date '2022-12-01' as starts_on, date '2022-12-15' as due_on,
    case when t.record_id is null then 'open' else 'done' end as milestone_state, t.done_on, 'figure' as evidence_kind,
    case when t.record_id is null then '未报送总结定稿' else '报送的总结定稿' end as evidence, t.record_id,
    1 as version, 'provisional' as status, '辽知发〔2022〕4号 三' as source_clause
from catalogue.bureaus as u
left join pilot.pilot_texts as t on u.bureau_code = t.bureau_code and t.material_kind = 'closing'
union all
select
    v.milestone_code, 'PLAN-LN-2022', 'LN-20', '210000', '210000', v.promised, '2022-04-01', '2022-06-30', v.milestone_state, null,
    v.evidence_kind, '没有数据', null, 1, 'enacted', '辽知发〔2022〕4号 三'
from (
    values
    ('N04-2', '重点归集', 'overdue', 'figure'),
    ('N04-3', '起草征求意见稿', 'not_known', 'document')
) as v (milestone_code, promised, milestone_state, evidence_kind);
