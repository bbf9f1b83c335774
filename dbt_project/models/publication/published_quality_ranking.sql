select
    '{{ release_id() }}'::text as release_id,
    r.as_of,
    r.period,
    r.bureau_code,
    r.division_code,
    r.state,
    r.place,
    r.score,
    r.missing,
    r.conformity_rate,
    r.accuracy_rate,
    r.completeness_rate,
    r.timeliness_rate,
    r.reviewed_accuracy_rate,
    r.policy_id,
    r.policy_version,
    r.policy_status
from {{ ref('quality_ranking') }} as r
