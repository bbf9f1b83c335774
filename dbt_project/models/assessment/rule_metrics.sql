{{ config(materialized='ephemeral') }}
-- The metrics without which a rule cannot be scored. Judged rules need none.
with named as (
    select
        policy_id,
        version,
        rule_id,
        metric_code
    from {{ ref('assessment_rules') }}
    where metric_code is not null and kind <> 'judged'
    union
    select
        policy_id,
        version,
        rule_id,
        metric_code
    from {{ ref('assessment_items') }}
    union
    select
        policy_id,
        version,
        rule_id,
        metric_code
    from {{ ref('assessment_conditions') }}
    where is_needed
)

select distinct
    named.policy_id,
    named.version,
    named.rule_id,
    parts.metric_code
from named
inner join {{ ref('assessment_metrics') }} as metrics
    on
        named.policy_id = metrics.policy_id
        and named.version = metrics.version
        and named.metric_code = metrics.metric_code
cross join
    lateral (
        select coalesce(metrics.numerator_metric, metrics.metric_code) as metric_code
        union
        select metrics.denominator_metric
    ) as parts
where parts.metric_code is not null
