{% call judged_rows('pilot_materials', [ref('plan_milestones'), ref('pilot_tasks')]) %}
    select
        typed.*,
        'pilot_material' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            {{ required_where('milestone_code', "material_kind = 'milestone'") }},
            {{ required_where('done_on', "material_kind in ('milestone', 'closing')") }},
            {{ required_where('body', "material_kind not in ('milestone', 'closing')") }},
            case when length(body) > 4000 then 'body:text_too_long' end,
            -- the provincial office has no home division to be held to: it writes for the province
            case
                when not exists (
                    select 1
                    from {{ ref('organisations') }} as units
                    where
                        units.organisation_code = typed.bureau_code
                        and (units.role = 'bureau' or typed.division_code = units.division_code)
                ) and division_code is not null
                    then 'division_code:division_of_other_bureau'
            end,
            case when milestone_code is not null and not ({{ milestone_is_own('typed') }}) then 'milestone_code:unknown_milestone' end,
            case
                when task_code is not null
                and not exists (select 1 from {{ ref('pilot_tasks') }} as tasks where tasks.task_code = typed.task_code)
                    then 'task_code:unknown_task'
            end,
            -- a file is its number, its bytes and its day, or it is none
            {{ required_where('evidence_id', "coalesce(evidence_sha256, evidence_on::text) is not null") }},
            {{ required_where('evidence_sha256', "coalesce(evidence_id, evidence_on::text) is not null") }},
            {{ required_where('evidence_on', "coalesce(evidence_id, evidence_sha256) is not null") }}
        ] as row_issues
    from typed
{% endcall %}
