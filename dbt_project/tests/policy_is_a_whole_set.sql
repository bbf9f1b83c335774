-- A policy in force brings its own bands and scoring rules: one band without a lower bound, so that every score has a grade.
select
    policies.policy_id,
    policies.policy_version,
    bands.unbounded,
    rules.found
from {{ ref('policies_in_force') }} as policies
left join (
    select policy_id, version, count(*) filter (where min_score is null) as unbounded
    from {{ policy_in_force('grade_bands') }} as in_force
    group by policy_id, version
) as bands on policies.policy_id = bands.policy_id and policies.policy_version = bands.version
left join (
    select policy_id, version, count(*) as found
    from {{ policy_in_force('scoring_rules') }} as in_force
    group by policy_id, version
) as rules on policies.policy_id = rules.policy_id and policies.policy_version = rules.version
where policies.policy_status <> 'no_rule' and (bands.unbounded is distinct from 1 or rules.found is null)
