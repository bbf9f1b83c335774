{{ config(indexes=[{'columns': ['assessment_year', 'region_code', 'rule_id'], 'unique': true}]) }}
-- Every cell in one of four states, never confused: scored, awaiting a judgement, not evaluable (with the reason), not applicable.
-- Only what is scored has points. A county takes ranks and tiers from its city, and says so.
{%- set pieces = ['flag', 'per_item', 'tier', 'rank', 'ratio', 'completion', 'deduction', 'judged'] %}
with pieces as (
    {% for piece in pieces -%}
    select
        assessment_year,
        region_code,
        rule_id,
        reason,
        points,
        {{ 'rank, rank_population, dense_rank, dense_points,' if piece == 'rank'
            else 'null::bigint as rank, null::bigint as rank_population, null::bigint as dense_rank, null::numeric as dense_points,' }}
        {{ 'finding,' if piece in ('per_item', 'deduction') else 'null::text as finding,' }}
        {{ 'is_parameter_missing,' if piece == 'ratio' else 'false as is_parameter_missing,' }}
        {{ 'scorer_unit, judged_on, change_reason, evidence_id, evidence_sha256' if piece == 'judged'
            else 'null::text as scorer_unit, null::date as judged_on, null::text as change_reason, null::text as evidence_id, null::text as evidence_sha256' }}
    from {{ ref('scores_' ~ piece) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

stated as (
    select
        inputs.*,
        pieces.rank,
        pieces.rank_population,
        pieces.dense_rank,
        pieces.scorer_unit,
        pieces.judged_on,
        pieces.change_reason,
        outcomes.outcome_text,
        coalesce(
            pieces.finding,
            inputs.metric_title || ' ' || case
                when inputs.value_kind in ('ratio', 'growth')
                    then
                        {{ shown('inputs.numerator') }} || '/' || {{ shown('inputs.denominator') }}
                        || coalesce('，即 ' || {{ shown('100 * inputs.value') }} || '%', '')
                when inputs.value_kind <> 'choice' then {{ shown('inputs.value') }} || coalesce(inputs.shown_unit, '')
            end || coalesce('，任务数 ' || {{ shown('inputs.target') }}, '')
        ) as finding,
        inputs.kind in ('rank_band', 'tier_threshold') and inputs.region_level = 'county' as is_of_city,
        coalesce(pieces.evidence_id, inputs.evidence_id) as shown_evidence_id,
        coalesce(pieces.evidence_sha256, inputs.evidence_sha256) as shown_evidence_sha256,
        coalesce(outcomes.status, inputs.status) as policy_status,
        coalesce(outcomes.source_clause, inputs.source_clause) as shown_clause,
        array_remove(
            array[outcomes.flag, case when pieces.is_parameter_missing and outcomes.rule_id is null then 'parameter_missing' end],
            null
        ) as flags,
        case
            when not inputs.is_awardable then 'not_applicable'
            when inputs.kind = 'rank_band' and not inputs.is_ranked then 'not_applicable'
            when inputs.missing_reason is not null then 'not_evaluable'
            when outcomes.rule_id is not null then outcomes.state
            when pieces.reason is not null then case inputs.kind when 'judged' then 'awaiting' else 'not_evaluable' end
            else 'scored'
        end as state,
        case
            when not inputs.is_awardable then inputs.status
            when inputs.kind = 'rank_band' and not inputs.is_ranked then 'not_ranked'
            when inputs.missing_reason is not null then inputs.missing_reason
            when outcomes.rule_id is not null then outcomes.reason
            else pieces.reason
        end as reason,
        case when outcomes.rule_id is not null then outcomes.points else pieces.points end as found_points,
        case when outcomes.rule_id is not null then outcomes.points else pieces.dense_points end as found_dense_points
    from {{ ref('rule_inputs') }} as inputs
    left join pieces
        on
            inputs.assessment_year = pieces.assessment_year
            and inputs.region_code = pieces.region_code
            and inputs.rule_id = pieces.rule_id
    left join {{ ref('outcomes_met') }} as outcomes
        on
            inputs.assessment_year = outcomes.assessment_year
            and inputs.region_code = outcomes.region_code
            and inputs.rule_id = outcomes.rule_id
),

-- a rank is provisional as long as any of the cities compared may still report
ranks_awaited as (
    select
        assessment_year,
        rule_id,
        bool_or(not is_complete) as is_any
    from {{ ref('rule_inputs') }}
    where kind = 'rank_band' and is_ranked
    group by assessment_year, rule_id
)

select
    stated.assessment_year,
    stated.region_code,
    stated.city_code,
    stated.policy_id,
    stated.version as policy_version,
    stated.rule_id,
    stated.rule_no,
    stated.indicator_no,
    stated.section_kind,
    stated.kind,
    stated.max_points,
    stated.is_awardable,
    stated.window_to,
    giving.state,
    giving.reason,
    case when giving.state = 'scored' then giving.found_points end as points,
    giving.value,
    giving.choice,
    giving.numerator,
    giving.denominator,
    giving.target,
    giving.rank,
    giving.rank_population,
    giving.dense_rank,
    case when giving.state = 'scored' and stated.kind = 'rank_band' then giving.found_dense_points end as dense_points,
    case when stated.is_of_city then stated.city_code end as inherited_from,
    giving.is_complete,
    not giving.is_complete or coalesce(ranks_awaited.is_any, false) as is_provisional,
    giving.declared_value,
    giving.difference as value_difference,
    giving.flags,
    coalesce(giving.record_count, 0)::integer as record_count,
    giving.shown_evidence_id as evidence_id,
    giving.shown_evidence_sha256 as evidence_sha256,
    giving.certified_by,
    giving.scorer_unit,
    giving.judged_on,
    giving.change_reason,
    stated.metric_code,
    stated.metric_title,
    stated.shown_unit as value_unit,
    giving.outcome_text,
    giving.finding,
    giving.policy_status,
    giving.shown_clause as source_clause
from stated
inner join stated as giving
    on
        stated.assessment_year = giving.assessment_year
        and stated.rule_id = giving.rule_id
        and case when stated.is_of_city then stated.city_code else stated.region_code end = giving.region_code
left join ranks_awaited
    on stated.assessment_year = ranks_awaited.assessment_year and stated.rule_id = ranks_awaited.rule_id
