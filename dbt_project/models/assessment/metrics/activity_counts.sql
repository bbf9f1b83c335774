{{ config(materialized='ephemeral') }}
-- Meetings, training, publicity, documents and campaigns, as each year's policy assigns them to metrics (assessment_activities).
-- An activity without supporting material is listed, but does not count (K02).
select
    {{ counted_columns(
        'held', is_evidenced='held.evidence_sha256 is not null', counted_as='rules.choice', choice_rank='rules.choice_rank'
    ) }},
    rules.metric_code,
    held.held_on as counted_on,
    case
        when rules.counts = 'quantity' then coalesce(held.quantity, 1)
        when rules.counts = 'participants' then coalesce(held.participants, 0)
        else 1
    end as quantity,
    rules.policy_id,
    rules.version
from {{ recorded_rows('activities') }} as held
inner join {{ ref('assessment_activities') }} as rules
    on
        held.activity_kind = rules.activity_kind
        and (rules.levels is null or held.activity_level = any(string_to_array(rules.levels, '|')))
        and (not rules.needs_amount or held.amount > 0)
where
    not rules.needs_provincial_adoption
    or exists (
        select 1
        from {{ ref('organisations') }} as adopters
        where
            adopters.role in ('provincial_office', 'provincial_department')
            and held.adopted_by = any(adopters.name || string_to_array(coalesce(adopters.aliases, ''), '|'))
    )
