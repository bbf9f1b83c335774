-- Row by row what a bureau has to mend or to look at; the given values stay out, whatever they are.
select
    '{{ release_id() }}'::text as release_id,
    i.submission_id,
    i.row_number,
    i.bureau_code,
    o.division_code::text as division_code,
    i.dataset,
    i.period,
    i.state,
    i.field,
    i.issue_code,
    t.title::text as issue_title,
    i.severity,
    i.dimension
from {{ ref('row_issues') }} as i
left join {{ ref('issue_types') }} as t on i.issue_code = t.code
left join {{ ref('organisations') }} as o on i.bureau_code = o.organisation_code
where i.state <> 'superseded'
