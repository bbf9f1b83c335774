{{ config(
    meta={'distribute_by': 'reference'},
    post_hook=[
        "truncate {{ ref('due_subjects') }}",
        "{{ forget_unjudged(ref('unjudged_subjects')) }}",
    ]
) }}
-- The day, the knowledge and the definitions by which the tables of this schema now judge. Written after all of them.
-- depends_on: {{ ref('subject_clocks') }}, {{ ref('subject_grades') }}, {{ ref('unjudged_subjects') }}
select
    {{ as_of() }} as as_of,
    {{ known_day() }} as known_day,
    '{{ definitions() }}|{{ run_parameter('IPCREDIT_JUDGEMENTS', '') }}' as definitions
