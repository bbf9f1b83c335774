-- The weights in force on the day judged are one whole set, or a cited row says that there was no rule.
select
    count(*) as found,
    sum(in_force.weight) as weight
from {{ policy_in_force('quality_weights') }} as in_force
having count(distinct in_force.version) is distinct from 1 or (bool_or(in_force.status <> 'no_rule') and sum(in_force.weight) <> 1)
