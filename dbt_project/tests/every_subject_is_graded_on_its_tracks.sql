-- Every enterprise and every agency known on the day judged has a grade: a kind of agency no policy names falls out here.
select
    subjects.subject_id,
    tracks.track
from {{ ref('subjects') }} as subjects
cross join lateral (
    select 'enterprise' as track where subjects.is_enterprise
    union all
    select 'agency' where subjects.is_agency
) as tracks
left join {{ ref('subject_grades') }} as grades
    on subjects.subject_id = grades.subject_id and tracks.track = grades.track
where
    grades.subject_id is null
    and (subjects.first_event_on is null or subjects.first_event_on <= {{ as_of() }})
