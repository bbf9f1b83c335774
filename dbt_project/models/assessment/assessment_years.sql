-- The years that are assessed, each with the version of its policy that was recorded last.
select distinct on (policies.assessment_year)
    policies.assessment_year,
    policies.policy_id,
    policies.version,
    policies.title,
    policies.tie_method,
    policies.base_declared,
    windows.closes_on,
    coalesce(windows.closes_on < {{ as_of() }}, false) as is_closed
from {{ ref('assessment_policies') }} as policies
left join (
    select
        policy_id,
        version,
        max(window_to) as closes_on
    from {{ ref('assessment_windows') }}
    group by policy_id, version
) as windows on policies.policy_id = windows.policy_id and policies.version = windows.version
where policies.recorded_on <= {{ known_day() }} and policies.effective_from <= {{ as_of() }} and policies.status <> 'no_rule'
order by policies.assessment_year asc, policies.recorded_on desc, policies.version desc
