-- Exactly one policy holds for each kind of subject and track on the day judged: a day that no row covers stops the build. Where
-- nothing was in force a cited no_rule row says so.
select
    kinds.subject_kind,
    kinds.track,
    count(policies.subject_kind) as found
from (select distinct subject_kind, track from {{ ref('policy_versions') }}) as kinds
left join {{ ref('policies_in_force') }} as policies 
    on kinds.subject_kind = policies.subject_kind and kinds.track = policies.track
group by kinds.subject_kind, kinds.track
having count(policies.subject_kind) <> 1
