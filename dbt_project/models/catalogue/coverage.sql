{{ config(meta={'distribute_by': 'reference'}) }}
-- Full grid: every unit that has to submit a dataset × every reporting period, with the gap by name. `state` says what
-- came, `completeness` what that means under the catalogue.
with grid as (
    select
        periods.bureau_code,
        organisations.name as bureau_name,
        periods.division_code,
        periods.dataset,
        periods.catalogue_code,
        items.title,
        periods.period,
        periods.is_required,
        periods.due_on,
        periods.is_due
    from {{ ref('reporting_periods') }} as periods
    inner join {{ ref('organisations') }} as organisations on periods.bureau_code = organisations.organisation_code
    inner join {{ ref('contract_items') }} as items on periods.dataset = items.dataset
),

known_submissions as (
    select
        submissions.bureau_code,
        submissions.dataset,
        submissions.period,
        bool_or(in_force.state = 'loaded') as is_received,
        bool_or(in_force.state = 'nil_return') as is_nil,
        bool_or(in_force.state = 'withdrawal') as is_withdrawn,
        -- held then, even if confirmed since
        bool_or(
            submissions.state in ('held', 'loaded')
            and (submissions.valid_from is null or submissions.valid_from > {{ known_at() }})
        ) as is_held,
        bool_or(submissions.state = 'refused') as is_refused,
        min(submissions.received_at) filter (
            where submissions.state in ('loaded', 'nil_return') and submissions.valid_from <= {{ known_at() }}
        ) as first_received_at,
        coalesce(sum(in_force.rows_received), 0)::integer as rows_received
    from {{ source('intake', 'submissions') }} as submissions
    left join {{ ref('submissions_in_force') }} as in_force on submissions.submission_id = in_force.submission_id
    where submissions.received_at <= {{ known_at() }}
    group by submissions.bureau_code, submissions.dataset, submissions.period
),

judged_rows as (
    select
        counts.bureau_code,
        counts.dataset,
        counts.period,
        sum(counts.rows_accepted)::integer as rows_accepted,
        sum(counts.rows_rejected)::integer as rows_rejected,
        sum(counts.rows_superseded)::integer as rows_superseded
    from {{ ref('submission_counts') }} as counts
    inner join {{ ref('submissions_in_force') }} as in_force on counts.submission_id = in_force.submission_id
    group by counts.bureau_code, counts.dataset, counts.period
),

stated as (
    select
        grid.*,
        case
            when known_submissions.is_received then 'received'
            when known_submissions.is_nil then 'nil_return'
            when known_submissions.is_withdrawn then 'withdrawn'
            when known_submissions.is_held then 'held'
            when known_submissions.is_refused then 'refused'
            else 'missing'
        end as state,
        (known_submissions.first_received_at at time zone 'Asia/Shanghai')::date as first_received_on,
        coalesce(known_submissions.rows_received, 0) as rows_received,
        coalesce(judged_rows.rows_accepted, 0) as rows_accepted,
        coalesce(judged_rows.rows_rejected, 0) as rows_rejected,
        coalesce(judged_rows.rows_superseded, 0) as rows_superseded
    from grid
    left join known_submissions
        on
            grid.bureau_code = known_submissions.bureau_code
            and grid.dataset = known_submissions.dataset
            and grid.period = known_submissions.period
    left join judged_rows
        on
            grid.bureau_code = judged_rows.bureau_code
            and grid.dataset = judged_rows.dataset
            and grid.period = judged_rows.period
),

measured as (
    select
        stated.*,
        stated.first_received_on > stated.due_on as is_late,
        case
            when stated.state not in ('received', 'nil_return')
                then case when stated.is_due then {{ working_days_late('due', 'today') }} end
            when stated.first_received_on > stated.due_on then {{ working_days_late('due', 'received') }}
            when stated.first_received_on <= stated.due_on then 0
        end as late_working_days
    from stated
    left join {{ ref('working_days') }} as due on stated.due_on = due.day
    left join {{ ref('working_days') }} as received on stated.first_received_on = received.day
    left join {{ ref('working_days') }} as today on today.day = {{ as_of() }}
)

select
    bureau_code,
    division_code,
    dataset,
    catalogue_code,
    period,
    due_on,
    is_due,
    first_received_on,
    is_late,
    state,
    rows_received,
    rows_accepted,
    rows_rejected,
    rows_superseded,
    case
        when state = 'received' and rows_accepted + rows_superseded > 0 then null
        when state = 'nil_return' then null
        else bureau_name || '，' || title || '（' || period || '）：' || case state
            when 'received' then '已报送，但没有一行合格'
            when 'withdrawn' then '已撤回，尚未重新报送'
            when 'held' then '减少的记录过多，待确认'
            when 'refused' then '报送的文件被退回，尚未重新报送'
            else '未报送'
        end || case
            when not is_required then '；按目录不要求报送'
            when is_due then '；应于 ' || due_on || ' 前报送，已逾期' || coalesce(' ' || late_working_days || ' 个工作日', '')
            when not is_due then '；应于 ' || due_on || ' 前报送，未到期'
            else '；报送期限未知（工作日历尚未公布）'
        end
    end as gap,
    case
        when state = 'received' and is_late then 'late'
        when state in ('received', 'nil_return') then state
        when not is_required then 'not_required'
        when is_due then 'missing'
        else 'not_due'
    end as completeness,
    late_working_days
from measured
