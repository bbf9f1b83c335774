{{ config(
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['submission_id'], 'unique': true}],
    post_hook=[
        "truncate {{ ref('touched_submissions') }}, {{ ref('touched_keys') }}, {{ ref('touched_subjects') }}",
        "analyze {{ ref('touched_submissions') }}, {{ ref('touched_keys') }}, {{ ref('touched_subjects') }}",
    ]
) }}
-- What the tables of this schema now hold. Written after all of them; with it, nothing is touched any more.
-- depends_on: {{ ref('row_states') }}, {{ ref('row_issues') }}, {{ ref('submission_counts') }}
-- depends_on: {{ ref('submission_issue_counts') }}, {{ ref('submission_flaws') }}
-- depends_on: {{ ref('records') }}, {{ ref('shared_keys') }}, {{ ref('subjects') }}
-- depends_on: {{ ref('applied_links') }}, {{ ref('unjudged_subjects') }}
select
    states.*,
    '{{ definitions() }}' as definitions
from {{ ref('submission_states') }} as states
