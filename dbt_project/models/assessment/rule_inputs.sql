{{ config(indexes=[{'columns': ['assessment_year', 'region_code', 'rule_id'], 'unique': true}]) }}
-- Full grid: year × region × rule, with what the rule is scored from. No cell may vanish, whatever is missing.
with needs as (
    select
        years.assessment_year,
        regions.region_code,
        needed.rule_id,
        -- what the bureau never sent comes before what it sent without proof
        case
            when bool_or(given.metric_code is null or given.missing_reason = 'not_reported') then 'not_reported'
            else min(given.missing_reason)
        end as missing_reason,
        bool_and(coalesce(given.is_complete, false)) as is_complete,
        sum(given.record_count) as record_count
    from {{ ref('assessment_years') }} as years
    inner join {{ ref('rule_metrics') }} as needed on years.policy_id = needed.policy_id and years.version = needed.version
    cross join {{ ref('assessment_regions') }} as regions
    left join {{ ref('metric_values') }} as given
        on
            years.assessment_year = given.assessment_year
            and regions.region_code = given.region_code
            and needed.metric_code = given.metric_code
    group by years.assessment_year, regions.region_code, needed.rule_id
)

select
    rules.assessment_year,
    regions.region_code,
    regions.region_level,
    regions.city_code,
    regions.is_ranked,
    rules.policy_id,
    rules.version,
    rules.tie_method,
    rules.rule_id,
    rules.rule_no,
    rules.indicator_no,
    rules.section_kind,
    rules.kind,
    rules.max_points,
    rules.is_awardable,
    rules.metric_code,
    rules.metric_title,
    rules.value_kind,
    rules.shown_unit,
    rules.points,
    rules.threshold,
    rules.target_code,
    rules.cap_points,
    rules.floor_points,
    rules.points_below,
    rules.window_to,
    rules.status,
    rules.source_clause,
    given.choice,
    targets.parameter_value as target,
    needs.missing_reason,
    needs.record_count,
    given.declared_value,
    given.difference,
    given.evidence_id,
    given.evidence_sha256,
    given.certified_by,
    case
        when rules.value_kind in ('ratio', 'growth')
            then
                numerators.value / nullif(denominators.value, 0)
                - (rules.value_kind = 'growth')::integer
        else given.value
    end as value,
    case rules.value_kind
        when 'ratio' then numerators.value when 'growth' then numerators.value - denominators.value
    end as numerator,
    denominators.value as denominator,
    coalesce(needs.is_complete, true) and rules.window_to < {{ as_of() }} as is_complete
from {{ ref('rules_of_year') }} as rules
cross join {{ ref('assessment_regions') }} as regions
left join {{ ref('metric_values') }} as given
    on
        rules.assessment_year = given.assessment_year
        and regions.region_code = given.region_code
        and rules.metric_code = given.metric_code
left join {{ ref('metric_values') }} as numerators
    on
        rules.assessment_year = numerators.assessment_year
        and regions.region_code = numerators.region_code
        and rules.numerator_metric = numerators.metric_code
left join {{ ref('metric_values') }} as denominators
    on
        rules.assessment_year = denominators.assessment_year
        and regions.region_code = denominators.region_code
        and rules.denominator_metric = denominators.metric_code
left join needs
    on
        rules.assessment_year = needs.assessment_year
        and regions.region_code = needs.region_code
        and rules.rule_id = needs.rule_id
left join {{ ref('parameters') }} as targets
    on
        rules.assessment_year = targets.assessment_year
        and regions.region_code = targets.region_code
        and rules.target_code = targets.parameter_code
        and targets.parameter_kind = 'target'
