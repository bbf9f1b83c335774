select
    '{{ release_id() }}'::text as release_id,
    o.policy_id,
    o.version as policy_version,
    o.override_code,
    o.priority,
    o.condition_kind,
    o.condition_code,
    case
        when o.condition_kind = 'event' then t.title
        else
            case o.condition_code
                when 'red' then '诚信红名单' when 'dishonest' then '失信主体清单' when 'serious' then '严重违法失信名单'
            end
    end as condition_title,
    o.window_months,
    o.force_grade,
    o.max_grade,
    o.effective_from,
    o.effective_to,
    o.status as policy_status,
    o.source_clause
from {{ policy_in_force('override_rules') }} as o
left join {{ ref('event_types') }} as t on o.condition_kind = 'event' and o.condition_code = t.event_type
where o.status <> 'no_rule'
