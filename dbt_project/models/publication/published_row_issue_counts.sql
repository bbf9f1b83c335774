select
    '{{ release_id() }}'::text as release_id,
    i.bureau_code,
    o.division_code::text as division_code,
    i.dataset,
    i.period,
    i.field,
    i.issue_code,
    t.title::text as issue_title,
    i.severity,
    i.dimension,
    sum(i.row_count)::integer as row_count
from {{ ref('submission_issue_counts') }} as i
left join {{ ref('issue_types') }} as t on i.issue_code = t.code
left join {{ ref('organisations') }} as o on i.bureau_code = o.organisation_code
where i.state <> 'superseded'
group by
    i.bureau_code, o.division_code, i.dataset, i.period, i.field, i.issue_code, t.title, i.severity, i.dimension
