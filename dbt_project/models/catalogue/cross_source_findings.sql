{{ config(meta={'distribute_by': 'submission_id'}, indexes=[{'columns': ['submission_id', 'row_number']}]) }}
-- What one source says against another. One rule is one file in cross_source/, and one row of the policy seed.
with found as (
    {% for rule in [
        'name_differs', 'honour_without_register', 'penalty_after_deregistration', 'agency_code_unknown',
        'before_establishment', 'corrected_before_notified', 'reported_by_two_bureaus',
    ] -%}
    select * from {{ ref('cross_source_' ~ rule) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    found.rule_code,
    rules.dimension,
    rules.severity,
    found.dataset,
    found.bureau_code,
    organisations.division_code,
    found.period,
    found.submission_id,
    found.row_number,
    found.record_id,
    found.subject_id,
    found.field,
    found.reported_value,
    found.other_dataset,
    found.other_bureau_code,
    found.other_submission_id,
    found.other_row_number,
    found.other_field,
    found.other_value,
    rules.title,
    rules.remedy,
    rules.policy_id,
    rules.version as policy_version,
    rules.status as policy_status,
    -- a finding may not tell what an internal dataset holds, whichever side it is on
    items.disclosure = 'internal' or coalesce(other_items.disclosure, 'public') = 'internal' as is_internal
from found
inner join {{ policy_in_force('cross_source_rules') }} as rules on found.rule_code = rules.rule_code
inner join {{ ref('organisations') }} as organisations on found.bureau_code = organisations.organisation_code
inner join {{ ref('catalogue_items') }} as items on found.dataset = items.dataset
left join {{ ref('catalogue_items') }} as other_items on found.other_dataset = other_items.dataset
