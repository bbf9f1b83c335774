{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id']}],
    pre_hook="{{ delete_touched(ref('due_subjects'), ['subject_id']) }}"
) }}
-- One grade per subject and track. U: the policy needs a general risk class and none is known. not_evaluable: no policy
-- was in force on that day. A forced grade stands above both score and U; a highest grade lowers, never lifts.
with members as (
    select memberships.*
    from {{ ref('track_memberships') }} as memberships
    {{ join_due('memberships') }}
),

scores as (
    select
        items.subject_id,
        items.track,
        sum(items.points) as score,
        sum(items.points) filter (where not items.is_internal) as ip_score,
        bool_or(items.item_kind = 'general_class') as has_general_class
    from {{ ref('score_items') }} as items
    {{ join_due('items') }}
    group by items.subject_id, items.track
),

bands as (
    select * from {{ policy_in_force('grade_bands') }} as in_force
),

needing_general_class as (
    select distinct
        policy_id,
        version
    from {{ policy_in_force('general_class_adjustments') }} as adjustments
),

-- The best band whose lower bound the score reaches; the lowest band has no bound.
banded as (
    select distinct on (scores.subject_id, scores.track)
        scores.subject_id,
        scores.track,
        bands.grade,
        bands.grade_rank
    from scores
    inner join members on scores.subject_id = members.subject_id and scores.track = members.track
    inner join bands
        on
            members.policy_id = bands.policy_id
            and members.policy_version = bands.version
            and (
                bands.min_score is null
                or scores.score > bands.min_score
                or (bands.is_min_inclusive and scores.score = bands.min_score)
            )
    order by scores.subject_id, scores.track, bands.grade_rank
),

overrides as (
    select distinct on (met.subject_id, met.track) met.*
    from {{ ref('overrides_met') }} as met
    {{ join_due('met') }}
    order by met.subject_id, met.track, met.priority
),

changes as (
    select
        subject_id,
        track,
        changes_on,
        false as is_internal
    from members
    union all
    select
        events.subject_id,
        events.track,
        least(
            case when events.counts_from <= {{ as_of() }} then events.counts_to + 1 else events.counts_from end,
            case when events.suspended_from > {{ as_of() }} then events.suspended_from end,
            case when events.suspended_to >= {{ as_of() }} then events.suspended_to + 1 end
        ) as changes_on,
        events.is_internal
    from {{ ref('scored_events') }} as events
    {{ join_due('events') }}
    union all
    select
        met.subject_id,
        met.track,
        met.holds_to + 1 as changes_on,
        false as is_internal
    from {{ ref('overrides_met') }} as met
    {{ join_due('met') }}
    union all
    select
        members.subject_id,
        members.track,
        classes.valid_to + 1 as changes_on,
        true as is_internal
    from members
    inner join {{ ref('general_classes') }} as classes on members.subject_id = classes.subject_id
    inner join needing_general_class as needing
        on members.policy_id = needing.policy_id and members.policy_version = needing.version
),

next_changes as (
    select
        subject_id,
        track,
        min(changes_on) as next_change_on,
        -- A date on which only the internal class lapses would tell that there is one, and until when.
        min(changes_on) filter (where not is_internal) as public_next_change_on
    from changes
    group by subject_id, track
),

graded as (
    select
        members.*,
        scores.score,
        scores.ip_score,
        banded.grade_rank,
        case
            when members.policy_status = 'no_rule' then 'not_evaluable'
            when needing.policy_id is not null and not scores.has_general_class then 'U'
            else banded.grade
        end as grade_by_score
    from members
    left join scores on members.subject_id = scores.subject_id and members.track = scores.track
    left join banded on members.subject_id = banded.subject_id and members.track = banded.track
    left join needing_general_class as needing
        on members.policy_id = needing.policy_id and members.policy_version = needing.version
)

select
    graded.subject_id,
    graded.track,
    graded.policy_id,
    graded.policy_version,
    graded.jurisdiction,
    graded.is_provincial,
    graded.subject_kind,
    graded.score::numeric(7, 2) as score,
    graded.ip_score::numeric(7, 2) as ip_score,
    case
        when overrides.force_grade is not null then overrides.force_grade
        when graded.grade_by_score <> 'U' and highest.grade_rank > graded.grade_rank then highest.grade
        else graded.grade_by_score
    end as grade,
    graded.grade_by_score,
    overrides.override_code,
    graded.policy_status,
    next_changes.next_change_on,
    next_changes.public_next_change_on
from graded
left join overrides on graded.subject_id = overrides.subject_id and graded.track = overrides.track
left join bands as highest
    on
        graded.policy_id = highest.policy_id
        and graded.policy_version = highest.version
        and overrides.max_grade = highest.grade
left join next_changes on graded.subject_id = next_changes.subject_id and graded.track = next_changes.track
