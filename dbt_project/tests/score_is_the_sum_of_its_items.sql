-- A score is the sum of its items, the public one that of its public items; no item is without its grade.
select
    coalesce(grades.subject_id, items.subject_id) as subject_id,
    coalesce(grades.track, items.track) as track,
    grades.score,
    items.score as sum_of_items
from {{ ref('subject_grades') }} as grades
full join (
    select
        subject_id,
        track,
        sum(points) as score,
        sum(points) filter (where not is_internal) as ip_score
    from {{ ref('score_items') }}
    group by subject_id, track
) as items on grades.subject_id = items.subject_id and grades.track = items.track
where
    grades.subject_id is null
    or grades.score is distinct from items.score
    or grades.ip_score is distinct from items.ip_score
