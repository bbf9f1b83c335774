-- What the warehouse itself can tell of a milestone that a figure proves, as things stand on the day judged; `done_on` where the
-- data hold the day on which that was reached. A closing is a text, and stands in milestone_states.
with wanted as (
    select
        milestones.milestone_code,
        milestones.region_code,
        milestones.division_code,
        milestones.is_province,
        milestones.figure_code,
        milestones.datasets
    from {{ ref('milestone_regions') }} as milestones
    where milestones.evidence_kind = 'figure' and milestones.figure_code <> 'summary_closed'
),

catalogue as (
    select
        wanted.milestone_code,
        wanted.region_code,
        count(distinct versions.dataset) as item_count,
        min(versions.effective_from) as first_day
    from wanted
    left join {{ ref('catalogue_item_versions') }} as versions
        on
            versions.scope_division_code is not distinct from case when not wanted.is_province then wanted.division_code end
            and {{ as_of() }} between versions.effective_from and coalesce(versions.effective_to, 'infinity')
    where wanted.figure_code = 'catalogue_in_force'
    group by wanted.milestone_code, wanted.region_code
),

-- one row per unit and list that it reports: whether it ever did
reports as (
    select
        wanted.milestone_code,
        wanted.region_code,
        coverage.bureau_code,
        coverage.dataset,
        bool_or(coverage.state in ('received', 'nil_return')) as is_reported,
        min(coverage.first_received_on) as first_received_on,
        sum(coverage.rows_accepted) as row_count
    from wanted
    inner join {{ ref('coverage') }} as coverage
        on
            coverage.dataset = any(string_to_array(wanted.datasets, '|'))
            and (wanted.is_province or wanted.division_code = coverage.division_code)
    where wanted.figure_code = 'key_lists_collected'
    group by wanted.milestone_code, wanted.region_code, coverage.bureau_code, coverage.dataset
),

collected as (
    select
        reports.milestone_code,
        reports.region_code,
        count(*) as report_count,
        count(*) filter (where reports.is_reported) as reported_count,
        max(reports.first_received_on) as last_day,
        sum(reports.row_count) as row_count
    from reports
    group by reports.milestone_code, reports.region_code
),

ended as (
    select events.subject_id
    from {{ ref('credit_events') }} as events
    where events.event_type = 'enterprise_ended'
    group by events.subject_id
    having max(events.event_date) <= {{ as_of() }}
),

-- 辽知发〔2022〕4号 一: 优势示范企业、骨干中介机构的信用评价全覆盖. Who no longer exists is graded no more (track_memberships),
-- and is none of them.
key_subjects as (
    select
        events.subject_id,
        true as is_enterprise
    from {{ ref('credit_events') }} as events
    left join ended on events.subject_id = ended.subject_id
    where
        events.event_type in ('national_demonstration', 'national_advantage', 'provincial_advantage')
        and coalesce(events.valid_from, events.event_date) <= {{ as_of() }}
        and coalesce(events.valid_to, 'infinity') >= {{ as_of() }}
        and ended.subject_id is null
    union
    select
        subjects.subject_id,
        false as is_enterprise
    from {{ ref('subjects') }} as subjects
    inner join {{ ref('credit_events') }} as events on subjects.subject_id = events.subject_id
    where
        subjects.is_backbone_agency
        and events.event_type = 'agency_registered'
        and coalesce(events.event_date, '-infinity') <= {{ as_of() }}
        and coalesce(events.valid_to, 'infinity') >= {{ as_of() }}
),

-- read for several milestones
judged as materialized (
    select
        key_subjects.subject_id,
        subjects.division_code,
        coalesce(bool_or(grades.grade not in ('U', 'not_evaluable')), false) as is_graded
    from key_subjects
    inner join {{ ref('subjects') }} as subjects on key_subjects.subject_id = subjects.subject_id
    left join {{ ref('subject_grades') }} as grades
        on
            subjects.subject_id = grades.subject_id
            and grades.is_provincial
            and key_subjects.is_enterprise = (grades.track = 'enterprise')
    group by key_subjects.subject_id, key_subjects.is_enterprise, subjects.division_code
),

graded as (
    select
        wanted.milestone_code,
        wanted.region_code,
        count(judged.subject_id) as subject_count,
        count(judged.subject_id) filter (where judged.is_graded) as graded_count
    from wanted
    left join judged on wanted.is_province or wanted.division_code = judged.division_code
    where wanted.figure_code = 'key_subjects_graded'
    group by wanted.milestone_code, wanted.region_code
),

listed as (
    select
        entries.list_code,
        subjects.division_code
    from {{ ref('list_entries') }} as entries
    inner join {{ ref('subjects') }} as subjects on entries.subject_id = subjects.subject_id
    -- the province's lists; a city's variant stands beside them
    inner join {{ ref('divisions') }} as jurisdictions on entries.jurisdiction = jurisdictions.division_code
    where entries.state = 'active' and jurisdictions.level = 'province'
),

kept as (
    select
        wanted.milestone_code,
        wanted.region_code,
        count(*) filter (where listed.list_code = 'red') as red_count,
        count(*) filter (where listed.list_code = 'dishonest') as dishonest_count
    from wanted
    left join listed on wanted.is_province or wanted.division_code = listed.division_code
    where wanted.figure_code = 'lists_kept'
    group by wanted.milestone_code, wanted.region_code
)

select
    milestone_code,
    region_code,
    item_count > 0 as is_reached,
    first_day as done_on,
    '目录中施行的信息项 ' || item_count || ' 项' as evidence
from catalogue
union all
select
    milestone_code,
    region_code,
    reported_count = report_count and row_count > 0 as is_reached,
    last_day as done_on,
    '应归集名单 ' || report_count || ' 份，已报 ' || reported_count || ' 份，采用 ' || row_count || ' 行' as evidence
from collected
union all
select
    milestone_code,
    region_code,
    subject_count > 0 and graded_count = subject_count as is_reached,
    null::date as done_on,
    '优势示范企业和骨干机构 ' || subject_count || ' 户，已评价 ' || graded_count || ' 户' as evidence
from graded
union all
select
    milestone_code,
    region_code,
    red_count > 0 and dishonest_count > 0 as is_reached,
    null::date as done_on,
    '红名单 ' || red_count || ' 户，失信主体清单 ' || dishonest_count || ' 户' as evidence
from kept
